"""What EC2 accepts of an instance and the place it runs in."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from oelab.constraints.kinds import Items, Number, Text
from oelab.constraints.rules import violation
from oelab.findings import Finding

_DEVICES = "EC2 User Guide, device names for volumes"
_IDS = "EC2 User Guide, resource ids"
_KEY_PAIRS = "EC2 User Guide, create a key pair"
_QUOTAS = "VPC User Guide, quotas"
_REGIONS = "EC2 User Guide, Regions and Zones"
_TYPES = "EC2 User Guide, instance type names"

_HEXADECIMAL = "([0-9a-f]{8}|[0-9a-f]{17})"
_DIRECTION = "(north|south|central|((north|south)?(east|west)))"
_FAMILY = "[a-z][a-z0-9]*(-[a-z0-9]+)*"
_SIZE = "(nano|micro|small|medium|large|[0-9]*xlarge|metal(-[0-9]+xl)?)"


def _resource_id(rule: str, prefix: str, kind: str) -> Text:
    form = f"the id of {kind} such as {prefix}-0123456789abcdef0"
    return Text(rule, _IDS, f"{prefix}-{_HEXADECIMAL}", form)


IMAGE_ID = _resource_id("ImageId", "ami", "an Amazon Machine Image")
VPC_ID = _resource_id("VpcId", "vpc", "a VPC")
SUBNET_ID = _resource_id("SubnetId", "subnet", "a subnet")
ROUTE_TABLE_ID = _resource_id("RouteTableId", "rtb", "a route table")
SECURITY_GROUP_ID = _resource_id("SecurityGroupId", "sg", "a security group")

# An interface takes 5, and 16 after a quota increase.
SECURITY_GROUPS = Items(
    "SecurityGroups", _QUOTAS, "security groups", SECURITY_GROUP_ID, at_least=1, at_most=16
)
SECURITY_GROUPS_OR_IDS = replace(SECURITY_GROUPS, each=None)
ENDPOINT_SUBNETS = Items(
    "EndpointSubnets", "EC2 API Reference, CreateVpcEndpoint", "subnets", at_least=1
)
ENDPOINT_CLIENTS = Items(
    "EndpointClients",
    "VPC PrivateLink guide, security groups of endpoints",
    "security groups",
    at_least=1,
)

# Whether a Region or a zone exists is not asked: a list would age with each new one.
REGION_NAME = Text(
    "RegionName",
    _REGIONS,
    pattern=f"[a-z]{{2,4}}(-[a-z]+)?-{_DIRECTION}-[1-9][0-9]?",
    form="the code of a Region such as us-east-1",
)
AVAILABILITY_ZONE = Text(
    "AvailabilityZone",
    _REGIONS,
    pattern="[a-z]{2,4}(-[a-z]+)+-[1-9][0-9]?([a-z]|(-[a-z0-9]+)+-[1-9][0-9]?[a-z]?)",
    form="the name of an Availability Zone such as us-east-1a, not its id such as use1-az1",
)

IMAGE = Text(
    "Image",
    "EC2 User Guide, find an AMI",
    pattern=f"ami-{_HEXADECIMAL}|(/[A-Za-z0-9_.-]+)+",
    form="an AMI id such as ami-0123456789abcdef0, or the path of a parameter that holds one",
)
INSTANCE_TYPE = Text(
    "InstanceType", _TYPES, rf"{_FAMILY}\.{_SIZE}", "a family and a size such as t3.micro"
)
ROOT_DEVICE_NAME = Text(
    "RootDeviceName", _DEVICES, "/dev/[a-z0-9]{2,}", "a device name such as /dev/xvda"
)
_PRINTABLE = "printable ASCII characters, no space at either end"
KEY_NAME = Text("KeyName", _KEY_PAIRS, "[!-~]([ -~]*[!-~])?", _PRINTABLE, 1, 255, is_literal=True)

_PORT = Number("EgressPorts", "EC2 API Reference, IpPermission", 1, 65535)


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
