"""Reads what a deployment of the settings would meet in an account and Region."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from oelab import tags as lab_tags
from oelab.review.expected_fleet import ExpectedFleet
from oelab.review.models import Association, Unread
from oelab.review.read.associations import read_associations
from oelab.review.read.connection import Connection, require, results
from oelab.review.read.errors import ReadError
from oelab.review.read.iam import has_profile, has_role
from oelab.review.read.nodes import read_host_role, read_instances, read_tags, start_groups
from oelab.review.read.syncs import read_data_syncs
from oelab.review.snapshots import AccountSnapshot, DeployedStack
from oelab.settings import Settings
from oelab.systems_manager.documents import INVENTORY_DOCUMENT

_VPCS = {"ServiceCode": "vpc", "QuotaCode": "L-F678F1CE"}
# A stack whose creation failed still lists all of its resources.
_NOT_IN_THE_STACK = ("DELETE_COMPLETE", "DELETE_SKIPPED")
_STACK_PREFIX = "OELab"
_STACK_TAG = "aws:cloudformation:stack-name"


@dataclass(frozen=True, kw_only=True, slots=True)
class _StackResource:
    """A resource of a stack (ListStackResources); one that could not be created has no id."""

    logical_resource_id: str
    resource_type: str
    resource_status: str
    physical_resource_id: str = ""


def read_account(aws: Connection, settings: Settings) -> AccountSnapshot:
    """A snapshot of one environment before a deployment."""
    if aws.region not in aws.supported_regions:
        # Whatever else were asked there would fail for this one reason.
        return AccountSnapshot(environment=aws.environment, supported=False)
    names = settings.stack_names(settings.environment_in(aws.environment.account, aws.region))
    role_name = settings.role.name_in(aws.region)
    associations = aws.start(read_associations)
    parts = results(
        account=aws.account,
        stacks=aws.start(_read_stacks, names),
        other_stacks=aws.start(_read_other_stacks, names, settings.owner),
        data_syncs=aws.start(_read_data_syncs, settings),
        instances=aws.start(read_instances),
        associations=associations,
        groups=start_groups(aws, ExpectedFleet(settings).associations),
        role_exists=aws.start(has_role, role_name),
        profile_exists=aws.start(has_profile, role_name),
        profiles=aws.start(_existing_profiles, settings),
        vpcs=aws.start(_count_vpcs),
        vpc_quota=aws.start(_read_vpc_quota),
        host_role=aws.start(read_host_role),
        image=aws.start(_read_image, settings),
        owners=aws.start(_read_owners, associations.result()),
    )
    return AccountSnapshot(environment=aws.environment, supported=True, **parts)


def read_parameter(aws: Connection, path: str) -> str:
    """The value of a parameter now."""
    return str(aws.call("ssm:GetParameter", "Parameter.Value", Name=path))


def read_stack(aws: Connection, name: str) -> DeployedStack | None:
    """The stack of this name, or None."""
    stacks = aws.items("cloudformation:DescribeStacks", "Stacks", DeployedStack, StackName=name)
    return next((_with_resources(aws, each) for each in stacks), None)


def _with_resources(aws: Connection, stack: DeployedStack) -> DeployedStack:
    action, key = "cloudformation:ListStackResources", "StackResourceSummaries"
    resources = {
        each.logical_resource_id: (each.resource_type, each.physical_resource_id)
        for each in aws.items(action, key, _StackResource, StackName=stack.name)
        if each.resource_status not in _NOT_IN_THE_STACK
    }
    return replace(stack, resources=resources)


def _read_stacks(aws: Connection, names: Sequence[str]) -> Mapping[str, DeployedStack]:
    found = ((name, read_stack(aws, name)) for name in names)
    return {name: stack for name, stack in found if stack}


def _read_other_stacks(
    aws: Connection, names: Sequence[str], owner: str
) -> Mapping[str, DeployedStack]:
    """The stacks other than these that have the owner's tag, or a name as those of this app."""
    return {
        stack.name: _with_resources(aws, stack)
        for stack in aws.items("cloudformation:DescribeStacks", "Stacks", DeployedStack)
        if stack.name not in names
        and (stack.name.startswith(_STACK_PREFIX) or stack.tags.get(lab_tags.OWNER) == owner)
    }


def _read_data_syncs(aws: Connection, settings: Settings) -> tuple[str, ...]:
    if not settings.fleet_data.enabled:
        return ()
    return tuple(sync.sync_name for sync in read_data_syncs(aws))


def _count_vpcs(aws: Connection) -> int:
    return sum(1 for _ in aws.answers("ec2:DescribeVpcs", "Vpcs"))


def _existing_profiles(aws: Connection, settings: Settings) -> frozenset[str]:
    return frozenset(name for name in settings.named_profiles() if has_profile(aws, name))


def _read_vpc_quota(aws: Connection) -> int | None:
    try:
        return int(aws.call("servicequotas:GetServiceQuota", "Quota.Value", **_VPCS))
    except ReadError:
        return None


def _read_owners(
    aws: Connection, associations: tuple[Association, ...] | Unread
) -> Mapping[str, str]:
    """The stack that the tags of each inventory association name, or ""."""
    ids = [x.association_id for x in require(associations) if x.document == INVENTORY_DOCUMENT]
    return {each: read_tags(aws, "Association", each).get(_STACK_TAG, "") for each in ids}


def _read_image(aws: Connection, settings: Settings) -> str:
    if settings.image_pins:
        return settings.image_pins.get(aws.region, "")
    image = settings.image
    return read_parameter(aws, image) if image.startswith("/") else image
