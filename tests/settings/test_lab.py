import dataclasses
import re
import subprocess
import sys
from pathlib import Path

import pytest

from oelab import settings
from oelab.settings import (
    AssociationSettings,
    FileRule,
    InventorySettings,
    InventoryTypes,
    LogSettings,
    RegistryRule,
    RoleSettings,
    Settings,
    TargetSettings,
    WorkloadSettings,
    load,
)

LAB_FILE = Path(__file__).parents[2] / "oelab.toml"

KINDS = [
    Settings,
    RoleSettings,
    WorkloadSettings,
    InventorySettings,
    LogSettings,
    AssociationSettings,
    TargetSettings,
    InventoryTypes,
    FileRule,
    RegistryRule,
]


def test_lab_has_no_fault() -> None:
    assert settings.findings(Settings()) == ()
    assert settings.check(Settings()) == Settings()


def test_empty_file_is_the_lab(tmp_path: Path) -> None:
    (tmp_path / "empty.toml").write_text("")
    assert load(tmp_path / "empty.toml") == Settings()


def test_file_of_the_lab_is_the_lab() -> None:
    assert load(LAB_FILE) == Settings()


@pytest.mark.parametrize("kind", KINDS)
def test_file_of_the_lab_mentions_every_key(kind: type) -> None:
    text = LAB_FILE.read_text()
    for field in dataclasses.fields(kind):
        assert re.search(rf"\b{field.name}\b( =|\.|\]| = )", text), field.name


def test_workloads_of_the_lab_follow_another_name_of_the_role(tmp_path: Path) -> None:
    text = LAB_FILE.read_text().replace('name = "ManagedInstancesRole"', 'name = "Mine"', 1)
    (tmp_path / "renamed.toml").write_text(text)
    renamed = load(tmp_path / "renamed.toml")
    assert renamed.role.name == "Mine"
    assert {workload.instance_profile for workload in renamed.workloads} == {"Mine"}


def test_file_of_the_lab_comments_load(tmp_path: Path) -> None:
    """The examples in comments work: each replaces the empty list that follows it."""
    text = re.sub(
        r"^# ((files|windows_registry) = .*\n)\2 = \[\]\n", r"\1", LAB_FILE.read_text(), flags=re.M
    )
    (tmp_path / "examples.toml").write_text(text)
    types = load(tmp_path / "examples.toml").inventory.associations[0].types
    assert types.files[0].dir_scan_limit == 1000
    assert types.windows_registry[0].value_names == ("Version",)


def test_imports_neither_cdk_nor_boto3() -> None:
    code = "import sys, oelab.settings; print({'aws_cdk', 'jsii', 'boto3'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
