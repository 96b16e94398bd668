"""The example app of a stranger's: other settings, other resources, the same constructs."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.synthesis import ROOT, Template, of_type, only

EXAMPLE = ROOT / "examples" / "backoffice.py"


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Template]:
    outdir = tmp_path_factory.mktemp("cdk.out")
    run = subprocess.run(
        [sys.executable, str(EXAMPLE)],
        cwd=outdir,
        env=os.environ | {"CDK_OUTDIR": str(outdir)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return {
        path.name.removesuffix(".template.json"): json.loads(path.read_text())
        for path in Path(outdir).glob("*.template.json")
    }


def test_each_environment_has_an_association_of_its_own(templates: dict[str, Template]) -> None:
    assert set(templates) == {"BackofficeStaging", "BackofficeProduction"}
    association = only(templates["BackofficeStaging"], "AWS::SSM::Association")["Properties"]
    assert association["Targets"] == [
        {"Key": "tag:Service", "Values": ["backoffice"]},
        {"Key": "tag:Environment", "Values": ["Staging"]},
    ]
    assert association["Parameters"]["windowsUpdates"] == ["Disabled"]


def test_nodes_may_use_the_key_of_the_bucket(templates: dict[str, Template]) -> None:
    actions = {
        action
        for policy in of_type(templates["BackofficeProduction"], "AWS::IAM::Policy")
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        for action in (
            [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
        )
    }
    assert "kms:GenerateDataKey" in actions
