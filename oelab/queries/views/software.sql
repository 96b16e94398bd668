-- What is installed on nodes that are not terminated
--
-- column accountid text: the account of the node
-- column region text: the Region of the node
-- column resourceid text: the id of the node
-- column nodekey text: account, Region and id in one
-- column computername text: the name of the computer
-- column platformtype text: Linux, Windows or MacOS
-- column platformname text: the name of the operating system
-- column platformversion text: its version
-- column name text: the name of the package
-- column version text: its version, without epoch and release
-- column release text: its release, or nothing
-- column epoch text: its epoch, or nothing
-- column fullversion text: epoch (other than 0), version and release in one, as in 1:3.0.8-1.el9
-- column architecture text: the architecture of the package
SELECT
    n.accountid,
    n.region,
    n.resourceid,
    n.nodekey,
    n.computername,
    n.platformtype,
    n.platformname,
    n.platformversion,
    COALESCE(a.name, '') AS name,
    COALESCE(a.version, '') AS version,
    COALESCE(a.release, '') AS release,
    COALESCE(a.epoch, '') AS epoch,
    CASE WHEN COALESCE(a.epoch, '') IN ('', '0') THEN '' ELSE a.epoch || ':' END
        || COALESCE(a.version, '')
        || CASE WHEN COALESCE(a.release, '') = '' THEN '' ELSE '-' || a.release END AS fullversion,
    COALESCE(a.architecture, '') AS architecture
FROM aws_application AS a
JOIN node AS n
    ON n.accountid = a.accountid AND n.region = a.region AND n.resourceid = a.resourceid
