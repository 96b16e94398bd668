-- Versions of packages that only one of two workloads has
--
-- parameter one workload: a workload, as the tag Workload names it, such as Test
-- parameter other workload: another workload, such as Prod
--
-- column name text: the name of the package
-- column architecture text: its architecture
-- column fullversion text: epoch (other than 0), version and release in one
-- column one integer: how many nodes of the one workload have it
-- column other integer: how many nodes of the other workload have it
WITH
pair AS (SELECT CAST(? AS varchar) AS one, CAST(? AS varchar) AS other),
installed AS (
    SELECT
        s.name,
        s.architecture,
        s.fullversion,
        COUNT(DISTINCT CASE WHEN w.workload = p.one THEN s.nodekey END) AS one,
        COUNT(DISTINCT CASE WHEN w.workload = p.other THEN s.nodekey END) AS other
    FROM software AS s
    JOIN workload AS w ON w.nodekey = s.nodekey
    CROSS JOIN pair AS p
    WHERE w.workload = p.one OR w.workload = p.other
    GROUP BY s.name, s.architecture, s.fullversion
)
SELECT i.name, i.architecture, i.fullversion, i.one, i.other
FROM installed AS i
WHERE i.one = 0 OR i.other = 0
ORDER BY i.name, i.architecture, i.fullversion
