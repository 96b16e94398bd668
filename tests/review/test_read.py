"""What is read of stubbed answers: pages, empty ones, and answers that mean "nothing"."""

from datetime import UTC, datetime
from typing import Any

import pytest

from oelab.environment import Environment
from oelab.review.models import Association, Unread
from oelab.review.read import account, associations, clients, inventory, nodes
from oelab.review.read.answers import from_answer
from oelab.review.read.compliance import read_compliance
from oelab.review.read.connection import Connection, require
from oelab.review.read.errors import ReadError
from oelab.review.read.iam import has_profile, has_role, read_profiles
from oelab.review.read.networks import read_networks
from oelab.review.records import Execution
from oelab.review.snapshots import FleetSnapshot
from oelab.systems_manager.permissions import OF_NODES
from oelab.systems_manager.reachability import (
    UNKNOWN_GROUP,
    InterfaceEndpoint,
    RouteTarget,
    SecurityGroupRule,
)
from oelab.systems_manager.targets import Nodes, OtherResources, Tags, Targets
from tests.review.conftest import ACCOUNT, Script

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
CAPTURED = "2026-01-01T12:00:00Z"
HERE = Environment(ACCOUNT, "us-east-1")
ANY_NODE = FleetSnapshot(
    environment=HERE,
    read_at=NOON,
    read_nodes=Unread(environment=HERE, call="ssm:Something", reason="denied"),
)
ID = "11111111-2222-3333-4444-555555555555"
ASSOCIATION = Association(association_id=ID, targets=Nodes())


# ---------------------------------------------------------------------------------------------
# Pages
# ---------------------------------------------------------------------------------------------


def test_nodes_of_many_pages_empty_ones_among_them(aws: Connection, ssm: Script) -> None:
    operation = "describe_instance_information"
    one = {"InstanceId": "i-0000000001", "PingStatus": "Online", "AgentVersion": "3.3.987.0"}
    two = one | {"InstanceId": "mi-00000000000000002", "ResourceType": "ManagedInstance"}
    two["PingStatus"] = "ConnectionLost"
    for listed, token, following in (([one], "", "a"), ([], "a", "b"), ([two], "b", "")):
        page: dict[str, Any] = {"InstanceInformationList": listed}
        asked: dict[str, Any] = {"MaxResults": 50} | ({"NextToken": token} if token else {})
        ssm.answer(operation, page | ({"NextToken": following} if following else {}), **asked)
    found = nodes.read_nodes(aws)
    assert [(x.is_online, x.is_ec2) for x in found.values()] == [(True, True), (False, False)]


def test_instances_come_in_pages_of_a_thousand(aws: Connection, ec2: Script) -> None:
    instance = {
        "InstanceId": "i-0000000001",
        "State": {"Name": "running"},
        "IamInstanceProfile": {"Arn": "arn:aws:iam::1:instance-profile/p/Q"},
        "Tags": [{"Key": "Name", "Value": "Test-Web1"}],
        "SecurityGroups": [{"GroupId": "sg-1"}],
    }
    last = {"Reservations": [{"Instances": [instance]}]}
    ec2.answer("describe_instances", {"Reservations": [], "NextToken": "a"}, MaxResults=1000)
    ec2.answer("describe_instances", last, MaxResults=1000, NextToken="a")
    (found,) = nodes.read_instances(aws)
    assert (found.name, found.profile, found.state) == ("Test-Web1", "Q", "running")
    assert (found.security_groups, found.public_ip_address) == (("sg-1",), "")


def test_a_call_without_a_paginator_is_followed_too(aws: Connection, ssm: Script) -> None:
    request = {"InstanceId": "i-0000000001", "TypeName": "AWS:Application", "MaxResults": 50}
    for name, token, following in (("a", "", "x"), ("", "x", "y"), ("b", "y", "")):
        page: dict[str, Any] = {
            "Entries": [{"Name": name}] if name else [],
            "CaptureTime": CAPTURED,
        }
        asked = request | ({"NextToken": token} if token else {})
        page |= {"NextToken": following} if following else {}
        ssm.answer("list_inventory_entries", page, **asked)
    found = inventory.read_entries_of_node(aws, ANY_NODE, "AWS:Application", "i-0000000001")
    assert [(each.package, each.capture_time) for each in found] == [("a", NOON), ("b", NOON)]


def test_a_token_that_comes_again_is_an_error(aws: Connection, ssm: Script) -> None:
    for _ in range(2):
        ssm.answer("list_inventory_entries", {"Entries": [], "NextToken": "x"})
    found = inventory.read_entries_of_node(aws, ANY_NODE, "AWS:Application", "i-0000000001")
    with pytest.raises(ReadError, match="PaginationError"):
        list(found)


def test_types_come_in_pages_of_two_hundred(aws: Connection, ssm: Script) -> None:
    schema = {"TypeName": "AWS:Tag", "Attributes": [{"Name": "Key", "DataType": "string"}]}
    ssm.answer("get_inventory_schema", {"Schemas": [schema]}, MaxResults=200)
    assert inventory.read_types(aws) == {"AWS:Tag": ("Key",)}


# ---------------------------------------------------------------------------------------------
# What is not there, and what could not be read
# ---------------------------------------------------------------------------------------------


def test_what_is_not_there_is_nothing_and_no_failure(
    aws: Connection, ssm: Script, iam: Script
) -> None:
    iam.refuse("get_role", "NoSuchEntity")
    iam.refuse("get_instance_profile", "NoSuchEntity")
    assert (has_role(aws, "R"), has_profile(aws, "R")) == (False, False)
    Script(aws, "cloudformation").refuse("describe_stacks", "ValidationError")
    assert account.read_stack(aws, "S") is None
    ssm.refuse("get_service_setting", "ServiceSettingNotFound")
    assert nodes.read_host_role(aws) == ""
    ssm.refuse("list_inventory_entries", "InvalidInstanceId")
    assert [*inventory.read_entries_of_node(aws, ANY_NODE, "AWS:Application", "i-1234567890")] == []
    ssm.refuse("describe_association_executions", "AssociationDoesNotExist")
    assert associations.read_executions(aws, ASSOCIATION) == ()


def test_what_is_denied_is_never_nothing(aws: Connection, iam: Script, ec2: Script) -> None:
    iam.refuse("get_role", "AccessDenied")
    with pytest.raises(ReadError, match="allow iam:GetRole") as denied:
        has_role(aws, "R")
    assert denied.value.unread.environment == HERE
    ec2.refuse("describe_security_groups", "UnauthorizedOperation")
    with pytest.raises(ReadError, match="allow ec2:DescribeSecurityGroups"):
        read_networks(aws, ["vpc-1"])


def test_a_part_that_another_one_needs_makes_it_unread(aws: Connection) -> None:
    def read(_: Connection) -> int:
        return require(denied)

    denied: int | Unread = Unread(environment=HERE, call="ssm:Something", reason="denied")
    assert aws.start(read).result() is denied


def test_a_client_that_is_there_does_not_wait_while_another_is_made(
    aws: Connection, ssm: Script
) -> None:
    ssm.answer("describe_instance_information", {"InstanceInformationList": []})
    with clients.MAKING:
        assert aws.start(nodes.read_nodes).result(timeout=30) == {}


# ---------------------------------------------------------------------------------------------
# Associations and their runs
# ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"InstanceId": "i-0000000001"}, Nodes(("i-0000000001",))),
        ({"Targets": [{"Key": "TAG:A", "Values": ["a"]}]}, Tags({"A": ("a",)})),
        ({"TargetMaps": [{"Region": ["us-east-1"]}]}, OtherResources()),
        ({}, Nodes()),
    ],
)
def test_targets_of_an_association(answer: dict[str, Any], expected: Targets) -> None:
    assert from_answer(Association, answer).targets == expected


def test_the_newest_run_comes_first_whatever_the_order(aws: Connection, ssm: Script) -> None:
    runs = [{"ExecutionId": str(h), "CreatedTime": NOON.replace(hour=h)} for h in (3, 9, 6)]
    answer = {"AssociationExecutions": runs}
    ssm.answer("describe_association_executions", answer, AssociationId=ID, MaxResults=50)
    found = associations.read_executions(aws, ASSOCIATION)
    assert [each.execution_id for each in found] == ["9", "6", "3"]


def runs(count: int) -> tuple[Execution, ...]:
    return tuple(
        Execution(environment=HERE, association_id=ID, execution_id=str(n), created_time=NOON)
        for n in range(count)
    )


def outcomes(ssm: Script, execution_id: str, **statuses: str) -> None:
    ssm.answer(
        "describe_association_execution_targets",
        {
            "AssociationExecutionTargets": [
                {"ResourceId": node_id, "Status": status} for node_id, status in statuses.items()
            ]
        },
        AssociationId=ID,
        ExecutionId=execution_id,
        MaxResults=50,
    )


def test_outcomes_go_back_until_every_node_is_found(aws: Connection, ssm: Script) -> None:
    outcomes(ssm, "0", a="Failed")
    outcomes(ssm, "1", a="Success", b="Success")
    found = associations.read_outcomes(aws, runs(3), ["a", "b"])
    assert {run: [x.status for x in listed] for run, listed in found.items()} == {
        "0": ["Failed"],
        "1": ["Success", "Success"],
    }


def test_a_node_that_never_ran_is_sought_in_a_bounded_number_of_runs(
    aws: Connection, ssm: Script
) -> None:
    for number in range(associations.RUNS_LOOKED_AT):
        outcomes(ssm, str(number))
    executions = runs(2 * associations.RUNS_LOOKED_AT)
    found = associations.read_outcomes(aws, executions, ["a"])
    assert len(found) == associations.RUNS_LOOKED_AT


# ---------------------------------------------------------------------------------------------
# Inventory and compliance
# ---------------------------------------------------------------------------------------------


def entity(node_id: str, *names: str, type_name: str = "AWS:Application") -> dict[str, Any]:
    content = [{"Name": name} for name in names]
    item = {"SchemaVersion": "1.0", "CaptureTime": CAPTURED, "Content": content}
    return {"Id": node_id, "Data": {type_name: {"TypeName": type_name, **item}}}


def test_captures_leave_out_nodes_that_are_gone_or_lack_the_type(
    aws: Connection, ssm: Script
) -> None:
    found = [entity("here", "bash"), entity("gone", "bash"), entity("empty")]
    found.append({"Id": "lacks", "Data": {}})
    wanted = [{"TypeName": "AWS:Application"}]
    ssm.answer("get_inventory", {"Entities": found}, MaxResults=50, ResultAttributes=wanted)
    captures = inventory.read_captures(aws, "AWS:Application", {"here", "empty", "lacks"})
    assert captures == {"here": NOON}


def test_compliance_of_a_node_has_one_summary_for_each_type(aws: Connection, ssm: Script) -> None:
    operation = "list_resource_compliance_summaries"
    for kind, status, token in (("Association", "COMPLIANT", "a"), ("Patch", "NON_COMPLIANT", "")):
        item = {"ResourceId": "i-1", "ComplianceType": kind, "Status": status}
        page: dict[str, Any] = {"ResourceComplianceSummaryItems": [item]}
        ssm.answer(operation, page | ({"NextToken": token} if token else {}))
    found = read_compliance(aws)
    assert [(each.compliance_type, each.is_compliant) for each in found["i-1"]] == [
        ("Association", True),
        ("Patch", False),
    ]


# ---------------------------------------------------------------------------------------------
# Roles, networks, stacks
# ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("service", "trusts_ec2"), [("ec2.amazonaws.com", True), ("ssm", False)])
def test_a_profile_shows_what_its_role_is_denied(
    aws: Connection, iam: Script, service: str, trusts_ec2: bool
) -> None:
    common = {"Path": "/", "CreateDate": NOON}
    statement = f'{{"Effect":"Allow","Principal":{{"Service":"{service}"}}}}'
    role = common | {
        "RoleName": "R",
        "RoleId": "AROA12345678901234",
        "Arn": "arn:aws:iam::111122223333:role/R",
        "AssumeRolePolicyDocument": f'{{"Statement":[{statement}]}}',
    }
    profile = common | {
        "InstanceProfileName": "P",
        "InstanceProfileId": "AIPA12345678901234",
        "Arn": "arn:aws:iam::111122223333:instance-profile/P",
        "Roles": [role],
    }
    iam.answer("get_instance_profile", {"InstanceProfile": profile})
    iam.answer(
        "simulate_principal_policy",
        {
            "EvaluationResults": [
                {"EvalActionName": OF_NODES["registration"][0], "EvalDecision": "implicitDeny"},
                {"EvalActionName": OF_NODES["registration"][1], "EvalDecision": "allowed"},
            ]
        },
    )
    access = read_profiles(aws, ["P"])["P"]
    assert (access.role, access.denied) == ("R", (OF_NODES["registration"][0],))
    assert access.trusts_ec2 == trusts_ec2


@pytest.mark.parametrize(
    ("route", "expected"),
    [
        ({"GatewayId": "igw-1"}, (RouteTarget.INTERNET_GATEWAY,)),
        ({"NatGatewayId": "nat-1"}, (RouteTarget.NAT_GATEWAY,)),
        ({"CoreNetworkArn": "arn:core"}, (RouteTarget.OTHER,)),
        ({"NatGatewayId": "nat-1", "DestinationCidrBlock": "10.1.0.0/16"}, (RouteTarget.OTHER,)),
        ({"GatewayId": "vpce-1"}, (RouteTarget.OTHER,)),
        ({"GatewayId": "vpce-1", "DestinationPrefixListId": "pl-1"}, ()),
        ({"GatewayId": "local", "DestinationCidrBlock": "10.0.0.0/16"}, ()),
        ({"NatGatewayId": "nat-1", "State": "blackhole"}, ()),
    ],
)
def test_where_a_route_leads(
    aws: Connection, ec2: Script, route: dict[str, str], expected: tuple[RouteTarget, ...]
) -> None:
    active = {"Origin": "CreateRoute", "State": "active", "DestinationCidrBlock": "0.0.0.0/0"}
    table = {
        "VpcId": "vpc-1",
        "Routes": [active | route],
        "Associations": [{"Main": True}, {"SubnetId": "subnet-1"}],
    }
    ec2.answer("describe_security_groups", {"SecurityGroups": []})
    ec2.answer("describe_route_tables", {"RouteTables": [table]})
    ec2.answer("describe_vpc_endpoints", {"VpcEndpoints": []})
    assert read_networks(aws, ["vpc-1"]).routes == {"vpc-1": expected, "subnet-1": expected}


def test_security_groups_and_endpoints(aws: Connection, ec2: Script) -> None:
    permission = {
        "IpProtocol": "tcp",
        "FromPort": 443,
        "ToPort": 443,
        "IpRanges": [{"CidrIp": "10.0.0.0/8"}],
        "Ipv6Ranges": [{"CidrIpv6": "::/0"}],
        "UserIdGroupPairs": [{"GroupId": "sg-2"}],
        "PrefixListIds": [{"PrefixListId": "pl-1"}],
    }
    group = {
        "GroupId": "sg-1",
        "IpPermissions": [{"IpProtocol": "-1"}],
        "IpPermissionsEgress": [permission],
    }
    endpoint = {
        "VpcId": "vpc-1",
        "VpcEndpointType": "Interface",
        "State": "available",
        "ServiceName": "com.amazonaws.us-east-1.ssm",
        "PrivateDnsEnabled": True,
        "Groups": [{"GroupId": "sg-1"}, {"GroupId": "sg-elsewhere"}],
    }
    unusable = [endpoint | {"State": "pending"}, endpoint | {"VpcEndpointType": "Gateway"}]
    ec2.answer("describe_security_groups", {"SecurityGroups": [group]})
    ec2.answer("describe_route_tables", {"RouteTables": []})
    ec2.answer("describe_vpc_endpoints", {"VpcEndpoints": [endpoint, *unusable]})
    networks = read_networks(aws, ["vpc-1"])
    read = networks.groups["sg-1"]
    peers = (("10.0.0.0/8", None), ("::/0", None), (None, "sg-2"), (None, None))
    assert read.ingress == ()
    assert read.egress == tuple(
        SecurityGroupRule(protocol="tcp", ports=(443, 443), cidr=cidr, group=group)
        for cidr, group in peers
    )
    assert networks.endpoints == {
        "vpc-1": (InterfaceEndpoint(service="ssm", groups=(read, UNKNOWN_GROUP)),)
    }


@pytest.mark.parametrize(("setting", "role"), [("$None", ""), ("service-role/Host", "Host")])
def test_default_host_management(aws: Connection, ssm: Script, setting: str, role: str) -> None:
    ssm.answer("get_service_setting", {"ServiceSetting": {"SettingValue": setting}})
    assert nodes.read_host_role(aws) == role


def test_a_stack_holds_what_is_still_in_it(aws: Connection) -> None:
    def resource(logical_id: str, status: str) -> dict[str, Any]:
        return {
            "LogicalResourceId": logical_id,
            "PhysicalResourceId": f"{logical_id}-1",
            "ResourceType": "AWS::EC2::VPC",
            "ResourceStatus": status,
            "LastUpdatedTimestamp": NOON,
        }

    held = [resource("A", "CREATE_COMPLETE"), resource("B", "DELETE_COMPLETE")]
    stack = {
        "StackName": "S",
        "StackStatus": "ROLLBACK_COMPLETE",
        "CreationTime": NOON,
        "EnableTerminationProtection": True,
    }
    cloudformation = Script(aws, "cloudformation")
    cloudformation.answer("describe_stacks", {"Stacks": [stack]}, StackName="S")
    cloudformation.answer("list_stack_resources", {"StackResourceSummaries": held}, StackName="S")
    found = account.read_stack(aws, "S")
    assert found
    assert found.resources == {"A": ("AWS::EC2::VPC", "A-1")}
    assert (found.status, found.protected) == ("ROLLBACK_COMPLETE", True)
