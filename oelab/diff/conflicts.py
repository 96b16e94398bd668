"""New resources that AWS cannot create while the old ones exist.

CloudFormation deletes what is replaced or removed after it has created all that is new. Source:
"Update behaviors of stack resources" in the CloudFormation user guide, and "Name type" in the
template reference.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from oelab.diff.effects import CREATE_ONLY
from oelab.diff.stack_update import Definitions, properties
from oelab.systems_manager.documents import INVENTORY_DOCUMENT
from oelab.template.diagnostics import find_by_rules
from oelab.template.intrinsics import format_value, references

_CONFLICTS = ("E3019", "E3060")
"""Two resources have the same primary identifier by their schema, or two subnets overlap."""


def conflicts(
    old: Definitions, new: Definitions, *, changing: Collection[str] = ()
) -> Iterator[tuple[str, str]]:
    """The logical ids of each old resource and the new one that cannot be created next to it.

    A reference to one of `changing` is another value in an old resource than in a new one.
    """
    for new_id, definition in new.items():
        resource = _as_texts(definition)
        before = {
            old_id: _as_texts(each, changing)
            for old_id, each in old.items()
            if each["Type"] == definition["Type"]
        }
        # The engine reports the later of two subnets.
        both = {"New": resource} | {f"Old{old_id}": each for old_id, each in before.items()}
        rules = (*_CONFLICTS, CREATE_ONLY)
        found = find_by_rules(rules, {"Resources": both}, new_id) if before else ()
        refused = {each.logical_id for each in found if each.rule in _CONFLICTS}
        create_only = {each.property_path for each in found if each.rule == CREATE_ONLY}
        claims = _claims(resource, create_only)
        yield from (
            (old_id, new_id)
            for old_id, each in sorted(before.items())
            if f"Old{old_id}" in refused or claims & _claims(each, create_only)
        )


def _as_texts(definition: Mapping[str, Any], changing: Collection[str] = ()) -> dict[str, Any]:
    """A resource with its properties as texts, which are equal where they mean the same."""
    texts = {
        name: f"{format_value(value)}{' before' if references(value) & {*changing} else ''}"
        for name, value in properties(definition).items()
    }
    return {"Type": definition["Type"], "Properties": texts}


def _claims(resource: Mapping[str, Any], create_only: Collection[str | None]) -> set[Any]:
    """What only one resource may have at a time though it is no primary identifier.

    Of most types that is the custom name, such as the RoleName of AWS::IAM::Role. Source of the
    others: CreateRoute, AssociateRouteTable and AttachInternetGateway, EC2 API Reference, and
    "Configuring inventory collection", Systems Manager user guide.
    """
    found = resource["Properties"]
    keys: list[tuple[str, ...]] = []
    match resource["Type"]:
        case "AWS::EC2::Route":
            keys = [("RouteTableId", name) for name in found if name.startswith("Destination")]
        case "AWS::EC2::SubnetRouteTableAssociation":
            keys = [("SubnetId", "RouteTableId")]
        case "AWS::SSM::Association" if found.get("Name") == INVENTORY_DOCUMENT:
            # The inventory of a node that both target fails, and only one can target all nodes.
            keys = [("Targets",)]
        case "AWS::EC2::VPCGatewayAttachment" if "InternetGatewayId" in found:
            keys = [("InternetGatewayId",), ("VpcId",)]
        case str(resource_type):
            name = f"{resource_type.rpartition('::')[2]}Name"
            keys = [(name,)] if f"Properties.{name}" in create_only else []
    return {(key, *map(found.get, key)) for key in keys if {*key} <= {*found}}
