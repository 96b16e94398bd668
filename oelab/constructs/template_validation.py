"""CloudFormation's rules at synth, by the native engine, the CDK's own or none."""

import os
from collections import defaultdict
from pathlib import Path

import aws_cdk as cdk
import jsii

from oelab.cdk_import import SWITCH
from oelab.constraints.kinds import Choice
from oelab.constructs.arguments import check_arguments
from oelab.findings import FindingsError
from oelab.template.assembly import Stack, stacks_of
from oelab.template.diagnostics import TemplateFinding, find
from oelab.template.engine import start

_ENGINE = Choice("ValidationEngine", "oelab.constructs", ("native", "builtin", "off"))


@jsii.implements(cdk.IPolicyValidationPlugin)
class TemplateValidation:
    """Fails the synth of an app whose templates CloudFormation would refuse.

    It applies the rules of the CDK's built-in validation with an engine that starts next to node
    rather than within it. The app must do without the built-in one, which
    `oelab.cdk_import.import_cdk`, called first of all, sees to.

    Findings are accepted as those of the built-in validation are, by the same ids and on the
    construct or any construct around it: `Validations.of(c).acknowledge(Acknowledgment(
    id="CloudFormation-Validate::E3012", reason="…"))`.

    It warns of all that the built-in validation warns of, but for image ids written out: they keep
    a deployment from replacing instances.
    """

    version = rule_ids = None
    """Not reported: the CDK asks for them only for its analytics."""

    def __init__(self) -> None:
        start()

    @staticmethod
    @check_arguments()
    def add_to(app: cdk.App) -> None:
        """Validate the templates of `app` by the engine that `-c validation=ENGINE` names.

        It is `native` where none is named, the CDK's own for `builtin`, and none for `off`.
        `cdk synth --validation false`, which tells the app by its environment, turns any off.

        Raises:
            FindingsError: there is no such engine.
        """
        named = app.node.try_get_context("validation")
        if found := list(_ENGINE.findings("context validation", named)):
            raise FindingsError(found)
        if named == "off" or os.environ.get(SWITCH) == "false":
            return
        is_builtin = named == "builtin"
        plugin = cdk.CloudFormationValidatePlugin() if is_builtin else TemplateValidation()
        cdk.Validations.of(app).add_plugins(plugin)

    @property
    def name(self) -> str:
        """The built-in validation's name, so that what is accepted is accepted from both."""
        return cdk.CloudFormationValidatePlugin.PLUGIN_NAME

    def validate(self, context: cdk.IPolicyValidationContext) -> cdk.PolicyValidationPluginReport:
        """Check the templates that the CDK has just written."""
        found: dict[TemplateFinding, list[cdk.PolicyViolatingResource]] = defaultdict(list)
        for stack in stacks_of(map(Path, context.template_paths)):
            for finding in find(stack.template_file, stack.environment):
                found[finding].append(_place(finding, stack))
        return cdk.PolicyValidationPluginReport(
            success=not any(finding.is_error for finding in found),
            violations=[_violation(finding, places) for finding, places in found.items()],
        )


def _place(finding: TemplateFinding, stack: Stack) -> cdk.PolicyViolatingResource:
    # The CDK finds the construct of a resource by itself, and asks for one path or the other.
    return cdk.PolicyViolatingResource(
        resource_logical_id=finding.logical_id,
        construct_path=None if finding.logical_id else stack.path,
        template_path=str(stack.template_file),
        locations=[finding.property_path] if finding.property_path else [],
    )


def _violation(
    finding: TemplateFinding, places: list[cdk.PolicyViolatingResource]
) -> cdk.PolicyViolation:
    property_path = (finding.property_path or "").removeprefix("Properties.")
    return cdk.PolicyViolation(
        rule_name=finding.rule,
        severity="error" if finding.is_error else "warning",
        description=f"{property_path}: {finding.message}" if property_path else finding.message,
        fix=finding.remedy,
        rule_metadata={"category": finding.category} if finding.category else None,
        violating_resources=places,
    )
