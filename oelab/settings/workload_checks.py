"""What must hold between the settings of a workload, and between workloads."""

from collections.abc import Iterator

from oelab.constraints.cidr import SUBNET_CIDR, addresses, inside
from oelab.constraints.cloudformation import RESOURCES_PER_STACK
from oelab.findings import Finding
from oelab.settings.cross_checks import in_one_region, unique, violation
from oelab.settings.model import FIXED_STACKS, FLEET_DATA_STACK, Settings, WorkloadSettings
from oelab.systems_manager.images import architecture_of_image, architecture_of_type

INSTANCES_PER_WORKLOAD = RESOURCES_PER_STACK - 50  # room for the network and what else a stack has

_OWN_NETWORK = (
    "web_ingress_cidr",
    "ssh_ingress_cidr",
    "private",
    "availability_zone",
    "vpc_cidr",
    "subnet_cidr",
)


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
    yield from unique("WorkloadNames", names)
    yield from unique("StackNames", stack_names)


def _count(at: str, workload: WorkloadSettings) -> Iterator[Finding]:
    if not 1 <= workload.instances <= INSTANCES_PER_WORKLOAD:
        yield violation(
            "InstancesOfWorkload",
            f"{at}.web_instances",
            workload.instances,
            at=at,
            at_most=INSTANCES_PER_WORKLOAD,
            resources=RESOURCES_PER_STACK,
        )


def _processors(at: str, workload: WorkloadSettings, settings: Settings) -> Iterator[Finding]:
    image = architecture_of_image(settings.image, settings.family)
    for kind in workload.kinds:
        processor = architecture_of_type(kind.instance_type)
        if kind.count and image and processor and image != processor:
            yield violation(
                "ProcessorOfImage",
                f"{at}.instance_type_{kind.name.lower()}",
                kind.instance_type,
                image=image,
                processor=processor,
            )


def _existing_network(at: str, workload: WorkloadSettings) -> Iterator[Finding]:
    for name in ("subnet_id", "security_group_ids"):
        given = getattr(workload, name)
        if not given:
            yield violation("ExistingNetwork", f"{at}.{name}", given, case="missing", at=at)
    for name in _OWN_NETWORK:
        own = getattr(workload, name)
        if own != getattr(WorkloadSettings, name):
            yield violation("ExistingNetwork", f"{at}.{name}", own, case="own", at=at)


def _own_network(
    at: str, workload: WorkloadSettings, regions: tuple[str, ...]
) -> Iterator[Finding]:
    zone, subnet = workload.availability_zone, workload.subnet_cidr
    if zone and len(regions) == 1 and not zone.startswith(regions[0]):
        yield violation("ZoneInRegion", f"{at}.availability_zone", zone, region=regions[0])
    setting = f"{at}.subnet_cidr"
    yield from inside(setting, subnet, f"{at}.vpc_cidr", workload.vpc_cidr)
    if any(SUBNET_CIDR.findings(setting, subnet)):
        return
    room, needed = addresses(subnet), workload.instances
    if room < needed <= INSTANCES_PER_WORKLOAD:
        yield violation("RoomInSubnet", setting, subnet, at=at, room=room, needed=needed)


def _private(at: str, workload: WorkloadSettings, settings: Settings) -> Iterator[Finding]:
    family, where = settings.family, f"{at}.private"
    lacks_agent = family.agent_commands(settings.image) and not family.agent_comes_through_s3
    lacks_packages = workload.web_instances and not family.packages_come_through_s3
    if workload.private and (lacks_agent or lacks_packages):
        case = "agent" if lacks_agent else "packages"
        yield violation("PrivateNetwork", where, True, case=case, at=at, family=family.name)
