"""What a change asks for that AWS will not do, or not as one would think: sentences for a reviewer.

CloudFormation makes the new resource before it deletes the old one, and judges by properties alone.
"""

import ipaddress
from collections.abc import Iterator
from typing import Any

from oelab.changes.assembly import Stack
from oelab.changes.effects import KEPT, Effect, Replacement
from oelab.changes.resources import ResourceChange
from oelab.changes.values import references, text, written_out
from oelab.systems_manager import INVENTORY_DOCUMENT

_AGAIN = "delete the stack and deploy it again"


def obstacles(base: Stack, head: Stack, resources: tuple[ResourceChange, ...]) -> tuple[str, ...]:
    """What stands against these changes of a stack, or follows from them unsaid."""
    change = _Change(base, head, resources)
    return (
        *change.gateways(),
        *change.ranges(),
        *change.public_addresses(),
        *change.renamed_associations(),
        *change.images(),
        *change.kept(),
    )


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
            for old in self._with(Effect.DELETED, Effect.REPLACED, of=resource_type):
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

    def gateways(self) -> Iterator[str]:
        """Source: EC2 API Reference, AttachInternetGateway."""
        for old, new in self._meeting("AWS::EC2::VPCGatewayAttachment"):
            if self._share(old, new, "InternetGatewayId"):
                gateway = text(self._head.properties(new)["InternetGatewayId"])
                yield (
                    f"cannot be deployed: {gateway} stays, and is attached to one VPC at a time, "
                    f"but the new {new} is made before the old {old} is deleted; {_AGAIN}"
                )

    def ranges(self) -> Iterator[str]:
        """Source: AWS::EC2::Subnet in the CloudFormation reference, AvailabilityZone."""
        for old, new in self._meeting("AWS::EC2::Subnet"):
            before, after = self._before(old, "CidrBlock"), self._after(new, "CidrBlock")
            if self._share(old, new, "VpcId") and _overlap(before, after):
                yield (
                    f"cannot be deployed: the new {new} is made before the old {old} is deleted, "
                    f"and their ranges overlap; take a range beside the old one, or {_AGAIN}"
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

    def images(self) -> Iterator[str]:
        """An image is create-only, so it is in doubt where one side is a parameter alone."""
        doubtful = [
            logical_id
            for logical_id, change in sorted(self._changes.items())
            for each in change.properties
            if each.name == "ImageId" and each.replacement is Replacement.MAYBE
            if not each.because_of
        ]
        if doubtful:
            yield (
                f"{', '.join(doubtful)} are replaced unless they run the new image already: one "
                "version names an id and the other a parameter, whose value is known at the "
                "deployment; `cdk diff` with credentials tells"
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
