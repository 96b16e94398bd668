-- The versions of the SSM Agent, and the share of the nodes that have each
--
-- column agenttype text: the kind of the agent
-- column agentversion text: its version
-- column platformname text: the name of the operating system
-- column nodes integer: how many nodes have it
-- column share number: the part of all nodes that these are, from 0 to 1
SELECT
    n.agenttype,
    n.agentversion,
    n.platformname,
    COUNT(*) AS nodes,
    CAST(COUNT(*) AS double) / CAST(SUM(COUNT(*)) OVER () AS double) AS share
FROM node AS n
GROUP BY n.agenttype, n.agentversion, n.platformname
ORDER BY nodes DESC, n.agenttype, n.agentversion, n.platformname
