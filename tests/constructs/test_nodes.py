"""What the role, the instance and the networks are meant to be."""

from typing import Any

import pytest
from aws_cdk import aws_ec2 as ec2

from oelab.constructs import ManagedInstance, ManagedInstancesRole, WorkloadNetwork
from oelab.systems_manager import permissions
from tests.synthesis import Template, new_stack, of_type, only, template_of


def role(**properties: Any) -> Template:
    stack = new_stack()
    ManagedInstancesRole(stack, "Role", **properties)
    return template_of(stack)


def network(**properties: Any) -> Template:
    stack = new_stack()
    WorkloadNetwork(stack, "Network", **properties)
    return template_of(stack)


# --- the role ----------------------------------------------------------------------------------


def test_the_role_is_for_ec2_and_carries_the_managed_policy() -> None:
    template = role()
    properties = only(template, "AWS::IAM::Role")["Properties"]
    (statement,) = properties["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "ec2.amazonaws.com"}
    assert "AmazonSSMManagedInstanceCore" in str(properties["ManagedPolicyArns"])
    assert not list(of_type(template, "AWS::IAM::Policy"))


def test_the_profile_has_the_name_of_the_role() -> None:
    template = role(role_name="NodeRole")
    profile = only(template, "AWS::IAM::InstanceProfile")["Properties"]
    assert profile["InstanceProfileName"] == "NodeRole"
    assert only(template, "AWS::IAM::Role")["Properties"]["RoleName"] == "NodeRole"


def test_the_restricted_role_can_do_what_inventory_needs_and_no_more() -> None:
    template = role(restricted_permissions=True)
    assert "ManagedPolicyArns" not in only(template, "AWS::IAM::Role")["Properties"]
    policy = only(template, "AWS::IAM::Policy")["Properties"]["PolicyDocument"]
    (statement,) = policy["Statement"]
    assert set(statement["Action"]) == set(permissions.MANAGED_NODE)
    assert not [action for action in statement["Action"] if "Parameter" in action]


@pytest.mark.parametrize(
    ("given", "tags"),
    [
        ({}, [{"Key": "Environment", "Value": "OELabIPM"}]),
        ({"tags": {"Team": "platform"}}, [{"Key": "Team", "Value": "platform"}]),
        ({"tags": {}}, None),
    ],
)
def test_the_role_has_the_tag_of_the_lab_or_those_given(
    given: dict[str, Any], tags: list[dict[str, str]] | None
) -> None:
    properties = only(role(description="Mine", **given), "AWS::IAM::Role")["Properties"]
    assert properties["Description"] == "Mine"
    assert properties.get("Tags") == tags


# --- the instance ------------------------------------------------------------------------------


def test_an_instance_takes_the_resources_of_others() -> None:
    stack = new_stack()
    profile = ManagedInstancesRole(stack, "Role").instance_profile
    vpc = ec2.Vpc(stack, "Vpc", max_azs=1, nat_gateways=0)
    group = ec2.SecurityGroup(stack, "Group", vpc=vpc)
    ManagedInstance(
        stack,
        "Instance",
        image_id="ami-0123456789abcdef0",
        instance_type="t3.micro",
        subnet=vpc.public_subnets[0],
        security_groups=[group],
        instance_profile=profile,
    )
    properties = only(template_of(stack), "AWS::EC2::Instance")["Properties"]
    assert "Ref" in properties["SubnetId"]
    assert "Fn::GetAtt" in properties["SecurityGroupIds"][0]
    assert "Ref" in properties["IamInstanceProfile"]


# --- the networks ------------------------------------------------------------------------------


def test_the_public_network_leaves_through_a_gateway() -> None:
    template = network()
    assert only(template, "AWS::EC2::Subnet")["Properties"]["MapPublicIpOnLaunch"] is True
    route = only(template, "AWS::EC2::Route")
    assert route["Properties"]["DestinationCidrBlock"] == "0.0.0.0/0"
    assert {template["Resources"][each]["Type"] for each in route["DependsOn"]} == {
        "AWS::EC2::VPCGatewayAttachment",
        "AWS::EC2::SubnetRouteTableAssociation",
    }
    assert not list(of_type(template, "AWS::EC2::VPCEndpoint"))


def test_the_private_network_reaches_systems_manager_and_s3_and_nothing_else() -> None:
    template = network(private=True)
    assert only(template, "AWS::EC2::Subnet")["Properties"]["MapPublicIpOnLaunch"] is False
    assert not list(of_type(template, "AWS::EC2::Route"))
    assert not list(of_type(template, "AWS::EC2::InternetGateway"))
    endpoints = {
        endpoint["Properties"]["ServiceName"]["Fn::Join"][1][-1]: endpoint["Properties"]
        for endpoint in of_type(template, "AWS::EC2::VPCEndpoint")
    }
    assert set(endpoints) == {".ssm", ".ssmmessages", ".s3"}
    for service in (".ssm", ".ssmmessages"):
        assert endpoints[service]["PrivateDnsEnabled"] is True
        assert endpoints[service]["VpcEndpointType"] == "Interface"
    assert endpoints[".s3"]["VpcEndpointType"] == "Gateway"
    assert endpoints[".s3"]["RouteTableIds"]


def test_the_endpoints_admit_the_instances_alone_and_let_nothing_out() -> None:
    template = network(private=True)
    groups = {
        logical_id: resource["Properties"]
        for logical_id, resource in template["Resources"].items()
        if resource["Type"] == "AWS::EC2::SecurityGroup"
    }
    rule = only(template, "AWS::EC2::SecurityGroupIngress")["Properties"]
    assert (rule["FromPort"], rule["ToPort"]) == (443, 443)
    of_endpoints = groups.pop(rule["GroupId"]["Ref"])
    (peer,) = groups
    assert rule["SourceSecurityGroupId"] == {"Ref": peer}
    assert [rule["CidrIp"] for rule in of_endpoints["SecurityGroupEgress"]] == [
        "255.255.255.255/32"
    ]


@pytest.mark.parametrize("ports", [(443,), (80, 443)])
def test_egress_is_what_the_image_needs(ports: tuple[int, ...]) -> None:
    group = only(network(egress_ports=ports), "AWS::EC2::SecurityGroup")["Properties"]
    assert [rule["FromPort"] for rule in group["SecurityGroupEgress"]] == list(ports)


def test_turning_private_keeps_the_subnet() -> None:
    def subnets(template: Template) -> set[str]:
        return {k for k, r in template["Resources"].items() if r["Type"] == "AWS::EC2::Subnet"}

    assert subnets(network()) == subnets(network(private=True))
