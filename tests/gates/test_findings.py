"""cfn-lint, cdk-nag, the CDK's own validation, and IMDSv2."""

import json
import tomllib
from pathlib import Path
from typing import NamedTuple

import aws_cdk as cdk
import cdk_nag
import pytest
from aws_cdk import Validations

from oelab.stacks import define_stacks
from tests.forms import FORMS
from tests.linting import cfn_lint
from tests.synthesis import Template, new_app, of_type

ACCEPTED: dict[str, str] = tomllib.loads(
    (Path(__file__).parent / "accepted_findings.toml").read_text()
)


class NagFinding(NamedTuple):
    """A finding of cdk-nag."""

    rule: str
    path: str


def app_of_all_forms(folder: Path) -> cdk.App:
    """Each form in a Stage of one app, so that each tool starts only once."""
    app = new_app(outdir=str(folder))
    for name, settings in FORMS.items():
        define_stacks(cdk.Stage(app, name), settings)
    return app


def test_neither_the_cdk_nor_cfn_lint_finds_anything(tmp_path: Path) -> None:
    app = app_of_all_forms(tmp_path)
    Validations.of(app).add_plugins(cdk.CloudFormationValidatePlugin())
    app.synth()
    templates = [*tmp_path.rglob("*.template.json")]
    assert {path.parent.name for path in templates} == {f"assembly-{name}" for name in FORMS}
    assert cfn_lint(templates) == ""


@pytest.fixture(scope="module")
def nag_findings(tmp_path_factory: pytest.TempPathFactory) -> list[NagFinding]:
    """What cdk-nag finds in every form of the lab."""
    folder = tmp_path_factory.mktemp("nag")
    app = app_of_all_forms(folder)
    Validations.of(app).add_plugins(cdk_nag.AwsSolutionsChecks(app))
    with pytest.raises(RuntimeError, match="ValidationFailed"):  # the accepted findings
        app.synth()
    report = json.loads((folder / "validation-report.json").read_text())
    # The report also has warnings of our own checks, which take the forms for one deployment.
    (of_nag,) = (each for each in report["pluginReports"] if each["pluginName"] == "AwsSolutions")
    return [
        NagFinding(violation["ruleName"], construct["constructPath"])
        for violation in of_nag["violations"]
        for construct in violation["violatingConstructs"]
    ]


def test_cdk_nag_looks_at_each_form(nag_findings: list[NagFinding]) -> None:
    assert {found.path.partition("/")[0] for found in nag_findings} == FORMS.keys()


def test_cdk_nag_finds_only_what_is_accepted(nag_findings: list[NagFinding]) -> None:
    assert [found for found in nag_findings if not found.rule.startswith(tuple(ACCEPTED))] == []


@pytest.mark.parametrize("rule", ACCEPTED)
def test_every_accepted_finding_is_still_found(rule: str, nag_findings: list[NagFinding]) -> None:
    assert any(found.rule.startswith(rule) for found in nag_findings)


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
