"""What a review finds: the rules are data, in rules.toml."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from oelab.findings import Finding, Severity, finding_by, rules_of
from oelab.review.models import Subject


def rules() -> Mapping[str, Mapping[str, str]]:
    """The rules by id, the most serious first: `when`, `reason`, `remedy`, and maybe `severity`."""
    return rules_of(__package__)


@cache
def rank(rule: str) -> int:
    """The position of a rule from the most serious (0) on."""
    return list(rules()).index(rule)


def finding(
    rule: str, subject: Subject, severity: Severity | None = None, **values: Any
) -> Finding:
    """A finding; `values` are what the reason and the remedy of the rule leave open."""
    return finding_by(__package__, rule, subject, severity=severity, **values)
