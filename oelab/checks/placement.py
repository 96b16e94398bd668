"""Whether an association has nodes to run on, and a Region to run in."""

from collections.abc import Iterator

from oelab.checks.associations import AssociationDefinition
from oelab.checks.nodes import NodeDefinition
from oelab.findings import Finding, Rule, Severity
from oelab.systems_manager.regions import SYSTEMS_MANAGER_REGIONS
from oelab.systems_manager.targets import NodeIdentity, ResourceGroup, Tags, listed, matches

_TARGETS = (
    'Systems Manager User Guide, "Understanding targets and rate controls in State Manager '
    'associations"'
)


def unmatched_targets(
    associations: list[AssociationDefinition], nodes: list[NodeDefinition]
) -> Iterator[Finding]:
    """Tags that no instance carries, in an app that has instances where the association is.

    An app without instances there gathers inventory from those of others, so it has no finding.
    """
    for association in associations:
        targets = association.targets
        tags = targets.query if isinstance(targets, ResourceGroup) else targets
        there = [each.identity for each in nodes if each.environment == association.environment]
        if isinstance(tags, Tags) and there and all(matches(tags, node) is False for node in there):
            rule, subject, value = Rule.INVENTORY_NO_TARGET, association.resource, str(association)
            reason = "must match an instance that the app defines in its account and Region"
            remedy = (
                f"{_fix(tags, there)}, or acknowledge it if it is meant for instances from "
                "elsewhere"
            )
            yield Finding(rule, subject, reason, remedy, value, _TARGETS, severity=Severity.WARNING)


def _fix(tags: Tags, nodes: list[NodeIdentity]) -> str:
    """Name what the nodes carry under the same keys, in any case."""
    wanted = {key.casefold() for key in tags.values}
    carried = {
        f"{key}={value}"
        for node in nodes
        for key, value in node.tags.items()
        if key.casefold() in wanted
    }
    if not carried:
        return f"tag an instance with {' and '.join(tags.values)}"
    return f"target what they carry ({listed(sorted(carried))})"


def unknown_regions(associations: list[AssociationDefinition]) -> Iterator[Finding]:
    """Regions that the SDK does not know to have Systems Manager, by its own endpoint data."""
    for association in associations:
        region = association.environment.region
        if region and region not in SYSTEMS_MANAGER_REGIONS:
            rule, source = Rule.INVENTORY_REGION, "endpoint data of the AWS SDK"
            reason = "must be in a Region that has Systems Manager"
            remedy = "check its spelling, or acknowledge it if it is newer than this release"
            yield Finding(rule, association.resource, reason, remedy, region, source)
