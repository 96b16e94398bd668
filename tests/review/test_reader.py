"""The reader against stubbed clients: pages, empty pages, and answers that mean "nothing"."""

from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from oelab.review.models import Place
from oelab.review.read.access import Clients
from oelab.review.read.account import has_profile, has_role, read_stack
from oelab.review.read.associations import (
    RUNS_LOOKED_AT,
    read_associations,
    read_executions,
    read_outcomes,
    read_statuses,
)
from oelab.review.read.compliance import read_compliance, read_counts
from oelab.review.read.ec2 import read_instances, read_network
from oelab.review.read.errors import ReadError
from oelab.review.read.iam import read_profiles
from oelab.review.read.inventory import read_captures, read_entries, read_types, search_records
from oelab.review.read.nodes import read_host_role, read_nodes
from oelab.systems_manager.permissions import REGISTRATION
from oelab.systems_manager.reachability import (
    UNKNOWN_GROUP,
    InterfaceEndpoint,
    RouteTarget,
    SecurityGroupRule,
)
from oelab.systems_manager.targets import Nodes, OtherResources, Tags

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
TRUST = (
    '{"Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},'
    '"Action":"sts:AssumeRole"}]}'
)


@pytest.fixture
def clients() -> Clients:
    session = boto3.Session("key", "secret", region_name="us-east-1")
    return Clients(
        place=Place(profile="", region="us-east-1"),
        ssm=session.client("ssm"),
        ec2=session.client("ec2"),
        iam=session.client("iam"),
        sts=session.client("sts"),
        cloudformation=session.client("cloudformation"),
        quotas=session.client("service-quotas"),
    )


class Script:
    """Answers to be given in this order, each to the request that it expects."""

    def __init__(self, client: Any) -> None:
        self._stubber = Stubber(client)

    def __enter__(self) -> "Script":
        self._stubber.activate()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self._stubber.deactivate()
        if kind is None:
            self._stubber.assert_no_pending_responses()

    def answer(self, operation: str, answer: dict[str, Any], **request: Any) -> None:
        self._stubber.add_response(operation, answer, request)

    def refuse(self, operation: str, code: str) -> None:
        self._stubber.add_client_error(operation, code)


def test_nodes_of_many_pages_empty_ones_among_them(clients: Clients) -> None:
    with Script(clients.ssm) as script:
        operation = "describe_instance_information"
        one = {"InstanceId": "i-0000000001", "PingStatus": "Online"}
        two = {"InstanceId": "mi-00000000000000002", "ResourceType": "ManagedInstance"}
        script.answer(
            operation, {"InstanceInformationList": [one], "NextToken": "a"}, MaxResults=50
        )
        script.answer(
            operation,
            {"InstanceInformationList": [], "NextToken": "b"},
            MaxResults=50,
            NextToken="a",
        )
        script.answer(operation, {"InstanceInformationList": [two]}, MaxResults=50, NextToken="b")
        nodes = read_nodes(clients)
    assert [(each.online, each.is_ec2) for each in nodes.values()] == [(True, True), (False, False)]


def test_instances_of_a_page_without_reservations(clients: Clients) -> None:
    with Script(clients.ec2) as script:
        script.answer("describe_instances", {"Reservations": [], "NextToken": "a"}, MaxResults=1000)
        script.answer(
            "describe_instances",
            {
                "Reservations": [
                    {
                        "Instances": [
                            {
                                "InstanceId": "i-0000000001",
                                "State": {"Name": "running"},
                                "IamInstanceProfile": {
                                    "Arn": "arn:aws:iam::1:instance-profile/p/Q"
                                },
                                "Tags": [{"Key": "Name", "Value": "Test-Web1"}],
                            }
                        ]
                    }
                ]
            },
            MaxResults=1000,
            NextToken="a",
        )
        (instance,) = read_instances(clients)
    assert (instance.name, instance.profile) == ("Test-Web1", "Q")


def test_inventory_entries_follow_the_token_without_a_paginator(clients: Clients) -> None:
    request = {"InstanceId": "i-0000000001", "TypeName": "AWS:Application", "MaxResults": 50}
    with Script(clients.ssm) as script:
        captured = "2026-01-01T12:00:00Z"
        script.answer(
            "list_inventory_entries",
            {"Entries": [{"Name": "a"}], "CaptureTime": captured, "NextToken": "x"},
            **request,
        )
        script.answer(
            "list_inventory_entries",
            {"Entries": [], "CaptureTime": captured, "NextToken": "y"},
            **request,
            NextToken="x",
        )
        script.answer(
            "list_inventory_entries",
            {"Entries": [{"Name": "b"}], "CaptureTime": captured},
            **request,
            NextToken="y",
        )
        found = list(read_entries(clients, "i-0000000001", "AWS:Application"))
    assert [(each.attributes["Name"], each.captured) for each in found] == [
        ("a", NOON),
        ("b", NOON),
    ]


def test_a_node_without_inventory_has_no_entries(clients: Clients) -> None:
    with Script(clients.ssm) as script:
        script.refuse("list_inventory_entries", "InvalidInstanceId")
        assert list(read_entries(clients, "i-0000000001", "AWS:Application")) == []


def test_captures_leave_out_who_is_gone_and_who_lacks_the_type(clients: Clients) -> None:
    def entity(node_id: str, time: str) -> dict[str, Any]:
        return {
            "Id": node_id,
            "Data": {
                "AWS:Network": {
                    "TypeName": "AWS:Network",
                    "SchemaVersion": "1.0",
                    "CaptureTime": time,
                    "Content": [],
                }
            },
        }

    with Script(clients.ssm) as script:
        script.answer(
            "get_inventory",
            {
                "Entities": [
                    entity("i-here", "2026-01-01T12:00:00Z"),
                    entity("i-gone", "2026-01-01T12:00:00Z"),
                    {"Id": "i-lacks", "Data": {}},
                ]
            },
            MaxResults=50,
            ResultAttributes=[{"TypeName": "AWS:Network"}],
        )
        assert read_captures(clients, "AWS:Network", {"i-here", "i-lacks"}) == {"i-here": NOON}


def test_a_search_lets_aws_leave_out_the_other_nodes(clients: Clients) -> None:
    with Script(clients.ssm) as script:
        data = {
            "TypeName": "AWS:Application",
            "SchemaVersion": "1.1",
            "CaptureTime": "2026-01-01T12:00:00Z",
            "Content": [{"Name": "openssl"}, {"Name": "bash"}],
        }
        script.answer(
            "get_inventory",
            {"Entities": [{"Id": "i-1", "Data": {"AWS:Application": data}}]},
            MaxResults=50,
            ResultAttributes=[{"TypeName": "AWS:Application"}],
            Filters=[{"Key": "AWS:Application.Name", "Values": ["openssl"], "Type": "Equal"}],
        )
        found = search_records(clients, "AWS:Application", attribute="Name", value="openssl")
        assert [each.attributes for each in found] == [{"Name": "openssl"}]


def test_types_come_in_pages_of_two_hundred(clients: Clients) -> None:
    schema = {"TypeName": "AWS:Tag", "Attributes": [{"Name": "Key", "DataType": "string"}]}
    with Script(clients.ssm) as script:
        script.answer("get_inventory_schema", {"Schemas": [schema]}, MaxResults=200)
        assert read_types(clients) == {"AWS:Tag": ("Key",)}


def test_the_old_way_to_name_one_instance_is_a_target(clients: Clients) -> None:
    with Script(clients.ssm) as script:
        script.answer(
            "list_associations",
            {"Associations": [{"AssociationId": ID, "InstanceId": "i-0000000001"}]},
            AssociationFilterList=[{"key": "Name", "value": "Document"}],
            MaxResults=50,
        )
        (association,) = read_associations(clients, "Document")
    assert association.targets == Nodes(("i-0000000001",))


def test_targets_of_an_association_are_read_in_any_spelling(clients: Clients) -> None:
    with Script(clients.ssm) as script:
        target = {"Key": "TAG:Environment", "Values": ["a"]}
        answer = {"Associations": [{"AssociationId": ID, "Targets": [target]}]}
        script.answer("list_associations", answer, MaxResults=50)
        (association,) = read_associations(clients)
    assert association.targets == Tags({"Environment": ("a",)})


def test_target_maps_are_no_nodes(clients: Clients) -> None:
    with Script(clients.ssm) as script:
        association = {"AssociationId": ID, "TargetMaps": [{"Region": ["us-east-1"]}]}
        script.answer("list_associations", {"Associations": [association]}, MaxResults=50)
        (found,) = read_associations(clients)
    assert found.targets == OtherResources()


ID = "11111111-2222-3333-4444-555555555555"


def test_the_newest_run_comes_first_whatever_the_order(clients: Clients) -> None:
    with Script(clients.ssm) as script:
        runs = [
            {"ExecutionId": str(hour), "CreatedTime": NOON.replace(hour=hour)} for hour in (3, 9, 6)
        ]
        script.answer(
            "describe_association_executions",
            {"AssociationExecutions": runs},
            AssociationId=ID,
            MaxResults=50,
        )
        found = read_executions(clients, ID)
    assert [each.execution_id for each in found] == ["9", "6", "3"]


def test_outcomes_go_back_until_every_node_is_found(clients: Clients) -> None:
    runs = [_run("3"), _run("2"), _run("1")]
    with Script(clients.ssm) as script:
        _targets(script, "3", {"i-1": "Failed"})
        _targets(script, "2", {"i-1": "Success", "i-2": "Success"})
        found = read_outcomes(clients, runs, ID, ["i-1", "i-2"])
    assert {node_id: each.status for node_id, each in found.items()} == {
        "i-1": "Failed",
        "i-2": "Success",
    }


def test_outcomes_of_a_node_that_never_ran_are_sought_in_a_bounded_number_of_runs(
    clients: Clients,
) -> None:
    with Script(clients.ssm) as script:
        for number in range(RUNS_LOOKED_AT):
            _targets(script, str(number), {})
        runs = [_run(str(number)) for number in range(2 * RUNS_LOOKED_AT)]
        assert read_outcomes(clients, runs, ID, ["i-1"]) == {}


def _run(execution_id: str) -> Any:
    from oelab.review.models import Execution

    return Execution(
        execution_id=execution_id, status="Success", detailed_status="Success", created=NOON
    )


def _targets(script: Script, execution_id: str, statuses: dict[str, str]) -> None:
    script.answer(
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


def test_an_association_deleted_meanwhile_has_no_runs(clients: Clients) -> None:
    with Script(clients.ssm) as script:
        script.refuse("describe_association_executions", "AssociationDoesNotExist")
        assert read_executions(clients, ID) == ()


def test_who_is_no_managed_node_has_no_statuses(clients: Clients) -> None:
    with Script(clients.ssm) as script:
        script.refuse("describe_instance_associations_status", "InvalidInstanceId")
        assert read_statuses(clients, "i-0000000001") == ()


def test_compliance_of_a_node_has_one_summary_a_type(clients: Clients) -> None:
    def item(kind: str, status: str) -> dict[str, Any]:
        return {"ResourceId": "i-1", "ComplianceType": kind, "Status": status}

    with Script(clients.ssm) as script:
        operation = "list_resource_compliance_summaries"
        script.answer(
            operation,
            {
                "ResourceComplianceSummaryItems": [item("Association", "COMPLIANT")],
                "NextToken": "a",
            },
            MaxResults=50,
        )
        script.answer(
            operation,
            {"ResourceComplianceSummaryItems": [item("Patch", "NON_COMPLIANT")]},
            MaxResults=50,
            NextToken="a",
        )
        found = read_compliance(clients)
    assert [(each.compliance_type, each.compliant) for each in found["i-1"]] == [
        ("Association", True),
        ("Patch", False),
    ]


def test_counts_name_the_severities_that_occur(clients: Clients) -> None:
    with Script(clients.ssm) as script:
        summary = {"NonCompliantCount": 3, "SeveritySummary": {"HighCount": 2, "LowCount": 1}}
        script.answer(
            "list_compliance_summaries",
            {
                "ComplianceSummaryItems": [
                    {"ComplianceType": "Patch", "NonCompliantSummary": summary}
                ]
            },
            MaxResults=50,
        )
        (count,) = read_counts(clients)
    assert (count.non_compliant, count.by_severity) == (3, {"HIGH": 2, "LOW": 1})


def test_a_profile_tells_what_its_role_is_denied(clients: Clients) -> None:
    role = {
        "Path": "/",
        "RoleName": "R",
        "RoleId": "AROA12345678901234",
        "Arn": "arn:aws:iam::111122223333:role/R",
        "CreateDate": NOON,
        "AssumeRolePolicyDocument": TRUST,
    }
    profile = {
        "Path": "/",
        "InstanceProfileName": "P",
        "InstanceProfileId": "AIPA12345678901234",
        "Arn": "arn:aws:iam::111122223333:instance-profile/P",
        "CreateDate": NOON,
        "Roles": [role],
    }
    with Script(clients.iam) as script:
        script._stubber.add_response("get_instance_profile", {"InstanceProfile": profile})
        script._stubber.add_response(
            "simulate_principal_policy",
            {
                "EvaluationResults": [
                    {"EvalActionName": REGISTRATION[0], "EvalDecision": "implicitDeny"},
                    {"EvalActionName": REGISTRATION[1], "EvalDecision": "allowed"},
                ]
            },
            {"PolicySourceArn": role["Arn"], "ActionNames": REGISTRATION},
        )
        access = read_profiles(clients, ["P"])["P"]
    assert (access.role, access.denied) == ("R", (REGISTRATION[0],))


@pytest.mark.parametrize(
    ("route", "expected"),
    [
        ({"GatewayId": "igw-1"}, (RouteTarget.INTERNET_GATEWAY,)),
        ({"NatGatewayId": "nat-1"}, (RouteTarget.NAT_GATEWAY,)),
        ({"CoreNetworkArn": "arn:core"}, (RouteTarget.OTHER,)),
        ({"CarrierGatewayId": "cagw-1"}, (RouteTarget.OTHER,)),
        ({"InstanceId": "i-1", "InstanceOwnerId": "111122223333"}, (RouteTarget.OTHER,)),
        ({"NatGatewayId": "nat-1", "DestinationCidrBlock": "10.1.0.0/16"}, (RouteTarget.OTHER,)),
        ({"GatewayId": "vpce-1"}, (RouteTarget.OTHER,)),
        ({"GatewayId": "vpce-1", "DestinationPrefixListId": "pl-1"}, ()),
        ({"GatewayId": "local", "DestinationCidrBlock": "10.0.0.0/16"}, ()),
        ({"NatGatewayId": "nat-1", "State": "blackhole"}, ()),
    ],
)
def test_where_a_route_leads(
    clients: Clients, route: dict[str, str], expected: tuple[RouteTarget, ...]
) -> None:
    active = {"Origin": "CreateRoute", "State": "active", "DestinationCidrBlock": "0.0.0.0/0"}
    table = {
        "VpcId": "vpc-1",
        "Routes": [active | route],
        "Associations": [{"Main": True}, {"SubnetId": "subnet-1"}],
    }
    with Script(clients.ec2) as script:
        add = script._stubber.add_response
        add("describe_security_groups", {"SecurityGroups": []})
        add("describe_route_tables", {"RouteTables": [table]})
        add("describe_vpc_endpoints", {"VpcEndpoints": []})
        network = read_network(clients, ["vpc-1"])
    assert network.routes == {"vpc-1": expected, "subnet-1": expected}


def test_security_groups_and_endpoints(clients: Clients) -> None:
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
    endpoints = [
        endpoint,
        endpoint | {"State": "pending"},
        endpoint | {"VpcEndpointType": "Gateway"},
    ]
    with Script(clients.ec2) as script:
        add = script._stubber.add_response
        add("describe_security_groups", {"SecurityGroups": [group]})
        add("describe_route_tables", {"RouteTables": []})
        add("describe_vpc_endpoints", {"VpcEndpoints": endpoints})
        network = read_network(clients, ["vpc-1"])
    read = network.groups["sg-1"]
    peers = (("10.0.0.0/8", None), ("::/0", None), (None, "sg-2"), (None, None))
    assert read.ingress == ()
    assert read.egress == tuple(
        SecurityGroupRule(protocol="tcp", ports=(443, 443), cidr=cidr, group=group)
        for cidr, group in peers
    )
    assert network.endpoints == {
        "vpc-1": (InterfaceEndpoint(service="ssm", groups=(read, UNKNOWN_GROUP)),)
    }


@pytest.mark.parametrize(("setting", "role"), [("$None", ""), ("service-role/Host", "Host")])
def test_default_host_management(clients: Clients, setting: str, role: str) -> None:
    with Script(clients.ssm) as script:
        script._stubber.add_response(
            "get_service_setting", {"ServiceSetting": {"SettingValue": setting}}
        )
        assert read_host_role(clients) == role


def test_what_is_not_there_is_nothing_and_no_failure(clients: Clients) -> None:
    with Script(clients.iam) as script:
        script.refuse("get_role", "NoSuchEntity")
        script.refuse("get_instance_profile", "NoSuchEntity")
        assert has_role(clients, "R") is False
        assert has_profile(clients, "R") is False
    with Script(clients.cloudformation) as script:
        script.refuse("describe_stacks", "ValidationError")
        assert read_stack(clients, "S") is None
    with Script(clients.ssm) as script:
        script.refuse("get_service_setting", "ServiceSettingNotFound")
        assert read_host_role(clients) == ""


def test_a_stack_holds_what_is_in_it_still(clients: Clients) -> None:
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
    with Script(clients.cloudformation) as script:
        script.answer("describe_stacks", {"Stacks": [stack]}, StackName="S")
        script.answer("list_stack_resources", {"StackResourceSummaries": held}, StackName="S")
        found = read_stack(clients, "S")
    assert found
    assert found.resources == {"A": ("AWS::EC2::VPC", "A-1")}
    assert (found.status, found.protected) == ("ROLLBACK_COMPLETE", True)


def test_what_is_denied_is_never_nothing(clients: Clients) -> None:
    with Script(clients.iam) as script:
        script.refuse("get_role", "AccessDenied")
        with pytest.raises(ReadError, match="allow iam:GetRole"):
            has_role(clients, "R")
    with Script(clients.ec2) as script:
        script.refuse("describe_security_groups", "UnauthorizedOperation")
        with pytest.raises(ReadError, match="allow ec2:DescribeSecurityGroups"):
            read_network(clients, ["vpc-1"])
