"""The findings of the checks, whose texts are in rules.toml."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from oelab.findings import Finding, Severity, finding_by, rules_of
from oelab.template.expression import Resource


def rules() -> Mapping[str, Mapping[str, Any]]:
    """The rules by id: `reason`, `remedy`, `source` and maybe `severity`, or several by case."""
    return rules_of(__package__)


def violation(
    rule: str,
    resource: Resource,
    value: str,
    *,
    case: str = "",
    severity: Severity | None = None,
    **words: Any,
) -> Finding:
    """A finding about a resource; `words` are filled into the texts of its rule.

    `severity` is for a rule whose findings are of several, and `case` for one of several texts.
    """
    return finding_by(__package__, rule, resource, value, case=case, severity=severity, **words)


def of_property(resource: Resource, finding: Finding) -> Finding:
    """What a constraint finds about a property, as a finding about the resource that has it."""
    reason = f"has {finding.subject}, which {finding.reason}"
    return replace(finding, subject=resource, reason=reason)


def certainty(is_certain: bool) -> Severity:
    """An error, or what only the deployment can tell."""
    return Severity.ERROR if is_certain else Severity.UNKNOWN
