"""What a change does, or does not do, though one would think so: each a sentence for a reviewer."""

from collections.abc import Iterator

from oelab.diff.assembly import Stack
from oelab.diff.effects import KEPT, Effect, Replacement
from oelab.diff.network_rules import groups_that_close
from oelab.diff.transition import Transition
from oelab.diff.values import mappings_asked, references
from oelab.systems_manager.documents import INVENTORY_DOCUMENT


def surprises(change: Transition) -> Iterator[str]:
    """What follows from the changes of a stack unsaid."""
    yield from _public_addresses(change)
    yield from _closed_groups(change)
    yield from _renamed_associations(change)
    yield from _user_data(change)
    yield from _images(change)
    yield from _new_regions(change)
    yield from _environment(change)
    yield from _kept(change)


def _public_addresses(change: Transition) -> Iterator[str]:
    """Source: VPC User Guide, "Modify the IP addressing attributes of your subnet"."""
    name = "MapPublicIpOnLaunch"
    for subnet in change.those(Effect.CHANGED, of="AWS::EC2::Subnet"):
        before, public = (
            str(side(subnet, name)).lower() == "true" for side in (change.before, change.after)
        )
        if before == public or _translates(change.head if public else change.base):
            continue
        instances = [
            logical_id
            for logical_id, resource in sorted(change.head.resources.items())
            if resource["Type"] == "AWS::EC2::Instance"
            and logical_id in change.base.resources
            and change.stays(logical_id)
            and subnet in references(change.head.properties(logical_id).get("SubnetId"))
        ]
        why = (
            "get no public address, without which an internet gateway lets nothing in or out"
            if public
            else "keep their public addresses, and their internet gateway cannot be detached"
        )
        if instances:
            yield (
                f"will not work: {', '.join(instances)} {why}, as {subnet} gives addresses at "
                "launch alone; delete the stack and deploy it again"
            )


def _translates(stack: Stack) -> bool:
    """Whether there is a NAT gateway, by which instances without a public address get out."""
    return any(resource["Type"] == "AWS::EC2::NatGateway" for resource in stack.resources.values())


def _closed_groups(change: Transition) -> Iterator[str]:
    """Source: AWS::EC2::SecurityGroup in the CloudFormation reference."""
    for group in sorted(filter(change.stays, groups_that_close(change.base, change.head))):
        yield (
            f"will not work: {group} lets nothing out any more, not even to Systems Manager: "
            "EC2 adds its rule for all traffic to a new group alone; write the rule out"
        )


def _renamed_associations(change: Transition) -> Iterator[str]:
    """Source: Systems Manager User Guide, "Configuring inventory collection"."""
    for old, new in change.meeting("AWS::SSM::Association"):
        gathers = change.after(new, "Name") == INVENTORY_DOCUMENT
        if gathers and all(change.share(old, new, each) for each in ("Name", "Targets")):
            yield (
                f"{new} is made, and runs, before {old} is deleted: the inventory of their "
                "nodes fails until the next run, and with all nodes as targets the deployment "
                "does; an association keeps its id with its name"
            )


def _user_data(change: Transition) -> Iterator[str]:
    """Source: EC2 User Guide, "Run commands when you launch an EC2 instance"."""
    kept = [
        logical_id
        for logical_id in change.those(Effect.STOPPED, of="AWS::EC2::Instance")
        if any(each.name == "UserData" for each in change.by_id[logical_id].properties)
    ]
    if kept:
        yield (
            f"has no effect on {', '.join(kept)} where they are not replaced: user data runs "
            "at an instance's first start alone, unless it says otherwise itself"
        )


def _images(change: Transition) -> Iterator[str]:
    """An image is create-only, so it is in doubt where one side is a parameter."""
    doubtful = [
        logical_id
        for logical_id, resource in sorted(change.by_id.items())
        for each in resource.properties
        if resource.effect is not Effect.REPLACED
        if each.name == "ImageId" and each.replacement is Replacement.MAYBE
        if not each.because_of
    ]
    if doubtful:
        yield (
            f"{', '.join(doubtful)} are replaced unless they run the new image already, which "
            "a parameter of Systems Manager tells at the deployment alone; `cdk diff` with "
            "credentials knows"
        )


def _new_regions(change: Transition) -> Iterator[str]:
    """What a mapping says of a Region that it did not tell of is compared with nothing."""
    asked = mappings_asked(change.head.template.get("Resources"))
    before = change.base.template.get("Mappings", {})
    for name, mapping in change.head.template.get("Mappings", {}).items():
        new = [key for key in mapping if key not in before.get(name, mapping)]
        if new and name in asked:
            yield (
                f"the mapping {name} tells of {', '.join(new)} now: where a stack stands there "
                "already, what asks for it may be replaced"
            )


def _environment(change: Transition) -> Iterator[str]:
    """Of a stack whose environment the app gives for the first time, or no longer."""
    if change.base.environment != change.head.environment:
        yield (
            "the environment was, or will be, that of whoever deploys: where it is another, the "
            "stack stays as it is there, and a new one is made here"
        )


def _kept(change: Transition) -> Iterator[str]:
    """Source: "UpdateReplacePolicy attribute" in the CloudFormation reference."""
    for logical_id in change.those(Effect.REPLACED):
        if change.head.resources[logical_id].get("UpdateReplacePolicy") in KEPT:
            yield f"{logical_id} is replaced, and the old one stays with all that it holds"
