-- Patches that are approved and not installed, and on how many nodes
--
-- Only those whose state is Missing: a patch that failed or waits for a reboot is another matter.
--
-- column patch text: the id of the patch, such as a package or an article
-- column title text: its title
-- column classification text: its classification, such as Security
-- column severity text: its severity for compliance
-- column nodes integer: on how many nodes it is missing
SELECT
    c.id AS patch,
    c.title,
    c.classification,
    c.severity,
    COUNT(DISTINCT c.nodekey) AS nodes
FROM compliance_item AS c
WHERE c.compliancetype = 'Patch' AND c.patchstate = 'Missing'
GROUP BY c.id, c.title, c.classification, c.severity
ORDER BY nodes DESC, patch, c.title, c.classification, c.severity
