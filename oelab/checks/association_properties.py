"""Whether State Manager and CloudFormation take the properties of an inventory association.

The constraints are those of `InventoryAssociation`; here they hold for any association, whatever
defines it. A property that only the deployment knows has no finding.
"""

from collections.abc import Iterator
from difflib import get_close_matches

from oelab.checks.associations import AssociationDefinition
from oelab.checks.rules import of_property, violation
from oelab.checks.values import is_true, value_of
from oelab.constraints import ssm as accepted
from oelab.constraints.inventory import document_parameters
from oelab.findings import Finding
from oelab.systems_manager.documents import INVENTORY_DOCUMENT
from oelab.systems_manager.targets import KINDS_OF_KEYS, Opaque, UnknownTargets
from oelab.template.app import App
from oelab.template.expression import Resource

# How alike names are of which one is a slip of the other, from 0 to 1. AWS reserves its prefix.
_CLOSE = 0.8
_RESERVED = "aws"


def findings(app: App, associations: list[AssociationDefinition]) -> Iterator[Finding]:
    """What would be refused, or would not do what is meant."""
    for resource in app.of_type("AWS::SSM::Association"):
        name = resource.text_of("Name") or ""
        is_near = get_close_matches(name.casefold(), [INVENTORY_DOCUMENT.casefold()], 1, _CLOSE)
        if is_near and name.casefold().startswith(_RESERVED) and name != INVENTORY_DOCUMENT:
            yield violation("DocumentName", resource, name)
    for association in associations:
        resource = association.resource
        for finding in _constrained(association):
            if not isinstance(finding.value, Opaque | Resource):
                yield of_property(resource, finding)
        yield from _targets(association)
        yield from _schedule(resource)
        if version := resource.get("DocumentVersion"):
            yield violation("DocumentVersion", resource, version.text() or "a token")
        if timeout := resource.get("WaitForSuccessTimeoutSeconds"):
            yield violation("WaitForSuccess", resource, timeout.text() or "a token")


def _constrained(association: AssociationDefinition) -> Iterator[Finding]:
    """What the constraints of single properties find, by the names of these."""
    resource = association.resource
    for path, check in accepted.ASSOCIATION.items():
        given = resource.properties.at(*path.split("."))
        if given and isinstance(value := value_of(given), str):
            yield from check(path, value)
    yield from accepted.targets("Targets", association.targets)
    parameters = resource.get("Parameters")
    if parameters and isinstance(parameters.value, dict) and not parameters.function:
        values = {name: [*map(value_of, parameters.all(name))] for name in parameters.value}
        yield from document_parameters("Parameters", values)
    days = resource.text_of("ScheduleOffset") or ""
    if days.isdigit():
        expression = resource.text_of("ScheduleExpression")
        yield from accepted.schedule_offset("ScheduleOffset", int(days), expression)


def _targets(association: AssociationDefinition) -> Iterator[Finding]:
    """Targets of two kinds, or of one that is not documented."""
    resource, targets = association.resource, association.targets
    given = targets.given if isinstance(targets, UnknownTargets) else ()
    keys = [key for key, _ in given if isinstance(key, str)]
    documented = tuple(map(str.casefold, KINDS_OF_KEYS))
    unknown = [key for key in keys if not key.casefold().startswith(documented)]
    for key in unknown:
        kinds, meant = ", ".join(KINDS_OF_KEYS), f"tag:{key.rpartition(':')[2]}"
        yield violation("TargetKind", resource, key, case="unknown", kinds=kinds, meant=meant)
    if resource.get("InstanceId") and resource.get("Targets"):
        yield violation("TargetKind", resource, str(association), case="both")
    elif given and len(keys) == len(given) and not unknown:
        yield violation("TargetKind", resource, str(association), case="mixed")


def _schedule(resource: Resource) -> Iterator[Finding]:
    """What goes together with a schedule and what does not."""
    waits = is_true(resource.get("ApplyOnlyAtCronInterval"))
    offset, expression = resource.get("ScheduleOffset"), resource.text_of("ScheduleExpression")
    if offset and waits is False:
        value = f"ScheduleOffset={offset.text() or 'a token'}"
        yield violation("CronInterval", resource, value, case="missing")
    if waits and expression and expression.startswith("rate("):
        yield violation("CronInterval", resource, expression, case="rate")
