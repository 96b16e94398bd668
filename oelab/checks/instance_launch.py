"""Whether EC2 launches a node, and whether it then runs the agent."""

from collections.abc import Iterator

from oelab.checks.associations import TargetedNode
from oelab.checks.values import are_apart, value_of
from oelab.findings import Finding
from oelab.systems_manager.agent import has_agent, mentions_agent
from oelab.systems_manager.images import architecture_of_image, architecture_of_type, family_of
from oelab.systems_manager.targets import equal


def findings(targeted: list[TargetedNode]) -> Iterator[Finding]:
    """What is wrong with the images and the places of nodes."""
    for one in targeted:
        yield from _agent(one)
        yield from _architecture(one)
        yield from _place(one)


def _agent(one: TargetedNode) -> Iterator[Finding]:
    image = one.node.launch.image_parameter
    image_has_agent = has_agent(image)
    script, is_all = one.node.launch.script
    if not (image_has_agent or mentions_agent(script)):
        value = image or "an image known by its id only"
        is_certain = image_has_agent is False and is_all
        yield one.finding("NodeAgent", value, is_certain=is_certain)


def _architecture(one: TargetedNode) -> Iterator[Finding]:
    image, instance_type = one.node.launch.image_parameter, one.node.launch.instance_type
    needed = architecture_of_image(image, family_of(image))
    name = (instance_type and instance_type.text()) or ""
    offered = architecture_of_type(name)
    if needed and offered and needed != offered:
        yield one.finding("NodeArchitecture", f"{name} ({offered}) for {image} ({needed})")


def _place(one: TargetedNode) -> Iterator[Finding]:
    """A zone other than that of the subnet, or security groups of another VPC."""
    launch = one.node.launch
    subnets = [each.resource("AWS::EC2::Subnet") for each in launch.subnets or ()]
    groups = [each.resource("AWS::EC2::SecurityGroup") for each in launch.security_groups or ()]
    for subnet in filter(None, subnets):
        zones = [value_of(each) for each in (launch.zone, subnet.get("AvailabilityZone")) if each]
        if len(zones) == 2 and equal(*zones) is False:
            yield one.finding("NodeZone", f"{zones[0]}; subnet {subnet} is in {zones[1]}")
        for group in filter(None, groups):
            if are_apart(group, subnet):
                yield one.finding("NodeSecurityGroup", f"{group}; subnet {subnet} is elsewhere")
