"""The verdict on each expected node of a fleet."""

from collections.abc import Iterator, Sequence

from oelab import tags as lab_tags
from oelab.findings import Rule
from oelab.review.expected_fleet import GONE, Expectation
from oelab.review.fleet_snapshot import Snapshot
from oelab.review.models import Instance, Unread
from oelab.review.verdicts.connection import Seen
from oelab.review.verdicts.node import judge_node
from oelab.review.verdicts.remedies import finding
from oelab.review.verdicts.verdict import NodeVerdict
from oelab.systems_manager.targets import NodeIdentity


def judge(snapshots: Sequence[Snapshot], expectation: Expectation) -> list[NodeVerdict]:
    """The verdict on every node that the settings lead one to expect, worst first."""
    found = [
        judge_node(snapshot, expectation, seen)
        for snapshot in snapshots
        for seen in _seen(snapshot, expectation)
    ]
    found.extend(_not_launched(snapshots, expectation))
    return sorted(found, key=lambda verdict: verdict.rank)


def _seen(snapshot: Snapshot, expectation: Expectation) -> Iterator[Seen]:
    """Each instance that is not gone, and each node beyond EC2 that inventory is to reach."""
    instances = () if isinstance(snapshot.instances, Unread) else snapshot.instances
    nodes = {} if isinstance(snapshot.nodes, Unread) else snapshot.nodes
    for instance in instances:
        if instance.state not in GONE:
            yield Seen(instance=instance, node=nodes.get(instance.instance_id))
    for node in nodes.values():
        if not node.is_ec2 and expectation.association_of(NodeIdentity(node.node_id)):
            yield Seen(instance=None, node=node)


def _not_launched(snapshots: Sequence[Snapshot], expectation: Expectation) -> Iterator[NodeVerdict]:
    """The instances of the workloads that are in none of the places."""
    all_instances = [
        instance
        for snapshot in snapshots
        if not isinstance(snapshot.instances, Unread)
        for instance in snapshot.instances
    ]
    here = {_identity(each) for each in all_instances if each.state not in GONE}
    gone = {_identity(each): each for each in all_instances if each.state in GONE}
    unread = tuple(
        snapshot.instances.call for snapshot in snapshots if isinstance(snapshot.instances, Unread)
    )
    place = str(snapshots[0].place) if len(snapshots) == 1 else ""
    regions = ", ".join(dict.fromkeys(snapshot.place.region for snapshot in snapshots))
    for workload, name in expectation.names():
        if (workload, name) in here:
            continue
        if unread:
            yield NodeVerdict(place=place, name=name, workload=workload, unread=unread[:1])
            continue
        left = gone.get((workload, name))
        reason = (
            f"its instance {left.instance_id} is {left.state}, and no other has its name"
            if left
            else f"no instance in {regions} has the tags Workload={workload} and Name={name}"
        )
        yield NodeVerdict(
            place=place,
            name=name,
            workload=workload,
            state=left.state if left else "",
            findings=(finding(name, (Rule.NOT_LAUNCHED, reason)),),
        )


def _identity(instance: Instance) -> tuple[str, str]:
    return instance.tags.get(lab_tags.WORKLOAD, ""), instance.name
