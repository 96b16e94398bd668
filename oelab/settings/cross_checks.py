"""What several settings must satisfy together."""

from collections.abc import Iterable, Iterator
from dataclasses import fields, replace
from functools import partial

from oelab import tags as lab_tags
from oelab.constraints import ec2, fleet_data
from oelab.constraints.iam import ROLE_NAME_LENGTH
from oelab.constraints.inventory import inventory_types
from oelab.constraints.kinds import key_path
from oelab.findings import Finding, finding_by
from oelab.settings.inventory import InventorySettings, LogSettings, TargetSettings
from oelab.settings.model import STACK_TAGS, RoleSettings, Settings
from oelab.systems_manager.images import FAMILIES, family_of_parameter

_LONG_REGION = "ap-southeast-1"

violation = partial(finding_by, __package__)
"""A finding by one of the rules in rules.toml."""


def cross_findings(settings: Settings) -> Iterator[Finding]:
    """All that is wrong between settings other than those of workloads."""
    yield from _environments(settings)
    yield from _image(settings)
    yield from _instance_tags(settings)
    yield from _role(settings.role)
    yield from _inventory(settings.inventory)
    yield from _fleet_data(settings)


def unique(rule: str, values: Iterable[tuple[str, str]]) -> Iterator[Finding]:
    """No two of the (path, value) pairs are alike, in any case of letters; blanks do not count."""
    first: dict[str, str] = {}
    for where, value in values:
        earlier = first.setdefault(value.casefold(), where)
        if value.strip() and earlier != where:
            yield violation(rule, where, value, at=where, earlier=earlier)


def _environments(settings: Settings) -> Iterator[Finding]:
    for name, other in (("account", "region"), ("region", "account")):
        value = getattr(settings, name)
        if settings.environments and value:
            yield violation("AccountAndRegion", name, value, case="several")
        elif not settings.environments and not value and getattr(settings, other):
            yield violation("AccountAndRegion", name, "", case="one", given=other)
    places = (
        (f"environments[{number}]", f"{each.account}/{each.region}")
        for number, each in enumerate(settings.environments)
    )
    yield from unique("Environments", places)


def in_one_region(settings: Settings, where: str, value: str) -> Iterator[Finding]:
    """Something that exists in one Region only cannot be named for several."""
    if value and len(settings.regions) > 1:
        regions = ", ".join(settings.regions)
        yield violation("OneRegion", where, value, regions=regions)


def _image(settings: Settings) -> Iterator[Finding]:
    image, named = settings.image, settings.image_family
    family = family_of_parameter(image)
    if not image and not settings.image_pins:
        yield from ec2.IMAGE.findings("image", image)
    if named in FAMILIES and family and family.key != named:
        yield violation("ImageFamily", "image_family", named, case="other", family=family)
    if not named and not family and image.startswith("/aws/service/"):
        known = ", ".join(FAMILIES)
        yield violation("ImageFamily", "image_family", named, case="missing", known=known)
    pinned = ", ".join(settings.image_pins)
    if pinned and image and not image.startswith("/"):
        yield violation("PinsOfImageId", "image_pins", pinned)
    for region in settings.regions if pinned else ():
        if region not in settings.image_pins:
            yield violation("PinOfRegion", "image_pins", pinned, region=region)
    if not image.startswith("/"):
        yield from in_one_region(settings, "image", image)


def _instance_tags(settings: Settings) -> Iterator[Finding]:
    for key in sorted((lab_tags.SET_BY_WORKLOAD | STACK_TAGS) & settings.tags.keys()):
        setter = "`owner`" if key in STACK_TAGS else "each workload"
        at, value = key_path("tags", key), settings.tags[key]
        yield violation("InstanceTagTaken", at, value, setter=setter)


def _role(role: RoleSettings) -> Iterator[Finding]:
    longest, length = ROLE_NAME_LENGTH - len(f"-{_LONG_REGION}"), len(role.name)
    if role.region_suffix and longest < length <= ROLE_NAME_LENGTH:
        at, name = "role.name", role.name
        yield violation("RoleNameWithRegion", at, name, longest=longest, length=length)
    for name in ("description", "restricted_permissions", "tags"):
        value = getattr(role, name)
        if not role.create and value != getattr(RoleSettings(), name):
            yield violation("ExistingRole", f"role.{name}", value)
    stack_tags = [("the stack's tag", key) for key in sorted(STACK_TAGS - role.tags.keys())]
    own_tags = [(key_path("role.tags", key), key) for key in role.tags]
    yield from unique("RoleTagKey", stack_tags + own_tags)


def _inventory(inventory: InventorySettings) -> Iterator[Finding]:
    yield from _logs("inventory.logs", inventory.logs)
    if not inventory.associations:
        yield violation("NoAssociation", "inventory.associations", ())
    names = []
    for number, association in enumerate(inventory.associations):
        at = f"inventory.associations[{number}]"
        names.append((f"{at}.name", association.name))
        yield from _targets(f"{at}.targets", association.targets)
        yield from inventory_types(f"{at}.types", association.types)
    yield from unique("AssociationNames", names)


def _targets(at: str, targets: TargetSettings) -> Iterator[Finding]:
    kinds = [field.name for field in fields(targets)]
    given = [kind for kind in kinds if getattr(targets, kind)]
    if len(given) != 1:
        value = " and ".join(given) or "none of them"
        finding = violation("TargetKind", at, value, kinds=", ".join(kinds))
        yield replace(finding, rests_on=tuple(f"{at}.{kind}" for kind in kinds))


def _logs(at: str, logs: LogSettings) -> Iterator[Finding]:
    if logs.bucket and logs.create_bucket:
        yield violation("LogBuckets", f"{at}.create_bucket", True, at=at)
    if logs.prefix and not logs.bucket and not logs.create_bucket:
        yield violation("LogPrefix", f"{at}.prefix", logs.prefix, at=at)


def _fleet_data(settings: Settings) -> Iterator[Finding]:
    data, environments = settings.fleet_data, settings.all_environments
    if data.bucket_region and not data.bucket:
        yield violation("SyncBucketRegion", "fleet_data.bucket_region", data.bucket_region)
    for name, rule in (("account", "SyncOwnAccount"), ("region", "SyncOwnRegion")):
        at, listed = f"fleet_data.{name}s", getattr(data, f"{name}s")
        of_all = bool(data.organization_id)
        yield from fleet_data.listed(at, listed, is_organization=of_all, within="fleet_data.")
        owns = {getattr(each, name) for each in environments}
        for own in sorted(owns - {"", *listed}) if listed else ():
            yield violation(rule, at, ", ".join(listed), own=own)
    region, key = data.bucket_region or environments[0].region, data.kms_key_arn
    if region and key and f":{region}:" not in key:
        yield violation("SyncKeyRegion", "fleet_data.kms_key_arn", key, region=region)
