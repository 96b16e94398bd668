"""Judges the workloads, each by itself and all together."""

from collections.abc import Iterator
from dataclasses import fields

from oelab.constraints import cidr, cloudformation, ec2, iam
from oelab.constraints.text import length, shape
from oelab.findings import Finding
from oelab.settings.cross_checks import unique
from oelab.settings.image_checks import architecture_faults
from oelab.settings.model import FIXED_STACKS, Settings, WorkloadSettings
from oelab.systems_manager.images import family_of

_TAKEN_STACKS = (*FIXED_STACKS, "CDKToolkit")
_NAME_LENGTH = 64
_RESOURCES_BESIDE_INSTANCES = 50
INSTANCES_PER_WORKLOAD = cloudformation.RESOURCES_PER_STACK - _RESOURCES_BESIDE_INSTANCES

_OWN_NETWORK = (
    "web_ingress_cidr",
    "ssh_ingress_cidr",
    "private",
    "availability_zone",
    "vpc_cidr",
    "subnet_cidr",
)
_DEFAULTS = {field.name: field.default for field in fields(WorkloadSettings)}


def workloads_faults(settings: Settings) -> Iterator[Finding]:
    """All that is wrong with the workloads of the settings."""
    for number, workload in enumerate(settings.workloads):
        at = f"workloads[{number}]"
        yield from _identity(at, workload)
        yield from _instances(at, workload, settings.role.name)
        yield from architecture_faults(at, workload, settings)
        if workload.subnet_id or workload.security_group_ids:
            yield from _existing_network(at, workload)
        else:
            yield from _own_network(at, workload, settings.region)
            yield from _private(at, workload, settings)
    numbered = list(enumerate(settings.workloads))
    names = [(f"workloads[{number}].name", workload.name) for number, workload in numbered]
    yield from unique(names, "instances and outputs are told apart by it")
    stacks = [(f"the fixed stack {name}", name) for name in _TAKEN_STACKS]
    stacks += [(f"workloads[{number}].stack_name", each.stack_name) for number, each in numbered]
    yield from unique(stacks, "two stacks cannot share a name, nor two templates a file")


def _identity(at: str, workload: WorkloadSettings) -> Iterator[Finding]:
    yield from length(f"{at}.name", workload.name, 1, _NAME_LENGTH, "")
    if workload.name.strip():
        yield from shape(
            f"{at}.name",
            workload.name,
            r"[A-Za-z][A-Za-z0-9-]*",
            reason="must consist of letters, digits and hyphens and start with a letter",
            remedy="leave out all else; the name becomes part of tags and ids",
            source="",
        )
    yield from cloudformation.stack_name(f"{at}.stack_name", workload.stack_name)


def _instances(at: str, workload: WorkloadSettings, role_name: str) -> Iterator[Finding]:
    # The profile of the role is judged there, once.
    if workload.instance_profile not in ("", role_name):
        yield from iam.instance_profile_name(f"{at}.instance_profile", workload.instance_profile)
    for kind in workload.kinds:
        yield from ec2.instance_type(f"{at}.{kind.type_setting}", kind.instance_type)
    if workload.key_name:
        yield from ec2.key_name(f"{at}.key_name", workload.key_name)
    yield from _count(at, workload)


def _count(at: str, workload: WorkloadSettings) -> Iterator[Finding]:
    for kind in workload.kinds:
        if kind.count < 0:
            yield Finding(
                subject=f"{at}.{kind.count_setting}",
                value=kind.count,
                reason="must be at least 0",
                remedy="write 0 for none",
            )
    together = _count_settings(at, workload)
    if not any(kind.count for kind in workload.kinds):
        yield Finding(
            subject=together[0],
            value=0,
            reason="must be at least 1 where app_instances is 0",
            remedy="a workload has one instance or more; take its table out to have none",
            rests_on=together,
        )
    if workload.instances > INSTANCES_PER_WORKLOAD:
        yield Finding(
            subject=together[0],
            value=workload.instances,
            reason=f"must be at most {INSTANCES_PER_WORKLOAD} together with app_instances",
            remedy="spread them over several workloads; "
            f"a stack has {cloudformation.RESOURCES_PER_STACK} resources at most",
            source="CloudFormation User Guide, quotas",
            rests_on=together,
        )


def _count_settings(at: str, workload: WorkloadSettings) -> tuple[str, ...]:
    return tuple(f"{at}.{kind.count_setting}" for kind in workload.kinds)


def _existing_network(at: str, workload: WorkloadSettings) -> Iterator[Finding]:
    both = f"{at}.subnet_id", f"{at}.security_group_ids"
    if workload.subnet_id:
        yield from ec2.subnet_id(both[0], workload.subnet_id)
    if workload.security_group_ids:
        yield from ec2.security_groups(both[1], workload.security_group_ids)
    for where, value in zip(both, (workload.subnet_id, workload.security_group_ids), strict=True):
        if not value:
            yield Finding(
                subject=where,
                value=value,
                reason="must be given for an existing network",
                remedy="give subnet_id and security_group_ids, or neither for a network of its own",
                rests_on=both,
            )
    for name in _OWN_NETWORK:
        value = getattr(workload, name)
        if value != _DEFAULTS[name]:
            yield Finding(
                subject=f"{at}.{name}",
                value=value,
                reason="must not be given for an existing network",
                remedy="leave it out; the subnet and its security groups decide this",
                rests_on=both,
            )


def _own_network(at: str, workload: WorkloadSettings, region: str) -> Iterator[Finding]:
    for name in ("web_ingress_cidr", "ssh_ingress_cidr"):
        if value := getattr(workload, name):
            yield from cidr.cidr(f"{at}.{name}", value)
    if workload.availability_zone:
        yield from _zone(f"{at}.availability_zone", workload.availability_zone, region)
    vpc, subnet = f"{at}.vpc_cidr", f"{at}.subnet_cidr"
    yield from cidr.vpc_cidr(vpc, workload.vpc_cidr)
    narrow = list(cidr.subnet_cidr(subnet, workload.subnet_cidr))
    yield from narrow
    for fault in cidr.inside(subnet, workload.subnet_cidr, vpc, workload.vpc_cidr):
        yield _resting(fault, vpc)
    if not narrow:
        yield from _room(at, workload)


def _private(at: str, workload: WorkloadSettings, settings: Settings) -> Iterator[Finding]:
    family = family_of(settings.image, settings.image_family)
    if not workload.private:
        return
    if family.agent_commands(settings.image) and not family.agent_comes_through_s3:
        yield Finding(
            subject=f"{at}.private",
            value=True,
            reason=f"must be false for an image of {family.name} without the SSM Agent",
            remedy="take an image that has the agent: it could only come from the internet",
            rests_on=("image", "image_family"),
        )
    elif workload.web_instances and not family.packages_come_through_s3:
        yield Finding(
            subject=f"{at}.private",
            value=True,
            reason=f"must be false for web servers on {family.name}",
            remedy="take an Amazon Linux image, whose packages come through the S3 endpoint, "
            "or set web_instances to 0",
            rests_on=("image", "image_family", f"{at}.web_instances"),
        )


def _room(at: str, workload: WorkloadSettings) -> Iterator[Finding]:
    room = cidr.addresses(workload.subnet_cidr)
    if room < workload.instances <= INSTANCES_PER_WORKLOAD:
        yield Finding(
            subject=f"{at}.subnet_cidr",
            value=workload.subnet_cidr,
            reason=f"must have room for the {workload.instances} instances of the workload",
            remedy=f"take a wider range; this one has {room} addresses, as AWS keeps 5",
            source="VPC User Guide, subnet CIDR blocks",
            rests_on=_count_settings(at, workload),
        )


def _zone(where: str, value: str, region: str) -> Iterator[Finding]:
    found = list(ec2.availability_zone(where, value))
    yield from found
    if region and not found and not value.startswith(region):
        yield Finding(
            subject=where,
            value=value,
            reason=f"must be in the Region {region!r}",
            remedy=f"write it as in '{region}a', or leave it out",
            rests_on=("region",),
        )


def _resting(fault: Finding, *on: str) -> Finding:
    return Finding(
        subject=fault.subject,
        value=fault.value,
        reason=fault.reason,
        remedy=fault.remedy,
        source=fault.source,
        rests_on=on,
    )
