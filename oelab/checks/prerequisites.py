"""What an instance needs to become a managed node, for each that an association reaches.

What only the deployment or another app knows is reported as unknown.
"""

from collections.abc import Iterator

from oelab.checks import instance_image, instance_network, instance_role
from oelab.checks.associations import Association
from oelab.checks.nodes import Node
from oelab.checks.targeted_node import Reached
from oelab.findings import Finding
from oelab.template.app import App


def missing_prerequisites(
    app: App, associations: list[Association], nodes: list[Node]
) -> Iterator[Finding]:
    """What is missing of any node that an association is sure to reach."""
    reached = [
        Reached(node, association)
        for node in nodes
        if (association := _first_to_reach(node, associations))
    ]
    yield from instance_role.findings(app, reached)
    yield from instance_network.findings(app, reached)
    yield from instance_image.findings(reached)


def _first_to_reach(node: Node, associations: list[Association]) -> Association | None:
    for association in associations:
        if association.environment == node.environment and association.hits(node):
            return association
    return None
