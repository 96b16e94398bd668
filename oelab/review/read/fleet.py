"""Reads all that the verdicts on a fleet need, in as few calls as bulk reading takes."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

from oelab.review.concurrency import Started, side_by_side
from oelab.review.expected_fleet import GONE, Expectation
from oelab.review.fleet_snapshot import Captures, Diagnosis, Outcomes, Snapshot
from oelab.review.models import Association, Instance, Node, Outcome, Unread
from oelab.review.read.access import Clients
from oelab.review.read.associations import read_associations, read_executions, read_outcomes
from oelab.review.read.compliance import read_compliance
from oelab.review.read.ec2 import read_instances, read_network
from oelab.review.read.errors import attempt
from oelab.review.read.iam import read_profiles
from oelab.review.read.inventory import read_captures
from oelab.review.read.nodes import read_host_role, read_nodes
from oelab.systems_manager.documents import INVENTORY_DOCUMENT
from oelab.systems_manager.schedule import interval, parse
from oelab.systems_manager.targets import NodeIdentity, matches

# Runs further back than this say nothing about the present.
_INTERVALS_BACK = 3
_SHORTEST_BACK = timedelta(days=1)


def read_fleet(places: Sequence[Clients], expectation: Expectation) -> list[Snapshot]:
    """A snapshot of each place, read side by side; what could not be read says so in its place."""
    return side_by_side([partial(read_place, clients, expectation) for clients in places])


def read_place(clients: Clients, expectation: Expectation) -> Snapshot:
    """A snapshot of one place."""
    started_instances = Started(partial(attempt, partial(read_instances, clients)))
    started_nodes = Started(partial(attempt, partial(read_nodes, clients)))
    started_associations = Started(
        partial(attempt, partial(read_associations, clients, INVENTORY_DOCUMENT))
    )
    started_compliance = Started(partial(attempt, partial(read_compliance, clients)))
    instances = _kept(started_instances.result(), expectation)
    nodes = started_nodes.result()
    associations = started_associations.result()
    read_at = now_of(nodes)

    started_outcomes = Started(
        partial(attempt, partial(_outcomes, clients, associations, nodes, instances, read_at))
    )
    started_captures = Started(partial(_captures, clients, nodes, instances, expectation))
    diagnosis = _diagnosis(clients, instances, nodes)
    return Snapshot(
        place=clients.place,
        read_at=read_at,
        instances=instances,
        nodes=nodes,
        associations=associations,
        outcomes=started_outcomes.result(),
        captures=started_captures.result(),
        compliance=started_compliance.result(),
        diagnosis=diagnosis,
    )


def now_of(nodes: Mapping[str, Node] | Unread) -> datetime:
    """Now, as AWS tells it: where this computer's clock is slow, the latest ping is later."""
    now = datetime.now(UTC)
    if isinstance(nodes, Unread):
        return now
    return max([now, *(node.last_ping for node in nodes.values() if node.last_ping)])


def runs_since(association: Association, now: datetime) -> datetime | None:
    """From when on runs tell about the present; None for all, where there is no interval."""
    every = interval(parse(association.schedule))
    return now - max(_INTERVALS_BACK * every, _SHORTEST_BACK) if every else None


def _kept(
    instances: tuple[Instance, ...] | Unread, expectation: Expectation
) -> tuple[Instance, ...] | Unread:
    if isinstance(instances, Unread):
        return instances
    return tuple(each for each in instances if expectation.concerns(each))


def _outcomes(
    clients: Clients,
    associations: tuple[Association, ...] | Unread,
    nodes: Mapping[str, Node] | Unread,
    instances: tuple[Instance, ...] | Unread,
    now: datetime,
) -> Outcomes | Unread:
    if isinstance(associations, Unread):
        return associations
    if isinstance(nodes, Unread):
        return nodes
    identities = _identities(instances)
    found: dict[str, Mapping[str, Outcome]] = {}
    for each in associations:
        executions = read_executions(clients, each.association_id, runs_since(each, now))
        wanted = [
            node_id
            for node_id, node in nodes.items()
            if node.online and matches(each.targets, identities.get(node_id, NodeIdentity(node_id)))
        ]
        found[each.association_id] = read_outcomes(clients, executions, each.association_id, wanted)
    return found


def _captures(
    clients: Clients,
    nodes: Mapping[str, Node] | Unread,
    instances: tuple[Instance, ...] | Unread,
    expectation: Expectation,
) -> Captures | Unread:
    if isinstance(nodes, Unread):
        return nodes
    windows = any(node.windows for node in nodes.values())
    known = nodes.keys() | _identities(instances).keys()
    types = expectation.types(windows=windows)
    read = side_by_side(
        [partial(attempt, partial(read_captures, clients, each, known)) for each in types]
    )
    return dict(zip(types, read, strict=True))


def _diagnosis(
    clients: Clients,
    instances: tuple[Instance, ...] | Unread,
    nodes: Mapping[str, Node] | Unread,
) -> Diagnosis:
    if isinstance(instances, Unread) or isinstance(nodes, Unread):
        return Diagnosis()
    running = [each for each in instances if each.state in ("pending", "running")]
    without_profile = [each for each in running if not each.profile]
    in_doubt = [
        each
        for each in running
        if each.instance_id not in nodes or not nodes[each.instance_id].online
    ]
    host_role: str | Unread = ""
    if without_profile:
        host_role = attempt(partial(read_host_role, clients))
    if not in_doubt:
        return Diagnosis(host_role=host_role)
    profiles = {each.profile for each in in_doubt if each.profile}
    vpcs = {each.vpc_id for each in in_doubt if each.vpc_id}
    return Diagnosis(
        profiles=attempt(partial(read_profiles, clients, profiles)),
        network=attempt(partial(read_network, clients, vpcs)),
        host_role=host_role,
    )


def _identities(instances: tuple[Instance, ...] | Unread) -> Mapping[str, NodeIdentity]:
    if isinstance(instances, Unread):
        return {}
    return {each.instance_id: each.identity for each in instances if each.state not in GONE}
