-- How many nodes comply, by compliance type
--
-- A node that reports nothing about a type is not counted for it.
--
-- column compliancetype text: Association, Patch or a custom type
-- column nodes integer: how many nodes report it
-- column compliant integer: how many of them comply
-- column noncompliant integer: how many of them do not
SELECT
    c.compliancetype,
    COUNT(DISTINCT c.nodekey) AS nodes,
    COUNT(DISTINCT c.nodekey)
        - COUNT(DISTINCT CASE WHEN c.status <> 'COMPLIANT' THEN c.nodekey END) AS compliant,
    COUNT(DISTINCT CASE WHEN c.status <> 'COMPLIANT' THEN c.nodekey END) AS noncompliant
FROM compliance_summary AS c
GROUP BY c.compliancetype
ORDER BY c.compliancetype
