"""Each wrong parameter is refused by the template itself, and each right one taken.

The local AWS judges parameters as CloudFormation does, before it looks at any resource, so a
change set is all that it takes to ask.
"""

import itertools

import pytest
from botocore.exceptions import ClientError

from localaws import LocalAws
from tests.bundle.conftest import Bundle

REQUIRED = {"workload": {"WorkloadName": "Test"}, "foundation": {}, "inventory": {}}
_NUMBERS = itertools.count()

TYPES = ["t3", "t3.mirco", "T3.micro", "t3.micro ", ""]
NAMES = ["", "my role", "arn:aws:iam::111122223333:role/Mine", "r" * 65, "schlüssel"]

WRONG = {
    ("foundation", "RoleName"): NAMES,
    ("foundation", "Permissions"): ["", "standard", "AdministratorAccess"],
    ("foundation", "Owner"): ["", " ", "a;b", "o" * 257, "me "],
    ("workload", "WorkloadName"): ["", "1st", "My Test", "Test_1", "T" * 65],
    ("workload", "InstanceProfile"): [
        "my profile",
        "arn:aws:iam::111122223333:instance-profile/Mine",
        "p" * 129,
    ],
    ("workload", "InstanceTypeWeb"): TYPES,
    ("workload", "InstanceTypeApp"): TYPES,
    ("workload", "AvailabilityZone"): ["us-east-1", "use1-az1", "US-EAST-1A", "us-east-1a "],
    ("workload", "KeyName"): ["schlüssel", "k" * 256, " key", "key\n"],
    ("workload", "SourceLocation"): [
        "anywhere",
        "203.0.113.7",
        "203.0.113.0/33",
        "256.0.0.0/8",
        "10.0.0/8",
        "::/0",
        "0.0.0.0/0 ",
    ],
    ("workload", "ImageParameter"): ["", "ami-0123456789abcdef0", "/none", "al2023"],
    ("inventory", "AssociationName"): ["", "ab", "with space", "n" * 129],
    ("inventory", "IntervalMinutes"): ["", "0", "29", "30.5", "030", "44640", "99999", "often"],
    ("inventory", "Severity"): ["", "critical", "FATAL"],
    ("inventory", "TargetKey"): ["", " ", "a*b", "a+b", "k" * 125],
    ("inventory", "TargetValue"): ["", "a*b", "v" * 257],
    ("inventory", "LogBucket"): ["ab", "a..b", "My-Logs", "s3://logs", "-logs", "b" * 64],
    ("inventory", "LogPrefix"): ["", "/a", "a/", "a//b", "*", "a/*/b", "p" * 501],
    ("inventory", "RoleName"): NAMES,
}

RIGHT = {
    ("foundation", "RoleName"): ["ManagedInstancesRole", "a_b+c=d,e.f@g-h", "r" * 64],
    ("foundation", "Permissions"): ["Standard", "Restricted"],
    ("foundation", "Owner"): ["oelab", "Team A", "me@example.com"],
    ("workload", "WorkloadName"): ["Test", "Prod", "Dev-2"],
    ("workload", "InstanceProfile"): ["", "ManagedInstancesRole"],
    ("workload", "InstanceTypeWeb"): ["t2.micro", "c7i-flex.large", "u-6tb1.112xlarge"],
    ("workload", "InstanceTypeApp"): ["t2.micro", "m5.metal", "m7i.metal-24xl"],
    ("workload", "AvailabilityZone"): [
        "",
        "us-east-1a",
        "us-gov-west-1b",
        "us-west-2-lax-1a",
        "eusc-de-east-1a",
    ],
    ("workload", "KeyName"): ["", "k", "my key", "k" * 255],
    ("workload", "SourceLocation"): ["", "0.0.0.0/0", "203.0.113.7/32", "255.255.255.255/32"],
    ("workload", "ImageParameter"): [
        "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"
    ],
    ("inventory", "AssociationName"): ["abc", "a_b-c.d", "n" * 128],
    ("inventory", "IntervalMinutes"): ["30", "99", "100", "1440", "39999", "44599", "44639"],
    ("inventory", "Severity"): ["CRITICAL", "UNSPECIFIED"],
    ("inventory", "TargetKey"): ["Environment", "Patch Group", "k" * 124],
    ("inventory", "TargetValue"): ["OELabIPM", "a value", "v" * 256],
    ("inventory", "LogBucket"): ["", "abc", "my-logs.example"],
    ("inventory", "LogPrefix"): ["inventory", "a/b/c"],
    ("inventory", "RoleName"): ["ManagedInstancesRole"],
}


def plan(aws: LocalAws, bundle: Bundle, template: str, parameters: dict[str, str]) -> None:
    """Ask for a stack of the template, and make nothing."""
    aws.client("cloudformation").create_change_set(
        StackName=f"Asked{next(_NUMBERS)}",
        ChangeSetName="asked",
        ChangeSetType="CREATE",
        TemplateBody=bundle.text(template),
        Capabilities=["CAPABILITY_NAMED_IAM"],
        Parameters=[
            {"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()
        ],
    )


def test_every_parameter_is_tried(bundle: Bundle) -> None:
    all_of_them = {
        (entry["name"], parameter["name"])
        for entry in bundle.entries
        for parameter in entry["parameters"]
    }
    assert WRONG.keys() == RIGHT.keys() == all_of_them


@pytest.mark.parametrize(
    ("template", "name", "value"),
    [(*where, value) for where, values in WRONG.items() for value in values],
)
def test_a_wrong_value_is_refused(
    aws: LocalAws, bundle: Bundle, template: str, name: str, value: str
) -> None:
    parameter = bundle.template(template)["Parameters"][name]
    with pytest.raises(ClientError, match="ValidationError") as refused:
        plan(aws, bundle, template, REQUIRED[template] | {name: value})
    assert name in str(refused.value)
    if "AllowedPattern" in parameter:
        assert parameter["ConstraintDescription"] in str(refused.value)


@pytest.mark.parametrize(
    ("template", "name", "value"),
    [(*where, value) for where, values in RIGHT.items() for value in values],
)
def test_a_right_value_is_taken(
    aws: LocalAws, bundle: Bundle, template: str, name: str, value: str
) -> None:
    plan(aws, bundle, template, REQUIRED[template] | {name: value})


def test_a_workload_must_be_named(aws: LocalAws, bundle: Bundle) -> None:
    with pytest.raises(ClientError, match="WorkloadName"):
        plan(aws, bundle, "workload", {})
