"""Whether a deployment of the settings would clash with what is in the account."""

from collections.abc import Iterator, Sequence

from oelab.findings import Finding, Rule, Severity
from oelab.review.account_snapshot import DEFAULT_VPC_QUOTA, INSTANCE_PROFILE, DeployedStack, Survey
from oelab.review.expected_fleet import Expectation
from oelab.review.models import Unread
from oelab.review.verdicts.images import image_findings
from oelab.review.verdicts.overlap import overlaps, owner_of
from oelab.review.verdicts.preflight_finding import preflight_finding
from oelab.review.verdicts.profiles import profile_findings
from oelab.review.verdicts.stacks import stack_findings
from oelab.settings import Settings

# Documents with which Quick Setup and others attach profiles to instances that have none.
_ATTACHING = ("AttachIAMToInstance", "AttachInstanceProfile", "HostMgmt")


def preflight_findings(surveys: Sequence[Survey], expectation: Expectation) -> list[Finding]:
    """All of them, the most serious first."""
    found = [finding for survey in surveys for finding in _of(survey, expectation)]
    return sorted(found, key=lambda finding: finding.severity.rank)


def _of(survey: Survey, expectation: Expectation) -> Iterator[Finding]:
    settings = expectation.settings
    if not survey.supported:
        yield preflight_finding(
            survey,
            Rule.PREFLIGHT_REGION,
            Severity.ERROR,
            "AWS",
            f"Systems Manager is not known to be in {survey.place.region}",
            "choose another Region; if AWS has just added it, update boto3",
        )
        return
    yield from _account(survey, settings)
    yield from stack_findings(survey)
    yield from _role(survey, settings) if settings.role.create else _no_role(survey, settings)
    yield from profile_findings(survey, settings)
    yield from image_findings(survey, settings)
    yield from _vpcs(survey, settings)
    yield from overlaps(survey, expectation)
    yield from _host_management(survey)
    yield from _automation(survey)


def _account(survey: Survey, settings: Settings) -> Iterator[Finding]:
    known = not isinstance(survey.account, Unread)
    if settings.account and known and survey.account != settings.account:
        yield preflight_finding(
            survey,
            Rule.PREFLIGHT_ACCOUNT,
            Severity.ERROR,
            f"account {survey.account}",
            f"the settings deploy to account {settings.account}, the credentials are of another",
            "use the credentials of that account, or fix `account` in the settings",
        )
    if settings.region and survey.place.region != settings.region:
        yield preflight_finding(
            survey,
            Rule.PREFLIGHT_REGION,
            Severity.NOTE,
            "the settings",
            f"the settings deploy to {settings.region}, not here",
            "nothing, unless `region` in the settings is wrong",
        )


def _role(survey: Survey, settings: Settings) -> Iterator[Finding]:
    name = settings.role.name_in(survey.place.region)
    of_region = "`region_suffix = true` if it is of another Region's lab, or "
    apart = "" if settings.role.region_suffix else of_region
    taken = (
        ("AWS::IAM::Role", Rule.PREFLIGHT_ROLE, survey.role_exists),
        (INSTANCE_PROFILE, Rule.PREFLIGHT_PROFILE, survey.profile_exists),
    )
    for resource_type, rule, exists in taken:
        if exists is True and not survey.is_ours(resource_type, name):
            yield preflight_finding(
                survey,
                rule,
                Severity.ERROR,
                # CloudFormation puts no tags of its own on roles that would tell.
                "another stack, here or in another Region, or someone by console or API",
                f"the account has the {rule} {name} already, and names are unique in an account",
                f"in [role], set {apart}`create = false` to use it as it is, or another `name`; "
                "delete it only if it is not in use",
            )


def _no_role(survey: Survey, settings: Settings) -> Iterator[Finding]:
    name = settings.role.name_in(survey.place.region)
    for rule, is_missing in (
        (Rule.PREFLIGHT_ROLE, survey.role_exists is False),
        (Rule.PREFLIGHT_PROFILE, survey.profile_exists is False),
    ):
        if is_missing:
            yield preflight_finding(
                survey,
                rule,
                Severity.ERROR,
                "nobody",
                f"the settings use the {rule} {name} as one that exists, and there is none",
                "fix `name` in [role], or set `create = true` there",
            )


def _vpcs(survey: Survey, settings: Settings) -> Iterator[Finding]:
    if isinstance(survey.vpcs, Unread) or isinstance(survey.stacks, Unread):
        return
    needed = sum(
        not workload.subnet_id and not _has_vpc(survey.stacks.get(workload.stack_name))
        for workload in settings.workloads
    )
    assumed = isinstance(survey.vpc_quota, Unread)
    quota = DEFAULT_VPC_QUOTA if isinstance(survey.vpc_quota, Unread) else survey.vpc_quota
    if survey.vpcs + needed > quota:
        says = "the documented default, as the quota itself could not be read" if assumed else ""
        yield preflight_finding(
            survey,
            Rule.PREFLIGHT_VPC_QUOTA,
            # A default that may long have been raised proves nothing.
            Severity.NOTE if assumed else Severity.ERROR,
            f"account {survey.account}" if isinstance(survey.account, str) else "the account",
            f"{survey.vpcs} VPCs are there and {needed} would be added, but {quota} are allowed"
            + (f" ({says})" if says else ""),
            "raise the quota, delete a VPC, or give workloads a `subnet_id`",
        )


def _has_vpc(stack: DeployedStack | None) -> bool:
    held = stack.resources.values() if stack else ()
    return any(kind == "AWS::EC2::VPC" for kind, _ in held)


def _host_management(survey: Survey) -> Iterator[Finding]:
    if isinstance(survey.host_role, str) and survey.host_role:
        yield preflight_finding(
            survey,
            Rule.PREFLIGHT_HOST_MANAGEMENT,
            Severity.NOTE,
            "default host management of the account",
            f"instances without a profile are managed too, with the role {survey.host_role}; a "
            "profile that allows ssm:UpdateInstanceInformation goes before it",
            "nothing, unless instances without a profile are meant to stay unmanaged",
        )


def _automation(survey: Survey) -> Iterator[Finding]:
    for each in () if isinstance(survey.associations, Unread) else survey.associations:
        if any(part in text for part in _ATTACHING for text in (each.document, each.name)):
            yield preflight_finding(
                survey,
                Rule.PREFLIGHT_AUTOMATION,
                Severity.NOTE,
                owner_of(each, survey),
                f"{each.label} ({each.document}) may attach an instance profile to instances that "
                "have none",
                "give each workload an `instance_profile`, which it then leaves alone",
            )
