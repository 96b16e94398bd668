"""What inventory is collected, from which nodes and how often."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from oelab import tags as lab_tags

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
class FileRule:
    """Which files to list: those in `path` that match a pattern.

    The agent lists 500 files and looks into 5,000 directories at most, or `dir_scan_limit`.
    """

    path: str
    patterns: tuple[str, ...]
    recursive: bool = False
    dir_scan_limit: int | None = None


@dataclass(frozen=True, kw_only=True)
class RegistryRule:
    """Which Windows registry values to list; no names means all values of the key."""

    path: str
    recursive: bool = False
    value_names: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TypeSettings:
    """The inventory types; the defaults are what the console turns on.

    `services`, `windows_roles`, `windows_updates` and `windows_registry` yield something on
    Windows only and do no harm elsewhere.
    """

    applications: bool = True
    aws_components: bool = True
    network_config: bool = True
    instance_detailed_information: bool = True
    custom_inventory: bool = True
    services: bool = True
    windows_roles: bool = True
    windows_updates: bool = True
    billing_info: bool = False
    files: tuple[FileRule, ...] = ()
    windows_registry: tuple[RegistryRule, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AssociationSettings:
    """One State Manager association that gathers inventory."""

    name: str = "InventoryAllInstances"
    targets: TargetSettings = field(default_factory=TargetSettings)
    interval_minutes: int = 30
    severity: str = "UNSPECIFIED"
    types: TypeSettings = field(default_factory=TypeSettings)


@dataclass(frozen=True, kw_only=True)
class InventorySettings:
    """The associations of the inventory stack, and where their output goes."""

    logs: LogSettings = field(default_factory=LogSettings)
    associations: tuple[AssociationSettings, ...] = (AssociationSettings(),)
