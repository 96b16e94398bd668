"""Which managed nodes an association runs on."""

from collections.abc import Mapping, Sequence

from oelab.systems_manager.targets import AllNodes, Nodes, ResourceGroup, Tags


class InventoryTargets:
    """The targets of an association, made by one of the methods below."""

    @staticmethod
    def tag(key: str, *values: str) -> Tags:
        """Nodes whose tag `key` has one of `values` (1 to 50)."""
        return Tags({key: values})

    @staticmethod
    def tags(tags: Mapping[str, Sequence[str]]) -> Tags:
        """Nodes that carry every one of 1 to 5 tag keys, each with one of its 1 to 50 values."""
        return Tags({key: tuple(values) for key, values in tags.items()})

    @staticmethod
    def instances(*instance_ids: str) -> Nodes:
        """1 to 50 nodes by id: `i-…` for EC2 instances, `mi-…` for others."""
        return Nodes(instance_ids)

    @staticmethod
    def resource_group(name: str) -> ResourceGroup:
        """The nodes of one resource group."""
        return ResourceGroup(name)

    @staticmethod
    def all_nodes() -> AllNodes:
        """Every managed node of the account and Region, as far as no explicit one reaches it.

        An account and Region holds one such inventory association at most.
        """
        return AllNodes()
