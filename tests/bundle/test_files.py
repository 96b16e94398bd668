"""The files of the bundle, whatever is launched from them."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from oelab.bundle.templates import BUNDLE
from tests.bundle.conftest import Bundle
from tests.linting import cfn_lint
from tests.synthesis import ROOT

NAMES = [bundled.name for bundled in BUNDLE]


def test_the_manifest_lists_every_file_in_the_order_of_launch(bundle: Bundle) -> None:
    names = ["foundation", "workload", "inventory", "fleet-data"]
    assert [entry["name"] for entry in bundle.entries] == names
    files = {entry["file"] for entry in bundle.entries} | {"manifest.json"}
    assert {path.name for path in bundle.directory.iterdir()} == files


def test_the_manifest_knows_checksums_capabilities_and_tags(bundle: Bundle) -> None:
    for entry in bundle.entries:
        content = (bundle.directory / entry["file"]).read_bytes()
        assert entry["sha256"] == hashlib.sha256(content).hexdigest()
        assert entry["stack_tags"] == ["Owner"]
    assert {entry["name"]: entry["capabilities"] for entry in bundle.entries} == {
        "foundation": ["CAPABILITY_NAMED_IAM"],
        "workload": [],
        "inventory": ["CAPABILITY_IAM"],
        "fleet-data": ["CAPABILITY_IAM"],
    }


@pytest.mark.parametrize("name", NAMES)
def test_a_template_can_be_launched_without_a_bucket_to_put_it_into(
    bundle: Bundle, name: str
) -> None:
    """Source: CloudFormation User Guide, quotas: template body size in a request."""
    assert len(bundle.text(name).encode()) < 51_200


def test_the_workload_takes_the_parameters_of_the_lab(bundle: Bundle) -> None:
    (entry,) = (entry for entry in bundle.entries if entry["name"] == "workload")
    assert {each["name"]: each["default"] for each in entry["parameters"]} == {
        "WorkloadName": None,
        "InstanceProfile": "ManagedInstancesRole",
        "InstanceTypeWeb": "t3.micro",
        "InstanceTypeApp": "t3.micro",
        "ImageParameter": "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64",
        "AvailabilityZone": "",
        "KeyName": "",
        "SourceLocation": "",
    }


@pytest.mark.parametrize("name", NAMES)
def test_every_parameter_is_explained_labelled_and_constrained(bundle: Bundle, name: str) -> None:
    template = bundle.template(name)
    interface = template["Metadata"]["AWS::CloudFormation::Interface"]
    grouped = [each for group in interface["ParameterGroups"] for each in group["Parameters"]]
    assert sorted(grouped) == sorted(template["Parameters"]) == sorted(interface["ParameterLabels"])
    for key, parameter in template["Parameters"].items():
        assert parameter["Description"]
        if not parameter["Type"].startswith("AWS::SSM::Parameter::Value"):
            assert parameter["ConstraintDescription"].startswith("must be"), key
            assert {"AllowedPattern", "AllowedValues"} & set(parameter)


def test_the_urls_say_which_parameter_opens_them(bundle: Bundle) -> None:
    outputs = bundle.template("workload")["Outputs"]
    reason = "open to the range of the parameter SourceLocation, and to no one if that is blank"
    assert {key: output["Description"] for key, output in outputs.items()} == {
        "PrimaryURL": f"Web page of Web1, {reason}",
        "SecondaryURL": f"Web page of Web2, {reason}",
    }


@pytest.mark.parametrize("name", NAMES)
def test_templates_describe_themselves_and_bear_no_trace_of_the_cdk(
    bundle: Bundle, name: str
) -> None:
    template = bundle.template(name)
    assert len(template["Description"]) > 20
    assert set(template["Metadata"]) == {"AWS::CloudFormation::Interface"}
    metadata = [each.get("Metadata", {}) for each in template["Resources"].values()]
    assert all(each.keys() <= {"After"} for each in metadata)
    text = bundle.text(name).lower()
    assert not [trace for trace in ("cdk", "bootstrap", "token[") if trace in text]


@pytest.mark.parametrize("name", NAMES)
def test_a_blank_default_is_a_condition(bundle: Bundle, name: str) -> None:
    template = bundle.template(name)
    blanks = [name for name, each in template["Parameters"].items() if each.get("Default") == ""]
    for parameter in blanks:
        assert f"Has{parameter}" in template["Conditions"]
        assert bundle.text(name).count(f"Has{parameter}") > 1


def test_the_association_waits_for_the_permission_to_write_its_log(bundle: Bundle) -> None:
    resources = bundle.template("inventory")["Resources"]
    (policy,) = (key for key, each in resources.items() if each["Type"] == "AWS::IAM::Policy")
    (association,) = (each for each in resources.values() if "Metadata" in each)
    assert association["Type"] == "AWS::SSM::Association"
    assert association["Metadata"]["After"] == [
        {"Fn::If": [resources[policy]["Condition"], {"Ref": policy}, ""]}
    ]


@pytest.mark.parametrize("name", ["foundation", "workload"])
def test_resources_are_those_of_the_app(bundle: Bundle, name: str) -> None:
    """A stack launched from the bundle could be taken over by the app, and the other way round."""
    stack = {"foundation": "OELabFoundation", "workload": "OELabStack1"}[name]
    snapshot = json.loads((ROOT / "tests" / "snapshots" / f"{stack}.template.json").read_text())
    ours = {key: each["Type"] for key, each in bundle.template(name)["Resources"].items()}
    theirs = {key: each["Type"] for key, each in snapshot["Resources"].items()}
    assert theirs.items() <= ours.items()
    assert {ours[key] for key in ours.keys() - theirs.keys()} <= {"AWS::IAM::Policy"}


def test_the_inventory_has_the_types_of_the_app(bundle: Bundle) -> None:
    """Its ids are of its own, as it has one association, whose name is a parameter."""
    path = ROOT / "tests" / "snapshots" / "OELabInventory.template.json"
    snapshot = json.loads(path.read_text())["Resources"].values()
    handed_over = bundle.template("inventory")["Resources"].values()
    assert {each["Type"] for each in snapshot} <= {each["Type"] for each in handed_over}


def write_bundle(*arguments: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "oelab.bundle", *arguments]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(("option", "code"), [("--help", 0), ("--halp", 2)])
def test_an_option_is_no_folder(tmp_path: Path, option: str, code: int) -> None:
    ended = write_bundle(option, folder=tmp_path)
    assert ended.returncode == code
    assert "Usage: python -m oelab.bundle [OPTIONS] [DIRECTORY]" in ended.stdout + ended.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_one_line() -> None:
    ended = write_bundle("/dev/null/templates")
    assert (ended.returncode, ended.stdout) == (2, "")
    (line,) = ended.stderr.splitlines()
    assert line == "templates: /dev/null/templates cannot be used: Not a directory"


def test_cfn_lint_finds_nothing(bundle: Bundle) -> None:
    assert cfn_lint(sorted(bundle.directory.glob("*.yaml"))) == ""
