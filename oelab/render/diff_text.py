"""A comparison of two versions as text."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

from oelab.diff.compare import StackChange
from oelab.diff.guard import PROTECTED
from oelab.diff.report import DiffReport, GuardReport
from oelab.diff.resources import PropertyChange, ResourceChange
from oelab.diff.vocabulary import Effect, Replacement
from oelab.findings import Finding
from oelab.render.output import Output


def print_report(report: DiffReport | GuardReport, out: Output) -> None:
    """Each stack that differs, with the CDK's own diff of it if asked for, and a summary."""
    for line in _report(report) if isinstance(report, DiffReport) else _findings(report.findings):
        out.print_whole(line)


def _report(report: DiffReport) -> Iterator[str]:
    for change in report.stacks:
        if change.label in report.cdk_diffs:
            yield f"{report.cdk_diffs[change.label]}\n"
        yield from _stack(change)
        yield ""
    yield f"from {report.base} to {report.head}: {_summary(report)}"
    yield from _findings(report.findings)


def _findings(findings: Iterable[Finding]) -> Iterator[str]:
    """A line for each finding, with all of its subjects where it is the same."""
    subjects: dict[Finding, list[str]] = defaultdict(list)
    for each in findings:
        subjects[replace(each, subject="")].append(str(each.subject))
    for each, found in subjects.items():
        label = "refused" if each.rule == PROTECTED else each.severity
        yield f"{label}: {replace(each, subject=', '.join(found))}"


def _stack(change: StackChange) -> Iterator[str]:
    """A heading, then what happens, the worst first."""
    protection = " (protected)" if change.protected else ""
    happens = "changes" if change.effect is Effect.CHANGED else change.effect.words
    is_moved = change.effect is Effect.LEFT_BEHIND and change.resources
    yield f"{change.label}{protection}: {happens}{', and created elsewhere' if is_moved else ''}"
    effects = {resource.logical_id: resource.effect for resource in change.resources}
    for effect in sorted(set(effects.values()), reverse=True):
        yield f"  {effect.words}"
        affected = (resource for resource in change.resources if resource.effect is effect)
        yield from (f"    {_resource(resource, effects)}" for resource in affected)
    if change.security:
        yield "  permissions and network rules"
    for each in change.security:
        yield f"    {'+' if each.added else '-'} {each.rule} ({each.logical_id})"
    if change.settings:
        yield "  other settings of the stack"
    yield from (f"    {setting}" for setting in change.settings)
    yield from (f"  {line}" for line in _findings(change.notes))


def _resource(resource: ResourceChange, effects: dict[str, Effect]) -> str:
    properties = sorted(resource.properties, key=lambda each: -each.replacement)
    why = ", ".join(_property(each, effects) for each in properties)
    return f"{resource.logical_id} {resource.type}{': ' if why else ''}{why}"


def _property(change: PropertyChange, effects: dict[str, Effect]) -> str:
    if change.because_of:
        happens = {Effect.CHANGED: "changes", Effect.REPLACED: "is replaced"}
        why = happens.get(effects[change.because_of], "may be replaced")
        return f"{change.name} (as {change.because_of} {why})"
    if change.name == "Type" and change.replacement is Replacement.YES:
        return f"Type was {change.before} (CloudFormation refuses that: give it another id)"
    return change.name


def _summary(report: DiffReport) -> str:
    """How many stacks and resources have which effect."""
    stacks = [change.effect for change in report.stacks if change.effect is not Effect.CHANGED]
    resources = [resource.effect for change in report.stacks for resource in change.resources]
    counts = [*_counts("stack", stacks), *_counts("resource", resources)]
    return ", ".join(counts) or ("no resource changes" if report.stacks else "nothing changes")


def _counts(what: str, effects: Iterable[Effect]) -> Iterator[str]:
    for effect, count in sorted(Counter(effects).items(), reverse=True):
        yield f"{count} {what}{'' if count == 1 else 's'} {effect.words}"
