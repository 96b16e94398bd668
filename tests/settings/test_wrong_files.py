"""Wrong files, each with the path of its one fault and a piece of what is said about it."""

from pathlib import Path

import pytest

from oelab.settings import SettingsError, load

WORKLOAD = '[[workloads]]\nname = "Web"\nstack_name = "WebStack"\n'
EXISTING = WORKLOAD + 'subnet_id = "subnet-12345678"\nsecurity_group_ids = ["sg-12345678"]\n'
ASSOCIATION = "[[inventory.associations]]\n"
TARGETS = ASSOCIATION + "[inventory.associations.targets]\n"
TYPES = ASSOCIATION + "[inventory.associations.types]\n"
PINS = "[image_pins]\n"
LOGS = "[inventory.logs]\n"

A = "inventory.associations[0]"


def many(item: str, count: int) -> str:
    return "[" + ", ".join(f'"{item.format(number)}"' for number in range(count)) + "]"


def many_tags(count: int, value: str = '"x"') -> str:
    return "".join(f"k{number} = {value}\n" for number in range(count))


WRONG_FILES = [
    # the file itself
    ("owner = ", "line 1, column 9", "must be TOML: Invalid value"),
    ('owner = "a"\n\nrole = [1,\n', "line 4, column 1", "must be TOML: Invalid value"),
    ('owner = "a"\nowner = "b"\n', "line 2, column 12", "Cannot overwrite a value"),
    ('owner = "a"\r\nowner = "b"\r\n', "line 2, column 12", "Cannot overwrite a value"),
    ("a = " + "[" * 5000, "settings file", "must not nest so many"),
    # types and keys
    ("owner = 5", "owner", "must be a string, got 5; put it in quotes"),
    ("account = 123456789012\nregion = 'us-east-1'", "account", "must be a string"),
    ('tags = "x"', "tags", "must be a table"),
    ("[tags]\nCount = 5", "tags.Count", "must be a string"),
    ('role = "x"', "role", "must be a table"),
    ("workloads = 5", "workloads", "must be a list of tables"),
    ('[workloads]\nname = "Test"', "workloads", "write [[workloads]] above each"),
    ('[[workloads]]\nname = "A"', "workloads[0].stack_name", "must be given; add it to the table"),
    ('workloads = ["x"]', "workloads[0]", "must be a table"),
    (WORKLOAD + "protection = 1", "workloads[0].protection", "must be true or false"),
    (WORKLOAD + "web_instances = true", "workloads[0].web_instances", "must be a whole number"),
    (WORKLOAD + "web_instances = 2.0", "workloads[0].web_instances", "must be a whole number"),
    (WORKLOAD + 'app_instances = "2"', "workloads[0].app_instances", "without quotes"),
    (ASSOCIATION + "interval_minutes = 07:32:00", f"{A}.interval_minutes", "must be a whole"),
    (
        TARGETS + 'tags = {Environment = "x"}',
        f"{A}.targets.tags.Environment",
        "must be a list, got 'x'; put it in [ ]",
    ),
    (TARGETS + "instance_ids = [1]", f"{A}.targets.instance_ids[0]", "must be a string"),
    (TYPES + 'files = [{path = "/"}]', f"{A}.types.files[0].patterns", "must be given"),
    (
        TYPES + 'files = [{path = "/", patterns = ["*"], dir_scan_limit = "1"}]',
        f"{A}.types.files[0].dir_scan_limit",
        "must be a whole number",
    ),
    ("onwer = 'x'", "onwer", "did you mean 'owner'?"),
    ("'two words' = 1", '"two words"', "known are owner, account"),
    (WORKLOAD + "web-instances = 1", "workloads[0].web-instances", "did you mean 'web_instances'"),
    (TYPES + "Applications = true", f"{A}.types.Applications", "did you mean 'applications'"),
    ('[[workloads]]\nnmae = "Web"\nstack_name = "W"', "workloads[0].nmae", "did you mean 'name'"),
    ('[[workloads]]\nname = "Web"', "workloads[0].stack_name", "must be given"),
    # top level
    ('owner = " "', "owner", "must not be blank"),
    ('owner = "a;b"', "owner", "leave out ';'"),
    ('account = "123456789012"', "region", "must be given, as account is"),
    ('region = "us-east-1"', "account", "must be given, as region is"),
    ('account = "1234"\nregion = "us-east-1"', "account", "12 digits"),
    ('account = "123456789012"\nregion = "us-east"', "region", "code of a Region"),
    ('image = ""', "image", "must be an AMI id or the path"),
    ('image = "ami-123"', "image", "must be an AMI id or the path"),
    ('image_family = "debian"', "image_family", "must be one of amazon-linux, ubuntu, rhel"),
    ('image_family = "ubuntu"', "image_family", "must be 'amazon-linux', as the image's parameter"),
    (
        'image = "/aws/service/debian/release/12/latest/amd64"',
        "image_family",
        "must be given for a public parameter of a family that is not known",
    ),
    (PINS + 'us-east = "ami-12345678"', "image_pins.us-east", "must be the code of a Region"),
    (PINS + 'us-east-1 = "latest"', "image_pins.us-east-1", "an Amazon Machine Image"),
    (PINS + "us-east-1 = 5", "image_pins.us-east-1", "must be a string"),
    (
        'image = "ami-12345678"\n' + PINS + 'us-east-1 = "ami-12345678"',
        "image_pins",
        "must be empty where image is an id by itself",
    ),
    (
        'account = "123456789012"\nregion = "eu-west-1"\n' + PINS + 'us-east-1 = "ami-12345678"',
        "image_pins",
        "must hold an image for the Region 'eu-west-1'",
    ),
    (
        WORKLOAD + 'instance_type_app = "t4g.micro"',
        "workloads[0].instance_type_app",
        "must have a processor for the image, which is for x86_64",
    ),
    (
        'image = "ami-12345678"\nimage_family = "windows"\n'
        + WORKLOAD
        + 'instance_type_web = "m7gd.large"',
        "workloads[0].instance_type_web",
        "take a type for x86_64, or an image for arm64",
    ),
    (
        'image = "ami-12345678"\nimage_family = "ubuntu"\n' + WORKLOAD + "private = true",
        "workloads[0].private",
        "must be false for web servers on Ubuntu",
    ),
    (
        'image = "/aws/service/canonical/ubuntu/server-minimal/24.04/stable/current/amd64/hvm/'
        'ebs-gp3/ami-id"\n' + WORKLOAD + "private = true\nweb_instances = 0",
        "workloads[0].private",
        "must be false for an image of Ubuntu without the SSM Agent",
    ),
    ('allow_replacement = ["OELabStack2/"]', "allow_replacement[0]", "a stack and a logical id"),
    ('allow_replacement = "OELabStack2"', "allow_replacement", "must be a list"),
    ('[tags]\n"aws:x" = "1"', 'tags."aws:x"', "must not start with 'aws:'"),
    ('[tags]\n"" = "1"', 'tags.""', "must not be blank"),
    ('[tags]\nName = "x"', "tags.Name", "each workload gives instances this tag"),
    ('[tags]\nOwner = "x"', "tags.Owner", "`owner` gives instances this tag"),
    ("[tags]\n" + many_tags(42), "tags", "must hold at most 45 tags, got 46"),
    # role
    ('[role]\nname = ""', "role.name", "must not be blank"),
    ('[role]\nname = "my role"', "role.name", "must consist of letters, digits and _"),
    ('[role]\nname = "' + "r" * 65 + '"', "role.name", "1 to 64 characters"),
    ('[role]\ndescription = "\u2013"', "role.description", "Latin-1"),
    ('[role.tags]\nowner = "x"', "role.tags.owner", "must differ from the stack's tag"),
    ("[role.tags]\n" + many_tags(49), "role.tags", "must hold at most 49 tags"),
    (
        '[role]\nname = "' + "r" * 50 + '"\nregion_suffix = true',
        "role.name",
        "must have at most 49 characters where a Region follows it",
    ),
    *(
        (f"[role]\ncreate = false\n{line}", f"role.{line.split()[0]}", "for an existing role")
        for line in (
            'description = "mine"',
            "restricted_permissions = true",
            'tags = { a = "b" }',
        )
    ),
    # workloads
    (WORKLOAD + WORKLOAD.replace("WebS", "S"), "workloads[1].name", "differ from workloads[0]"),
    (
        WORKLOAD + WORKLOAD.replace('"Web"', '"B"').replace("WebStack", "WEBSTACK"),
        "workloads[1].stack_name",
        "must differ from workloads[0].stack_name",
    ),
    (WORKLOAD.replace('"Web"', '""'), "workloads[0].name", "must not be blank"),
    (WORKLOAD.replace('"Web"', '"W 1"'), "workloads[0].name", "letters, digits and hyphens"),
    (WORKLOAD.replace("WebStack", "Web_Stack"), "workloads[0].stack_name", "hyphens"),
    (
        WORKLOAD.replace("WebStack", "OELabInventory"),
        "workloads[0].stack_name",
        "must differ from the fixed stack OELabInventory",
    ),
    (
        WORKLOAD + 'instance_profile = "arn:aws:iam::123456789012:instance-profile/Mine"',
        "workloads[0].instance_profile",
        "give 'Mine'",
    ),
    (WORKLOAD + 'instance_type_web = "t3"', "workloads[0].instance_type_web", "'t3.micro'"),
    (WORKLOAD + 'instance_type_app = "t3.mirco"', "workloads[0].instance_type_app", "a size"),
    (WORKLOAD + "web_instances = -1", "workloads[0].web_instances", "must be at least 0"),
    (
        WORKLOAD + "web_instances = 0\napp_instances = 0",
        "workloads[0].web_instances",
        "must be at least 1 where app_instances is 0",
    ),
    (WORKLOAD + "web_instances = 449", "workloads[0].web_instances", "500 resources at most"),
    (WORKLOAD + "web_instances = 250", "workloads[0].subnet_cidr", "has 251 addresses"),
    (WORKLOAD + 'web_ingress_cidr = "any"', "workloads[0].web_ingress_cidr", "CIDR notation"),
    (WORKLOAD + 'ssh_ingress_cidr = "192.0.2.1"', "workloads[0].ssh_ingress_cidr", "192.0.2.1/32"),
    (
        WORKLOAD + 'ssh_ingress_cidr = "10.1.2.3/8"',
        "workloads[0].ssh_ingress_cidr",
        "write '10.0.0.0/8' for the network",
    ),
    (WORKLOAD + 'key_name = "schlüssel"', "workloads[0].key_name", "printable ASCII"),
    (WORKLOAD + 'availability_zone = "use1-az1"', "workloads[0].availability_zone", "us-east-1a"),
    (
        'account = "123456789012"\nregion = "eu-west-1"\n'
        + WORKLOAD
        + 'availability_zone = "us-east-1a"',
        "workloads[0].availability_zone",
        "must be in the Region 'eu-west-1'",
    ),
    (WORKLOAD + 'vpc_cidr = "10.0.0.0/8"', "workloads[0].vpc_cidr", "between /16 and /28"),
    (WORKLOAD + 'subnet_cidr = "10.0.0.0/29"', "workloads[0].subnet_cidr", "/16 and /28"),
    (
        WORKLOAD + 'subnet_cidr = "10.1.0.0/24"',
        "workloads[0].subnet_cidr",
        "must lie inside workloads[0].vpc_cidr = '10.0.0.0/16'",
    ),
    (
        WORKLOAD + 'subnet_id = "subnet-12345678"',
        "workloads[0].security_group_ids",
        "must be given for an existing network",
    ),
    (
        WORKLOAD + 'security_group_ids = ["sg-12345678"]',
        "workloads[0].subnet_id",
        "must be given for an existing network",
    ),
    (EXISTING.replace("subnet-12", "sub-12"), "workloads[0].subnet_id", "the id of a subnet"),
    (EXISTING.replace("sg-12", "web-12"), "workloads[0].security_group_ids[0]", "security group"),
    (
        WORKLOAD + 'subnet_id = "subnet-12345678"\nsecurity_group_ids = ' + many("sg-{:08}", 17),
        "workloads[0].security_group_ids",
        "must hold 1 to 16 security groups",
    ),
    *(
        (EXISTING + f'{key} = "{value}"', f"workloads[0].{key}", "must not be given")
        for key, value in {
            "web_ingress_cidr": "0.0.0.0/0",
            "ssh_ingress_cidr": "0.0.0.0/0",
            "availability_zone": "us-east-1a",
            "vpc_cidr": "10.1.0.0/16",
            "subnet_cidr": "10.0.1.0/24",
        }.items()
    ),
    # logs
    (LOGS + 'bucket = "My-Logs"', "inventory.logs.bucket", "lower-case letters"),
    (LOGS + 'bucket = "a"', "inventory.logs.bucket", "3 to 63 characters"),
    (
        LOGS + 'bucket = "my-logs"\ncreate_bucket = true',
        "inventory.logs.create_bucket",
        "must be false where bucket names an existing one",
    ),
    (LOGS + 'prefix = "x"', "inventory.logs.prefix", "must not be given without a bucket"),
    (LOGS + 'create_bucket = true\nprefix = "/x/"', "inventory.logs.prefix", "write 'x'"),
    # associations
    ("[inventory]\nassociations = []", "inventory.associations", "at least one association"),
    (ASSOCIATION * 2, "inventory.associations[1].name", "must differ from"),
    (ASSOCIATION + 'name = "In Stock"', f"{A}.name", "must not contain white space"),
    (ASSOCIATION + 'name = "ab"', f"{A}.name", "3 to 128 characters"),
    (ASSOCIATION + 'name = "a/b/c"', f"{A}.name", "letters, digits and _ - ."),
    (ASSOCIATION + "interval_minutes = 10", f"{A}.interval_minutes", "must be at least 30, got 10"),
    (ASSOCIATION + "interval_minutes = 44640", f"{A}.interval_minutes", "less than 44640"),
    (ASSOCIATION + 'severity = "high"', f"{A}.severity", "write 'HIGH'"),
    (
        TARGETS + 'all_nodes = true\nresource_group = "x"',
        f"{A}.targets",
        "got 'all_nodes and resource_group'",
    ),
    (TARGETS + "tags = {}", f"{A}.targets", "must say exactly one of tags, all_nodes"),
    (TARGETS + "tags = {Environment = []}", f"{A}.targets.tags.Environment", "1 to 50 values"),
    (
        TARGETS + "[inventory.associations.targets.tags]\n" + many_tags(6, '["x"]'),
        f"{A}.targets.tags",
        "must hold 1 to 5 tag keys",
    ),
    (
        TARGETS + "tags = {Environment = " + many("v{}", 51) + "}",
        f"{A}.targets.tags.Environment",
        "got '51 values'",
    ),
    (
        TARGETS + 'tags = {Environment = ["a*b"]}',
        f"{A}.targets.tags.Environment[0]",
        "leave out '*'",
    ),
    (TARGETS + f'tags = {{{"k" * 125} = ["x"]}}', f"{A}.targets.tags.{'k' * 125}", "124"),
    (TARGETS + 'instance_ids = ["*"]', f"{A}.targets.instance_ids[0]", "say all nodes"),
    (
        TARGETS + "instance_ids = " + many("i-{:08}", 51),
        f"{A}.targets.instance_ids",
        "1 to 50 ids",
    ),
    (TARGETS + 'resource_group = "my group"', f"{A}.targets.resource_group", "resource group"),
    (TYPES + 'files = [{path = "", patterns = ["*"]}]', f"{A}.types.files[0].path", "blank"),
    (TYPES + 'files = [{path = "/", patterns = []}]', f"{A}.types.files[0].patterns", "one"),
    (
        TYPES + 'files = [{path = "/", patterns = ["*", ""]}]',
        f"{A}.types.files[0].patterns[1]",
        "must not be blank",
    ),
    (
        TYPES + 'files = [{path = "/", patterns = ["*"], dir_scan_limit = 0}]',
        f"{A}.types.files[0].dir_scan_limit",
        "must be at least 1",
    ),
    (
        TYPES + 'windows_registry = [{path = "HKLM\\\\X"}]',
        f"{A}.types.windows_registry[0].path",
        "must be a key below a hive",
    ),
    (
        TYPES + "windows_registry = [{path = 'HKEY_USERS\\X', value_names = ['']}]",
        f"{A}.types.windows_registry[0].value_names[0]",
        "must not be blank",
    ),
]


def report(tmp_path: Path, content: str | bytes) -> SettingsError:
    file = tmp_path / "wrong.toml"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(SettingsError) as raised:
        load(file)
    return raised.value


@pytest.mark.parametrize(("text", "where", "said"), WRONG_FILES)
def test_reports_the_one_fault(tmp_path: Path, text: str, where: str, said: str) -> None:
    error = report(tmp_path, text)
    assert [str(fault.subject) for fault in error.findings] == [where], str(error)
    assert said in str(error.findings[0])
    head, *entries = error.report().splitlines()
    assert head == f"{tmp_path / 'wrong.toml'}: 1 fault"
    assert entries == [f"  {error.findings[0]}"]


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none.toml: 1 fault\n .*No such file or directory"):
        load(tmp_path / "none.toml")


def test_folder_instead_of_a_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="must be a readable file: Is a directory"):
        load(tmp_path)


def test_file_that_is_not_utf_8(tmp_path: Path) -> None:
    error = report(tmp_path, b'owner = "a"\n# caf\xe9\n')
    assert [str(fault.subject) for fault in error.findings] == ["line 2, column 6"]
    assert "must be UTF-8" in str(error)


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
    assert sorted(str(fault.subject) for fault in error.findings) == sorted(
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
    assert error.report().startswith(f"{tmp_path / 'wrong.toml'}: 20 faults\n")


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (EXISTING.replace('"subnet-12345678"', "5"), "workloads[0].subnet_id"),
        (WORKLOAD + 'vpc_cidr = 5\nsubnet_cidr = "10.1.0.0/24"', "workloads[0].vpc_cidr"),
        (WORKLOAD + 'web_instances = "3"\napp_instances = 0', "workloads[0].web_instances"),
        (LOGS + 'bucket = 5\nprefix = "x"', "inventory.logs.bucket"),
        (TARGETS + "tags = {}\nresource_group = 5", f"{A}.targets.resource_group"),
        ('account = 5\nregion = "us-east-1"', "account"),
        ('account = "123456789012"\nregoin = "us-east-1"', "regoin"),
    ],
)
def test_unreadable_value_proves_nothing_about_others(
    tmp_path: Path, text: str, where: str
) -> None:
    assert [fault.subject for fault in report(tmp_path, text).findings] == [where]
