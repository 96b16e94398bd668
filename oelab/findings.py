"""What is wrong, of settings, constructs, templates, changes and nodes alike."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from oelab.data_files import read_toml


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


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, and how to fix it.

    `value` is what was given (None for nothing). `rests_on` names other subjects that the finding
    follows from: where one of those could not be read, the finding proves nothing and is not
    reported.
    """

    rule: str
    """The id by which a finding is acknowledged and tested."""
    subject: object
    """What it is about: a setting, a property, a construct, a node, something in an account."""
    reason: str
    """What is wrong, reading on from the subject, such as "must be at least 30"."""
    remedy: str
    """What to do about it."""
    value: object = None
    source: str = ""
    """The AWS page or schema that the rule comes from."""
    rests_on: tuple[str, ...] = ()
    severity: Severity = Severity.ERROR
    """`error`, `warning`, `note` or `unknown`."""

    def __str__(self) -> str:
        source = f" ({self.source})" if self.source else ""
        got = "" if self.value is None else f", got {self.value!r}"
        return f"{self.subject} {self.reason}{got}; {self.remedy}{source}"


def rules_of(package: str) -> Mapping[str, Mapping[str, Any]]:
    """The rules that a package has as data, by id, in the order of its rules.toml."""
    return read_toml("rules.toml", package)


def finding_by(
    package: str,
    rule: str,
    subject: object,
    value: object = None,
    *,
    case: str = "",
    severity: Severity | None = None,
    **words: object,
) -> Finding:
    """A finding by a rule of a package, in whose texts `words` are filled in.

    `case` chooses among several texts of a rule; what they have in common is said once.
    `severity` is for a rule whose findings are of several.
    """
    texts = rules_of(package)[rule]
    texts = {**texts, **(texts[case] if case else {})}
    return Finding(
        rule=rule,
        subject=subject,
        reason=texts["reason"].format_map(words),
        remedy=texts["remedy"].format_map(words),
        value=value,
        source=texts.get("source", ""),
        rests_on=tuple(each.format_map(words) for each in texts.get("rests_on", ())),
        severity=severity or Severity(texts.get("severity", Severity.ERROR)),
    )


class BadInputError(ValueError):
    """What was given cannot be used: the text says what must hold, and how to fix it."""


class FindingsError(BadInputError):
    """Everything that is wrong with a set of values, reported together."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(map(str, self.findings)))
