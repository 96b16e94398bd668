"""Which managed nodes an association runs on."""

from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk.interfaces.aws_ec2 import IInstanceRef
from aws_cdk.interfaces.aws_resourcegroups import IGroupRef

from oelab.systems_manager.targets import AllNodes, Nodes, ResourceGroup, Tags


class InventoryTargets:
    """The targets of an association, made by one of the methods below.

    What State Manager would refuse is reported by the association that gets the targets.
    """

    @staticmethod
    def tag(key: str, *values: str) -> Tags:
        """Nodes whose tag `key` has one of `values` (1 to 50)."""
        # What is no text may not even be a key of a table; the association then refuses it all.
        return Tags({key: values} if isinstance(key, str) else repr(key))

    @staticmethod
    def tags(tags: Mapping[str, Sequence[str]]) -> Tags:
        """Nodes that carry every one of 1 to 5 tag keys, each with one of its 1 to 50 values."""
        return Tags(tags)

    @staticmethod
    def instances(*instance_ids: str | IInstanceRef) -> Nodes:
        """1 to 50 nodes: instances, or ids, which are `i-…` for EC2 instances and `mi-…` for
        others."""
        return Nodes(tuple(_name_of(each, "instance_ref", "instance_id") for each in instance_ids))

    @staticmethod
    def resource_group(group: str | IGroupRef) -> ResourceGroup:
        """The nodes of one resource group, by its name or itself."""
        return ResourceGroup(_name_of(group, "group_ref", "group_name"))

    @staticmethod
    def all_nodes() -> AllNodes:
        """Every managed node of the account and Region, as far as no explicit one reaches it.

        An account and Region holds one such inventory association at most.
        """
        return AllNodes()


def _name_of(given: Any, reference: str, attribute: str) -> Any:
    """Of a construct an attribute of its reference; anything else as it is."""
    found = getattr(given, reference, None)
    return getattr(found, attribute) if found else given
