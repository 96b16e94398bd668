"""The lab as values: `Settings()` without arguments is the lab as its guide builds it.

Names are those of AWS, units stand in the names. What the values must satisfy is in
`oelab.settings.checks`; building one of these checks nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from oelab import tags as lab_tags
from oelab.settings.inventory import InventorySettings

AMAZON_LINUX_2023 = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
ROLE_NAME = "ManagedInstancesRole"
VPC_CIDR = "10.0.0.0/16"
SUBNET_CIDR = "10.0.0.0/24"

FOUNDATION_STACK = "OELabFoundation"
INVENTORY_STACK = "OELabInventory"
FIXED_STACKS = (FOUNDATION_STACK, INVENTORY_STACK)
"""The stacks that the app always has, besides one for each workload."""


@dataclass(frozen=True, kw_only=True)
class RoleSettings:
    """The role, and the instance profile of the same name, that lets instances be managed.

    Where `create` is false both exist already and are used by name. With `region_suffix` the name
    ends in the Region, as a role belongs to the whole account and each Region may want its own.
    """

    name: str = ROLE_NAME
    region_suffix: bool = False
    create: bool = True
    description: str = "Lets EC2 instances be managed by AWS Systems Manager"
    restricted_permissions: bool = False
    tags: Mapping[str, str] = field(default_factory=lab_tags.OF_ROLE.copy)

    def name_in(self, region: str) -> str:
        """The name of the role and its profile in a Region."""
        return f"{self.name}-{region}" if self.region_suffix else self.name


@dataclass(frozen=True)
class InstanceKind:
    """The instances of a workload that are alike: `role` is their tag InstanceRole."""

    name: str
    role: str
    count: int
    instance_type: str

    @property
    def names(self) -> tuple[str, ...]:
        """The construct id of each, which is the end of its Name tag too."""
        return tuple(f"{self.name}{number}" for number in range(1, self.count + 1))

    @property
    def count_setting(self) -> str:
        """The field of `WorkloadSettings` that says how many there are."""
        return f"{self.name.lower()}_instances"

    @property
    def type_setting(self) -> str:
        """The field that says of which type they are."""
        return f"instance_type_{self.name.lower()}"


@dataclass(frozen=True, kw_only=True)
class WorkloadSettings:
    """One stack of web and app instances, in a network of its own or in an existing one.

    An empty string means: not used. `instance_profile` names the profile that the instances get;
    in a settings file it follows the name of the role unless it is given. A `private` network has
    no internet gateway, but endpoints for Systems Manager and S3. An existing network is
    `subnet_id` and `security_group_ids`, and leaves the CIDRs and the Availability Zone alone.
    `protection` is the termination protection of the stack; a protected workload whose image is
    the latest of a parameter is warned of at synth, unless `accept_latest_image`.
    """

    name: str
    stack_name: str
    instance_profile: str = ROLE_NAME
    instance_type_web: str = "t3.micro"
    instance_type_app: str = "t3.micro"
    web_instances: int = 2
    app_instances: int = 2
    web_ingress_cidr: str = ""
    ssh_ingress_cidr: str = ""
    key_name: str = ""
    private: bool = False
    availability_zone: str = ""
    vpc_cidr: str = VPC_CIDR
    subnet_cidr: str = SUBNET_CIDR
    subnet_id: str = ""
    security_group_ids: tuple[str, ...] = ()
    protection: bool = False
    accept_latest_image: bool = False

    @property
    def web(self) -> InstanceKind:
        """The web servers."""
        return InstanceKind("Web", "WebServer", self.web_instances, self.instance_type_web)

    @property
    def app(self) -> InstanceKind:
        """The app servers."""
        return InstanceKind("App", "AppServer", self.app_instances, self.instance_type_app)

    @property
    def kinds(self) -> tuple[InstanceKind, ...]:
        """All its instances, in the order in which they are defined."""
        return self.web, self.app

    @property
    def instances(self) -> int:
        """How many these are together."""
        return sum(kind.count for kind in self.kinds)


LAB_WORKLOADS = (
    WorkloadSettings(name="Test", stack_name="OELabStack1"),
    WorkloadSettings(
        name="Prod", stack_name="OELabStack2", protection=True, accept_latest_image=True
    ),
)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All that can be set.

    `account` and `region` are given together or not at all; without them the templates suit any
    account and Region. `image` is an AMI id or the path of a parameter that holds one, and
    `image_pins` holds ids by Region that are used in its place. `image_family` is the operating
    system where the image does not tell. `tags` are those that all instances share.
    `allow_replacement` names what the comparison of two versions may find replaced or deleted
    though it is protected.
    """

    owner: str = "oelab"
    account: str = ""
    region: str = ""
    image: str = AMAZON_LINUX_2023
    image_family: str = ""
    image_pins: Mapping[str, str] = field(default_factory=dict)
    allow_replacement: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=lab_tags.SHARED_BY_INSTANCES.copy)
    role: RoleSettings = field(default_factory=RoleSettings)
    workloads: tuple[WorkloadSettings, ...] = LAB_WORKLOADS
    inventory: InventorySettings = field(default_factory=InventorySettings)

    def named_profiles(self) -> frozenset[str]:
        """The instance profiles that workloads name themselves, besides that of the role."""
        named = {workload.instance_profile for workload in self.workloads}
        return frozenset(named - {"", self.role.name})
