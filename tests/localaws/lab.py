"""An account on the local AWS for one test, and small templates to fill it."""

import base64
import itertools
import json
from typing import Any

from localaws import LocalAws
from tests.waiting import eventually

Template = dict[str, Any]
IMAGE = "ami-0c2023a1b2c3d4e5f"
MINIMAL = "ami-0d2023a1b2c3d4e5f"  # without the SSM Agent
UBUNTU = "ami-0b24040000c3d4e5f"
WINDOWS = "ami-0fedcba9876543210"
CORE_POLICY = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
ALL_TYPES = (
    "applications",
    "awsComponents",
    "networkConfig",
    "instanceDetailedInformation",
    "services",
    "windowsRoles",
    "windowsUpdates",
)
# A 12-digit access key is an account, so no test sees what another one has made.
_accounts = itertools.count(100000000001)


class Lab:
    """One account; `settle` lets the server's clock run until everything due has happened."""

    def __init__(self, aws: LocalAws, region: str = "us-east-1", account: str = "") -> None:
        self.aws = aws
        self.account = account or str(next(_accounts))
        self.region = region
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = self.aws.client(
                service, region=self.region, account=self.account
            )
        return self._clients[service]

    @property
    def ssm(self) -> Any:
        return self.client("ssm")

    @property
    def ec2(self) -> Any:
        return self.client("ec2")

    def settle(self) -> None:
        # Registration, then the runs that it causes.
        self.aws.advance(0.1)
        self.aws.advance(0.1)

    def deploy(self, template: Template, name: str = "Lab", **extra: Any) -> str:
        """Create or update the stack; its final status."""
        cloudformation = self.client("cloudformation")
        action = cloudformation.create_stack
        if name in {stack["StackName"] for stack in cloudformation.describe_stacks()["Stacks"]}:
            action = cloudformation.update_stack
        action(
            StackName=name,
            TemplateBody=json.dumps(template, separators=(",", ":")),
            Capabilities=["CAPABILITY_NAMED_IAM"],
            **extra,
        )
        return eventually(lambda: self._final_status(name))

    def delete(self, name: str = "Lab") -> None:
        self.client("cloudformation").delete_stack(StackName=name)
        eventually(lambda: name not in self._stack_names())

    def outputs(self, name: str = "Lab") -> dict[str, str]:
        stack = self.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
        return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}

    def physical_id(self, logical_id: str, name: str = "Lab") -> str:
        answer = self.client("cloudformation").describe_stack_resource(
            StackName=name, LogicalResourceId=logical_id
        )
        return str(answer["StackResourceDetail"]["PhysicalResourceId"])

    def failures(self, name: str = "Lab") -> dict[str, str]:
        events = self.client("cloudformation").describe_stack_events(StackName=name)["StackEvents"]
        return {
            event["LogicalResourceId"]: event.get("ResourceStatusReason", "")
            for event in events
            if event["ResourceStatus"] in ("CREATE_FAILED", "UPDATE_FAILED")
        }

    def instance(self, logical_id: str) -> dict[str, Any]:
        answer = self.ec2.describe_instances(InstanceIds=[self.physical_id(logical_id)])
        found: dict[str, Any] = answer["Reservations"][0]["Instances"][0]
        return found

    def managed(self) -> dict[str, str]:
        """Instance ids of the managed nodes, with their PingStatus."""
        answer = self.ssm.describe_instance_information(MaxResults=50)
        return {n["InstanceId"]: n["PingStatus"] for n in answer["InstanceInformationList"]}

    def associate(self, **changes: Any) -> str:
        """An inventory association for nodes tagged Environment=OELabIPM; its id."""
        request = {
            "Name": "AWS-GatherSoftwareInventory",
            "Targets": [{"Key": "tag:Environment", "Values": ["OELabIPM"]}],
            "Parameters": {name: ["Enabled"] for name in ALL_TYPES},
            **changes,
        }
        answer = self.ssm.create_association(
            **{name: value for name, value in request.items() if value is not None}
        )
        return str(answer["AssociationDescription"]["AssociationId"])

    def association(self, association_id: str) -> dict[str, Any]:
        answer = self.ssm.describe_association(AssociationId=association_id)
        found: dict[str, Any] = answer["AssociationDescription"]
        return found

    def status_on(self, instance_id: str) -> dict[str, dict[str, Any]]:
        """By association id, the status of each on the node."""
        answer = self.ssm.describe_instance_associations_status(InstanceId=instance_id)
        return {s["AssociationId"]: s for s in answer["InstanceAssociationStatusInfos"]}

    def entries(self, instance_id: str, type_name: str) -> list[dict[str, str]]:
        request = {"InstanceId": instance_id, "TypeName": type_name}
        found: list[dict[str, str]] = []
        while True:
            answer = self.ssm.list_inventory_entries(**request)
            found += answer["Entries"]
            if "NextToken" not in answer:
                return found
            request["NextToken"] = answer["NextToken"]

    def _final_status(self, name: str) -> str:
        stack = self.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
        status = str(stack["StackStatus"])
        return "" if status.endswith("IN_PROGRESS") else status

    def _stack_names(self) -> set[str]:
        stacks = self.client("cloudformation").describe_stacks()["Stacks"]
        return {stack["StackName"] for stack in stacks}


def resource(kind: str, depends_on: str = "", /, **properties: Any) -> Template:
    found: Template = {"Type": kind, "Properties": properties}
    return {**found, "DependsOn": depends_on} if depends_on else found


def ref(logical_id: str) -> Template:
    return {"Ref": logical_id}


def tags(**values: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in values.items()]


def network() -> Template:
    """A VPC with one public subnet, and a security group that lets HTTPS out."""
    return {
        "Vpc": resource("AWS::EC2::VPC", CidrBlock="10.0.0.0/16", EnableDnsHostnames=True),
        "Gateway": resource("AWS::EC2::InternetGateway"),
        "Attachment": resource(
            "AWS::EC2::VPCGatewayAttachment", VpcId=ref("Vpc"), InternetGatewayId=ref("Gateway")
        ),
        "Subnet": resource(
            "AWS::EC2::Subnet",
            VpcId=ref("Vpc"),
            CidrBlock="10.0.0.0/24",
            MapPublicIpOnLaunch=True,
        ),
        "Routes": resource("AWS::EC2::RouteTable", VpcId=ref("Vpc")),
        "WayOut": resource(
            "AWS::EC2::Route",
            "Attachment",
            RouteTableId=ref("Routes"),
            DestinationCidrBlock="0.0.0.0/0",
            GatewayId=ref("Gateway"),
        ),
        "Association": resource(
            "AWS::EC2::SubnetRouteTableAssociation",
            RouteTableId=ref("Routes"),
            SubnetId=ref("Subnet"),
        ),
        "Group": resource(
            "AWS::EC2::SecurityGroup",
            GroupDescription="Lets HTTPS out",
            VpcId=ref("Vpc"),
            SecurityGroupEgress=[https_to("0.0.0.0/0")],
        ),
    }


def https_to(block: str) -> Template:
    return {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": block}


def trust(service: str = "ec2.amazonaws.com") -> Template:
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
        ],
    }


def permission(*actions: str, effect: str = "Allow", on: str = "*") -> Template:
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": effect, "Action": list(actions), "Resource": on}],
    }


def profile(name: str = "NodeRole", **role: Any) -> Template:
    """A role that may register nodes, and an instance profile of the same name."""
    properties = {
        "AssumeRolePolicyDocument": trust(),
        "ManagedPolicyArns": [CORE_POLICY],
        **role,
    }
    return {
        name: resource("AWS::IAM::Role", RoleName=name, **properties),
        f"{name}Profile": resource(
            "AWS::IAM::InstanceProfile", InstanceProfileName=name, Roles=[ref(name)]
        ),
    }


def node(**changes: Any) -> Template:
    """An instance in the network above with the profile above; None removes a property."""
    properties = {
        "ImageId": IMAGE,
        "InstanceType": "t3.micro",
        "SubnetId": ref("Subnet"),
        "SecurityGroupIds": [ref("Group")],
        "IamInstanceProfile": ref("NodeRoleProfile"),
        "Tags": tags(Environment="OELabIPM"),
        **changes,
    }
    kept = {name: value for name, value in properties.items() if value is not None}
    return resource("AWS::EC2::Instance", "WayOut", **kept)


def template(**resources: Template) -> Template:
    return {"Resources": {**network(), **profile(), **resources}}


def script(text: str) -> str:
    return base64.b64encode(f"#!/bin/bash\n{text}\n".encode()).decode()
