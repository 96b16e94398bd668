"""`AWS::EC2::Instance`, as its CloudFormation reference describes create, update and delete.

A launch fails, and the stack rolls back, with EC2's own error code where the image, the subnet, a
security group, the key pair or the instance profile does not exist. An Elastic IP, user data that
runs and a stop in the course of an update are not modelled: a changed type or user data is taken
over while the instance keeps its addresses.
"""

import base64
import binascii
import ipaddress
import re
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

from localaws.adapter import Record, ami, cloudformation, ec2, iam, networking, scope
from localaws.errors import AwsError, ResourceError

TYPE = "AWS::EC2::Instance"
# "Update requires: Replacement" in the resource's reference; everything else updates in place.
REPLACING = ("ImageId", "SubnetId", "KeyName", "AvailabilityZone", "BlockDeviceMappings")
DEFAULT_INSTANCE_TYPE = "m1.small"
# The first four addresses of a subnet and its last one belong to AWS.
RESERVED_ADDRESSES = 4
_IMAGE_ID = re.compile(r"^ami-([0-9a-f]{8}|[0-9a-f]{17})$")


def install() -> None:
    cloudformation.install_resource_type(
        TYPE, create=create, update=update, delete=delete, replacing=REPLACING, tagged=True
    )
    ec2.install_instance_view(extra_xml)


def create(_logical_id: str, props: Record, _stack_name: str) -> tuple[str, Record]:
    try:
        record = _launch(props)
    except AwsError as error:
        raise ResourceError("AmazonEC2", error) from error
    return record["InstanceId"], _attributes(record)


def update(physical_id: str, old: Record, new: Record, _stack_name: str) -> tuple[str, Record]:
    record = ec2.instances().get(physical_id)
    try:
        if record is None or record["State"]["Name"] == "terminated":
            raise AwsError(
                "InvalidInstanceID.NotFound", f"The instance ID '{physical_id}' does not exist"
            )
        # All that can fail comes first: a failed update must leave the instance as it was.
        groups = _groups(new, record["SubnetId"])
        profile = _profile(new)
        user_data = _user_data(new)
    except AwsError as error:
        raise ResourceError("AmazonEC2", error) from error
    record["SecurityGroups"] = _group_references(groups)
    record["InstanceType"] = new.get("InstanceType", DEFAULT_INSTANCE_TYPE)
    record["UserData"] = user_data
    record["MetadataOptions"] = _metadata_options(new)
    if new.get("IamInstanceProfile") != old.get("IamInstanceProfile"):
        ec2.set_instance_profile(physical_id, profile)
    ec2.set_tags(physical_id, new, old)
    return physical_id, _attributes(record)


def delete(physical_id: str, _props: Record) -> None:
    record = ec2.instances().get(physical_id, {})
    ec2.terminate_instance(physical_id)
    for mapping in record.get("BlockDeviceMappings", []):
        if mapping["Ebs"]["DeleteOnTermination"]:
            ec2.delete_volume(mapping["Ebs"]["VolumeId"])


def _launch(props: Record) -> Record:
    image = _image(props)
    subnet = _subnet(props)
    groups = _groups(props, subnet["SubnetId"])
    key_name = str(props.get("KeyName") or "")
    if key_name and not ec2.key_pair_exists(key_name):
        raise AwsError("InvalidKeyPair.NotFound", f"The key pair '{key_name}' does not exist")
    profile = _profile(props)
    record = ec2.launch_instance(
        image_id=props["ImageId"],
        instance_type=props.get("InstanceType", DEFAULT_INSTANCE_TYPE),
        subnet_id=subnet["SubnetId"],
        key_name=key_name,
        user_data=_user_data(props),
        group_ids=groups,
        private_ip=_free_address(subnet),
        profile=profile,
    )
    _place(record, image, subnet, groups)
    record["MetadataOptions"] = _metadata_options(props)
    ec2.set_tags(record["InstanceId"], props)
    _attach_volumes(record, image, props)
    return record


def _image(props: Record) -> Record:
    image_id = str(props.get("ImageId") or "")
    if not image_id:
        raise AwsError("MissingParameter", "The request must contain the parameter ImageId")
    if not _IMAGE_ID.match(image_id):
        raise AwsError("InvalidAMIID.Malformed", f'Invalid id: "{image_id}"')
    image = ami.find(image_id)
    if image is None:
        raise AwsError("InvalidAMIID.NotFound", f"The image id '[{image_id}]' does not exist")
    return image


def _subnet(props: Record) -> Record:
    zone = props.get("AvailabilityZone")
    subnet_id = props.get("SubnetId")
    if not subnet_id:
        default = networking.default_subnet(zone)
        if default is None:
            raise AwsError("InvalidParameterValue", f"Invalid availability zone: [{zone}]")
        return default
    subnet = networking.subnet(str(subnet_id))
    if subnet is None:
        raise AwsError("InvalidSubnetID.NotFound", f"The subnet ID '{subnet_id}' does not exist")
    if zone and zone != subnet["AvailabilityZone"]:
        raise AwsError(
            "InvalidParameterValue",
            f"The availability zone {zone} does not match the zone "
            f"{subnet['AvailabilityZone']} of the subnet {subnet_id}",
        )
    return subnet


def _groups(props: Record, subnet_id: str) -> list[str]:
    vpc_id = str((networking.subnet(subnet_id) or {}).get("VpcId", ""))
    ids = [str(group) for group in props.get("SecurityGroupIds") or []]
    if not ids:
        return [networking.default_group_of(vpc_id)]
    for group_id in ids:
        group = networking.security_group(group_id)
        if group is None:
            raise AwsError(
                "InvalidGroup.NotFound", f"The security group '{group_id}' does not exist"
            )
        if group["VpcId"] != vpc_id:
            raise AwsError(
                "InvalidParameter",
                f"Security group {group_id} and subnet {subnet_id} belong to different networks.",
            )
    return ids


def _group_references(ids: list[str]) -> list[Record]:
    return [
        {
            "GroupId": group,
            "GroupName": (networking.security_group(group) or {}).get("GroupName", ""),
        }
        for group in ids
    ]


def _profile(props: Record) -> Record | None:
    name = str(props.get("IamInstanceProfile") or "")
    if not name:
        return None
    profile = iam.instance_profile(name=name)
    if profile is None:
        raise AwsError(
            "InvalidParameterValue",
            f"Value ({name}) for parameter iamInstanceProfile.name is invalid. "
            "Invalid IAM Instance Profile name",
        )
    return iam.profile_reference(profile)


def _user_data(props: Record) -> str:
    data = str(props.get("UserData") or "")
    try:
        base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise AwsError("InvalidParameterValue", "Invalid BASE64 encoding of user data.") from error
    return data


def _free_address(subnet: Record) -> str:
    network = ipaddress.ip_network(subnet["CidrBlock"])
    taken = {
        record["PrivateIpAddress"]
        for record in ec2.instances().values()
        if record["SubnetId"] == subnet["SubnetId"] and record["State"]["Name"] != "terminated"
    }
    for index, address in enumerate(network):
        if index < RESERVED_ADDRESSES or address == network.broadcast_address:
            continue
        if str(address) not in taken:
            return str(address)
    raise AwsError(
        "InsufficientFreeAddressesInSubnet",
        f"Insufficient free addresses in subnet '{subnet['SubnetId']}'.",
    )


def _place(record: Record, image: Record, subnet: Record, groups: list[str]) -> None:
    """What MiniStack fills in the same way for every instance."""
    region = scope.region()
    vpc = networking.vpc(subnet["VpcId"]) or {}
    private_ip = record["PrivateIpAddress"]
    zone_suffix = "ec2.internal" if region == "us-east-1" else f"{region}.compute.internal"
    record["VpcId"] = subnet["VpcId"]
    record["Placement"]["AvailabilityZone"] = subnet["AvailabilityZone"]
    record["PrivateDnsName"] = f"ip-{private_ip.replace('.', '-')}.{zone_suffix}"
    record["Architecture"] = image["Architecture"]
    record["Platform"] = image["Platform"]
    record["RootDeviceName"] = image["RootDeviceName"]
    record["SecurityGroups"] = _group_references(groups)
    if not subnet.get("MapPublicIpOnLaunch"):
        record["PublicIpAddress"] = record["PublicDnsName"] = ""
        return
    public_suffix = "compute-1" if region == "us-east-1" else f"{region}.compute"
    # A public name exists only where the VPC hands out host names.
    named = vpc.get("IsDefault") or vpc.get("EnableDnsHostnames")
    record["PublicDnsName"] = (
        f"ec2-{record['PublicIpAddress'].replace('.', '-')}.{public_suffix}.amazonaws.com"
        if named
        else ""
    )


def _attach_volumes(record: Record, image: Record, props: Record) -> None:
    created = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    zone = record["Placement"]["AvailabilityZone"]
    root = record["BlockDeviceMappings"][0]
    root["DeviceName"] = image["RootDeviceName"]
    root_volume = ec2.volume(root["Ebs"]["VolumeId"]) or {}
    root_volume["AvailabilityZone"] = zone
    root_volume["Attachments"][0]["Device"] = image["RootDeviceName"]
    for mapping in props.get("BlockDeviceMappings") or []:
        ebs = mapping.get("Ebs")
        if not ebs:
            continue
        entry = root
        if mapping["DeviceName"] != image["RootDeviceName"]:
            volume = ec2.add_volume(zone, record["InstanceId"], mapping["DeviceName"], created)
            entry = {
                "DeviceName": mapping["DeviceName"],
                "Ebs": {
                    "VolumeId": volume["VolumeId"],
                    "Status": "attached",
                    "AttachTime": created,
                },
            }
            record["BlockDeviceMappings"].append(entry)
        _shape_volume(entry, ebs)
    if _is_true(props.get("PropagateTagsToVolumeOnCreation", False)):
        for entry in record["BlockDeviceMappings"]:
            ec2.set_tags(entry["Ebs"]["VolumeId"], props)


def _shape_volume(entry: Record, ebs: Record) -> None:
    volume: Record = ec2.volume(entry["Ebs"]["VolumeId"]) or {}
    volume["Encrypted"] = _is_true(ebs.get("Encrypted", volume["Encrypted"]))
    volume["VolumeType"] = ebs.get("VolumeType", volume["VolumeType"])
    volume["Size"] = int(ebs.get("VolumeSize") or volume["Size"])
    volume["Iops"] = int(ebs.get("Iops") or volume["Iops"])
    kept = _is_true(ebs.get("DeleteOnTermination", True))
    entry["Ebs"]["DeleteOnTermination"] = volume["Attachments"][0]["DeleteOnTermination"] = kept


def _metadata_options(props: Record) -> Record:
    """EC2's answer to what the template asks; "optional" is EC2's default for the tokens."""
    given = props.get("MetadataOptions") or {}
    return {
        "State": "applied",
        "HttpTokens": given.get("HttpTokens", "optional"),
        "HttpPutResponseHopLimit": int(given.get("HttpPutResponseHopLimit", 1)),
        "HttpEndpoint": given.get("HttpEndpoint", "enabled"),
        "HttpProtocolIpv6": given.get("HttpProtocolIpv6", "disabled"),
        "InstanceMetadataTags": given.get("InstanceMetadataTags", "disabled"),
    }


def extra_xml(record: Record) -> str:
    """The parts of an instance that MiniStack's DescribeInstances leaves out."""
    options = record.get("MetadataOptions")
    parts = []
    if options:
        fields = "".join(
            f"<{name[0].lower()}{name[1:]}>{escape(str(value))}</{name[0].lower()}{name[1:]}>"
            for name, value in options.items()
        )
        parts.append(f"<metadataOptions>{fields}</metadataOptions>")
    if record.get("Platform"):
        parts.append(f"<platform>{escape(record['Platform'])}</platform>")
    return "".join(parts)


def _attributes(record: Record) -> Record:
    return {
        "InstanceId": record["InstanceId"],
        "AvailabilityZone": record["Placement"]["AvailabilityZone"],
        "PrivateDnsName": record["PrivateDnsName"],
        "PrivateIp": record["PrivateIpAddress"],
        "PublicDnsName": record["PublicDnsName"],
        "PublicIp": record["PublicIpAddress"],
        "VpcId": record["VpcId"],
    }


def _is_true(value: Any) -> bool:
    """Templates hold booleans as such or as the text "true"."""
    return str(value).lower() == "true"
