-- Nodes of which nothing has been captured for some days
--
-- What counts is the newest capture over all inventory types, because a type that does not change is
-- not sent again. A stopped node is one of them after a while.
--
-- parameter days integer: for how many whole days
--
-- column account text: the account of the node
-- column region text: the Region of the node
-- column node text: the id of the node
-- column computername text: the name of the computer
-- column platformname text: the name of the operating system
-- column instancestatus text: Active, Stopped or ConnectionLost
-- column newestcapture text: when anything of the node was captured last, in UTC as ISO 8601
SELECT
    n.accountid AS account,
    n.region,
    n.resourceid AS node,
    n.computername,
    n.platformname,
    n.instancestatus,
    COALESCE(MAX(c.capturetime), '') AS newestcapture
FROM node AS n
JOIN capture AS c
    ON c.accountid = n.accountid AND c.region = n.region AND c.resourceid = n.resourceid
GROUP BY
    n.accountid, n.region, n.resourceid, n.computername, n.platformname, n.instancestatus
HAVING COALESCE(MAX(c.capturetime), '')
    < CAST(CAST(current_date - INTERVAL '1' DAY * CAST(? AS integer) AS date) AS varchar)
ORDER BY account, n.region, node
