"""Whether an association has nodes to run on, and a Region to run in."""

from collections.abc import Iterator

from oelab.checks.associations import AssociationDefinition
from oelab.checks.nodes import NodeDefinition
from oelab.checks.rules import violation
from oelab.findings import Finding
from oelab.systems_manager.regions import SYSTEMS_MANAGER_REGIONS
from oelab.systems_manager.targets import NodeIdentity, Tags, listed, matches, required_tags


def unmatched_targets(
    associations: list[AssociationDefinition], nodes: list[NodeDefinition]
) -> Iterator[Finding]:
    """Tags that no instance carries, in an app that has instances where the association is.

    An app without instances there gathers inventory from those of others, so it has no finding.
    """
    for association in associations:
        tags = required_tags(association.targets)
        there = [each.identity for each in nodes if each.environment == association.environment]
        if tags and there and all(matches(tags, node) is False for node in there):
            rule, value = "InventoryTargetsNothing", str(association)
            yield violation(rule, association.resource, value, fix=_fix(tags, there))


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
            yield violation("InventoryRegion", association.resource, region)
