import contextlib
from pathlib import Path

import pytest

from oelab.settings import (
    RoleSettings,
    Settings,
    SettingsError,
    TargetSettings,
    WorkloadSettings,
    findings,
    load,
)
from oelab.settings.from_toml import Reader
from tests.generated import HealthCheck, given, st
from tests.generated import settings as generation


def loaded(tmp_path: Path, text: str) -> Settings:
    file = tmp_path / "settings.toml"
    file.write_text(text)
    return load(file)


def test_tags_join_those_of_the_lab(tmp_path: Path) -> None:
    tags = 'tags = {Team = "Ops", Environment = "Mine"}\n'
    settings = loaded(tmp_path, f"{tags}[role]\n{tags}")
    assert settings.tags == {**Settings().tags, "Team": "Ops", "Environment": "Mine"}
    assert settings.role.tags == {"Team": "Ops", "Environment": "Mine"}


def test_the_role_has_a_tag_of_its_own(tmp_path: Path) -> None:
    assert loaded(tmp_path, '[role.tags]\nTeam = "Ops"').role.tags == {
        "Environment": "OELabIPM",
        "Team": "Ops",
    }


def test_a_profile_that_is_left_out_is_that_of_the_role(tmp_path: Path) -> None:
    text = """
        role.name = "Mine"
        workloads = [
            { name = "A", stack_name = "A" },
            { name = "B", stack_name = "B", instance_profile = "" },
            { name = "C", stack_name = "C", instance_profile = "Theirs" },
        ]
    """.replace("\n            ", " ").replace("\n        ]", "]")
    settings = loaded(tmp_path, text)
    profiles = [workload.instance_profile for workload in settings.workloads]
    assert profiles == [None, "", "Theirs"]
    assert settings.named_profiles() == {"Theirs"}


def test_third_workload_is_one_more_table(tmp_path: Path) -> None:
    lab = (Path(__file__).parents[2] / "oelab.toml").read_text()
    third = '[[workloads]]\nname = "Dev"\nstack_name = "OELabStack3"\n'
    workloads = loaded(tmp_path, lab + third).workloads
    dev = WorkloadSettings(name="Dev", stack_name="OELabStack3")
    assert workloads == (*Settings().workloads, dev)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", TargetSettings(tags={"Environment": ("OELabIPM",)})),
        ("all_nodes = true", TargetSettings(tags={}, all_nodes=True)),
        ('tags = {A = ["x", "y"]}', TargetSettings(tags={"A": ("x", "y")})),
    ],
)
def test_tag_of_the_lab_steps_aside(tmp_path: Path, text: str, expected: TargetSettings) -> None:
    file = f"[[inventory.associations]]\n[inventory.associations.targets]\n{text}"
    assert loaded(tmp_path, file).inventory.associations[0].targets == expected


def test_reads_what_windows_editors_write(tmp_path: Path) -> None:
    file = tmp_path / "windows.toml"
    file.write_bytes(b'\xef\xbb\xbfowner = "me"\r\n')
    assert load(file) == Settings(owner="me")


def test_settings_from_python_meet_the_same_rules() -> None:
    wrong = Settings(owner="", role=RoleSettings(name="a b"))
    assert [each.subject for each in findings(wrong)] == ["owner", "role.name"]


toml_values = st.recursive(
    st.none().map(lambda _: "x") | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["name", "stack_name", "tags", "targets", "types", "path"]) | st.text(),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)
tables = st.dictionaries(
    st.sampled_from(["owner", "region", "tags", "role", "workloads", "inventory"]), toml_values
)


@given(tables)
def test_reading_never_fails_but_by_faults(table: dict[str, object]) -> None:
    reader = Reader()
    assert isinstance(reader.read("", Settings, table), Settings)


@given(st.binary(max_size=200))
@generation(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_file_loads_or_is_reported(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "any.toml"
    file.write_bytes(content)
    with contextlib.suppress(SettingsError):
        assert isinstance(load(file), Settings)
