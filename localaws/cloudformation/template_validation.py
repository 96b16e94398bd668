"""Templates are validated as CloudFormation validates them, before a stack is touched.

MiniStack accepts properties that no resource has. The engine that AWS publishes for this knows the
resource schemas; what it calls an error or fatal rejects the request.
"""

import atexit
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
        diagnostic
        for diagnostic in _diagnose(template)
        if diagnostic.severity.name in REJECTING_SEVERITIES
        and not (stack_name == BOOTSTRAP_STACK and diagnostic.rule_id == BOOTSTRAP_EXCEPTION)
    ]
    if not findings:
        return None
    listed = "; ".join(_describe(finding) for finding in findings)
    return f"Template validation failed with {len(findings)} error(s): {listed}"


def _diagnose(template: str) -> list[Any]:
    from cloudformation_validate import ValidateConfig

    report = _engine().validate_template(template.encode(), ValidateConfig())
    diagnostics: list[Any] = report.diagnostics
    return diagnostics


@cache
def _engine() -> Any:
    """Loaded at the first template: it takes half a second that a start need not wait for."""
    from cloudformation_validate import CompositeEngine, CompositeEngineConfig

    # Let go of before the interpreter ends: the engine's own finalizer needs modules gone by then.
    atexit.register(_engine.cache_clear)
    return CompositeEngine(CompositeEngineConfig())


def _describe(diagnostic: Any) -> str:
    place = ""
    if diagnostic.entity:
        place = f"{diagnostic.entity.logical_id} "
    if diagnostic.property_path:
        place += f"{diagnostic.property_path} "
    return f"[{diagnostic.rule_id}] {place}{diagnostic.message}"
