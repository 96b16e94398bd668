"""What several settings must satisfy together."""

from collections.abc import Iterable, Iterator
from dataclasses import fields

from oelab import tags as lab_tags
from oelab.constraints import ec2
from oelab.constraints.iam import ROLE_NAME, ROLE_NAME_LENGTH
from oelab.constraints.inventory import inventory_types
from oelab.constraints.kinds import key_path
from oelab.findings import Finding
from oelab.settings.inventory import InventorySettings, LogSettings, TargetSettings
from oelab.settings.model import STACK_TAGS, RoleSettings, Settings
from oelab.systems_manager.images import FAMILIES, family_of_parameter

_LONG_REGION = "ap-southeast-1"


def cross_findings(settings: Settings) -> Iterator[Finding]:
    """All that is wrong between settings other than those of workloads."""
    yield from _environments(settings)
    yield from _image(settings)
    yield from _instance_tags(settings)
    yield from _role(settings.role)
    yield from _inventory(settings.inventory)


def unique(rule: str, values: Iterable[tuple[str, str]], why: str) -> Iterator[Finding]:
    """No two of the (path, value) pairs are alike, in any case of letters; blanks do not count."""
    first: dict[str, str] = {}
    for where, value in values:
        earlier = first.setdefault(value.casefold(), where)
        if value.strip() and earlier != where:
            reason, remedy = f"must differ from {earlier}", f"choose another; {why}"
            yield Finding(rule, where, reason, remedy, value, rests_on=(earlier,))


def _environments(settings: Settings) -> Iterator[Finding]:
    if settings.environments:
        yield from _listed_environments(settings)
    elif bool(settings.account) != bool(settings.region):
        missing, given = ("region", "account") if settings.account else ("account", "region")
        reason = f"must be given with {given}"
        remedy = "give both, or neither for templates that suit any account and Region"
        yield Finding("AccountAndRegion", missing, reason, remedy, "", rests_on=(given,))


def _listed_environments(settings: Settings) -> Iterator[Finding]:
    names = ("account", "region")
    for name in names:
        if value := getattr(settings, name):
            reason = "must not be given next to environments"
            remedy, rule = "leave it out, or the environments", "AccountAndRegion"
            yield Finding(rule, name, reason, remedy, value, rests_on=("environments",))
    first: dict[tuple[str, str], str] = {}
    for number, each in enumerate(settings.environments):
        at = f"environments[{number}]"
        earlier = first.setdefault((each.account, each.region), at)
        if earlier != at:
            reason = f"must differ from {earlier}"
            remedy = "take it out; an account and a Region have the stacks once"
            rests_on = tuple(f"{where}.{name}" for where in (at, earlier) for name in names)
            value = f"{each.account}/{each.region}"
            yield Finding("Environments", at, reason, remedy, value, rests_on=rests_on)


def in_one_region(settings: Settings, where: str, value: str) -> Iterator[Finding]:
    """Something that exists in one Region only cannot be named for several."""
    if value and len(settings.regions) > 1:
        regions = ", ".join(settings.regions)
        reason = f"must be left out for environments in several Regions ({regions})"
        remedy = "leave it out: what it names exists in one Region only"
        yield Finding("OneRegion", where, reason, remedy, value, rests_on=("environments",))


def _image(settings: Settings) -> Iterator[Finding]:
    image, named = settings.image, settings.image_family
    family = family_of_parameter(image)
    if not image and not settings.image_pins:
        yield from ec2.IMAGE.findings("image", image)
    if named in FAMILIES and family and family.key != named:
        reason = f"must be {family.key!r}, as the image's parameter is one of {family.name}'s"
        remedy = "leave it out, or name another image"
        yield Finding("ImageFamily", "image_family", reason, remedy, named, rests_on=("image",))
    if not named and not family and image.startswith("/aws/service/"):
        reason = "must be given for a public parameter of a family that is not known here"
        remedy = f"name the one that is like it: {', '.join(FAMILIES)}"
        yield Finding("ImageFamily", "image_family", reason, remedy, named, rests_on=("image",))
    pinned = ", ".join(settings.image_pins)
    if pinned and image and not image.startswith("/"):
        reason = "must be empty where image is an id by itself"
        remedy = "leave one of them out, or let image be the parameter that the pins come from"
        yield Finding("PinsOfImageId", "image_pins", reason, remedy, pinned, rests_on=("image",))
    for region in settings.regions if pinned else ():
        if region not in settings.image_pins:
            reason = f"must hold an image for the Region {region!r}"
            remedy = "add it, or run `oelab image pin --write`"
            rests_on = ("region", "environments")
            yield Finding("PinOfRegion", "image_pins", reason, remedy, pinned, rests_on=rests_on)
    if not image.startswith("/"):
        yield from in_one_region(settings, "image", image)


def _instance_tags(settings: Settings) -> Iterator[Finding]:
    for key in sorted((lab_tags.SET_BY_WORKLOAD | STACK_TAGS) & settings.tags.keys()):
        setter = "`owner`" if key in STACK_TAGS else "each workload"
        remedy = f"leave it out; {setter} gives instances this tag"
        at, value = key_path("tags", key), settings.tags[key]
        yield Finding("InstanceTagTaken", at, "must not be set", remedy, value)


def _role(role: RoleSettings) -> Iterator[Finding]:
    longest = ROLE_NAME_LENGTH - len(f"-{_LONG_REGION}")
    if role.region_suffix and longest < len(role.name) <= ROLE_NAME_LENGTH:
        reason = f"must have at most {longest} characters where a Region follows it"
        remedy = f"it has {len(role.name)}; shorten it"
        rule, rests_on = "RoleNameWithRegion", ("role.region_suffix",)
        yield Finding(rule, "role.name", reason, remedy, role.name, ROLE_NAME.source, rests_on)
    for name in ("description", "restricted_permissions", "tags"):
        value = getattr(role, name)
        if not role.create and value != getattr(RoleSettings(), name):
            reason = "must not be given for an existing role"
            remedy = "leave it out; the role has been created with its own"
            at, rests_on = f"role.{name}", ("role.create",)
            yield Finding("ExistingRole", at, reason, remedy, value, rests_on=rests_on)
    stack_tags = [("the stack's tag", key) for key in sorted(STACK_TAGS - role.tags.keys())]
    own_tags = [(key_path("role.tags", key), key) for key in role.tags]
    why = "IAM does not distinguish tag keys by case"
    yield from unique("RoleTagKey", stack_tags + own_tags, why)


def _inventory(inventory: InventorySettings) -> Iterator[Finding]:
    yield from _logs("inventory.logs", inventory.logs)
    if not inventory.associations:
        reason = "must hold at least one association, as a stack cannot be empty"
        remedy = "leave it out for the association of the lab"
        yield Finding("NoAssociation", "inventory.associations", reason, remedy, ())
    names = []
    for number, association in enumerate(inventory.associations):
        at = f"inventory.associations[{number}]"
        names.append((f"{at}.name", association.name))
        yield from _targets(f"{at}.targets", association.targets)
        yield from inventory_types(f"{at}.types", association.types)
    yield from unique("AssociationNames", names, "associations are distinguished by it")


def _targets(at: str, targets: TargetSettings) -> Iterator[Finding]:
    kinds = [field.name for field in fields(targets)]
    given = [kind for kind in kinds if getattr(targets, kind)]
    if len(given) != 1:
        value = " and ".join(given) or "none of them"
        reason = f"must name exactly one of {', '.join(kinds)}"
        remedy = "choose one, or write one association for each"
        rests_on = tuple(f"{at}.{kind}" for kind in kinds)
        yield Finding("TargetKind", at, reason, remedy, value, rests_on=rests_on)


def _logs(at: str, logs: LogSettings) -> Iterator[Finding]:
    buckets = f"{at}.bucket", f"{at}.create_bucket"
    if logs.bucket and logs.create_bucket:
        reason, remedy = "must be false where bucket names an existing one", "give one of the two"
        yield Finding("LogBuckets", buckets[1], reason, remedy, True, rests_on=buckets)
    if logs.prefix and not logs.bucket and not logs.create_bucket:
        reason = "must not be given without a bucket"
        remedy = "name a bucket, or write create_bucket = true"
        yield Finding("LogPrefix", f"{at}.prefix", reason, remedy, logs.prefix, rests_on=buckets)
