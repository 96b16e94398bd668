-- Nodes that have a version of a package, such as one below 3.0.14
--
-- The command line compares versions as the node's package manager does, and then asks for those
-- that match. Elsewhere, such as in Athena's console, name one version as `fullversion` has it.
--
-- parameter package text: the exact name of the package, such as openssl
-- parameter version versions: what the version must be, such as <3.0.14 or >=3.0,<3.0.14
--
-- column account text: the account of the node
-- column region text: the Region of the node
-- column node text: the id of the node
-- column computername text: the name of the computer
-- column platformtype text: Linux, Windows or MacOS
-- column platformname text: the name of the operating system
-- column fullversion text: epoch (other than 0), version and release in one
-- column architecture text: the architecture of the package
SELECT DISTINCT
    s.accountid AS account,
    s.region,
    s.resourceid AS node,
    s.computername,
    s.platformtype,
    s.platformname,
    s.fullversion,
    s.architecture
FROM software AS s
WHERE s.name = ? AND s.fullversion IN (?)
ORDER BY account, s.region, node, s.fullversion, s.architecture
