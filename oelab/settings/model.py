"""The settings of stacks, workloads and environments; `Settings()` is the lab of the guide.

Names are those of AWS, units stand in the names. What AWS accepts of a value stands next to it;
what several values must satisfy together is in `oelab.settings.cross_checks`. Building one of these
checks nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated

from oelab import tags as lab_tags
from oelab.constraints import cidr, cloudformation, ec2, iam
from oelab.constraints import tags as tag_constraints
from oelab.constraints.kinds import Choice, Items, Number, OrBlank, Text
from oelab.settings.existing_instances import ExistingInstanceSettings
from oelab.settings.fleet_data import FleetDataSettings
from oelab.settings.inventory import InventorySettings
from oelab.systems_manager.images import FAMILIES, ImageFamily, family_of

AMAZON_LINUX_2023 = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"

FOUNDATION_STACK = "OELabFoundation"
INVENTORY_STACK = "OELabInventory"
FIXED_STACKS = (FOUNDATION_STACK, INVENTORY_STACK)
"""The stacks that the app always has, in addition to one for each workload."""
FLEET_DATA_STACK = "OELabFleetData"
"""The stack that the app has where the settings ask for data of the whole fleet."""

STACK_TAGS = frozenset({lab_tags.OWNER})

# What the app itself needs of a value.
WORKLOAD_NAME = replace(cloudformation.STACK_NAME, rule="WorkloadName", source="", at_most=64)
INSTANCE_COUNT = Number("InstanceCount", "", at_least=0)
IMAGE_FAMILY = Choice("ImageFamily", "", tuple(FAMILIES))
INSTANCE_TAGS = replace(
    tag_constraints.TAGS,
    at_most=tag_constraints.TAGS_PER_RESOURCE - len(lab_tags.SET_BY_WORKLOAD | STACK_TAGS),
)
ROLE_TAGS = replace(
    tag_constraints.TAGS, at_most=tag_constraints.TAGS_PER_RESOURCE - len(STACK_TAGS)
)
IMAGE_PINS = Items("ImagePins", "", "Regions", each=ec2.IMAGE_ID, keys=ec2.REGION_NAME)
STACK_OR_RESOURCE = Text.declared("cloudformation.StackOrResource")
ALLOWED_REPLACEMENTS = Items("AllowedReplacements", "", "resources", each=STACK_OR_RESOURCE)


@dataclass(frozen=True, kw_only=True)
class RoleSettings:
    """The role, and the instance profile of the same name, that lets instances be managed.

    Where `create` is false both exist already and are used by name. With `region_suffix` the name
    ends in the Region, as a role belongs to the whole account and each Region may want its own.
    """

    name: Annotated[str, iam.ROLE_NAME] = "ManagedInstancesRole"
    region_suffix: bool = False
    create: bool = True
    description: Annotated[str, iam.ROLE_DESCRIPTION] = (
        "Lets EC2 instances be managed by AWS Systems Manager"
    )
    restricted_permissions: bool = False
    tags: Annotated[Mapping[str, str], ROLE_TAGS] = field(default_factory=lab_tags.OF_ROLE.copy)

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
        """The construct id of each, which is also the end of its Name tag."""
        return tuple(f"{self.name}{number}" for number in range(1, self.count + 1))

    @property
    def serves_page(self) -> bool:
        """Whether they are web servers."""
        return self.role == "WebServer"


@dataclass(frozen=True, kw_only=True)
class WorkloadSettings:
    """One stack of web and app instances, in a network of its own or in an existing one.

    An empty string means: not used. `instance_profile` names the profile that the instances get;
    None means that of the role, by whatever name. A `private` network has no internet gateway, but
    endpoints for Systems Manager and S3. An existing network is `subnet_id` and
    `security_group_ids`, and leaves the CIDRs and the Availability Zone as they are. `protection`
    is the termination protection of the stack; synth warns of a protected workload whose image is
    the latest of a parameter, unless `accept_latest_image`.
    """

    name: Annotated[str, WORKLOAD_NAME]
    stack_name: Annotated[str, cloudformation.STACK_NAME]
    instance_profile: Annotated[str | None, OrBlank(iam.INSTANCE_PROFILE_NAME)] = None
    instance_type_web: Annotated[str, ec2.INSTANCE_TYPE] = "t3.micro"
    instance_type_app: Annotated[str, ec2.INSTANCE_TYPE] = "t3.micro"
    web_instances: Annotated[int, INSTANCE_COUNT] = 2
    app_instances: Annotated[int, INSTANCE_COUNT] = 2
    web_ingress_cidr: Annotated[str, OrBlank(cidr.CIDR)] = ""
    ssh_ingress_cidr: Annotated[str, OrBlank(cidr.CIDR)] = ""
    key_name: Annotated[str, OrBlank(ec2.KEY_NAME)] = ""
    private: bool = False
    availability_zone: Annotated[str, OrBlank(ec2.AVAILABILITY_ZONE)] = ""
    vpc_cidr: Annotated[str, cidr.VPC_CIDR] = "10.0.0.0/16"
    subnet_cidr: Annotated[str, cidr.SUBNET_CIDR] = "10.0.0.0/24"
    subnet_id: Annotated[str, OrBlank(ec2.SUBNET_ID)] = ""
    security_group_ids: Annotated[tuple[str, ...], OrBlank(ec2.SECURITY_GROUPS)] = ()
    protection: bool = False
    accept_latest_image: bool = False

    @property
    def kinds(self) -> tuple[InstanceKind, ...]:
        """All its instances, in the order in which they are defined."""
        return (
            InstanceKind("Web", "WebServer", self.web_instances, self.instance_type_web),
            InstanceKind("App", "AppServer", self.app_instances, self.instance_type_app),
        )

    @property
    def instances(self) -> int:
        """How many these are together."""
        return sum(kind.count for kind in self.kinds)


@dataclass(frozen=True, kw_only=True)
class EnvironmentSettings:
    """An account and a Region in which every stack of the settings is deployed."""

    account: Annotated[str, iam.ACCOUNT_ID]
    region: Annotated[str, ec2.REGION_NAME]


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
    account and Region. `environments` take their place where there are several. `image` is an AMI
    id or the path of a parameter that holds one, and `image_pins` holds ids by Region that are used
    in its place. `image_family` is the operating system where the image does not tell. `tags` are
    those that all instances share. `allow_replacement` names what the comparison of two versions
    may find replaced or deleted though it is protected.
    """

    owner: Annotated[str, tag_constraints.NAMED_TAG_VALUE] = "oelab"
    account: Annotated[str, OrBlank(iam.ACCOUNT_ID)] = ""
    region: Annotated[str, OrBlank(ec2.REGION_NAME)] = ""
    environments: tuple[EnvironmentSettings, ...] = ()
    image: Annotated[str, OrBlank(ec2.IMAGE)] = AMAZON_LINUX_2023
    image_family: Annotated[str, OrBlank(IMAGE_FAMILY)] = ""
    image_pins: Annotated[Mapping[str, str], IMAGE_PINS] = field(default_factory=dict)
    allow_replacement: Annotated[tuple[str, ...], ALLOWED_REPLACEMENTS] = ()
    tags: Annotated[Mapping[str, str], INSTANCE_TAGS] = field(
        default_factory=lab_tags.SHARED_BY_INSTANCES.copy
    )
    role: RoleSettings = field(default_factory=RoleSettings)
    workloads: tuple[WorkloadSettings, ...] = LAB_WORKLOADS
    inventory: InventorySettings = field(default_factory=InventorySettings)
    existing_instances: ExistingInstanceSettings = field(default_factory=ExistingInstanceSettings)
    fleet_data: FleetDataSettings = field(default_factory=FleetDataSettings)

    @property
    def all_environments(self) -> tuple[EnvironmentSettings, ...]:
        """The environments, or the only one: blank where the deployment decides."""
        only = EnvironmentSettings(account=self.account, region=self.region)
        return self.environments or (only,)

    @property
    def regions(self) -> tuple[str, ...]:
        """The Regions of all environments; none where the deployment decides."""
        return tuple(dict.fromkeys(each.region for each in self.all_environments if each.region))

    def has_foundation(self, environment: EnvironmentSettings) -> bool:
        """Whether the foundation is deployed there.

        IAM is the same in all Regions of an account, so the first one that is listed has it, unless
        each Region has a role of its own.
        """
        regions = [e.region for e in self.all_environments if e.account == environment.account]
        return self.role.region_suffix or environment.region == regions[0]

    def environment_in(self, account: str, region: str) -> EnvironmentSettings:
        """The listed environment there; where none is listed, the only one."""
        place = EnvironmentSettings(account=account, region=region)
        return place if place in self.environments else self.all_environments[0]

    def stack_names(self, environment: EnvironmentSettings) -> tuple[str, ...]:
        """The stacks that are defined there."""
        fixed = FIXED_STACKS if self.has_foundation(environment) else (INVENTORY_STACK,)
        fleet_data = (FLEET_DATA_STACK,) if self.fleet_data.enabled else ()
        return (*fixed, *(each.stack_name for each in self.workloads), *fleet_data)

    @property
    def fleet_bucket_name(self) -> str:
        """The name of the bucket for the data of several environments, which all of them know.

        Blank where CloudFormation chooses it.
        """
        first = self.all_environments[0]
        return f"oelabfleetdata-{first.account}-{first.region}" if self.environments else ""

    def fleet_data_in(self, environment: EnvironmentSettings) -> FleetDataSettings:
        """What an environment has of `fleet_data`.

        The first environment has the bucket and the tables, and the others write into that bucket.
        """
        data, first = self.fleet_data, self.all_environments[0]
        if not self.environments:
            return data
        if environment != first:
            return replace(
                data,
                bucket=data.bucket or self.fleet_bucket_name,
                bucket_region=data.bucket_region or first.region,
                tables=False,
            )
        if data.organization_id:
            return data
        accounts = tuple(dict.fromkeys(each.account for each in self.environments))
        return replace(
            data, accounts=data.accounts or accounts, regions=data.regions or self.regions
        )

    @property
    def family(self) -> ImageFamily:
        """The images that `image` is one of."""
        return family_of(self.image, self.image_family)

    def named_profiles(self) -> frozenset[str]:
        """The instance profiles that workloads name themselves, other than that of the role."""
        named = (workload.instance_profile for workload in self.workloads)
        return frozenset(name for name in named if name and name != self.role.name)
