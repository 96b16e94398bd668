"""Inventory: what is collected, from which nodes, and how it is read."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localaws import LocalAws
from tests.localaws.lab import UBUNTU, WINDOWS, Lab, node, script, tags, template

BEHIND = {"curl-minimal", "kernel", "openssl", "python3"}
HTTPD = {
    "apr",
    "apr-util",
    "generic-logos-httpd",
    "httpd",
    "httpd-core",
    "httpd-filesystem",
    "httpd-tools",
    "mailcap",
    "mod_http2",
}


@pytest.fixture(scope="module")
def fleet(aws: LocalAws) -> Lab:
    """A web server of Test, one of each other kind, and an inventory of all of them."""
    lab = Lab(aws)
    test, prod = (tags(Environment="OELabIPM", Workload=name) for name in ("Test", "Prod"))
    document = template(
        Web=node(Tags=test, UserData=script("dnf install -y httpd\nsystemctl start httpd")),
        App=node(Tags=test),
        Prod=node(Tags=prod),
        Ubuntu=node(Tags=prod, ImageId=UBUNTU),
        Windows=node(Tags=prod, ImageId=WINDOWS),
    )
    assert lab.deploy(document) == "CREATE_COMPLETE", lab.failures()
    lab.associate()
    lab.settle()
    return lab


def packages(lab: Lab, logical_id: str) -> dict[str, str]:
    """By name, as version-release."""
    entries = lab.entries(lab.physical_id(logical_id), "AWS:Application")
    return {e["Name"]: "-".join((e["Version"], e.get("Release", ""))) for e in entries}


def test_packages_look_like_amazon_linux_2023(fleet: Lab) -> None:
    entries = fleet.entries(fleet.physical_id("Prod"), "AWS:Application")
    assert len(entries) > 120
    assert [e["Name"] for e in entries] == sorted(e["Name"] for e in entries)
    by_name = {entry["Name"]: entry for entry in entries}
    assert by_name["bash"] == {
        "ApplicationType": "Unspecified",
        "Publisher": "Amazon Linux",
        "Name": "bash",
        "Version": "5.2.15",
        "Release": "1.amzn2023.0.2",
        "Architecture": "x86_64",
        "InstalledTime": "2024-10-10T08:12:00Z",
        "PackageId": "bash-5.2.15-1.amzn2023.0.2.src.rpm",
    }
    assert by_name["openssl"]["Epoch"] == "1"
    assert by_name["tzdata"]["Architecture"] == "noarch"


def test_nodes_other_than_test_are_a_patch_level_behind(fleet: Lab) -> None:
    test, prod = packages(fleet, "App"), packages(fleet, "Prod")
    assert {name for name in prod if prod[name] != test[name]} >= BEHIND
    assert len({name for name in prod if prod[name] != test[name]}) < 10
    assert set(test) - set(prod) == {"htop", "nmap-ncat"}
    assert set(prod) <= set(test)


def test_web_servers_have_what_their_user_data_installs(fleet: Lab) -> None:
    web, app = packages(fleet, "Web"), packages(fleet, "App")
    assert set(web) - set(app) >= HTTPD
    assert not HTTPD & set(app)


def test_a_second_run_finds_the_same(fleet: Lab) -> None:
    def hashes() -> dict[str, str]:
        answer = fleet.ssm.get_inventory(ResultAttributes=[{"TypeName": "AWS:Application"}])
        return {e["Id"]: e["Data"]["AWS:Application"]["ContentHash"] for e in answer["Entities"]}

    before = hashes()
    association = fleet.ssm.list_associations()["Associations"][0]["AssociationId"]
    fleet.ssm.start_associations_once(AssociationIds=[association])
    fleet.settle()
    assert hashes() == before


def test_ubuntu_has_debian_versions(fleet: Lab) -> None:
    entries = fleet.entries(fleet.physical_id("Ubuntu"), "AWS:Application")
    by_name = {entry["Name"]: entry for entry in entries}
    assert by_name["openssh-server"]["Version"] == "9.6p1"
    assert by_name["openssh-server"]["Release"] == "3ubuntu13.5"
    assert by_name["openssh-server"]["Epoch"] == "1"
    assert by_name["openssl"]["Architecture"] == "amd64"


@pytest.mark.parametrize("type_name", ["AWS:Service", "AWS:WindowsRole", "AWS:WindowsUpdate"])
def test_windows_types_come_from_windows_only(fleet: Lab, type_name: str) -> None:
    assert fleet.entries(fleet.physical_id("Windows"), type_name)
    assert not fleet.entries(fleet.physical_id("Prod"), type_name)


@pytest.mark.parametrize(
    ("type_name", "attribute", "value"),
    [
        ("AWS:AWSComponent", "Name", "amazon-ssm-agent"),
        ("AWS:Network", "SubnetMask", "255.255.255.0"),
        ("AWS:InstanceDetailedInformation", "CPUs", "2"),
        ("AWS:InstanceInformation", "PlatformName", "Amazon Linux"),
    ],
)
def test_the_other_types(fleet: Lab, type_name: str, attribute: str, value: str) -> None:
    (entry,) = fleet.entries(fleet.physical_id("App"), type_name)
    assert entry[attribute] == value


def test_entries_are_paged(fleet: Lab) -> None:
    request = {"InstanceId": fleet.physical_id("App"), "TypeName": "AWS:Application"}
    first = fleet.ssm.list_inventory_entries(**request, MaxResults=7)
    second = fleet.ssm.list_inventory_entries(**request, MaxResults=7, NextToken=first["NextToken"])
    names = [e["Name"] for e in first["Entries"] + second["Entries"]]
    assert len(names) == len(set(names)) == 14


def test_entries_can_be_filtered(fleet: Lab) -> None:
    answer = fleet.ssm.list_inventory_entries(
        InstanceId=fleet.physical_id("App"),
        TypeName="AWS:Application",
        Filters=[{"Key": "Name", "Values": ["openssl"], "Type": "BeginWith"}],
    )
    names = {entry["Name"] for entry in answer["Entries"]}
    assert names == {"openssl", "openssl-libs", "openssl-pkcs11"}


@pytest.mark.parametrize(
    ("key", "values", "kind", "expected"),
    [
        ("AWS:InstanceInformation.PlatformType", ["Windows"], "Equal", {"Windows"}),
        ("AWS:InstanceInformation.PlatformType", ["Windows"], "NotEqual", 4),
        ("AWS:Application.Name", ["httpd"], "Equal", {"Web"}),
        ("AWS:Application.Name", ["htop"], "Equal", {"Web", "App"}),
        ("AWS:InstanceInformation.PlatformName", ["Ub"], "BeginWith", {"Ubuntu"}),
        ("AWS:InstanceInformation.InstanceStatus", ["Terminated"], "NotEqual", 5),
    ],
)
def test_nodes_can_be_filtered_by_inventory(
    fleet: Lab, key: str, values: list[str], kind: str, expected: Any
) -> None:
    answer = fleet.ssm.get_inventory(Filters=[{"Key": key, "Values": values, "Type": kind}])
    found = {entity["Id"] for entity in answer["Entities"]}
    if isinstance(expected, int):
        assert len(found) == expected
    else:
        assert found == {fleet.physical_id(name) for name in expected}


def test_nodes_are_paged(fleet: Lab) -> None:
    pages = fleet.ssm.get_paginator("get_inventory").paginate(PaginationConfig={"PageSize": 2})
    assert [len(page["Entities"]) for page in pages] == [2, 2, 1]


def test_counts_are_texts(fleet: Lab) -> None:
    answer = fleet.ssm.get_inventory(
        Aggregators=[{"Expression": "AWS:InstanceInformation.PlatformName"}]
    )
    content = answer["Entities"][0]["Data"]["AWS:InstanceInformation"]["Content"]
    assert {"PlatformName": "Amazon Linux", "Count": "3"} in content


def test_the_schema(fleet: Lab) -> None:
    schemas = {s["TypeName"]: s for s in fleet.ssm.get_inventory_schema()["Schemas"]}
    names = [a["Name"] for a in schemas["AWS:Application"]["Attributes"]]
    assert {"Name", "Version", "Release", "Epoch"} <= set(names)
    assert schemas["AWS:Application"]["Version"] == "1.1"
    counted = fleet.ssm.get_inventory_schema(Aggregator=True)["Schemas"]
    assert "AWS:Network" not in {schema["TypeName"] for schema in counted}
    with pytest.raises(ClientError, match="ValidationException"):
        fleet.ssm.get_inventory_schema(MaxResults=201)


def test_an_unknown_type_is_refused(fleet: Lab) -> None:
    with pytest.raises(ClientError, match="InvalidTypeName"):
        fleet.entries(fleet.physical_id("App"), "AWS:Nothing")


@pytest.fixture
def one(lab: Lab) -> Lab:
    lab.deploy(template(Node=node()))
    lab.settle()
    return lab


def types(lab: Lab) -> set[str]:
    found = {s["TypeName"] for s in lab.ssm.get_inventory_schema()["Schemas"]}
    return {name for name in found if lab.entries(lab.physical_id("Node"), name)}


def test_without_an_association_only_the_instance_itself_is_known(one: Lab) -> None:
    assert types(one) == {"AWS:InstanceInformation"}


def test_only_enabled_types_are_collected(one: Lab) -> None:
    one.associate(Parameters={"applications": ["Disabled"], "networkConfig": ["Enabled"]})
    one.settle()
    assert types(one) == {"AWS:InstanceInformation", "AWS:Network"}


def test_files_are_collected_where_they_are_asked_for(one: Lab) -> None:
    files = json.dumps([{"Path": "/etc", "Pattern": ["*.conf", "*.d"], "Recursive": False}])
    one.associate(Parameters={"files": [files], "windowsRegistry": [""]})
    one.settle()
    entries = one.entries(one.physical_id("Node"), "AWS:File")
    assert [(e["Name"], e["InstalledDir"]) for e in entries] == [
        ("example.conf", "/etc"),
        ("example.d", "/etc"),
    ]


def test_inventory_ages_while_the_agent_is_silent(one: Lab) -> None:
    one.associate(ScheduleExpression="rate(30 minutes)")
    one.settle()

    def captured() -> str:
        answer = one.ssm.get_inventory(ResultAttributes=[{"TypeName": "AWS:Application"}])
        return str(answer["Entities"][0]["Data"]["AWS:Application"]["CaptureTime"])

    first = captured()
    one.aws.silence_agent(one.physical_id("Node"), account=one.account)
    one.aws.advance(200)
    assert captured() == first
    one.aws.silence_agent(one.physical_id("Node"), False, account=one.account)
    one.settle()
    assert captured() > first


def test_custom_inventory_can_be_put(one: Lab) -> None:
    instance_id = one.physical_id("Node")
    item = {
        "TypeName": "Custom:RackInfo",
        "SchemaVersion": "1.0",
        "CaptureTime": "2026-03-01T10:00:00Z",
        "Content": [{"Rack": "A1"}],
    }
    # Retention begins with the capture, so it must be recent.
    now = one.ssm.describe_instance_information()["InstanceInformationList"][0]["LastPingDateTime"]
    item["CaptureTime"] = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    one.ssm.put_inventory(InstanceId=instance_id, Items=[item])
    assert one.entries(instance_id, "Custom:RackInfo") == [{"Rack": "A1"}]
    with pytest.raises(ClientError, match="InvalidInstanceId"):
        one.ssm.put_inventory(InstanceId="i-0123456789abcdef0", Items=[item])
