-- The newest capture of each inventory type of each node, terminated nodes among them
--
-- column accountid text: the account of the node
-- column region text: the Region of the node
-- column resourceid text: the id of the node
-- column capturetime text: when the type was captured, in UTC as ISO 8601
SELECT accountid, region, resourceid, MAX(capturetime) AS capturetime
FROM aws_awscomponent GROUP BY 1, 2, 3
UNION ALL
SELECT accountid, region, resourceid, MAX(capturetime) AS capturetime
FROM aws_application GROUP BY 1, 2, 3
UNION ALL
SELECT accountid, region, resourceid, MAX(capturetime) AS capturetime
FROM aws_billinginfo GROUP BY 1, 2, 3
UNION ALL
SELECT accountid, region, resourceid, MAX(capturetime) AS capturetime
FROM aws_complianceitem GROUP BY 1, 2, 3
UNION ALL
SELECT accountid, region, resourceid, MAX(capturetime) AS capturetime
FROM aws_compliancesummary GROUP BY 1, 2, 3
UNION ALL
SELECT accountid, region, resourceid, MAX(capturetime) AS capturetime
FROM aws_file GROUP BY 1, 2, 3
UNION ALL
SELECT accountid, region, resourceid, MAX(capturetime) AS capturetime
FROM aws_instancedetailedinformation GROUP BY 1, 2, 3
UNION ALL
SELECT accountid, region, resourceid, MAX(capturetime) AS capturetime
FROM aws_instanceinformation GROUP BY 1, 2, 3
UNION ALL
SELECT accountid, region, resourceid, MAX(capturetime) AS capturetime
FROM aws_network GROUP BY 1, 2, 3
UNION ALL
SELECT accountid, region, resourceid, MAX(capturetime) AS capturetime
FROM aws_patchsummary GROUP BY 1, 2, 3
UNION ALL
SELECT accountid, region, resourceid, MAX(capturetime) AS capturetime
FROM aws_resourcegroup GROUP BY 1, 2, 3
UNION ALL
SELECT accountid, region, resourceid, MAX(capturetime) AS capturetime
FROM aws_service GROUP BY 1, 2, 3
UNION ALL
SELECT accountid, region, resourceid, MAX(capturetime) AS capturetime
FROM aws_tag GROUP BY 1, 2, 3
UNION ALL
SELECT accountid, region, resourceid, MAX(capturetime) AS capturetime
FROM aws_windowsregistry GROUP BY 1, 2, 3
UNION ALL
SELECT accountid, region, resourceid, MAX(capturetime) AS capturetime
FROM aws_windowsrole GROUP BY 1, 2, 3
UNION ALL
SELECT accountid, region, resourceid, MAX(capturetime) AS capturetime
FROM aws_windowsupdate GROUP BY 1, 2, 3
