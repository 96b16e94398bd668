-- Whether nodes that are not terminated comply, by compliance type
--
-- column accountid text: the account of the node
-- column region text: the Region of the node
-- column resourceid text: the id of the node
-- column nodekey text: account, Region and id in one
-- column compliancetype text: Association, Patch or a custom type
-- column status text: COMPLIANT or NON_COMPLIANT
SELECT
    n.accountid,
    n.region,
    n.resourceid,
    n.nodekey,
    COALESCE(c.compliancetype, '') AS compliancetype,
    COALESCE(c.status, '') AS status
FROM aws_compliancesummary AS c
JOIN node AS n
    ON n.accountid = c.accountid AND n.region = c.region AND n.resourceid = c.resourceid
