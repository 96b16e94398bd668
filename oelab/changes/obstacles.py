"""What a change asks for that AWS will not do, or not as one would think: sentences for a reviewer.

CloudFormation makes the new resource before it deletes the old one, and judges by properties alone.
"""

import ipaddress
from collections.abc import Iterator
from typing import Any

from oelab.changes.assembly import Stack
from oelab.changes.effects import KEPT, Effect, Replacement
from oelab.changes.resources import ResourceChange
from oelab.changes.values import references

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

    def _with(self, effect: Effect, resource_type: str | None = None) -> list[str]:
        return [
            logical_id
            for logical_id, change in self._changes.items()
            if change.effect is effect and resource_type in (None, change.type)
        ]

    def _stays(self, logical_id: str) -> bool:
        """Whether it is there before and after the change, and the same."""
        change = self._changes.get(logical_id)
        return logical_id in self._base.resources and (
            change is None or change.effect not in (Effect.REPLACED, Effect.DELETED)
        )

    def gateways(self) -> Iterator[str]:
        """Source: EC2 API Reference, AttachInternetGateway."""
        for attachment in self._with(Effect.REPLACED, "AWS::EC2::VPCGatewayAttachment"):
            gateway = self._head.properties(attachment).get("InternetGatewayId")
            for each in sorted(filter(self._stays, references(gateway))):
                yield (
                    f"cannot be deployed: {each} stays, and is attached to one VPC at a time, but "
                    f"the new {attachment} is made before the old one is deleted; {_AGAIN}"
                )

    def ranges(self) -> Iterator[str]:
        """Source: AWS::EC2::Subnet in the CloudFormation reference, AvailabilityZone."""
        for subnet in self._with(Effect.REPLACED, "AWS::EC2::Subnet"):
            before, after = self._base.properties(subnet), self._head.properties(subnet)
            same_vpc = before.get("VpcId") == after.get("VpcId")
            if not same_vpc or not all(map(self._stays, references(after.get("VpcId")))):
                continue
            if _overlap(before.get("CidrBlock"), after.get("CidrBlock")):
                yield (
                    f"cannot be deployed: the new {subnet} is made before the old one is deleted, "
                    f"and their ranges overlap; take a range beside the old one, or {_AGAIN}"
                )

    def public_addresses(self) -> Iterator[str]:
        """Source: VPC User Guide, "Modify the IP addressing attributes of your subnet"."""
        for subnet, change in self._changes.items():
            names = {each.name for each in change.properties}
            if "MapPublicIpOnLaunch" not in names or not self._stays(subnet):
                continue
            instances = [
                logical_id
                for logical_id, resource in sorted(self._head.resources.items())
                if resource["Type"] == "AWS::EC2::Instance"
                and self._stays(logical_id)
                and subnet in references(self._head.properties(logical_id).get("SubnetId"))
            ]
            if instances:
                yield (
                    f"will not work: {', '.join(instances)} keep the public address that they "
                    f"have or lack, as {subnet} gives addresses at launch only; a gateway cannot "
                    "be detached from instances with one, and lets out none without; "
                    f"{_AGAIN}"
                )

    def renamed_associations(self) -> Iterator[str]:
        """Source: Systems Manager User Guide, "Configuring inventory collection"."""
        for new in self._with(Effect.ADDED, "AWS::SSM::Association"):
            for old in self._with(Effect.DELETED, "AWS::SSM::Association"):
                before, after = self._base.properties(old), self._head.properties(new)
                if before.get("Name") == after.get("Name"):
                    yield (
                        f"{new} is made, and runs, before {old} is deleted: where both target a "
                        "node its inventory fails until the next run, and where both target all "
                        "nodes the deployment fails; an association keeps its id with its name"
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
    try:
        old, new = ipaddress.IPv4Network(before), ipaddress.IPv4Network(after)
    except ValueError:
        return bool(before == after)
    return old.overlaps(new)
