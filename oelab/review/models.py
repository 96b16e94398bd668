"""What was read from AWS: frozen values, with the fields of the answers that a report needs.

A field is named as AWS names it in its answer. All times are aware and in UTC. A part that could
not be read is an `Unread` in place of its value, so that nothing can take it for empty.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import Annotated, Any, Protocol, TypeVar

from oelab.environment import Environment
from oelab.exit_codes import ExitCode
from oelab.report import Column, Report
from oelab.systems_manager.compliance import COMPLIANT, PATCH, is_compliant_patch
from oelab.systems_manager.precedence import Priority, priority_of
from oelab.systems_manager.targets import Nodes, OtherResources, Targets, targets_of

T = TypeVar("T")


class In:
    """Where a field is in an answer, if not under its own name as AWS writes it.

    The first of the paths that is there counts; `A.B` is B in A, and `A[].B` the B of each A.
    """

    def __init__(self, *paths: str, convert: Callable[[Any], Any] = lambda found: found) -> None:
        self.paths = paths
        self.convert = convert


class Ending(Enum):
    """What the status of a run on a node amounts to; it is skipped where another one prevails."""

    WELL = ("Success",)
    UNDECIDED = ("", "Pending", "InProgress", "Associated", "Creating")
    SKIPPED = ("Skipped",)
    BADLY = ()
    """Any other status: AWS documents no closed list."""

    @classmethod
    def of(cls, status: str) -> "Ending":
        """What a status amounts to."""
        return next((each for each in cls if status in each.value), cls.BADLY)


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


class _Read(Protocol):
    @property
    def unread(self) -> tuple[Unread, ...]:
        """What could not be read."""


def unread_in(read: Iterable[_Read]) -> tuple[Unread, ...]:
    """What could not be read of several environments, each once."""
    return tuple(dict.fromkeys(unread for each in read for unread in each.unread))


def unread_of(parts: Iterable[object]) -> Iterator[Unread]:
    """Those of several parts that could not be read."""
    return (each for each in parts if isinstance(each, Unread))


@dataclass(frozen=True, kw_only=True)
class ReviewReport(Report):
    """The report of a command that reads AWS."""

    unread: tuple[Unread, ...] = ()
    """The calls that brought no answer. Nothing that rests on them is reported as well."""

    @property
    def exit_code(self) -> ExitCode:
        """What could not be read weighs more than what was found: it may hide something worse."""
        return ExitCode.UNREAD if self.unread else super().exit_code

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

    environment: Environment
    name: str
    node_id: str = ""
    """The id of the node; "" for what is none."""
    owner: str = ""
    """Whose it is, where something is in the way of a deployment."""

    def __str__(self) -> str:
        return self.name


def tags_in(listed: Iterable[Mapping[str, str]]) -> Mapping[str, str]:
    """Tags as AWS lists them, by key."""
    return {tag.get("Key", ""): tag.get("Value", "") for tag in listed}


@dataclass(frozen=True, kw_only=True, slots=True)
class Instance:
    """An EC2 instance (DescribeInstances)."""

    instance_id: str
    state: Annotated[str, In("State.Name")] = "pending"
    tags: Annotated[Mapping[str, str], In("Tags", convert=tags_in)] = field(default_factory=dict)
    image_id: str = ""
    profile_arn: Annotated[str, In("IamInstanceProfile.Arn")] = ""
    launch_time: datetime | None = None
    vpc_id: str = ""
    subnet_id: str = ""
    security_groups: Annotated[tuple[str, ...], In("SecurityGroups[].GroupId")] = ()
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
    targets: Annotated[Targets, In("", convert=_targets), Column("Targets", needed=True)]
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


@dataclass(frozen=True, kw_only=True, slots=True)
class AssociationDetails:
    """What only DescribeAssociation answers.

    `automation_target_parameter_name` is that of an automation, which runs on resources of any
    kind; "" for an association that runs on nodes.
    """

    parameters: Mapping[str, Sequence[str]] = field(default_factory=dict)
    automation_target_parameter_name: str = ""
    log_bucket: Annotated[str, In("OutputLocation.S3Location.OutputS3BucketName")] = ""
    log_prefix: Annotated[str, In("OutputLocation.S3Location.OutputS3KeyPrefix")] = ""

    @property
    def log_location(self) -> str:
        """Where the output of runs is kept, or ""."""
        parts = filter(None, (self.log_bucket, self.log_prefix))
        return "/".join(["s3:/", *parts]) if self.log_bucket else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class NodeRow:
    """A row about one node."""

    environment: Environment
    name: Annotated[str, Column("Node", needed=True)] = ""
    """The Name tag, or what the node calls itself, or its id."""
    node_id: Annotated[str, In("InstanceId", "ResourceId"), Column("Instance")] = ""
    """The id of the instance or of the managed node; "" where there is none."""

    @property
    def subject(self) -> Subject:
        """What findings about the node are about."""
        return Subject(environment=self.environment, name=self.name, node_id=self.node_id)


@dataclass(frozen=True, kw_only=True, slots=True)
class Execution:
    """One run of an association (DescribeAssociationExecutions)."""

    environment: Environment
    association_id: str
    """The id of the association."""
    execution_id: str
    """The id of the run."""
    created_time: datetime
    """When it began."""
    status: str = ""
    """How it ended, over all nodes."""
    detailed_status: str = ""
    """The same in detail."""
    nodes: Mapping[str, int] = field(default_factory=dict)
    """The number of nodes by how it ended there, without those that are gone."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome(NodeRow):
    """How one run of an association went on one node (DescribeAssociationExecutionTargets)."""

    association_id: str
    """The id of the association."""
    execution_id: str
    """The id of the run."""
    status: Annotated[str, Column("Status", needed=True)] = ""
    """How the run ended on the node."""
    detailed_status: Annotated[str, Column("Detailed status", needed=True)] = ""
    """The same in detail."""
    last_execution_date: Annotated[datetime | None, Column("Ended")] = None
    """When the run ended on the node."""

    @property
    def ending(self) -> Ending:
        """How the run ended on the node."""
        return Ending.of(self.status)


@dataclass(frozen=True, kw_only=True, slots=True)
class NodeAssociation(NodeRow):
    """What a node itself reports of an association (DescribeInstanceAssociationsStatus)."""

    association_id: str = ""
    """The id of the association."""
    association_name: Annotated[str, Column("Association", needed=True)] = ""
    """The name of the association; "" where it has none."""
    status: Annotated[str, Column("Status", needed=True)] = ""
    """How its last run ended on the node."""
    detailed_status: Annotated[str, Column("Detailed status", needed=True)] = ""
    """The same in detail."""
    execution_date: Annotated[datetime | None, Column("Last run")] = None
    """When it last ran there."""
    execution_summary: Annotated[str, Column("Summary", prose=True)] = ""
    """What the run reported."""
    error_code: Annotated[str, Column("Error")] = ""
    """The code of the error of the run, if there was one."""
    output_url: Annotated[str, In("OutputUrl.S3OutputUrl.OutputUrl"), Column("Output")] = ""
    """Where the output of the run is kept, if it is."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ComplianceSummary(NodeRow):
    """One compliance type of one node (ListResourceComplianceSummaries)."""

    compliance_type: Annotated[str, Column("Type", needed=True)] = ""
    """`Association`, `Patch`, or the name of a custom type."""
    status: Annotated[str, Column("Status", needed=True)] = ""
    """`COMPLIANT` or `NON_COMPLIANT`."""
    overall_severity: Annotated[str, Column("Severity")] = ""
    """The worst severity of the items that do not comply."""
    non_compliant_count: Annotated[
        int, In("NonCompliantSummary.NonCompliantCount"), Column("Non-compliant items")
    ] = 0
    """How many items do not comply."""

    @property
    def is_compliant(self) -> bool:
        """Whether all items comply."""
        return self.status == COMPLIANT


@dataclass(frozen=True, kw_only=True, slots=True)
class ComplianceItem(NodeRow):
    """One compliance item of one node (ListComplianceItems)."""

    compliance_type: Annotated[str, Column("Type", needed=True)] = ""
    """`Association`, `Patch`, or the name of a custom type."""
    status: Annotated[str, Column("Status", needed=True)] = ""
    """`COMPLIANT` or `NON_COMPLIANT`; "" for a Windows patch that does not apply."""
    severity: Annotated[str, Column("Severity", needed=True)] = ""
    """`CRITICAL`, `HIGH`, `MEDIUM`, `LOW`, `INFORMATIONAL` or `UNSPECIFIED`."""
    item_id: Annotated[str, In("Id"), Column("Item", needed=True)] = ""
    """The id of the item, such as that of a patch or an association."""
    title: Annotated[str, Column("Title", needed=True, prose=True)] = ""
    """What the item is about."""
    details: Mapping[str, str] = field(default_factory=dict)
    """What the tool that put the item adds to it."""

    @property
    def is_compliant(self) -> bool:
        """Whether it complies, or is a patch that does not have to."""
        if self.compliance_type == PATCH and not self.status:
            return is_compliant_patch(self.details.get("PatchState", ""))
        return self.status == COMPLIANT


@dataclass(frozen=True, kw_only=True, slots=True)
class InventoryEntry(NodeRow):
    """One entry of one inventory type of one node (GetInventory, ListInventoryEntries)."""

    capture_time: datetime | None = None
    """When the node captured the entry."""
    attributes: Annotated[Mapping[str, str], Column("", spread=True, prose=True)] = field(
        default_factory=dict
    )
    """The attributes, as the schema of the type names them."""

    @property
    def package(self) -> str:
        """The name of the package; of an entry of AWS:Application."""
        return self.attributes.get("Name", "")

    @property
    def version(self) -> str:
        """The version of the package, with its epoch and release where it has them."""
        epoch, release = self.attributes.get("Epoch", ""), self.attributes.get("Release", "")
        prefix = f"{epoch}:" if epoch not in ("", "0") else ""
        return f"{prefix}{self.attributes.get('Version', '')}{f'-{release}' if release else ''}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Image:
    """An Amazon Machine Image (DescribeImages); EC2 does not report the date of each."""

    image_id: str = ""
    name: str = ""
    creation_date: Annotated[datetime | None, In("CreationDate", convert=moment_of)] = None
    architecture: str = ""
    root_device_name: str = ""

    def is_older(self, than: datetime) -> bool:
        """Whether it is known to have been made before a moment."""
        return self.creation_date is not None and self.creation_date < than


@dataclass(frozen=True, kw_only=True, slots=True)
class DataSync:
    """A resource data sync that writes into a bucket (ListResourceDataSync)."""

    environment: Environment
    sync_name: Annotated[str, Column("Data sync", needed=True)] = ""
    """Its name."""
    bucket: Annotated[str, In("S3Destination.BucketName"), Column("Bucket", needed=True)] = ""
    """The bucket that it writes into."""
    prefix: Annotated[str, In("S3Destination.Prefix"), Column("Prefix")] = ""
    """The folder in the bucket."""
    last_status: Annotated[str, Column("Status", needed=True)] = ""
    """`Successful`, `Failed` or `InProgress`; "" before the first attempt."""
    last_sync_status_message: Annotated[str, Column("Message", prose=True)] = ""
    """Why the last attempt failed."""
    last_sync_time: Annotated[datetime | None, Column("Last attempt")] = None
    """When it last tried."""
    last_successful_sync_time: Annotated[datetime | None, Column("Last success")] = None
    """When it last wrote."""
