"""The settings `[inventory]`: associations, their targets and schedule, and logs."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Annotated

from oelab import tags as lab_tags
from oelab.constraints import s3, ssm
from oelab.constraints.kinds import OrBlank
from oelab.systems_manager.inventory_types import InventoryTypes
from oelab.systems_manager.targets import AllNodes, Nodes, ResourceGroup, Tags, Targets

_NOT_GIVEN: Mapping[str, tuple[str, ...]] = {}


@dataclass(frozen=True, kw_only=True)
class LogSettings:
    """Where State Manager writes its output: an existing bucket, one of our own, or nowhere."""

    bucket: Annotated[str, OrBlank(s3.BUCKET_NAME)] = ""
    create_bucket: bool = False
    prefix: Annotated[str, OrBlank(s3.KEY_PREFIX)] = ""


@dataclass(frozen=True, kw_only=True)
class TargetSettings:
    """The nodes of an association: exactly one of these kinds of targets.

    A node must carry all the tag keys, each with one of its values. Where nothing at all is given
    this is the lab's tag; where another kind is given the lab's tag steps aside.
    """

    tags: Annotated[Mapping[str, tuple[str, ...]], OrBlank(ssm.TARGET_TAGS)] = field(
        default_factory=lambda: _NOT_GIVEN
    )
    all_nodes: bool = False
    instance_ids: Annotated[tuple[str, ...], OrBlank(ssm.INSTANCE_IDS)] = ()
    resource_group: Annotated[str, OrBlank(ssm.RESOURCE_GROUP_NAME)] = ""

    def __post_init__(self) -> None:
        if self.tags is _NOT_GIVEN:
            another_kind = any(getattr(self, each.name) for each in fields(self))
            lab_tag = {lab_tags.ENVIRONMENT: (lab_tags.LAB_ENVIRONMENT,)}
            object.__setattr__(self, "tags", {} if another_kind else lab_tag)

    def as_targets(self) -> Targets:
        """The targets as Systems Manager has them."""
        if self.all_nodes:
            return AllNodes()
        if self.instance_ids:
            return Nodes(self.instance_ids)
        return ResourceGroup(self.resource_group) if self.resource_group else Tags(self.tags)


@dataclass(frozen=True, kw_only=True)
class AssociationSettings:
    """One State Manager association that gathers inventory."""

    name: Annotated[str, ssm.ASSOCIATION_NAME] = "InventoryAllInstances"
    targets: TargetSettings = field(default_factory=TargetSettings)
    interval_minutes: Annotated[int, ssm.INTERVAL_MINUTES] = 30
    severity: Annotated[str, ssm.COMPLIANCE_SEVERITY] = "UNSPECIFIED"
    types: InventoryTypes = field(default_factory=InventoryTypes)


@dataclass(frozen=True, kw_only=True)
class InventorySettings:
    """The associations of the inventory stack, and where their output goes."""

    logs: LogSettings = field(default_factory=LogSettings)
    associations: tuple[AssociationSettings, ...] = (AssociationSettings(),)
