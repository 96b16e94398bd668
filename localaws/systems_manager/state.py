"""What Systems Manager knows in one account and Region."""

from dataclasses import dataclass, field
from typing import Any

DEFAULT_AGENT_VERSION = "3.3.987.0"


@dataclass
class Node:
    """An EC2 instance as Systems Manager sees it; it is a managed node once registered."""

    instance_id: str
    ec2_state: str = "pending"
    # Since when everything that a registration needs has held.
    ready_since: float | None = None
    registered_at: float | None = None
    online: bool = False
    last_ping: float = 0.0
    agent_version: str = DEFAULT_AGENT_VERSION
    silent: bool = False
    role_name: str = ""
    # Kept from the last look at EC2: inventory outlives the instance.
    operating_system: str = ""
    architecture: str = "x86_64"
    instance_type: str = ""
    private_ip: str = ""
    computer_name: str = ""
    user_data: str = ""
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def listed(self) -> bool:
        """DescribeInstanceInformation leaves stopped and terminated nodes out."""
        return self.registered_at is not None and self.ec2_state == "running"

    @property
    def ping_status(self) -> str:
        return "Online" if self.online else "ConnectionLost"

    @property
    def instance_status(self) -> str:
        """As in AWS:InstanceInformation."""
        if self.ec2_state in ("stopped", "stopping"):
            return "Stopped"
        if self.ec2_state in ("terminated", "shutting-down"):
            return "Terminated"
        return "Active" if self.online else "ConnectionLost"


@dataclass
class Outcome:
    """How an association fares on one node."""

    status: str
    detailed_status: str
    summary: str
    date: float
    execution_id: str
    association_version: str
    output_url: str = ""


@dataclass
class Execution:
    """One run of an association; `outcomes` is by node id."""

    execution_id: str
    association_version: str
    created: float
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    finish_at: float = 0.0

    @property
    def is_open(self) -> bool:
        return any(outcome.status == "Pending" for outcome in self.outcomes.values())


@dataclass
class Association:
    """A State Manager association; `settings` are the request's optional members as given."""

    association_id: str
    document: str
    settings: dict[str, Any]
    created: float
    updated: float
    version: int = 1
    versions: list[dict[str, Any]] = field(default_factory=list)
    executions: list[Execution] = field(default_factory=list)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    run_requested: bool = True
    schedule_seen: float = 0.0
    last_execution: float | None = None
    last_success: float | None = None
    # By node: which inventory associations applied there when this one last started.
    rivals: dict[str, frozenset[str]] = field(default_factory=dict)

    @property
    def targets(self) -> list[dict[str, Any]]:
        targets: list[dict[str, Any]] = self.settings.get("Targets") or []
        return targets

    @property
    def legacy_instance_id(self) -> str:
        return str(self.settings.get("InstanceId") or "")


@dataclass
class InventoryItem:
    """One inventory type of one node."""

    type_name: str
    schema_version: str
    captured: float
    content_hash: str
    content: list[dict[str, str]]


@dataclass
class ComplianceReport:
    """The items of one compliance type of one node, or of one association there."""

    compliance_type: str
    execution: dict[str, Any]
    items: list[dict[str, Any]]


@dataclass
class ScopeState:
    """Everything of one account and Region."""

    account: str
    region: str
    nodes: dict[str, Node] = field(default_factory=dict)
    associations: dict[str, Association] = field(default_factory=dict)
    # By node id, then by type name.
    inventory: dict[str, dict[str, InventoryItem]] = field(default_factory=dict)
    # By node id, then by compliance type (and association id, for type Association).
    compliance: dict[str, dict[tuple[str, str], ComplianceReport]] = field(default_factory=dict)


@dataclass(frozen=True)
class Upload:
    """An object that a node has written to S3."""

    account: str
    region: str
    bucket: str
    key: str
    body: bytes
