"""The lab's own settings, and the file that shows and explains them."""

import dataclasses
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from oelab.constraints.kinds import Items, OrBlank
from oelab.settings import (
    AssociationSettings,
    EnvironmentSettings,
    ExistingInstanceSettings,
    FleetDataSettings,
    InventorySettings,
    LogSettings,
    RoleSettings,
    Settings,
    TargetSettings,
    WorkloadSettings,
    findings,
    load,
)
from oelab.systems_manager.inventory_types import FileRule, InventoryTypes, RegistryRule

LAB_FILE = Path(__file__).parents[2] / "oelab.toml"

# By the table of the file: what it is read as.
TABLES: dict[str, type] = {
    "": Settings,
    "role": RoleSettings,
    "workloads": WorkloadSettings,
    "inventory.logs": LogSettings,
    "inventory.associations": AssociationSettings,
    "inventory.associations.targets": TargetSettings,
    "inventory.associations.types": InventoryTypes,
    "existing_instances": ExistingInstanceSettings,
    "fleet_data": FleetDataSettings,
}


def comments() -> dict[str, str]:
    """What the file says of each setting, in one line: the comment above it or above its group."""
    found: dict[str, str] = {}
    comment: list[str] = []
    table, is_comment = "", False
    for line in LAB_FILE.read_text().splitlines():
        # A key is a comment itself where its default cannot be written.
        if key := re.match(r"(?:# )?(\w+) = ", line):
            found.setdefault(f"{table}.{key[1]}".removeprefix("."), " ".join(comment))
        elif header := re.fullmatch(r"\[+([\w.]+)\]+", line):
            table = header[1]
            found.setdefault(table, " ".join(comment))
        elif line.startswith("# "):
            comment = [*(comment if is_comment else []), line.removeprefix("# ")]
        is_comment = line.startswith("#")
    return found


def constrained() -> Iterator[tuple[str, Any]]:
    """Every setting that has a constraint, and the constraint."""
    for table, kind in TABLES.items():
        for name, hint in get_type_hints(kind, include_extras=True).items():
            for constraint in getattr(hint, "__metadata__", ()):
                inner = constraint.constraint if isinstance(constraint, OrBlank) else constraint
                yield f"{table}.{name}".removeprefix("."), inner


def requirements(constraint: Any) -> Iterator[str]:
    """What a reader must know: how many there may be, and what each must be."""
    if not isinstance(constraint, Items):
        yield constraint.requirement
        return
    if constraint.at_least or constraint.at_most:
        yield constraint.requirement
    if isinstance(constraint.each, Items) or constraint.at_most is None:
        yield from requirements(constraint.each)


@pytest.mark.parametrize(("setting", "constraint"), [*constrained()])
def test_the_file_says_what_each_setting_must_be(setting: str, constraint: Any) -> None:
    for requirement in requirements(constraint):
        assert requirement in comments()[setting]


def test_lab_has_no_fault() -> None:
    assert findings(Settings()) == ()


def test_empty_file_is_the_lab(tmp_path: Path) -> None:
    (tmp_path / "empty.toml").write_text("")
    assert load(tmp_path / "empty.toml") == Settings()


def test_file_of_the_lab_is_the_lab() -> None:
    assert load(LAB_FILE) == Settings()


WITHOUT_TABLE = (EnvironmentSettings, InventorySettings, FileRule, RegistryRule)


@pytest.mark.parametrize("kind", [*TABLES.values(), *WITHOUT_TABLE])
def test_file_of_the_lab_mentions_every_key(kind: type) -> None:
    text = LAB_FILE.read_text()
    for field in dataclasses.fields(kind):
        assert re.search(rf"\b{field.name}\b( =|\.|\])", text), field.name


def test_file_of_the_lab_comments_load(tmp_path: Path) -> None:
    """The examples in comments work: each replaces the empty list that follows it."""
    example = r"^# ((environments|files|windows_registry) = .*\n)\2 = \[\]\n"
    text = re.sub(example, r"\1", LAB_FILE.read_text(), flags=re.M)
    (tmp_path / "examples.toml").write_text(text)
    settings = load(tmp_path / "examples.toml")
    assert settings.regions == ("us-east-1", "eu-west-1")
    types = settings.inventory.associations[0].types
    assert types.files[0].dir_scan_limit == 1000
    assert types.windows_registry[0].value_names == ("Version",)


def test_imports_neither_cdk_nor_boto3_nor_tomlkit() -> None:
    code = (
        "import sys, oelab.settings; "
        "print({'aws_cdk', 'jsii', 'boto3', 'tomlkit'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
