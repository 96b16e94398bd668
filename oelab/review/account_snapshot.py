"""What stands in one account and Region before a deployment, as it was read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property

from oelab.review.models import Association, Instance, Place, Unread
from oelab.review.stack_ownership import are_ours

INSTANCE_PROFILE = "AWS::IAM::InstanceProfile"
DEFAULT_VPC_QUOTA = 5
"""VPCs a Region, unless raised. Source: Amazon VPC user guide, quotas."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DeployedStack:
    """A CloudFormation stack: what it holds, and what its SSM parameters resolved to.

    `resources` maps a logical id to type and physical id; `resolved` a parameter's path to the
    value taken. `protected` is its termination protection.
    """

    name: str
    status: str
    resources: Mapping[str, tuple[str, str]]
    resolved: Mapping[str, str]
    protected: bool = False

    def holds(self, resource_type: str, physical_id: str) -> bool:
        """Whether the resource is one of the stack."""
        return (resource_type, physical_id) in self.resources.values()

    @property
    def is_ours(self) -> bool:
        """Whether this app or its bundle has made it, and not somebody else by the same name."""
        return are_ours(self.resources.keys())


@dataclass(frozen=True, kw_only=True)
class Survey:
    """One place; `owners` maps an association's id to the stack that its tags name, or "".

    `named_profiles` are those that exist of the profiles that workloads name themselves.
    `image` is the AMI that an instance launched now would get.
    """

    place: Place
    supported: bool
    account: str | Unread
    stacks: Mapping[str, DeployedStack] | Unread
    associations: tuple[Association, ...] | Unread
    instances: tuple[Instance, ...] | Unread
    owners: Mapping[str, str] | Unread = field(default_factory=dict)
    role_exists: bool | Unread = False
    profile_exists: bool | Unread = False
    named_profiles: frozenset[str] | Unread = frozenset()
    vpcs: int | Unread = 0
    vpc_quota: int | Unread = DEFAULT_VPC_QUOTA
    host_role: str | Unread = ""
    image: str | Unread = ""

    def unread(self) -> Iterator[Unread]:
        """Each part that could not be read; the quota has a documented default and is none."""
        for each in fields(self):
            part = getattr(self, each.name)
            if isinstance(part, Unread) and each.name != "vpc_quota":
                yield part

    @property
    def all_stacks(self) -> Mapping[str, DeployedStack]:
        """The stacks with a name of the settings; none where they could not be read."""
        return {} if isinstance(self.stacks, Unread) else self.stacks

    @cached_property
    def known_stacks(self) -> Mapping[str, DeployedStack]:
        """Those of them that are ours."""
        return {name: stack for name, stack in self.all_stacks.items() if stack.is_ours}

    def is_ours(self, resource_type: str, physical_id: str) -> bool:
        """Whether one of the settings' stacks has deployed it here."""
        return any(each.holds(resource_type, physical_id) for each in self.known_stacks.values())
