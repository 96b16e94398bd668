"""Each constraint with values that it accepts and values that it refuses."""

import sys
import unicodedata
from collections.abc import Callable, Iterator
from functools import partial
from ipaddress import ip_network
from typing import Any

import pytest

from oelab.constraints import cidr, cloudformation, ec2, iam, s3, ssm, tags
from oelab.constraints.inventory import inventory_types
from oelab.constraints.kinds import VALUE_TYPE, Choice, Constraint, OrBlank, Text, key_path
from oelab.findings import Finding
from oelab.systems_manager.inventory_types import FileRule, InventoryTypes, RegistryRule
from tests.conformance import kinds_of_targets
from tests.generated import given, st

Findings = Callable[[str, object], Iterator[Finding]]

NODE = "i-0123456789abcdef0"

ACCEPTED: dict[Constraint, list[object]] = {
    cidr.CIDR: ["0.0.0.0/0", "203.0.113.7/32", "10.0.0.0/8"],
    cidr.VPC_CIDR: ["10.0.0.0/16", "192.168.0.0/28"],
    cidr.SUBNET_CIDR: ["10.0.0.0/16", "10.0.0.16/28"],
    cloudformation.STACK_NAME: ["A", "OELabStack1", "a" + "-" * 127],
    ec2.REGION_NAME: ["us-east-1", "us-gov-west-1", "ap-southeast-5", "eusc-de-east-1"],
    ec2.AVAILABILITY_ZONE: ["us-east-1a", "us-west-2-lax-1a", "us-east-1-wl1-bos-wlz-1"],
    ec2.INSTANCE_TYPE: ["t3.micro", "m5.24xlarge", "u-6tb1.112xlarge", "c7i-flex.large"],
    ec2.IMAGE: ["ami-12345678", "ami-0123456789abcdef0", "/aws/service/x/y_z-1.0"],
    ec2.VPC_ID: ["vpc-12345678", "vpc-0123456789abcdef0"],
    ec2.SUBNET_ID: ["subnet-12345678", "subnet-0123456789abcdef0"],
    ec2.ROUTE_TABLE_ID: ["rtb-12345678", "rtb-0123456789abcdef0"],
    ec2.SECURITY_GROUP_ID: ["sg-12345678", "sg-0123456789abcdef0"],
    ec2.SECURITY_GROUPS: [["sg-12345678"], ["sg-12345678"] * 16],
    ec2.SECURITY_GROUPS_OR_IDS: [[object()], ["sg-12345678"] * 16],
    ec2.ENDPOINT_SUBNETS: [["subnet-12345678"], [object()]],
    ec2.ENDPOINT_CLIENTS: [["sg-12345678"], [object()]],
    ec2.IMAGE_ID: ["ami-12345678", "ami-0123456789abcdef0"],
    ec2.ROOT_DEVICE_NAME: ["/dev/xvda", "/dev/sda1"],
    ec2.KEY_NAME: ["k", "my key", "k" * 255],
    iam.ACCOUNT_ID: ["123456789012", "000000000001"],
    iam.ROLE_NAME: ["R", "a_b+c=d,e.f@g-h", "r" * 64],
    iam.ROLE_DESCRIPTION: ["", "tab\tand\nline", "ä", "d" * 1000],
    iam.INSTANCE_PROFILE_NAME: ["P", "p" * 128],
    iam.ASSUMED_ROLE: ["R", "/team/R", "team/R", "arn:aws:iam::123456789012:role/team/R"],
    s3.BUCKET_NAME: ["abc", "my-logs.example", "1" * 63],
    s3.KEY_PREFIX: ["a", "a/b", "env=Prod/my logs", "p" * 500],
    s3.PLAIN_KEY_PREFIX: ["a", "a/b", "p" * 500],
    s3.EXPIRE_DAYS: [1, 3650],
    ssm.INTERVAL_MINUTES: [30, 44639],
    ssm.OFFSET_DAYS: [1, 6],
    ssm.ASSOCIATION_NAME: ["abc", "a_b-c.d", "a" * 128],
    ssm.MAX_CONCURRENCY: ["1", "9999999", "1%", "99%", "100%"],
    ssm.MAX_ERRORS: ["0", "0%", "1", "9999999", "100%"],
    ssm.COMPLIANCE_SEVERITY: list(ssm.ComplianceSeverity),
    ssm.SYNC_COMPLIANCE: ["AUTO", "MANUAL"],
    ssm.TARGET_KEY: ["Patch Group", "k" * 124, "aws:autoscaling:groupName", "é"],
    ssm.PLAIN_TARGET_KEY: ["Patch Group", "k" * 124, "aws:autoscaling:groupName"],
    ssm.TARGET_VALUES: [[""], ["v"] * 50],
    ssm.TARGET_TAGS: [{"Environment": ("OELabIPM",)}, {f"k{n}": ["v"] for n in range(5)}],
    ssm.RUNBOOK_TARGET_TAGS: [{"Environment": ("OELabIPM", "Other")}],
    ssm.INSTANCE_ID: [NODE, "i-12345678", "mi-0123456789abcdef0"],
    ssm.INSTANCE_IDS: [[NODE], [NODE] * 50],
    ssm.RESOURCE_GROUP_NAME: ["g", "AWS_AppRegistry_Application-x", "g" * 300],
    tags.TAG_KEY: ["k", "Patch Group", "é", "a_.:/=+-@", "k" * 128, "awsome"],
    tags.TAG_VALUE: ["", "v" * 256, "日本", "aws:x"],
    tags.NAMED_TAG_VALUE: ["v", " v "],
    tags.PLAIN_TAG_VALUE: ["v", "a b"],
    tags.TAGS: [{}, {f"k{n}": "" for n in range(50)}],
    tags.ANY_TAGS: [{}, {f"*{n}": object() for n in range(50)}],
}

REFUSED: dict[Constraint, list[object]] = {
    cidr.CIDR: [
        *("", "10.0.0.0", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/016", "10.0.0.0/255.0.0.0"),
        *("10.0.0/8", "2001:db8::/32", "::/0", "10.0.0.0/8\n", "\u0661.0.0.0/8"),
    ],
    cidr.VPC_CIDR: ["10.0.0.0/15", "10.0.0.0/29", "10.0.0.1/16", "2001:db8::/56", "x"],
    cidr.SUBNET_CIDR: ["10.0.0.0/15", "10.0.0.0/29", "10.0.0.1/24", "2001:db8::/64", "x"],
    cloudformation.STACK_NAME: ["", " ", "1a", "a_b", "a b", "a" * 129, "a\n", "ä"],
    ec2.REGION_NAME: ["", "us", "us-east", "us-est-1", "us-east-1a", "US-EAST-1", "us-east-0"],
    ec2.AVAILABILITY_ZONE: ["", "us-east-1", "use1-az1", "us-east-1A", "a"],
    ec2.INSTANCE_TYPE: ["", "t3", "t3.", ".micro", "t3.mirco", "T3.micro", "t3.micro "],
    ec2.IMAGE: ["", "ami-", "ami-1234567", "AMI-12345678", "/", "/a/", "a/b", "/a b"],
    ec2.VPC_ID: ["", "vpc-", "default", "subnet-12345678"],
    ec2.ROUTE_TABLE_ID: ["", "rtb-", "main", 5],
    ec2.SUBNET_ID: ["", "subnet-", "subnet-1234567g", "sg-12345678"],
    ec2.SECURITY_GROUP_ID: ["", "sg-123", "default", "subnet-12345678"],
    ec2.SECURITY_GROUPS: [[], ["sg-12345678"] * 17, "sg-12345678", 5],
    ec2.SECURITY_GROUPS_OR_IDS: [[], "sg-12345678"],
    ec2.ENDPOINT_SUBNETS: [[], "subnet-12345678"],
    ec2.ENDPOINT_CLIENTS: [[], "sg-12345678"],
    ec2.IMAGE_ID: ["/aws/service/x", "ami-1", "AMI-12345678", ""],
    ec2.ROOT_DEVICE_NAME: ["xvda", "/dev/", "C:", ""],
    ec2.KEY_NAME: ["", " ", " k", "k ", "k" * 256, "ü"],
    iam.ACCOUNT_ID: ["", "12345678901", "1234-5678-9012", "1234567890123", "\u0661" * 12],
    iam.ROLE_NAME: ["", " ", "a b", "a/b", "r" * 65, "ä", "arn:aws:iam::1:role/x", 5],
    iam.ASSUMED_ROLE: ["", "a b", "arn:aws:iam::1:role/R", "arn:aws:iam::123456789012:user/R"],
    iam.ROLE_DESCRIPTION: ["d" * 1001, "\u2013", "\x00"],
    iam.INSTANCE_PROFILE_NAME: ["", "a b", "p" * 129, "arn:aws:iam::123456789012:role/x"],
    s3.BUCKET_NAME: [
        *("", "ab", "a" * 64, "Logs", "a_b", "-ab", "ab-", ".ab", "ab.", "a..b", "s3://logs"),
    ],
    s3.KEY_PREFIX: ["", "/a", "a/", "/", "a//b", "*", "a/?", "${x}", "p" * 501],
    s3.PLAIN_KEY_PREFIX: ["", "/a", "a/", "/", "a//b", "*", "a b", "a=b", "p" * 501],
    s3.EXPIRE_DAYS: [0, -1, True, "90", 1.5],
    ssm.INTERVAL_MINUTES: [-30, 0, 29, 44640],
    ssm.OFFSET_DAYS: [0, 7],
    ssm.ASSOCIATION_NAME: ["", " ", "ab", "a" * 129, "a b", "a\tb", "abc\n", "a/b", "äbc"],
    ssm.MAX_CONCURRENCY: ["0", "0%", "101%", "", "10 %", "-1", "01", "10000000", 10],
    ssm.MAX_ERRORS: ["-1", "101%", "", "00", "all", "10000000"],
    ssm.COMPLIANCE_SEVERITY: ["", "high", "SEVERE"],
    ssm.SYNC_COMPLIANCE: ["auto", "", "NEVER"],
    ssm.TARGET_KEY: ["", " ", "k" * 125, "a*", "a+b"],
    ssm.PLAIN_TARGET_KEY: ["", " ", "k" * 125, "a*", "a+b", "é", " a", "a "],
    ssm.TARGET_VALUES: [[], ["v"] * 51, "v", {"v": "w"}],
    ssm.TARGET_TAGS: [{}, {f"k{n}": ["v"] for n in range(6)}, "Environment", ["Environment"]],
    ssm.RUNBOOK_TARGET_TAGS: [{}, {"k1": ["v"], "k2": ["v"]}],
    ssm.INSTANCE_ID: ["", "*", "i-123", "I-12345678", "mi-12345678", "i-1234567g"],
    ssm.INSTANCE_IDS: [[], [NODE] * 51],
    ssm.RESOURCE_GROUP_NAME: ["", " ", "a b", "g" * 301, "arn:aws:resource-groups:x"],
    tags.TAG_KEY: ["", " ", "k" * 129, "aws:x", "AWS:x", "a*", "a\tb"],
    tags.TAG_VALUE: ["v" * 257, "a;b", "a\n"],
    tags.NAMED_TAG_VALUE: ["", " ", "v" * 257, "a;b"],
    tags.PLAIN_TAG_VALUE: ["", " ", " v", "v ", "v" * 257, "a;b", "é"],
    tags.TAGS: [{f"k{n}": "" for n in range(51)}],
    tags.ANY_TAGS: [{f"k{n}": "" for n in range(51)}, ["k"]],
}

CONSTRAINTS = [
    value
    for module in (cidr, cloudformation, ec2, iam, s3, ssm, tags)
    for name, value in vars(module).items()
    if isinstance(value, Constraint) and not name.startswith("_")
]


def test_every_constraint_is_tried_both_ways() -> None:
    assert {*ACCEPTED} == {*REFUSED}
    # Those of targets are tried with the kinds of these, in the tables of conformance.
    assert {*ACCEPTED} | kinds_of_targets.CONSTRAINTS == {*CONSTRAINTS}


@pytest.mark.parametrize("constraint", ACCEPTED, ids=lambda each: each.rule)
def test_accepts(constraint: Constraint) -> None:
    for value in (*ACCEPTED[constraint], None):
        assert list(constraint.findings("x", value)) == [], value


@pytest.mark.parametrize("constraint", REFUSED, ids=lambda each: each.rule)
def test_refuses(constraint: Constraint) -> None:
    assert constraint.source
    for value in REFUSED[constraint]:
        (finding,) = constraint.findings("x", value)
        assert finding.rule in (constraint.rule, VALUE_TYPE)
        assert finding.subject == "x"
        assert finding.source == constraint.source
        assert finding.remedy


def test_no_name_and_no_description_takes_a_dynamic_reference() -> None:
    for text in CONSTRAINTS:
        if isinstance(text, Text):
            found = list(text.findings("x", "{{resolve:secretsmanager:s}}"))
            assert [finding.rule for finding in found] == [text.rule]


@pytest.mark.parametrize("text", [iam.ROLE_DESCRIPTION, ec2.KEY_NAME, s3.KEY_PREFIX])
def test_a_dynamic_reference_is_refused_wherever_it_stands(text: Text) -> None:
    (finding,) = text.findings("x", "of {{resolve:ssm:/name:1}} and more")
    assert "must not hold a dynamic reference" in str(finding)
    assert not list(text.findings("x", "{resolve:ssm} {{ resolve:ssm }}"))


@pytest.mark.parametrize(
    ("findings", "value", "where", "rule"),
    [
        (ec2.SECURITY_GROUPS.findings, ["sg-12345678", "web"], "x[1]", "SecurityGroupId"),
        (ssm.INSTANCE_IDS.findings, ["*"], "x[0]", "InstanceId"),
        (ssm.INSTANCE_IDS.findings, [None], "x[0]", "InstanceId"),
        (ssm.TARGET_TAGS.findings, {"a*": ["v"]}, 'x."a*"', "TargetKey"),
        (ssm.TARGET_TAGS.findings, {"a": ["v", "b*"]}, "x.a[1]", "TagValue"),
        (tags.TAGS.findings, {"aws:x": ""}, 'x."aws:x"', "TagKey"),
        (tags.TAGS.findings, {"Patch Group": "*"}, 'x."Patch Group"', "TagValue"),
        (ec2.managed_node_egress, (80,), "x", "EgressPorts"),
        (ec2.managed_node_egress, (443, 0), "x[1]", "EgressPorts"),
        (ec2.user_data, "x" * 16385, "x", "UserData"),
        (ec2.user_data, "ü" * 8193, "x", "UserData"),
        (
            partial(cidr.inside, outer_where="v", outer="10.0.0.0/16"),
            "10.1.0.0/24",
            "x",
            "SubnetInVpc",
        ),
    ],
)
def test_names_what_is_wrong_within(
    findings: Findings, value: object, where: str, rule: str
) -> None:
    assert [(each.subject, each.rule) for each in findings("x", value)] == [(where, rule)]


def files(**rule: Any) -> InventoryTypes:
    return InventoryTypes(files=(FileRule(**({"path": "/", "patterns": ("*",)} | rule)),))


def registry(**rule: Any) -> InventoryTypes:
    return InventoryTypes(windows_registry=(RegistryRule(**({"path": r"HKEY_USERS\X"} | rule)),))


@pytest.mark.parametrize(
    ("types", "where", "rule"),
    [
        (files(path=" "), "files[0].path", "NotBlank"),
        (files(patterns=()), "files[0].patterns", "FilePatterns"),
        (files(patterns=("*", "")), "files[0].patterns[1]", "NotBlank"),
        (files(dir_scan_limit=0), "files[0].dir_scan_limit", "DirScanLimit"),
        (registry(path=r"HKLM\X"), "windows_registry[0].path", "RegistryPath"),
        (registry(path="HKEY_USERS"), "windows_registry[0].path", "RegistryPath"),
        (registry(value_names=("",)), "windows_registry[0].value_names[0]", "NotBlank"),
        (files(patterns="*.conf"), "files[0].patterns", "ValueType"),
        (files(patterns=(None,)), "files[0].patterns[0]", "NotBlank"),
        (files(path=None), "files[0].path", "NotBlank"),
        (files(recursive="yes"), "files[0].recursive", "ValueType"),
        (files(dir_scan_limit=True), "files[0].dir_scan_limit", "ValueType"),
        (files(dir_scan_limit=0.5), "files[0].dir_scan_limit", "ValueType"),
        (registry(value_names="Version"), "windows_registry[0].value_names", "ValueType"),
        (InventoryTypes(applications="Enabled"), "applications", "ValueType"),  # type: ignore[arg-type]
        (InventoryTypes(files="/etc"), "files", "ValueType"),  # type: ignore[arg-type]
        (InventoryTypes(files=({"path": "/etc"},)), "files[0]", "ValueType"),  # type: ignore[arg-type]
        (
            registry(value_names=("v",) * 251),
            "windows_registry[0].value_names",
            "RegistryValueNames",
        ),
    ],
)
def test_names_the_file_rule_or_registry_rule_that_is_wrong(
    types: InventoryTypes, where: str, rule: str
) -> None:
    found = [(finding.subject, finding.rule) for finding in inventory_types("x", types)]
    assert found == [(f"x.{where}", rule)]


@pytest.mark.parametrize(
    ("findings", "value"),
    [
        (ec2.managed_node_egress, (80, 443)),
        (ec2.user_data, "x" * 16384),
        (partial(cidr.inside, outer_where="v", outer="10.0.0.0/16"), "10.0.1.0/24"),
        (partial(cidr.inside, outer_where="v", outer="10.0.0.0/16"), "no range"),
        (partial(cidr.inside, outer_where="v", outer="${Token[x]}"), "10.1.0.0/24"),
        (inventory_types, InventoryTypes()),
        (OrBlank(ec2.KEY_NAME).findings, ""),
        (OrBlank(ssm.INSTANCE_IDS).findings, ()),
    ],
)
def test_finds_nothing_wrong(findings: Findings, value: object) -> None:
    assert list(findings("x", value)) == []


@pytest.mark.parametrize(
    ("constraint", "value", "sentence"),
    [
        (
            ssm.ASSOCIATION_NAME,
            "In Stock",
            "x must be 3 to 128 letters, digits and _ - . without white space, got 'In Stock'; "
            "write it in this form (CloudFormation schema of AWS::SSM::Association)",
        ),
        (ec2.REGION_NAME, "us", "x must be the code of a Region such as us-east-1, got 'us'"),
        (iam.ROLE_NAME, "r" * 65, "; it has 65 characters"),
        (ssm.COMPLIANCE_SEVERITY, "high", "or UNSPECIFIED, got 'high'; write 'HIGH'"),
        (ssm.COMPLIANCE_SEVERITY, "no", "got 'no'; choose one of them"),
        (s3.EXPIRE_DAYS, 0, "x must be 1 or more, got 0"),
        (ssm.INTERVAL_MINUTES, 5, "x must be 30 to 44639 minutes, got 5"),
        (ssm.INSTANCE_IDS, [], "x must hold 1 to 50 ids, got 0"),
        (cidr.CIDR, "10.1.2.3/16", "must not have bits set beyond its prefix length"),
        (cidr.CIDR, "10.1.2.3/16", "write '10.1.0.0/16' for the network"),
        (OrBlank(ec2.KEY_NAME), "ü", "x must be 1 to 255 printable ASCII characters"),
    ],
)
def test_each_kind_says_what_it_accepts(
    constraint: Constraint | OrBlank, value: object, sentence: str
) -> None:
    (finding,) = constraint.findings("x", value)
    assert sentence in str(finding)


def test_quotes_keys_as_toml_does() -> None:
    assert key_path("tags", "Patch Group") == 'tags."Patch Group"'
    assert key_path("", "Owner") == "Owner"


def test_counts_the_addresses_that_aws_leaves() -> None:
    assert cidr.addresses("10.0.0.0/24") == 251


def test_tags_take_the_letters_numbers_and_separators_of_unicode() -> None:
    # All of the basic plane, and some of the others, which have long runs of one category.
    numbers = [*range(0x10000), *range(0x10000, sys.maxunicode + 1, 17)]
    characters = [chr(number) for number in numbers]
    accepted = {each for each in characters if not any(tags.TAG_VALUE.findings("x", each))}
    categories = {each for each in characters if unicodedata.category(each)[0] in "LNZ"}
    assert accepted == categories | set("_.:/=+-@")


@given(st.one_of(st.text(max_size=300), st.sampled_from(["${Token[x.1]}", "a" * 9999])))
def test_any_text_is_accepted_or_refused(text: str) -> None:
    for constraint in CONSTRAINTS:
        if isinstance(constraint, Text | Choice):
            assert len(list(map(str, constraint.findings("x", text)))) <= 2


@given(st.ip_addresses(v=4), st.integers(0, 32))
def test_takes_every_network_and_no_address_within(address: object, length: int) -> None:
    text = f"{address}/{length}"
    network = str(ip_network(text, strict=False))
    assert list(cidr.CIDR.findings("x", network)) == []
    assert bool(list(cidr.CIDR.findings("x", text))) == (text != network)
