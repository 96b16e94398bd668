"""What looks deployable and is not, each in a sentence for a reviewer."""

import ipaddress
import re
from collections.abc import Iterator
from typing import Any

from oelab.changes.assembly import Stack
from oelab.changes.transition import Transition
from oelab.changes.values import references, text

_BUCKET = "AWS::S3::Bucket"
_ONE_OF_A_KIND = {
    "AWS::EC2::Route": ("RouteTableId", "DestinationCidrBlock"),
    "AWS::EC2::SubnetRouteTableAssociation": ("SubnetId",),
    "AWS::EC2::VPCEndpoint": ("VpcId", "ServiceName"),
    "AWS::EC2::VPCGatewayAttachment": ("InternetGatewayId",),
    "AWS::IAM::InstanceProfile": ("InstanceProfileName",),
    "AWS::IAM::ManagedPolicy": ("ManagedPolicyName",),
    "AWS::IAM::Role": ("RoleName",),
    _BUCKET: ("BucketName",),
    "AWS::S3::BucketPolicy": ("Bucket",),
    "AWS::SSM::ResourceDataSync": ("SyncName",),
}
"""The properties that no two resources may share at a time, for the types that the app defines."""
_OF_IAM = ("AWS::IAM::InstanceProfile", "AWS::IAM::ManagedPolicy", "AWS::IAM::Role")
_REGION = re.compile(r"[a-z]+(-[a-z]+)+-\d")
_AGAIN = "delete the stack and deploy it again"


def undeployable(change: Transition) -> Iterator[str]:
    """Why a stack cannot be updated so."""
    yield from _twins(change)
    yield from _ranges(change)
    yield from _lost_regions(change)


def names_taken(base: Stack, head: Stack) -> Iterator[str]:
    """Why a stack cannot be made in another environment while the one before is there.

    Names of IAM are one for all Regions of an account, those of buckets for all accounts.
    """
    accounts = {stack.environment.partition("/")[0] for stack in (base, head)}
    for resource_type in (_BUCKET, *(_OF_IAM if len(accounts) == 1 else ())):
        (name,) = _ONE_OF_A_KIND[resource_type]
        taken = {text(value): old for old, value in _values(base, resource_type, name)}
        for new, value in _values(head, resource_type, name):
            if text(value) in taken and "AWS::Region" not in references(value):
                yield (
                    f"cannot be deployed: {new} would bear the name {text(value)}, which "
                    f"{taken[text(value)]} keeps; give it another, or set region_suffix"
                )


def _values(stack: Stack, resource_type: str, name: str) -> Iterator[tuple[str, Any]]:
    for logical_id, resource in sorted(stack.resources.items()):
        if resource["Type"] == resource_type and name in stack.properties(logical_id):
            yield logical_id, stack.properties(logical_id)[name]


def _twins(change: Transition) -> Iterator[str]:
    """Source: for names, "Name type" in the CloudFormation reference."""
    for resource_type, names in _ONE_OF_A_KIND.items():
        for old, new in change.meeting(resource_type):
            if all(change.share(old, new, name) for name in names):
                same = (text(change.head.properties(new)[name]) for name in names)
                yield (
                    f"cannot be deployed: the new {new} is made before the old {old} is "
                    f"deleted, and there can be but one with {' and '.join(names)} "
                    f"{', '.join(same)}; let it differ, keep the old one, or {_AGAIN}"
                )


def _ranges(change: Transition) -> Iterator[str]:
    """Source: AWS::EC2::Subnet in the CloudFormation reference, AvailabilityZone."""
    for old, new in change.meeting("AWS::EC2::Subnet"):
        before, after = change.before(old, "CidrBlock"), change.after(new, "CidrBlock")
        if change.share(old, new, "VpcId") and _overlap(before, after):
            yield (
                f"cannot be deployed: the new {new} is made before the old {old} is deleted, "
                f"and their ranges overlap; take a range beside the old one, or {_AGAIN}"
            )


def _lost_regions(change: Transition) -> Iterator[str]:
    """Source: "Fn::FindInMap" in the CloudFormation reference."""
    for name, mapping in change.head.template.get("Mappings", {}).items():
        before = change.base.template.get("Mappings", {}).get(name, {})
        gone = [key for key in before if key not in mapping and _REGION.fullmatch(key)]
        _, _, region = change.head.environment.partition("/")
        if gone and region in ("", *gone):
            yield (
                f"cannot be deployed in {', '.join(gone)} any more: the mapping {name} has no "
                "such key, and what stands there asks for it"
            )


def _overlap(before: Any, after: Any) -> bool:
    """Whether two ranges do, as far as they are known: a parameter has its default."""
    try:
        old, new = (ipaddress.IPv4Network(_default(each)) for each in (before, after))
    except ValueError:
        return False
    return old.overlaps(new)


def _default(written: Any) -> Any:
    is_parameter = isinstance(written, dict) and written.keys() == {"Parameter"}
    return written["Parameter"]["Default"] if is_parameter else written
