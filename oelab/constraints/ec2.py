"""What EC2 accepts of an instance and the place it runs in; limits in ec2.toml."""

from collections.abc import Iterator, Sequence

from oelab.constraints.kinds import Items, Number, Text
from oelab.constraints.rules import violation
from oelab.findings import Finding

IMAGE_ID = Text.declared("ec2.ImageId")
VPC_ID = Text.declared("ec2.VpcId")
SUBNET_ID = Text.declared("ec2.SubnetId")
ROUTE_TABLE_ID = Text.declared("ec2.RouteTableId")
SECURITY_GROUP_ID = Text.declared("ec2.SecurityGroupId")
SECURITY_GROUPS = Items.declared("ec2.SecurityGroups", each=SECURITY_GROUP_ID)
SECURITY_GROUPS_OR_IDS = Items.declared("ec2.SecurityGroups")
ENDPOINT_SUBNETS = Items.declared("ec2.EndpointSubnets")
ENDPOINT_CLIENTS = Items.declared("ec2.EndpointClients")
REGION_NAME = Text.declared("ec2.RegionName")
AVAILABILITY_ZONE = Text.declared("ec2.AvailabilityZone")
IMAGE = Text.declared("ec2.Image")
INSTANCE_TYPE = Text.declared("ec2.InstanceType")
ROOT_DEVICE_NAME = Text.declared("ec2.RootDeviceName")
KEY_NAME = Text.declared("ec2.KeyName")
_PORT = Number.declared("ec2.EgressPorts")


def managed_node_egress(where: str, value: Sequence[int]) -> Iterator[Finding]:
    """TCP ports from 1 to 65535, among them 443, over which the agent calls Systems Manager.

    Source: Systems Manager User Guide, setting up managed nodes.
    """
    if 443 not in value:
        yield violation("EgressPorts", where, value)
    for number, port in enumerate(value):
        yield from _PORT.findings(f"{where}[{number}]", port)


_USER_DATA_BYTES = 16 * 1024


def user_data(where: str, value: str) -> Iterator[Finding]:
    """At most 16 KB as UTF-8. Source: EC2 User Guide, run commands at launch."""
    size = len(value.encode(errors="replace"))
    if size > _USER_DATA_BYTES:
        yield violation("UserData", where, f"{size} bytes", limit=_USER_DATA_BYTES)
