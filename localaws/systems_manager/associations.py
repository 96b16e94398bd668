"""Create, change and delete associations, with the checks that State Manager makes."""

import re
import uuid
from collections.abc import Callable
from typing import Any

from localaws.adapter import ssm
from localaws.clock import Clock
from localaws.errors import AwsError
from localaws.systems_manager import documents, schedule, targets
from localaws.systems_manager.state import Association, ScopeState

Request = dict[str, Any]

OPTIONAL = (
    "InstanceId",
    "Parameters",
    "Targets",
    "ScheduleExpression",
    "OutputLocation",
    "AssociationName",
    "DocumentVersion",
    "AutomationTargetParameterName",
    "MaxErrors",
    "MaxConcurrency",
    "ComplianceSeverity",
    "SyncCompliance",
    "ApplyOnlyAtCronInterval",
    "CalendarNames",
    "ScheduleOffset",
    "Duration",
    "AssociationDispatchAssumeRole",
)
# With the deprecated InstanceId these cannot be used, says the API's reference.
_NOT_WITH_INSTANCE_ID = (
    "Targets",
    "AssociationName",
    "DocumentVersion",
    "MaxErrors",
    "MaxConcurrency",
    "OutputLocation",
    "ScheduleExpression",
)
_NAME = re.compile(r"^[a-zA-Z0-9_\-.]{3,128}$")
_CONCURRENCY = re.compile(r"^([1-9][0-9]{0,6}|[1-9][0-9]%|[1-9]%|100%)$")
_ERRORS = re.compile(r"^([1-9][0-9]{0,6}|[0]|[1-9][0-9]%|[0-9]%|100%)$")
_SEVERITIES = ("CRITICAL", "HIGH", "MEDIUM", "LOW", "UNSPECIFIED")
MAX_ASSOCIATIONS = 2000
QUICK_SETUP_PREFIX = "AWS-QuickSetup-SSM-CollectInventory-"


class Associations:
    """The associations of the request's account and Region."""

    def __init__(self, clock: Clock, state: Callable[[], ScopeState]) -> None:
        self._clock = clock
        self._state = state

    def create(self, request: Request) -> Association:
        known = self._state().associations
        settings = _settings(request)
        self._check(request["Name"], settings, None)
        if len(known) >= MAX_ASSOCIATIONS:
            raise AwsError(
                "AssociationLimitExceeded", f"You can have at most {MAX_ASSOCIATIONS} associations."
            )
        now = self._clock.now()
        association = Association(
            association_id=str(uuid.uuid4()),
            document=request["Name"],
            settings=settings,
            created=now,
            updated=now,
            schedule_seen=now,
            run_requested=not settings.get("ApplyOnlyAtCronInterval"),
        )
        _remember_version(association)
        known[association.association_id] = association
        tags = {tag["Key"]: tag["Value"] for tag in request.get("Tags") or []}
        ssm.set_tags(association.association_id, tags)
        return association

    def update(self, request: Request) -> Association:
        """Every optional member that the request leaves out is gone afterwards, and it runs."""
        association = self.find(request)
        expected = request.get("AssociationVersion")
        if expected not in (None, "$LATEST", str(association.version)):
            raise AwsError(
                "InvalidAssociationVersion",
                f"The version {expected} of the association isn't the latest, "
                f"which is {association.version}",
            )
        document = request.get("Name") or association.document
        settings = _settings(request)
        if association.legacy_instance_id:
            settings["InstanceId"] = association.legacy_instance_id
        self._check(document, settings, association)
        association.document = document
        association.settings = settings
        association.version += 1
        association.updated = association.schedule_seen = self._clock.now()
        association.run_requested = not settings.get("ApplyOnlyAtCronInterval")
        association.rivals.clear()
        _remember_version(association)
        return association

    def delete(self, request: Request) -> None:
        association = self.find(request)
        state = self._state()
        del state.associations[association.association_id]
        ssm.drop_tags(association.association_id)
        for reports in state.compliance.values():
            reports.pop(("Association", association.association_id), None)

    def find(self, request: Request) -> Association:
        """By id, or (the old way) by document and instance."""
        association_id = request.get("AssociationId")
        for association in self._state().associations.values():
            if association_id:
                if association.association_id == association_id:
                    return association
            elif (
                association.legacy_instance_id
                and association.legacy_instance_id == request.get("InstanceId")
                and association.document == request.get("Name")
            ):
                return association
        raise AwsError("AssociationDoesNotExist", "The specified association doesn't exist.")

    def start_once(self, request: Request) -> None:
        ids = request.get("AssociationIds") or []
        if not 1 <= len(ids) <= 10:
            raise AwsError("ValidationException", "AssociationIds must hold 1 to 10 ids")
        found = [self.find({"AssociationId": association_id}) for association_id in ids]
        for association in found:
            association.run_requested = True

    def _check(self, document: str, settings: Request, current: Association | None) -> None:
        documents.find(document)
        documents.check_version(document, settings.get("DocumentVersion"))
        documents.check_parameters(document, settings.get("Parameters") or {})
        _check_targets(settings)
        _check_schedule(settings)
        _check_texts(settings)
        self._check_uniqueness(document, settings, current)

    def _check_uniqueness(
        self, document: str, settings: Request, current: Association | None
    ) -> None:
        others = [a for a in self._state().associations.values() if a is not current]
        instance_id = settings.get("InstanceId")
        if instance_id and any(
            a.legacy_instance_id == instance_id and a.document == document for a in others
        ):
            raise AwsError("AssociationAlreadyExists", "The specified association already exists.")
        wanted = Association("", document, settings, 0, 0)
        if (
            document == documents.INVENTORY_DOCUMENT
            and targets.is_wildcard(wanted)
            and any(a.document == document and targets.is_wildcard(a) for a in others)
        ):
            # The text is documented, the code is not.
            raise AwsError(
                "AssociationAlreadyExists",
                f"Multiple apply all associations with document '{document}' are not supported",
            )


def _settings(request: Request) -> Request:
    return {name: request[name] for name in OPTIONAL if request.get(name) not in (None, "", [], {})}


def _check_targets(settings: Request) -> None:
    if settings.get("InstanceId"):
        clashing = [name for name in _NOT_WITH_INSTANCE_ID if name in settings]
        if clashing:
            raise AwsError(
                "ValidationException",
                f"InstanceId can't be used together with {', '.join(clashing)}; use Targets",
            )
    elif not settings.get("Targets"):
        raise AwsError(
            "InvalidTarget", "Targets are required if you don't specify the InstanceId parameter"
        )
    targets.check(settings.get("Targets") or [])


def _check_schedule(settings: Request) -> None:
    expression = settings.get("ScheduleExpression", "")
    if expression:
        schedule.parse(expression)
    is_cron = expression.startswith("cron(")
    if settings.get("ApplyOnlyAtCronInterval") and expression.startswith("rate("):
        raise AwsError(
            "ValidationException", "ApplyOnlyAtCronInterval is not supported for rate expressions"
        )
    if settings.get("ScheduleOffset") and not (is_cron and settings.get("ApplyOnlyAtCronInterval")):
        raise AwsError(
            "ValidationException",
            "ScheduleOffset needs a cron expression and ApplyOnlyAtCronInterval",
        )


def _check_texts(settings: Request) -> None:
    for name, pattern in (
        ("AssociationName", _NAME),
        ("MaxConcurrency", _CONCURRENCY),
        ("MaxErrors", _ERRORS),
    ):
        value = settings.get(name)
        if value is not None and not pattern.match(value):
            raise _refused(name, value, f"satisfy regular expression pattern: {pattern.pattern}")
    severity = settings.get("ComplianceSeverity", _SEVERITIES[0])
    if severity not in _SEVERITIES:
        raise _refused("ComplianceSeverity", severity, f"satisfy enum value set: {_SEVERITIES}")


def _refused(name: str, value: str, constraint: str) -> AwsError:
    member = name[0].lower() + name[1:]
    return AwsError(
        "ValidationException",
        f"1 validation error detected: Value '{value}' at '{member}' failed to satisfy "
        f"constraint: Member must {constraint}",
    )


def _remember_version(association: Association) -> None:
    association.versions.append(
        {
            "AssociationId": association.association_id,
            "AssociationVersion": str(association.version),
            "CreatedDate": association.updated,
            "Name": association.document,
            **{n: v for n, v in association.settings.items() if n != "InstanceId"},
        }
    )
