"""The verdict on one node."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from oelab import tags as lab_tags
from oelab.findings import Rule
from oelab.review.expected_fleet import Expectation
from oelab.review.fleet_snapshot import Snapshot
from oelab.review.models import Association, ComplianceSummary, Outcome, Unread
from oelab.review.verdicts import compliance, inventory
from oelab.review.verdicts.connection import Seen, agent, connection
from oelab.review.verdicts.remedies import Observation, finding, rank
from oelab.review.verdicts.verdict import NodeVerdict
from oelab.systems_manager.precedence import precedence
from oelab.systems_manager.targets import NodeIdentity, matches

T = TypeVar("T")

_NOT_RUNNING = ("stopping", "stopped")


def judge_node(snapshot: Snapshot, expectation: Expectation, seen: Seen) -> NodeVerdict:
    """The verdict on one instance or node.

    What does not run or answer is judged no further: the rest follows from it.
    """
    return _Judge(snapshot, expectation, seen).verdict()


@dataclass
class _Judge:
    snapshot: Snapshot
    expectation: Expectation
    seen: Seen
    unread: dict[str, None] = field(default_factory=dict)

    @property
    def identity(self) -> NodeIdentity:
        if self.seen.instance:
            return self.seen.instance.identity
        return NodeIdentity(self.node_id)

    @property
    def node_id(self) -> str:
        if self.seen.instance:
            return self.seen.instance.instance_id
        return self.seen.node.node_id if self.seen.node else ""

    def verdict(self) -> NodeVerdict:
        instance, node = self.seen.instance, self.seen.node
        name = instance.name if instance else node.computer_name if node else ""
        findings = sorted((finding(name, each) for each in self.observations()), key=rank)
        shown = next(iter(precedence(self.present()).prevailing), None)
        outcome = self.outcomes().get(shown.association_id) if shown else None
        summaries = self.summaries()
        times = [moment for moment in self.captures().values() if moment]
        return NodeVerdict(
            place=str(self.snapshot.place),
            name=name,
            workload=instance.tags.get(lab_tags.WORKLOAD, "") if instance else "",
            node_id=self.node_id,
            state=instance.state if instance else "",
            profile=instance.profile if instance else "",
            ping=node.ping if node else "",
            agent_version=node.agent_version if node else "",
            platform=f"{node.platform_name} {node.platform_version}".strip() if node else "",
            association=shown.label if shown else "",
            outcome=outcome.status if outcome else "",
            captured=max(times, default=None),
            compliant=all(each.compliant for each in summaries) if summaries else None,
            findings=tuple(findings),
            notes=tuple(inventory.notes(self.present(), self.ours())),
            unread=tuple(self.unread),
        )

    def observations(self) -> Iterator[Observation]:
        instance = self.seen.instance
        if instance and instance.state in _NOT_RUNNING:
            yield Rule.STOPPED, f"the instance is {instance.state}"
            return
        if isinstance(self.snapshot.nodes, Unread):
            self._note(self.snapshot.nodes)
            return
        broken = list(connection(self.seen, self.snapshot.diagnosis, self.snapshot.read_at))
        yield from broken
        yield from agent(self.seen, restricted=self.has_restricted_role())
        if broken:
            self._note(self.snapshot.diagnosis.profiles)
            self._note(self.snapshot.diagnosis.network)
            return
        if not (instance and instance.profile):
            self._note(self.snapshot.diagnosis.host_role)
        yield from self._gathered()
        yield from compliance.compliance(self.summaries())

    def _gathered(self) -> Iterator[Observation]:
        present = self.present()
        if not (
            isinstance(self.snapshot.associations, Unread)
            or isinstance(self.snapshot.outcomes, Unread)
        ):
            yield from inventory.association(present, self.ours(), self.outcomes())
        if present:
            schedule = precedence(present).prevailing[0].schedule
            yield from inventory.captured(self.captures(), schedule, self.snapshot.read_at)

    def has_restricted_role(self) -> bool:
        """Whether its profile is that of the settings' role, and the settings restrict that."""
        role, instance = self.expectation.settings.role, self.seen.instance
        own = role.name_in(self.snapshot.place.region)
        return role.restricted_permissions and bool(instance and instance.profile == own)

    def present(self) -> Sequence[Association]:
        """The inventory associations that apply to the node.

        Those apply too whose targets do not tell, such as a resource group, and that ran there.
        """
        associations = self._note(self.snapshot.associations)
        if isinstance(associations, Unread):
            return ()
        ran = self.outcomes()
        answers = [(each, matches(each.targets, self.identity)) for each in associations]
        return [
            each
            for each, answer in answers
            if answer or (answer is None and each.association_id in ran)
        ]

    def ours(self) -> Sequence[Association]:
        """Those of them that the settings name."""
        return [each for each in self.present() if self.expectation.is_ours(each)]

    def outcomes(self) -> Mapping[str, Outcome]:
        outcomes = self._note(self.snapshot.outcomes)
        if isinstance(outcomes, Unread):
            return {}
        return {
            association_id: by_node[self.node_id]
            for association_id, by_node in outcomes.items()
            if self.node_id in by_node
        }

    def captures(self) -> Mapping[str, datetime | None]:
        captures = self._note(self.snapshot.captures)
        windows = bool(self.seen.node and self.seen.node.windows)
        if isinstance(captures, Unread):
            return {}
        found: dict[str, datetime | None] = {}
        for name in self.expectation.types_of(self.identity, windows=windows):
            by_node = self._note(captures.get(name, {}))
            if not isinstance(by_node, Unread):
                found[name] = by_node.get(self.node_id)
        return found

    def summaries(self) -> Sequence[ComplianceSummary]:
        summaries = self._note(self.snapshot.compliance)
        return () if isinstance(summaries, Unread) else summaries.get(self.node_id, ())

    def _note(self, part: T | Unread) -> T | Unread:
        """The part itself; where it is unread, the verdict says so."""
        if isinstance(part, Unread):
            self.unread[part.call] = None
        return part
