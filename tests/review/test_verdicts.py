"""Each cause from values alone: what shows it, and what does not."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from oelab.findings import Rule
from oelab.review.expected_fleet import Expectation
from oelab.review.fleet_snapshot import Diagnosis, ProfileAccess, Snapshot
from oelab.review.models import (
    Association,
    ComplianceSummary,
    Instance,
    Node,
    Outcome,
    Place,
    Unread,
)
from oelab.review.network import VpcNetworks
from oelab.review.verdicts.fleet import judge
from oelab.review.verdicts.remedies import REMEDIES
from oelab.review.verdicts.verdict import NodeVerdict
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
PLACE = Place(profile="", region="us-east-1")
ONE = WorkloadSettings(name="Test", stack_name="S", web_instances=1, app_instances=0)
SETTINGS = Settings(workloads=(ONE,))
TYPES = ("AWS:Application", "AWS:Network", "AWS:InstanceDetailedInformation")
DENIED = Unread(place=PLACE, call="ssm:Something", reason="denied")

INSTANCE = Instance(
    instance_id=ID,
    state="running",
    tags={"Name": "Test-Web1", "Workload": "Test", "Environment": "OELabIPM"},
    profile_arn="arn:aws:iam::111122223333:instance-profile/ManagedInstancesRole",
    launched=NOON - timedelta(minutes=5),
    vpc_id="vpc-1",
    subnet_id="subnet-1",
    security_groups=("sg-1",),
    private_ip="10.0.0.4",
    has_public_ip=True,
)
NODE = Node(
    node_id=ID,
    ping="Online",
    agent_version="3.3.987.0",
    platform_type="Linux",
    platform_name="Amazon Linux",
    last_ping=NOON,
)
OURS = Association(
    association_id="ours",
    name="InventoryAllInstances",
    document="AWS-GatherSoftwareInventory",
    targets=Tags({"Environment": ("OELabIPM",)}),
    schedule="rate(30 minutes)",
)
OTHER = replace(OURS, association_id="other", name="Other")
WILDCARD = replace(OTHER, name="Everything", targets=AllNodes())
QUICK = replace(WILDCARD, name="AWS-QuickSetup-SSM-CollectInventory-abcde")
HTTPS = SecurityGroupRule(protocol="tcp", ports=(443, 443), cidr="0.0.0.0/0")
OPEN = VpcNetworks(
    groups={"sg-1": SecurityGroup(id="sg-1", egress=(HTTPS,), ingress=())},
    routes={"subnet-1": (RouteTarget.INTERNET_GATEWAY,)},
)
GOOD_ROLE = ProfileAccess(role="ManagedInstancesRole", trusts_ec2=True)
WELL = Snapshot(
    place=PLACE,
    read_at=NOON,
    instances=(INSTANCE,),
    nodes={ID: NODE},
    associations=(OURS,),
    outcomes={"ours": {ID: Outcome(node_id=ID, status="Success", detailed_status="Success")}},
    captures={name: {ID: NOON - timedelta(minutes=10)} for name in TYPES},
    compliance={},
    diagnosis=Diagnosis(profiles={"ManagedInstancesRole": GOOD_ROLE}, network=OPEN),
)
UNREGISTERED = replace(WELL, nodes={})


def verdict(snapshot: Snapshot, settings: Settings = SETTINGS) -> NodeVerdict:
    (found,) = judge([snapshot], Expectation(settings))
    return found


def rules(snapshot: Snapshot, settings: Settings = SETTINGS) -> list[str]:
    return [finding.rule for finding in verdict(snapshot, settings).findings]


def reason(snapshot: Snapshot) -> str:
    return verdict(snapshot).findings[0].reason


def with_instance(snapshot: Snapshot = WELL, **changes: Any) -> Snapshot:
    return replace(snapshot, instances=(replace(INSTANCE, **changes),))


def with_node(**changes: Any) -> Snapshot:
    return replace(WELL, nodes={ID: replace(NODE, **changes)})


def with_role(**changes: Any) -> Snapshot:
    access = replace(GOOD_ROLE, **changes)
    diagnosis = replace(WELL.diagnosis, profiles={"ManagedInstancesRole": access})
    return replace(UNREGISTERED, diagnosis=diagnosis)


def with_network(**changes: Any) -> Snapshot:
    diagnosis = replace(WELL.diagnosis, network=replace(OPEN, **changes))
    return replace(UNREGISTERED, diagnosis=diagnosis)


def outcomes(**statuses: str) -> Mapping[str, Mapping[str, Outcome]]:
    return {
        association_id: {ID: Outcome(node_id=ID, status=status, detailed_status=status)}
        for association_id, status in statuses.items()
    }


def test_a_node_that_is_well_has_no_findings() -> None:
    assert verdict(WELL).verdict == "ok"


def test_every_rule_has_a_remedy_of_its_own() -> None:
    assert len(set(REMEDIES.values())) == len(REMEDIES)


# ---------------------------------------------------------------------------------------------
# Launched and running
# ---------------------------------------------------------------------------------------------


def test_an_instance_that_is_nowhere_is_not_launched() -> None:
    assert rules(replace(WELL, instances=())) == [Rule.NOT_LAUNCHED]


def test_a_terminated_instance_is_not_counted_though_its_inventory_lingers() -> None:
    snapshot = with_instance(state="terminated")
    assert rules(snapshot) == [Rule.NOT_LAUNCHED]
    assert f"its instance {ID} is terminated" in reason(snapshot)


def test_an_instance_in_any_of_the_places_is_launched() -> None:
    elsewhere = replace(WELL, place=Place(profile="", region="eu-west-1"), instances=())
    (found,) = judge([WELL, elsewhere], Expectation(SETTINGS))
    assert found.verdict == "ok"


def test_nothing_is_missing_where_instances_could_not_be_read() -> None:
    assert verdict(replace(WELL, instances=DENIED)).verdict == "unread"


def test_an_instance_of_the_tag_is_judged_though_no_workload_has_it() -> None:
    other = replace(INSTANCE, instance_id="i-2", tags={"Name": "Extra", "Environment": "OELabIPM"})
    found = judge([replace(WELL, instances=(INSTANCE, other))], Expectation(SETTINGS))
    assert {each.name: each.verdict for each in found} == {
        "Test-Web1": "ok",
        "Extra": "not-registered",
    }


@pytest.mark.parametrize("state", ["stopping", "stopped"])
def test_a_stopped_instance_is_judged_no_further(state: str) -> None:
    assert rules(with_instance(UNREGISTERED, state=state)) == [Rule.STOPPED]


# ---------------------------------------------------------------------------------------------
# Managed
# ---------------------------------------------------------------------------------------------


def test_an_instance_without_a_profile() -> None:
    assert rules(with_instance(UNREGISTERED, profile_arn="")) == [Rule.NO_PROFILE]


def test_default_host_management_stands_in_for_a_profile() -> None:
    diagnosis = replace(WELL.diagnosis, host_role="Host")
    assert rules(replace(with_instance(profile_arn=""), diagnosis=diagnosis)) == []


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"role": ""}, "is gone, or has no role"),
        ({"trusts_ec2": False}, "EC2 may not assume the role"),
        ({"denied": ("ssm:UpdateInstanceInformation",)}, "does not allow ssm:UpdateInstance"),
        ({"denied": ("ssmmessages:OpenControlChannel",)}, "does not allow ssmmessages:Open"),
    ],
)
def test_a_role_without_permission(changes: dict[str, Any], says: str) -> None:
    assert rules(with_role(**changes)) == [Rule.NO_PERMISSION]
    assert says in reason(with_role(**changes))


@pytest.mark.parametrize(
    ("changes", "obstacle"),
    [
        (
            {"groups": {"sg-1": SecurityGroup(id="sg-1", egress=(), ingress=())}},
            Obstacle.NO_EGRESS,
        ),
        ({"routes": {"subnet-1": ()}}, Obstacle.NO_ROUTE),
        ({"routes": {"vpc-1": ()}}, Obstacle.NO_ROUTE),
    ],
    ids=["egress", "route", "main route table"],
)
def test_no_way_out(changes: dict[str, Any], obstacle: Obstacle) -> None:
    assert rules(with_network(**changes)) == [Rule.NO_WAY_OUT]
    assert obstacle in reason(with_network(**changes))
    assert "subnet-1" in reason(with_network(**changes))


@pytest.mark.parametrize(
    "changes",
    [{"groups": {}}, {"routes": {}}, {"routes": {"subnet-1": (RouteTarget.OTHER,)}}],
    ids=["group", "route table", "transit gateway"],
)
def test_an_unknown_way_out_is_not_said_to_be_none(changes: dict[str, Any]) -> None:
    assert rules(with_network(**changes)) == [Rule.NOT_REGISTERED]


def test_an_internet_gateway_needs_a_public_address() -> None:
    private = with_instance(UNREGISTERED, has_public_ip=False)
    assert rules(private) == [Rule.NO_WAY_OUT]
    assert Obstacle.NO_PUBLIC_ADDRESS in reason(private)


@pytest.mark.parametrize(
    ("vpc_id", "expected"), [("vpc-1", Rule.NOT_REGISTERED), ("vpc-2", Rule.NO_WAY_OUT)]
)
def test_endpoints_of_the_vpc_are_a_way_out(vpc_id: str, expected: Rule) -> None:
    group = SecurityGroup(id="sg-2", egress=(), ingress=(HTTPS,))
    endpoints = tuple(InterfaceEndpoint(service=each, groups=(group,)) for each in SERVICES)
    found = with_network(routes={"subnet-1": ()}, endpoints={vpc_id: endpoints})
    assert rules(found) == [expected]


def test_not_registered_yet() -> None:
    assert rules(UNREGISTERED) == [Rule.NOT_REGISTERED]
    assert "launched 5 minutes ago" in reason(UNREGISTERED)


def test_what_could_not_be_read_of_the_diagnosis_is_said_next_to_the_finding() -> None:
    diagnosis = Diagnosis(profiles=DENIED, network=DENIED)
    found = verdict(replace(UNREGISTERED, diagnosis=diagnosis))
    assert (found.verdict, found.unread) == ("not-registered", ("ssm:Something",))


def test_a_lost_connection_without_another_cause() -> None:
    lost = with_node(ping="ConnectionLost", last_ping=NOON - timedelta(hours=2))
    assert rules(lost) == [Rule.CONNECTION_LOST]
    assert "2 hours ago" in reason(lost)


def test_nodes_that_could_not_be_read_are_unread() -> None:
    assert verdict(replace(WELL, nodes=DENIED)).verdict == "unread"


@pytest.mark.parametrize(
    ("version", "restricted", "expected"),
    [
        ("2.0.789.0", False, [Rule.AGENT_TOO_OLD]),
        ("2.0.790.0", False, []),
        ("3.3.39.0", True, [Rule.AGENT_TOO_OLD]),
        ("3.3.40.0", True, []),
    ],
)
def test_an_agent_too_old(version: str, restricted: bool, expected: list[str]) -> None:
    settings = replace(SETTINGS, role=RoleSettings(restricted_permissions=restricted))
    assert rules(with_node(agent_version=version), settings) == expected


@pytest.mark.parametrize(
    ("profile", "role", "expected"),
    [
        ("Theirs", RoleSettings(restricted_permissions=True), []),
        ("Nodes", RoleSettings(name="Nodes", restricted_permissions=True), [Rule.AGENT_TOO_OLD]),
        (
            "ManagedInstancesRole-us-east-1",
            RoleSettings(region_suffix=True, restricted_permissions=True),
            [Rule.AGENT_TOO_OLD],
        ),
    ],
)
def test_restricted_permissions_ask_for_a_newer_agent_on_nodes_of_our_role_only(
    profile: str, role: RoleSettings, expected: list[str]
) -> None:
    arn = f"arn:aws:iam::111122223333:instance-profile/{profile}"
    snapshot = with_instance(with_node(agent_version="3.3.39.0"), profile_arn=arn)
    assert rules(snapshot, replace(SETTINGS, role=role)) == expected


def test_an_instance_without_a_profile_needs_an_agent_that_knows_host_management() -> None:
    settings = replace(SETTINGS, role=RoleSettings(restricted_permissions=True))
    diagnosis = replace(WELL.diagnosis, host_role="Host")
    for version, expected in (("3.2.581.0", [Rule.AGENT_TOO_OLD]), ("3.2.582.0", [])):
        snapshot = with_instance(with_node(agent_version=version), profile_arn="")
        assert rules(replace(snapshot, diagnosis=diagnosis), settings) == expected


# ---------------------------------------------------------------------------------------------
# Associated
# ---------------------------------------------------------------------------------------------


def test_no_association() -> None:
    assert rules(replace(WELL, associations=())) == [Rule.NO_ASSOCIATION]


@pytest.mark.parametrize("status", ["", "Pending", "InProgress", "Associated", "Creating"])
def test_an_association_that_is_pending(status: str) -> None:
    assert rules(replace(WELL, outcomes=outcomes(ours=status))) == [Rule.ASSOCIATION_PENDING]


def test_an_association_that_never_ran_is_pending() -> None:
    assert rules(replace(WELL, outcomes={})) == [Rule.ASSOCIATION_PENDING]


@pytest.mark.parametrize("status", ["Failed", "TimedOut", "Cancelled", "Skipped", "SomethingNew"])
def test_an_association_that_failed(status: str) -> None:
    assert rules(replace(WELL, outcomes=outcomes(ours=status))) == [Rule.ASSOCIATION_FAILED]


def test_two_explicit_associations_conflict() -> None:
    snapshot = replace(
        WELL, associations=(OURS, OTHER), outcomes=outcomes(ours="Failed", other="Failed")
    )
    assert rules(snapshot) == [Rule.ASSOCIATION_CONFLICT]
    assert "InventoryAllInstances and Other" in reason(snapshot)


def test_a_wildcard_is_skipped_and_noted() -> None:
    snapshot = replace(
        WELL, associations=(OURS, WILDCARD), outcomes=outcomes(ours="Success", other="Skipped")
    )
    assert rules(snapshot) == []
    assert verdict(snapshot).notes == (
        "Everything is skipped, because InventoryAllInstances prevails",
    )


def test_quick_setup_overrides_ours() -> None:
    snapshot = replace(
        WELL, associations=(OURS, QUICK), outcomes=outcomes(ours="Skipped", other="Success")
    )
    assert rules(snapshot) == [Rule.ASSOCIATION_OVERRIDDEN]
    assert f"because {QUICK.name} prevails" in reason(snapshot)


def test_a_resource_group_is_known_by_where_it_ran() -> None:
    group = replace(OTHER, targets=ResourceGroup("Group"))
    snapshot = replace(
        WELL, associations=(OURS, group), outcomes=outcomes(ours="Failed", other="Failed")
    )
    assert rules(snapshot) == [Rule.ASSOCIATION_CONFLICT]
    not_there = replace(snapshot, outcomes=outcomes(ours="Success"))
    assert rules(not_there) == []


@pytest.mark.parametrize("part", ["associations", "outcomes", "captures", "compliance"])
def test_a_part_that_could_not_be_read_is_never_well(part: str) -> None:
    changes: dict[str, Any] = {part: DENIED}
    found = verdict(replace(WELL, **changes))
    assert (found.verdict, found.unread) == ("unread", ("ssm:Something",))


# ---------------------------------------------------------------------------------------------
# Inventoried and compliant
# ---------------------------------------------------------------------------------------------


def test_no_inventory_at_all() -> None:
    assert rules(replace(WELL, captures={name: {} for name in TYPES})) == [Rule.INVENTORY_MISSING]


def test_a_type_that_is_not_collected() -> None:
    snapshot = replace(WELL, captures={**_captures(), "AWS:Network": {}})
    assert rules(snapshot) == [Rule.TYPE_NOT_COLLECTED]
    assert "no AWS:Network" in reason(snapshot)


def test_a_type_that_could_not_be_read_is_not_missing() -> None:
    snapshot = replace(WELL, captures={**_captures(), "AWS:Network": DENIED})
    assert verdict(snapshot).verdict == "unread"


@pytest.mark.parametrize(
    ("minutes", "expected"), [(60, []), (61, [Rule.INVENTORY_STALE])], ids=["fresh", "stale"]
)
def test_inventory_is_stale_after_two_intervals(minutes: int, expected: list[str]) -> None:
    captures = {name: {ID: NOON - timedelta(minutes=minutes)} for name in TYPES}
    assert rules(replace(WELL, captures=captures)) == expected


def test_windows_is_asked_for_its_services() -> None:
    assert rules(with_node(platform_type="Windows")) == [Rule.TYPE_NOT_COLLECTED]


def _captures() -> dict[str, Any]:
    assert not isinstance(WELL.captures, Unread)
    return dict(WELL.captures)


@pytest.mark.parametrize(
    ("kind", "rule"),
    [
        ("Association", Rule.NON_COMPLIANT_ASSOCIATION),
        ("Patch", Rule.NON_COMPLIANT_PATCH),
        ("Custom:Backup", Rule.NON_COMPLIANT_CUSTOM),
    ],
)
def test_not_compliant(kind: str, rule: Rule) -> None:
    summary = ComplianceSummary(
        node_id=ID,
        compliance_type=kind,
        status="NON_COMPLIANT",
        severity="HIGH",
        non_compliant=2,
    )
    snapshot = replace(WELL, compliance={ID: (summary, replace(summary, status="COMPLIANT"))})
    assert rules(snapshot) == [rule]
    assert reason(snapshot) == f"2 items of type {kind} not compliant, worst severity HIGH"


def test_the_most_serious_finding_is_the_verdict() -> None:
    lost = replace(NODE, ping="ConnectionLost", agent_version="1.0")
    found = verdict(replace(WELL, nodes={ID: lost}))
    assert found.verdict == "connection-lost"
    assert [each.rule for each in found.findings] == [Rule.CONNECTION_LOST, Rule.AGENT_TOO_OLD]
