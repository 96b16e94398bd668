"""What must hold between the settings of a workload, and between workloads."""

from collections.abc import Iterator
from dataclasses import fields

from oelab.constraints.cidr import SUBNET_CIDR, addresses, inside
from oelab.constraints.cloudformation import RESOURCES_PER_STACK
from oelab.findings import Finding
from oelab.settings.cross_checks import in_one_region, unique
from oelab.settings.model import FIXED_STACKS, FLEET_DATA_STACK, Settings, WorkloadSettings
from oelab.systems_manager.images import architecture_of_image, architecture_of_type

_QUOTAS = "CloudFormation User Guide, quotas"
_TYPES = "EC2 User Guide, instance type naming conventions"

INSTANCES_PER_WORKLOAD = RESOURCES_PER_STACK - 50  # room for the network and what else a stack has

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
    stack_names = [
        (f"the fixed stack {name}", name)
        for name in (*FIXED_STACKS, FLEET_DATA_STACK, "CDKToolkit")
    ]
    for number, workload in enumerate(settings.workloads):
        at = f"workloads[{number}]"
        names.append((f"{at}.name", workload.name))
        stack_names.append((f"{at}.stack_name", workload.stack_name))
        yield from _count(at, workload)
        yield from _processors(at, workload, settings)
        for name in ("availability_zone", "subnet_id"):
            yield from in_one_region(settings, f"{at}.{name}", getattr(workload, name))
        if workload.subnet_id or workload.security_group_ids:
            yield from _existing_network(at, workload)
        else:
            yield from _own_network(at, workload, settings.regions)
            yield from _private(at, workload, settings)
    yield from unique("WorkloadNames", names, "instances and outputs are distinguished by it")
    yield from unique("StackNames", stack_names, "two stacks cannot share a name or a template")


def _count(at: str, workload: WorkloadSettings) -> Iterator[Finding]:
    if not 1 <= workload.instances <= INSTANCES_PER_WORKLOAD:
        reason = f"must be 1 to {INSTANCES_PER_WORKLOAD} together with app_instances"
        remedy = f"take the workload out, or split it: a stack has {RESOURCES_PER_STACK} resources"
        rule, count, counts = "InstancesOfWorkload", workload.instances, _counts(at)
        yield Finding(rule, counts[0], reason, remedy, count, _QUOTAS, counts)


def _counts(at: str) -> tuple[str, str]:
    return f"{at}.web_instances", f"{at}.app_instances"


def _processors(at: str, workload: WorkloadSettings, settings: Settings) -> Iterator[Finding]:
    image = architecture_of_image(settings.image, settings.family)
    for kind in workload.kinds:
        processor = architecture_of_type(kind.instance_type)
        if kind.count and image and processor and image != processor:
            setting, value = f"{at}.instance_type_{kind.name.lower()}", kind.instance_type
            reason = f"must have a processor for the image, which is for {image}"
            remedy = f"choose a type for {image}, or an image for {processor}"
            rule, rests_on = "ProcessorOfImage", ("image", "image_family")
            yield Finding(rule, setting, reason, remedy, value, _TYPES, rests_on)


def _existing_network(at: str, workload: WorkloadSettings) -> Iterator[Finding]:
    both = f"{at}.subnet_id", f"{at}.security_group_ids"
    for setting, value in zip(both, (workload.subnet_id, workload.security_group_ids), strict=True):
        if not value:
            reason = "must be given for an existing network"
            remedy = "give subnet_id and security_group_ids, or neither for a network of its own"
            yield Finding("ExistingNetwork", setting, reason, remedy, value, rests_on=both)
    for name in _OWN_NETWORK:
        own = getattr(workload, name)
        if own != _DEFAULTS[name]:
            reason = "must not be given for an existing network"
            remedy = "leave it out; the subnet and its security groups decide this"
            yield Finding("ExistingNetwork", f"{at}.{name}", reason, remedy, own, rests_on=both)


def _own_network(
    at: str, workload: WorkloadSettings, regions: tuple[str, ...]
) -> Iterator[Finding]:
    zone, subnet = workload.availability_zone, workload.subnet_cidr
    if zone and len(regions) == 1 and not zone.startswith(regions[0]):
        setting, (region,) = f"{at}.availability_zone", regions
        reason, remedy = f"must be in the Region {region!r}", f"write it like '{region}a'"
        rests_on = ("region", "environments")
        yield Finding("ZoneInRegion", setting, reason, remedy, zone, rests_on=rests_on)
    setting = f"{at}.subnet_cidr"
    yield from inside(setting, subnet, f"{at}.vpc_cidr", workload.vpc_cidr)
    if any(SUBNET_CIDR.findings(setting, subnet)):
        return
    room = addresses(subnet)
    if room < workload.instances <= INSTANCES_PER_WORKLOAD:
        reason = f"must have room for the {workload.instances} instances of the workload"
        remedy = f"choose a wider range; this one has {room} addresses, as AWS reserves 5"
        rule, source = "RoomInSubnet", SUBNET_CIDR.source
        yield Finding(rule, setting, reason, remedy, subnet, source, _counts(at))


def _private(at: str, workload: WorkloadSettings, settings: Settings) -> Iterator[Finding]:
    family = settings.family
    if not workload.private:
        return
    if family.agent_commands(settings.image) and not family.agent_comes_through_s3:
        reason = f"must be false for an image of {family.name} without the SSM Agent"
        remedy = "choose an image that has the agent: it could only come from the internet"
    elif workload.web_instances and not family.packages_come_through_s3:
        reason = f"must be false for web servers on {family.name}"
        remedy = "choose an Amazon Linux image, or set web_instances to 0"
    else:
        return
    rests_on = "image", "image_family", f"{at}.web_instances"
    yield Finding("PrivateNetwork", f"{at}.private", reason, remedy, True, rests_on=rests_on)
