"""Wrong settings files, each with the path and the rule of its one finding."""

from pathlib import Path

import pytest

from oelab.findings import rules_of
from oelab.settings import SettingsError, load
from tests.settings.test_fleet_data import WRONG

REGION = 'account = "123456789012"\nregion = "eu-west-1"\n'
WORKLOAD = '[[workloads]]\nname = "Web"\nstack_name = "WebStack"\n'
EXISTING = WORKLOAD + 'subnet_id = "subnet-12345678"\nsecurity_group_ids = ["sg-12345678"]\n'
ASSOCIATION = "[[inventory.associations]]\n"
TARGETS = ASSOCIATION + "[inventory.associations.targets]\n"
TYPES = ASSOCIATION + "[inventory.associations.types]\n"
PINS = "[image_pins]\n"
A = "inventory.associations[0]"

MINIMAL_UBUNTU = (
    "/aws/service/canonical/ubuntu/server-minimal/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id"
)


def many(count: int, value: str) -> str:
    return "".join(f"k{number} = {value}\n" for number in range(count))


DUBLIN, FRANKFURT = "123456789012/eu-west-1", "123456789012/eu-central-1"


def environments(*listed: str) -> str:
    """The setting, from an account and a Region each."""
    pairs = (each.split("/") for each in listed)
    tables = (f'{{ account = "{account}", region = "{region}" }}' for account, region in pairs)
    return f"environments = [{', '.join(tables)}]\n"


# By what the lines follow and where they are: the lines, the setting and the rule.
WRONG_LINES: dict[tuple[str, str], list[tuple[str, str, str]]] = {
    ("", ""): [
        ("owner = 5", "owner", "SettingType"),
        ("account = 123456789012\nregion = 'us-east-1'", "account", "SettingType"),
        ('tags = "x"', "tags", "SettingType"),
        ("[tags]\nCount = 5", "tags.Count", "SettingType"),
        ('role = "x"', "role", "SettingType"),
        ("workloads = 5", "workloads", "SettingType"),
        ('[workloads]\nname = "Test"', "workloads", "SettingType"),
        ('workloads = ["x"]', "workloads[0]", "SettingType"),
        ("onwer = 'x'", "onwer", "UnknownSetting"),
        ("'two words' = 1", '"two words"', "UnknownSetting"),
        ('[[workloads]]\nname = "Web"', "workloads[0].stack_name", "MissingSetting"),
        ('[[workloads]]\nnmae = "A"\nstack_name = "W"', "workloads[0].nmae", "UnknownSetting"),
        ('owner = " "', "owner", "TagValue"),
        ('account = "123456789012"', "region", "AccountAndRegion"),
        ('region = "us-east-1"', "account", "AccountAndRegion"),
        ('account = "1234"\nregion = "us-east-1"', "account", "AccountId"),
        ('account = "123456789012"\nregion = "us-east"', "region", "RegionName"),
        ('image = ""', "image", "Image"),
        ('image = "ami-123"', "image", "Image"),
        ('image_family = "debian"', "image_family", "ImageFamily"),
        ('image_family = "ubuntu"', "image_family", "ImageFamily"),
        ('image = "/aws/service/debian/12"', "image_family", "ImageFamily"),
        ('allow_replacement = ["OELabStack2/"]', "allow_replacement[0]", "StackOrResource"),
        ('allow_replacement = "OELabStack2"', "allow_replacement", "SettingType"),
        ('environments = ["us-east-1"]', "environments[0]", "SettingType"),
        ('environments = [{account = "123456789012"}]', "environments[0].region", "MissingSetting"),
        (environments("1234/us-east-1"), "environments[0].account", "AccountId"),
        (environments("123456789012/us-east"), "environments[0].region", "RegionName"),
        (environments(DUBLIN, FRANKFURT, DUBLIN), "environments[2]", "Environments"),
        ('account = "123456789012"\n' + environments(DUBLIN), "account", "AccountAndRegion"),
        ('region = "us-east-1"\n' + environments(DUBLIN), "region", "AccountAndRegion"),
        ('image = "ami-12345678"\n' + environments(DUBLIN, FRANKFURT), "image", "OneRegion"),
        (
            environments(DUBLIN, FRANKFURT) + PINS + 'eu-west-1 = "ami-12345678"',
            "image_pins",
            "PinOfRegion",
        ),
        (PINS + 'us-east = "ami-12345678"', "image_pins.us-east", "RegionName"),
        (PINS + 'us-east-1 = "latest"', "image_pins.us-east-1", "ImageId"),
        (PINS + "us-east-1 = 5", "image_pins.us-east-1", "SettingType"),
        (REGION + PINS + 'us-east-1 = "ami-12345678"', "image_pins", "PinOfRegion"),
        (
            'image = "ami-12345678"\n' + PINS + 'us-east-1 = "ami-12345678"',
            "image_pins",
            "PinsOfImageId",
        ),
        ('[tags]\n"aws:x" = "1"', 'tags."aws:x"', "TagKey"),
        ('[tags]\nTeam = "a;b"', "tags.Team", "TagValue"),
        ('[tags]\nName = "x"', "tags.Name", "InstanceTagTaken"),
        ('[tags]\nOwner = "x"', "tags.Owner", "InstanceTagTaken"),
        ("[tags]\n" + many(42, '"x"'), "tags", "Tags"),
    ],
    ("[role]\n", "role."): [
        ('name = "my role"', "name", "RoleName"),
        (f'name = "{"r" * 50}"\nregion_suffix = true', "name", "RoleNameWithRegion"),
        ('description = "\u2013"', "description", "RoleDescription"),
        ('description = "{{resolve:ssm:/a:1}}"', "description", "RoleDescription"),
        ('tags = { owner = "x" }', "tags.owner", "RoleTagKey"),
        ('tags = { environment = "x" }', "tags.environment", "RoleTagKey"),
        ("[role.tags]\n" + many(49, '"x"'), "tags", "Tags"),
        ('create = false\ndescription = "mine"', "description", "ExistingRole"),
        (
            "create = false\nrestricted_permissions = true",
            "restricted_permissions",
            "ExistingRole",
        ),
        ('create = false\ntags = { a = "b" }', "tags", "ExistingRole"),
    ],
    (WORKLOAD, "workloads[0]."): [
        ("protection = 1", "protection", "SettingType"),
        ("web_instances = true", "web_instances", "SettingType"),
        ("web_instances = 2.0", "web_instances", "SettingType"),
        ('app_instances = "2"', "app_instances", "SettingType"),
        ("web-instances = 1", "web-instances", "UnknownSetting"),
        ('instance_profile = "arn:aws:iam::1:x/P"', "instance_profile", "InstanceProfileName"),
        ('instance_type_web = "t3"', "instance_type_web", "InstanceType"),
        ('instance_type_app = "t3.mirco"', "instance_type_app", "InstanceType"),
        ('instance_type_app = "t4g.micro"', "instance_type_app", "ProcessorOfImage"),
        ("web_instances = -1", "web_instances", "InstanceCount"),
        ("web_instances = 0\napp_instances = 0", "web_instances", "InstancesOfWorkload"),
        ("web_instances = 449", "web_instances", "InstancesOfWorkload"),
        ("web_instances = 250", "subnet_cidr", "RoomInSubnet"),
        ('web_ingress_cidr = "any"', "web_ingress_cidr", "Cidr"),
        ('ssh_ingress_cidr = "192.0.2.1"', "ssh_ingress_cidr", "Cidr"),
        ('key_name = "schlüssel"', "key_name", "KeyName"),
        ('key_name = "{{resolve:ssm:/key}}"', "key_name", "KeyName"),
        ('availability_zone = "use1-az1"', "availability_zone", "AvailabilityZone"),
        ('vpc_cidr = "10.0.0.0/8"', "vpc_cidr", "VpcCidr"),
        ('subnet_cidr = "10.0.0.0/29"', "subnet_cidr", "SubnetCidr"),
        ('subnet_cidr = "10.1.0.0/24"', "subnet_cidr", "SubnetInVpc"),
        ('subnet_id = "subnet-12345678"', "security_group_ids", "ExistingNetwork"),
        ('security_group_ids = ["sg-12345678"]', "subnet_id", "ExistingNetwork"),
    ],
    (WORKLOAD, "workloads[1]."): [
        (WORKLOAD.replace("WebS", "S"), "name", "WorkloadNames"),
        (WORKLOAD.replace('"Web"', '"B"').replace("WebS", "WEBS"), "stack_name", "StackNames"),
    ],
    (EXISTING, "workloads[0]."): [
        ('web_ingress_cidr = "0.0.0.0/0"', "web_ingress_cidr", "ExistingNetwork"),
        ('ssh_ingress_cidr = "0.0.0.0/0"', "ssh_ingress_cidr", "ExistingNetwork"),
        ('availability_zone = "us-east-1a"', "availability_zone", "ExistingNetwork"),
        ('vpc_cidr = "10.1.0.0/16"', "vpc_cidr", "ExistingNetwork"),
        ('subnet_cidr = "10.0.1.0/24"', "subnet_cidr", "ExistingNetwork"),
        ("private = true", "private", "ExistingNetwork"),
    ],
    (REGION + WORKLOAD, "workloads[0]."): [
        ('availability_zone = "us-east-1a"', "availability_zone", "ZoneInRegion"),
    ],
    (environments(DUBLIN) + WORKLOAD, "workloads[0]."): [
        ('availability_zone = "us-east-1a"', "availability_zone", "ZoneInRegion"),
    ],
    (environments(DUBLIN, FRANKFURT) + WORKLOAD, "workloads[0]."): [
        ('availability_zone = "eu-west-1a"', "availability_zone", "OneRegion"),
    ],
    (environments(DUBLIN, FRANKFURT) + EXISTING, "workloads[0]."): [("", "subnet_id", "OneRegion")],
    ('image = "ami-12345678"\nimage_family = "windows"\n' + WORKLOAD, "workloads[0]."): [
        ('instance_type_web = "m7gd.large"', "instance_type_web", "ProcessorOfImage"),
    ],
    ('image = "ami-12345678"\nimage_family = "ubuntu"\n' + WORKLOAD, "workloads[0]."): [
        ("private = true", "private", "PrivateNetwork"),
    ],
    (f'image = "{MINIMAL_UBUNTU}"\n{WORKLOAD}', "workloads[0]."): [
        ("private = true\nweb_instances = 0", "private", "PrivateNetwork"),
    ],
    ("", "workloads[0]."): [
        (WORKLOAD.replace('"Web"', '"W 1"'), "name", "WorkloadName"),
        (WORKLOAD.replace("WebStack", "Web_Stack"), "stack_name", "StackName"),
        (WORKLOAD.replace("WebStack", "OELabInventory"), "stack_name", "StackNames"),
        (EXISTING.replace("subnet-12", "sub-12"), "subnet_id", "SubnetId"),
        (EXISTING.replace("sg-12", "web-12"), "security_group_ids[0]", "SecurityGroupId"),
    ],
    ("[existing_instances]\n", "existing_instances."): [
        ('attach_profile = "yes"', "attach_profile", "SettingType"),
        ("tags = {}", "tags", "RunbookTargets"),
        ('tags = { A = ["x"], B = ["y"] }', "tags", "RunbookTargets"),
        ("tags = { A = [] }", "tags.A", "TargetValues"),
        ("interval_minutes = 29", "interval_minutes", "ScheduleInterval"),
    ],
    ("[inventory.logs]\n", "inventory.logs."): [
        ('bucket = "My-Logs"', "bucket", "BucketName"),
        ('bucket = "my-logs"\ncreate_bucket = true', "create_bucket", "LogBuckets"),
        ('prefix = "x"', "prefix", "LogPrefix"),
        ('create_bucket = true\nprefix = "/x/"', "prefix", "KeyPrefix"),
        ('create_bucket = true\nprefix = "{{resolve:ssm:x}}"', "prefix", "KeyPrefix"),
    ],
    ("", "inventory."): [
        ("[inventory]\nassociations = []", "associations", "NoAssociation"),
        (ASSOCIATION * 2, "associations[1].name", "AssociationNames"),
    ],
    (ASSOCIATION, f"{A}."): [
        ('name = "In Stock"', "name", "AssociationName"),
        ("interval_minutes = 07:32:00", "interval_minutes", "SettingType"),
        ('severity = "high"', "severity", "ComplianceSeverity"),
    ],
    (TARGETS, f"{A}.targets"): [
        ('all_nodes = true\nresource_group = "x"', "", "TargetKind"),
        ("tags = {}", "", "TargetKind"),
        ('tags = {Environment = "x"}', ".tags.Environment", "SettingType"),
        ("instance_ids = [1]", ".instance_ids[0]", "SettingType"),
    ],
    (TYPES, f"{A}.types."): [
        ("Applications = true", "Applications", "UnknownSetting"),
        ('files = [{path = "/"}]', "files[0].patterns", "MissingSetting"),
        ('files = [{path = "", patterns = ["*"]}]', "files[0].path", "NotBlank"),
        (
            'files = [{path = "/", patterns = ["*"], dir_scan_limit = "1"}]',
            "files[0].dir_scan_limit",
            "SettingType",
        ),
        ("windows_registry = [{path = 'HKLM\\X'}]", "windows_registry[0].path", "RegistryPath"),
    ],
}
WRONG_FILES = [
    (context + lines, where + setting, rule)
    for (context, where), rows in WRONG_LINES.items()
    for lines, setting, rule in rows
]
UNREADABLE_FILES = [
    (b"owner = ", "must be TOML in UTF-8: Invalid value (at end of document)"),
    (b'owner = "a"\r\nowner = "b"\r\n', "Cannot overwrite a value (at line 2, column 12)"),
    (b"a = " + b"[" * 5000, "must not nest so many tables"),
    (b'owner = "a"\n# caf\xe9\n', "can't decode byte 0xe9 in position 17"),
]


def report(tmp_path: Path, content: str | bytes) -> SettingsError:
    file = tmp_path / "wrong.toml"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(SettingsError) as raised:
        load(file)
    return raised.value


def subjects(error: SettingsError) -> list[str]:
    return [str(finding.subject) for finding in error.findings]


@pytest.mark.parametrize(("text", "where", "rule"), WRONG_FILES)
def test_reports_the_one_fault(tmp_path: Path, text: str, where: str, rule: str) -> None:
    found = report(tmp_path, text).findings
    assert [(str(each.subject), each.rule) for each in found] == [(where, rule)]
    assert all(each.reason.startswith("must ") and each.remedy for each in found)


def test_each_rule_between_settings_has_a_wrong_file() -> None:
    assert rules_of("oelab.settings").keys() <= {rule for *_, rule in WRONG_FILES} | WRONG.keys()


@pytest.mark.parametrize("minutes", [29, 44640])
def test_the_interval_is_one_that_state_manager_takes(tmp_path: Path, minutes: int) -> None:
    error = report(tmp_path, f"{ASSOCIATION}interval_minutes = {minutes}")
    assert subjects(error) == [f"{A}.interval_minutes"]


@pytest.mark.parametrize(("content", "reason"), UNREADABLE_FILES)
def test_reports_a_file_that_cannot_be_read(tmp_path: Path, content: bytes, reason: str) -> None:
    error = report(tmp_path, content)
    assert [each.rule for each in error.findings] == ["SettingsFile"]
    assert reason in str(error)


def test_reports_a_file_that_is_missing_or_a_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "none.toml", tmp_path):
        with pytest.raises(SettingsError) as raised:
            load(path)
        assert [each.rule for each in raised.value.findings] == ["SettingsFile"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("owner = 5", "owner must be a string, got 5; put it in quotes"),
        ('[workloads]\nname = "A"', "must be a list of tables, got {'name': 'A'}; write [[workloa"),
        ("onwer = 'x'", "onwer must be a known setting, got 'x'; did you mean 'owner'?"),
        ("'two words' = 1", "known are owner, account, region"),
        ('[[workloads]]\nname = "A"', "stack_name must be given; add it to the table"),
    ],
)
def test_says_how_to_fix_what_cannot_be_read(tmp_path: Path, text: str, sentence: str) -> None:
    head, line = str(report(tmp_path, text)).splitlines()
    assert head == f"{tmp_path / 'wrong.toml'}: 1 fault"
    assert sentence in line


def test_reports_all_faults_at_once(tmp_path: Path) -> None:
    error = report(
        tmp_path,
        """
        owner = 5
        regoin = "us-east-1"
        account = "1"
        [role]
        name = "a b"
        restricted_permissions = "no"
        [[workloads]]
        name = "One"
        stack_name = "Same"
        web_instances = "two"
        subnet_cidr = "10.9.0.0/24"
        key_nam = "x"
        [[workloads]]
        name = 7
        stack_name = "same"
        subnet_id = "subnet-1"
        [inventory.logs]
        prefix = "/"
        [[inventory.associations]]
        name = "In Stock"
        interval_minutes = 10
        severity = true
        targets = { all_nodes = true, instance_ids = ["i-1", 2] }
        """,
    )
    assert sorted(subjects(error)) == sorted(
        [
            "owner",
            "regoin",
            "account",
            "role.name",
            "role.restricted_permissions",
            "workloads[0].web_instances",
            "workloads[0].subnet_cidr",
            "workloads[0].key_nam",
            "workloads[1].name",
            "workloads[1].stack_name",
            "workloads[1].subnet_id",
            "workloads[1].security_group_ids",
            "inventory.logs.prefix",
            "inventory.logs.prefix",
            "inventory.associations[0].name",
            "inventory.associations[0].interval_minutes",
            "inventory.associations[0].severity",
            "inventory.associations[0].targets",
            "inventory.associations[0].targets.instance_ids[0]",
            "inventory.associations[0].targets.instance_ids[1]",
        ]
    )
    assert str(error).startswith(f"{tmp_path / 'wrong.toml'}: 20 faults\n")


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (EXISTING.replace('"subnet-12345678"', "5"), "workloads[0].subnet_id"),
        (WORKLOAD + 'vpc_cidr = 5\nsubnet_cidr = "10.1.0.0/24"', "workloads[0].vpc_cidr"),
        (WORKLOAD + 'web_instances = "3"\napp_instances = 0', "workloads[0].web_instances"),
        ('[inventory.logs]\nbucket = 5\nprefix = "x"', "inventory.logs.bucket"),
        (TARGETS + "tags = {}\nresource_group = 5", f"{A}.targets.resource_group"),
        ('account = 5\nregion = "us-east-1"', "account"),
        ('account = "123456789012"\nregoin = "us-east-1"', "regoin"),
        ("image = 5", "image"),
        ("inventory = 5", "inventory"),
        ("[inventory]\nassociations = 5", "inventory.associations"),
    ],
)
def test_unreadable_value_proves_nothing_about_others(
    tmp_path: Path, text: str, where: str
) -> None:
    assert subjects(report(tmp_path, text)) == [where]
