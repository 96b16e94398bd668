"""Which properties make CloudFormation replace a resource, by the resource types' own schemas."""

import json
from collections import defaultdict
from functools import cache

from cloudformation_validate import (
    CompositeEngine,
    CompositeEngineConfig,
    DetailLevel,
    ReportStatus,
    RuleFilterConfig,
    TemplateContent,
    ValidateConfig,
)

from oelab.diff.assembly import Stack
from oelab.diff.effects import Replacement
from oelab.template.assembly import NoAssemblyError

_RULE = "I9001"
_CONDITIONALLY = "conditionally create-only"

Path = tuple[str, ...]


def create_only(stack: Stack) -> dict[str, dict[Path, Replacement]]:
    """The create-only properties that each resource of a stack sets, by logical id.

    A schema calls a property create-only where its update replaces the resource, and conditionally
    create-only where it may. `cloudformation-validate` carries the schemas and reports both (rule
    I9001), but only for properties that are present: a removed one is known from before the
    change, an added one from after it. Raises `NoAssemblyError` where it cannot read the template.
    """
    report = _engine().validate_template(
        TemplateContent(json.dumps(stack.template), stack.name),
        ValidateConfig(include=RuleFilterConfig(ids=[_RULE]), detail_level=DetailLevel.STANDARD),
    )
    if report.status is not ReportStatus.OK:
        raise NoAssemblyError(
            f"the template of {stack.name} cannot be judged ({report.status.name.lower()}); "
            "`make synth` says what is wrong with it"
        )
    found: dict[str, dict[Path, Replacement]] = defaultdict(dict)
    for diagnostic in report.diagnostics:
        path = tuple(diagnostic.property_path.split(".")[1:])
        maybe = _CONDITIONALLY in diagnostic.message
        found[diagnostic.entity.logical_id][path] = Replacement.MAYBE if maybe else Replacement.YES
    return found


@cache
def _engine() -> CompositeEngine:
    # Its rules take a quarter of a second to compile, each template some milliseconds.
    return CompositeEngine(CompositeEngineConfig())
