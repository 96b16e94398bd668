"""The findings of the checks, whose texts are in rules.toml."""

from dataclasses import replace
from functools import partial

from oelab.findings import Finding, Severity, finding_by
from oelab.template.expression import Resource

violation = partial(finding_by, __package__)
"""A finding by a rule of the checks about a resource, as `finding_by` makes it."""


def of_property(resource: Resource, finding: Finding) -> Finding:
    """What a constraint finds about a property, as a finding about the resource that has it."""
    reason = f"has {finding.subject}, which {finding.reason}"
    return replace(finding, subject=resource, reason=reason)


def certainty(is_certain: bool) -> Severity:
    """An error, or what only the deployment can tell."""
    return Severity.ERROR if is_certain else Severity.UNKNOWN
