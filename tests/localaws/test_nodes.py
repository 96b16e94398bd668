"""Which instances become managed nodes, and when they are not seen any more."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from localaws import LocalAws
from tests.localaws.lab import (
    CORE_POLICY,
    MINIMAL,
    WINDOWS,
    Lab,
    Template,
    node,
    permission,
    profile,
    ref,
    resource,
    script,
    template,
    trust,
)
from tests.waiting import eventually

REGISTER = permission("ssm:UpdateInstanceInformation")
HOST_MANAGEMENT = "/ssm/managed-instance/default-ec2-instance-management-role"


def with_role(name: str, **role: Any) -> Template:
    return {**profile(name, **role), f"On{name}": node(IamInstanceProfile=ref(f"{name}Profile"))}


def inline(*documents: Template) -> dict[str, Any]:
    policies = [
        {"PolicyName": f"p{number}", "PolicyDocument": document}
        for number, document in enumerate(documents)
    ]
    return {"ManagedPolicyArns": [], "Policies": policies}


@pytest.fixture(scope="module")
def roles(aws: LocalAws) -> Lab:
    """One instance for each way a role may or may not allow it to register."""
    lab = Lab(aws)
    document = template(
        OnNone=node(IamInstanceProfile=None),
        **with_role("Core"),
        **with_role("Empty", ManagedPolicyArns=[]),
        **with_role("Inline", **inline(REGISTER)),
        **with_role("Wildcard", **inline(permission("ssm:*"))),
        **with_role("Denied", **inline(REGISTER, permission("ssm:Update*", effect="Deny"))),
        **with_role("Lambda", AssumeRolePolicyDocument=trust("lambda.amazonaws.com")),
        **with_role("Customer", ManagedPolicyArns=[ref("Own")]),
        Own=resource("AWS::IAM::ManagedPolicy", PolicyDocument=REGISTER),
    )
    assert lab.deploy(document) == "CREATE_COMPLETE", lab.failures()
    lab.settle()
    return lab


@pytest.mark.parametrize(
    ("logical_id", "expected"),
    [
        ("OnNone", False),
        ("OnCore", True),
        ("OnEmpty", False),
        ("OnInline", True),
        ("OnWildcard", True),
        ("OnDenied", False),
        ("OnLambda", False),
        ("OnCustomer", True),
    ],
)
def test_the_role_decides(roles: Lab, logical_id: str, expected: bool) -> None:
    assert (roles.physical_id(logical_id) in roles.managed()) is expected


def test_the_agent_comes_with_the_image_or_by_user_data(lab: Lab) -> None:
    installing = script("dnf install -y amazon-ssm-agent")
    lab.deploy(template(Bare=node(ImageId=MINIMAL), Set=node(ImageId=MINIMAL, UserData=installing)))
    lab.settle()
    assert lab.managed() == {lab.physical_id("Set"): "Online"}


def endpoint(service: str) -> Template:
    return resource(
        "AWS::EC2::VPCEndpoint",
        VpcEndpointType="Interface",
        ServiceName=f"com.amazonaws.us-east-1.{service}",
        VpcId=ref("Vpc"),
        SubnetIds=[ref("Subnet")],
        SecurityGroupIds=[ref("EndpointGroup")],
        PrivateDnsEnabled=True,
    )


def without_route(**resources: Template) -> Template:
    document = template(**resources)
    del document["Resources"]["WayOut"]
    for each in document["Resources"].values():
        each.pop("DependsOn", None)
    return document


def test_a_rule_may_be_a_resource_of_its_own(lab: Lab) -> None:
    group = resource(
        "AWS::EC2::SecurityGroup", GroupDescription="Lets the nodes in", VpcId=ref("Vpc")
    )
    rule = resource(
        "AWS::EC2::SecurityGroupIngress",
        GroupId=ref("EndpointGroup"),
        IpProtocol="tcp",
        FromPort=443,
        ToPort=443,
        SourceSecurityGroupId=ref("Group"),
    )
    endpoints = {
        "EndpointGroup": group,
        "Ssm": endpoint("ssm"),
        "Messages": endpoint("ssmmessages"),
    }
    assert lab.deploy(without_route(Node=node(), Rule=rule, **endpoints)) == "CREATE_COMPLETE"
    lab.settle()
    assert lab.managed() == {lab.physical_id("Node"): "Online"}
    (shut,) = (
        each
        for each in lab.ec2.describe_security_groups()["SecurityGroups"]
        if each["GroupId"] == lab.physical_id("EndpointGroup")
    )
    assert len(shut["IpPermissions"]) == 1
    assert lab.deploy(without_route(Node=node(), **endpoints)) == "UPDATE_COMPLETE"
    found = lab.ec2.describe_security_groups(GroupIds=[shut["GroupId"]])["SecurityGroups"]
    assert found[0]["IpPermissions"] == []


@pytest.mark.parametrize("has_endpoints", [True, False])
def test_a_subnet_without_a_route_needs_endpoints(lab: Lab, has_endpoints: bool) -> None:
    rule = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
    group = resource(
        "AWS::EC2::SecurityGroup",
        GroupDescription="Lets the nodes in",
        VpcId=ref("Vpc"),
        SecurityGroupIngress=[{**rule, "SourceSecurityGroupId": ref("Group")}],
    )
    endpoints = {
        "EndpointGroup": group,
        "Ssm": endpoint("ssm"),
        "Messages": endpoint("ssmmessages"),
    }
    document = without_route(Node=node(), **(endpoints if has_endpoints else {}))
    assert lab.deploy(document) == "CREATE_COMPLETE", lab.failures()
    lab.settle()
    assert bool(lab.managed()) is has_endpoints


@pytest.mark.parametrize(("kind", "expected"), [("public", True), ("private", False)])
def test_the_kind_of_a_nat_gateway_decides(lab: Lab, kind: str, expected: bool) -> None:
    document = without_route(Node=node())
    assert lab.deploy(document) == "CREATE_COMPLETE", lab.failures()
    nat = lab.ec2.create_nat_gateway(SubnetId=lab.physical_id("Subnet"), ConnectivityType=kind)
    lab.ec2.create_route(
        RouteTableId=lab.physical_id("Routes"),
        DestinationCidrBlock="0.0.0.0/0",
        NatGatewayId=nat["NatGateway"]["NatGatewayId"],
    )
    lab.settle()
    assert bool(lab.managed()) is expected


def test_a_node_registers_by_itself_after_a_moment(lab: Lab) -> None:
    lab.deploy(template(Node=node()))
    assert not lab.managed()
    assert eventually(lab.managed) == {lab.physical_id("Node"): "Online"}


def test_default_host_management_needs_imdsv2(lab: Lab) -> None:
    tokens = {"MetadataOptions": {"HttpTokens": "required"}, "IamInstanceProfile": None}
    host = {
        "AssumeRolePolicyDocument": trust("ssm.amazonaws.com"),
        "ManagedPolicyArns": [CORE_POLICY],
    }
    lab.deploy(
        template(**profile("Host", **host), New=node(**tokens), Old=node(IamInstanceProfile=None))
    )
    lab.settle()
    assert not lab.managed()
    lab.ssm.update_service_setting(SettingId=HOST_MANAGEMENT, SettingValue="service-role/Host")
    lab.settle()
    assert lab.managed() == {lab.physical_id("New"): "Online"}


@pytest.fixture
def registered(lab: Lab) -> Lab:
    lab.deploy(template(Node=node()))
    lab.settle()
    assert lab.managed()
    return lab


def test_closed_egress_loses_the_connection(registered: Lab) -> None:
    lab, instance_id = registered, registered.physical_id("Node")
    (group,) = lab.ec2.describe_security_groups(GroupIds=[lab.physical_id("Group")])[
        "SecurityGroups"
    ]
    rules = {"GroupId": group["GroupId"], "IpPermissions": group["IpPermissionsEgress"]}
    lab.ec2.revoke_security_group_egress(**rules)
    assert lab.managed() == {instance_id: "ConnectionLost"}
    lab.ec2.authorize_security_group_egress(**rules)
    lab.settle()
    assert lab.managed() == {instance_id: "Online"}


def test_a_detached_profile_loses_the_connection(registered: Lab) -> None:
    found = registered.ec2.describe_iam_instance_profile_associations()
    association = found["IamInstanceProfileAssociations"][0]["AssociationId"]
    registered.ec2.disassociate_iam_instance_profile(AssociationId=association)
    assert list(registered.managed().values()) == ["ConnectionLost"]


def test_a_silenced_agent_loses_the_connection_and_pings_no_more(registered: Lab) -> None:
    lab, instance_id = registered, registered.physical_id("Node")
    lab.aws.silence_agent(instance_id, account=lab.account)
    before = lab.ssm.describe_instance_information()["InstanceInformationList"][0]
    lab.aws.advance(60)
    after = lab.ssm.describe_instance_information()["InstanceInformationList"][0]
    assert after["PingStatus"] == "ConnectionLost"
    assert after["LastPingDateTime"] == before["LastPingDateTime"]
    lab.aws.silence_agent(instance_id, False, account=lab.account)
    lab.settle()
    assert lab.managed() == {instance_id: "Online"}


def test_an_agent_version_is_reported(registered: Lab) -> None:
    lab, instance_id = registered, registered.physical_id("Node")
    lab.aws.set_agent_version(instance_id, "2.0.700.0", account=lab.account)
    entry = lab.ssm.describe_instance_information()["InstanceInformationList"][0]
    assert (entry["AgentVersion"], entry["IsLatestVersion"]) == ("2.0.700.0", False)


def status_in_inventory(lab: Lab) -> str:
    entity = lab.ssm.get_inventory()["Entities"][0]
    return str(entity["Data"]["AWS:InstanceInformation"]["Content"][0]["InstanceStatus"])


def test_a_stopped_node_disappears_but_its_inventory_stays(registered: Lab) -> None:
    lab, instance_id = registered, registered.physical_id("Node")
    assert status_in_inventory(lab) == "Active"
    lab.ec2.stop_instances(InstanceIds=[instance_id])
    assert not lab.managed()
    assert status_in_inventory(lab) == "Stopped"
    lab.ec2.start_instances(InstanceIds=[instance_id])
    lab.settle()
    assert lab.managed() == {instance_id: "Online"}


def test_a_terminated_node_disappears_but_its_inventory_stays(registered: Lab) -> None:
    registered.ec2.terminate_instances(InstanceIds=[registered.physical_id("Node")])
    assert not registered.managed()
    assert status_in_inventory(registered) == "Terminated"


def test_nodes_come_in_pages_by_account_and_region(aws: LocalAws, lab: Lab) -> None:
    nodes = {f"Node{number}": node() for number in range(12)}
    lab.deploy(template(**nodes, Window=node(ImageId=WINDOWS)))
    lab.settle()
    first = lab.ssm.describe_instance_information()
    assert len(first["InstanceInformationList"]) == 10
    second = lab.ssm.describe_instance_information(NextToken=first["NextToken"])
    assert len(second["InstanceInformationList"]) == 3
    assert "NextToken" not in second
    with pytest.raises(ClientError, match="ValidationException"):
        lab.ssm.describe_instance_information(MaxResults=51)
    elsewhere = aws.client("ssm", region="eu-west-1", account=lab.account)
    assert not elsewhere.describe_instance_information()["InstanceInformationList"]
    assert not aws.client("ssm").describe_instance_information()["InstanceInformationList"]
