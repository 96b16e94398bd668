"""What AWS refuses and MiniStack accepts, for the types that a template here may use."""

import ipaddress
import json
import re
from typing import Any

from localaws.adapter import Record, cloudformation, iam, networking, s3, scope
from localaws.errors import AwsError, ResourceError
from localaws.iam_policy import identity_policy_fault, trust_policy_fault

_BUCKET_NAME = re.compile(r"^(?!xn--|sthree-)(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")
_BUCKET_SUFFIXES = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")


def install() -> None:
    cloudformation.install_resource_check("AWS::IAM::Role", _check_role)
    cloudformation.install_resource_check("AWS::IAM::ManagedPolicy", _check_managed_policy)
    cloudformation.install_resource_check("AWS::IAM::Policy", _check_policy)
    cloudformation.install_resource_check("AWS::IAM::InstanceProfile", _check_profile)
    cloudformation.install_resource_check("AWS::S3::Bucket", _check_bucket)
    cloudformation.install_resource_check("AWS::EC2::Subnet", _check_subnet)
    cloudformation.install_resource_check("AWS::EC2::SecurityGroup", _check_group)
    cloudformation.install_profile_names()
    cloudformation.install_resource_aftermath("AWS::S3::Bucket", _tag_bucket)


def _check_role(props: Record, old: Record | None) -> None:
    name = props.get("RoleName")
    if name and old is None and iam.role(name):
        raise _iam_failure(
            "EntityAlreadyExists", f"Role with name {name} already exists.", status=409
        )
    _refuse_malformed(trust_policy_fault(_document(props.get("AssumeRolePolicyDocument"))))
    for policy in props.get("Policies") or []:
        _refuse_malformed(identity_policy_fault(_document(policy.get("PolicyDocument"))))
    for arn in props.get("ManagedPolicyArns") or []:
        # MiniStack gives [""] for an empty CommaDelimitedList, which is an empty list on AWS.
        if arn and not iam.managed_policy_exists(arn):
            raise _iam_failure(
                "NoSuchEntity", f"Policy {arn} does not exist or is not attachable.", status=404
            )


def _check_managed_policy(props: Record, old: Record | None) -> None:
    name, path = props.get("ManagedPolicyName"), props.get("Path", "/")
    arn = f"arn:aws:iam::{scope.account_id()}:policy{path}{name}"
    if name and old is None and iam.managed_policy_exists(arn):
        raise _iam_failure(
            "EntityAlreadyExists", f"A policy called {name} already exists.", status=409
        )
    _check_policy(props, old)


def _check_policy(props: Record, _old: Record | None) -> None:
    _refuse_malformed(identity_policy_fault(_document(props.get("PolicyDocument"))))
    for name in props.get("Roles") or []:
        _require_role(name)


def _check_profile(props: Record, old: Record | None) -> None:
    name = props.get("InstanceProfileName")
    if name and old is None and iam.instance_profile(name=name):
        raise _iam_failure(
            "EntityAlreadyExists", f"Instance Profile {name} already exists.", status=409
        )
    for role in props.get("Roles") or []:
        _require_role(role)


def _require_role(name: str) -> None:
    if not iam.role(name):
        raise _iam_failure(
            "NoSuchEntity", f"The role with name {name} cannot be found.", status=404
        )


def _refuse_malformed(fault: str | None) -> None:
    if fault:
        raise _iam_failure("MalformedPolicyDocument", fault)


def _document(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except json.JSONDecodeError:
        return None


def _iam_failure(code: str, message: str, status: int = 400) -> ResourceError:
    return ResourceError("AmazonIdentityManagement", AwsError(code, message, status))


def _check_bucket(props: Record, _old: Record | None) -> None:
    """The bucket naming rules of the S3 user guide."""
    name = props.get("BucketName")
    if name is None:
        return
    if (
        not _BUCKET_NAME.match(name)
        or name.endswith(_BUCKET_SUFFIXES)
        or re.fullmatch(r"[0-9]+(\.[0-9]+){3}", name)
    ):
        raise ResourceError(
            "AmazonS3", AwsError("InvalidBucketName", "The specified bucket is not valid.")
        )


def _tag_bucket(name: str, props: Record) -> None:
    """MiniStack leaves a bucket's tags out."""
    tags = {tag["Key"]: str(tag.get("Value", "")) for tag in props.get("Tags") or []}
    s3.set_bucket_tags(name, tags)


def _check_subnet(props: Record, old: Record | None) -> None:
    vpc_id = str(props.get("VpcId"))
    vpc = networking.vpc(vpc_id)
    if vpc is None:
        raise _ec2_failure("InvalidVpcID.NotFound", f"The vpc ID '{vpc_id}' does not exist")
    block = props.get("CidrBlock")
    if old is not None or not block:
        return
    network = ipaddress.IPv4Network(block)
    if not network.subnet_of(ipaddress.IPv4Network(vpc["CidrBlock"])):
        raise _ec2_failure("InvalidSubnet.Range", f"The CIDR '{block}' is invalid.")
    for other in networking.subnets():
        if other["VpcId"] == vpc_id and network.overlaps(ipaddress.IPv4Network(other["CidrBlock"])):
            raise _ec2_failure(
                "InvalidSubnet.Conflict", f"The CIDR '{block}' conflicts with another subnet"
            )


def _check_group(props: Record, _old: Record | None) -> None:
    vpc_id = props.get("VpcId")
    if vpc_id and networking.vpc(vpc_id) is None:
        raise _ec2_failure("InvalidVpcID.NotFound", f"The vpc ID '{vpc_id}' does not exist")


def _ec2_failure(code: str, message: str) -> ResourceError:
    return ResourceError("AmazonEC2", AwsError(code, message))
