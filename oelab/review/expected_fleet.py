"""What the settings lead one to expect of a fleet."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from oelab import tags as lab_tags
from oelab.review import targets
from oelab.review.models import Association, Instance, Node
from oelab.settings import AssociationSettings, Settings, TargetSettings, WorkloadSettings
from oelab.systems_manager.documents import APPLICATION, INVENTORY_DOCUMENT

GONE = ("shutting-down", "terminated")
WINDOWS_SERVICES = "AWS:Service"


@dataclass(frozen=True)
class Expectation:
    """The instances, associations and inventory types that `settings` call for."""

    settings: Settings

    @cached_property
    def associations(self) -> tuple[Association, ...]:
        """The inventory associations of the settings, as if they were deployed (without an id)."""
        return tuple(_planned(each) for each in self.settings.inventory.associations)

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
        return bool(self.association_of(instance.instance_id, instance.tags))

    def association_of(self, node_id: str, tags: Mapping[str, str]) -> AssociationSettings | None:
        """The settings of the association that is to gather inventory from a node."""
        planned = zip(self.associations, self.settings.inventory.associations, strict=True)
        return next(
            (settings for each, settings in planned if targets.applies(each, node_id, tags)), None
        )

    def types(self, *, windows: bool) -> tuple[str, ...]:
        """The inventory types that any association turns on and every node has."""
        found: dict[str, None] = {}
        for association in self.settings.inventory.associations:
            found.update(dict.fromkeys(judged_types(association, windows=windows)))
        return tuple(found)

    def types_of(self, node: Node, tags: Mapping[str, str]) -> tuple[str, ...]:
        """Those that this node is to have; none if no association is to reach it."""
        association = self.association_of(node.node_id, tags)
        return judged_types(association, windows=node.windows) if association else ()

    def is_ours(self, association: Association) -> bool:
        """Whether a deployed association bears the name of one in the settings."""
        return association.name in {each.name for each in self.settings.inventory.associations}


def judged_types(association: AssociationSettings, *, windows: bool) -> tuple[str, ...]:
    """The types it turns on that are never empty on a healthy node.

    The others (components, roles, updates, files, registry, custom) may well be empty there, and
    AWS does not tell empty from not collected.
    """
    types = association.types
    turned_on = (
        (APPLICATION, types.applications),
        ("AWS:Network", types.network_config),
        ("AWS:InstanceDetailedInformation", types.instance_detailed_information),
        (WINDOWS_SERVICES, types.services and windows),
    )
    return tuple(name for name, on in turned_on if on)


def _planned(settings: AssociationSettings) -> Association:
    return Association(
        association_id="",
        name=settings.name,
        document=INVENTORY_DOCUMENT,
        targets=tuple(_targets(settings.targets)),
        schedule=f"rate({settings.interval_minutes} minutes)",
    )


def _targets(settings: TargetSettings) -> Iterator[tuple[str, tuple[str, ...]]]:
    if settings.all_nodes:
        yield targets.INSTANCE_IDS, (targets.ALL_NODES,)
    if settings.instance_ids:
        yield targets.INSTANCE_IDS, settings.instance_ids
    if settings.resource_group:
        yield targets.RESOURCE_GROUP, (settings.resource_group,)
    for key, values in settings.tags.items():
        yield f"{targets.TAG_PREFIX}{key}", tuple(values)
