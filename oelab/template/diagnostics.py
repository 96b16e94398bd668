"""What the engine finds in a template."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from oelab.environment import Environment
from oelab.template import engine
from oelab.template.assembly import NoAssemblyError, Template

# Those that the CDK's own use of the engine leaves out as well: the CDK itself writes templates
# that they complain of.
LEFT_OUT = ("E1018", "W1020", "W1103", "W3005", "W9002", "W9013")
LEFT_OUT_OF_AUTO_SCALING = "W3697"

# An image id written out keeps a deployment from replacing instances: not something to warn of.
HARDCODED_IMAGE = "W9010"


class TemplateFinding(NamedTuple):
    """One finding in one template."""

    rule: str
    message: str
    is_error: bool
    """Whether CloudFormation would refuse the template."""
    logical_id: str | None
    """Of the resource; None where the finding is about another part of the template."""
    property_path: str | None
    """Such as `Properties.Tags.0.Key`."""
    category: str | None
    remedy: str


def find(template: Path, environment: Environment) -> list[TemplateFinding]:
    """The errors and warnings of a template that is meant for `environment`."""
    content = template.read_bytes()
    report = engine.engine_for(content).validate_template(content, _config(environment))
    return [*map(_finding, report.diagnostics)]


def find_by_rules(rules: Sequence[str], template: Template, what: str) -> list[TemplateFinding]:
    """What these rules find in a template, whatever their severity; `what` is its name in an error.

    Raises:
        NoAssemblyError: the engine cannot read the template.
    """
    from cloudformation_validate import ReportStatus, RuleFilterConfig, ValidateConfig

    chosen = ValidateConfig(include=RuleFilterConfig(ids=[*rules]))
    report = engine.start().result().validate_template(json.dumps(template).encode(), chosen)
    if report.status is not ReportStatus.OK:
        raise NoAssemblyError(
            f"{what} cannot be evaluated ({report.status.name.lower()}); `make synth` reports what "
            "is wrong with it"
        )
    return [*map(_finding, report.diagnostics)]


def _config(environment: Environment) -> Any:
    import cloudformation_validate as validate

    return validate.ValidateConfig(
        severity_level=validate.Severity.WARN,
        pseudo_parameter_overrides=validate.PseudoParameterOverrides(
            account_id=environment.account or None, region=environment.region or None
        ),
        exclude=validate.RuleFilterConfig(
            ids=[*LEFT_OUT, HARDCODED_IMAGE],
            services=[
                validate.ServiceFilter(rule_id=LEFT_OUT_OF_AUTO_SCALING, service="AWS::AutoScaling")
            ],
        ),
    )


def _finding(diagnostic: Any) -> TemplateFinding:
    entity = diagnostic.entity
    is_of_resource = entity is not None and entity.entity_type.name == "RESOURCE"
    return TemplateFinding(
        rule=diagnostic.rule_id,
        message=diagnostic.message,
        is_error=diagnostic.severity.name in {"ERROR", "FATAL"},
        logical_id=entity.logical_id if is_of_resource else None,
        property_path=diagnostic.property_path or None,
        category=diagnostic.category,
        remedy=diagnostic.suggested_fix or _remedy(diagnostic),
    )


def _remedy(diagnostic: Any) -> str:
    """What to do where the engine itself suggests nothing."""
    place = diagnostic.property_path or "this part of the template"
    rule = diagnostic.rule_description or diagnostic.message
    entity = diagnostic.entity
    source = (entity and entity.resource_type) or "templates"
    return f"Correct {place} ({rule}); the CloudFormation reference of {source} says what it takes"
