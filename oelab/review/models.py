"""What was read from AWS: frozen values, with the fields of the answers that a report needs.

Instances, nodes and associations are here, and what could not be read; what AWS has recorded about
them is in `oelab.review.records`.

A field is named as AWS names it in its answer. All times are aware and in UTC. A part that could
not be read is an `Unread` in place of its value, so that nothing can take it for empty.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any, NamedTuple, TypeVar

from oelab.environment import Environment
from oelab.report import Column, Report
from oelab.systems_manager.precedence import Priority, priority_of
from oelab.systems_manager.targets import Nodes, OtherResources, Targets, targets_of

T = TypeVar("T")


class In(NamedTuple):
    """Where a field is in an answer, if not under its own name as AWS writes it.

    `path` is a JMESPath expression. `convert` makes the field of what is there.
    """

    path: str
    convert: Callable[[Any], Any] = lambda found: found


@dataclass(frozen=True, kw_only=True, slots=True)
class Unread:
    """A call that brought no answer."""

    environment: Environment
    call: str
    """The IAM action of the call, such as `ssm:ListAssociations`."""
    reason: str
    """Why, and what to do about it."""
    is_passing: bool = False
    """Whether it may pass by itself, as a lost connection does and a denial does not."""


def moment_of(text: str) -> datetime | None:
    """A time that an answer holds as a text, such as `2024-05-01T10:00:00Z`; None for no time."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def known(part: T | Unread, otherwise: T) -> T:
    """A part, or `otherwise` where it could not be read."""
    return otherwise if isinstance(part, Unread) else part


def unread_of(parts: Iterable[object]) -> Iterator[Unread]:
    """Those of several parts that could not be read."""
    return (each for each in parts if isinstance(each, Unread))


@dataclass(frozen=True, kw_only=True)
class ReviewReport(Report):
    """The report of a command that reads AWS."""

    environments: tuple[Environment, ...] = ()
    """The accounts and Regions that were read, each with `account`, `region` and, where one was
    named, `profile`."""
    unread: tuple[Unread, ...] = ()
    """The calls that brought no answer. Nothing that rests on them is reported as well."""

    @property
    def not_read(self) -> Iterator[str]:
        """The calls that brought no answer, in a line for each reason."""
        calls: dict[tuple[str, str], list[str]] = {}
        for each in self.unread:
            calls.setdefault((str(each.environment), each.reason), []).append(each.call)
        for (environment, reason), named in calls.items():
            yield f"{environment}: not read: {', '.join(dict.fromkeys(named))}: {reason}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """What a finding of a review is about, and where that is."""

    environment: Environment = field(default_factory=Environment)
    name: str
    node_id: str = ""
    """The id of the node; "" for what is none."""
    owner: str = ""
    """Whose it is, where something is in the way of a deployment."""

    def __str__(self) -> str:
        return self.name


def tags_of(listed: Iterable[Mapping[str, str]]) -> Mapping[str, str]:
    """Tags by key."""
    return {each.get("Key", ""): each.get("Value", "") for each in listed}


ListedTags = Annotated[Mapping[str, str], In("Tags", tags_of)]
"""Tags by key, which AWS lists."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Instance:
    """An EC2 instance (DescribeInstances)."""

    instance_id: str
    state: Annotated[str, In("State.Name")] = "pending"
    tags: ListedTags = field(default_factory=dict)
    image_id: str = ""
    profile_arn: Annotated[str, In("IamInstanceProfile.Arn")] = ""
    launch_time: datetime | None = None
    vpc_id: str = ""
    subnet_id: str = ""
    security_groups: Annotated[tuple[str, ...], In("SecurityGroups[].GroupId", tuple)] = ()
    private_ip_address: str = ""
    public_ip_address: str = ""

    @property
    def name(self) -> str:
        """The value of the tag Name, or the id."""
        return self.tags.get("Name") or self.instance_id

    @property
    def profile(self) -> str:
        """The name of the instance profile, or ""."""
        return self.profile_arn.rpartition("/")[2]

    @property
    def is_running(self) -> bool:
        """Whether it runs, or is about to."""
        return self.state in ("pending", "running")

    @property
    def is_gone(self) -> bool:
        """Whether it is terminated, or about to be."""
        return self.state in ("shutting-down", "terminated")


@dataclass(frozen=True, kw_only=True, slots=True)
class Node:
    """A managed node that runs (DescribeInstanceInformation)."""

    node_id: Annotated[str, In("InstanceId")]
    ping_status: str
    agent_version: str
    platform_type: str = ""
    platform_name: str = ""
    platform_version: str = ""
    computer_name: str = ""
    last_ping_date_time: datetime | None = None
    resource_type: str = "EC2Instance"

    @property
    def is_ec2(self) -> bool:
        """Whether it is an EC2 instance, and not a node of another kind."""
        return self.resource_type == "EC2Instance"

    @property
    def is_online(self) -> bool:
        """Whether the agent answers."""
        return self.ping_status == "Online"

    @property
    def is_windows(self) -> bool:
        """Whether it runs Windows."""
        return self.platform_type == "Windows"


def _targets(answer: Mapping[str, Any]) -> Targets:
    if answer.get("TargetMaps"):
        return OtherResources()
    listed = answer.get("Targets", ())
    if not listed and "InstanceId" in answer:
        # The deprecated way to name one instance.
        return Nodes((answer["InstanceId"],))
    return targets_of((each.get("Key", ""), tuple(each.get("Values", ()))) for each in listed)


@dataclass(frozen=True, kw_only=True, slots=True)
class Association:
    """A State Manager association (ListAssociations)."""

    association_name: Annotated[str, Column("Association", needed=True)] = ""
    """The name of the association; "" where it has none."""
    association_id: Annotated[str, Column("Id")] = ""
    """The id of the association."""
    document: Annotated[str, In("Name"), Column("Document")] = ""
    """The document that it runs."""
    targets: Annotated[Targets, In("@", _targets), Column("Targets", needed=True)]
    """The nodes that it runs on: the values of each key."""
    schedule_expression: Annotated[str, Column("Schedule")] = ""
    """When it runs; "" where it runs only when it changes."""
    schedule_offset: int = 0
    """How many days after that it runs."""
    last_execution_date: Annotated[datetime | None, Column("Last run")] = None
    """When it last ran."""

    @property
    def label(self) -> str:
        """Its name, or its id where it has none."""
        return self.association_name or self.association_id

    @property
    def priority(self) -> Priority:
        """Its priority among inventory associations."""
        return priority_of(self.association_name, self.targets)
