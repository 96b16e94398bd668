"""Which instances become managed nodes, and when they cease to be seen."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from localaws import LocalAws
from tests.localaws.lab import (
    UBUNTU,
    WINDOWS,
    Lab,
    Template,
    https_to,
    node,
    permission,
    profile,
    ref,
    resource,
    tags,
    template,
    trust,
)
from tests.waiting import eventually


def with_role(name: str, **role: Any) -> Template:
    return {**profile(name, **role), f"On{name}": node(IamInstanceProfile=ref(f"{name}Profile"))}


def inline(*documents: Template) -> dict[str, Any]:
    policies = [
        {"PolicyName": f"p{number}", "PolicyDocument": document}
        for number, document in enumerate(documents)
    ]
    return {"ManagedPolicyArns": [], "Policies": policies}


REGISTER = permission("ssm:UpdateInstanceInformation")
DEFAULT_POLICY = "arn:aws:iam::aws:policy/AmazonSSMManagedEC2InstanceDefaultPolicy"


@pytest.fixture(scope="module")
def permitted(aws: LocalAws) -> Lab:
    """One instance for each way a role may or may not allow it to register."""
    lab = Lab(aws)
    document = template(
        OnNone=node(IamInstanceProfile=None),
        **with_role("Core"),
        **with_role("Default", ManagedPolicyArns=[DEFAULT_POLICY]),
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
        ("OnDefault", True),
        ("OnEmpty", False),
        ("OnInline", True),
        ("OnWildcard", True),
        ("OnDenied", False),
        ("OnLambda", False),
        ("OnCustomer", True),
    ],
)
def test_the_role_decides(permitted: Lab, logical_id: str, expected: bool) -> None:
    assert (permitted.physical_id(logical_id) in permitted.managed()) is expected


def group(**properties: Any) -> Template:
    return resource(
        "AWS::EC2::SecurityGroup", GroupDescription="For a test", VpcId=ref("Vpc"), **properties
    )


def subnet(number: int, **properties: Any) -> Template:
    return resource(
        "AWS::EC2::Subnet", VpcId=ref("Vpc"), CidrBlock=f"10.0.{number}.0/24", **properties
    )


def routed(subnet_id: str, **target: Any) -> Template:
    """A route table of the subnet's own with a default route."""
    table = f"{subnet_id}Routes"
    return {
        table: resource("AWS::EC2::RouteTable", VpcId=ref("Vpc")),
        f"{subnet_id}Association": resource(
            "AWS::EC2::SubnetRouteTableAssociation",
            RouteTableId=ref(table),
            SubnetId=ref(subnet_id),
        ),
        f"{subnet_id}Route": resource(
            "AWS::EC2::Route",
            "Attachment",
            RouteTableId=ref(table),
            DestinationCidrBlock="0.0.0.0/0",
            **target,
        ),
    }


@pytest.fixture(scope="module")
def connected(aws: LocalAws) -> Lab:
    """One instance for each kind of way out, or lack of it."""
    lab = Lab(aws)
    document = template(
        Public=node(),
        NoEgressGroup=group(SecurityGroupEgress=[https_to("127.0.0.1/32")]),
        NoEgress=node(SecurityGroupIds=[ref("NoEgressGroup")]),
        HttpGroup=group(
            SecurityGroupEgress=[
                {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "CidrIp": "0.0.0.0/0"}
            ]
        ),
        OnlyHttp=node(SecurityGroupIds=[ref("HttpGroup")]),
        OpenGroup=group(),
        Open=node(SecurityGroupIds=[ref("OpenGroup")]),
        BothGroups=node(SecurityGroupIds=[ref("NoEgressGroup"), ref("OpenGroup")]),
        # A route to the internet, but no address of its own.
        Hidden=subnet(1),
        **routed("Hidden", GatewayId=ref("Gateway")),
        NoAddress=node(SubnetId=ref("Hidden")),
        # The VPC's main table has no way out.
        Island=subnet(2, MapPublicIpOnLaunch=True),
        NoRoute=node(SubnetId=ref("Island")),
        Address=resource("AWS::EC2::EIP", "Attachment", Domain="vpc"),
        Nat=resource(
            "AWS::EC2::NatGateway",
            SubnetId=ref("Subnet"),
            AllocationId={"Fn::GetAtt": ["Address", "AllocationId"]},
        ),
        Private=subnet(3),
        **routed("Private", NatGatewayId=ref("Nat")),
        BehindNat=node(SubnetId=ref("Private")),
    )
    assert lab.deploy(document) == "CREATE_COMPLETE", lab.failures()
    lab.settle()
    return lab


@pytest.mark.parametrize(
    ("logical_id", "expected"),
    [
        ("Public", True),
        ("NoEgress", False),
        ("OnlyHttp", False),
        ("Open", True),
        ("BothGroups", True),
        ("NoAddress", False),
        ("NoRoute", False),
        ("BehindNat", True),
    ],
)
def test_the_way_out_decides(connected: Lab, logical_id: str, expected: bool) -> None:
    assert (connected.physical_id(logical_id) in connected.managed()) is expected


def endpoint(service: str, **changes: Any) -> Template:
    properties = {
        "VpcEndpointType": "Interface",
        "ServiceName": f"com.amazonaws.us-east-1.{service}",
        "VpcId": ref("Vpc"),
        "SubnetIds": [ref("Subnet")],
        "SecurityGroupIds": [ref("EndpointGroup")],
        "PrivateDnsEnabled": True,
        **changes,
    }
    return resource("AWS::EC2::VPCEndpoint", **properties)


def private_template(**changes: Template) -> Template:
    """A subnet without a way to the internet, and the two endpoints."""
    document = template(
        EndpointGroup=group(),
        Ingress=resource(
            "AWS::EC2::SecurityGroupIngress",
            GroupId=ref("EndpointGroup"),
            IpProtocol="tcp",
            FromPort=443,
            ToPort=443,
            SourceSecurityGroupId=ref("Group"),
        ),
        Ssm=endpoint("ssm"),
        Messages=endpoint("ssmmessages"),
        Node=resource("AWS::EC2::Instance", **node()["Properties"]),
    )
    for name in ("WayOut", "Gateway", "Attachment"):
        del document["Resources"][name]
    document["Resources"] |= changes
    return document


OTHER_SOURCE = resource(
    "AWS::EC2::SecurityGroupIngress",
    GroupId=ref("EndpointGroup"),
    IpProtocol="tcp",
    FromPort=443,
    ToPort=443,
    CidrIp="10.9.0.0/16",
)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"Messages": endpoint("ec2messages")}, False),
        ({"Ssm": endpoint("ssm", PrivateDnsEnabled=False)}, False),
        ({"Ingress": OTHER_SOURCE}, False),
        ({"Vpc": resource("AWS::EC2::VPC", CidrBlock="10.0.0.0/16")}, False),
    ],
)
def test_the_endpoints_decide(lab: Lab, changes: dict[str, Template], expected: bool) -> None:
    assert lab.deploy(private_template(**changes)) == "CREATE_COMPLETE", lab.failures()
    lab.settle()
    assert bool(lab.managed()) is expected


def test_a_node_registers_by_itself_after_a_moment(lab: Lab) -> None:
    lab.deploy(template(Node=node()))
    assert not lab.managed()
    assert eventually(lab.managed) == {lab.physical_id("Node"): "Online"}


def test_default_host_management_needs_imdsv2(lab: Lab) -> None:
    tokens = {"MetadataOptions": {"HttpTokens": "required"}, "IamInstanceProfile": None}
    document = template(
        **profile(
            "Host",
            AssumeRolePolicyDocument=trust("ssm.amazonaws.com"),
            ManagedPolicyArns=[DEFAULT_POLICY],
        ),
        New=node(**tokens),
        Old=node(IamInstanceProfile=None),
    )
    lab.deploy(document)
    lab.settle()
    setting = "/ssm/managed-instance/default-ec2-instance-management-role"
    answer = lab.ssm.get_service_setting(SettingId=setting)
    assert answer["ServiceSetting"]["SettingValue"] == "$None"
    assert not lab.managed()
    lab.ssm.update_service_setting(SettingId=setting, SettingValue="service-role/Host")
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
    rule = [
        {
            "IpProtocol": "tcp",
            "FromPort": 443,
            "ToPort": 443,
            "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
        }
    ]
    group_id = lab.physical_id("Group")
    lab.ec2.revoke_security_group_egress(GroupId=group_id, IpPermissions=rule)
    assert lab.managed() == {instance_id: "ConnectionLost"}
    lab.ec2.authorize_security_group_egress(GroupId=group_id, IpPermissions=rule)
    lab.settle()
    assert lab.managed() == {instance_id: "Online"}


def test_a_detached_profile_loses_the_connection(registered: Lab) -> None:
    found = registered.ec2.describe_iam_instance_profile_associations()
    association = found["IamInstanceProfileAssociations"][0]["AssociationId"]
    registered.ec2.disassociate_iam_instance_profile(AssociationId=association)
    assert list(registered.managed().values()) == ["ConnectionLost"]


def test_a_silent_agent_loses_the_connection(registered: Lab) -> None:
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


def test_a_terminated_node_disappears_but_its_inventory_lingers(registered: Lab) -> None:
    registered.ec2.terminate_instances(InstanceIds=[registered.physical_id("Node")])
    assert not registered.managed()
    assert status_in_inventory(registered) == "Terminated"


def test_an_instance_that_is_no_stack_s_can_register_too(lab: Lab) -> None:
    """In the default VPC, as the console launches one."""
    lab.deploy({"Resources": profile()})
    lab.ec2.run_instances(
        ImageId=UBUNTU, MinCount=1, MaxCount=1, IamInstanceProfile={"Name": "NodeRole"}
    )
    lab.settle()
    entry = lab.ssm.describe_instance_information()["InstanceInformationList"][0]
    assert (entry["PlatformName"], entry["PlatformVersion"]) == ("Ubuntu", "24.04")


@pytest.fixture(scope="module")
def fleet(aws: LocalAws) -> Lab:
    lab = Lab(aws)
    nodes = {f"Node{n}": node(Tags=tags(Environment="OELabIPM", Number=str(n))) for n in range(12)}
    lab.deploy(template(**nodes, Window=node(ImageId=WINDOWS)))
    lab.settle()
    return lab


@pytest.mark.parametrize(
    ("key", "values", "count"),
    [
        ("tag:Number", ["3", "4"], 2),
        ("tag:Number", ["nothing"], 0),
        ("tag-key", ["Number"], 12),
        ("PlatformTypes", ["Windows"], 1),
        ("PingStatus", ["Online"], 13),
        ("PingStatus", ["ConnectionLost"], 0),
        ("ResourceType", ["EC2Instance"], 13),
    ],
)
def test_filters(fleet: Lab, key: str, values: list[str], count: int) -> None:
    pages = fleet.ssm.get_paginator("describe_instance_information").paginate(
        Filters=[{"Key": key, "Values": values}]
    )
    assert len([n for page in pages for n in page["InstanceInformationList"]]) == count


def test_pages_are_cut_and_continued(fleet: Lab) -> None:
    first = fleet.ssm.describe_instance_information()
    assert len(first["InstanceInformationList"]) == 10
    second = fleet.ssm.describe_instance_information(NextToken=first["NextToken"])
    assert len(second["InstanceInformationList"]) == 3
    assert "NextToken" not in second
    pages = fleet.ssm.get_paginator("describe_instance_information").paginate(
        PaginationConfig={"PageSize": 5}
    )
    assert [len(page["InstanceInformationList"]) for page in pages] == [5, 5, 3]


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({"MaxResults": 51}, "ValidationException"),
        ({"NextToken": "nonsense"}, "InvalidNextToken"),
        (
            {
                "Filters": [
                    {"Key": "tag:A", "Values": ["1"]},
                    {"Key": "PingStatus", "Values": ["Online"]},
                ]
            },
            "ValidationException",
        ),
        ({"Filters": [{"Key": "Colour", "Values": ["red"]}]}, "InvalidInstanceInformationFilter"),
    ],
)
def test_refused_requests(fleet: Lab, request_: dict[str, Any], code: str) -> None:
    with pytest.raises(ClientError, match=code):
        fleet.ssm.describe_instance_information(**request_)


def test_accounts_and_regions_are_apart(aws: LocalAws, fleet: Lab) -> None:
    elsewhere = aws.client("ssm", region="eu-west-1", account=fleet.account)
    assert not elsewhere.describe_instance_information()["InstanceInformationList"]
    assert not aws.client("ssm").describe_instance_information()["InstanceInformationList"]
