-- Nodes that do not have a package
--
-- A node whose software is not in the data is one of them, as it has not been seen to have it.
--
-- parameter package text: the exact name of the package, such as amazon-cloudwatch-agent
--
-- column account text: the account of the node
-- column region text: the Region of the node
-- column node text: the id of the node
-- column computername text: the name of the computer
-- column platformname text: the name of the operating system
-- column platformversion text: its version
SELECT
    n.accountid AS account,
    n.region,
    n.resourceid AS node,
    n.computername,
    n.platformname,
    n.platformversion
FROM node AS n
WHERE NOT EXISTS (SELECT 1 FROM software AS s WHERE s.name = ? AND s.nodekey = n.nodekey)
ORDER BY account, n.region, node
