"""The findings of the checks, whose texts are in rules.toml."""

import tomllib
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any

from oelab.findings import Finding, Severity
from oelab.template.expression import Resource


@cache
def rules() -> dict[str, Any]:
    """The rules as the file has them: texts by id, or several of them by id and case."""
    return tomllib.loads((files("oelab.checks") / "rules.toml").read_text("utf-8"))


def violation(
    rule: str,
    resource: Resource,
    value: str,
    *,
    case: str = "",
    severity: Severity | None = None,
    **words: object,
) -> Finding:
    """A finding about a resource; `words` are filled into the texts of its rule.

    `severity` is for a rule whose findings are of several, and `case` for one of several texts.
    """
    text = rules()[rule][case] if case else rules()[rule]
    return Finding(
        rule,
        resource,
        text["reason"].format(**words),
        text["remedy"].format(**words),
        value,
        text["source"],
        severity=severity or Severity(text.get("severity", Severity.ERROR)),
    )


def of_property(resource: Resource, finding: Finding) -> Finding:
    """What a constraint finds about a property, as a finding about the resource that has it."""
    reason = f"has {finding.subject}, which {finding.reason}"
    return replace(finding, subject=resource, reason=reason)


def certainty(is_certain: bool) -> Severity:
    """An error, or what only the deployment can tell."""
    return Severity.ERROR if is_certain else Severity.UNKNOWN
