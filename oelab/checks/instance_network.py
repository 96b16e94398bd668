"""Whether a node can reach Systems Manager on port 443."""

from collections.abc import Iterator
from itertools import chain

from oelab.checks.associations import TargetedNode
from oelab.findings import Finding
from oelab.systems_manager.reachability import (
    SERVICES,
    NodeNetwork,
    Obstacle,
    reach_systems_manager,
)
from oelab.template.expression import Resource


def findings(targeted: list[TargetedNode]) -> Iterator[Finding]:
    """What keeps nodes from Systems Manager: their security groups or their subnets."""
    for one in targeted:
        found = (_obstacles(one, *each) for each in one.networks)
        # The security groups are the same in every subnet.
        yield from dict.fromkeys(chain.from_iterable(found))


def _obstacles(
    one: TargetedNode, subnet: Resource | None, network: NodeNetwork
) -> Iterator[Finding]:
    reached = reach_systems_manager(network)
    for obstacle, is_certain in reached.obstacles.items():
        match obstacle:
            case Obstacle.NO_EGRESS | Obstacle.PRIVATE_EGRESS:
                groups = (str(group.id or "a group from elsewhere") for group in network.groups)
                value = f"{', '.join(groups)}: {obstacle}"
                yield one.finding("NodeEgress", value, is_certain=is_certain)
            case Obstacle.NETWORK_ACL:
                value = f"subnet {subnet}: {obstacle}"
                yield one.finding("NodeNetworkAcl", value, is_certain=is_certain)
            # That endpoints are missing matters only where no route leads out.
            case _ if obstacle is not Obstacle.NO_ENDPOINT:
                missing = ", ".join(reached.missing_endpoints)
                dead_end = f"subnet {subnet}: {obstacle}; no usable endpoint for {missing}"
                value = dead_end if subnet else "a subnet from elsewhere"
                services = " and ".join(SERVICES)
                yield one.finding("NodeRoute", value, is_certain=is_certain, services=services)
