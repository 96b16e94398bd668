"""An account in this process: the answers of AWS to each call, as the AWS CLI prints them.

What it holds is a fleet of machines, all of them well; a test changes a machine, or the answer to
a call. An answer is what the AWS CLI prints, times included, and goes through the model of the
service, so that a wrong name in one is an error of the test.
"""

import contextlib
import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import boto3
import botocore.client
import pytest
from botocore.exceptions import ClientError
from botocore.utils import parse_timestamp
from botocore.validate import ParamValidator

ACCOUNT = "111122223333"
INVENTORY = "AWS-GatherSoftwareInventory"
LAB_TAG = [{"Key": "tag:Environment", "Values": ["OELabIPM"]}]
NOW = datetime.now(UTC)
TODAY = NOW.strftime("%Y-%m-%dT%H:%M:%SZ")
COMMON = ("AWS:Application", "AWS:Network", "AWS:InstanceDetailedInformation")
OF_WINDOWS = (*COMMON, "AWS:Service")
PROFILE = f"arn:aws:iam::{ACCOUNT}:instance-profile/ManagedInstancesRole"

Answer = dict[str, Any]
Request = dict[str, Any]


@dataclass(kw_only=True)
class Machine:
    """One machine; `packages` are name and version, `missing` the inventory types it lacks."""

    id: str
    name: str = ""
    workload: str = "Test"
    platform: str = "Linux"
    ping: str = "Online"
    state: str = "running"
    packages: list[tuple[str, str]] = field(default_factory=lambda: [("bash", "5.2.15")])
    missing: tuple[str, ...] = ()
    is_managed: bool = True
    is_targeted: bool = True
    tags: dict[str, str] = field(default_factory=dict)
    extra: Answer = field(default_factory=dict)
    """Fields of its own in DescribeInstances."""
    outcome: str = "Success"

    @property
    def is_hybrid(self) -> bool:
        return self.id.startswith("mi-")

    @property
    def types(self) -> list[str]:
        every = OF_WINDOWS if self.platform == "Windows" else COMMON
        return [each for each in every if each not in self.missing]

    def all_tags(self) -> list[Answer]:
        tags = {"Name": self.name, "Workload": self.workload}
        tags |= {"Environment": "OELabIPM"} if self.is_targeted else {}
        return [{"Key": key, "Value": value} for key, value in (tags | self.tags).items() if value]


def refusal(code: str, message: str = "no", status: int = 400) -> ClientError:
    """An error that AWS answers."""
    answer: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(answer, "Any")


@dataclass
class Account:
    """What is in the account; `answers` go before it, by the name of the operation."""

    machines: list[Machine] = field(default_factory=list)
    targets: list[Answer] = field(default_factory=lambda: LAB_TAG)
    parameters: dict[str, list[str]] = field(
        default_factory=lambda: {
            name: ["Enabled"]
            for name in ("applications", "networkConfig", "instanceDetailedInformation", "services")
        }
    )
    association_name: str = "InventoryAllInstances"
    is_associated: bool = True
    groups: dict[str, list[str]] = field(default_factory=dict)
    answers: dict[str, Answer | ClientError | Callable[[Request], Answer]] = field(
        default_factory=dict
    )
    calls: list[str] = field(default_factory=list)

    def answer(self, operation: str, request: Request) -> Answer:
        self.calls.append(operation)
        given = self.answers.get(operation)
        if isinstance(given, ClientError):
            raise given
        if given is not None:
            return given(request) if callable(given) else given
        return dict(getattr(self, f"_{operation}")(request))

    @property
    def managed(self) -> list[Machine]:
        return [x for x in self.machines if x.is_managed and x.state == "running"]

    @property
    def inventoried(self) -> list[Machine]:
        return [x for x in self.machines if x.is_managed]

    def _GetCallerIdentity(self, _: Request) -> Answer:  # noqa: N802 - as AWS names its call
        return {"Account": ACCOUNT, "Arn": f"arn:aws:iam::{ACCOUNT}:user/me", "UserId": "AIDA"}

    def _DescribeInstances(self, _: Request) -> Answer:  # noqa: N802
        instances = [
            {
                "InstanceId": each.id,
                "State": {"Code": 16, "Name": each.state},
                "Tags": each.all_tags(),
                "IamInstanceProfile": {"Arn": PROFILE, "Id": "AIPA"},
                "VpcId": "vpc-1",
                "SubnetId": "subnet-1",
                "PrivateIpAddress": "10.0.0.4",
                "SecurityGroups": [{"GroupId": "sg-1", "GroupName": "g"}],
                **each.extra,
            }
            for each in self.machines
            if not each.is_hybrid
        ]
        return {"Reservations": [{"Instances": instances}] if instances else []}

    def _DescribeInstanceInformation(self, _: Request) -> Answer:  # noqa: N802
        return {
            "InstanceInformationList": [
                {
                    "InstanceId": each.id,
                    "PingStatus": each.ping,
                    "LastPingDateTime": NOW.timestamp(),
                    "AgentVersion": "3.3.987.0",
                    "IsLatestVersion": False,
                    "PlatformType": each.platform,
                    "PlatformName": "Amazon Linux" if each.platform == "Linux" else "Windows",
                    "PlatformVersion": "2023",
                    "ResourceType": "ManagedInstance" if each.is_hybrid else "EC2Instance",
                    "ComputerName": f"{each.name}.example.com",
                }
                for each in self.managed
            ]
        }

    def _ListTagsForResource(self, request: Request) -> Answer:  # noqa: N802
        if request["ResourceType"] == "ManagedInstance" and request["ResourceId"][:3] != "mi-":
            raise refusal("ValidationException", "resourceId should be in format mi-[0-9a-f]{17}")
        found = [each for each in self.machines if each.id == request["ResourceId"]]
        return {"TagList": found[0].all_tags() if found else []}

    def _ListAssociations(self, _: Request) -> Answer:  # noqa: N802
        association = {
            "Name": INVENTORY,
            "AssociationId": "a-1",
            "AssociationVersion": "1",
            "Targets": self.targets,
            "Overview": {"Status": "Success", "DetailedStatus": "Success"},
            "ScheduleExpression": "rate(30 minutes)",
            "AssociationName": self.association_name,
        }
        return {"Associations": [association] if self.is_associated else []}

    def _DescribeAssociation(self, _: Request) -> Answer:  # noqa: N802
        return {
            "AssociationDescription": {
                "Name": INVENTORY,
                "AssociationId": "a-1",
                "Parameters": self.parameters,
                "Targets": self.targets,
            }
        }

    def _DescribeAssociationExecutions(self, _: Request) -> Answer:  # noqa: N802
        run = {
            "AssociationId": "a-1",
            "ExecutionId": "e-1",
            "Status": "Success",
            "DetailedStatus": "Success",
            "CreatedTime": NOW.timestamp(),
            "ResourceCountByStatus": "{Success=1}",
        }
        return {"AssociationExecutions": [run] if self.machines else []}

    def _DescribeAssociationExecutionTargets(self, _: Request) -> Answer:  # noqa: N802
        targets = [
            {
                "AssociationId": "a-1",
                "ExecutionId": "e-1",
                "ResourceId": each.id,
                "ResourceType": "ManagedInstance",
                "Status": each.outcome,
                "DetailedStatus": each.outcome,
                "LastExecutionDate": NOW.timestamp(),
            }
            for each in self.machines
            if each.outcome and self._reaches(each)
        ]
        return {"AssociationExecutionTargets": targets}

    def _reaches(self, machine: Machine) -> bool:
        is_member = any(machine.id in ids for ids in self.groups.values())
        return machine.is_targeted or is_member or self.targets[0]["Values"] == ["*"]

    def _DescribeInstanceAssociationsStatus(self, request: Request) -> Answer:  # noqa: N802
        status = {
            "AssociationId": "a-1",
            "Name": INVENTORY,
            "InstanceId": request["InstanceId"],
            "Status": "Success",
            "ExecutionSummary": "1 out of 1 plugin processed, 1 success",
        }
        return {"InstanceAssociationStatusInfos": [status]}

    def _item(self, machine: Machine, type_name: str) -> Answer:
        content = [{"Name": "eth0"}]
        if type_name == "AWS:Application":
            content = [{"Name": name, "Version": version} for name, version in machine.packages]
        return {
            "TypeName": type_name,
            "SchemaVersion": "1.1",
            "CaptureTime": TODAY,
            "Content": content,
        }

    def _GetInventory(self, request: Request) -> Answer:  # noqa: N802
        (wanted,) = request["ResultAttributes"]
        name = wanted["TypeName"]
        entities = [
            {"Id": each.id, "Data": {name: self._item(each, name)} if name in each.types else {}}
            for each in self.inventoried
        ]
        for each in request.get("Filters", ()):
            (value,) = each["Values"]
            entities = [x for x in entities if f"'Name': '{value}'" in str(x)]
        return {"Entities": entities}

    def _ListInventoryEntries(self, request: Request) -> Answer:  # noqa: N802
        name = request["TypeName"]
        found = [each for each in self.inventoried if each.id == request["InstanceId"]]
        item = self._item(found[0], name) if found and name in found[0].types else {}
        return {
            "TypeName": name,
            "InstanceId": request["InstanceId"],
            "SchemaVersion": "1.0",
            "CaptureTime": item.get("CaptureTime", ""),
            "Entries": item.get("Content", []),
        }

    def _GetInventorySchema(self, _: Request) -> Answer:  # noqa: N802
        names = (*OF_WINDOWS, "AWS:AWSComponent", "AWS:WindowsUpdate", "AWS:File", "Custom:Rack")
        attributes = [{"Name": "Name", "DataType": "STRING"}]
        return {"Schemas": [{"TypeName": name, "Attributes": attributes} for name in names]}

    def _ListResourceComplianceSummaries(self, _: Request) -> Answer:  # noqa: N802
        return {
            "ResourceComplianceSummaryItems": [
                {
                    "ComplianceType": "Association",
                    "ResourceType": "ManagedInstance",
                    "ResourceId": each.id,
                    "Status": "COMPLIANT",
                    "OverallSeverity": "UNSPECIFIED",
                    "NonCompliantSummary": {"NonCompliantCount": 0},
                }
                for each in self.inventoried
            ]
        }

    def _ListComplianceItems(self, request: Request) -> Answer:  # noqa: N802
        (node_id,) = request["ResourceIds"]
        has_data = any(each.id == node_id for each in self.inventoried)
        item = {
            "ComplianceType": "Association",
            "ResourceType": "ManagedInstance",
            "ResourceId": node_id,
            "Id": "a-1",
            "Title": "",
            "Status": "COMPLIANT",
            "Severity": "UNSPECIFIED",
        }
        return {"ComplianceItems": [item] if has_data else []}

    def _ListGroupResources(self, request: Request) -> Answer:  # noqa: N802
        if request["Group"] not in self.groups:
            raise refusal("NotFoundException")
        identifiers = [
            {
                "Identifier": {
                    "ResourceArn": f"arn:aws:ssm:us-east-1:{ACCOUNT}:managed-instance/{each}"
                    if each.startswith("mi-")
                    else f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/{each}",
                    "ResourceType": "AWS::EC2::Instance",
                }
            }
            for each in self.groups[request["Group"]]
        ]
        return {"Resources": identifiers, "ResourceIdentifiers": []}

    def _GetInstanceProfile(self, request: Request) -> Answer:  # noqa: N802
        if not self.machines:
            raise refusal("NoSuchEntity")
        name = request["InstanceProfileName"]
        return {"InstanceProfile": instance_profile(name, "ec2.amazonaws.com")}

    def _SimulatePrincipalPolicy(self, request: Request) -> Answer:  # noqa: N802
        results = [
            {"EvalActionName": each, "EvalDecision": "allowed"} for each in request["ActionNames"]
        ]
        return {"EvaluationResults": results}

    def _DescribeSecurityGroups(self, _: Request) -> Answer:  # noqa: N802
        everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
        return {"SecurityGroups": [{"GroupId": "sg-1", "IpPermissionsEgress": everything}]}

    def _DescribeRouteTables(self, _: Request) -> Answer:  # noqa: N802
        route = {"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1", "State": "active"}
        main = {"VpcId": "vpc-1", "Routes": [route], "Associations": [{"Main": True}]}
        return {"RouteTables": [main]}

    def _DescribeVpcEndpoints(self, _: Request) -> Answer:  # noqa: N802
        return {"VpcEndpoints": []}

    # What only `preflight` asks for: the stacks of the lab, as long as there is a machine.

    def _GetRole(self, request: Request) -> Answer:  # noqa: N802
        if not self.machines:
            raise refusal("NoSuchEntity")
        (role,) = instance_profile(request["RoleName"], "ec2.amazonaws.com")["Roles"]
        return {"Role": role}

    def _DescribeStacks(self, request: Request) -> Answer:  # noqa: N802
        if not self.machines and "StackName" in request:
            raise refusal("ValidationError")
        # Those of the settings are there, whatever they are called, and no other.
        names = [request["StackName"]] if "StackName" in request else []
        return {
            "Stacks": [
                {"StackName": name, "StackStatus": "CREATE_COMPLETE", "CreationTime": TODAY}
                for name in names
            ]
        }

    def _ListStackResources(self, request: Request) -> Answer:  # noqa: N802
        resources = {
            "OELabFoundation": [
                ("ManagedInstancesRole1A2B3C4D", "AWS::IAM::Role", "ManagedInstancesRole"),
                (
                    "ManagedInstancesRoleProfile1A2B3C4D",
                    "AWS::IAM::InstanceProfile",
                    "ManagedInstancesRole",
                ),
            ],
            "OELabInventory": [("AssociationsAll1A2B3C4D", "AWS::SSM::Association", "a-1")],
        }.get(request["StackName"], [("NetworkVpc1A2B3C4D", "AWS::EC2::VPC", "vpc-1")])
        return {
            "StackResourceSummaries": [
                {
                    "LogicalResourceId": logical_id,
                    "ResourceType": kind,
                    "PhysicalResourceId": physical_id,
                    "ResourceStatus": "CREATE_COMPLETE",
                    "LastUpdatedTimestamp": TODAY,
                }
                for logical_id, kind, physical_id in resources
            ]
        }

    def _DescribeVpcs(self, _: Request) -> Answer:  # noqa: N802
        return {"Vpcs": [{"VpcId": "vpc-1"}] if self.machines else []}

    def _GetServiceQuota(self, _: Request) -> Answer:  # noqa: N802
        return {"Quota": {"Value": 5.0}}

    def _GetServiceSetting(self, _: Request) -> Answer:  # noqa: N802
        return {"ServiceSetting": {"SettingValue": "$None"}}

    def _GetParameter(self, _: Request) -> Answer:  # noqa: N802
        return {"Parameter": {"Value": "ami-0123456789abcdef0"}}

    def _DescribeImages(self, _: Request) -> Answer:  # noqa: N802
        image = {
            "ImageId": "ami-0123456789abcdef0",
            "Name": "al2023",
            "CreationDate": TODAY,
            "Architecture": "x86_64",
            "RootDeviceName": "/dev/xvda",
        }
        return {"Images": [image] if self.machines else []}


def instance_profile(name: str, *services: str) -> Answer:
    """An instance profile with a role of the same name that these services may assume."""
    statement = {"Effect": "Allow", "Principal": {"Service": [*services]}}
    role = {
        "RoleName": name,
        "RoleId": "AROA12345678901234",
        "Path": "/",
        "Arn": f"arn:aws:iam::{ACCOUNT}:role/{name}",
        "CreateDate": TODAY,
        "AssumeRolePolicyDocument": {"Statement": [statement]},
    }
    return {
        "InstanceProfileName": name,
        "InstanceProfileId": "AIPA12345678901234",
        "Path": "/",
        "Arn": f"arn:aws:iam::{ACCOUNT}:instance-profile/{name}",
        "CreateDate": TODAY,
        "Roles": [role],
    }


def machines(count: int = 2, workload: str = "Test", **each: Any) -> list[Machine]:
    """So many instances of a workload, named as its stack names them."""
    return [
        Machine(
            id=f"i-{workload.lower()}00000000{number}",
            name=f"{workload}-Web{number}",
            workload=workload,
            **each,
        )
        for number in range(1, count + 1)
    ]


def _as_parsed(shape: Any, value: Any) -> Any:
    """An answer as botocore gives it: times are times."""
    if shape is None:
        return value
    if shape.type_name == "timestamp":
        return value if isinstance(value, datetime) else parse_timestamp(value)
    if shape.type_name == "structure" and isinstance(value, dict):
        unknown = value.keys() - shape.members.keys()
        assert not unknown, f"{shape.name} has no {unknown}"
        return {name: _as_parsed(shape.members[name], each) for name, each in value.items()}
    if shape.type_name == "list":
        return [_as_parsed(shape.member, each) for each in value]
    if shape.type_name == "map":
        return {name: _as_parsed(shape.value, each) for name, each in value.items()}
    return value


@contextlib.contextmanager
def used(account: Account, monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """Let commands talk to this account."""
    with monkeypatch.context() as patch:

        def call(client: Any, operation: str, request: Request) -> Answer:
            model = client.meta.service_model.operation_model(operation)
            report = ParamValidator().validate(request, model.input_shape)
            assert not report.has_errors(), report.generate_report()
            answer = _as_parsed(model.output_shape, account.answer(operation, request))
            return {**answer, "ResponseMetadata": {"HTTPStatusCode": 200}}

        patch.setattr(botocore.client.BaseClient, "_make_api_call", call)
        patch.setattr(boto3.Session, "client", _client)
        patch.setattr(boto3, "Session", _session)
        patch.setenv("AWS_ACCESS_KEY_ID", "key")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        patch.setenv("AWS_REGION", "us-east-1")
        yield account


@functools.cache
def _client_of(service: str, region: str) -> Any:
    """Made once: to make one takes longer than all that a test does with it."""
    return _CLIENT(_NEW_SESSION("key", "secret"), service, region_name=region)


def _client(_: boto3.Session, service: str, *, region_name: str, **__: Any) -> Any:
    return _client_of(service, region_name)


_SESSION = functools.cache(boto3.Session)


def _session(profile_name: str | None) -> Any:
    """The default one is made once; those of profiles follow the configuration of a test."""
    return _NEW_SESSION(profile_name=profile_name) if profile_name else _SESSION()


_NEW_SESSION = boto3.Session
_CLIENT: Any = boto3.Session.client
