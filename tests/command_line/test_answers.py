"""Answers of every shape that AWS documents, each through every command: nothing falsely well."""

from pathlib import Path
from typing import Any

import pytest

from tests.command_line.account import NOW, TODAY, Account, Machine, used
from tests.command_line.conftest import Cli

LINUX, WINDOWS, RACK = "i-0a1b2c3d4e5f60718", "i-0a1b2c3d4e5f60719", "mi-0a1b2c3d4e5f60720"
COMMANDS = {
    "preflight": ["preflight"],
    "wait": ["wait", "--timeout", "0"],
    "status": ["status"],
    "status NODE": ["status", "Test-Web2"],
    "associations": ["associations", "--all", "--runs", "3"],
    "inventory": ["inventory"],
    "type": ["inventory", "--type", "AWS:Network"],
    "gate": ["inventory", "--package", "log4j", "--version", "<2.17", "--fail-if-found"],
    "inventory NODE": ["inventory", "Test-Web2"],
    "compliance": ["compliance"],
    "compliance NODE": ["compliance", "Test-Web2"],
    "image check": ["image", "check"],
}
Codes = dict[str, int]


def codes(code: int, *commands: str) -> Codes:
    return dict.fromkeys(commands, code)


FLEET = ("wait", "status")
"""What goes by the nodes as a whole."""
NODES = ("wait", "status", "status NODE")
NODE_READERS = tuple(x for x in COMMANDS if x not in ("preflight", "image check"))

# ---------------------------------------------------------------------------------------------
# DescribeInstanceInformation
# ---------------------------------------------------------------------------------------------


def node(node_id: str, **fields: Any) -> Any:
    """A node with all that AWS answers of one; None takes a field out."""
    whole = {
        "InstanceId": node_id,
        "PingStatus": "Online",
        "LastPingDateTime": 1790000000.123,
        "AgentVersion": "3.3.1611.0",
        "IsLatestVersion": True,
        "PlatformType": "Linux",
        "PlatformName": "Amazon Linux",
        "PlatformVersion": "2023",
        "ResourceType": "EC2Instance",
        "IPAddress": "10.0.0.21",
        "ComputerName": "ip-10-0-0-21.ec2.internal",
        "AssociationStatus": "Success",
        "LastAssociationExecutionDate": "2026-09-21T14:13:20+00:00",
        "AssociationOverview": {
            "DetailedStatus": "Success",
            "InstanceAssociationStatusAggregatedCount": {"Success": 1},
        },
        "SourceId": node_id,
        "SourceType": "AWS::EC2::Instance",
    }
    if node_id == WINDOWS:
        whole |= {
            "PlatformType": "Windows",
            "PlatformName": "Microsoft Windows Server 2022 Datacenter",
            "PlatformVersion": "10.0.20348",
            "ComputerName": "EC2AMAZ-0A1B2C3",
        }
    if node_id == RACK:
        whole |= {
            "ResourceType": "ManagedInstance",
            "ActivationId": "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9",
            "IamRole": "service-role/Rack",
            "RegistrationDate": 1780000000.0,
            "Name": "rack-7",
            "SourceType": "AWS::SSM::ManagedInstance",
        }
    changed = whole | fields
    return {name: value for name, value in changed.items() if value is not None}


def fleet(**of_windows: Any) -> Any:
    nodes = [node(LINUX), node(WINDOWS, **of_windows), node(RACK)]
    return {"InstanceInformationList": nodes}


BARE = {
    name: None
    for name in node(WINDOWS)
    if name not in ("InstanceId", "PingStatus", "AgentVersion", "PlatformType")
}
LOST = codes(1, *NODES)
UNREAD = codes(3, *NODE_READERS)
INFORMATION: list[tuple[str, Any, Codes]] = [
    ("every field", fleet(), {}),
    ("only what is needed", fleet(**BARE), {}),
    ("no platform", fleet(PlatformType=None), {}),
    ("an unknown platform", fleet(PlatformType="Plan9", PlatformName="Plan 9"), {}),
    ("a Mac", fleet(PlatformType="MacOS", PlatformName="macOS"), {}),
    ("lost", fleet(PingStatus="ConnectionLost"), LOST),
    ("inactive", fleet(PingStatus="Inactive"), LOST),
    ("an unknown ping", fleet(PingStatus="Napping"), LOST),
    ("an old agent", fleet(AgentVersion="2.0.500.0"), LOST),
    ("an agent of letters", fleet(AgentVersion="latest"), LOST),
    ("no agent", fleet(AgentVersion=None), UNREAD),
    ("no ping", fleet(PingStatus=None), UNREAD),
    ("an unknown type of resource", fleet(ResourceType="Submarine"), {}),
    ("nobody", {"InstanceInformationList": []}, LOST),
    ("nothing", {}, UNREAD),
]

# ---------------------------------------------------------------------------------------------
# Inventory
# ---------------------------------------------------------------------------------------------


def entity(node_id: str, type_name: str, *content: dict[str, str], **fields: Any) -> Any:
    item = {
        "TypeName": type_name,
        "SchemaVersion": "1.1",
        "CaptureTime": TODAY,
        "ContentHash": "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
        "Content": [*content],
    }
    changed = {name: value for name, value in (item | fields).items() if value is not None}
    return {"Id": node_id, "Data": {type_name: changed}}


RPM = {
    "Name": "openssl-libs",
    "ApplicationType": "System Environment/Libraries",
    "Publisher": "Amazon Linux",
    "Version": "3.0.8",
    "Release": "1.amzn2023.0.18",
    "Epoch": "1",
    "InstalledTime": "2026-01-02T03:04:05Z",
    "Architecture": "x86_64",
}
MSI = {"Name": "Amazon SSM Agent", "Version": "3.3.1611.0", "Publisher": "Amazon Web Services"}
LOG4J = {"Name": "log4j", "Version": "2.14.1"}


def inventory(*of_windows: dict[str, str], **fields: Any) -> Any:
    """An answer of which the Windows node has this content."""

    def answer(request: Any) -> Any:
        name = request["ResultAttributes"][0]["TypeName"]
        odd = entity(WINDOWS, name, *of_windows, **fields)
        return {
            "Entities": [entity(LINUX, name, RPM, {"Name": "bash"}), odd, entity(RACK, name, RPM)]
        }

    return answer


MISSING = codes(1, *NODES, "inventory", "type", "gate")
INVENTORY: list[tuple[str, Any, Codes]] = [
    ("entries", inventory(MSI), {}),
    ("an entry without a version", inventory({"Name": "Tool"}), {}),
    ("an entry without a name", inventory({"Version": "1"}), {}),
    ("an empty entry", inventory({}), {}),
    ("what the gate is for", inventory(LOG4J), codes(1, "gate")),
    ("in other letters", inventory(LOG4J | {"Name": "Log4J"}), codes(1, "gate")),
    ("not comparable", inventory(LOG4J | {"Version": "two"}), codes(1, "gate")),
    ("no content", inventory(), MISSING),
    ("no content at all", inventory(Content=None), MISSING),
    ("no capture time", inventory(MSI, CaptureTime=None), codes(1, *NODES)),
    ("a capture time of words", inventory(MSI, CaptureTime="yesterday"), codes(1, *NODES)),
    ("a capture time without a zone", inventory(MSI, CaptureTime=TODAY.removesuffix("Z")), {}),
    ("no entity", {"Entities": []}, MISSING),
    ("entities without data", {"Entities": [{"Id": LINUX, "Data": {}}, {"Id": RACK}]}, MISSING),
    (
        "another node",
        {"Entities": [entity("i-0ffffffffffffffff", "AWS:Application", MSI)]},
        MISSING,
    ),
    ("nothing", {}, codes(3, *NODES, "inventory", "type", "gate")),
]


def entries(*listed: dict[str, str], **fields: Any) -> Any:
    answer = {
        "TypeName": "AWS:Application",
        "InstanceId": WINDOWS,
        "SchemaVersion": "1.1",
        "CaptureTime": TODAY,
        "Entries": [*listed],
    }
    return {name: value for name, value in (answer | fields).items() if value is not None}


ENTRIES: list[tuple[str, Any, Codes]] = [
    ("entries", entries(MSI, MSI | {"Architecture": "x86_64"}), {}),
    ("no capture time", entries(MSI, CaptureTime=None), {}),
    ("none", entries(), codes(1, "inventory NODE")),
    ("nothing", {}, codes(3, "inventory NODE")),
]

# ---------------------------------------------------------------------------------------------
# Associations
# ---------------------------------------------------------------------------------------------


def run(**fields: Any) -> Any:
    whole = {
        "AssociationId": "a-1",
        "AssociationVersion": "1",
        "ExecutionId": "e-1",
        "Status": "Success",
        "DetailedStatus": "Success",
        "CreatedTime": NOW.timestamp(),
        "ResourceCountByStatus": "{Success=3}",
    }
    changed = {name: value for name, value in (whole | fields).items() if value is not None}
    return {"AssociationExecutions": [changed]}


NO_RUN = codes(1, *NODES, "associations")
EXECUTIONS: list[tuple[str, Any, Codes]] = [
    ("a run", run(), {}),
    ("of text", run(CreatedTime="2026-09-21T14:13:20.123000+02:00"), {}),
    ("without a status", run(Status=None, DetailedStatus=None), {}),
    ("an unknown status", run(Status="Enqueued"), {}),
    ("without a time", run(CreatedTime=None), codes(3, *NODES, "associations")),
    ("without an id", run(ExecutionId=None), codes(3, *NODES, "associations")),
    ("none", {"AssociationExecutions": []}, NO_RUN),
    ("nothing", {}, codes(3, *NODES, "associations")),
]


def outcomes(**fields: Any) -> Any:
    def target(node_id: str, **of_node: Any) -> Any:
        whole = {
            "AssociationId": "a-1",
            "AssociationVersion": "1",
            "ExecutionId": "e-1",
            "ResourceId": node_id,
            "ResourceType": "ManagedInstance",
            "Status": "Success",
            "DetailedStatus": "Success",
            "LastExecutionDate": 1790000000.5,
            "OutputSource": {"OutputSourceId": "0a1b2c3d", "OutputSourceType": "RunCommand"},
        }
        return {name: value for name, value in (whole | of_node).items() if value is not None}

    return {"AssociationExecutionTargets": [target(LINUX), target(WINDOWS, **fields), target(RACK)]}


TARGETS: list[tuple[str, Any, Codes]] = [
    ("well", outcomes(), {}),
    ("only what is needed", outcomes(LastExecutionDate=None, OutputSource=None), {}),
    ("failed", outcomes(Status="Failed", DetailedStatus="InvalidPlugin"), NO_RUN),
    ("timed out", outcomes(Status="TimedOut", DetailedStatus="DeliveryTimedOut"), NO_RUN),
    ("skipped", outcomes(Status="Skipped", DetailedStatus="OverriddenByExplicit"), NO_RUN),
    ("pending", outcomes(Status="Pending"), NO_RUN),
    ("an unknown status", outcomes(Status="Rescheduled"), NO_RUN),
    ("without a status", outcomes(Status=None), NO_RUN),
    ("without a node", outcomes(ResourceId=None), NO_RUN),
    ("none", {"AssociationExecutionTargets": []}, NO_RUN),
]


def associated(**fields: Any) -> Any:
    whole = {
        "Name": "AWS-GatherSoftwareInventory",
        "AssociationId": "a-1",
        "AssociationVersion": "3",
        "DocumentVersion": "$DEFAULT",
        "Targets": [{"Key": "tag:Environment", "Values": ["OELabIPM"]}],
        "LastExecutionDate": 1790000000.0,
        "Overview": {
            "Status": "Success",
            "DetailedStatus": "Success",
            "AssociationStatusAggregatedCount": {"Success": 3},
        },
        "ScheduleExpression": "rate(30 minutes)",
        "AssociationName": "InventoryAllInstances",
        "Duration": 1,
    }
    changed = {name: value for name, value in (whole | fields).items() if value is not None}
    return {"Associations": [changed]}


ASSOCIATIONS: list[tuple[str, Any, Codes]] = [
    ("every field", associated(), {}),
    ("counts that are empty", associated(Overview={"AssociationStatusAggregatedCount": {}}), {}),
    ("no schedule", associated(ScheduleExpression=None), {}),
    ("a schedule of another kind", associated(ScheduleExpression="every full moon"), {}),
    ("no name", associated(AssociationName=None), codes(1, "associations")),
    ("no targets", associated(Targets=None), codes(1, *NODES)),
    ("unknown targets", associated(Targets=[{"Key": "colour", "Values": ["red"]}]), {}),
    ("none", {"Associations": []}, NO_RUN),
    ("nothing", {}, codes(3, *NODE_READERS[:-2], "preflight")),
]


def reported(**fields: Any) -> Any:
    whole = {
        "AssociationId": "a-1",
        "Name": "AWS-GatherSoftwareInventory",
        "DocumentVersion": "1",
        "AssociationVersion": "1",
        "InstanceId": WINDOWS,
        "ExecutionDate": 1790000000.0,
        "Status": "Success",
        "DetailedStatus": "Success",
        "ExecutionSummary": "1 out of 1 plugin processed, 1 success, 0 failed, 0 timedout",
        "AssociationName": "InventoryAllInstances",
        "OutputUrl": {"S3OutputUrl": {"OutputUrl": "https://s3.us-east-1.amazonaws.com/logs"}},
    }
    changed = {name: value for name, value in (whole | fields).items() if value is not None}
    return {"InstanceAssociationStatusInfos": [changed]}


REPORTED: list[tuple[str, Any, Codes]] = [
    ("every field", reported(), {}),
    ("no details", reported(DetailedStatus=None, OutputUrl={}, ExecutionDate=None), {}),
    ("none", {"InstanceAssociationStatusInfos": []}, {}),
    ("nothing", {}, codes(3, "status NODE")),
]

# ---------------------------------------------------------------------------------------------
# Compliance
# ---------------------------------------------------------------------------------------------


def summaries(**fields: Any) -> Any:
    def summary(node_id: str, **of_node: Any) -> Any:
        whole = {
            "ComplianceType": "Patch",
            "ResourceType": "ManagedInstance",
            "ResourceId": node_id,
            "Status": "COMPLIANT",
            "OverallSeverity": "UNSPECIFIED",
            "ExecutionSummary": {
                "ExecutionTime": 1790000000.0,
                "ExecutionId": "0a1b2c3d-4e5f",
                "ExecutionType": "Command",
            },
            "CompliantSummary": {"CompliantCount": 310, "SeveritySummary": {"HighCount": 4}},
            "NonCompliantSummary": {"NonCompliantCount": 0, "SeveritySummary": {}},
        }
        return {name: value for name, value in (whole | of_node).items() if value is not None}

    listed = [summary(LINUX), summary(WINDOWS, **fields), summary(RACK)]
    return {"ResourceComplianceSummaryItems": listed}


BAD = {
    "Status": "NON_COMPLIANT",
    "OverallSeverity": "CRITICAL",
    "NonCompliantSummary": {"NonCompliantCount": 36, "SeveritySummary": {"CriticalCount": 2}},
}
NOT_WELL = codes(1, "status", "status NODE", "compliance")
SUMMARIES: list[tuple[str, Any, Codes]] = [
    ("every field", summaries(), {}),
    ("only what is needed", summaries(ExecutionSummary=None, CompliantSummary=None), {}),
    ("not compliant", summaries(**BAD), NOT_WELL),
    ("no counts", summaries(Status="NON_COMPLIANT", NonCompliantSummary=None), NOT_WELL),
    ("no severity", summaries(Status="NON_COMPLIANT", OverallSeverity=None), NOT_WELL),
    ("an unknown severity", summaries(**BAD | {"OverallSeverity": "DIRE"}), NOT_WELL),
    ("an unknown status", summaries(Status="PERHAPS"), NOT_WELL),
    ("no status", summaries(Status=None), NOT_WELL),
    ("an unknown type", summaries(ComplianceType="Custom:Backup"), {}),
    ("no node", summaries(ResourceId=None), codes(1, "compliance")),
    ("none", {"ResourceComplianceSummaryItems": []}, codes(1, "compliance")),
    ("nothing", {}, codes(3, *NODES, "compliance")),
]


def item(**fields: Any) -> Any:
    whole = {
        "ComplianceType": "Patch",
        "ResourceType": "ManagedInstance",
        "ResourceId": WINDOWS,
        "Id": "KB5041234",
        "Title": "2026-09 Cumulative Update (KB5041234)",
        "Status": "COMPLIANT",
        "Severity": "UNSPECIFIED",
        "ExecutionSummary": {"ExecutionTime": 1790000000.0},
        "Details": {
            "DocumentName": "",
            "Classification": "SecurityUpdates",
            "PatchBaselineId": "pb-0a1b2c3d4e5f60718",
            "PatchSeverity": "Critical",
            "PatchState": "Installed",
            "PatchGroup": "",
            "InstalledTime": "0.0",
        },
    }
    changed = {name: value for name, value in (whole | fields).items() if value is not None}
    return {"ComplianceItems": [changed]}


BAD_ITEM = codes(1, "compliance NODE")
ITEMS: list[tuple[str, Any, Codes]] = [
    ("every field", item(), {}),
    ("only what is needed", item(Title=None, Details=None, Severity=None), {}),
    ("not applicable", item(Status="", Details={"PatchState": "NotApplicable"}), {}),
    ("missing", item(Status="NON_COMPLIANT", Details={"PatchState": "Missing"}), BAD_ITEM),
    ("missing, in capitals", item(Status="", Details={"PatchState": "MISSING"}), BAD_ITEM),
    (
        "a security update",
        item(Status="", Details={"PatchState": "AVAILABLE_SECURITY_UPDATE"}),
        BAD_ITEM,
    ),
    ("no status and no state", item(Status=None, Details=None), BAD_ITEM),
    ("no status of a custom type", item(ComplianceType="Custom:Backup", Status=""), BAD_ITEM),
    ("an unknown status", item(Status="PERHAPS"), BAD_ITEM),
    ("none", {"ComplianceItems": []}, BAD_ITEM),
    ("nothing", {}, codes(3, "compliance NODE")),
]

ANSWERS = {
    "DescribeInstanceInformation": INFORMATION,
    "GetInventory": INVENTORY,
    "ListInventoryEntries": ENTRIES,
    "ListAssociations": ASSOCIATIONS,
    "DescribeAssociationExecutions": EXECUTIONS,
    "DescribeAssociationExecutionTargets": TARGETS,
    "DescribeInstanceAssociationsStatus": REPORTED,
    "ListResourceComplianceSummaries": SUMMARIES,
    "ListComplianceItems": ITEMS,
}


@pytest.fixture(scope="module")
def operations() -> dict[str, set[str]]:
    """The calls of each command, as far as they are known: filled by the first test."""
    return {}


def every_answer() -> list[Any]:
    return [
        pytest.param(operation, answer, expected, id=f"{operation}: {name}")
        for operation, answers in ANSWERS.items()
        for name, answer, expected in answers
    ]


def account(**answers: Any) -> Account:
    machines = [
        Machine(id=LINUX, name="Test-Web1"),
        Machine(id=WINDOWS, name="Test-Web2", platform="Windows"),
        Machine(id=RACK, name="Rack", workload=""),
    ]
    return Account(machines, answers=answers)


@pytest.fixture(autouse=True)
def _settings() -> None:
    Path("oelab.toml").write_text(
        '[image_pins]\nus-east-1 = "ami-0123456789abcdef0"\n'
        '[[workloads]]\nname = "Test"\nstack_name = "OELabStack1"\n'
        "web_instances = 2\napp_instances = 0\n"
    )


@pytest.mark.parametrize(("operation", "answer", "expected"), every_answer())
def test_an_answer_through_every_command(
    cli: Cli,
    monkeypatch: pytest.MonkeyPatch,
    operations: dict[str, set[str]],
    operation: str,
    answer: Any,
    expected: Codes,
) -> None:
    for name, command in COMMANDS.items():
        if name not in operations:
            with used(account(), monkeypatch) as well:
                assert cli(*command).exit_code == 0, name
            operations[name] = {*well.calls}
        # A command that does not make the call goes by the same answers as before.
        if operation not in operations[name]:
            assert name not in expected
            continue
        with used(account(**{operation: answer}), monkeypatch):
            result = cli(*command)
        assert isinstance(result.exception, SystemExit | None), (name, result.exc_info)
        assert result.exit_code == expected.get(name, 0), (name, result.output)
