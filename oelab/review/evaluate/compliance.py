"""The report of `oelab compliance`: what complies, by type and by node."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from oelab.environment import Environment
from oelab.report import Column
from oelab.review.evaluate.node_findings import compliance_rule, evaluate_compliance
from oelab.review.evaluate.rules import finding
from oelab.review.evaluate.scope import unknown_groups
from oelab.review.expected_fleet import ExpectedFleet
from oelab.review.models import ReviewReport, Subject, Unread, known, unread_of
from oelab.review.records import ComplianceItem, ComplianceSummary
from oelab.review.snapshots import FleetSnapshot, reading_of, unread_in


@dataclass(frozen=True, kw_only=True, slots=True)
class ComplianceCount:
    """How many nodes comply with one type."""

    environment: Environment
    compliance_type: Annotated[str, Column("Type", needed=True)]
    """`Association`, `Patch`, or the name of a custom type."""
    compliant: Annotated[int, Column("Compliant nodes", needed=True)]
    """The number of nodes that comply."""
    non_compliant: Annotated[int, Column("Non-compliant nodes", needed=True)]
    """The number of nodes that do not comply."""
    by_severity: Annotated[Mapping[str, int], Column("Worst severity (nodes)", prose=True)]
    """The number of nodes that do not comply, by their worst severity."""


@dataclass(frozen=True, kw_only=True)
class ComplianceReport(ReviewReport):
    """What `oelab compliance` has found."""

    table = ("items", "nodes")
    empty = "there is no compliance data"
    schema: str = "oelab.compliance/1"
    types: tuple[ComplianceCount, ...] = ()
    """How many nodes comply, by type."""
    nodes: tuple[ComplianceSummary, ...] = ()
    """Each compliance type of each node, what does not comply first."""
    items: tuple[ComplianceItem, ...] = ()
    """The items of `compliance NODE`, what does not comply first."""


def evaluate_fleet_compliance(
    snapshots: Sequence[FleetSnapshot], expected: ExpectedFleet
) -> ComplianceReport:
    """The compliance of every node that is there: the data of others lingers."""
    nodes = [
        replace(summary, name=each.name_of(node_id))
        for each in snapshots
        for node_id, summaries in known(each.compliance, {}).items()
        if each.may_have(node_id)
        for summary in summaries
    ]
    nodes.sort(key=lambda each: (each.is_compliant, each.name, each.node_id))
    return ComplianceReport(
        **reading_of(snapshots),
        findings=(
            *unknown_groups(snapshots, expected),
            *(finding("compliance-missing", each) for each in _without_data(snapshots, expected)),
            *(found for each in nodes for found in evaluate_compliance(each.subject, each)),
        ),
        types=tuple(_counts(nodes)),
        nodes=tuple(nodes),
    )


def _without_data(snapshots: Sequence[FleetSnapshot], expected: ExpectedFleet) -> Iterator[Subject]:
    """The expected nodes without compliance data; the environments where there is none at all."""
    is_all_empty = True
    for each in snapshots:
        data = known(each.compliance, {})
        nodes = () if each.unread else sorted(expected.nodes_of(each))
        yield from (each.subject_of(node_id) for node_id in nodes if node_id not in data)
        is_all_empty &= not (nodes or each.unread or any(map(each.may_have, data)))
    if is_all_empty:
        yield from (each.subject(each.environment.region) for each in snapshots)


def evaluate_node_compliance(
    snapshots: Sequence[FleetSnapshot], read: Mapping[Subject, tuple[ComplianceItem, ...] | Unread]
) -> ComplianceReport:
    """Every item of one node, or of several of one name."""
    items = sorted(
        (item for each in read.values() for item in known(each, ())),
        key=lambda item: item.is_compliant,
    )
    findings = [finding("compliance-missing", x) for x, listed in read.items() if listed == ()]
    for each in items:
        if not each.is_compliant:
            rule, words = compliance_rule(each.compliance_type), each.title or each.item_id
            findings.append(finding(rule, each.subject, items=f"does not comply with {words}"))
    return ComplianceReport(
        environments=tuple(each.environment for each in snapshots),
        unread=tuple(dict.fromkeys([*unread_in(snapshots), *unread_of(read.values())])),
        findings=tuple(findings),
        items=tuple(items),
    )


def _counts(nodes: Sequence[ComplianceSummary]) -> Iterator[ComplianceCount]:
    groups = defaultdict(list)
    for each in nodes:
        groups[each.environment, each.compliance_type].append(each)
    for (environment, compliance_type), of_type in sorted(groups.items()):
        bad = [each for each in of_type if not each.is_compliant]
        yield ComplianceCount(
            environment=environment,
            compliance_type=compliance_type,
            compliant=len(of_type) - len(bad),
            non_compliant=len(bad),
            by_severity=dict(Counter(each.overall_severity or "UNSPECIFIED" for each in bad)),
        )
