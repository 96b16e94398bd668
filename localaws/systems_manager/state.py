"""What Systems Manager knows in one account and Region."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from localaws.adapter import Record
from localaws.systems_manager import documents

LATEST_AGENT_VERSION = "3.3.987.0"
RUN_SECONDS = 1.0
PENDING, SUCCESS, FAILED, SKIPPED = "Pending", "Success", "Failed", "Skipped"


@dataclass
class Node:
    """An EC2 instance as Systems Manager sees it; it is a managed node once registered.

    `instance` is MiniStack's record, which lives on here after EC2 has forgotten the instance.
    """

    instance: Record
    tags: dict[str, str] = field(default_factory=dict)
    # Since when everything that a registration needs has held.
    ready_since: float | None = None
    registered_at: float | None = None
    is_online: bool = False
    last_ping: float = 0.0
    agent_version: str = LATEST_AGENT_VERSION
    is_silenced: bool = False
    role_name: str = ""

    @property
    def node_id(self) -> str:
        return str(self.instance["InstanceId"])

    @property
    def ec2_state(self) -> str:
        return str(self.instance["State"]["Name"])

    @property
    def is_terminated(self) -> bool:
        return self.ec2_state == "terminated"

    @property
    def is_listed(self) -> bool:
        """DescribeInstanceInformation leaves stopped and terminated nodes out."""
        return self.registered_at is not None and self.ec2_state == "running"


@dataclass
class ExecutionTarget:
    """How one execution of an association goes on one node."""

    execution_id: str
    association_version: str
    date: float
    status: str = PENDING
    detailed_status: str = PENDING
    summary: str = ""
    output_url: str = ""
    # Where it ran as an Automation runbook: the id of that, and why it has failed.
    automation_id: str = ""
    failure: str = ""

    def conclude(self, status: str, detailed_status: str = "", note: str = "") -> None:
        """Set the result, with the agent's own sentence about a document of one step."""
        self.status, self.detailed_status = status, detailed_status or status
        success, failed, skipped = (int(status == each) for each in (SUCCESS, FAILED, SKIPPED))
        sentence = (
            f"1 out of 1 plugin processed, {success} success, {failed} failed, 0 timedout, "
            f"{skipped} skipped. {note}"
        )
        self.summary = sentence[:512]


@dataclass
class Execution:
    """One run of an association; `targets` is by node id."""

    execution_id: str
    association_version: str
    created: float
    targets: dict[str, ExecutionTarget] = field(default_factory=dict)

    @property
    def ends_at(self) -> float:
        return self.created + RUN_SECONDS

    @property
    def is_open(self) -> bool:
        return any(target.status == PENDING for target in self.targets.values())


@dataclass
class Association:
    """A State Manager association; `settings` are the members of the request, as given."""

    association_id: str
    settings: dict[str, Any]
    created: float
    updated: float
    version: int = 1
    executions: list[Execution] = field(default_factory=list)
    # By node id, how the latest execution there went.
    latest: dict[str, ExecutionTarget] = field(default_factory=dict)
    is_run_requested: bool = True
    # Up to when the schedule has been looked at.
    scheduled_until: float = 0.0
    # By node id: which inventory associations applied there when this one last started.
    contenders: dict[str, frozenset[str]] = field(default_factory=dict)

    @property
    def document(self) -> str:
        return str(self.settings["Name"])

    @property
    def is_runbook(self) -> bool:
        """Whether Automation runs it, on any instance, and not the agent of a managed node."""
        return documents.find(self.document).is_runbook

    @property
    def name(self) -> str:
        return str(self.settings.get("AssociationName", ""))

    @property
    def targets(self) -> list[dict[str, Any]]:
        targets: list[dict[str, Any]] = self.settings["Targets"]
        return targets


@dataclass
class InventoryItem:
    """One inventory type of one node."""

    type_name: str
    schema_version: str
    captured: float
    content: list[dict[str, str]]


@dataclass
class ComplianceReport:
    """The items of one compliance type of one node, or of one association there."""

    compliance_type: str
    execution: dict[str, Any]
    items: list[dict[str, Any]]


@dataclass
class DataSync:
    """A resource data sync; `destination` is the S3Destination of the request."""

    name: str
    destination: dict[str, Any]
    created: float
    status: str = "InProgress"
    message: str = ""
    attempted: float | None = None
    succeeded: float | None = None
    # By object key, what was written there last.
    written: dict[str, InventoryItem] = field(default_factory=dict)


@dataclass
class RegionState:
    """Everything of one account and Region."""

    nodes: dict[str, Node] = field(default_factory=dict)
    associations: dict[str, Association] = field(default_factory=dict)
    # By node id, then by type name.
    inventory: dict[str, dict[str, InventoryItem]] = field(default_factory=dict)
    # By node id, then by compliance type (and association id, for type Association).
    compliance: dict[str, dict[tuple[str, str], ComplianceReport]] = field(default_factory=dict)
    # By name.
    data_syncs: dict[str, DataSync] = field(default_factory=dict)

    def targets_on(self, node_id: str) -> list[tuple[Association, ExecutionTarget]]:
        """How the associations that the agent of the node runs went there last."""
        return [
            (association, association.latest[node_id])
            for association in self.associations.values()
            if node_id in association.latest and not association.is_runbook
        ]


def aggregate(targets: Iterable[ExecutionTarget]) -> tuple[str, dict[str, int]]:
    """The status of several nodes together, and how many nodes have each.

    It is Failed where one has failed, then Pending, also where there are none.
    """
    counts: dict[str, int] = {}
    for target in targets:
        counts[target.status] = counts.get(target.status, 0) + 1
    order = (FAILED, PENDING, SUCCESS, SKIPPED)
    return next((status for status in order if status in counts), PENDING), counts
