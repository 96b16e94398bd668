"""cfn-lint, cdk-nag, the CDK's own validation, and IMDSv2."""

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path

import aws_cdk as cdk
import cdk_nag
import pytest
from aws_cdk import Validations

from oelab.settings import (
    ExistingInstanceSettings,
    FleetDataSettings,
    InventorySettings,
    LogSettings,
    RoleSettings,
    Settings,
)
from tests.linting import cfn_lint
from tests.synthesis import Template, app_of, of_type

ACCEPTED: dict[str, str] = tomllib.loads(
    (Path(__file__).parent / "accepted_findings.toml").read_text()
)

# The lab, with the parts that it leaves off.
SETTINGS = Settings(
    role=RoleSettings(restricted_permissions=True),
    inventory=InventorySettings(logs=LogSettings(create_bucket=True, prefix="inventory")),
    existing_instances=ExistingInstanceSettings(attach_profile=True),
    fleet_data=FleetDataSettings(enabled=True, prefix="inventory"),
)
ORGANIZATION = Settings(
    fleet_data=FleetDataSettings(
        enabled=True,
        organization_id="o-a1b2c3d4e5",
        kms_key_arn="arn:aws:kms:us-east-1:111122223333:key/12345678-90ab-cdef-1234-567890abcdef",
    )
)


@pytest.fixture(
    scope="module",
    params=[Settings(), SETTINGS, ORGANIZATION],
    ids=["lab", "all parts", "organization"],
)
def settings(request: pytest.FixtureRequest) -> Settings:
    assert isinstance(request.param, Settings)
    return request.param


def test_cfn_lint_finds_nothing(settings: Settings, tmp_path: Path) -> None:
    app_of(settings, outdir=str(tmp_path)).synth()
    assert cfn_lint(tmp_path.glob("*.template.json")) == ""


def test_the_cdk_itself_validates_the_templates(settings: Settings, tmp_path: Path) -> None:
    app = app_of(settings, outdir=str(tmp_path))
    Validations.of(app).add_plugins(cdk.CloudFormationValidatePlugin())
    app.synth()


def nag_findings(settings: Settings, directory: Path) -> Iterator[tuple[str, str]]:
    """The rule and the path of each finding of cdk-nag."""
    app = app_of(settings, outdir=str(directory))
    Validations.of(app).add_plugins(cdk_nag.AwsSolutionsChecks(app))
    with pytest.raises(RuntimeError, match="ValidationFailed"):  # the accepted findings
        app.synth()
    report = json.loads((directory / "validation-report.json").read_text())
    for plugin in report["pluginReports"]:
        for violation in plugin["violations"]:
            for construct in violation["violatingConstructs"]:
                yield violation["ruleName"], construct["constructPath"]


def test_cdk_nag_finds_only_what_is_accepted(settings: Settings, tmp_path: Path) -> None:
    found = [
        finding
        for finding in nag_findings(settings, tmp_path)
        if not finding[0].startswith(tuple(ACCEPTED))
    ]
    assert found == []


def test_every_accepted_finding_is_still_found(tmp_path: Path) -> None:
    found = {
        rule
        for number, settings in enumerate((Settings(), SETTINGS))
        for rule, _ in nag_findings(settings, tmp_path / str(number))
    }
    assert [rule for rule in ACCEPTED if not any(f.startswith(rule) for f in found)] == []


@pytest.mark.parametrize("rule", ACCEPTED)
def test_every_accepted_finding_has_a_reason(rule: str) -> None:
    assert len(ACCEPTED[rule].split()) >= 5


def without_imdsv2(template: Template) -> list[str]:
    """The instances and launch templates that would also answer IMDSv1: no tool reports them."""
    found = [
        *(r["Properties"] for r in of_type(template, "AWS::EC2::Instance")),
        *(
            r["Properties"]["LaunchTemplateData"]
            for r in of_type(template, "AWS::EC2::LaunchTemplate")
        ),
    ]
    return [
        str(properties)
        for properties in found
        if properties.get("MetadataOptions", {}).get("HttpTokens") != "required"
    ]


def test_no_instance_answers_imdsv1(lab: dict[str, Template]) -> None:
    assert [finding for template in lab.values() for finding in without_imdsv2(template)] == []


def test_the_imdsv2_rule_sees_a_lax_instance() -> None:
    lax = {"Type": "AWS::EC2::Instance", "Properties": {"MetadataOptions": {}}}
    data = {"MetadataOptions": {"HttpTokens": "optional"}}
    launch = {"Type": "AWS::EC2::LaunchTemplate", "Properties": {"LaunchTemplateData": data}}
    assert len(without_imdsv2({"Resources": {"Lax": lax, "Launch": launch}})) == 2
