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
from oelab.bundle.parameter import Parameter
from oelab.bundle.templates import BUNDLE
from oelab.constraints.cidr import CIDR
from oelab.constraints.kinds import OrBlank, Text
from oelab.constraints.s3 import KEY_PREFIX
from oelab.constraints.ssm import INTERVAL_MINUTES, TARGET_KEY
from oelab.constraints.tags import TAG_VALUE
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

# Values that parameters do not take. CloudFormation is asked for the first of each, and for all
# where nothing but the existence of a parameter of Systems Manager decides.
FORBIDDEN = {
    ("foundation", "RoleName"): ("my role", "", "a/b", "r" * 65, "rôle", "Role\n"),
    ("foundation", "Permissions"): ("AdministratorAccess", "", "standard", "Standard,Restricted"),
    ("foundation", "Owner"): ("a;b", "", " ", " me", "me ", "o" * 257, "${AWS::AccountId}"),
    ("workload", "WorkloadName"): ("1st", "", "Te st", "Test_1", "-Test", "w" * 65, "Tést"),
    ("workload", "InstanceProfile"): (
        "arn:aws:iam::111122223333:instance-profile/Mine",
        "my profile",
        "a/b",
        "p" * 129,
    ),
    ("workload", "InstanceTypeWeb"): ("t3", "", "micro.t3", "t3.micro ", "T3.micro", "t3.micro,t2"),
    ("workload", "InstanceTypeApp"): ("t3.mirco", "", "t3.", ".micro", "t3_micro", "*"),
    ("workload", "AvailabilityZone"): ("us-east-1", "use1-az1", "us-east-1A", "a", "us-east-1a "),
    ("workload", "KeyName"): ("k" * 256, " key", "key ", "kéy", "\n"),
    ("workload", "SourceLocation"): (
        "me",
        "203.0.113.7",
        "256.0.0.0/8",
        "10.0.0.0/33",
        "::/0",
        "0.0.0.0/0,::/0",
        " 0.0.0.0/0",
    ),
    ("workload", "ImageParameter"): ("/none", "ami-0123456789abcdef0", ""),
    ("inventory", "AssociationName"): ("ab", "", "In Stock", "a/b", "a" * 129),
    ("inventory", "IntervalMinutes"): ("30.5", "", "29", "0", "-30", "030", "44640", "rate(30)"),
    ("inventory", "Severity"): ("critical", "", "SEVERE", "CRITICAL "),
    ("inventory", "TargetKey"): ("a+b", "", " ", "tag:*", "k" * 125, " Environment"),
    ("inventory", "TargetValue"): ("", " ", "*", "a,b;c", "v" * 257),
    ("inventory", "LogBucket"): ("a..b", "ab", "Logs", "my_logs", "s3://logs", "b" * 64),
    ("inventory", "LogPrefix"): ("a/*/b", "", "/a", "a/", "a//b", "${aws:username}", "p" * 501),
    ("inventory", "RoleName"): ("", "my role", "arn:aws:iam::111122223333:role/Mine"),
    ("fleet-data", "WorkgroupName"): ("my group", "", "a/b", "w" * 129),
}


def accepts(declared: dict[str, Any], value: str) -> bool:
    """Whether CloudFormation takes the value of a parameter that is declared so."""
    if "AllowedValues" in declared:
        return value in declared["AllowedValues"]
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
        refused = any(INTERVAL_MINUTES.findings("x", minutes))
        assert any(constraint.findings("x", str(minutes))) == refused, minutes
        assert any(constraint.findings("x", f"0{minutes}"))


def test_only_the_name_of_a_key_pair_may_be_a_dynamic_reference(bundle: Bundle) -> None:
    taking = {
        name
        for template, name in TEXTS
        if accepts(bundle.template(template)["Parameters"][name], "{{resolve:ssm:/name:1}}")
    }
    assert taking == {"KeyName"}


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
    assert FORBIDDEN.keys() == PARAMETERS.keys()


IMAGE = ("workload", "ImageParameter")


@pytest.mark.parametrize("where", [each for each in FORBIDDEN if each != IMAGE], ids=" ".join)
def test_no_forbidden_value_is_accepted(bundle: Bundle, where: tuple[str, str]) -> None:
    template, name = where
    declared = bundle.template(template)["Parameters"][name]
    assert [value for value in FORBIDDEN[where] if accepts(declared, value)] == []


@pytest.mark.parametrize("where", FORBIDDEN, ids=" ".join)
def test_cloudformation_refuses_a_forbidden_value_in_words(
    aws: LocalAws, bundle: Bundle, where: tuple[str, str]
) -> None:
    template, name = where
    declared = bundle.template(template)["Parameters"][name]
    for value in FORBIDDEN[where] if where == IMAGE else FORBIDDEN[where][:1]:
        with pytest.raises(ClientError, match="ValidationError") as refused:
            plan(aws, bundle, template, **{name: value})
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
