"""Which inventory associations in an account clash with those of the settings."""

from collections.abc import Iterator

from oelab import tags as lab_tags
from oelab.findings import Finding, Rule, Severity
from oelab.review.account_snapshot import Survey
from oelab.review.expected_fleet import Expectation
from oelab.review.models import Association, Unread
from oelab.review.verdicts.preflight_finding import preflight_finding
from oelab.systems_manager.documents import INVENTORY_DOCUMENT
from oelab.systems_manager.precedence import Priority, precedence
from oelab.systems_manager.targets import Likelihood, NodeIdentity, find_overlap

_INSPECTOR = "InspectorInventoryCollection-do-not-delete"
_CONSOLE = "Inventory-Association"


def overlaps(survey: Survey, expectation: Expectation) -> Iterator[Finding]:
    """What becomes of each pair of one of ours and one that is there and not ours."""
    if isinstance(survey.associations, Unread):
        return
    foreign = [
        each
        for each in survey.associations
        if each.document == INVENTORY_DOCUMENT
        and not survey.is_ours("AWS::SSM::Association", each.association_id)
    ]
    nodes = _nodes(survey, expectation)
    for mine in expectation.associations:
        for other in foreign:
            yield from _pair(survey, mine, other, nodes)


def owner_of(association: Association, survey: Survey) -> str:
    """Who made an association, from its name and tags."""
    owners = {} if isinstance(survey.owners, Unread) else survey.owners
    if stack := owners.get(association.association_id):
        return f"CloudFormation stack {stack}"
    if association.name.startswith("AWS-QuickSetup-"):
        return "Quick Setup"
    if association.name == _INSPECTOR:
        return "Amazon Inspector"
    if association.name == _CONSOLE:
        return "the console's Setup Inventory"
    return "someone by console or API"


def _nodes(survey: Survey, expectation: Expectation) -> list[NodeIdentity]:
    """The nodes to try targets on: those that run, and those that the settings would launch."""
    running = () if isinstance(survey.instances, Unread) else survey.instances
    planned = (
        NodeIdentity(
            f"{workload.name} {kind.role}",
            {**expectation.tags_of(workload), lab_tags.INSTANCE_ROLE: kind.role},
        )
        for workload in expectation.settings.workloads
        for kind in workload.kinds
    )
    return [*(each.identity for each in running), *planned]


def _pair(
    survey: Survey, mine: Association, other: Association, nodes: list[NodeIdentity]
) -> Iterator[Finding]:
    overlap = find_overlap(mine.targets, other.targets, nodes)
    if overlap is None or overlap.likelihood is Likelihood.UNLIKELY:
        return
    severity, reason, remedy = _outcome(mine, other)
    if overlap.likelihood is Likelihood.LIKELY:
        severity = Severity.NOTE
        reason = f"{overlap.evidence}; if they share nodes, {reason}"
    yield preflight_finding(
        survey,
        Rule.PREFLIGHT_ASSOCIATION,
        severity,
        owner_of(other, survey),
        f"{other.label} and our {mine.name}: {reason}",
        remedy,
    )


def _outcome(mine: Association, other: Association) -> tuple[Severity, str, str]:
    if mine.priority == other.priority == Priority.ALL_NODES:
        return (
            Severity.ERROR,
            "an account and Region holds one inventory association for all nodes",
            "delete the other one, or give ours tags for targets",
        )
    running = precedence((mine, other)).running
    if running is mine:
        return (
            Severity.NOTE,
            "ours prevails, and theirs is skipped on the nodes of both",
            "nothing, unless its owner counts on these nodes",
        )
    if running is other:
        return (
            Severity.WARNING,
            "theirs prevails, and ours is skipped on the nodes of both",
            "leave inventory to its owner and out of the settings, or have it switched off there",
        )
    return (
        Severity.WARNING,
        "both target the same nodes, and both fail there",
        "delete one of them, or change the targets so that no node has both",
    )
