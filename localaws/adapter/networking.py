"""EC2's networks: VPCs, subnets, security groups, routes, gateways and endpoints."""

from typing import cast
from uuid import uuid4

from ministack.services import ec2 as _ec2
from ministack.services.cloudformation import provisioners as _provisioners

from localaws.adapter import Record


def vpc(vpc_id: str) -> Record | None:
    return cast("Record | None", _ec2._vpcs.get(vpc_id))


def subnet(subnet_id: str) -> Record | None:
    return cast("Record | None", _ec2._subnets.get(subnet_id))


def security_group(group_id: str) -> Record | None:
    return cast("Record | None", _ec2._security_groups.get(group_id))


def authorize_ingress(group_id: str, rule: Record) -> str:
    """Add a rule, as a template writes it, to a group; returns the id of the rule."""
    rule_id = f"sgr-{uuid4().hex[:17]}"
    (permission,) = _provisioners._ec2_sg_permissions([rule])
    permissions = _ec2._security_groups[group_id]["IpPermissions"]
    permissions.append({**permission, "SecurityGroupRuleId": rule_id})
    return rule_id


def revoke_ingress(rule_id: str) -> None:
    """Remove a rule from its group, where both are still there."""
    for group in _ec2._security_groups.values():
        group["IpPermissions"] = [
            each for each in group["IpPermissions"] if each.get("SecurityGroupRuleId") != rule_id
        ]


def routes_of_subnet(subnet_id: str, vpc_id: str) -> list[Record]:
    """The routes of the subnet's own table, or else of the VPC's main one."""
    tables = [table for table in _ec2._route_tables.values() if table["VpcId"] == vpc_id]
    own = [t for t in tables if any(a.get("SubnetId") == subnet_id for a in t["Associations"])]
    main = [t for t in tables if any(a.get("Main") for a in t["Associations"])]
    return [route for table in (own or main)[:1] for route in table["Routes"]]


def is_attached(gateway_id: str, vpc_id: str) -> bool:
    """Whether it is the id of an internet gateway that is attached to the VPC."""
    gateway = _ec2._internet_gateways.get(gateway_id) or {"Attachments": []}
    return any(attachment["VpcId"] == vpc_id for attachment in gateway["Attachments"])


def nat_gateway(nat_id: str) -> Record | None:
    return cast("Record | None", _ec2._nat_gateways.get(nat_id))


def interface_endpoints(vpc_id: str) -> list[Record]:
    return [
        endpoint
        for endpoint in _ec2._vpc_endpoints.values()
        if (endpoint["VpcId"], endpoint["VpcEndpointType"]) == (vpc_id, "Interface")
    ]
