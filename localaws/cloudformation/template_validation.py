"""Templates are validated as CloudFormation validates them, before a stack is touched.

MiniStack accepts properties that no resource has. The engine that AWS publishes for this knows the
resource schemas; what it calls an error or fatal rejects the request.
"""

from functools import cache
from typing import Any

from localaws.adapter import cloudformation

ACTIONS = ("CreateStack", "UpdateStack", "CreateChangeSet")
REJECTING_SEVERITIES = frozenset({"ERROR", "FATAL"})

# The CDK CLI's own bootstrap template gives an empty string, by a condition, for two properties
# whose pattern forbids it; the engine does not follow the condition. AWS accepts the template.
BOOTSTRAP_STACK = "CDKToolkit"
BOOTSTRAP_EXCEPTION = "F3031"


def install() -> None:
    cloudformation.install_template_check(ACTIONS, rejection)


def rejection(stack_name: str, template: str) -> str | None:
    """Why CloudFormation would reject this template, or None."""
    findings = [
        f"[{finding.rule_id}] {_location(finding)}: {finding.message}"
        for finding in _engine().validate_template(template.encode()).diagnostics
        if finding.severity.name in REJECTING_SEVERITIES
        and not (stack_name == BOOTSTRAP_STACK and finding.rule_id == BOOTSTRAP_EXCEPTION)
    ]
    if not findings:
        return None
    return f"Template validation failed with {len(findings)} error(s): {'; '.join(findings)}"


@cache
def _engine() -> Any:
    """Loaded at the first template: it takes half a second that a start need not wait for."""
    from cloudformation_validate import CompositeEngine

    return CompositeEngine()


def _location(finding: Any) -> str:
    logical_id = finding.entity.logical_id if finding.entity else "template"
    return f"{logical_id} {finding.property_path or ''}".strip()
