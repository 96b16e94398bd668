"""`AWS::EC2::SecurityGroupIngress` and `Egress`, `NatGateway` and `EIP`.

Private networks need them. Each does what its CloudFormation reference says, to the records that
EC2's own calls read; an Elastic IP serves NAT gateways and instances.
"""

from datetime import UTC, datetime
from functools import partial

from localaws.adapter import Record, cloudformation, ec2, networking
from localaws.errors import AwsError, ResourceError

INGRESS, EGRESS = "IpPermissions", "IpPermissionsEgress"
_RULE_REPLACING = (
    "CidrIp",
    "CidrIpv6",
    "DestinationPrefixListId",
    "DestinationSecurityGroupId",
    "FromPort",
    "GroupId",
    "GroupName",
    "IpProtocol",
    "SourcePrefixListId",
    "SourceSecurityGroupId",
    "SourceSecurityGroupName",
    "SourceSecurityGroupOwnerId",
    "ToPort",
)


def install() -> None:
    for name, side in (
        ("AWS::EC2::SecurityGroupIngress", INGRESS),
        ("AWS::EC2::SecurityGroupEgress", EGRESS),
    ):
        cloudformation.install_resource_type(
            name,
            create=partial(_create_rule, side),
            update=partial(_update_rule, side),
            delete=partial(_delete_rule, side),
            replacing=_RULE_REPLACING,
            tagged=False,
        )
    cloudformation.install_resource_type(
        "AWS::EC2::EIP",
        create=_create_address,
        update=_update_address,
        delete=_delete_address,
        replacing=("Domain", "NetworkBorderGroup", "TransferAddress", "Address", "IpamPoolId"),
        tagged=True,
    )
    cloudformation.install_resource_type(
        "AWS::EC2::NatGateway",
        create=_create_nat_gateway,
        update=_update_tags,
        delete=_delete_nat_gateway,
        replacing=("SubnetId", "AllocationId", "ConnectivityType", "PrivateIpAddress", "VpcId"),
        tagged=True,
    )


def _create_rule(
    side: str, _logical_id: str, props: Record, _stack_name: str
) -> tuple[str, Record]:
    group = _group(props)
    group.setdefault(side, []).extend(_permissions(props))
    rule_id = networking.new_security_group_rule_id()
    return rule_id, {"Id": rule_id}


def _update_rule(
    side: str, physical_id: str, old: Record, new: Record, _stack_name: str
) -> tuple[str, Record]:
    """Only the description can change in place."""
    _delete_rule(side, physical_id, old)
    _group(new).setdefault(side, []).extend(_permissions(new))
    return physical_id, {"Id": physical_id}


def _delete_rule(side: str, _physical_id: str, props: Record) -> None:
    group = networking.security_group(str(props.get("GroupId")))
    if group:
        gone = _permissions(props)
        group[side] = [rule for rule in group.get(side, []) if rule not in gone]


def _group(props: Record) -> Record:
    group_id = str(props.get("GroupId"))
    group = networking.security_group(group_id)
    if group is None:
        raise ResourceError(
            "AmazonEC2",
            AwsError("InvalidGroup.NotFound", f"The security group '{group_id}' does not exist"),
        )
    return group


def _permissions(props: Record) -> list[Record]:
    return networking.permissions_of_rule(props)


def _create_address(_logical_id: str, props: Record, _stack_name: str) -> tuple[str, Record]:
    record = networking.new_address()
    _associate(record, props)
    ec2.set_tags(record["AllocationId"], props)
    # Ref gives the address, GetAtt the allocation.
    return record["PublicIp"], _address_attributes(record)


def _update_address(
    physical_id: str, old: Record, new: Record, _stack_name: str
) -> tuple[str, Record]:
    record = networking.address_by_ip(physical_id) or networking.new_address()
    _associate(record, new)
    ec2.set_tags(record["AllocationId"], new, old)
    return record["PublicIp"], _address_attributes(record)


def _associate(record: Record, props: Record) -> None:
    instance_id = props.get("InstanceId")
    if not instance_id:
        return
    instance = ec2.instances().get(instance_id)
    if instance is None:
        raise ResourceError(
            "AmazonEC2",
            AwsError(
                "InvalidInstanceID.NotFound", f"The instance ID '{instance_id}' does not exist"
            ),
        )
    record["InstanceId"] = instance_id
    record["AssociationId"] = record["AllocationId"].replace("eipalloc", "eipassoc")
    instance["PublicIpAddress"] = record["PublicIp"]


def _delete_address(physical_id: str, _props: Record) -> None:
    record = networking.address_by_ip(physical_id)
    if record is None:
        return
    instance = ec2.instances().get(record["InstanceId"] or "")
    if instance:
        instance["PublicIpAddress"] = instance["PublicDnsName"] = ""
    networking.release_address(record["AllocationId"])


def _address_attributes(record: Record) -> Record:
    return {"AllocationId": record["AllocationId"], "PublicIp": record["PublicIp"]}


def _create_nat_gateway(_logical_id: str, props: Record, _stack_name: str) -> tuple[str, Record]:
    subnet_id = str(props.get("SubnetId") or "")
    subnet = networking.subnet(subnet_id)
    allocation_id = str(props.get("AllocationId") or "")
    connectivity = props.get("ConnectivityType", "public")
    try:
        if subnet is None:
            raise AwsError(
                "InvalidSubnetID.NotFound", f"The subnet ID '{subnet_id}' does not exist"
            )
        if connectivity == "public" and networking.address(allocation_id) is None:
            raise AwsError(
                "InvalidAllocationID.NotFound",
                f"The allocation ID '{allocation_id}' does not exist",
            )
    except AwsError as error:
        raise ResourceError("AmazonEC2", error) from error
    record = networking.add_nat_gateway(
        subnet_id,
        subnet["VpcId"],
        allocation_id,
        connectivity,
        datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
    )
    ec2.set_tags(record["NatGatewayId"], props)
    return record["NatGatewayId"], {"NatGatewayId": record["NatGatewayId"]}


def _update_tags(
    physical_id: str, old: Record, new: Record, _stack_name: str
) -> tuple[str, Record]:
    ec2.set_tags(physical_id, new, old)
    return physical_id, {"NatGatewayId": physical_id}


def _delete_nat_gateway(physical_id: str, _props: Record) -> None:
    networking.delete_nat_gateway(physical_id)
