"""What inventory is collected, from which nodes and how often."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from oelab import tags as lab_tags
from oelab.systems_manager.inventory_types import InventoryTypes

_NOT_GIVEN: Mapping[str, tuple[str, ...]] = {}


@dataclass(frozen=True, kw_only=True)
class LogSettings:
    """Where State Manager writes its output: an existing bucket, one of our own, or nowhere."""

    bucket: str = ""
    create_bucket: bool = False
    prefix: str = ""


@dataclass(frozen=True, kw_only=True)
class TargetSettings:
    """The nodes of an association: exactly one of tags, all nodes, ids or a resource group.

    A node must carry all the tag keys, each with one of its values. Where nothing at all is given
    this is the lab's tag; where another kind is given the lab's tag steps aside.
    """

    tags: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _NOT_GIVEN)
    all_nodes: bool = False
    instance_ids: tuple[str, ...] = ()
    resource_group: str = ""

    def __post_init__(self) -> None:
        if self.tags is not _NOT_GIVEN:
            return
        another_kind = self.all_nodes or self.instance_ids or self.resource_group
        lab_tag = {lab_tags.ENVIRONMENT: (lab_tags.LAB_ENVIRONMENT,)}
        object.__setattr__(self, "tags", {} if another_kind else lab_tag)


@dataclass(frozen=True, kw_only=True)
class AssociationSettings:
    """One State Manager association that gathers inventory."""

    name: str = "InventoryAllInstances"
    targets: TargetSettings = field(default_factory=TargetSettings)
    interval_minutes: int = 30
    severity: str = "UNSPECIFIED"
    types: InventoryTypes = field(default_factory=InventoryTypes)


@dataclass(frozen=True, kw_only=True)
class InventorySettings:
    """The associations of the inventory stack, and where their output goes."""

    logs: LogSettings = field(default_factory=LogSettings)
    associations: tuple[AssociationSettings, ...] = (AssociationSettings(),)
