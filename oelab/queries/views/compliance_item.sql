-- Compliance items of nodes that are not terminated, patches among them
--
-- column accountid text: the account of the node
-- column region text: the Region of the node
-- column resourceid text: the id of the node
-- column nodekey text: account, Region and id in one
-- column compliancetype text: Association, Patch or a custom type
-- column id text: the id of the item, such as that of a patch
-- column title text: its title
-- column status text: COMPLIANT or NON_COMPLIANT
-- column severity text: how serious it is
-- column classification text: the classification of a patch
-- column patchstate text: the state of a patch, such as Installed, Missing or Failed
SELECT
    n.accountid,
    n.region,
    n.resourceid,
    n.nodekey,
    COALESCE(c.compliancetype, '') AS compliancetype,
    COALESCE(c.id, '') AS id,
    COALESCE(c.title, '') AS title,
    COALESCE(c.status, '') AS status,
    COALESCE(c.severity, '') AS severity,
    COALESCE(c.classification, '') AS classification,
    COALESCE(c.patchstate, '') AS patchstate
FROM aws_complianceitem AS c
JOIN node AS n
    ON n.accountid = c.accountid AND n.region = c.region AND n.resourceid = c.resourceid
