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
        self, rule: Rule, must: str, remedy: str, value: str, source: str, severity: Severity
    ) -> Finding:
        """A finding about the node, which says why anything is asked of it."""
        reason = f"{must}, since {self.association.resource} gathers its inventory"
        return Finding(rule, self.node.resource, reason, remedy, value, source, severity=severity)


def targeted_nodes(
    associations: list[AssociationDefinition], nodes: list[NodeDefinition]
) -> list[TargetedNode]:
    """Every node that an association certainly reaches."""
    found = []
    for node in nodes:
        here = (each for each in associations if each.environment == node.environment)
        reaching = (each for each in here if matches(each.targets, node.identity))
        if association := next(reaching, None):
            found.append(TargetedNode(node, association))
    return found
