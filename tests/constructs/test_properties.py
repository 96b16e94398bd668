"""Whatever passes our checks also passes the registry schema and State Manager's own grammar.

The schema is the one that cfn-lint bundles; the grammar is written down here a second time, in
another form than the code has it.
"""

import itertools
import json
from typing import Any

import regex
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from oelab.constraints import ssm
from oelab.constructs import FileRule, InventorySchedule, InventoryTargets, InventoryTypes
from oelab.systems_manager import schedule
from tests.generated import assume, given, st

SCHEMA = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", "AWS::SSM::Association").schema
PROPERTIES = SCHEMA["properties"]


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
    assert faults or fits_schema(name, PROPERTIES["AssociationName"])
    assert all(repr(name) in str(fault) for fault in faults)


@given(nearly("0159%", 8))
def test_rate_control_that_passes_fits_the_schema(value: str) -> None:
    for constraint, key in (
        (ssm.MAX_CONCURRENCY, "MaxConcurrency"),
        (ssm.MAX_ERRORS, "MaxErrors"),
    ):
        faults = list(constraint.findings(key, value))
        assert bool(faults) != fits_schema(value, PROPERTIES[key]), value
        assert all(repr(value) in str(fault) for fault in faults)


# --- targets -----------------------------------------------------------------------------------

TARGET = SCHEMA["definitions"]["Target"]["properties"]


KEYS = st.one_of(st.text("aB:/= ", min_size=1, max_size=10), nearly("aws:", 130))
VALUES = st.one_of(st.text("xY ", max_size=5), nearly("xY*"))


@given(st.dictionaries(KEYS, st.lists(VALUES, min_size=1, max_size=3), min_size=1, max_size=6))
def test_tag_targets_that_pass_fit_the_schema(tags: dict[str, list[str]]) -> None:
    targets = InventoryTargets.tags(tags)
    faults = list(targets.findings("targets"))
    assume(not faults)
    rendered = targets.render()
    assert 1 <= len(rendered) <= PROPERTIES["Targets"]["maxItems"]
    for target in rendered:
        assert fits_schema(target.key, TARGET["Key"])
        assert TARGET["Values"]["minItems"] <= len(target.values) <= TARGET["Values"]["maxItems"]


@given(st.lists(nearly("im-0a*"), min_size=1, max_size=3))
def test_each_wrong_instance_id_is_named(ids: list[str]) -> None:
    for fault in InventoryTargets.instances(*ids).findings("targets"):
        assert repr(fault.value) in str(fault)
        assert fault.value in ids


# --- schedules ---------------------------------------------------------------------------------

HOURS = [str(hour) for hour in range(24)] + [f"{hour:02}" for hour in range(10)]
MINUTES = [str(minute) for minute in range(60)] + [f"{minute:02}" for minute in range(10)]
DAILY = {("?", "*"), ("*", "?"), ("1/1", "?")}
NAMES = [*"1234567", "SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
WEEKDAYS = {
    *NAMES,
    *(f"{name}#{nth}" for name in NAMES for nth in range(1, 6)),
    *(f"{day}L" for day in range(1, 8)),
}
EVERY = {"*", *(f"{start}/{n}" for start in ("0", "*") for n in (1, 2, 4, 8, 12))}


def in_grammar(expression: str) -> bool:
    """The forms that the user guide lists, spelled out."""
    if expression.startswith("rate("):
        for unit, minutes in (("minute", 1), ("hour", 60), ("day", 1440)):
            for plural in ("", "s"):
                end = f" {unit}{plural})"
                count = expression.removeprefix("rate(").removesuffix(end)
                if expression.endswith(end) and count.isascii() and count.isdigit():
                    singular = int(count) == 1
                    return singular == (not plural) and 30 <= int(count) * minutes < 31 * 1440
        return False
    if not (expression.startswith("cron(") and expression.endswith(")")):
        return False
    fields = expression[5:-1].split(" ")
    if len(fields) == 7 and fields[0] == "0":
        fields = fields[1:]
    if len(fields) != 6:
        return False
    minute, hour, day, month, weekday, year = fields
    if (month, year) != ("*", "*"):
        return False
    at_a_time = minute in MINUTES and hour in HOURS
    often = (minute in ("0/30", "*/30") and hour == "*") or (minute in MINUTES and hour in EVERY)
    if (day, weekday) in DAILY:
        return at_a_time or often
    return at_a_time and day == "?" and weekday in WEEKDAYS


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
def test_schedules_pass_exactly_when_they_are_in_the_grammar(expression: str) -> None:
    faults = list(schedule.association_schedule("schedule", expression))
    assert (not faults) == in_grammar(expression)
    assert all(repr(expression) in str(fault) for fault in faults)
    assert faults or fits_schema(expression, PROPERTIES["ScheduleExpression"])


def test_every_form_of_the_user_guide_passes() -> None:
    days = [*DAILY, *(("?", weekday) for weekday in sorted(WEEKDAYS))]
    for seconds, (day, weekday) in itertools.product(("", "0 "), days):
        expression = f"cron({seconds}15 13 {day} * {weekday} *)"
        assert not list(schedule.association_schedule("schedule", expression)), expression
    for hour in sorted(EVERY):
        expression = f"cron(0 {hour} * * ? *)"
        assert not list(schedule.association_schedule("schedule", expression)), expression


@given(st.integers(-5, 50_000), st.sampled_from(["minutes", "hours", "days"]))
def test_a_rate_of_ours_is_always_well_formed(count: int, unit: str) -> None:
    made = InventorySchedule.rate(**{unit: count})
    assert (not list(made.findings("schedule"))) == in_grammar(made.expression)


@given(st.integers(-10, 10))
def test_offsets_that_pass_fit_the_schema(days: int) -> None:
    made = InventorySchedule.cron("0 2 ? * SUN *", offset_days=days)
    rules = PROPERTIES["ScheduleOffset"]
    fits = rules["minimum"] <= days <= rules["maximum"]
    assert (not list(made.findings("schedule"))) == fits


# --- inventory types ---------------------------------------------------------------------------


@given(st.text(min_size=1), st.lists(st.text(), min_size=1), st.booleans())
def test_file_rules_render_to_json_that_reads_back(
    path: str, patterns: list[str], recursive: bool
) -> None:
    rule = FileRule(path=path, patterns=tuple(patterns), recursive=recursive)
    (rendered,) = InventoryTypes(files=(rule,)).parameters()["files"]
    assert json.loads(rendered) == [{"Path": path, "Pattern": patterns, "Recursive": recursive}]
