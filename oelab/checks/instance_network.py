"""Whether a node can reach Systems Manager on port 443.

Source: "Improve the security of EC2 instances by using VPC endpoints for Systems Manager", Systems
Manager User Guide.
"""

from collections.abc import Iterator

from oelab.checks.network import SERVICES, Network
from oelab.checks.nodes import Node
from oelab.checks.rules import Rule
from oelab.checks.security_groups import SecurityGroups
from oelab.checks.targeted_node import Reached
from oelab.findings import Finding, Severity
from oelab.systems_manager.tristate import Answer
from oelab.template.app import App
from oelab.template.expression import Resource

_SOURCE = (
    'Systems Manager User Guide, "Improve the security of EC2 instances by using VPC endpoints"'
)


def findings(app: App, reached: list[Reached]) -> Iterator[Finding]:
    """What keeps nodes from Systems Manager: their security groups or their subnets."""
    groups = SecurityGroups(app)
    network = Network(app, groups)
    for one in reached:
        yield from _egress(groups, one)
        for subnet in list(network.subnets_of(one.node)) or [None]:
            yield from _way_out(network, one, subnet)


def _egress(groups: SecurityGroups, one: Reached) -> Iterator[Finding]:
    own = one.node.launch.security_groups
    if own is None:
        # The default group of a VPC lets everything out.
        return
    answer = groups.lets_https_out(own)
    if answer is not True:
        paths = [
            group.path if group else "a group from elsewhere" for group in map(groups.find, own)
        ]
        yield one.lacks(
            Rule.EGRESS,
            _severity(answer),
            must="must be allowed HTTPS egress by one of its security groups",
            value=", ".join(paths),
            remedy="add an egress rule for TCP port 443",
            source=_SOURCE,
        )


def _way_out(network: Network, one: Reached, subnet: Resource | None) -> Iterator[Finding]:
    answer = network.has_way_out(one.node, subnet)
    if answer is not True:
        yield one.lacks(
            Rule.ROUTE,
            _severity(answer),
            must="must have a way to Systems Manager on port 443",
            value=_dead_end(network, one.node, subnet),
            remedy="give it a public address and an internet gateway, a NAT gateway, or the "
            f"interface endpoints {' and '.join(SERVICES)} with private DNS and port 443 open to "
            "it",
            source=_SOURCE,
        )


def _dead_end(network: Network, node: Node, subnet: Resource | None) -> str:
    if subnet is None:
        return "a subnet from elsewhere"
    route = (
        "an internet gateway but no public address"
        if network.lacks_public_address(node, subnet)
        else "no route out of the VPC"
    )
    missing = [s for s in SERVICES if not network.has_endpoint(node, subnet, s)]
    return f"subnet {subnet.path} with {route} and no usable endpoint for {', '.join(missing)}"


def _severity(answer: Answer) -> Severity:
    return Severity.ERROR if answer is False else Severity.UNKNOWN
