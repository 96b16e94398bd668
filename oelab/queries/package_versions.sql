-- The versions of a package by platform, in the parts that a comparison needs
--
-- parameter package text: the exact name of the package, such as openssl
--
-- column platformtype text: Linux, Windows or MacOS
-- column platformname text: the name of the operating system
-- column version text: the version, without epoch and release
-- column release text: the release, or nothing
-- column epoch text: the epoch, or nothing
-- column fullversion text: epoch (other than 0), version and release in one
-- column nodes integer: how many nodes have it
SELECT
    s.platformtype,
    s.platformname,
    s.version,
    s.release,
    s.epoch,
    s.fullversion,
    COUNT(DISTINCT s.nodekey) AS nodes
FROM software AS s
WHERE s.name = ?
GROUP BY s.platformtype, s.platformname, s.version, s.release, s.epoch, s.fullversion
ORDER BY s.platformtype, s.platformname, s.version, s.release, s.epoch
