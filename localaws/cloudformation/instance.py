"""`AWS::EC2::Instance`, as its CloudFormation reference describes create, update and delete.

A launch fails, and the stack rolls back, with EC2's own error code where the image, the subnet, a
security group, the key pair or the instance profile does not exist. Not modelled: volumes, user
data that runs, an instance without a subnet, and the stop in the course of an update: a changed
type or user data is taken over while the instance keeps its addresses.
"""

import ipaddress
import itertools
from xml.sax.saxutils import escape

from localaws import images
from localaws.adapter import Record, cloudformation, ec2, iam, networking, scope
from localaws.errors import AwsError

# "Update requires: Replacement" in the resource's reference; everything else updates in place.
REPLACING = ("ImageId", "SubnetId", "KeyName", "BlockDeviceMappings")
DEFAULT_INSTANCE_TYPE = "m1.small"
# The first four addresses of a subnet and its last one belong to AWS.
RESERVED_ADDRESSES = 4


def install() -> None:
    cloudformation.install_resource_type(
        "AWS::EC2::Instance", create=create, update=update, delete=delete, replacing=REPLACING
    )
    ec2.install_instance_view(_platform_xml)


def create(props: Record) -> tuple[str, Record]:
    subnet_id, key_name = props.get("SubnetId", ""), props.get("KeyName", "")
    image = _existing(
        images.find(props["ImageId"]), "InvalidAMIID.NotFound", "image id", props["ImageId"]
    )
    subnet = _existing(
        networking.subnet(subnet_id), "InvalidSubnetID.NotFound", "subnet ID", subnet_id
    )
    if key_name and not ec2.key_pair_exists(key_name):
        raise _missing("InvalidKeyPair.NotFound", "key pair", key_name)
    record = ec2.launch_instance(
        image_id=props["ImageId"],
        instance_type=props.get("InstanceType", DEFAULT_INSTANCE_TYPE),
        subnet_id=subnet_id,
        key_name=key_name,
        user_data=props.get("UserData", ""),
        sg_ids=_security_groups(props, subnet["VpcId"]),
        requested_private_ip=_free_address(subnet),
        iam_profile=_profile(props),
    )
    record["MetadataOptions"] = props.get("MetadataOptions", {})
    record["Architecture"] = image["architecture"]
    record["Platform"] = image.get("platform", "")
    record["RootDeviceName"] = image["root_device"]
    _place(record, subnet)
    ec2.set_tags(record["InstanceId"], props)
    return record["InstanceId"], _attributes(record)


def update(instance_id: str, old: Record, new: Record) -> tuple[str, Record]:
    record = ec2.instances().get(instance_id)
    if record is None or record["State"]["Name"] == "terminated":
        raise _missing("InvalidInstanceID.NotFound", "instance ID", instance_id)
    # All that can fail comes first: a failed update must leave the instance as it was.
    groups, profile = _security_groups(new, record["VpcId"]), _profile(new)
    record["SecurityGroups"] = [
        {"GroupId": group_id, "GroupName": _security_group(group_id)["GroupName"]}
        for group_id in groups
    ]
    record["InstanceType"] = new.get("InstanceType", DEFAULT_INSTANCE_TYPE)
    record["UserData"] = new.get("UserData", "")
    record["MetadataOptions"] = new.get("MetadataOptions", {})
    if new.get("IamInstanceProfile") != old.get("IamInstanceProfile"):
        ec2.set_instance_profile(instance_id, profile)
    ec2.set_tags(instance_id, new, old)
    return instance_id, _attributes(record)


def delete(instance_id: str) -> None:
    ec2.terminate_instance(instance_id)


def _security_groups(props: Record, vpc_id: str) -> list[str]:
    """The ids of the security groups, or of the VPC's default one."""
    ids = props.get("SecurityGroupIds", [])
    for group_id in ids:
        if _security_group(group_id)["VpcId"] != vpc_id:
            raise AwsError(
                "InvalidParameter",
                f"Security group {group_id} and the subnet belong to different networks.",
            )
    return ids or [(networking.vpc(vpc_id) or {})["DefaultSecurityGroupId"]]


def _security_group(group_id: str) -> Record:
    found = networking.security_group(group_id)
    return _existing(found, "InvalidGroup.NotFound", "security group", group_id)


def _profile(props: Record) -> Record | None:
    name = props.get("IamInstanceProfile")
    if not name:
        return None
    profile = iam.instance_profile(name=name)
    if profile is None:
        raise AwsError(
            "InvalidParameterValue",
            f"Value ({name}) for parameter iamInstanceProfile.name is invalid. "
            "Invalid IAM Instance Profile name",
        )
    return {"Arn": profile["Arn"], "Id": profile["InstanceProfileId"]}


def _free_address(subnet: Record) -> str:
    taken = {
        record["PrivateIpAddress"]
        for record in ec2.instances().values()
        if record["SubnetId"] == subnet["SubnetId"] and record["State"]["Name"] != "terminated"
    }
    network = ipaddress.ip_network(subnet["CidrBlock"])
    assignable = itertools.islice(network, RESERVED_ADDRESSES, network.num_addresses - 1)
    address = next((str(each) for each in assignable if str(each) not in taken), "")
    if not address:
        raise AwsError(
            "InsufficientFreeAddressesInSubnet",
            f"Insufficient free addresses in subnet '{subnet['SubnetId']}'.",
        )
    return address


def _place(record: Record, subnet: Record) -> None:
    """Zone and names, which MiniStack fills in alike for every instance."""
    region = scope.region()
    is_first_region = region == "us-east-1"
    record["Placement"]["AvailabilityZone"] = subnet["AvailabilityZone"]
    suffix = "ec2.internal" if is_first_region else f"{region}.compute.internal"
    record["PrivateDnsName"] = f"ip-{_dashed(record['PrivateIpAddress'])}.{suffix}"
    if not subnet["MapPublicIpOnLaunch"]:
        record["PublicIpAddress"] = record["PublicDnsName"] = ""
        return
    # A public name exists only where the VPC hands out host names.
    vpc = networking.vpc(subnet["VpcId"]) or {}
    suffix = "compute-1" if is_first_region else f"{region}.compute"
    name = f"ec2-{_dashed(record['PublicIpAddress'])}.{suffix}.amazonaws.com"
    record["PublicDnsName"] = name if vpc.get("EnableDnsHostnames") else ""


def _dashed(address: str) -> str:
    return address.replace(".", "-")


def _platform_xml(record: Record) -> str:
    """DescribeInstances names the platform of Windows instances; MiniStack leaves it out."""
    platform = record.get("Platform")
    return f"<platform>{escape(platform)}</platform>" if platform else ""


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


def _existing(found: Record | None, code: str, kind: str, name: str) -> Record:
    if found is None:
        raise _missing(code, kind, name)
    return found


def _missing(code: str, kind: str, name: str) -> AwsError:
    return AwsError(code, f"The {kind} '{name}' does not exist")
