"""All that a review of one environment rests on, each part read or an `Unread`."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from functools import cached_property
from itertools import chain
from typing import Annotated, Any

from oelab import tags as lab_tags
from oelab.environment import Environment
from oelab.review.models import (
    Association,
    In,
    Instance,
    ListedTags,
    Node,
    Subject,
    Unread,
    known,
    unread_of,
)
from oelab.review.records import (
    AssociationDetails,
    ComplianceSummary,
    DataSync,
    Execution,
    Image,
    Outcome,
)
from oelab.systems_manager.reachability import (
    UNKNOWN_GROUP,
    InterfaceEndpoint,
    NodeNetwork,
    RouteTarget,
    SecurityGroup,
)
from oelab.systems_manager.targets import (
    NodeIdentity,
    ResourceGroup,
    Targets,
    UnknownTargets,
    matches,
)
from oelab.systems_manager.tristate import Answer

INSTANCE_PROFILE = "AWS::IAM::InstanceProfile"
DEFAULT_VPC_QUOTA = 5
"""VPCs in a Region, unless raised. Source: "Amazon VPC quotas", Amazon VPC user guide."""

# The CDK ends the logical ids of what is within a construct in eight hexadecimal digits; those of
# instances and of the data sync are written out.
_OF_A_CONSTRUCT = re.compile(
    r"(Associations|DataBucket|FleetAccess|Logs|ManagedInstancesRole|Network|TablesWorkgroup)"
    r"[A-Za-z0-9]*[0-9A-F]{8}"
)
_WRITTEN_OUT = re.compile(r"(App|Web)[1-9][0-9]*|Data")


@dataclass(frozen=True, kw_only=True, slots=True)
class ProfileAccess:
    """What an instance profile lets its instance do.

    `role` is "" where the profile has none, or is gone; `denied` are the actions needed to register
    that are not allowed, by a policy of the organization where `is_denied_by_organization`.
    """

    role: str = ""
    trusts_ec2: bool = False
    denied: tuple[str, ...] = ()
    is_denied_by_organization: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class VpcNetworks:
    """The networks of some VPCs.

    `groups` are by id; `routes` are those of a subnet by its id, and those of the main route table
    of a VPC by the id of the VPC; `endpoints` are the usable interface endpoints by VPC.
    """

    groups: Mapping[str, SecurityGroup] = field(default_factory=dict)
    routes: Mapping[str, tuple[RouteTarget, ...]] = field(default_factory=dict)
    endpoints: Mapping[str, tuple[InterfaceEndpoint, ...]] = field(default_factory=dict)

    def network_of(self, instance: Instance) -> NodeNetwork:
        """How an instance is connected."""
        main = self.routes.get(instance.vpc_id, (RouteTarget.OTHER,))
        address = instance.private_ip_address
        return NodeNetwork(
            groups=tuple(self.groups.get(each, UNKNOWN_GROUP) for each in instance.security_groups),
            addresses=(address,) if address else (),
            routes=self.routes.get(instance.subnet_id, main),
            has_public_address=bool(instance.public_ip_address),
            endpoints=self.endpoints.get(instance.vpc_id, ()),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class LogAccess:
    """What keeps the output of an association's runs from its bucket.

    `denied_roles` are those of reached instances that do not allow to write there; what the policy
    of the bucket itself allows is not looked at.
    """

    bucket_exists: bool = True
    denied_roles: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AssociationHistory:
    """An association and its runs, the newest first.

    `reached` are the managed nodes that its targets certainly match. `outcomes` are by the id of
    the run. `details` and `log_access` are read for the association itself, not for a fleet.
    """

    association: Association
    reached: tuple[str, ...] = ()
    details: AssociationDetails | Unread = field(default_factory=AssociationDetails)
    log_access: LogAccess | Unread = field(default_factory=LogAccess)
    executions: tuple[Execution, ...] | Unread = ()
    outcomes: Mapping[str, tuple[Outcome, ...]] | Unread = field(default_factory=dict)

    @cached_property
    def latest(self) -> Mapping[str, Outcome]:
        """The latest outcome on each node.

        The newest run by itself would not do: it may be of one node that has just come online.
        """
        latest: dict[str, Outcome] = {}
        for outcomes in known(self.outcomes, {}).values():
            for each in outcomes:
                latest.setdefault(each.node_id, each)
        return latest


class NotAskedFor:
    """In place of a part that a command does not ask for: it has no items to be taken for empty.

    To evaluate it is a mistake in this program, and an error of Python.
    """


NOT_ASKED_FOR: Any = NotAskedFor()


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """What was read of one environment; `account` is its id."""

    environment: Environment
    account: str | Unread = ""

    def subject(self, name: str, owner: str = "") -> Subject:
        """What a finding about something of this environment is about."""
        return Subject(environment=self.environment, name=name, owner=owner)

    @cached_property
    def unread(self) -> tuple[Unread, ...]:
        """Each part that could not be read, once."""
        parts = [getattr(self, each.name) for each in fields(self)]
        within = [part for each in parts if isinstance(each, Mapping) for part in each.values()]
        return tuple(dict.fromkeys(unread_of([*parts, *within])))


def unread_in(read: Iterable[Snapshot]) -> tuple[Unread, ...]:
    """What could not be read of several environments, each once."""
    return tuple(dict.fromkeys(unread for each in read for unread in each.unread))


def reading_of(read: Sequence[Snapshot]) -> dict[str, Any]:
    """What a report says of where it was read, and of what could not be."""
    return {"environments": tuple(x.environment for x in read), "unread": unread_in(read)}


@dataclass(frozen=True, kw_only=True)
class FleetSnapshot(Snapshot):
    """The instances and the managed nodes, as they were read at a time, and more about them.

    Only that is read of it which a command evaluates: without a need for them, associations,
    histories, captures and compliance are `NOT_ASKED_FOR`. `tags_beyond_ec2` are those of the
    managed nodes that are no EC2 instances. `groups` are the ids of the members of each resource
    group that an association targets, None for a group that does not exist or whose query AWS
    cannot evaluate. `histories` are those of the `associations`. `captures` are by inventory type,
    then by node id: when the type was captured. `compliance` is by node id. `profiles` by name,
    `networks` and `host_role` (of Default Host Management Configuration, or "") show why a running
    instance is not managed; they are read only where there is one.
    """

    read_at: datetime
    read_instances: tuple[Instance, ...] | Unread = ()
    read_nodes: Mapping[str, Node] | Unread = field(default_factory=dict)
    tags_beyond_ec2: Mapping[str, Mapping[str, str] | Unread] = field(default_factory=dict)
    groups: Mapping[str, frozenset[str] | Unread | None] = field(default_factory=dict)
    associations: tuple[Association, ...] | Unread = NOT_ASKED_FOR
    histories: tuple[AssociationHistory, ...] = NOT_ASKED_FOR
    captures: Mapping[str, Mapping[str, datetime] | Unread] = NOT_ASKED_FOR
    compliance: Mapping[str, tuple[ComplianceSummary, ...]] | Unread = NOT_ASKED_FOR
    profiles: Mapping[str, ProfileAccess] | Unread = field(default_factory=dict)
    networks: VpcNetworks | Unread = field(default_factory=VpcNetworks)
    host_role: str | Unread = ""

    @cached_property
    def unread(self) -> tuple[Unread, ...]:
        """Each part that could not be read, once."""
        histories = () if self.histories is NOT_ASKED_FOR else self.histories
        parts = ((x.details, x.log_access, x.executions, x.outcomes) for x in histories)
        return tuple(dict.fromkeys([*super().unread, *unread_of(chain.from_iterable(parts))]))

    @cached_property
    def instances(self) -> Mapping[str, Instance]:
        """The instances that are not gone."""
        listed = known(self.read_instances, ())
        return {each.instance_id: each for each in listed if not each.is_gone}

    @cached_property
    def nodes(self) -> Mapping[str, Node]:
        """The managed nodes."""
        return known(self.read_nodes, {})

    @property
    def knows_nodes(self) -> bool:
        """Whether the managed nodes could be read."""
        return not isinstance(self.read_nodes, Unread)

    def may_have(self, node_id: str) -> bool:
        """Whether a node is there, or cannot be ruled out. Inventory and compliance outlive it."""
        return bool(self.unread) or node_id in self.instances or node_id in self.nodes

    def is_online(self, node_id: str) -> bool:
        """Whether it is a managed node whose agent answers."""
        return node_id in self.nodes and self.nodes[node_id].is_online

    @cached_property
    def known_groups(self) -> Mapping[str, frozenset[str]]:
        """The members of the groups whose members are known."""
        return {name: ids for name, ids in self.groups.items() if isinstance(ids, frozenset)}

    @property
    def membership(self) -> tuple[object, ...]:
        """The parts by which nodes are told to be targets of an association."""
        parts = (self.tags_beyond_ec2, self.groups)
        listed = chain.from_iterable(each.values() for each in parts)
        return (self.read_instances, self.read_nodes, *listed)

    def knows_members(self, targets: Targets) -> bool:
        """Whether these targets say which nodes they are, and no unknown group does."""
        if isinstance(targets, ResourceGroup):
            return targets.name in self.known_groups
        return not isinstance(targets, UnknownTargets)

    def identity_of(self, node_id: str) -> NodeIdentity:
        """What targets go by: the tags, and which groups it is a member of."""
        tags = self._tags_of(node_id)
        return NodeIdentity(
            node_id,
            known(tags, {}),
            has_more_tags=isinstance(tags, Unread),
            groups={name: node_id in ids for name, ids in self.known_groups.items()},
        )

    def _tags_of(self, node_id: str) -> Mapping[str, str] | Unread:
        if node_id in self.instances:
            return self.instances[node_id].tags
        return self.tags_beyond_ec2.get(node_id, {})

    def is_targeted(self, node_id: str, targets: Targets) -> Answer:
        """Whether an association with these targets applies to a node."""
        return matches(targets, self.identity_of(node_id))

    def workload_of(self, node_id: str) -> str:
        """The workload that the tags of a node name, or ""."""
        return known(self._tags_of(node_id), {}).get(lab_tags.WORKLOAD, "")

    def of_workload(self, workload: str) -> "FleetSnapshot":
        """The same fleet with the nodes of this workload only."""
        if isinstance(self.read_instances, Unread) or isinstance(self.read_nodes, Unread):
            return self
        listed = self.read_instances
        instances = (x for x in listed if x.tags.get(lab_tags.WORKLOAD) == workload)
        nodes = {x: node for x, node in self.nodes.items() if self.workload_of(x) == workload}
        return replace(self, read_instances=tuple(instances), read_nodes=nodes)

    def name_of(self, node_id: str) -> str:
        """The Name tag, or what the node calls itself, or its id."""
        if name := known(self._tags_of(node_id), {}).get(lab_tags.NAME):
            return name
        node = self.nodes.get(node_id)
        return node_id if node_id in self.instances or not node else node.computer_name or node_id

    def subject_of(self, node_id: str) -> Subject:
        """What a finding about a node is about."""
        name = self.name_of(node_id)
        return Subject(environment=self.environment, name=name, node_id=node_id)

    def find(self, wanted: str) -> list[str]:
        """The ids of the nodes of this id or name."""
        ids = self.instances.keys() | self.nodes.keys()
        return sorted(each for each in ids if wanted in (each, self.name_of(each)))

    def has_association(self, name: str) -> bool:
        """Whether an association of this name is there."""
        return any(each.association_name == name for each in known(self.associations, ()))


@dataclass(frozen=True, kw_only=True)
class SyncSnapshot(Snapshot):
    """The data syncs, the managed nodes, and what is in the bucket.

    `written` is by inventory type, then by node id: when the object was written.
    """

    bucket: str | Unread
    prefix: str = ""
    syncs: tuple[DataSync, ...] | Unread = ()
    nodes: Mapping[str, Node] | Unread = field(default_factory=dict)
    written: Mapping[str, Mapping[str, datetime] | Unread] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class DeployedStack:
    """A CloudFormation stack: what it holds, and what its SSM parameters resolved to.

    `resources` maps a logical id to type and physical id; `resolved` the path of a parameter to the
    value taken. `protected` is its termination protection.
    """

    name: Annotated[str, In("StackName")]
    status: Annotated[str, In("StackStatus")]
    resources: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    resolved: Annotated[
        Mapping[str, str], In("Parameters[?ResolvedValue].[ParameterValue, ResolvedValue]", dict)
    ] = field(default_factory=dict)
    protected: Annotated[bool, In("EnableTerminationProtection")] = False
    tags: ListedTags = field(default_factory=dict)

    def holds(self, resource_type: str, physical_id: str) -> bool:
        """Whether the resource is one of the stack."""
        return (resource_type, physical_id) in self.resources.values()

    def holds_type(self, resource_type: str) -> bool:
        """Whether a resource of the stack is of this type."""
        return any(each == resource_type for each, _ in self.resources.values())

    @property
    def is_ours(self) -> bool:
        """Whether this app, of whatever version, or its bundle has made it.

        That shows in the logical ids. A deployment keeps what has a logical id of its template and
        deletes all else of the stack. In an existing network a workload has only instances, and
        where the bucket is elsewhere the fleet's data has only a sync.
        """
        ids = self.resources.keys()
        return any(map(_OF_A_CONSTRUCT.fullmatch, ids)) or all(map(_WRITTEN_OUT.fullmatch, ids))


@dataclass(frozen=True, kw_only=True)
class AccountSnapshot(Snapshot):
    """What a deployment would meet.

    `groups` are the members of the resource groups of the settings, as in a `FleetSnapshot`.
    `owners` maps the id of an association to the stack that its tags name, or "". `profiles` are
    the instance profiles that exist of those that workloads name themselves. `image` is the AMI
    that an instance launched now would get. An unread quota has a documented default.
    `other_stacks` may be of this app, and the settings do not define them here. `data_syncs` are
    the names of the resource data syncs, where the settings have one.
    """

    supported: bool
    instances: tuple[Instance, ...] | Unread = ()
    associations: tuple[Association, ...] | Unread = ()
    stacks: Mapping[str, DeployedStack] | Unread = field(default_factory=dict)
    other_stacks: Mapping[str, DeployedStack] | Unread = field(default_factory=dict)
    data_syncs: tuple[str, ...] | Unread = ()
    owners: Mapping[str, str] | Unread = field(default_factory=dict)
    groups: Mapping[str, frozenset[str] | Unread | None] = field(default_factory=dict)
    role_exists: bool | Unread = False
    profile_exists: bool | Unread = False
    profiles: frozenset[str] | Unread = frozenset()
    vpcs: int | Unread = 0
    vpc_quota: int | None = DEFAULT_VPC_QUOTA
    host_role: str | Unread = ""
    image: str | Unread = ""

    @cached_property
    def our_stacks(self) -> Mapping[str, DeployedStack]:
        """Those of the stacks with a name of the settings that are ours."""
        stacks = known(self.stacks, {})
        return {name: stack for name, stack in stacks.items() if stack.is_ours}

    def is_ours(self, resource_type: str, physical_id: str) -> bool:
        """Whether one of the stacks of the settings has deployed it here."""
        return any(each.holds(resource_type, physical_id) for each in self.our_stacks.values())


@dataclass(frozen=True, kw_only=True)
class PinnedImage(Snapshot):
    """The id of an image that the settings give in a Region, or "", and an image.

    `image` is that of the id, or that which the parameter of the settings holds; None where there
    is none. `latest` is the id that the parameter holds now, "" where it was not asked for.
    """

    image_id: str
    image: Image | Unread | None
    latest: str | Unread = ""
