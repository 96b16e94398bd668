-- The versions of a package, and how many nodes have each
--
-- parameter package text: the exact name of the package, such as openssl
--
-- column name text: the name of the package
-- column version text: its version
-- column release text: its release, or nothing
-- column architecture text: its architecture
-- column nodes integer: how many nodes have it
SELECT s.name, s.version, s.release, s.architecture, COUNT(DISTINCT s.nodekey) AS nodes
FROM software AS s
WHERE s.name = ?
GROUP BY s.name, s.version, s.release, s.architecture
ORDER BY nodes DESC, s.version, s.release, s.architecture
