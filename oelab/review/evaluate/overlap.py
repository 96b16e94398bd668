"""Preflight: which inventory associations in an account clash with those of the settings."""

from collections.abc import Iterator

from oelab import tags as lab_tags
from oelab.findings import Finding, Severity
from oelab.review.evaluate.rules import finding_in
from oelab.review.expected_fleet import ExpectedFleet
from oelab.review.models import Association, known
from oelab.review.snapshots import AccountSnapshot
from oelab.systems_manager.documents import INVENTORY_DOCUMENT
from oelab.systems_manager.precedence import Priority, precedence
from oelab.systems_manager.targets import Likelihood, NodeIdentity, find_overlap

_OWNERS = {
    "InspectorInventoryCollection-do-not-delete": "Amazon Inspector",
    "Inventory-Association": "the console's Setup Inventory",
}


def clashing_associations(account: AccountSnapshot, expected: ExpectedFleet) -> Iterator[Finding]:
    """What becomes of each pair of one of ours and one that is there and not ours."""
    foreign = [
        each
        for each in known(account.associations, ())
        if each.document == INVENTORY_DOCUMENT
        and not account.is_ours("AWS::SSM::Association", each.association_id)
    ]
    nodes = _nodes(account, expected)
    for mine in expected.associations:
        for other in foreign:
            overlap = find_overlap(mine.targets, other.targets, nodes)
            if overlap is None or overlap.likelihood is Likelihood.UNLIKELY:
                continue
            is_certain = overlap.likelihood is Likelihood.CERTAIN
            condition = "" if is_certain else f"{overlap.evidence}; if they share nodes, "
            yield finding_in(
                account,
                _rule(mine, other),
                None if is_certain else Severity.NOTE,
                owner=owner_of(other, account),
                other=other,
                ours=mine.association_name,
                condition=condition,
            )


def owner_of(association: Association, account: AccountSnapshot) -> str:
    """Who made an association, from its name and tags."""
    if stack := known(account.owners, {}).get(association.association_id):
        return f"CloudFormation stack {stack}"
    name = association.association_name
    if name.startswith("AWS-QuickSetup-"):
        return "Quick Setup"
    return _OWNERS.get(name, "someone by console or API")


def _nodes(account: AccountSnapshot, expected: ExpectedFleet) -> list[NodeIdentity]:
    """The nodes to try targets on: those that run, and those that the settings would launch."""
    planned = (
        NodeIdentity(
            f"{workload.name} {kind.role}",
            {**expected.tags_of(workload), lab_tags.INSTANCE_ROLE: kind.role},
        )
        for workload in expected.settings.workloads
        for kind in workload.kinds
    )
    there = (NodeIdentity(x.instance_id, x.tags) for x in known(account.instances, ()))
    return [*there, *planned]


def _rule(mine: Association, other: Association) -> str:
    """What happens on the nodes of both."""
    if mine.priority == other.priority == Priority.ALL_NODES:
        return "second-association-for-all-nodes"
    running = precedence((mine, other)).running
    if running is None:
        return "association-clash"
    return "association-gives-way" if running is mine else "association-prevails"
