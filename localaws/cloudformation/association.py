"""`AWS::SSM::Association`: CloudFormation's way to State Manager's own calls.

An update passes every property of the template, as the resource's handler does, so that a removed
one is removed. `WaitForSuccessTimeoutSeconds` is accepted and not waited for.
"""

from functools import partial

from localaws.adapter import Record, cloudformation, ssm
from localaws.errors import AwsError, ResourceError
from localaws.systems_manager.engine import Engine

TYPE = "AWS::SSM::Association"
REPLACING = ("InstanceId",)
_NOT_PASSED_ON = ("WaitForSuccessTimeoutSeconds", "Tags")


def install(engine: Engine) -> None:
    cloudformation.install_resource_type(
        TYPE,
        create=partial(_create, engine),
        update=partial(_update, engine),
        delete=partial(_delete, engine),
        replacing=REPLACING,
        tagged=True,
    )


def _create(
    engine: Engine, _logical_id: str, props: Record, _stack_name: str
) -> tuple[str, Record]:
    try:
        _refuse_document_version(props)
        association = engine.associations.create(_request(props))
    except AwsError as error:
        raise ResourceError("AmazonSSM", error) from error
    _set_tags(association.association_id, props)
    return association.association_id, {"AssociationId": association.association_id}


def _update(
    engine: Engine, physical_id: str, old: Record, new: Record, _stack_name: str
) -> tuple[str, Record]:
    try:
        _refuse_document_version(new)
        # A change of tags alone is no reason to run the association.
        if _request(new) != _request(old):
            engine.associations.update({**_request(new), "AssociationId": physical_id})
    except AwsError as error:
        raise ResourceError("AmazonSSM", error) from error
    _set_tags(physical_id, new)
    return physical_id, {"AssociationId": physical_id}


def _delete(engine: Engine, physical_id: str, _props: Record) -> None:
    try:
        engine.associations.delete({"AssociationId": physical_id})
    except AwsError as error:
        # Already gone is what a deletion wants.
        if error.code != "AssociationDoesNotExist":
            raise ResourceError("AmazonSSM", error) from error


def _request(props: Record) -> Record:
    request = {name: value for name, value in props.items() if name not in _NOT_PASSED_ON}
    for name in ("ApplyOnlyAtCronInterval",):
        if name in request:
            request[name] = str(request[name]).lower() == "true"
    if "ScheduleOffset" in request:
        request["ScheduleOffset"] = int(request["ScheduleOffset"])
    return request


def _set_tags(association_id: str, props: Record) -> None:
    tags = {tag["Key"]: str(tag.get("Value", "")) for tag in props.get("Tags") or []}
    ssm.set_tags(association_id, tags)


def _refuse_document_version(props: Record) -> None:
    """The failure that the resource's reference documents for AWS-owned documents."""
    if props.get("DocumentVersion") and str(props.get("Name", "")).startswith("AWS-"):
        raise AwsError(
            "GeneralServiceException", "Error occurred during operation 'CreateAssociation'."
        )
