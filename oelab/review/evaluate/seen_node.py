"""One node with all that a snapshot and the settings say about it, for its findings."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from oelab.review.expected_fleet import ExpectedFleet
from oelab.review.models import Association, Instance, Node, Subject, Unread, known
from oelab.review.records import ComplianceSummary, Outcome
from oelab.review.snapshots import AssociationHistory, FleetSnapshot
from oelab.systems_manager.precedence import Precedence, precedence
from oelab.systems_manager.targets import NodeIdentity, matches
from oelab.systems_manager.tristate import Answer


@dataclass(frozen=True, kw_only=True)
class SeenNode:
    """One instance or managed node, or the instance that a managed node is.

    What could not be read of the snapshot is left out here; who asks says what it rests on.
    """

    snapshot: FleetSnapshot
    expected: ExpectedFleet
    node_id: str

    @cached_property
    def instance(self) -> Instance | None:
        """None for a node outside of EC2."""
        return self.snapshot.instances.get(self.node_id)

    @cached_property
    def node(self) -> Node | None:
        """None where it is not managed."""
        return self.snapshot.nodes.get(self.node_id)

    @property
    def subject(self) -> Subject:
        """What findings about it are about."""
        return self.snapshot.subject_of(self.node_id)

    @property
    def profile(self) -> str:
        """The instance profile, or ""."""
        return self.instance.profile if self.instance else ""

    @property
    def has_restricted_role(self) -> bool:
        """Whether its profile is that of the settings' role, and the settings restrict that."""
        role = self.expected.settings.role
        own = role.name_in(self.snapshot.environment.region)
        return role.restricted_permissions and self.profile == own

    @cached_property
    def identity(self) -> NodeIdentity:
        """What targets go by."""
        return self.snapshot.identity_of(self.node_id)

    @cached_property
    def possible_histories(self) -> tuple[AssociationHistory, ...]:
        """The inventory associations whose targets do not rule this node out."""
        histories = self.snapshot.histories
        return tuple(x for x in histories if self._is_targeted(x.association) is not False)

    @cached_property
    def histories(self) -> tuple[AssociationHistory, ...]:
        """The inventory associations that apply here.

        So do those that ran here though their targets do not show it, such as a resource group.
        """
        return tuple(
            each
            for each in self.possible_histories
            if self._is_targeted(each.association) or self.node_id in each.latest
        )

    def _is_targeted(self, association: Association) -> Answer:
        return matches(association.targets, self.identity)

    @cached_property
    def precedence(self) -> Precedence[Association]:
        """What becomes of these associations."""
        return precedence(each.association for each in self.histories)

    def outcome_of(self, association: Association) -> Outcome | None:
        """The latest outcome of an association here."""
        latest = (x.latest for x in self.histories if x.association is association)
        return next(latest, {}).get(self.node_id)

    @cached_property
    def expected_types(self) -> tuple[str, ...]:
        """The inventory types that it is to have."""
        is_windows = bool(self.node and self.node.is_windows)
        return self.expected.types_of(self.identity, is_windows=is_windows)

    @cached_property
    def captures(self) -> Mapping[str, datetime | None]:
        """When each of these was captured, None where it was not; without those unread."""
        return {
            name: captures.get(self.node_id)
            for name in self.expected_types
            if not isinstance(captures := self.snapshot.captures.get(name, {}), Unread)
        }

    @property
    def compliance(self) -> tuple[ComplianceSummary, ...]:
        """The summary of each compliance type that it has."""
        return known(self.snapshot.compliance, {}).get(self.node_id, ())


def ago(moment: datetime, now: datetime) -> str:
    """How long ago, in its largest unit: "3 hours ago"."""
    seconds = max(0, int((now - moment) / timedelta(seconds=1)))
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if number := seconds // length:
            return f"{count(number, unit)} ago"
    return "just now"


def count(number: int, noun: str) -> str:
    """A number of things: "1 node", "2 nodes"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
