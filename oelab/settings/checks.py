"""Judges settings by the rules of AWS and by what must hold between them."""

from collections.abc import Iterable, Iterator

from oelab import tags as lab_tags
from oelab.constraints import ec2, iam
from oelab.constraints import tags as tag_rules
from oelab.constraints.text import length, shape
from oelab.findings import Finding, FindingsError
from oelab.settings.cross_checks import unique
from oelab.settings.image_checks import image_faults
from oelab.settings.inventory_checks import inventory_faults
from oelab.settings.model import RoleSettings, Settings
from oelab.settings.workload_checks import workloads_faults

_LONG_REGION = "ap-southeast-1"
_STACK_TAGS = frozenset({lab_tags.OWNER})


def check(settings: Settings) -> Settings:
    """The settings themselves, or `FindingsError` with all their findings."""
    found = findings(settings)
    if found:
        raise FindingsError(found)
    return settings


def findings(settings: Settings) -> tuple[Finding, ...]:
    """All that is wrong with the settings, in the order of a settings file."""
    return tuple(_faults(settings))


def _faults(settings: Settings) -> Iterator[Finding]:
    yield from length("owner", settings.owner, 1, 256, "")
    yield from tag_rules.tag_value("owner", settings.owner)
    yield from _environment(settings)
    yield from image_faults(settings)
    yield from _allowed(settings.allow_replacement)
    yield from _instance_tags(settings)
    yield from _role(settings.role)
    yield from workloads_faults(settings)
    yield from inventory_faults(settings.inventory)


def _environment(settings: Settings) -> Iterator[Finding]:
    if settings.account:
        yield from iam.account_id("account", settings.account)
    if settings.region:
        yield from ec2.region_name("region", settings.region)
    if bool(settings.account) != bool(settings.region):
        missing, given = ("region", "account") if settings.account else ("account", "region")
        yield Finding(
            subject=missing,
            value="",
            reason=f"must be given, as {given} is",
            remedy="give both, or neither for templates that suit any account and Region",
            rests_on=(given,),
        )


def _allowed(keys: Iterable[str]) -> Iterator[Finding]:
    for number, key in enumerate(keys):
        yield from shape(
            f"allow_replacement[{number}]",
            key,
            r"[A-Za-z][A-Za-z0-9-]*(/[A-Za-z0-9]+)?",
            reason="must name a stack, or a stack and a logical id",
            remedy="write it as in 'OELabStack2/Web1', or 'OELabStack2' for all of it",
            source="",
        )


def _instance_tags(settings: Settings) -> Iterator[Finding]:
    taken = lab_tags.SET_BY_WORKLOAD | _STACK_TAGS
    for key in sorted(taken & settings.tags.keys()):
        setting = "`owner`" if key in _STACK_TAGS else "each workload"
        yield Finding(
            subject=tag_rules.of_key("tags", key),
            value=settings.tags[key],
            reason="must not be set",
            remedy=f"leave it out; {setting} gives instances this tag",
        )
    own = {key: text for key, text in settings.tags.items() if key not in taken}
    yield from tag_rules.tags("tags", own, at_most=tag_rules.TAGS_PER_RESOURCE - len(taken))


def _role_name(role: RoleSettings) -> Iterator[Finding]:
    wrong = list(iam.role_name("role.name", role.name))
    yield from wrong
    longest = iam.ROLE_NAME_LENGTH - len(f"-{_LONG_REGION}")
    if role.region_suffix and not wrong and len(role.name) > longest:
        yield Finding(
            subject="role.name",
            value=role.name,
            reason=f"must have at most {longest} characters where a Region follows it",
            remedy=f"it has {len(role.name)}; shorten it",
            source="IAM API Reference, CreateRole",
            rests_on=("role.region_suffix",),
        )


def _existing_role(role: RoleSettings) -> Iterator[Finding]:
    defaults = RoleSettings()
    for name in ("description", "restricted_permissions", "tags"):
        value = getattr(role, name)
        if value != getattr(defaults, name):
            yield Finding(
                subject=f"role.{name}",
                value=value,
                reason="must not be given for an existing role",
                remedy="leave it out; whoever made the role decides this",
                rests_on=("role.create",),
            )


def _role(role: RoleSettings) -> Iterator[Finding]:
    yield from _role_name(role)
    if not role.create:
        yield from _existing_role(role)
    yield from iam.role_description("role.description", role.description)
    most = tag_rules.TAGS_PER_RESOURCE - len(_STACK_TAGS - role.tags.keys())
    yield from tag_rules.tags("role.tags", role.tags, at_most=most)
    named = [(tag_rules.of_key("role.tags", key), key) for key in role.tags]
    stack = [("the stack's tag", key) for key in sorted(_STACK_TAGS - role.tags.keys())]
    yield from unique(stack + named, "IAM does not tell tag keys apart by case")
