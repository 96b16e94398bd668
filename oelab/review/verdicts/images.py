"""Whether the images of the settings are those that run, and are known where they are needed."""

from collections.abc import Iterable, Iterator

from oelab.findings import Finding, Rule, Severity
from oelab.review.account_snapshot import DeployedStack, Survey
from oelab.review.expected_fleet import GONE
from oelab.review.models import Unread
from oelab.review.verdicts.preflight_finding import preflight_finding
from oelab.settings import Settings, WorkloadSettings


def image_findings(survey: Survey, settings: Settings) -> Iterator[Finding]:
    """A Region without a pin, or a parameter that has moved on since the last deployment."""
    if not settings.image_pins:
        for workload in settings.workloads:
            yield from _moved_on(survey, settings, workload)
    elif survey.place.region not in settings.image_pins:
        yield _not_pinned(survey, settings)


def _not_pinned(survey: Survey, settings: Settings) -> Finding:
    region = survey.place.region
    return preflight_finding(
        survey,
        Rule.PREFLIGHT_IMAGE,
        Severity.ERROR,
        "the settings",
        f"images are pinned for {', '.join(settings.image_pins)}, and not for {region}",
        f"run `oelab image pin --region {region} --write`",
    )


def _moved_on(survey: Survey, settings: Settings, workload: WorkloadSettings) -> Iterator[Finding]:
    stack = survey.known_stacks.get(workload.stack_name)
    if not stack or isinstance(survey.image, Unread) or not survey.image:
        return
    deployed = _deployed_images(survey, settings, stack)
    if not deployed or deployed == {survey.image}:
        return
    protected = " of the protected workload" if workload.protection else ""
    yield preflight_finding(
        survey,
        Rule.PREFLIGHT_IMAGE,
        Severity.WARNING if workload.protection else Severity.NOTE,
        f"CloudFormation stack {stack.name}",
        f"the next deployment replaces the instances{protected} {workload.name}: they run "
        f"{', '.join(sorted(deployed))}, and {settings.image} is now {survey.image}; no diff "
        "shows it",
        f"pin {sorted(deployed)[0]} in [image_pins] to keep them, or plan their replacement",
    )


def _deployed_images(survey: Survey, settings: Settings, stack: DeployedStack) -> set[str]:
    """What the stack's parameter resolved to; where that is not known, what its instances run."""
    if settings.image in stack.resolved:
        return {stack.resolved[settings.image]}
    instances: Iterable[tuple[str, str, str]] = (
        ()
        if isinstance(survey.instances, Unread)
        else [(each.instance_id, each.state, each.image_id) for each in survey.instances]
    )
    return {
        image
        for instance_id, state, image in instances
        if state not in GONE and stack.holds("AWS::EC2::Instance", instance_id)
    }
