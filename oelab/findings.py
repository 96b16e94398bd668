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


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that is wrong, and how to fix it.

    `rule` is the id by which a finding is acknowledged and tested. `subject` is what it is about,
    as `str` shows it: a setting, a property, a construct's path, a node. `reason` reads on from the
    subject ("must be at least 30"), `value` is what was given (None for nothing), `remedy` says
    what to do, and `source` names the AWS page or schema that the rule comes from.

    `rests_on` names other subjects that the finding follows from: where one of those could not be
    read, the finding proves nothing and is not reported.
    """

    rule: str = ""
    severity: Severity = Severity.ERROR
    subject: object
    reason: str
    remedy: str
    source: str = ""
    value: object = None
    rests_on: tuple[str, ...] = ()

    def __str__(self) -> str:
        source = f" ({self.source})" if self.source else ""
        got = "" if self.value is None else f", got {self.value!r}"
        return f"{self.subject} {self.reason}{got}; {self.remedy}{source}"


class FindingsError(ValueError):
    """Everything that is wrong with a set of values, reported together."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(map(str, self.findings)))
