"""What a change asks for that AWS will not do, or not as one would think: sentences for a reviewer.

CloudFormation makes the new resource before it deletes the old one, and judges by properties alone.
"""

import ipaddress
import re
from collections.abc import Iterator
from typing import Any

from oelab.changes.assembly import Stack
from oelab.changes.effects import KEPT, Effect, Replacement
from oelab.changes.network_rules import groups_that_close
from oelab.changes.resources import ResourceChange
from oelab.changes.values import references, text, written_out
from oelab.systems_manager import INVENTORY_DOCUMENT

_GONE_LATER = (Effect.REPLACED, Effect.LEFT_BEHIND, Effect.DELETED)
_ONE_OF_A_KIND = {
    "AWS::EC2::Route": ("RouteTableId", "DestinationCidrBlock"),
    "AWS::EC2::SubnetRouteTableAssociation": ("SubnetId",),
    "AWS::EC2::VPCEndpoint": ("VpcId", "ServiceName"),
    "AWS::EC2::VPCGatewayAttachment": ("InternetGatewayId",),
    "AWS::IAM::InstanceProfile": ("InstanceProfileName",),
    "AWS::IAM::ManagedPolicy": ("ManagedPolicyName",),
    "AWS::IAM::Role": ("RoleName",),
    "AWS::S3::Bucket": ("BucketName",),
    "AWS::S3::BucketPolicy": ("Bucket",),
    "AWS::SSM::ResourceDataSync": ("SyncName",),
}
"""The properties that no two resources may share at a time, for the types that the app defines."""
_ONE_FOR_ALL_REGIONS = (
    "AWS::IAM::InstanceProfile",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Role",
    "AWS::S3::Bucket",
)
_REGION = re.compile(r"[a-z]+(-[a-z]+)+-\d")
_AGAIN = "delete the stack and deploy it again"


def obstacles(base: Stack, head: Stack, resources: tuple[ResourceChange, ...]) -> tuple[str, ...]:
    """What stands against these changes of a stack, or follows from them unsaid."""
    change = _Change(base, head, resources)
    return (
        *change.twins(),
        *change.ranges(),
        *change.lost_regions(),
        *change.public_addresses(),
        *change.closed_groups(),
        *change.renamed_associations(),
        *change.user_data(),
        *change.images(),
        *change.kept(),
    )


def names_taken(base: Stack, head: Stack) -> Iterator[str]:
    """Why a stack cannot be made in another Region while the one before is there.

    Names of IAM are one for all Regions of an account, those of buckets for all accounts.
    """
    for resource_type in _ONE_FOR_ALL_REGIONS:
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


class _Change:
    def __init__(self, base: Stack, head: Stack, resources: tuple[ResourceChange, ...]) -> None:
        self._base, self._head = base, head
        self._changes = {change.logical_id: change for change in resources}

    def _with(self, *effects: Effect, of: str = "") -> list[str]:
        return [
            logical_id
            for logical_id, change in self._changes.items()
            if change.effect in effects and of in ("", change.type)
        ]

    def _meeting(self, resource_type: str) -> Iterator[tuple[str, str]]:
        """Each old resource of a type that is still there when each new one is made."""
        for new in self._with(Effect.ADDED, Effect.REPLACED, of=resource_type):
            for old in self._with(*_GONE_LATER, of=resource_type):
                yield old, new

    def _before(self, logical_id: str, name: str) -> Any:
        return written_out(self._base.properties(logical_id).get(name), self._base.template)

    def _after(self, logical_id: str, name: str) -> Any:
        return written_out(self._head.properties(logical_id).get(name), self._head.template)

    def _stays(self, name: str) -> bool:
        """Whether a resource, or what else a reference names, is the same before and after."""
        if name not in self._base.resources:
            return name not in self._head.resources
        change = self._changes.get(name)
        return change is None or change.effect not in (Effect.REPLACED, Effect.DELETED)

    def _share(self, old: str, new: str, name: str) -> bool:
        """Whether both have the same value of a property, which stays."""
        same = self._before(old, name) == self._after(new, name) is not None
        used = references(self._head.properties(new).get(name))
        return same and all(map(self._stays, used))

    def ranges(self) -> Iterator[str]:
        """Source: AWS::EC2::Subnet in the CloudFormation reference, AvailabilityZone."""
        for old, new in self._meeting("AWS::EC2::Subnet"):
            before, after = self._before(old, "CidrBlock"), self._after(new, "CidrBlock")
            if self._share(old, new, "VpcId") and _overlap(before, after):
                yield (
                    f"cannot be deployed: the new {new} is made before the old {old} is deleted, "
                    f"and their ranges overlap; take a range beside the old one, or {_AGAIN}"
                )

    def twins(self) -> Iterator[str]:
        """Source: for names, "Name type" in the CloudFormation reference."""
        for resource_type, names in _ONE_OF_A_KIND.items():
            for old, new in self._meeting(resource_type):
                if all(self._share(old, new, name) for name in names):
                    same = (text(self._head.properties(new)[name]) for name in names)
                    yield (
                        f"cannot be deployed: the new {new} is made before the old {old} is "
                        f"deleted, and there can be but one with {' and '.join(names)} "
                        f"{', '.join(same)}; let it differ, keep the old one, or {_AGAIN}"
                    )

    def lost_regions(self) -> Iterator[str]:
        """Source: "Fn::FindInMap" in the CloudFormation reference."""
        for name, mapping in self._head.template.get("Mappings", {}).items():
            before = self._base.template.get("Mappings", {}).get(name, {})
            gone = [key for key in before if key not in mapping and _REGION.fullmatch(key)]
            _, _, region = self._head.environment.partition("/")
            if gone and region in ("", *gone):
                yield (
                    f"cannot be deployed in {', '.join(gone)} any more: the mapping {name} has no "
                    "such key, and what stands there asks for it"
                )

    def public_addresses(self) -> Iterator[str]:
        """Source: VPC User Guide, "Modify the IP addressing attributes of your subnet"."""
        name = "MapPublicIpOnLaunch"
        for subnet in self._with(Effect.CHANGED, of="AWS::EC2::Subnet"):
            if (self._before(subnet, name) or False) == (self._after(subnet, name) or False):
                continue
            instances = [
                logical_id
                for logical_id, resource in sorted(self._head.resources.items())
                if resource["Type"] == "AWS::EC2::Instance"
                and logical_id in self._base.resources
                and self._stays(logical_id)
                and subnet in references(self._head.properties(logical_id).get("SubnetId"))
            ]
            if instances:
                yield (
                    f"will not work: {', '.join(instances)} keep the public address that they "
                    f"have or lack, as {subnet} gives addresses at launch only, and an internet "
                    f"gateway lets out, and goes from, nothing else; {_AGAIN}"
                )

    def closed_groups(self) -> Iterator[str]:
        """Source: AWS::EC2::SecurityGroup in the CloudFormation reference."""
        for group in sorted(filter(self._stays, groups_that_close(self._base, self._head))):
            yield (
                f"will not work: {group} lets nothing out any more, not even to Systems Manager: "
                "EC2 adds its rule for all traffic to a new group alone; write the rule out"
            )

    def renamed_associations(self) -> Iterator[str]:
        """Source: Systems Manager User Guide, "Configuring inventory collection"."""
        for old, new in self._meeting("AWS::SSM::Association"):
            gathers = self._after(new, "Name") == INVENTORY_DOCUMENT
            if gathers and all(self._share(old, new, each) for each in ("Name", "Targets")):
                yield (
                    f"{new} is made, and runs, before {old} is deleted: the inventory of their "
                    "nodes fails until the next run, and with all nodes as targets the deployment "
                    "does; an association keeps its id with its name"
                )

    def user_data(self) -> Iterator[str]:
        """Source: EC2 User Guide, "Run commands when you launch an EC2 instance"."""
        kept = [
            logical_id
            for logical_id in self._with(Effect.STOPPED, of="AWS::EC2::Instance")
            if any(each.name == "UserData" for each in self._changes[logical_id].properties)
        ]
        if kept:
            yield (
                f"has no effect on {', '.join(kept)} where they are not replaced: user data runs "
                "at an instance's first start alone, unless it says otherwise itself"
            )

    def images(self) -> Iterator[str]:
        """An image is create-only, so it is in doubt where one side is a parameter."""
        doubtful = [
            logical_id
            for logical_id, change in sorted(self._changes.items())
            for each in change.properties
            if each.name == "ImageId" and each.replacement is Replacement.MAYBE
            if not each.because_of
        ]
        if doubtful:
            yield (
                f"{', '.join(doubtful)} are replaced unless they run the new image already, which "
                "a parameter of Systems Manager tells at the deployment alone; `cdk diff` with "
                "credentials knows"
            )

    def kept(self) -> Iterator[str]:
        """Source: "UpdateReplacePolicy attribute" in the CloudFormation reference."""
        for logical_id in self._with(Effect.REPLACED):
            if self._head.resources[logical_id].get("UpdateReplacePolicy") in KEPT:
                yield f"{logical_id} is replaced, and the old one stays with all that it holds"


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
