-- The workload of each node that is not terminated, by its tag Workload
--
-- column accountid text: the account of the node
-- column region text: the Region of the node
-- column resourceid text: the id of the node
-- column nodekey text: account, Region and id in one
-- column workload text: the value of the tag
SELECT
    n.accountid,
    n.region,
    n.resourceid,
    n.nodekey,
    COALESCE(t.value, '') AS workload
FROM aws_tag AS t
JOIN node AS n
    ON n.accountid = t.accountid AND n.region = t.region AND n.resourceid = t.resourceid
WHERE t.key = 'Workload'
