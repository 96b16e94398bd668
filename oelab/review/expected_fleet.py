"""What the settings lead one to expect of a fleet."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from oelab import tags as lab_tags
from oelab.review.models import Association, Instance
from oelab.settings import AssociationSettings, Settings, TargetSettings, WorkloadSettings
from oelab.systems_manager import targets
from oelab.systems_manager.documents import INVENTORY_DOCUMENT
from oelab.systems_manager.inventory_types import collected_types


@dataclass(frozen=True)
class ExpectedFleet:
    """The instances, associations and inventory types that `settings` call for."""

    settings: Settings

    @cached_property
    def associations(self) -> tuple[Association, ...]:
        """The inventory associations of the settings, as if they were deployed (without an id)."""
        return tuple(
            Association(
                association_name=each.name,
                document=INVENTORY_DOCUMENT,
                targets=_targets(each.targets),
            )
            for each in self.settings.inventory.associations
        )

    def names(self) -> Iterator[tuple[str, str]]:
        """Workload and Name tag of each instance that the workload stacks define."""
        for workload in self.settings.workloads:
            for kind in workload.kinds:
                for name in kind.names:
                    yield workload.name, f"{workload.name}-{name}"

    def tags_of(self, workload: WorkloadSettings) -> Mapping[str, str]:
        """The tags that all instances of the workload carry."""
        return {
            **self.settings.tags,
            lab_tags.OWNER: self.settings.owner,
            lab_tags.WORKLOAD: workload.name,
        }

    def concerns(self, instance: Instance) -> bool:
        """Whether an instance belongs to a workload, or inventory is to be gathered from it."""
        if instance.tags.get(lab_tags.WORKLOAD) in {each.name for each in self.settings.workloads}:
            return True
        return bool(self.association_of(instance.identity))

    def association_of(self, node: targets.NodeIdentity) -> AssociationSettings | None:
        """The settings of the association that is to gather inventory from a node."""
        planned = zip(self.associations, self.settings.inventory.associations, strict=True)
        return next(
            (settings for each, settings in planned if targets.matches(each.targets, node)), None
        )

    def types(self, *, has_windows: bool) -> tuple[str, ...]:
        """The inventory types that any association turns on and every node has."""
        found: dict[str, None] = {}
        for association in self.settings.inventory.associations:
            found.update(dict.fromkeys(_never_empty_types(association, windows=has_windows)))
        return tuple(found)

    def types_of(self, node: targets.NodeIdentity, *, is_windows: bool) -> tuple[str, ...]:
        """Those that this node is to have; none if no association is to reach it."""
        association = self.association_of(node)
        return _never_empty_types(association, windows=is_windows) if association else ()

    def is_ours(self, association: Association) -> bool:
        """Whether a deployed association has the name of one in the settings."""
        names = {each.name for each in self.settings.inventory.associations}
        return association.association_name in names


def _never_empty_types(association: AssociationSettings, *, windows: bool) -> tuple[str, ...]:
    collected = collected_types(association.types.parameters(), windows=windows)
    return tuple(each.name for each in collected if each.is_never_empty)


def _targets(settings: TargetSettings) -> targets.Targets:
    if settings.all_nodes:
        return targets.AllNodes()
    if settings.instance_ids:
        return targets.Nodes(settings.instance_ids)
    if settings.resource_group:
        return targets.ResourceGroup(settings.resource_group)
    return targets.Tags({key: tuple(values) for key, values in settings.tags.items()})
