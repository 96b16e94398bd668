"""What must hold between the settings of a workload, and between workloads."""

from collections.abc import Iterator
from dataclasses import fields

from oelab.constraints.cidr import SUBNET_CIDR, addresses, inside
from oelab.constraints.cloudformation import RESOURCES_PER_STACK
from oelab.constraints.iam import INSTANCE_PROFILE_NAME
from oelab.constraints.kinds import finding
from oelab.findings import Finding
from oelab.settings.cross_checks import unique
from oelab.settings.model import FIXED_STACKS, FLEET_DATA_STACK, Settings, WorkloadSettings
from oelab.systems_manager.images import architecture_of_image, architecture_of_type, family_of

_QUOTAS = "CloudFormation User Guide, quotas"
_TYPES = "EC2 User Guide, instance type naming conventions"

_TAKEN_STACKS = (*FIXED_STACKS, FLEET_DATA_STACK, "CDKToolkit")
_OTHER_RESOURCES = 50
INSTANCES_PER_WORKLOAD = RESOURCES_PER_STACK - _OTHER_RESOURCES

_OWN_NETWORK = (
    "web_ingress_cidr",
    "ssh_ingress_cidr",
    "private",
    "availability_zone",
    "vpc_cidr",
    "subnet_cidr",
)
_DEFAULTS = {field.name: field.default for field in fields(WorkloadSettings)}


def workload_findings(settings: Settings) -> Iterator[Finding]:
    """All that is wrong between the settings of workloads."""
    names = []
    stack_names = [(f"the fixed stack {name}", name) for name in _TAKEN_STACKS]
    for number, workload in enumerate(settings.workloads):
        at = f"workloads[{number}]"
        names.append((f"{at}.name", workload.name))
        stack_names.append((f"{at}.stack_name", workload.stack_name))
        # The profile of the role is checked there, once.
        if workload.instance_profile not in ("", settings.role.name):
            profile = f"{at}.instance_profile"
            yield from INSTANCE_PROFILE_NAME.findings(profile, workload.instance_profile)
        yield from _count(at, workload)
        yield from _processors(at, workload, settings)
        if workload.subnet_id or workload.security_group_ids:
            yield from _existing_network(at, workload)
        else:
            yield from _own_network(at, workload, settings.region)
            yield from _private(at, workload, settings)
    yield from unique("WorkloadNames", names, "instances and outputs are distinguished by it")
    yield from unique("StackNames", stack_names, "two stacks cannot share a name or a template")


def _count(at: str, workload: WorkloadSettings) -> Iterator[Finding]:
    if not 1 <= workload.instances <= INSTANCES_PER_WORKLOAD:
        counts = f"{at}.web_instances", f"{at}.app_instances"
        reason = f"must be 1 to {INSTANCES_PER_WORKLOAD} together with app_instances"
        remedy = f"take the workload out, or split it: a stack has {RESOURCES_PER_STACK} resources"
        rule, count = "InstancesOfWorkload", workload.instances
        yield finding(rule, counts[0], count, reason, remedy, *counts, source=_QUOTAS)


def _processors(at: str, workload: WorkloadSettings, settings: Settings) -> Iterator[Finding]:
    image = architecture_of_image(settings.image, family_of(settings.image, settings.image_family))
    for kind in workload.kinds:
        processor = architecture_of_type(kind.instance_type)
        if kind.count and image and processor and image != processor:
            setting, value = f"{at}.{kind.type_setting}", kind.instance_type
            reason = f"must have a processor for the image, which is for {image}"
            remedy = f"choose a type for {image}, or an image for {processor}"
            image_settings = "image", "image_family"
            rule = "ProcessorOfImage"
            yield finding(rule, setting, value, reason, remedy, *image_settings, source=_TYPES)


def _existing_network(at: str, workload: WorkloadSettings) -> Iterator[Finding]:
    both = f"{at}.subnet_id", f"{at}.security_group_ids"
    for setting, value in zip(both, (workload.subnet_id, workload.security_group_ids), strict=True):
        if not value:
            reason = "must be given for an existing network"
            remedy = "give subnet_id and security_group_ids, or neither for a network of its own"
            yield finding("ExistingNetwork", setting, value, reason, remedy, *both)
    for name in _OWN_NETWORK:
        own = getattr(workload, name)
        if own != _DEFAULTS[name]:
            reason = "must not be given for an existing network"
            remedy = "leave it out; the subnet and its security groups decide this"
            yield finding("ExistingNetwork", f"{at}.{name}", own, reason, remedy, *both)


def _own_network(at: str, workload: WorkloadSettings, region: str) -> Iterator[Finding]:
    zone, subnet = workload.availability_zone, workload.subnet_cidr
    if zone and not zone.startswith(region):
        setting = f"{at}.availability_zone"
        reason, remedy = f"must be in the Region {region!r}", f"write it like '{region}a'"
        yield finding("ZoneInRegion", setting, zone, reason, remedy, "region")
    setting = f"{at}.subnet_cidr"
    yield from inside(setting, subnet, f"{at}.vpc_cidr", workload.vpc_cidr)
    if any(SUBNET_CIDR.findings(setting, subnet)):
        return
    room = addresses(subnet)
    if room < workload.instances <= INSTANCES_PER_WORKLOAD:
        reason = f"must have room for the {workload.instances} instances of the workload"
        remedy = f"choose a wider range; this one has {room} addresses, as AWS reserves 5"
        counts = f"{at}.web_instances", f"{at}.app_instances"
        source = SUBNET_CIDR.source
        yield finding("RoomInSubnet", setting, subnet, reason, remedy, *counts, source=source)


def _private(at: str, workload: WorkloadSettings, settings: Settings) -> Iterator[Finding]:
    family = family_of(settings.image, settings.image_family)
    lacks_agent = family.agent_commands(settings.image) and not family.agent_comes_through_s3
    lacks_packages = workload.web_instances and not family.packages_come_through_s3
    if not workload.private or not (lacks_agent or lacks_packages):
        return
    if lacks_agent:
        reason = f"must be false for an image of {family.name} without the SSM Agent"
        remedy = "choose an image that has the agent: it could only come from the internet"
    else:
        reason = f"must be false for web servers on {family.name}"
        remedy = "choose an Amazon Linux image, or set web_instances to 0"
    rests_on = "image", "image_family", f"{at}.web_instances"
    yield finding("PrivateNetwork", f"{at}.private", True, reason, remedy, *rests_on)
