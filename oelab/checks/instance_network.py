"""Whether a node can reach Systems Manager on port 443.

Source: "Improve the security of EC2 instances by using VPC endpoints for Systems Manager", Systems
Manager User Guide.
"""

from collections.abc import Iterator

from oelab.checks.associations import TargetedNode
from oelab.checks.network import Networks
from oelab.findings import Finding, Rule, Severity
from oelab.systems_manager.reachability import (
    SERVICES,
    NodeNetwork,
    Obstacle,
    reach_systems_manager,
)
from oelab.template.app import App
from oelab.template.expression import Resource

_SOURCE = (
    'Systems Manager User Guide, "Improve the security of EC2 instances by using VPC endpoints"'
)


def findings(app: App, targeted: list[TargetedNode]) -> Iterator[Finding]:
    """What keeps nodes from Systems Manager: their security groups or their subnets."""
    networks = Networks(app)
    for one in targeted:
        found: list[Finding] = []
        for subnet, network in networks.networks_of(one.node):
            found += _obstacles(one, subnet, network)
        # The security groups are the same in every subnet.
        yield from dict.fromkeys(found)


def _obstacles(
    one: TargetedNode, subnet: Resource | None, network: NodeNetwork
) -> Iterator[Finding]:
    reached = reach_systems_manager(network)
    for obstacle, is_certain in reached.obstacles.items():
        severity = Severity.ERROR if is_certain else Severity.UNKNOWN
        if obstacle in (Obstacle.NO_EGRESS, Obstacle.PRIVATE_EGRESS):
            groups = (str(group.id or "a group from elsewhere") for group in network.groups)
            value = f"{', '.join(groups)}: {obstacle}"
            must = "must be allowed HTTPS egress by one of its security groups"
            remedy = "add an egress rule for TCP port 443"
            yield one.lacks(Rule.NODE_EGRESS, must, remedy, value, _SOURCE, severity)
        # That endpoints are missing matters only where no route leads out.
        elif obstacle is not Obstacle.NO_ENDPOINT:
            missing = ", ".join(reached.missing_endpoints)
            dead_end = f"subnet {subnet}: {obstacle}; no usable endpoint for {missing}"
            value = dead_end if subnet else "a subnet from elsewhere"
            must = "must have a way to Systems Manager on port 443"
            remedy = (
                "give it a public address and an internet gateway, a NAT gateway, or the interface "
                f"endpoints {' and '.join(SERVICES)} with private DNS and port 443 open to it"
            )
            yield one.lacks(Rule.NODE_ROUTE, must, remedy, value, _SOURCE, severity)
