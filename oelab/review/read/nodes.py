"""Managed nodes, the instances that they are, and the settings of Systems Manager about them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from oelab.findings import BadInputError
from oelab.review.models import Instance, Node, known
from oelab.review.read.answers import from_answer
from oelab.review.read.connection import Connection
from oelab.review.snapshots import NodeIndex
from oelab.systems_manager.documents import HOST_MANAGEMENT

_NOT_SET = "$None"


def read_nodes(aws: Connection) -> Mapping[str, Node]:
    """Every managed node that runs, by id; AWS leaves out those that are stopped or terminated."""
    nodes = aws.items("ssm:DescribeInstanceInformation", "InstanceInformationList", Node)
    return {node.node_id: node for node in nodes}


def read_instances(aws: Connection) -> tuple[Instance, ...]:
    """Every instance of the Region, those terminated within the last hour included."""
    pages = aws.pages("ec2:DescribeInstances", "Reservations")
    reservations = (each for page in pages for each in page["Reservations"])
    instances = (each for one in reservations for each in one.get("Instances", ()))
    return tuple(from_answer(Instance, each) for each in instances)


def read_node_index(aws: Connection) -> NodeIndex:
    """The instances and the managed nodes of one environment."""
    started = aws.start(read_nodes)
    instances, nodes = aws.start(read_instances).result(), started.result()
    pings = (node.last_ping_date_time for node in known(nodes, {}).values())
    return NodeIndex(
        environment=aws.environment,
        account=aws.account.result(),
        # As AWS knows it: where the clock of this computer is slow, the latest ping is later.
        read_at=max([datetime.now(UTC), *(ping for ping in pings if ping)]),
        read_instances=instances,
        read_nodes=nodes,
    )


def locate(
    connections: Sequence[Connection], indexes: Sequence[NodeIndex], wanted: str
) -> list[tuple[Connection, NodeIndex, str]]:
    """Every node of this id or name, with where it is read.

    Raises `BadInputError` where there is none, unless it may be in what could not be read.
    """
    pairs = zip(connections, indexes, strict=True)
    found = [(aws, index, node_id) for aws, index in pairs for node_id in index.find(wanted)]
    if not found and not any(index.unread for index in indexes):
        environments = ", ".join(str(index.environment) for index in indexes)
        raise BadInputError(
            f"no node has the id or name {wanted!r} in {environments}; `oelab status` lists them"
        )
    return found


def read_host_role(aws: Connection) -> str:
    """The role of Default Host Management Configuration, or "" where it is off."""
    # Regions and partitions without the feature do not know the setting.
    absent = ("ServiceSettingNotFound",)
    answer = aws.call("ssm:GetServiceSetting", absent=absent, SettingId=HOST_MANAGEMENT)
    value: str = answer.get("ServiceSetting", {}).get("SettingValue", "")
    return "" if value == _NOT_SET else value.rpartition("/")[2]
