"""What the settings lead one to expect of a fleet."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from oelab import tags as lab_tags
from oelab.findings import BadInputError
from oelab.review.models import Association
from oelab.review.snapshots import FleetSnapshot
from oelab.settings import AssociationSettings, Settings, WorkloadSettings
from oelab.systems_manager import targets
from oelab.systems_manager.documents import INVENTORY_DOCUMENT
from oelab.systems_manager.inventory_types import collected_types


@dataclass(frozen=True)
class ExpectedFleet:
    """The instances, associations and inventory types that `settings` call for.

    With `workload` only the instances of this one. Raises `BadInputError` where there is none of
    this name.
    """

    settings: Settings
    workload: str | None = None

    def __post_init__(self) -> None:
        names = [each.name for each in self.settings.workloads]
        if self.workload is not None and self.workload not in names:
            raise BadInputError(
                f"--workload {self.workload!r} must be a workload of the settings; these are: "
                f"{', '.join(names)}"
            )

    @cached_property
    def associations(self) -> tuple[Association, ...]:
        """The inventory associations of the settings, as if they were deployed (without an id)."""
        return tuple(
            Association(
                association_name=each.name,
                document=INVENTORY_DOCUMENT,
                targets=each.targets.as_targets(),
            )
            for each in self.settings.inventory.associations
        )

    @cached_property
    def names(self) -> frozenset[tuple[str, str]]:
        """Workload and Name tag of each instance that the workload stacks define."""
        return frozenset(
            (workload.name, f"{workload.name}-{name}")
            for workload in self.settings.workloads
            if self.workload in (None, workload.name)
            for kind in workload.kinds
            for name in kind.names
        )

    def tags_of(self, workload: WorkloadSettings) -> Mapping[str, str]:
        """The tags that all instances of the workload carry."""
        return {
            **self.settings.tags,
            lab_tags.OWNER: self.settings.owner,
            lab_tags.WORKLOAD: workload.name,
        }

    def nodes_of(self, fleet: FleetSnapshot) -> Iterator[str]:
        """The ids of the nodes that are there and expected: instances, and nodes beyond EC2."""
        beyond_ec2 = (node_id for node_id, node in fleet.nodes.items() if not node.is_ec2)
        for node_id in dict.fromkeys((*fleet.instances, *beyond_ec2)):
            if self.expects(fleet.identity_of(node_id)):
                yield node_id

    def expects(self, node: targets.NodeIdentity) -> bool:
        """Whether a workload defines a node, or inventory is certainly to be gathered from it."""
        names = node.tags.get(lab_tags.WORKLOAD), node.tags.get(lab_tags.NAME)
        return names in self.names or self.association_of(node) is not None

    def association_of(self, node: targets.NodeIdentity) -> AssociationSettings | None:
        """The settings of the association that is to gather inventory from a node."""
        planned = zip(self.associations, self.settings.inventory.associations, strict=True)
        return next(
            (settings for each, settings in planned if targets.matches(each.targets, node)), None
        )

    def types(self, *, has_windows: bool) -> tuple[str, ...]:
        """The inventory types that any association turns on and every node has."""
        associations = self.settings.inventory.associations
        found = (_never_empty_types(each, windows=has_windows) for each in associations)
        return tuple(dict.fromkeys(chain.from_iterable(found)))

    def types_of(self, node: targets.NodeIdentity, *, is_windows: bool) -> tuple[str, ...]:
        """Those that this node is to have; none if no association is to reach it."""
        association = self.association_of(node)
        return _never_empty_types(association, windows=is_windows) if association else ()

    def is_ours(self, association: Association) -> bool:
        """Whether a deployed association has the name of one in the settings."""
        return association.association_name in {each.association_name for each in self.associations}


def _never_empty_types(association: AssociationSettings, *, windows: bool) -> tuple[str, ...]:
    collected = collected_types(association.types.parameters(), windows=windows)
    return tuple(each.name for each in collected if each.is_never_empty)
