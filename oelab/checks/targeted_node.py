"""A node that an association reaches."""

from typing import NamedTuple

from oelab.checks.associations import AssociationDefinition
from oelab.checks.nodes import NodeDefinition
from oelab.findings import Finding, Rule, Severity
from oelab.systems_manager.targets import matches


class TargetedNode(NamedTuple):
    """A node, and the first of the associations that certainly reach it."""

    node: NodeDefinition
    association: AssociationDefinition

    def lacks(
        self, rule: Rule, severity: Severity, *, must: str, value: str, remedy: str, source: str
    ) -> Finding:
        """A finding about the node, which says why anything is asked of it."""
        return Finding(
            rule=rule,
            severity=severity,
            subject=self.node.resource,
            value=value,
            reason=f"{must}, since {self.association.resource} gathers its inventory",
            remedy=remedy,
            source=source,
        )


def targeted_nodes(
    associations: list[AssociationDefinition], nodes: list[NodeDefinition]
) -> list[TargetedNode]:
    """Every node that an association certainly reaches."""
    pairs = ((node, _first_to_reach(node, associations)) for node in nodes)
    return [TargetedNode(node, association) for node, association in pairs if association]


def _first_to_reach(
    node: NodeDefinition, associations: list[AssociationDefinition]
) -> AssociationDefinition | None:
    for association in associations:
        is_here = association.environment == node.environment
        if is_here and matches(association.targets, node.identity):
            return association
    return None
