"""The CDK without its own validation: in processes of their own, as node takes it at its start."""

import os
import subprocess
import sys

import pytest

from oelab.cdk_import import import_cdk
from tests.synthesis import ROOT

WRONG_APP = """
import os
from oelab.cdk_import import import_cdk
{first}
import aws_cdk as cdk
app = cdk.App(context={{"@aws-cdk/core:validateAgainstDefaultRules": True}})
stack = cdk.Stack(app, "Stack")
cdk.CfnResource(stack, "It", type="AWS::S3::Bucket", properties={{"BucketName": "My_Bucket"}})
app.synth()
print(os.environ.get("CDK_VALIDATION"))
"""


def run(first: str, switch: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", WRONG_APP.format(first=first)],
        cwd=ROOT,
        env=os.environ | ({"CDK_VALIDATION": switch} if switch else {}),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("switch", [None, "true"])
def test_the_cdk_validates_no_template_and_the_switch_stays_what_it_was(switch: str | None) -> None:
    result = run("import_cdk()", switch)
    assert result.returncode == 0, result.stderr
    assert result.stdout == f"{switch}\n"


def test_the_cdk_validates_templates_otherwise() -> None:
    assert "F3031" in run("").stderr


def test_it_is_too_late_once_the_cdk_is_there() -> None:
    with pytest.raises(RuntimeError, match="before anything imports the CDK"):
        import_cdk()
