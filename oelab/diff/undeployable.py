"""What looks deployable and is not, each in a sentence for a reviewer."""

import ipaddress
from collections.abc import Iterator
from typing import Any

from oelab.constraints.ec2 import REGION_NAME
from oelab.diff.assembly import Stack
from oelab.diff.transition import Transition
from oelab.diff.values import mappings_asked, references, text, written_out

_NAMES = {
    "AWS::IAM::InstanceProfile": "InstanceProfileName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Role": "RoleName",
    "AWS::S3::Bucket": "BucketName",
}
_ONE_OF_A_KIND = (
    *((resource_type, (name,)) for resource_type, name in _NAMES.items()),
    ("AWS::EC2::Route", ("RouteTableId", "DestinationCidrBlock")),
    ("AWS::EC2::Route", ("RouteTableId", "DestinationIpv6CidrBlock")),
    ("AWS::EC2::SubnetRouteTableAssociation", ("SubnetId", "RouteTableId")),
    ("AWS::S3::BucketPolicy", ("Bucket",)),
)
"""The properties that no two resources may share at a time, for the types that the app defines."""
_AGAIN = "delete the stack and deploy it again"


def undeployable(change: Transition) -> Iterator[str]:
    """Why a stack cannot be updated so."""
    yield from _twins(change)
    yield from _gateways(change)
    yield from _ranges(change)
    yield from _lost_regions(change)


def names_taken(base: Stack, head: Stack) -> Iterator[str]:
    """Why a stack cannot be made in another environment while the one before is there.

    Names of IAM are one for all Regions of an account, those of buckets for all accounts.
    """
    differing = _differing(base, head)
    for resource_type, name in _NAMES.items():
        if resource_type.startswith("AWS::IAM::") and "AWS::AccountId" in differing:
            continue
        taken = {text(value): old for old, value in _values(base, resource_type, name)}
        for new, value in _values(head, resource_type, name):
            if text(value) in taken and not differing & references(value):
                yield (
                    f"cannot be deployed: {new} would bear the name {text(value)}, which "
                    f"{taken[text(value)]} keeps; give it another, or set region_suffix"
                )


def _differing(base: Stack, head: Stack) -> set[str]:
    """The pseudo parameters that are another in another environment."""
    sides = (base.environment.split("/"), head.environment.split("/"))
    names = ("AWS::AccountId", "AWS::Region")
    changed = {name for name, *both in zip(names, *sides, strict=True) if both[0] != both[1]}
    return {"AWS::StackId", *changed}


def _values(stack: Stack, resource_type: str, name: str) -> Iterator[tuple[str, Any]]:
    for logical_id, resource in sorted(stack.resources.items()):
        if resource["Type"] == resource_type and name in stack.properties(logical_id):
            yield logical_id, written_out(stack.properties(logical_id)[name], stack.template)


def _twins(change: Transition) -> Iterator[str]:
    """Source: for names, "Name type" in the CloudFormation reference."""
    for resource_type, names in _ONE_OF_A_KIND:
        for old, new in change.meeting(resource_type):
            if all(change.share(old, new, name) for name in names):
                same = (text(change.head.properties(new)[name]) for name in names)
                yield (
                    f"{change.cannot(old, new)}: the new {new} is made before the old {old} is "
                    f"deleted, and there can be but one with {' and '.join(names)} "
                    f"{', '.join(same)}; let it differ, keep the old one, or {_AGAIN}"
                )


def _gateways(change: Transition) -> Iterator[str]:
    """Source: EC2 API Reference, AttachInternetGateway."""
    for old, new in change.meeting("AWS::EC2::VPCGatewayAttachment"):
        of_internet = all(
            "InternetGatewayId" in side.properties(logical_id)
            for side, logical_id in ((change.base, old), (change.head, new))
        )
        if of_internet and any(
            change.share(old, new, name) for name in ("InternetGatewayId", "VpcId")
        ):
            yield (
                f"{change.cannot(old, new)}: the new {new} is made before the old {old} is "
                "deleted, and a VPC has one internet gateway at a time, and a gateway one VPC; "
                f"{_AGAIN}"
            )


def _ranges(change: Transition) -> Iterator[str]:
    """Source: AWS::EC2::Subnet in the CloudFormation reference, AvailabilityZone."""
    for old, new in change.meeting("AWS::EC2::Subnet"):
        before, after = change.before(old, "CidrBlock"), change.after(new, "CidrBlock")
        if change.share(old, new, "VpcId") and _overlap(before, after):
            yield (
                f"{change.cannot(old, new)}: the new {new} is made before the old {old} is "
                f"deleted, and their ranges overlap; take a range beside the old one, or {_AGAIN}"
            )


def _lost_regions(change: Transition) -> Iterator[str]:
    """Source: "Fn::FindInMap" in the CloudFormation reference."""
    asked = mappings_asked(change.head.template.get("Resources"))
    for name, mapping in change.head.template.get("Mappings", {}).items():
        before = change.base.template.get("Mappings", {}).get(name, {})
        gone = [
            key for key in before if key not in mapping and not any(REGION_NAME.findings(name, key))
        ]
        _, _, region = change.head.environment.partition("/")
        if gone and region in ("", *gone) and name in asked:
            yield (
                f"cannot be deployed in {', '.join(gone)} any more: the mapping {name} has no "
                "such key, and what stands there asks for it"
            )


def _overlap(before: Any, after: Any) -> bool:
    """Whether two ranges do, as far as they are known: a parameter has its default."""
    try:
        old, new = (ipaddress.IPv4Network(each) for each in (before, after))
    except ValueError:
        return False
    return old.overlaps(new)
