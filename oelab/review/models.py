"""What was read from AWS: frozen values, with the answer's fields that a verdict needs.

All times are aware and in UTC. A part that could not be read is an `Unread` in place of its value,
so that nothing can take it for empty.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from oelab.systems_manager.precedence import Priority, priority_of
from oelab.systems_manager.targets import NodeIdentity, Targets

_COMPLIANT = "COMPLIANT"


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Place:
    """One Region, seen with the credentials of one profile ("" for the default ones)."""

    profile: str
    region: str

    def __str__(self) -> str:
        return f"{self.profile}/{self.region}" if self.profile else self.region


@dataclass(frozen=True, kw_only=True, slots=True)
class Unread:
    """A call that brought no answer: `call` is the IAM action, `reason` a sentence for people.

    `passing` says that it may pass by itself, as a lost connection does and a denial does not.
    """

    place: Place
    call: str
    reason: str
    passing: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Instance:
    """An EC2 instance (DescribeInstances)."""

    instance_id: str
    state: str
    tags: Mapping[str, str]
    image_id: str = ""
    profile_arn: str = ""
    windows: bool = False
    launched: datetime | None = None
    vpc_id: str = ""
    subnet_id: str = ""
    security_groups: tuple[str, ...] = ()
    private_ip: str = ""
    has_public_ip: bool = False

    @property
    def name(self) -> str:
        """The value of the tag Name, or the id."""
        return self.tags.get("Name") or self.instance_id

    @property
    def identity(self) -> NodeIdentity:
        """What targets go by."""
        return NodeIdentity(self.instance_id, self.tags)

    @property
    def profile(self) -> str:
        """Name of the instance profile, or ""."""
        return self.profile_arn.rpartition("/")[2]


@dataclass(frozen=True, kw_only=True, slots=True)
class Node:
    """A managed node that runs (DescribeInstanceInformation)."""

    node_id: str
    ping: str
    agent_version: str
    platform_type: str = ""
    platform_name: str = ""
    platform_version: str = ""
    computer_name: str = ""
    last_ping: datetime | None = None
    is_ec2: bool = True

    @property
    def online(self) -> bool:
        """Whether the agent answers."""
        return self.ping == "Online"

    @property
    def windows(self) -> bool:
        """Whether it runs Windows."""
        return self.platform_type == "Windows"


@dataclass(frozen=True, kw_only=True, slots=True)
class Association:
    """A State Manager association (ListAssociations)."""

    association_id: str
    name: str
    document: str
    targets: Targets
    schedule: str = ""
    offset_days: int = 0
    status: str = ""
    last_run: datetime | None = None

    @property
    def label(self) -> str:
        """Its name, or its id where it has none."""
        return self.name or self.association_id

    @property
    def priority(self) -> Priority:
        """Its priority among inventory associations."""
        return priority_of(self.name, self.targets)


@dataclass(frozen=True, kw_only=True, slots=True)
class AssociationDetails:
    """What only DescribeAssociation tells: where output goes, and the document's parameters."""

    log_bucket: str = ""
    log_prefix: str = ""
    parameters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Execution:
    """One run of an association (DescribeAssociationExecutions)."""

    execution_id: str
    status: str
    detailed_status: str
    created: datetime
    counts: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """How one run went on one node (DescribeAssociationExecutionTargets)."""

    node_id: str
    status: str
    detailed_status: str
    ended: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class AssociationStatus:
    """One node's own account of an association (DescribeInstanceAssociationsStatus)."""

    association_id: str
    name: str
    status: str
    detailed_status: str
    ran: datetime | None
    summary: str
    error_code: str
    output_url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ComplianceSummary:
    """One compliance type of one node (ListResourceComplianceSummaries)."""

    node_id: str
    compliance_type: str
    status: str
    severity: str
    non_compliant: int

    @property
    def compliant(self) -> bool:
        """Whether all items comply."""
        return self.status == _COMPLIANT


@dataclass(frozen=True, kw_only=True, slots=True)
class ComplianceItem:
    """One item of one node (ListComplianceItems)."""

    compliance_type: str
    item_id: str
    title: str
    severity: str
    status: str
    details: Mapping[str, str]

    @property
    def compliant(self) -> bool:
        """Whether it complies."""
        return self.status == _COMPLIANT


@dataclass(frozen=True, kw_only=True, slots=True)
class ComplianceCount:
    """How many nodes comply with one type, by the worst severity (ListComplianceSummaries)."""

    compliance_type: str
    compliant: int
    non_compliant: int
    by_severity: Mapping[str, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class InventoryRecord:
    """One entry of one inventory type of one node, its attributes as the type's schema names."""

    node_id: str
    captured: datetime | None
    attributes: Mapping[str, str]
