"""What is wrong, of settings, constructs, templates, changes and nodes alike."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How serious a finding is, the most serious first."""

    ERROR = "error"
    """It cannot work."""
    WARNING = "warning"
    """It may not do what is meant."""
    NOTE = "note"
    """Worth knowing; nothing is wrong."""
    UNKNOWN = "unknown"
    """Only the deployment can tell; reported to those who ask for it."""

    @property
    def rank(self) -> int:
        """The position from the most serious (0) on."""
        return list(Severity).index(self)


class Rule(StrEnum):
    """The ids of the rules, by which findings are acknowledged and tested."""

    # What a review finds about a node.
    NOT_LAUNCHED = "not-launched"
    STOPPED = "stopped"
    NO_PROFILE = "no-profile"
    NO_PERMISSION = "no-permission"
    NO_WAY_OUT = "no-way-out"
    NOT_REGISTERED = "not-registered"
    CONNECTION_LOST = "connection-lost"
    AGENT_TOO_OLD = "agent-too-old"
    NO_ASSOCIATION = "no-association"
    ASSOCIATION_CONFLICT = "association-conflict"
    ASSOCIATION_OVERRIDDEN = "association-overridden"
    ASSOCIATION_FAILED = "association-failed"
    ASSOCIATION_PENDING = "association-pending"
    INVENTORY_MISSING = "inventory-missing"
    INVENTORY_STALE = "inventory-stale"
    TYPE_NOT_COLLECTED = "type-not-collected"
    NON_COMPLIANT_ASSOCIATION = "non-compliant-association"
    NON_COMPLIANT_PATCH = "non-compliant-patch"
    NON_COMPLIANT_CUSTOM = "non-compliant-custom"

    # What a deployment would run into.
    PREFLIGHT_ACCOUNT = "account"
    PREFLIGHT_ASSOCIATION = "association"
    PREFLIGHT_AUTOMATION = "automation"
    PREFLIGHT_HOST_MANAGEMENT = "host management"
    PREFLIGHT_IMAGE = "image"
    PREFLIGHT_PROFILE = "instance profile"
    PREFLIGHT_REGION = "Region"
    PREFLIGHT_ROLE = "role"
    PREFLIGHT_STACK = "stack"
    PREFLIGHT_VPC_QUOTA = "VPC quota"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, and how to fix it.

    `rule` is the id by which a finding is acknowledged and tested. `subject` is what it is about,
    as `str` shows it: a setting, a property, a construct's path, a node. `reason` reads on from the
    subject ("must be at least 30") or, in a review, is a sentence of its own. `value` is what was
    given (None for nothing), `remedy` says what to do, and `source` names the AWS page or schema
    that the rule comes from.

    `rests_on` names other subjects that the finding follows from: where one of those could not be
    read, the finding proves nothing and is not reported.
    """

    rule: str
    subject: object
    reason: str
    remedy: str
    value: object = None
    source: str = ""
    rests_on: tuple[str, ...] = ()
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        source = f" ({self.source})" if self.source else ""
        got = "" if self.value is None else f", got {self.value!r}"
        return f"{self.subject} {self.reason}{got}; {self.remedy}{source}"


class FindingsError(ValueError):
    """Everything that is wrong with a set of values, reported together."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(map(str, self.findings)))
