"""Which managed nodes an association runs on."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from aws_cdk import aws_ssm as ssm

from oelab.constraints import ssm as ssm_rules
from oelab.findings import Finding


@dataclass(frozen=True)
class InventoryTargets:
    """The targets of an association, made by one of the methods below.

    `conditions` maps each target key, as State Manager spells it, to its values. A node must meet
    all keys, by one of the values of each.
    """

    conditions: Mapping[str, Sequence[str]]
    _rule: Callable[[str], Iterator[Finding]]

    @classmethod
    def tag(cls, key: str, *values: str) -> Self:
        """Nodes whose tag `key` has one of `values` (1 to 50)."""
        return cls.tags({key: values})

    @classmethod
    def tags(cls, tags: Mapping[str, Sequence[str]]) -> Self:
        """Nodes that carry every one of 1 to 5 tag keys, each with one of its 1 to 50 values."""
        return cls(
            {f"tag:{key}": values for key, values in tags.items()},
            lambda where: ssm_rules.target_tags(where, tags),
        )

    @classmethod
    def instances(cls, *instance_ids: str) -> Self:
        """1 to 50 nodes by id: `i-…` for EC2 instances, `mi-…` for others."""
        return cls(
            {"InstanceIds": instance_ids},
            lambda where: ssm_rules.instance_ids(where, instance_ids),
        )

    @classmethod
    def resource_group(cls, name: str) -> Self:
        """The nodes of one resource group."""
        return cls(
            {"resource-groups:Name": (name,)},
            lambda where: ssm_rules.resource_group_name(where, name),
        )

    @classmethod
    def all_nodes(cls) -> Self:
        """Every managed node of the account and Region, as far as no explicit one reaches it.

        An account and Region holds one such inventory association at most.
        """
        return cls({"InstanceIds": ("*",)}, lambda _: iter(()))

    def findings(self, where: str) -> Iterator[Finding]:
        """What State Manager would refuse about these targets."""
        return self._rule(where)

    def render(self) -> list[ssm.CfnAssociation.TargetProperty]:
        """The targets as CloudFormation takes them."""
        return [
            ssm.CfnAssociation.TargetProperty(key=key, values=list(values))
            for key, values in self.conditions.items()
        ]
