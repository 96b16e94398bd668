"""What a review finds: the rules are data, in rules.toml."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from oelab.findings import Finding, Severity
from oelab.review.models import Subject


@cache
def rules() -> Mapping[str, Mapping[str, str]]:
    """The rules by id, the most serious first: `when`, `reason`, `remedy`, and maybe `severity`."""
    return tomllib.loads(files(__package__).joinpath("rules.toml").read_text(encoding="utf-8"))


@cache
def rank(rule: str) -> int:
    """The position of a rule from the most serious (0) on."""
    return list(rules()).index(rule)


def finding(
    rule: str, subject: Subject, severity: Severity | None = None, **values: Any
) -> Finding:
    """A finding; `values` are what the reason and the remedy of the rule leave open."""
    texts = rules()[rule]
    return Finding(
        rule=rule,
        severity=severity or Severity(texts.get("severity", Severity.ERROR)),
        subject=subject,
        reason=texts["reason"].format_map(values),
        remedy=texts["remedy"].format_map(values),
    )
