"""Properties and resources that do not go together."""

from typing import Any

from tests.synthesis import Template
from tests.template.corpus.build import NAME, bucket, one

CODE: dict[str, Any] = {"Code": {"ZipFile": "pass"}, "Role": "arn:aws:iam::123456789012:role/It"}


def subnets(vpc_cidr: str, *cidrs: str) -> Template:
    resources: dict[str, Any] = {
        f"Subnet{number}": {
            "Type": "AWS::EC2::Subnet",
            "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": cidr},
        }
        for number, cidr in enumerate(cidrs)
    }
    vpc = {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": vpc_cidr}}
    return {"Resources": {"Vpc": vpc, **resources}}


def fleet(**properties: Any) -> Template:
    given = {"Name": "It", "EC2InstanceType": "c5.large", "BuildId": "build-1"}
    return one("AWS::GameLift::Fleet", **given | properties)


CASES = {
    "subnet outside of its VPC": subnets("10.0.0.0/16", "10.1.0.0/24"),
    "subnets that overlap": subnets("10.0.0.0/16", "10.0.0.0/24", "10.0.0.128/25"),
    "two buckets of one name": {
        "Resources": {
            name: {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "one-name"}}
            for name in ("A", "B")
        }
    },
    "ports in the wrong order": one(
        "AWS::EC2::SecurityGroup",
        GroupDescription="It",
        SecurityGroupIngress=[
            {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 80, "CidrIp": "10.0.0.0/8"}
        ],
    ),
    "canned access without ownership": bucket(AccessControl="PublicRead"),
    "name of a FIFO queue": one("AWS::SQS::Queue", QueueName="orders", FifoQueue=True),
    "reserved variable": one(
        "AWS::Lambda::Function",
        **CODE,
        Handler="index.handler",
        Runtime="python3.13",
        Environment={"Variables": {"AWS_REGION": "us-east-1"}},
    ),
    "inline code of another language": one(
        "AWS::Lambda::Function", **CODE, Handler="It", Runtime="java21"
    ),
    "table's key without a definition": one(
        "AWS::DynamoDB::Table",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "a", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "b", "KeyType": "HASH"}],
    ),
    "provisioned table without throughput": one(
        "AWS::DynamoDB::Table",
        BillingMode="PROVISIONED",
        AttributeDefinitions=[{"AttributeName": "a", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "a", "KeyType": "HASH"}],
    ),
    "group that shrinks to more": one(
        "AWS::AutoScaling::AutoScalingGroup",
        MinSize="3",
        MaxSize="1",
        AvailabilityZones=["us-east-1a"],
        LaunchTemplate={"LaunchTemplateName": "It", "Version": "1"},
    ),
    "balancer with one subnet": one(
        "AWS::ElasticLoadBalancingV2::LoadBalancer", Subnets=["subnet-0123456789abcdef0"]
    ),
    "game ports in the wrong order": fleet(
        EC2InboundPermissions=[
            {"FromPort": 2000, "ToPort": 1000, "IpRange": "10.0.0.0/8", "Protocol": "TCP"}
        ]
    ),
    "game capacity in the wrong order": fleet(
        Locations=[
            {
                "Location": "us-east-1",
                "LocationCapacity": {"DesiredEC2Instances": 1, "MinSize": 3, "MaxSize": 2},
            }
        ]
    ),
    "alias that routes and refuses": one(
        "AWS::GameLift::Alias",
        Name="It",
        RoutingStrategy={"Type": "SIMPLE", "FleetId": "fleet-1", "Message": "closed"},
    ),
    "depends on a resource of another branch": {
        "Conditions": {"Sure": {"Fn::Equals": ["a", {"Ref": "AWS::Region"}]}},
        "Resources": {
            "A": {"Type": "AWS::SNS::Topic", "Condition": "Sure"},
            NAME: {"Type": "AWS::SNS::Subscription", "Properties": {"TopicArn": {"Ref": "A"}}},
        },
    },
}
