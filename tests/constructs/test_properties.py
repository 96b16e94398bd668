"""Whatever passes our checks also passes the registry schema, as cfn-lint bundles it."""

import json
from typing import Any

import regex

from oelab.constraints import ssm
from oelab.constructs import FileRule, InventoryTargets, InventoryTypes
from oelab.systems_manager import schedule
from oelab.systems_manager.targets import criteria_of
from tests.generated import assume, given, st
from tests.linting import resource_schema


def association_schema() -> dict[str, Any]:
    return resource_schema("AWS::SSM::Association")


def property_schema(name: str) -> dict[str, Any]:
    """What the schema says of a property."""
    rules: dict[str, Any] = association_schema()["properties"][name]
    return rules


def fits_schema(value: str, rules: dict[str, Any]) -> bool:
    return (
        rules.get("minLength", 0) <= len(value) <= rules.get("maxLength", len(value))
        and ("pattern" not in rules or regex.search(rules["pattern"], value) is not None)
        and ("enum" not in rules or value in rules["enum"])
    )


def nearly(alphabet: str, most: int = 12) -> st.SearchStrategy[str]:
    """Text of the characters that matter, and now and then any others."""
    return st.one_of(st.text(alphabet, max_size=most), st.text(max_size=most))


# --- names and rate control --------------------------------------------------------------------


@given(nearly("aZ9_.-/ ", 140))
def test_names_that_pass_fit_the_schema(name: str) -> None:
    faults = list(ssm.ASSOCIATION_NAME.findings("name", name))
    assert faults or fits_schema(name, property_schema("AssociationName"))
    assert all(repr(name) in str(fault) for fault in faults)


@given(nearly("0159%", 8))
def test_rate_control_that_passes_fits_the_schema(value: str) -> None:
    for constraint, key in (
        (ssm.MAX_CONCURRENCY, "MaxConcurrency"),
        (ssm.MAX_ERRORS, "MaxErrors"),
    ):
        faults = list(constraint.findings(key, value))
        assert bool(faults) != fits_schema(value, property_schema(key)), value
        assert all(repr(value) in str(fault) for fault in faults)


# --- targets -----------------------------------------------------------------------------------


KEYS = st.one_of(st.text("aB:/= ", min_size=1, max_size=10), nearly("aws:", 130))
VALUES = st.one_of(st.text("xY ", max_size=5), nearly("xY*"))


@given(st.dictionaries(KEYS, st.lists(VALUES, min_size=1, max_size=3), min_size=1, max_size=6))
def test_tag_targets_that_pass_fit_the_schema(tags: dict[str, list[str]]) -> None:
    targets = InventoryTargets.tags(tags)
    assume(not any(ssm.targets("targets", targets)))
    criteria = criteria_of(targets)
    assert 1 <= len(criteria) <= property_schema("Targets")["maxItems"]
    target = association_schema()["definitions"]["Target"]["properties"]
    for key, values in criteria:
        assert fits_schema(str(key), target["Key"])
        assert target["Values"]["minItems"] <= len(values) <= target["Values"]["maxItems"]


@given(st.lists(nearly("im-0a*"), min_size=1, max_size=3))
def test_each_wrong_instance_id_is_named(ids: list[str]) -> None:
    for fault in ssm.targets("targets", InventoryTargets.instances(*ids)):
        assert repr(fault.value) in str(fault)
        assert fault.value in ids


# --- schedules ---------------------------------------------------------------------------------

CLOCK_FIELDS = ["0", "30", "0/30", "*/30", "0/15", "2", "24", "0/4", "*/12", "0/3", "15", "*"]
DAY_FIELDS = ["?", "1/1", "SUN", "MON-FRI", "TUE#3", "TUE#6", "3L", "8L", "JAN", "2027", ""]
FIELDS = st.sampled_from([*CLOCK_FIELDS, *DAY_FIELDS])
EXPRESSIONS = st.one_of(
    st.builds(
        lambda count, unit: f"rate({count} {unit})",
        st.one_of(st.integers(-1, 60), st.integers(0, 50_000)),
        st.sampled_from(["minute", "minutes", "hour", "hours", "day", "days", "week"]),
    ),
    st.lists(FIELDS, min_size=4, max_size=8).map(lambda fields: f"cron({' '.join(fields)})"),
    nearly("rateconhuds(0 ?*)"),
)


@given(EXPRESSIONS)
def test_schedules_that_pass_are_read_and_fit_the_schema(expression: str) -> None:
    faults = list(ssm.schedule_expression("schedule", expression))
    assert bool(faults) == (schedule.parse(expression) is None)
    assert all(repr(expression) in str(fault) for fault in faults)
    assert faults or fits_schema(expression, property_schema("ScheduleExpression"))


@given(st.integers(-10, 10))
def test_offsets_that_pass_fit_the_schema(days: int) -> None:
    rules = property_schema("ScheduleOffset")
    fits = rules["minimum"] <= days <= rules["maximum"]
    assert (not any(ssm.OFFSET_DAYS.findings("offset", days))) == fits


# --- inventory types ---------------------------------------------------------------------------


@given(st.text(min_size=1), st.lists(st.text(), min_size=1), st.booleans())
def test_file_rules_render_to_json_that_reads_back(
    path: str, patterns: list[str], recursive: bool
) -> None:
    rule = FileRule(path=path, patterns=tuple(patterns), recursive=recursive)
    (rendered,) = InventoryTypes(files=(rule,)).parameters()["files"]
    assert json.loads(rendered) == [{"Path": path, "Pattern": patterns, "Recursive": recursive}]
