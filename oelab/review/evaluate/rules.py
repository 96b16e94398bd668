"""What a review finds, with the severity and the remedy of its rule."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from oelab.findings import Finding, Severity
from oelab.review.models import Subject

_FILE = "rules.toml"


@cache
def rules() -> Mapping[str, Mapping[str, str]]:
    """The rules by id, the most serious first: `when`, `remedy` and, if not `error`, `severity`."""
    return tomllib.loads(files(__package__).joinpath(_FILE).read_text(encoding="utf-8"))


@cache
def rank(rule: str) -> int:
    """The position of a rule from the most serious (0) on."""
    return list(rules()).index(rule)


def finding(
    rule: str, subject: Subject, reason: str, severity: Severity | None = None, **values: str
) -> Finding:
    """A finding; `values` are those that the remedy of the rule asks for."""
    known = rules()[rule]
    return Finding(
        rule=rule,
        severity=severity or Severity(known.get("severity", Severity.ERROR)),
        subject=subject,
        reason=reason,
        remedy=known["remedy"].format_map(values),
    )
