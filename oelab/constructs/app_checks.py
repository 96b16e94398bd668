"""Runs the checks of a whole app when the CDK synthesizes it, and ends with their findings."""

import sys
from pathlib import Path
from weakref import WeakKeyDictionary

import aws_cdk as cdk
import jsii
from aws_cdk import cx_api
from constructs import IConstruct

from oelab.checks import check
from oelab.constructs.arguments import check_arguments
from oelab.findings import Finding, Severity
from oelab.template.app import read_app
from oelab.template.assembly import stacks_of
from oelab.template.expression import Resource


@jsii.implements(cdk.IPolicyValidationPlugin)
class InventoryChecks:
    """Fails the synth of an app whose inventory could not work.

    It looks at every inventory association of the app, at every instance that one reaches, and at
    interface endpoints and the names of roles, whatever construct defines them, in all stacks and
    Stages. docs/constructs.md lists the rules.

    A finding is accepted the CDK's way, on the construct that it names or any construct around it:
    `Validations.of(c).acknowledge(Acknowledgment(id="oelab::InventorySkipped", reason="…"))`.

    An `InventoryAssociation` registers the checks with its app by itself.
    """

    version = rule_ids = None
    """Not reported: the CDK asks for them only for its analytics."""

    def __init__(self) -> None:
        self.strict = False

    @staticmethod
    @check_arguments()
    def of(scope: IConstruct, *, strict: bool | None = None) -> "InventoryChecks | None":
        """The checks of the app around `scope`, registered with it on the first call.

        With `strict`, what the app itself does not show, such as what an imported role allows, is a
        warning rather than silence; unset, it stays as it is. There is None where `scope` is in no
        app.
        """
        app = scope.node.root
        if not isinstance(app, cdk.App):
            return None
        checks = _REGISTERED.get(app)
        if checks is None:
            checks = _REGISTERED[app] = InventoryChecks()
            cdk.Validations.of(app).add_plugins(checks)
        if strict is not None:
            checks.strict = strict
        return checks

    @property
    def name(self) -> str:
        """What the CDK's report calls the checks, and acknowledgements begin with."""
        return "oelab"

    def validate(self, context: cdk.IPolicyValidationContext) -> cdk.PolicyValidationPluginReport:
        """Check the templates that the CDK has just written."""
        app = read_app(stacks_of(map(Path, context.template_paths)))
        findings = check(app, strict=self.strict)
        return cdk.PolicyValidationPluginReport(
            success=all(finding.severity is not Severity.ERROR for finding in findings),
            violations=[_violation(finding) for finding in findings],
        )


_REGISTERED: WeakKeyDictionary[cdk.App, InventoryChecks] = WeakKeyDictionary()


@check_arguments()
def synth_or_exit(app: cdk.App) -> cx_api.CloudAssembly:
    """Synthesize `app`; where validation fails, end with status 1 and no stack dump.

    The CDK prints its report before it raises, so all that is left to say is where the report is.
    """
    try:
        return app.synth()
    except RuntimeError as error:
        kind, _, message = str(error).partition(": ")
        if not kind.startswith("ValidationFailed"):
            raise
        print(message, file=sys.stderr)
        sys.exit(1)


def _violation(finding: Finding) -> cdk.PolicyViolation:
    resource = finding.subject
    assert isinstance(resource, Resource)
    return cdk.PolicyViolation(
        rule_name=finding.rule,
        severity=finding.severity,
        description=f"{resource} {finding.reason}, got {finding.value!r} ({finding.source})",
        fix=finding.remedy,
        violating_resources=[
            cdk.PolicyViolatingResource(
                resource_logical_id=resource.logical_id,
                template_path=str(resource.stack.template_file),
                locations=[],
            )
        ],
    )
