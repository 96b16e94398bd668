"""The validation of templates at synth, as the author of an app meets it."""

import importlib.resources
import tarfile
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions

from oelab.constructs import TemplateValidation
from oelab.template import engine
from tests.synthesis import ROOT, new_app
from tests.test_app import run_app

WRONG = {"BucketName": "My_Bucket"}
WARNED = {"VersioningConfiguration": {"Status": "on"}}


def app_with(
    properties: dict[str, Any],
    *,
    resource_type: str = "AWS::S3::Bucket",
    engine: str | None = None,
    **environment: str,
) -> tuple[cdk.App, cdk.CfnResource]:
    app = new_app(post_cli_context={"validation": engine} if engine else {})
    stack = cdk.Stack(app, "Stack", env=cdk.Environment(**environment))
    TemplateValidation.add_to(app)
    return app, cdk.CfnResource(stack, "Thing", type=resource_type, properties=properties)


def report(app: cdk.App) -> str:
    with pytest.raises(RuntimeError, match="ValidationFailed") as failure:
        app.synth()
    return str(failure.value)


def test_an_error_names_construct_property_and_remedy() -> None:
    app, _ = app_with(WRONG)
    text = report(app)
    assert "ERROR BucketName: 'My_Bucket' does not match pattern" in text
    assert "Stack/Thing" in text
    assert "Suggested fix: Correct Properties.BucketName" in text
    assert "CloudFormation-Validate::F3031" in text


def test_an_error_outside_of_resources_names_the_stack() -> None:
    app, resource = app_with({})
    cdk.CfnOutput(resource, "Result", value=cdk.Fn.ref("Nothing"))
    text = report(app)
    assert "Nothing" in text
    assert "   Stack" in text


def test_an_error_is_accepted_the_way_of_the_cdk() -> None:
    app, resource = app_with(WRONG)
    cdk.Validations.of(resource).acknowledge(
        cdk.Acknowledgment(id="CloudFormation-Validate::F3031", reason="to see it accepted")
    )
    app.synth()


def test_a_warning_does_not_fail_the_synth() -> None:
    app, _ = app_with(WARNED)
    app.synth()


def test_the_region_of_the_stack_is_known() -> None:
    instance = {"ImageId": "ami-0123456789abcdef0", "InstanceType": "p5.48xlarge"}
    app, _ = app_with(
        instance,
        resource_type="AWS::EC2::Instance",
        account="123456789012",
        region="ap-southeast-4",
    )
    assert "E3628" in report(app)


def test_the_app_says_in_one_line_that_there_is_no_such_engine(tmp_path: Path) -> None:
    run = run_app(ROOT, tmp_path, {"validation": "quick"})
    assert run.returncode == 2
    assert run.stderr.startswith("context validation must be native, builtin or off, got 'quick';")


@pytest.mark.parametrize("engine", ["native", "builtin"])
def test_a_good_app_is_silent_to_its_end(engine: str, tmp_path: Path) -> None:
    run = run_app(ROOT, tmp_path, {"validation": engine})
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


def test_validation_can_be_off() -> None:
    app, _ = app_with(WRONG, engine="off")
    app.synth()


def test_the_cli_turns_validation_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDK_VALIDATION", "false")
    app, _ = app_with(WRONG)
    app.synth()


def test_there_is_no_other_engine() -> None:
    with pytest.raises(ValueError, match="must be native, builtin or off, got 'quick'"):
        app_with(WRONG, engine="quick")


def test_assertions_validate_too() -> None:
    _, resource = app_with(WRONG)
    with pytest.raises(RuntimeError, match="F3031"):
        assertions.Template.from_stack(resource.stack)


def test_the_cdk_adds_rules_for_the_services_that_are_known_here() -> None:
    """Other files of rules would be read only for templates with GameLift."""
    (package,) = importlib.resources.files("aws_cdk._jsii").glob("*.tgz")  # type: ignore[attr-defined]
    with tarfile.open(Path(package)) as archive:
        rules = [name for name in archive.getnames() if name.startswith(str(engine.CDK_RULES))]
    assert [Path(name).name for name in rules] == ["gamelift-fleet.rego"]
