"""Each cause from values alone: what shows it, and what does not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from oelab.environment import Environment
from oelab.exit_codes import ExitCode
from oelab.findings import Severity
from oelab.review.evaluate.fleet import StatusReport, evaluate_fleet
from oelab.review.evaluate.node import NodeStatus
from oelab.review.expected_fleet import ExpectedFleet
from oelab.review.models import Association, Instance, Node, Unread
from oelab.review.records import ComplianceSummary, Execution, Outcome
from oelab.review.snapshots import (
    NOT_ASKED_FOR,
    AssociationHistory,
    FleetSnapshot,
    ProfileAccess,
    VpcNetworks,
)
from oelab.settings import RoleSettings, Settings, WorkloadSettings
from oelab.systems_manager.reachability import (
    SERVICES,
    InterfaceEndpoint,
    Obstacle,
    RouteTarget,
    SecurityGroup,
    SecurityGroupRule,
)
from oelab.systems_manager.targets import AllNodes, ResourceGroup, Tags

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
ID = "i-0000000000000001"
HERE = Environment("111122223333", "us-east-1")
ONE = WorkloadSettings(name="Test", stack_name="S", web_instances=1, app_instances=0)
SETTINGS = Settings(workloads=(ONE,))
TYPES = ("AWS:Application", "AWS:Network", "AWS:InstanceDetailedInformation")
DENIED = Unread(environment=HERE, call="ssm:Something", reason="denied")

INSTANCE = Instance(
    instance_id=ID,
    state="running",
    tags={"Name": "Test-Web1", "Workload": "Test", "Environment": "OELabIPM"},
    profile_arn="arn:aws:iam::111122223333:instance-profile/ManagedInstancesRole",
    launch_time=NOON - timedelta(minutes=5),
    vpc_id="vpc-1",
    subnet_id="subnet-1",
    security_groups=("sg-1",),
    private_ip_address="10.0.0.4",
    public_ip_address="192.0.2.1",
)
NODE = Node(
    node_id=ID,
    ping_status="Online",
    agent_version="3.3.987.0",
    platform_type="Linux",
    platform_name="Amazon Linux",
    last_ping_date_time=NOON,
)
OURS = Association(
    association_id="ours",
    association_name="InventoryAllInstances",
    document="AWS-GatherSoftwareInventory",
    targets=Tags({"Environment": ("OELabIPM",)}),
    schedule_expression="rate(30 minutes)",
)
OTHER = replace(OURS, association_id="other", association_name="Other")
WILDCARD = replace(OTHER, association_name="Everything", targets=AllNodes())
GROUP = replace(OTHER, targets=ResourceGroup("Group"))
QUICK = replace(WILDCARD, association_name="AWS-QuickSetup-SSM-CollectInventory-abcde")
HTTPS = SecurityGroupRule(protocol="tcp", ports=(443, 443), cidr="0.0.0.0/0")
OPEN = VpcNetworks(
    groups={"sg-1": SecurityGroup(id="sg-1", egress=(HTTPS,), ingress=())},
    routes={"subnet-1": (RouteTarget.INTERNET_GATEWAY,)},
)
GOOD_ROLE = ProfileAccess(role="ManagedInstancesRole", trusts_ec2=True)


def associated(**statuses: tuple[Association, str | None]) -> dict[str, Any]:
    """The associations, each with its outcome on the node, None where it has not run there."""
    histories = []
    for association, status in statuses.values():
        ids: dict[str, Any] = {
            "environment": HERE,
            "association_id": association.association_id,
            "execution_id": "run",
        }
        outcome = Outcome(**ids, node_id=ID, status=status or "", detailed_status=status or "")
        history = AssociationHistory(
            association=association,
            executions=(Execution(**ids, created_time=NOON),),
            outcomes={"run": () if status is None else (outcome,)},
        )
        histories.append(history)
    listed = tuple(association for association, _ in statuses.values())
    return {"associations": listed, "histories": tuple(histories)}


WELL = FleetSnapshot(
    environment=HERE,
    read_at=NOON,
    read_instances=(INSTANCE,),
    read_nodes={ID: NODE},
    captures={name: {ID: NOON - timedelta(minutes=10)} for name in TYPES},
    compliance={},
    profiles={"ManagedInstancesRole": GOOD_ROLE},
    networks=OPEN,
    **associated(ours=(OURS, "Success")),
)
UNREGISTERED = replace(WELL, read_nodes={})


def report(snapshot: FleetSnapshot, settings: Settings = SETTINGS) -> StatusReport:
    return evaluate_fleet([snapshot], ExpectedFleet(settings))


def verdict(snapshot: FleetSnapshot, settings: Settings = SETTINGS) -> NodeStatus:
    (found,) = report(snapshot, settings).nodes
    return found


def rules(snapshot: FleetSnapshot, settings: Settings = SETTINGS) -> list[str]:
    found = report(snapshot, settings)
    # Each finding is found again by its node.
    assert [each for node in found.nodes for each in found.findings_of(node)] == [*found.findings]
    return [finding.rule for finding in found.findings]


def reason(snapshot: FleetSnapshot) -> str:
    return report(snapshot).findings[0].reason


def with_instance(snapshot: FleetSnapshot = WELL, **changes: Any) -> FleetSnapshot:
    return replace(snapshot, read_instances=(replace(INSTANCE, **changes),))


def with_node(**changes: Any) -> FleetSnapshot:
    return replace(WELL, read_nodes={ID: replace(NODE, **changes)})


def with_role(**changes: Any) -> FleetSnapshot:
    return replace(UNREGISTERED, profiles={"ManagedInstancesRole": replace(GOOD_ROLE, **changes)})


def with_network(**changes: Any) -> FleetSnapshot:
    return replace(UNREGISTERED, networks=replace(OPEN, **changes))


ARN = "arn:aws:iam::111122223333:instance-profile"
RESTRICTED = RoleSettings(restricted_permissions=True)
LOST = {"ping_status": "ConnectionLost", "last_ping_date_time": NOON - timedelta(hours=2)}
NO_EGRESS = SecurityGroup(id="sg-1", egress=(), ingress=())


@pytest.mark.parametrize(
    ("snapshot", "expected", "says"),
    [
        (WELL, [], ""),
        # Launched and running.
        (replace(WELL, read_instances=()), ["not-launched"], "Workload=Test and Name=Test-Web1"),
        (with_instance(state="terminated"), ["not-launched"], f"its instance {ID} is terminated"),
        (with_instance(UNREGISTERED, state="stopping"), ["stopped"], "is stopping"),
        (with_instance(UNREGISTERED, state="stopped"), ["stopped"], "is stopped"),
        # Managed.
        (with_instance(UNREGISTERED, profile_arn=""), ["no-profile"], "has no instance profile"),
        (replace(with_instance(profile_arn=""), host_role="Host"), [], ""),
        (with_role(role=""), ["no-permission"], "is gone or has no role"),
        (with_role(trusts_ec2=False), ["no-permission"], "which EC2 may not assume"),
        (with_role(denied=("ssm:X", "ssm:Y")), ["no-permission"], "does not allow ssm:X, ssm:Y"),
        (with_network(groups={"sg-1": NO_EGRESS}), ["no-way-out"], Obstacle.NO_EGRESS),
        (with_network(routes={"subnet-1": ()}), ["no-way-out"], Obstacle.NO_ROUTE),
        (with_network(routes={"vpc-1": ()}), ["no-way-out"], "subnet subnet-1"),
        (
            with_instance(UNREGISTERED, public_ip_address=""),
            ["no-way-out"],
            Obstacle.NO_PUBLIC_ADDRESS,
        ),
        # An unknown way out is not said to be none.
        (with_network(groups={}), ["not-registered"], ""),
        (with_network(routes={}), ["not-registered"], ""),
        (with_network(routes={"subnet-1": (RouteTarget.OTHER,)}), ["not-registered"], ""),
        (UNREGISTERED, ["not-registered"], "is running, launched 5 minutes ago"),
        (with_node(**LOST), ["connection-lost"], "it last did 2 hours ago"),
        (with_node(agent_version="1.0", **LOST), ["connection-lost", "agent-too-old"], ""),
        (with_node(agent_version="2.0.789.0"), ["agent-too-old"], "older than 2.0.790.0"),
        (with_node(agent_version="2.0.790.0"), [], ""),
        # Associated.
        (replace(WELL, **associated()), ["no-association"], ""),
        (replace(WELL, **associated(a=(OURS, None))), ["association-pending"], ""),
        (
            replace(WELL, **associated(a=(OURS, "Success"), b=(OTHER, "Failed"))),
            ["association-conflict"],
            "InventoryAllInstances and Other",
        ),
        (
            replace(WELL, **associated(a=(OURS, "Success"), b=(WILDCARD, "Skipped"))),
            ["association-skipped"],
            "is skipped by Everything, because InventoryAllInstances prevails (Skipped)",
        ),
        (
            replace(WELL, **associated(a=(OURS, "Skipped"), b=(QUICK, "Success"))),
            ["association-overridden"],
            f"because {QUICK.association_name} prevails",
        ),
        # A resource group is known by where it ran.
        (
            replace(WELL, **associated(a=(OURS, "Failed"), b=(GROUP, "Failed"))),
            ["association-conflict"],
            "",
        ),
        (replace(WELL, **associated(a=(OURS, "Success"), b=(GROUP, None))), [], ""),
        # Inventoried.
        (replace(WELL, captures={name: {} for name in TYPES}), ["inventory-missing"], ""),
        (
            replace(WELL, captures={**WELL.captures, "AWS:Network": {}}),
            ["type-not-collected"],
            "no AWS:Network",
        ),
        (with_node(platform_type="Windows"), ["type-not-collected"], "AWS:Service"),
    ],
)
def test_each_cause(snapshot: FleetSnapshot, expected: list[str], says: str) -> None:
    assert rules(snapshot) == expected
    assert says in (reason(snapshot) if expected else "")
    assert (
        verdict(snapshot).verdict
        == ([x for x in expected if x != "association-skipped"] or ["ok"])[0]
    )


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        *(
            (status, "association-pending")
            for status in ("", "Pending", "InProgress", "Associated", "Creating")
        ),
        *(
            (status, "association-failed")
            for status in ("Failed", "TimedOut", "Cancelled", "Skipped", "SomethingNew")
        ),
    ],
)
def test_how_the_run_of_an_association_ended(status: str, expected: str) -> None:
    assert rules(replace(WELL, **associated(a=(OURS, status)))) == [expected]


@pytest.mark.parametrize(
    ("profile", "version", "role", "expected"),
    [
        ("ManagedInstancesRole", "3.3.39.0", RESTRICTED, ["agent-too-old"]),
        ("ManagedInstancesRole", "3.3.40.0", RESTRICTED, []),
        ("Theirs", "3.3.39.0", RESTRICTED, []),
        ("Nodes", "3.3.39.0", replace(RESTRICTED, name="Nodes"), ["agent-too-old"]),
        (
            "ManagedInstancesRole-us-east-1",
            "3.3.39.0",
            replace(RESTRICTED, region_suffix=True),
            ["agent-too-old"],
        ),
        ("", "3.2.581.0", RESTRICTED, ["agent-too-old"]),
        ("", "3.2.582.0", RESTRICTED, []),
    ],
)
def test_the_oldest_agent_depends_on_the_role(
    profile: str, version: str, role: RoleSettings, expected: list[str]
) -> None:
    arn = f"{ARN}/{profile}" if profile else ""
    snapshot = with_instance(with_node(agent_version=version), profile_arn=arn)
    assert rules(replace(snapshot, host_role="Host"), replace(SETTINGS, role=role)) == expected


@pytest.mark.parametrize(
    ("vpc_id", "expected"), [("vpc-1", "not-registered"), ("vpc-2", "no-way-out")]
)
def test_endpoints_of_the_vpc_are_a_way_out(vpc_id: str, expected: str) -> None:
    group = SecurityGroup(id="sg-2", egress=(), ingress=(HTTPS,))
    endpoints = tuple(InterfaceEndpoint(service=each, groups=(group,)) for each in SERVICES)
    found = with_network(routes={"subnet-1": ()}, endpoints={vpc_id: endpoints})
    assert rules(found) == [expected]


@pytest.mark.parametrize(
    ("minutes", "expected"), [(60, []), (61, ["inventory-stale"])], ids=["fresh", "stale"]
)
def test_inventory_is_stale_after_two_intervals(minutes: int, expected: list[str]) -> None:
    captures = {name: {ID: NOON - timedelta(minutes=minutes)} for name in TYPES}
    assert rules(replace(WELL, captures=captures)) == expected


@pytest.mark.parametrize(
    ("kind", "rule"),
    [
        ("Association", "non-compliant-association"),
        ("Patch", "non-compliant-patch"),
        ("Custom:Backup", "non-compliant-custom"),
    ],
)
def test_not_compliant(kind: str, rule: str) -> None:
    summary = ComplianceSummary(
        environment=HERE,
        node_id=ID,
        compliance_type=kind,
        status="NON_COMPLIANT",
        overall_severity="HIGH",
        non_compliant_count=2,
    )
    snapshot = replace(WELL, compliance={ID: (summary, replace(summary, status="COMPLIANT"))})
    assert rules(snapshot) == [rule]
    says = f"has 2 items of type {kind} that do not comply, worst severity HIGH"
    assert reason(snapshot) == says


# ---------------------------------------------------------------------------------------------
# What could not be read
# ---------------------------------------------------------------------------------------------

UNREAD_RUNS = replace(WELL.histories[0], executions=DENIED, outcomes=DENIED)


@pytest.mark.parametrize(
    "changes",
    [
        {"read_instances": DENIED},
        {"read_nodes": DENIED},
        {"associations": DENIED, "histories": ()},
        {"histories": (UNREAD_RUNS,)},
        {"captures": {**WELL.captures, "AWS:Network": DENIED}},
        {"compliance": DENIED},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_part_that_could_not_be_read_is_never_well(changes: dict[str, Any]) -> None:
    found = report(replace(WELL, **changes))
    assert [each.verdict for each in found.nodes] == ["unread"]
    assert found.nodes[0].unread == ("ssm:Something",)
    assert (found.unread, found.findings) == ((DENIED,), ())
    assert found.exit_code is ExitCode.UNREAD


@pytest.mark.parametrize("part", ["histories", "captures", "compliance"])
def test_a_part_that_was_not_asked_for_is_not_evaluated(part: str) -> None:
    """To evaluate it is a mistake in a command, and must not look as if nothing were there."""
    with pytest.raises((TypeError, AttributeError)):
        report(replace(WELL, **{part: NOT_ASKED_FOR}))


def test_a_verdict_does_not_rest_on_what_it_does_not_need() -> None:
    changes: dict[str, Any] = {"compliance": DENIED, "captures": dict.fromkeys(TYPES, DENIED)}
    stopped = replace(with_instance(state="stopped"), **changes)
    assert verdict(stopped).unread == ()
    elsewhere = replace(OTHER, targets=Tags({"Environment": ("another",)}))
    unread = replace(UNREAD_RUNS, association=elsewhere)
    assert verdict(replace(WELL, histories=(*WELL.histories, unread))).verdict == "ok"


@pytest.mark.parametrize(
    ("snapshot", "expected"),
    [
        (replace(UNREGISTERED, profiles=DENIED, networks=DENIED), "not-registered"),
        (replace(with_instance(UNREGISTERED, profile_arn=""), host_role=DENIED), "not-registered"),
    ],
)
def test_what_a_finding_lacks_is_said_next_to_it(snapshot: FleetSnapshot, expected: str) -> None:
    found = verdict(snapshot)
    assert (found.verdict, found.unread) == (expected, ("ssm:Something",))


# ---------------------------------------------------------------------------------------------
# A fleet
# ---------------------------------------------------------------------------------------------


def test_an_instance_in_any_environment_is_launched() -> None:
    elsewhere = FleetSnapshot(environment=Environment(HERE.account, "eu-west-1"), read_at=NOON)
    found = evaluate_fleet([WELL, elsewhere], ExpectedFleet(SETTINGS))
    assert found.totals == {"ok": 1}


def test_an_instance_of_the_tag_is_expected_though_no_workload_has_it() -> None:
    tags = {"Name": "Extra", "Environment": "OELabIPM"}
    other = replace(INSTANCE, instance_id="i-2", tags=tags)
    found = report(replace(WELL, read_instances=(INSTANCE, other)))
    # The worst comes first.
    assert [(each.name, each.verdict) for each in found.nodes] == [
        ("Extra", "not-registered"),
        ("Test-Web1", "ok"),
    ]


def test_notes_do_not_count() -> None:
    found = report(replace(WELL, **associated(a=(OURS, "Success"), b=(WILDCARD, "Skipped"))))
    assert [each.severity for each in found.findings] == [Severity.NOTE]
    assert found.exit_code is ExitCode.WELL
