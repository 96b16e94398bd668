"""What AWS has recorded of nodes, associations, images and data syncs.

Frozen values with the fields of the answers that a report needs, as in `oelab.review.models`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Annotated

from oelab.environment import Environment
from oelab.report import Column
from oelab.review.models import In, Subject, moment_of
from oelab.systems_manager.compliance import COMPLIANT, PATCH, is_compliant_patch


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
    node_id: Annotated[str, In("InstanceId || ResourceId"), Column("Instance")] = ""
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
    last_execution_date: Annotated[datetime | None, Column("Last run")] = None
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
    creation_date: Annotated[datetime | None, In("CreationDate", moment_of)] = None
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
