"""EC2's networks: VPCs, subnets, security groups, routes, gateways and addresses."""

import random
from typing import cast

from ministack.services import ec2 as _ec2
from ministack.services.cloudformation import provisioners as _provisioners

from localaws.adapter import Record


def vpc(vpc_id: str) -> Record | None:
    _ec2._ensure_defaults_initialized()
    return cast("Record | None", _ec2._vpcs.get(vpc_id))


def subnet(subnet_id: str) -> Record | None:
    _ec2._ensure_defaults_initialized()
    return cast("Record | None", _ec2._subnets.get(subnet_id))


def subnets() -> list[Record]:
    return list(_ec2._subnets.values())


def default_subnet(zone: str | None) -> Record | None:
    """The default VPC's subnet of that zone, as a launch without a subnet gets it."""
    _ec2._ensure_defaults_initialized()
    found = [
        record
        for record in _ec2._subnets.values()
        if record.get("DefaultForAz") and zone in (None, record["AvailabilityZone"])
    ]
    return found[0] if found else None


def security_group(group_id: str) -> Record | None:
    return cast("Record | None", _ec2._security_groups.get(group_id))


def default_group_of(vpc_id: str) -> str:
    record = vpc(vpc_id) or {}
    return cast("str", record.get("DefaultSecurityGroupId", ""))


def permissions_of_rule(rule: Record) -> list[Record]:
    """A template's security group rule in the shape of the group's record."""
    return cast("list[Record]", _provisioners._ec2_sg_permissions([rule]))


def new_security_group_rule_id() -> str:
    return "sgr-" + _hex17()


def route_tables() -> list[Record]:
    return list(_ec2._route_tables.values())


def internet_gateways() -> dict[str, Record]:
    return dict(_ec2._internet_gateways.items())


def vpc_endpoints() -> list[Record]:
    return list(_ec2._vpc_endpoints.values())


def nat_gateways() -> dict[str, Record]:
    return dict(_ec2._nat_gateways.items())


def add_nat_gateway(
    subnet_id: str, vpc_id: str, allocation_id: str, connectivity: str, created: str
) -> Record:
    nat_id = "nat-" + _hex17()
    record = {
        "NatGatewayId": nat_id,
        "SubnetId": subnet_id,
        "VpcId": vpc_id,
        "AllocationId": allocation_id,
        "ConnectivityType": connectivity,
        "State": "available",
        "CreateTime": created,
        "Tags": [],
    }
    _ec2._nat_gateways[nat_id] = record
    return record


def delete_nat_gateway(nat_id: str) -> None:
    record = _ec2._nat_gateways.get(nat_id)
    if record:
        record["State"] = "deleted"
    _ec2._tags.pop(nat_id, None)


def address(allocation_id: str) -> Record | None:
    return cast("Record | None", _ec2._addresses.get(allocation_id))


def address_by_ip(public_ip: str) -> Record | None:
    return next((a for a in _ec2._addresses.values() if a["PublicIp"] == public_ip), None)


def new_address() -> Record:
    allocation_id = "eipalloc-" + _hex17()
    record = {
        "AllocationId": allocation_id,
        "PublicIp": _ec2._random_ip("52."),
        "Domain": "vpc",
        "AssociationId": None,
        "InstanceId": None,
        "NetworkInterfaceId": None,
        "PrivateIpAddress": None,
    }
    _ec2._addresses[allocation_id] = record
    return record


def release_address(allocation_id: str) -> None:
    _ec2._addresses.pop(allocation_id, None)
    _ec2._tags.pop(allocation_id, None)


def _hex17() -> str:
    return "".join(random.choices("0123456789abcdef", k=17))  # noqa: S311 - an id, no secret


def install_default_internet_route() -> None:
    """Give the default VPC its way out: MiniStack leaves that route out of the main table."""
    original = _ec2._init_defaults

    def init_defaults() -> None:
        original()
        routes = _ec2._route_tables[_ec2._DEFAULT_RTB_ID]["Routes"]
        if not any(route.get("DestinationCidrBlock") == "0.0.0.0/0" for route in routes):
            routes.append(
                {
                    "DestinationCidrBlock": "0.0.0.0/0",
                    "GatewayId": _ec2._DEFAULT_IGW_ID,
                    "State": "active",
                    "Origin": "CreateRoute",
                }
            )

    _ec2._init_defaults = init_defaults
    # The default scope was initialised while the module was imported.
    init_defaults()
