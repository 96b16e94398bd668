"""Each rule with values that it takes and values that it refuses."""

import inspect
from collections.abc import Callable, Iterator
from ipaddress import ip_network
from types import ModuleType

import pytest

from oelab.constraints import cidr, cloudformation, ec2, iam, inventory, rate_control, s3, ssm, tags
from oelab.findings import Finding
from oelab.systems_manager import schedule
from oelab.systems_manager.inventory_types import FileRule, InventoryTypes, RegistryRule
from tests.generated import given, st

Rule = Callable[[str, object], Iterator[Finding]]

MODULES = (cidr, cloudformation, ec2, iam, inventory, rate_control, s3, schedule, ssm, tags)
INSTANCE = "i-0123456789abcdef0"

ACCEPTED: dict[Callable[..., Iterator[Finding]], list[object]] = {
    cidr.cidr: ["0.0.0.0/0", "203.0.113.7/32", "10.0.0.0/8"],
    cidr.vpc_cidr: ["10.0.0.0/16", "192.168.0.0/28"],
    cidr.subnet_cidr: ["10.0.0.0/16", "10.0.0.16/28"],
    cloudformation.stack_name: ["A", "OELabStack1", "a" + "-" * 127],
    ec2.region_name: ["us-east-1", "us-gov-west-1", "ap-southeast-5", "eusc-de-east-1"],
    ec2.availability_zone: ["us-east-1a", "us-west-2-lax-1a", "us-east-1-wl1-bos-wlz-1"],
    ec2.instance_type: ["t3.micro", "m5.24xlarge", "u-6tb1.112xlarge", "c7i-flex.large"],
    ec2.image: ["ami-12345678", "ami-0123456789abcdef0", "/aws/service/x/y_z-1.0"],
    ec2.subnet_id: ["subnet-12345678", "subnet-0123456789abcdef0"],
    ec2.security_group_id: ["sg-12345678", "sg-0123456789abcdef0"],
    ec2.security_groups: [["sg-12345678"], ["sg-12345678"] * 16],
    ec2.image_id: ["ami-12345678", "ami-0123456789abcdef0"],
    ec2.root_device_name: ["/dev/xvda", "/dev/sda1"],
    ec2.key_name: ["k", "my key", "k" * 255],
    ec2.user_data: ["", "#!/bin/bash", "x" * 16384],
    ec2.managed_node_egress: [(443,), (80, 443)],
    iam.account_id: ["123456789012", "000000000001"],
    iam.role_name: ["R", "a_b+c=d,e.f@g-h", "r" * 64],
    iam.role_description: ["", "tab\tand\nline", "ä", "d" * 1000],
    iam.instance_profile_name: ["P", "p" * 128],
    inventory.inventory_types: [InventoryTypes()],
    inventory.file_rule: [FileRule(path="/", patterns=("*",), dir_scan_limit=1)],
    inventory.registry_rule: [RegistryRule(path="HKEY_CURRENT_USER\\X", value_names=("a",))],
    s3.bucket_name: ["abc", "my-logs.example", "1" * 63, "1.2.3.4.5"],
    s3.key_prefix: ["", "a", "a/b", "p" * 500],
    s3.expire_days: [1, 3650],
    ssm.association_name: ["abc", "a_b-c.d", "a" * 128],
    rate_control.max_concurrency: ["1", "9999999", "1%", "99%", "100%"],
    rate_control.max_errors: ["0", "0%", "1", "9999999", "100%"],
    schedule.association_schedule: [
        "rate(30 minutes)",
        "rate(1 hour)",
        "rate(12 hours)",
        "rate(1 day)",
        "rate(30 days)",
        "at(2027-07-07T15:55:00)",
        "cron(0 0/30 * 1/1 * ? *)",
        "cron(0/30 * * * ? *)",
        "cron(0 * * * ? *)",
        "cron(0 0 0/1 1/1 * ? *)",
        "cron(15 0/4 ? * * *)",
        "cron(0 0 */12 ? * * *)",
        "cron(15 13 ? * * *)",
        "cron(0 10 ? * SUN *)",
        "cron(0 0 2 ? * THU#1 *)",
        "cron(0 2 ? * 3L *)",
    ],
    schedule.offset_days: [1, 6],
    schedule.interval_minutes: [30, 44639],
    ssm.compliance_severity: list(ssm.SEVERITIES),
    ssm.sync_compliance: ["AUTO", "MANUAL"],
    ssm.target_tags: [
        {"Environment": ("OELabIPM",)},
        {f"k{number}": ["v"] * 50 for number in range(5)},
        {"k" * 124: [""]},
    ],
    ssm.instance_id: [INSTANCE, "i-12345678", "mi-0123456789abcdef0"],
    ssm.instance_ids: [[INSTANCE], [INSTANCE] * 50],
    ssm.resource_group_name: ["g", "AWS_AppRegistry_Application-x", "g" * 300],
    tags.tag_key: ["k", "Patch Group", "é", "a_.:/=+-@", "k" * 128, "awsome"],
    tags.tag_value: ["", "v" * 256, "日本"],
    tags.tags: [{}, {f"k{number}": "" for number in range(50)}],
}

REFUSED: dict[Callable[..., Iterator[Finding]], list[object]] = {
    cidr.cidr: [
        "",
        "10.0.0.0",
        "10.0.0.1/8",
        "10.0.0.0/33",
        "10.0.0.0/016",
        "10.0.0.0/255.0.0.0",
        "10.0.0/8",
        "2001:db8::/32",
        "::/0",
        "2001:db8::1/32",
        "2001:db8::/129",
        "fe80::%1/64",
        "10.0.0.0/8\n",
    ],
    cidr.vpc_cidr: ["10.0.0.0/15", "10.0.0.0/29", "10.0.0.1/16", "2001:db8::/56", "x"],
    cidr.subnet_cidr: ["10.0.0.0/15", "10.0.0.0/29", "10.0.0.1/24", "2001:db8::/64", "x"],
    cloudformation.stack_name: ["", " ", "1a", "a_b", "a b", "a" * 129, "a\n", "ä"],
    ec2.region_name: ["", "us", "us-east", "us-est-1", "us-east-1a", "US-EAST-1", "us-east-0"],
    ec2.availability_zone: ["", "us-east-1", "use1-az1", "us-east-1A", "a"],
    ec2.instance_type: ["", "t3", "t3.", ".micro", "t3.mirco", "T3.micro", "t3.micro "],
    ec2.image: ["", "ami-", "ami-1234567", "AMI-12345678", "/", "/a/", "a/b", "/a b"],
    ec2.subnet_id: ["", "subnet-", "subnet-1234567g", "sg-12345678"],
    ec2.security_group_id: ["", "sg-123", "default", "subnet-12345678"],
    ec2.security_groups: [[], ["sg-12345678"] * 17, ["web"]],
    ec2.image_id: ["/aws/service/x", "ami-1", "AMI-12345678", ""],
    ec2.root_device_name: ["xvda", "/dev/", "C:", ""],
    ec2.key_name: ["", " ", "k" * 256, "ü"],
    ec2.user_data: ["x" * 16385, "ü" * 8193, ["x"]],
    ec2.managed_node_egress: [(), (80,), (443, 0), (443, 65536)],
    iam.account_id: [
        "",
        "12345678901",
        "1234-5678-9012",
        "1234567890123",
        "\u0661" * 12,
    ],
    iam.role_name: ["", " ", "a b", "a/b", "r" * 65, "ä", "arn:aws:iam::1:role/x"],
    iam.role_description: ["d" * 1001, "\u2013", "\x00"],
    iam.instance_profile_name: ["", "a b", "p" * 129, "arn:aws:iam::123456789012:role/x"],
    inventory.inventory_types: [InventoryTypes(windows_registry=(RegistryRule(path=""),))],
    inventory.file_rule: [
        FileRule(path=" ", patterns=("*",)),
        FileRule(path="/", patterns=()),
        FileRule(path="/", patterns=("",)),
        FileRule(path="/", patterns=("*",), dir_scan_limit=0),
    ],
    inventory.registry_rule: [
        RegistryRule(path="HKLM\\X"),
        RegistryRule(path="HKEY_LOCAL_MACHINE"),
        RegistryRule(path="HKEY_LOCAL_MACHINE\\X", value_names=("",)),
    ],
    s3.bucket_name: [
        "",
        "ab",
        "a" * 64,
        "Logs",
        "a_b",
        "-ab",
        "ab-",
        ".ab",
        "ab.",
        "a..b",
        "192.168.5.4",
        "xn--ab",
        "sthree-ab",
        "amzn-s3-demo-ab",
        "ab-s3alias",
        "ab--ol-s3",
        "ab.mrap",
        "ab--x-s3",
        "ab--table-s3",
        "s3://logs",
        "arn:aws:s3:::logs",
    ],
    s3.key_prefix: ["/a", "a/", "/", "*", "a/?", "${x}", "p" * 501],
    s3.expire_days: [0, -1],
    ssm.association_name: ["", " ", "ab", "a" * 129, "a b", "a\tb", "abc\n", "a/b", "äbc"],
    rate_control.max_concurrency: ["0", "0%", "101%", "", "10 %", "-1", "01", "10000000"],
    rate_control.max_errors: ["-1", "101%", "", "00", "all", "10000000"],
    schedule.association_schedule: [
        "",
        "every day",
        "rate(10 minutes)",
        "rate(0 minutes)",
        "rate(1 minutes)",
        "rate(2 hour)",
        "rate(31 days)",
        "rate(1 week)",
        "rate(1.5 hours)",
        "Rate(1 hour)",
        "rate(1  hour)",
        "at(2027-02-30T15:55:00)",
        "cron(0 2 * * *)",
        "cron(0 0 2 ? * SUN * *)",
        "cron(30 0 2 ? * SUN *)",
        "cron(0 2 ? JAN SUN *)",
        "cron(0 2 ? * SUN 2027)",
        "cron(0 2 * * SUN *)",
        "cron(0 2 ? * ? *)",
        "cron(0 2 1 * ? *)",
        "cron(0 2 ? * MON-FRI *)",
        "cron(0 2 ? * SUN#6 *)",
        "cron(0 0/3 ? * * *)",
        "cron(0/15 * ? * * *)",
        "cron(0 0/4 ? * SUN *)",
        "cron(0 24 ? * * *)",
        "cron(60 2 ? * * *)",
    ],
    schedule.offset_days: [0, 7],
    schedule.interval_minutes: [29, 0, -30, 44640],
    ssm.compliance_severity: ["", "high", "SEVERE"],
    ssm.sync_compliance: ["auto", "", "NEVER"],
    ssm.target_tags: [
        {},
        {f"k{number}": ["v"] for number in range(6)},
        {"k": []},
        {"k": ["v"] * 51},
        {"k": ["a*"]},
        {"": ["v"]},
        {"aws:x": ["v"]},
        {"k" * 125: ["v"]},
        {"a+b": ["v"]},
    ],
    ssm.instance_id: ["", "*", "i-123", "I-12345678", "mi-12345678", "i-1234567g"],
    ssm.instance_ids: [[], [INSTANCE] * 51, ["*"]],
    ssm.resource_group_name: ["", " ", "a b", "g" * 301, "arn:aws:resource-groups:x"],
    tags.tag_key: ["", " ", "k" * 129, "aws:x", "AWS:x", "a*", "a\tb"],
    tags.tag_value: ["v" * 257, "aws:x", "Aws:x", "a;b", "a\n"],
    tags.tags: [{f"k{number}": "" for number in range(51)}, {"aws:x": ""}, {"k": "*"}],
}


def pairs(
    table: dict[Callable[..., Iterator[Finding]], list[object]],
) -> list[tuple[Callable[..., Iterator[Finding]], object]]:
    return [(rule, value) for rule, values in table.items() for value in values]


@pytest.mark.parametrize(("rule", "value"), pairs(ACCEPTED))
def test_takes(rule: Rule, value: object) -> None:
    assert list(rule("x", value)) == []


@pytest.mark.parametrize(("rule", "value"), pairs(REFUSED))
def test_refuses(rule: Rule, value: object) -> None:
    faults = list(rule("x", value))
    assert faults
    for fault in faults:
        assert str(fault.subject).startswith("x")
        assert fault.reason.startswith("must ")
        assert fault.remedy
        assert str(fault).startswith(f"{fault.subject} {fault.reason}, got ")


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_every_rule_is_tried_both_ways(module: ModuleType) -> None:
    for name, rule in inspect.getmembers(module, inspect.isfunction):
        is_rule = tuple(inspect.signature(rule).parameters)[:2] == ("where", "value")
        if rule.__module__ != module.__name__ or name.startswith("_") or not is_rule:
            continue
        if rule not in (cidr.inside, schedule.offset_fits):
            assert rule in ACCEPTED, name
            assert rule in REFUSED, name
        doc = rule.__doc__ or ""
        assert "Source" in doc, f"{name} must name its source"


@pytest.mark.parametrize(
    ("rule", "value", "said"),
    [
        (
            schedule.interval_minutes,
            10,
            "x must be at least 30, got 10; State Manager runs a rate no",
        ),
        (ssm.association_name, "In Stock", "must not contain white space, got 'In Stock'; write"),
        (ssm.compliance_severity, "high", "write 'HIGH'"),
        (ssm.instance_id, "*", "say all nodes"),
        (cidr.cidr, "10.1.2.3/16", "write '10.1.0.0/16' for the network"),
        (cidr.cidr, "192.0.2.1", "write '192.0.2.1/32'"),
        (cidr.vpc_cidr, "10.0.0.0", "write it as in '10.0.0.0/16'"),
        (cidr.cidr, "2001:db8::1", "write '2001:db8::1/128'"),
        (iam.instance_profile_name, "arn:aws:iam::123456789012:instance-profile/a/B", "give 'B'"),
        (s3.key_prefix, "/logs/", "write 'logs'"),
        (s3.key_prefix, "a/*", "leave out '*'"),
        (tags.tag_key, "a*b;", "leave out '*' ';'"),
    ],
)
def test_says_how_to_mend_it(rule: Rule, value: object, said: str) -> None:
    assert any(said in str(fault) for fault in rule("x", value))


def test_reports_independent_faults_of_one_value_together() -> None:
    said = " ".join(fault.reason for fault in s3.bucket_name("x", "-My..Bucket_" + "a" * 60))
    for piece in ("3 to 63", "lower-case", "start and end", "two dots"):
        assert piece in said


def test_quotes_keys_as_toml_does() -> None:
    assert tags.of_key("tags", "Patch Group") == 'tags."Patch Group"'
    assert tags.of_key("tags", "Owner") == "tags.Owner"


def test_fewer_tags_where_others_are_added() -> None:
    assert list(tags.tags("x", {"a": "", "b": ""}, at_most=1))


def test_subnet_lies_inside_its_vpc() -> None:
    assert list(cidr.inside("s", "10.0.1.0/24", "v", "10.0.0.0/16")) == []
    (fault,) = cidr.inside("s", "10.1.0.0/24", "v", "10.0.0.0/16")
    assert "must lie inside v" in fault.reason


def test_gives_no_verdict_on_what_is_no_range() -> None:
    assert list(cidr.inside("s", "x", "v", "10.0.0.0/16")) == []
    assert list(cidr.inside("s", "10.1.0.0/24", "v", "${Token[x]}")) == []


def test_counts_the_addresses_that_aws_leaves() -> None:
    assert cidr.addresses("10.0.0.0/24") == 251


@given(st.ip_addresses(v=4), st.integers(0, 32))
def test_takes_every_network_and_no_address_within(address: object, length: int) -> None:
    text = f"{address}/{length}"
    network = str(ip_network(text, strict=False))
    assert list(cidr.cidr("x", network)) == []
    assert bool(list(cidr.cidr("x", text))) == (text != network)


@pytest.mark.parametrize(
    "rule", [rule for rule, values in REFUSED.items() if isinstance(values[0], str)]
)
@given(value=st.text(max_size=300))
def test_no_text_breaks_a_rule(rule: Rule, value: str) -> None:
    for fault in rule("x", value):
        assert str(fault)
