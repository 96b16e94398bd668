"""The way of a node to Systems Manager."""

from typing import Any

import pytest

from oelab.findings import Finding, Severity
from oelab.systems_manager.reachability import Obstacle
from tests.checks.templates import Properties, att, for_all, instance, of, ref, resource, stack

VPC = resource("EC2::VPC", CidrBlock="10.0.0.0/16")
SUBNET = resource("EC2::Subnet", VpcId=ref("Vpc"), CidrBlock="10.0.0.0/24")
PUBLIC = resource(
    "EC2::Subnet", VpcId=ref("Vpc"), CidrBlock="10.0.0.0/24", MapPublicIpOnLaunch=True
)
GATEWAY = resource("EC2::InternetGateway")


def routed(subnet: Properties = SUBNET, **target: Any) -> Properties:
    """A subnet whose default route leads to a target."""
    route = {"RouteTableId": ref("Table"), "DestinationCidrBlock": "0.0.0.0/0"} | target
    return {
        "Vpc": VPC,
        "Subnet": subnet,
        "Gateway": GATEWAY,
        "Attached": resource(
            "EC2::VPCGatewayAttachment", VpcId=ref("Vpc"), InternetGatewayId=ref("Gateway")
        ),
        "Table": resource("EC2::RouteTable", VpcId=ref("Vpc")),
        "Joined": resource(
            "EC2::SubnetRouteTableAssociation", SubnetId=ref("Subnet"), RouteTableId=ref("Table")
        ),
        "Route": resource("EC2::Route", **route),
    }


def routes(resources: Properties, *, strict: bool = False, **node: Any) -> list[Finding]:
    web = instance(**({"SubnetId": ref("Subnet")} | node))
    app = {"Inventory": for_all(), "Web": web, **resources}
    return of("NodeRoute", stack(app), strict=strict)


TO_INTERNET = {"GatewayId": ref("Gateway")}


# --- routes ------------------------------------------------------------------------------------


def test_an_isolated_subnet_fails() -> None:
    (finding,) = routes({"Vpc": VPC, "Subnet": SUBNET})
    assert finding.severity is Severity.ERROR
    assert str(finding).startswith(
        "S/Web must have a way to Systems Manager on port 443, since S/Inventory gathers its "
        "inventory, got 'subnet S/Subnet: no route of its subnet leads to the internet; no usable "
        "endpoint for ssm, ssmmessages'; give it a public address and an internet gateway"
    )


def test_an_internet_gateway_without_a_public_address_fails() -> None:
    (finding,) = routes(routed(**TO_INTERNET))
    assert finding.severity is Severity.ERROR
    assert str(Obstacle.NO_PUBLIC_ADDRESS) in str(finding.value)


@pytest.mark.parametrize(
    "resources",
    [
        routed(PUBLIC, **TO_INTERNET),
        routed(PUBLIC, GatewayId="igw-1"),
        routed(NatGatewayId=ref("Nat")),
        routed(**TO_INTERNET) | {"Address": resource("EC2::EIP", InstanceId=ref("Web"))},
        routed(**TO_INTERNET)
        | {"Address": resource("EC2::EIPAssociation", InstanceId=ref("Web"), EIP="203.0.113.1")},
    ],
    ids=["internet", "other's gateway", "NAT", "address", "association"],
)
def test_ways_out(resources: Properties) -> None:
    assert routes(resources, strict=True) == []


def interface(**properties: Any) -> Properties:
    own = {"SubnetId": ref("Subnet"), "DeviceIndex": "0"} | properties
    return {"SubnetId": None, "NetworkInterfaces": [own]}


def test_the_interface_has_the_last_word_on_a_public_address() -> None:
    wanted = interface(AssociatePublicIpAddress=True)
    assert routes(routed(**TO_INTERNET), **wanted) == []
    refused = interface(AssociatePublicIpAddress=False)
    assert routes(routed(PUBLIC, **TO_INTERNET), **refused)


@pytest.mark.parametrize(
    "resources",
    [
        {},
        {"Vpc": VPC, "Subnet": resource("EC2::Subnet", VpcId="vpc-1")},
        routed(resource("EC2::Subnet", VpcId="vpc-1"), NatGatewayId="nat-1", RouteTableId="rtb-1"),
        routed(GatewayId=ref("Imported")),
        routed(NatGatewayId="nat-1", DestinationCidrBlock="10.1.0.0/16"),
        routed(TransitGatewayId="tgw-1"),
        routed(NetworkInterfaceId="eni-1"),
        routed(
            resource("EC2::Subnet", VpcId=ref("Vpc"), MapPublicIpOnLaunch=ref("P")), **TO_INTERNET
        ),
        routed()
        | {
            "Joined": resource(
                "EC2::SubnetRouteTableAssociation", SubnetId=ref("Subnet"), RouteTableId="rtb-1"
            )
        },
    ],
    ids=[
        "subnet",
        "VPC",
        "VPC and table",
        "gateway",
        "destination",
        "transit",
        "appliance",
        "address",
        "table",
    ],
)
def test_what_the_app_does_not_tell_is_reported_to_the_strict_only(resources: Properties) -> None:
    assert routes(resources) == []
    (finding,) = routes(resources, strict=True)
    assert finding.severity is Severity.WARNING


def test_the_default_vpc_and_existing_interfaces_are_left_alone() -> None:
    assert routes({}, SubnetId=None) == []
    assert routes({}, SubnetId=None, NetworkInterfaces=[{"NetworkInterfaceId": "eni-1"}]) == []


def test_each_subnet_of_a_group_needs_a_way_out() -> None:
    resources = routed(NatGatewayId=ref("Nat")) | {"Isolated": SUBNET}
    launch = resource(
        "AutoScaling::LaunchConfiguration",
        ImageId="ami-1",
        SecurityGroups=["sg-1"],
        AssociatePublicIpAddress=False,
    )
    group = resource(
        "AutoScaling::AutoScalingGroup",
        LaunchConfigurationName=ref("Launch"),
        VPCZoneIdentifier=[ref("Subnet"), ref("Isolated")],
    )
    (finding,) = of(
        "NodeRoute", stack({"I": for_all(), "Group": group, "Launch": launch, **resources})
    )
    assert "S/Isolated" in str(finding)


def test_an_unknown_launch_template_may_ask_for_a_public_address() -> None:
    group = resource(
        "AutoScaling::AutoScalingGroup",
        LaunchTemplate={"LaunchTemplateId": "lt-1"},
        VPCZoneIdentifier=[ref("Subnet")],
    )
    app = {"I": for_all(), "Group": group, **routed(**TO_INTERNET)}
    assert of("NodeRoute", stack(app)) == []


# --- endpoints ---------------------------------------------------------------------------------


def endpoint(service: str, **properties: Any) -> Properties:
    own = {
        "VpcId": ref("Vpc"),
        "VpcEndpointType": "Interface",
        "ServiceName": {"Fn::Sub": "com.amazonaws.${AWS::Region}." + service},
        "PrivateDnsEnabled": True,
        "SecurityGroupIds": [att("Door", "GroupId")],
    }
    merged = {key: value for key, value in (own | properties).items() if value is not None}
    return resource("EC2::VPCEndpoint", **merged)


def door(**rule: Any) -> Properties:
    rule = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443} | rule
    return resource("EC2::SecurityGroup", VpcId=ref("Vpc"), SecurityGroupIngress=[rule])


OWN_GROUP = resource("EC2::SecurityGroup", VpcId=ref("Vpc"))


def isolated(group: Properties, **properties: Any) -> Properties:
    return {
        "Vpc": VPC,
        "Subnet": SUBNET,
        "Own": OWN_GROUP,
        "Other": OWN_GROUP,
        "Door": group,
        "Ssm": endpoint("ssm", **properties),
        "Messages": endpoint("ssmmessages", **properties),
    }


def by_endpoints(resources: Properties, *, strict: bool = False) -> list[Finding]:
    return routes(resources, strict=strict, SecurityGroupIds=[att("Own", "GroupId")])


@pytest.mark.parametrize(
    "rule",
    [
        {"CidrIp": "0.0.0.0/0"},
        {"CidrIp": "10.0.0.0/16"},
        {"CidrIp": att("Vpc", "CidrBlock")},
        {"SourceSecurityGroupId": att("Own", "GroupId")},
        {"CidrIp": "10.0.0.0/16", "FromPort": 0, "ToPort": 65535},
        {"CidrIp": "10.0.0.0/16", "IpProtocol": "-1"},
    ],
    ids=["anyone", "VPC", "VPC by reference", "group", "all ports", "all protocols"],
)
def test_endpoints_that_admit_the_node(rule: Properties) -> None:
    assert by_endpoints(isolated(door(**rule)), strict=True) == []


@pytest.mark.parametrize(
    "rule",
    [
        {"CidrIp": "10.1.0.0/16"},
        {"CidrIpv6": "::/0"},
        {"SourceSecurityGroupId": att("Other", "GroupId")},
        {"CidrIp": "0.0.0.0/0", "FromPort": 80, "ToPort": 80},
        {"CidrIp": "0.0.0.0/0", "IpProtocol": "udp"},
    ],
    ids=["other range", "IPv6", "other group", "other port", "other protocol"],
)
def test_endpoints_that_turn_the_node_away_fail(rule: Properties) -> None:
    (finding,) = by_endpoints(isolated(door(**rule)))
    assert finding.severity is Severity.ERROR


@pytest.mark.parametrize(
    "rule",
    [
        {"CidrIp": ref("Range")},
        {"SourceSecurityGroupId": "sg-1"},
        {"SourcePrefixListId": "pl-1"},
        {"CidrIp": "0.0.0.0/0", "FromPort": ref("Port")},
        {"CidrIp": "0.0.0.0/0", "IpProtocol": ref("Protocol")},
    ],
    ids=["range", "group", "prefix list", "port", "protocol"],
)
def test_rules_of_unknown_reach_are_reported_to_the_strict_only(rule: Properties) -> None:
    assert by_endpoints(isolated(door(**rule))) == []
    assert by_endpoints(isolated(door(**rule)), strict=True)


def test_a_rule_of_its_own_admits_too() -> None:
    rule = resource(
        "EC2::SecurityGroupIngress",
        GroupId=att("Door", "GroupId"),
        IpProtocol="tcp",
        FromPort=443,
        ToPort=443,
        SourceSecurityGroupId=att("Own", "GroupId"),
    )
    shut = resource("EC2::SecurityGroup", VpcId=ref("Vpc"))
    assert by_endpoints(isolated(shut))
    assert by_endpoints(isolated(shut) | {"Rule": rule}) == []


def test_a_missing_endpoint_is_named() -> None:
    resources = isolated(door(CidrIp="0.0.0.0/0"))
    del resources["Messages"]
    (finding,) = by_endpoints(resources)
    assert "no usable endpoint for ssmmessages'" in str(finding)


def test_endpoints_without_private_dns_are_of_no_use() -> None:
    assert by_endpoints(isolated(door(CidrIp="0.0.0.0/0"), PrivateDnsEnabled=None))


def test_endpoints_of_another_vpc_are_of_no_use() -> None:
    resources = isolated(door(CidrIp="0.0.0.0/0"), VpcId=ref("Elsewhere"))
    assert by_endpoints(resources | {"Elsewhere": VPC})


def test_an_endpoint_of_unknown_service_may_be_the_one() -> None:
    assert by_endpoints(isolated(door(CidrIp="0.0.0.0/0"), ServiceName=ref("Service"))) == []


def test_an_endpoint_with_a_group_from_elsewhere_may_admit() -> None:
    resources = isolated(door(), SecurityGroupIds=["sg-1"])
    assert by_endpoints(resources) == []
    assert by_endpoints(resources, strict=True)


def test_rules_and_routes_of_others_change_nothing() -> None:
    rule = resource("EC2::SecurityGroupIngress", GroupId="sg-1", IpProtocol="-1")
    joined = resource("EC2::SubnetRouteTableAssociation", SubnetId="subnet-1", RouteTableId="rtb-1")
    resources = {"Vpc": VPC, "Subnet": SUBNET, "Rule": rule, "Joined": joined}
    assert routes(resources)


def test_the_default_group_admits_its_own_members_alone() -> None:
    resources = isolated(door(), SecurityGroupIds=None)
    assert by_endpoints(resources)
    assert routes(resources) == []
    assert routes(resources, SecurityGroupIds=[att("Vpc", "DefaultSecurityGroup")]) == []


# --- egress ------------------------------------------------------------------------------------


def egress(
    group: Properties, *, strict: bool = False, subnet: Any = None, **resources: Properties
) -> list[Finding]:
    web = instance(SecurityGroupIds=[ref("Group")], SubnetId=subnet)
    app = {"Inventory": for_all(), "Web": web, "Group": group, **resources}
    return of("NodeEgress", stack(app), strict=strict)


def letting_out(*rules: Properties) -> Properties:
    return resource("EC2::SecurityGroup", SecurityGroupEgress=list(rules))


HTTPS = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "0.0.0.0/0"}
NOTHING = {"IpProtocol": "icmp", "FromPort": 252, "ToPort": 86, "CidrIp": "255.255.255.255/32"}
HTTP = HTTPS | {"FromPort": 80, "ToPort": 80}


@pytest.mark.parametrize(
    "group",
    [
        resource("EC2::SecurityGroup"),
        letting_out(HTTP, HTTPS),
        letting_out({"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}),
        letting_out({"IpProtocol": "6", "FromPort": "0", "ToPort": "65535", "CidrIp": "0.0.0.0/0"}),
    ],
    ids=["by default", "HTTPS", "all", "by number"],
)
def test_groups_that_let_https_out(group: Properties) -> None:
    assert egress(group, strict=True) == []


@pytest.mark.parametrize(
    "group",
    [
        letting_out(HTTP),
        letting_out(NOTHING),
        letting_out({"IpProtocol": "-1", "CidrIp": "127.0.0.1/32"}),
    ],
    ids=["HTTP", "nothing", "itself"],
)
def test_groups_that_let_no_https_out_fail(group: Properties) -> None:
    (finding,) = egress(group)
    assert finding.severity is Severity.ERROR
    assert finding.value == f"S/Group: {Obstacle.NO_EGRESS}"


TO_PRIVATE = letting_out(HTTPS | {"CidrIp": "10.0.0.0/8"})


def test_egress_to_private_addresses_does_not_lead_to_the_internet() -> None:
    (finding,) = egress(TO_PRIVATE, subnet=ref("Subnet"), **routed(PUBLIC, **TO_INTERNET))
    assert finding.severity is Severity.ERROR
    assert finding.value == f"S/Group: {Obstacle.PRIVATE_EGRESS}"


def test_egress_to_private_addresses_suffices_for_endpoints() -> None:
    resources = isolated(door(CidrIp="10.0.0.0/16")) | {"Own": TO_PRIVATE}
    web = instance(SubnetId=ref("Subnet"), SecurityGroupIds=[ref("Own")])
    app = stack({"Inventory": for_all(), "Web": web, **resources})
    assert of("NodeEgress", app, strict=True) == of("NodeRoute", app, strict=True) == []


@pytest.mark.parametrize(
    "group",
    [
        TO_PRIVATE,
        letting_out({**HTTPS, "CidrIp": None, "DestinationPrefixListId": "pl-1"}),
        letting_out(HTTPS | {"CidrIp": "52.94.0.0/16"}),
    ],
    ids=["private", "prefix list", "public range"],
)
def test_egress_of_unknown_reach_is_reported_to_the_strict_only(group: Properties) -> None:
    assert egress(group) == []
    (finding,) = egress(group, strict=True)
    assert finding.severity is Severity.WARNING


def test_an_egress_rule_of_its_own_lets_out() -> None:
    rule = resource("EC2::SecurityGroupEgress", GroupId=att("Group", "GroupId"), **HTTPS)
    assert egress(letting_out(NOTHING), Rule=rule) == []
    assert egress(resource("EC2::SecurityGroup"), Rule=rule) == []


def test_an_egress_rule_of_its_own_ends_that_everything_is_let_out() -> None:
    rule = resource("EC2::SecurityGroupEgress", GroupId=att("Group", "GroupId"), **HTTP)
    (finding,) = egress(resource("EC2::SecurityGroup"), Rule=rule)
    assert finding.severity is Severity.ERROR


def test_a_group_from_elsewhere_is_reported_to_the_strict_only() -> None:
    app = stack({"I": for_all(), "Web": instance(SecurityGroupIds=["sg-1"])})
    assert of("NodeEgress", app) == []
    (finding,) = of("NodeEgress", app, strict=True)
    assert finding.severity is Severity.WARNING


def test_groups_of_an_interface_count() -> None:
    groups = [{"GroupSet": [ref("Group")]}]
    web = instance(NetworkInterfaces=groups)
    app = stack({"I": for_all(), "Web": web, "Group": letting_out(HTTP)})
    assert of("NodeEgress", app)
