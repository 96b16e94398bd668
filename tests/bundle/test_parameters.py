"""What parameters accept: what the constructs accept, and no more.

The local AWS checks parameters as CloudFormation does, before it looks at any resource, so a change
set is all that it takes to ask. Most values are only matched with what the template says.
"""

import itertools
import re
from ipaddress import IPv4Network
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localaws import LocalAws
from oelab.bundle.template import Parameter
from oelab.bundle.writing import BUNDLE
from oelab.constraints.cidr import CIDR
from oelab.constraints.kinds import OrBlank, Text
from oelab.constraints.s3 import KEY_PREFIX
from oelab.constraints.ssm import TARGET_KEY
from oelab.constraints.tags import TAG_VALUE
from oelab.systems_manager import schedule
from tests.bundle.conftest import Bundle
from tests.generated import given, st
from tests.generated import settings as generation

PARAMETERS = {
    (bundled.name, parameter.name): parameter
    for bundled in BUNDLE
    for parameter in bundled.parameters
}
TEXTS = {
    where: parameter
    for where, parameter in PARAMETERS.items()
    if isinstance(parameter.constraint, (Text, OrBlank))
}
# Parameters that accept less than the constructs do, and what those accept.
NARROWER = {
    ("foundation", "Owner"): TAG_VALUE,
    ("inventory", "TargetKey"): TARGET_KEY,
    ("inventory", "TargetValue"): TAG_VALUE,
    ("inventory", "LogPrefix"): KEY_PREFIX,
}

WRONG = {
    ("foundation", "RoleName"): "my role",
    ("foundation", "Permissions"): "AdministratorAccess",
    ("foundation", "Owner"): "a;b",
    ("workload", "WorkloadName"): "1st",
    ("workload", "InstanceProfile"): "arn:aws:iam::111122223333:instance-profile/Mine",
    ("workload", "InstanceTypeWeb"): "t3",
    ("workload", "InstanceTypeApp"): "t3.mirco",
    ("workload", "AvailabilityZone"): "us-east-1",
    ("workload", "KeyName"): "k" * 256,
    ("workload", "SourceLocation"): "me",
    ("workload", "ImageParameter"): "/none",
    ("inventory", "AssociationName"): "ab",
    ("inventory", "IntervalMinutes"): "30.5",
    ("inventory", "Severity"): "critical",
    ("inventory", "TargetKey"): "a+b",
    ("inventory", "TargetValue"): "",
    ("inventory", "LogBucket"): "a..b",
    ("inventory", "LogPrefix"): "a/*/b",
    ("inventory", "RoleName"): "",
    ("fleet-data", "WorkgroupName"): "my group",
}


def accepts(declared: dict[str, Any], value: str) -> bool:
    """Whether CloudFormation takes the value of a parameter that is declared so."""
    return bool(
        re.fullmatch(declared["AllowedPattern"], value)
        and declared.get("MinLength", 0) <= len(value) <= declared.get("MaxLength", len(value))
    )


def values_like(parameter: Parameter) -> st.SearchStrategy[str]:
    """Values of the form of a parameter, those with a slip, and any others."""
    constraint: Any = parameter.constraint
    text: Any = constraint.constraint if isinstance(constraint, OrBlank) else constraint
    right: st.SearchStrategy[str] = st.from_regex(text.pattern, fullmatch=True)
    slip = st.tuples(right, st.integers(0, 20), st.sampled_from("aZ9 -_.:/=+@*?$é\n")).map(
        lambda parts: parts[0][: parts[1]] + parts[2] + parts[0][parts[1] :]
    )
    long = right.map(lambda value: value * 40)
    return st.one_of(right, slip, long, st.text(max_size=8), st.just(""))


@pytest.mark.parametrize("where", TEXTS, ids=" ".join)
def test_a_parameter_accepts_what_its_constraint_accepts(
    bundle: Bundle, where: tuple[str, str]
) -> None:
    template, name = where
    declared = bundle.template(template)["Parameters"][name]
    constraint = TEXTS[where].constraint
    assert constraint

    @given(values_like(TEXTS[where]))
    @generation(max_examples=60)
    def same(value: str) -> None:
        accepted = accepts(declared, value)
        if accepted and value and "/" in value and where == ("workload", "SourceLocation"):
            # EC2 drops the bits beyond the prefix length, which a pattern cannot tell.
            value = str(IPv4Network(value, strict=False))
        assert accepted == (not any(constraint.findings("x", value))), value

    same()


@pytest.mark.parametrize("where", NARROWER, ids=" ".join)
def test_a_narrower_parameter_accepts_nothing_that_the_constructs_refuse(
    where: tuple[str, str],
) -> None:
    narrow: Any = PARAMETERS[where].constraint

    @given(values_like(PARAMETERS[where]))
    @generation(max_examples=60)
    def within(value: str) -> None:
        if not any(narrow.findings("x", value)):
            assert not any(NARROWER[where].findings("x", value)), value

    within()


def test_the_interval_is_one_that_state_manager_takes() -> None:
    constraint = PARAMETERS["inventory", "IntervalMinutes"].constraint
    assert constraint
    for minutes in (*range(1000), *range(9_900, 10_100), *range(44_000, 46_000), 99_999, 100_000):
        refused = any(schedule.interval_minutes("x", minutes))
        assert any(constraint.findings("x", str(minutes))) == refused, minutes
        assert any(constraint.findings("x", f"0{minutes}"))


def test_the_source_location_is_a_range_as_the_constructs_take_it() -> None:
    constraint = PARAMETERS["workload", "SourceLocation"].constraint
    assert constraint == OrBlank(CIDR)


_NUMBERS = itertools.count()


def plan(aws: LocalAws, bundle: Bundle, template: str, **parameters: str) -> None:
    """Ask for a stack of the template, and make nothing."""
    required = {"WorkloadName": "Test"} if template == "workload" else {}
    aws.client("cloudformation").create_change_set(
        StackName=f"Asked{next(_NUMBERS)}",
        ChangeSetName="asked",
        ChangeSetType="CREATE",
        TemplateBody=bundle.text(template),
        Capabilities=["CAPABILITY_NAMED_IAM"],
        Parameters=[
            {"ParameterKey": name, "ParameterValue": value}
            for name, value in (required | parameters).items()
        ],
    )


def test_every_parameter_is_tried() -> None:
    assert WRONG.keys() == PARAMETERS.keys()


@pytest.mark.parametrize("where", WRONG, ids=" ".join)
def test_cloudformation_refuses_a_wrong_value(
    aws: LocalAws, bundle: Bundle, where: tuple[str, str]
) -> None:
    template, name = where
    declared = bundle.template(template)["Parameters"][name]
    with pytest.raises(ClientError, match="ValidationError") as refused:
        plan(aws, bundle, template, **{name: WRONG[where]})
    assert name in str(refused.value)
    if "AllowedPattern" in declared:
        assert declared["ConstraintDescription"] in str(refused.value)


@pytest.mark.parametrize(
    ("template", "parameters"),
    [
        ("foundation", {"RoleName": "a_b+c=d,e.f@g-h", "Owner": "Team A"}),
        (
            "workload",
            {"InstanceProfile": "", "KeyName": "my key", "AvailabilityZone": "us-east-1a"},
        ),
        ("workload", {"InstanceTypeApp": "u-6tb1.112xlarge", "SourceLocation": "203.0.113.7/32"}),
        ("inventory", {"IntervalMinutes": "44639", "TargetKey": "Patch Group", "LogBucket": "abc"}),
    ],
)
def test_cloudformation_takes_right_values(
    aws: LocalAws, bundle: Bundle, template: str, parameters: dict[str, str]
) -> None:
    plan(aws, bundle, template, **parameters)


def test_a_workload_must_be_named(aws: LocalAws, bundle: Bundle) -> None:
    with pytest.raises(ClientError, match="WorkloadName"):
        plan(aws, bundle, "workload", WorkloadName="")
