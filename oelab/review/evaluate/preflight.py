"""The report of `oelab preflight`: what in the account a deployment would clash with."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from oelab.findings import Finding, Severity
from oelab.review.evaluate.images import not_pinned
from oelab.review.evaluate.overlap import clashing_associations, owner_of
from oelab.review.evaluate.rules import finding, finding_in
from oelab.review.evaluate.scope import unknown_groups
from oelab.review.evaluate.stacks import clashing_stacks, orphaned_stacks
from oelab.review.expected_fleet import ExpectedFleet
from oelab.review.models import ReviewReport, Subject, Unread, known
from oelab.review.snapshots import DEFAULT_VPC_QUOTA, INSTANCE_PROFILE, AccountSnapshot, reading_of
from oelab.settings import Settings
from oelab.systems_manager.data_sync import QUOTA
from oelab.systems_manager.targets import NodeIdentity, Tags, matches

_OTHER_REGION = "`region_suffix = true` if it is of another Region's lab, or "
# Documents with which Quick Setup and others attach profiles to instances that have none.
_ATTACHING = ("AttachIAMToInstance", "AttachInstanceProfile", "HostMgmt")


@dataclass(frozen=True, kw_only=True)
class PreflightReport(ReviewReport):
    """What `oelab preflight` has found.

    An error makes the deployment fail, or destroy what is not ours. With a warning it succeeds and
    does not do what the settings say.
    """

    empty = "nothing stands in the way of a deployment"
    schema: str = "oelab.preflight/1"


def evaluate_accounts(
    accounts: Sequence[AccountSnapshot], expected: ExpectedFleet
) -> PreflightReport:
    """What stands in the way of a deployment, the most serious first."""
    found = (clash for each in accounts for clash in _clashes(each, expected))
    return PreflightReport(
        **reading_of(accounts), findings=tuple(sorted(found, key=lambda it: it.severity.rank))
    )


def _clashes(account: AccountSnapshot, expected: ExpectedFleet) -> Iterator[Finding]:
    settings = expected.settings
    if not account.supported:
        yield finding_in(account, "region-without-systems-manager")
        return
    yield from _environment(account, settings)
    yield from clashing_stacks(account)
    yield from orphaned_stacks(account)
    if settings.has_foundation(settings.environment_in(*account.environment[:2])):
        yield from _role(account, settings)
    yield from _profiles(account, settings)
    yield from _images(account, settings)
    yield from _vpcs(account, settings)
    yield from unknown_groups([account], expected)
    yield from _data_syncs(account, settings)
    yield from _attached_profiles(account, settings)
    yield from clashing_associations(account, expected)
    if role := known(account.host_role, ""):
        yield finding_in(account, "host-management", role=role)
    for each in known(account.associations, ()):
        texts = (each.document, each.association_name)
        if account.is_ours("AWS::SSM::Association", each.association_id):
            continue
        if any(part in text for part in _ATTACHING for text in texts):
            owner = owner_of(each, account)
            yield finding_in(account, "profile-automation", association=each, owner=owner)


def _environment(account: AccountSnapshot, settings: Settings) -> Iterator[Finding]:
    account_id, region, _ = account.environment
    if settings.account and account_id not in ("", settings.account):
        yield finding_in(account, "other-account", wanted=settings.account)
    if settings.region and region != settings.region:
        yield finding_in(account, "other-region", wanted=settings.region)


def _role(account: AccountSnapshot, settings: Settings) -> Iterator[Finding]:
    role = settings.role
    name = role.name_in(account.environment.region)
    suffix = "" if role.region_suffix else _OTHER_REGION
    for what, resource_type, exists in (
        ("role", "AWS::IAM::Role", account.role_exists),
        ("instance-profile", INSTANCE_PROFILE, account.profile_exists),
    ):
        if role.create and exists is True and not account.is_ours(resource_type, name):
            yield finding_in(account, f"{what}-exists", name=name, suffix=suffix)
        if not role.create and exists is False:
            yield finding_in(account, f"{what}-missing", name=name, owner="nobody")


def _profiles(account: AccountSnapshot, settings: Settings) -> Iterator[Finding]:
    """Instance profiles that workloads name themselves."""
    for name in sorted(settings.named_profiles()):
        users = [each.name for each in settings.workloads if each.instance_profile == name]
        what = f"{name} of {', '.join(users)}"
        if account.is_ours(INSTANCE_PROFILE, name):
            yield finding_in(account, "instance-profile-deleted", name=what)
        elif name not in known(account.profiles, frozenset({name})):
            yield finding_in(account, "instance-profile-missing", owner="the settings", name=what)


def _images(account: AccountSnapshot, settings: Settings) -> Iterator[Finding]:
    """A Region without a pin, or a parameter that has moved on since the last deployment."""
    image = known(account.image, "")
    if settings.image_pins and account.environment.region not in settings.image_pins:
        yield not_pinned(account, settings, owner="the settings")
    for each in () if settings.image_pins else settings.workloads:
        deployed = sorted(_deployed_images(account, settings, each.stack_name))
        if image and deployed not in ([], [image]):
            yield finding_in(
                account,
                "image-moved",
                Severity.WARNING if each.protection else None,
                kind="protected workload" if each.protection else "workload",
                workload=each,
                deployed=", ".join(deployed),
                parameter=settings.image,
                image=image,
            )


def _deployed_images(account: AccountSnapshot, settings: Settings, stack_name: str) -> set[str]:
    """What the stack's parameter resolved to; where that is not known, what its instances run."""
    stack = account.our_stacks.get(stack_name)
    if stack is None:
        return set()
    if settings.image in stack.resolved:
        return {stack.resolved[settings.image]}
    return {
        each.image_id
        for each in known(account.instances, ())
        if not each.is_gone and stack.holds("AWS::EC2::Instance", each.instance_id)
    }


def _vpcs(account: AccountSnapshot, settings: Settings) -> Iterator[Finding]:
    if isinstance(account.vpcs, Unread) or isinstance(account.stacks, Unread):
        return
    stacks = account.stacks
    with_vpc = {name for name, stack in stacks.items() if stack.holds_type("AWS::EC2::VPC")}
    in_own_vpc = (each.stack_name for each in settings.workloads if not each.subnet_id)
    needed = len({*in_own_vpc} - with_vpc)
    quota = account.vpc_quota or DEFAULT_VPC_QUOTA
    if account.vpcs + needed > quota:
        # A default that may long have been raised proves nothing.
        severity = None if account.vpc_quota else Severity.NOTE
        assumed = "" if account.vpc_quota else " by default, as the quota could not be read"
        yield finding_in(
            account,
            "vpc-quota",
            severity,
            vpcs=account.vpcs,
            needed=needed,
            quota=f"{quota} are allowed{assumed}",
        )


def _data_syncs(account: AccountSnapshot, settings: Settings) -> Iterator[Finding]:
    """Whether the sync of the settings can be created next to those that exist."""
    existing = known(account.data_syncs, ())
    ours = account.our_stacks.values()
    is_there = any(each.holds_type("AWS::SSM::ResourceDataSync") for each in ours)
    if settings.fleet_data.enabled and len(existing) >= QUOTA and not is_there:
        names = ", ".join(sorted(existing))
        total = len(existing) + 1
        yield finding_in(account, "sync-quota", most=QUOTA, total=total, names=names)


def _attached_profiles(account: AccountSnapshot, settings: Settings) -> Iterator[Finding]:
    """The instances that `[existing_instances]` gives the profile of the role."""
    existing = settings.existing_instances
    targets = Tags({key: tuple(values) for key, values in existing.tags.items()})
    profile = settings.role.name_in(account.environment.region)
    for each in known(account.instances, ()) if existing.attach_profile else ():
        identity = NodeIdentity(each.instance_id, each.tags)
        if not each.is_gone and not each.profile_arn and matches(targets, identity):
            subject = Subject(
                environment=account.environment, name=each.name, node_id=each.instance_id
            )
            yield finding("profile-attached", subject, profile=profile)
