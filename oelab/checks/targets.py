"""Whether an association has anything to run on, and a Region to run in."""

from collections.abc import Iterator

from oelab.checks.associations import Association, Kind
from oelab.checks.nodes import Node
from oelab.checks.rules import Rule
from oelab.findings import Finding, Severity
from oelab.systems_manager.regions import SYSTEMS_MANAGER_REGIONS


def target_nothing(associations: list[Association], nodes: list[Node]) -> Iterator[Finding]:
    """Tags that no instance carries, in an app that has instances where the association is.

    An app without instances there gathers inventory from those of others, so it is left alone.
    """
    for association in associations:
        there = [node for node in nodes if node.environment == association.environment]
        if association.kind is not Kind.TAGS or not there:
            continue
        if all(association.hits(node) is False for node in there):
            yield Finding(
                rule=Rule.NO_TARGET,
                severity=Severity.WARNING,
                subject=association.resource,
                value=str(association),
                reason="must match an instance that the app defines in its account and Region",
                remedy=f"{_carried(association, there)}, or acknowledge it if it is meant for "
                "instances from elsewhere",
                source='Systems Manager User Guide, "Understanding targets and rate controls '
                'in State Manager associations"',
            )


def unknown_regions(associations: list[Association]) -> Iterator[Finding]:
    """Regions that the SDK does not know to have Systems Manager, by its own endpoint data."""
    for association in associations:
        region = association.environment.region
        if region is None or region in SYSTEMS_MANAGER_REGIONS:
            continue
        yield Finding(
            rule=Rule.REGION,
            severity=Severity.ERROR,
            subject=association.resource,
            value=region,
            reason="must be in a Region that has Systems Manager",
            remedy="check the spelling of the Region, or acknowledge it if the Region is "
            "newer than this release",
            source="endpoint data of the AWS SDK",
        )


def _carried(association: Association, nodes: list[Node]) -> str:
    """What the instances carry under the same keys, however these are spelt."""
    wanted = {key.casefold() for key in association.tags}
    carried = sorted(
        {
            f"{key}={value}"
            for node in nodes
            for key, value in node.tags.items()
            if key.casefold() in wanted
        }
    )
    if not carried:
        return f"tag an instance with {' and '.join(association.tags)}"
    return f"target what they carry ({', '.join(carried[:5])})"
