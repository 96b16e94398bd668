"""Finds the instances that a person names, wherever they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from oelab.review.concurrency import Started, side_by_side
from oelab.review.expected_fleet import GONE
from oelab.review.models import Instance, Node, Unread
from oelab.review.read.access import Clients
from oelab.review.read.ec2 import read_instances
from oelab.review.read.errors import attempt
from oelab.review.read.nodes import read_nodes


@dataclass(frozen=True, kw_only=True, slots=True)
class Population:
    """The instances and the managed nodes of one place that are there now."""

    clients: Clients
    instances: Mapping[str, Instance]
    nodes: Mapping[str, Node]
    unread: tuple[Unread, ...]

    def is_there(self, node_id: str) -> bool:
        """Whether it exists; inventory and compliance may outlive it."""
        return node_id in self.instances or node_id in self.nodes

    def name(self, node_id: str) -> str:
        """The Name tag, or what the node calls itself, or its id."""
        if node_id in self.instances:
            return self.instances[node_id].name
        return self.nodes[node_id].computer_name if node_id in self.nodes else node_id

    def find(self, wanted: str) -> list[str]:
        """The ids that bear this id or name."""
        ids = self.instances.keys() | self.nodes.keys()
        return sorted(each for each in ids if wanted in (each, self.name(each)))


def read_populations(places: Sequence[Clients]) -> list[Population]:
    """Who is where. AWS: ec2:DescribeInstances, ssm:DescribeInstanceInformation."""
    return side_by_side([partial(_read, clients) for clients in places])


def _read(clients: Clients) -> Population:
    started = Started(partial(attempt, partial(read_nodes, clients)))
    instances = attempt(partial(read_instances, clients))
    nodes = started.result()
    there = () if isinstance(instances, Unread) else instances
    return Population(
        clients=clients,
        instances={each.instance_id: each for each in there if each.state not in GONE},
        nodes={} if isinstance(nodes, Unread) else nodes,
        unread=tuple(each for each in (instances, nodes) if isinstance(each, Unread)),
    )
