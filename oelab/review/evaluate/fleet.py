"""The report of `oelab status`: the expected nodes, and the verdict on each."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from oelab import tags as lab_tags
from oelab.environment import Environment
from oelab.findings import BadInputError, Finding
from oelab.review.evaluate.node import NodeStatus, evaluate_node, verdict_of
from oelab.review.evaluate.rules import finding, rank
from oelab.review.evaluate.scope import unknown_groups
from oelab.review.evaluate.seen_node import SeenNode
from oelab.review.expected_fleet import ExpectedFleet
from oelab.review.models import Instance, ReviewReport, Subject, Unread, known, unread_of
from oelab.review.records import NodeAssociation
from oelab.review.snapshots import FleetSnapshot, reading_of


@dataclass(frozen=True, kw_only=True)
class StatusReport(ReviewReport):
    """What `oelab status` and `oelab wait` have found."""

    table = ("nodes",)
    schema: str = "oelab.status/1"
    totals: Mapping[str, int]
    """The number of nodes by verdict."""
    nodes: tuple[NodeStatus, ...]
    """Each expected node, the worst first."""
    associations: tuple[NodeAssociation, ...] = ()
    """What the node itself reports of each association; of `status NODE`."""

    def of(self, wanted: str) -> "StatusReport":
        """The report of the nodes of this id or name.

        Raises `BadInputError` where none is expected, unless it may be in what could not be read.
        """
        nodes = tuple(each for each in self.nodes if wanted in (each.node_id, each.name))
        # It may be a member of a group that is not known.
        unknown = [each for each in self.findings if each.rule == "resource-group-unknown"]
        if not (nodes or self.unread or unknown):
            names = ", ".join(sorted(each.name for each in self.nodes)[:10]) or "none"
            raise BadInputError(f"no expected node is called {wanted!r}; expected are: {names}")
        of_nodes = (each for node in nodes for each in self.findings_of(node))
        findings = (*unknown, *of_nodes)
        environments = tuple(dict.fromkeys(each.environment for each in nodes))
        return replace(
            self, environments=environments, nodes=nodes, findings=findings, totals=_totals(nodes)
        )

    def with_associations(
        self, read: Sequence[tuple[NodeAssociation, ...] | Unread]
    ) -> "StatusReport":
        """The same report with what its nodes report of their associations."""
        found = tuple(row for each in read for row in known(each, ()))
        return replace(self, associations=found, unread=(*self.unread, *unread_of(read)))

    @property
    def without_nodes(self) -> Sequence[Environment]:
        """Those of several environments that were read in full and have no expected node."""
        places = {x.environment for x in self.nodes} | {x.environment for x in self.unread}
        every = self.environments
        return [each for each in every if len(every) > 1 and each not in places]

    def findings_of(self, node: NodeStatus) -> Sequence[Finding]:
        """What is wrong with a node, the most serious first."""
        return self._by_subject.get(node.subject, ())

    @cached_property
    def _by_subject(self) -> Mapping[object, Sequence[Finding]]:
        found: dict[object, list[Finding]] = {}
        for each in self.findings:
            found.setdefault(each.subject, []).append(each)
        return found


def evaluate_fleet(snapshots: Sequence[FleetSnapshot], expected: ExpectedFleet) -> StatusReport:
    """The verdict on every node that the settings lead one to expect."""
    found = [
        evaluate_node(SeenNode(snapshot=each, expected=expected, node_id=node_id))
        for each in snapshots
        for node_id in expected.nodes_of(each)
    ]
    # Every environment of the settings has all of the workloads.
    is_each = bool(expected.settings.environments)
    for group in ([each] for each in snapshots) if is_each else [snapshots]:
        found.extend(_not_launched(group, expected))
    found.sort(key=lambda each: (rank(each[0].verdict), each[0].environment, each[0].name))
    nodes = tuple(status for status, _ in found)
    return StatusReport(
        **reading_of(snapshots),
        findings=(
            *unknown_groups(snapshots, expected),
            *(each for _, findings in found for each in findings),
        ),
        totals=_totals(nodes),
        nodes=nodes,
    )


def _totals(nodes: Sequence[NodeStatus]) -> Mapping[str, int]:
    return dict(Counter(each.verdict for each in nodes).most_common())


def _not_launched(
    snapshots: Sequence[FleetSnapshot], expected: ExpectedFleet
) -> Iterator[tuple[NodeStatus, tuple[Finding, ...]]]:
    """The instances of the workloads that are in none of these environments."""
    present = {_names(one) for each in snapshots for one in each.instances.values()}
    instances = (one for each in snapshots for one in known(each.read_instances, ()))
    gone = {_names(each): each for each in instances if each.is_gone}
    unread = [*unread_of(each.read_instances for each in snapshots)]
    regions = ", ".join(dict.fromkeys(each.environment.region for each in snapshots))
    environment = snapshots[0].environment if len(snapshots) == 1 else Environment()
    for workload, name in sorted(expected.names):
        if (workload, name) in present:
            continue
        left = gone.get((workload, name))
        why = f"no instance in {regions} has the tags Workload={workload} and Name={name}"
        if left:
            why = f"its instance {left.instance_id} is {left.state}, and no other has its name"
        subject = Subject(environment=environment, name=name)
        # It may be in what could not be read.
        found = () if unread else (finding("not-launched", subject, why=why),)
        yield (
            NodeStatus(
                environment=environment,
                name=name,
                workload=workload,
                verdict=verdict_of(found, unread),
                instance_state=left.state if left else "",
                unread=tuple({each.call for each in unread}),
            ),
            found,
        )


def _names(instance: Instance) -> tuple[str, str]:
    return instance.tags.get(lab_tags.WORKLOAD, ""), instance.name
