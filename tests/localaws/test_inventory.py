"""Inventory: what is collected, from which nodes, and how it is read."""

import pytest
from botocore.exceptions import ClientError

from localaws import LocalAws
from tests.localaws.lab import UBUNTU, WINDOWS, Lab, node, tags, template


@pytest.fixture(scope="module")
def fleet(aws: LocalAws) -> Lab:
    """A node of Test, one of each operating system of Prod, and an inventory of all of them."""
    lab = Lab(aws)
    test, prod = (tags(Environment="OELabIPM", Workload=name) for name in ("Test", "Prod"))
    document = template(
        Test=node(Tags=test),
        Prod=node(Tags=prod),
        Ubuntu=node(Tags=prod, ImageId=UBUNTU),
        Windows=node(Tags=prod, ImageId=WINDOWS),
    )
    assert lab.deploy(document) == "CREATE_COMPLETE", lab.failures()
    lab.associate()
    lab.settle()
    return lab


def packages(lab: Lab, logical_id: str) -> dict[str, dict[str, str]]:
    entries = lab.entries(lab.physical_id(logical_id), "AWS:Application")
    return {entry["Name"]: entry for entry in entries}


def test_packages_look_like_amazon_linux_2023(fleet: Lab) -> None:
    found = packages(fleet, "Prod")
    assert len(found) > 120
    assert list(found) == sorted(found)
    assert found["bash"] == {
        "ApplicationType": "Unspecified",
        "Publisher": "Amazon Linux",
        "Name": "bash",
        "Version": "5.2.15",
        "Release": "1.amzn2023.0.2",
        "Architecture": "x86_64",
        "InstalledTime": "2024-10-10T08:12:00Z",
        "PackageId": "bash-5.2.15-1.amzn2023.0.2.src.rpm",
    }
    assert found["openssl"]["Epoch"] == "1"
    assert found["tzdata"]["Architecture"] == "noarch"


def test_nodes_other_than_test_are_a_patch_level_behind(fleet: Lab) -> None:
    test, prod = packages(fleet, "Test"), packages(fleet, "Prod")
    drifted = {name for name in prod if prod[name] != test[name]}
    assert drifted >= {"curl-minimal", "kernel", "openssl", "python3"}
    assert len(drifted) < 10
    assert test.keys() - prod.keys() == {"htop", "nmap-ncat"}


@pytest.mark.parametrize(
    ("logical_id", "type_name", "attribute", "value"),
    [
        ("Test", "AWS:AWSComponent", "Name", "amazon-ssm-agent"),
        ("Test", "AWS:Network", "SubnetMask", "255.255.255.0"),
        ("Test", "AWS:InstanceDetailedInformation", "CPUs", "2"),
        ("Test", "AWS:InstanceInformation", "PlatformName", "Amazon Linux"),
        ("Ubuntu", "AWS:Application", "Release", "3ubuntu13.5"),
        ("Windows", "AWS:Application", "Name", "Amazon SSM Agent"),
        ("Windows", "AWS:Service", "Status", "Running"),
        ("Windows", "AWS:WindowsRole", "Installed", "True"),
        ("Windows", "AWS:WindowsUpdate", "InstalledBy", "NT AUTHORITY\\SYSTEM"),
    ],
)
def test_each_type_and_platform(
    fleet: Lab, logical_id: str, type_name: str, attribute: str, value: str
) -> None:
    entries = fleet.entries(fleet.physical_id(logical_id), type_name)
    assert value in {entry.get(attribute) for entry in entries}


@pytest.mark.parametrize("type_name", ["AWS:Service", "AWS:WindowsRole", "AWS:WindowsUpdate"])
def test_windows_types_come_from_windows_only(fleet: Lab, type_name: str) -> None:
    assert not fleet.entries(fleet.physical_id("Prod"), type_name)


def test_the_schema(fleet: Lab) -> None:
    schemas = {s["TypeName"]: s for s in fleet.ssm.get_inventory_schema()["Schemas"]}
    names = [a["Name"] for a in schemas["AWS:Application"]["Attributes"]]
    assert {"Name", "Version", "Release", "Epoch"} <= set(names)
    assert schemas["AWS:Application"]["Version"] == "1.1"
    with pytest.raises(ClientError, match="ValidationException"):
        fleet.ssm.get_inventory_schema(MaxResults=201)


def test_an_unknown_type_is_refused(fleet: Lab) -> None:
    with pytest.raises(ClientError, match="InvalidTypeName"):
        fleet.entries(fleet.physical_id("Test"), "AWS:Nothing")


@pytest.fixture
def one(lab: Lab) -> Lab:
    lab.deploy(template(Node=node()))
    lab.settle()
    return lab


def captured(lab: Lab) -> dict[str, str]:
    """By type, when it was captured on the node."""
    found: dict[str, str] = {}
    for schema in lab.ssm.get_inventory_schema()["Schemas"]:
        wanted = [{"TypeName": schema["TypeName"]}]
        (entity,) = lab.ssm.get_inventory(ResultAttributes=wanted)["Entities"]
        found |= {name: data["CaptureTime"] for name, data in entity["Data"].items()}
    return found


def test_only_the_types_asked_for_are_collected(one: Lab) -> None:
    assert captured(one).keys() == {"AWS:InstanceInformation"}
    one.associate(
        Parameters={
            "applications": ["Disabled"],
            "networkConfig": ["Enabled"],
            "files": ['[{"Path": "/etc", "Pattern": ["*.conf"]}]'],
            "windowsRegistry": [""],
        }
    )
    one.settle()
    assert captured(one).keys() == {"AWS:InstanceInformation", "AWS:Network", "AWS:File"}


def test_inventory_ages_while_the_agent_is_silenced(one: Lab) -> None:
    one.associate(ScheduleExpression="rate(30 minutes)")
    one.settle()
    first = captured(one)["AWS:Application"]
    one.aws.silence_agent(one.physical_id("Node"), account=one.account)
    one.aws.advance(200)
    assert captured(one)["AWS:Application"] == first
    one.aws.silence_agent(one.physical_id("Node"), False, account=one.account)
    one.settle()
    assert captured(one)["AWS:Application"] > first


def test_inventory_can_be_put(one: Lab) -> None:
    item = {
        "TypeName": "Custom:RackInfo",
        "SchemaVersion": "1.0",
        "CaptureTime": "2026-03-01T10:00:00Z",
        "Content": [{"Rack": "A1"}],
    }
    one.ssm.put_inventory(InstanceId=one.physical_id("Node"), Items=[item])
    assert one.entries(one.physical_id("Node"), "Custom:RackInfo") == [{"Rack": "A1"}]
    with pytest.raises(ClientError, match="InvalidInstanceId"):
        one.ssm.put_inventory(InstanceId="i-0123456789abcdef0", Items=[item])
