"""What stands in an account before a deployment: stacks, names, quotas, parameters."""

from oelab.review.account_snapshot import DeployedStack
from oelab.review.read.access import Clients
from oelab.review.read.errors import ReadError, code_of, reading

_VPCS = {"ServiceCode": "vpc", "QuotaCode": "L-F678F1CE"}
# Of a stack whose creation failed all resources are told still.
_NOT_IN_THE_STACK = ("DELETE_COMPLETE", "DELETE_SKIPPED")
_STACK_TAG = "aws:cloudformation:stack-name"


def read_stack(clients: Clients, name: str) -> DeployedStack | None:
    """The stack of this name, or None.

    Raises `ReadError`. AWS: cloudformation:DescribeStacks, cloudformation:ListStackResources.
    """
    try:
        with reading(clients.place, "cloudformation:DescribeStacks"):
            (stack,) = clients.cloudformation.describe_stacks(StackName=name)["Stacks"]
    except ReadError as error:
        # What CloudFormation answers for a stack that is not there.
        if code_of(error) == "ValidationError":
            return None
        raise
    with reading(clients.place, "cloudformation:ListStackResources"):
        pages = clients.cloudformation.get_paginator("list_stack_resources").paginate(
            StackName=name
        )
        resources = {
            each["LogicalResourceId"]: (each["ResourceType"], each.get("PhysicalResourceId", ""))
            for page in pages
            for each in page["StackResourceSummaries"]
            if each["ResourceStatus"] not in _NOT_IN_THE_STACK
        }
    return DeployedStack(
        name=name,
        status=stack["StackStatus"],
        resources=resources,
        resolved={
            parameter.get("ParameterValue", ""): parameter["ResolvedValue"]
            for parameter in stack.get("Parameters", [])
            if "ResolvedValue" in parameter
        },
        protected=stack.get("EnableTerminationProtection", False),
    )


def has_role(clients: Clients, name: str) -> bool:
    """Whether the role exists. Raises `ReadError`. AWS: iam:GetRole."""
    try:
        with reading(clients.place, "iam:GetRole"):
            clients.iam.get_role(RoleName=name)
    except ReadError as error:
        if code_of(error) == "NoSuchEntity":
            return False
        raise
    return True


def has_profile(clients: Clients, name: str) -> bool:
    """Whether the instance profile exists. Raises `ReadError`. AWS: iam:GetInstanceProfile."""
    try:
        with reading(clients.place, "iam:GetInstanceProfile"):
            clients.iam.get_instance_profile(InstanceProfileName=name)
    except ReadError as error:
        if code_of(error) == "NoSuchEntity":
            return False
        raise
    return True


def read_association_owner(clients: Clients, association_id: str) -> str:
    """The stack that an association's tags name, or "".

    Raises `ReadError`. AWS: ssm:ListTagsForResource.
    """
    with reading(clients.place, "ssm:ListTagsForResource"):
        tags = clients.ssm.list_tags_for_resource(
            ResourceType="Association", ResourceId=association_id
        )["TagList"]
    return next((tag["Value"] for tag in tags if tag["Key"] == _STACK_TAG), "")


def read_vpc_quota(clients: Clients) -> int:
    """VPCs allowed in the Region. Raises `ReadError`. AWS: servicequotas:GetServiceQuota."""
    with reading(clients.place, "servicequotas:GetServiceQuota"):
        quota = clients.quotas.get_service_quota(**_VPCS)["Quota"]
    return int(quota["Value"])


def read_parameter(clients: Clients, path: str) -> str:
    """The value of a parameter now. Raises `ReadError`. AWS: ssm:GetParameter."""
    with reading(clients.place, "ssm:GetParameter"):
        return clients.ssm.get_parameter(Name=path)["Parameter"].get("Value", "")
