"""Which managed nodes an association runs on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from aws_cdk import aws_ssm as ssm

from oelab.constraints.kinds import Constraint
from oelab.constraints.ssm import INSTANCE_IDS, RESOURCE_GROUP_NAME, TARGET_TAGS
from oelab.findings import Finding
from oelab.systems_manager import targets


@dataclass(frozen=True)
class InventoryTargets:
    """The targets of an association, made by one of the methods below.

    `conditions` maps each target key, as State Manager spells it, to its values. A node must meet
    all keys, by one of the values of each.
    """

    conditions: Mapping[str, Sequence[str]]
    _constraint: Constraint | None = None
    _constrained: Any = None

    @classmethod
    def tag(cls, key: str, *values: str) -> Self:
        """Nodes whose tag `key` has one of `values` (1 to 50)."""
        return cls.tags({key: values})

    @classmethod
    def tags(cls, tags: Mapping[str, Sequence[str]]) -> Self:
        """Nodes that carry every one of 1 to 5 tag keys, each with one of its 1 to 50 values."""
        return cls({f"{targets.TAG_PREFIX}{key}": tags[key] for key in tags}, TARGET_TAGS, tags)

    @classmethod
    def instances(cls, *instance_ids: str) -> Self:
        """1 to 50 nodes by id: `i-…` for EC2 instances, `mi-…` for others."""
        return cls({targets.INSTANCE_IDS: instance_ids}, INSTANCE_IDS, instance_ids)

    @classmethod
    def resource_group(cls, name: str) -> Self:
        """The nodes of one resource group."""
        return cls({targets.RESOURCE_GROUP: (name,)}, RESOURCE_GROUP_NAME, name)

    @classmethod
    def all_nodes(cls) -> Self:
        """Every managed node of the account and Region, as far as no explicit one reaches it.

        An account and Region holds one such inventory association at most.
        """
        return cls({targets.INSTANCE_IDS: (targets.WILDCARD,)})

    def findings(self, where: str) -> Iterator[Finding]:
        """What State Manager would refuse about these targets."""
        if self._constraint:
            yield from self._constraint.findings(where, self._constrained)

    def render(self) -> list[ssm.CfnAssociation.TargetProperty]:
        """The targets as CloudFormation takes them."""
        return [
            ssm.CfnAssociation.TargetProperty(key=key, values=list(values))
            for key, values in self.conditions.items()
        ]
