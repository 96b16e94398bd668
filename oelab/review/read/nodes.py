"""Managed nodes, the instances that they are, and the settings of Systems Manager about them."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from datetime import UTC, datetime

from oelab.findings import BadInputError
from oelab.review.expected_fleet import ExpectedFleet
from oelab.review.models import Association, Instance, Node, Unread, known, tags_of
from oelab.review.read.connection import Connection, results
from oelab.review.snapshots import NOT_ASKED_FOR, FleetSnapshot
from oelab.systems_manager.documents import HOST_MANAGEMENT
from oelab.systems_manager.targets import ResourceGroup

_BEYOND_EC2 = "mi-"
"""How the ids of nodes outside of EC2 begin, the only ones with tags in Systems Manager.

Source: AddTagsToResource in the Systems Manager API reference.
"""
_NOT_SET = "$None"


def read_nodes(aws: Connection) -> Mapping[str, Node]:
    """Every managed node that runs, by id; AWS leaves out those that are stopped or terminated."""
    nodes = aws.items("ssm:DescribeInstanceInformation", "InstanceInformationList", Node)
    return {node.node_id: node for node in nodes}


def read_instances(aws: Connection) -> tuple[Instance, ...]:
    """Every instance of the Region, those terminated within the last hour included."""
    return aws.items("ec2:DescribeInstances", "Reservations[].Instances[]", Instance)


def read_fleet_nodes(
    aws: Connection,
    expected: ExpectedFleet,
    associations: Future[tuple[Association, ...] | Unread] | None = None,
) -> FleetSnapshot:
    """The instances and the managed nodes of one environment, or of the expected workload there.

    With these `associations`; the resource groups are those that they and the settings target.
    """
    started = aws.start(read_nodes)
    instances, nodes = aws.start(read_instances).result(), started.result()
    beyond_ec2 = [node_id for node_id in known(nodes, {}) if node_id.startswith(_BEYOND_EC2)]
    # AWS lists them a node at a time.
    tags = {node_id: aws.start(read_tags, "ManagedInstance", node_id) for node_id in beyond_ec2}
    deployed = known(associations.result(), ()) if associations else ()
    members = start_groups(aws, (*expected.associations, *deployed))
    pings = (node.last_ping_date_time for node in known(nodes, {}).values())
    fleet = FleetSnapshot(
        environment=aws.environment,
        # As AWS knows it: where the clock of this computer is slow, the latest ping is later.
        read_at=max([datetime.now(UTC), *(ping for ping in pings if ping)]),
        read_instances=instances,
        read_nodes=nodes,
        associations=associations.result() if associations else NOT_ASKED_FOR,
        **results(account=aws.account, tags_beyond_ec2=tags, groups=members),
    )
    return fleet if expected.workload is None else fleet.of_workload(expected.workload)


def start_groups(
    aws: Connection, associations: Iterable[Association]
) -> Mapping[str, Future[frozenset[str] | Unread | None]]:
    """Start to read the members of the resource groups that these associations target."""
    targets = (each.targets for each in associations)
    names = sorted({str(each.name) for each in targets if isinstance(each, ResourceGroup)})
    return {name: aws.start(_read_group_members, name) for name in names}


def _read_group_members(aws: Connection, name: str) -> frozenset[str] | None:
    """The ids of the nodes in a resource group, whether it has a query or lists its members.

    None where it does not exist, or where AWS could not evaluate its query.
    """
    members: set[str] = set()
    pages = [*aws.pages("resource-groups:ListGroupResources", "Resources", Group=name)]
    for page in pages:
        if page.get("QueryErrors"):
            return None
        arns = (each.get("Identifier", {}).get("ResourceArn", "") for each in page["Resources"])
        members.update(arn.rpartition("/")[2] for arn in arns)
    return frozenset(members) if pages else None


def read_tags(aws: Connection, resource_type: str, resource_id: str) -> Mapping[str, str]:
    """The tags of an association, or of a node that is no EC2 instance."""
    request = {"ResourceType": resource_type, "ResourceId": resource_id}
    return tags_of(aws.answers("ssm:ListTagsForResource", "TagList", **request))


def locate(
    connections: Sequence[Connection], fleets: Sequence[FleetSnapshot], wanted: str
) -> list[tuple[Connection, FleetSnapshot, str]]:
    """Every node of this id or name, with where it is read.

    Raises `BadInputError` where there is none, unless it may be in what could not be read.
    """
    pairs = zip(connections, fleets, strict=True)
    found = [(aws, fleet, node_id) for aws, fleet in pairs for node_id in fleet.find(wanted)]
    if not found and not any(fleet.unread for fleet in fleets):
        environments = ", ".join(str(fleet.environment) for fleet in fleets)
        raise BadInputError(
            f"no node has the id or name {wanted!r} in {environments}; `oelab status` lists them"
        )
    return found


def read_host_role(aws: Connection) -> str:
    """The role of Default Host Management Configuration, or "" where it is off."""
    key = "ServiceSetting.SettingValue"
    value: str = aws.call("ssm:GetServiceSetting", key, SettingId=HOST_MANAGEMENT) or _NOT_SET
    return "" if value == _NOT_SET else value.rpartition("/")[2]
