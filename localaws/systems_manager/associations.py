"""Create, change and delete associations, with the checks that State Manager makes.

What the service model says of single members has been checked before; see `request_model`.
"""

import uuid
from typing import Any

from localaws.adapter import ssm
from localaws.errors import AwsError
from localaws.systems_manager import compliance, documents, schedule, targets
from localaws.systems_manager.engine import Engine
from localaws.systems_manager.state import Association

Request = dict[str, Any]
SETTINGS = (
    "Name",
    "AssociationName",
    "Targets",
    "Parameters",
    "ScheduleExpression",
    "ScheduleOffset",
    "ApplyOnlyAtCronInterval",
    "OutputLocation",
    "ComplianceSeverity",
    "SyncCompliance",
    "MaxConcurrency",
    "MaxErrors",
    "AutomationTargetParameterName",
)


def create(engine: Engine, request: Request) -> Association:
    now = engine.clock.now()
    settings = _settings(request)
    association = Association(str(uuid.uuid4()), settings, now, now, scheduled_until=now)
    association.is_run_requested = not settings.get("ApplyOnlyAtCronInterval")
    _check(engine, association)
    engine.state().associations[association.association_id] = association
    ssm.set_tags(association.association_id, request.get("Tags", []))
    return association


def update(engine: Engine, request: Request) -> Association:
    """Every optional member that the request leaves out is gone afterwards, and it runs."""
    association = find(engine, request["AssociationId"])
    settings = _settings({"Name": association.document, **request})
    _check(engine, Association(association.association_id, settings, 0, 0))
    association.settings = settings
    association.version += 1
    association.updated = association.scheduled_until = engine.clock.now()
    association.is_run_requested = not settings.get("ApplyOnlyAtCronInterval")
    return association


def delete(engine: Engine, association_id: str) -> None:
    association = find(engine, association_id)
    state = engine.state()
    del state.associations[association_id]
    ssm.drop_tags(association_id)
    for node_id in state.nodes:
        compliance.drop_association(state, association, node_id)


def find(engine: Engine, association_id: str) -> Association:
    association = engine.state().associations.get(association_id)
    if association is None:
        raise AwsError("AssociationDoesNotExist", "The specified association doesn't exist.")
    return association


def _settings(request: Request) -> Request:
    given = {name: request[name] for name in SETTINGS if name in request}
    # Without targets it would be an association of the deprecated kind, for one InstanceId.
    return {"Targets": [], **given}


def _check(engine: Engine, association: Association) -> None:
    settings = association.settings
    documents.check_parameters(
        association.document,
        settings.get("Parameters", {}),
        settings.get("AutomationTargetParameterName", ""),
    )
    targets.check(association.targets)
    _check_schedule(settings)
    if _is_inventory_of_all_nodes(association) and any(
        _is_inventory_of_all_nodes(other)
        for other in engine.state().associations.values()
        if other.association_id != association.association_id
    ):
        # The text is documented, the code is not.
        raise AwsError(
            "AssociationAlreadyExists",
            f"Multiple apply all associations with document '{association.document}' "
            "are not supported",
        )


def _check_schedule(settings: Request) -> None:
    expression = settings.get("ScheduleExpression", "")
    if expression and not schedule.accepts(expression):
        raise AwsError("InvalidSchedule", f"The schedule is invalid: {expression}")
    is_cron = expression.startswith("cron(")
    if settings.get("ApplyOnlyAtCronInterval") and expression and not is_cron:
        raise AwsError("ValidationException", "ApplyOnlyAtCronInterval needs a cron expression")
    if settings.get("ScheduleOffset") and not (is_cron and settings.get("ApplyOnlyAtCronInterval")):
        raise AwsError(
            "ValidationException",
            "ScheduleOffset needs a cron expression and ApplyOnlyAtCronInterval",
        )


def _is_inventory_of_all_nodes(association: Association) -> bool:
    return association.document == documents.INVENTORY_DOCUMENT and targets.is_for_all_nodes(
        association.targets
    )
