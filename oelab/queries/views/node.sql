-- Managed nodes that are not terminated
--
-- column accountid text: the account of the node
-- column region text: the Region of the node
-- column resourceid text: the id of the node
-- column nodekey text: account, Region and id in one
-- column computername text: the name of the computer
-- column platformtype text: Linux, Windows or MacOS
-- column platformname text: the name of the operating system
-- column platformversion text: its version
-- column agenttype text: the kind of the agent
-- column agentversion text: the version of the agent
-- column instancestatus text: Active, Stopped or ConnectionLost
SELECT
    i.accountid,
    i.region,
    i.resourceid,
    i.accountid || '/' || i.region || '/' || i.resourceid AS nodekey,
    COALESCE(i.computername, '') AS computername,
    COALESCE(i.platformtype, '') AS platformtype,
    COALESCE(i.platformname, '') AS platformname,
    COALESCE(i.platformversion, '') AS platformversion,
    COALESCE(i.agenttype, '') AS agenttype,
    COALESCE(i.agentversion, '') AS agentversion,
    COALESCE(i.instancestatus, '') AS instancestatus
FROM aws_instanceinformation AS i
WHERE i.resourceid IS NOT NULL AND COALESCE(i.instancestatus, '') <> 'Terminated'
