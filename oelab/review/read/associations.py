"""Systems Manager: associations, their runs, and how these went on each node."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from oelab.review.models import (
    Association,
    AssociationDetails,
    AssociationStatus,
    Execution,
    Outcome,
)
from oelab.review.read.access import Clients
from oelab.review.read.errors import ReadError, code_of, reading
from oelab.review.read.pages import PAGE
from oelab.systems_manager.targets import Nodes, OtherResources, Targets, targets_of

if TYPE_CHECKING:
    from mypy_boto3_ssm.type_defs import AssociationTypeDef, PaginatorConfigTypeDef

# A run that a single node caused by coming online covers that node alone; how far to look back
# for the others.
RUNS_LOOKED_AT = 10


def read_associations(clients: Clients, document: str = "") -> tuple[Association, ...]:
    """The associations, of one document or of all.

    Raises `ReadError`. AWS: ssm:ListAssociations.
    """
    with reading(clients.place, "ssm:ListAssociations"):
        paginator = clients.ssm.get_paginator("list_associations")
        size: PaginatorConfigTypeDef = {"PageSize": PAGE}
        pages = (
            paginator.paginate(
                AssociationFilterList=[{"key": "Name", "value": document}], PaginationConfig=size
            )
            if document
            else paginator.paginate(PaginationConfig=size)
        )
        return tuple(_association(each) for page in pages for each in page["Associations"])


def read_details(clients: Clients, association_id: str) -> AssociationDetails:
    """The log location and the parameters. Raises `ReadError`. AWS: ssm:DescribeAssociation."""
    with reading(clients.place, "ssm:DescribeAssociation"):
        found = clients.ssm.describe_association(AssociationId=association_id)
    described = found["AssociationDescription"]
    location = described.get("OutputLocation", {}).get("S3Location", {})
    parameters = described.get("Parameters", {})
    return AssociationDetails(
        log_bucket=location.get("OutputS3BucketName", ""),
        log_prefix=location.get("OutputS3KeyPrefix", ""),
        parameters={name: tuple(values) for name, values in parameters.items()},
    )


def read_executions(
    clients: Clients, association_id: str, since: datetime | None = None
) -> tuple[Execution, ...]:
    """The runs since then, the newest first; an association that is gone by now has none.

    Raises `ReadError`. AWS: ssm:DescribeAssociationExecutions.
    """
    paginator = clients.ssm.get_paginator("describe_association_executions")
    size: PaginatorConfigTypeDef = {"PageSize": PAGE}
    try:
        with reading(clients.place, "ssm:DescribeAssociationExecutions"):
            pages = (
                paginator.paginate(
                    AssociationId=association_id,
                    Filters=[{"Key": "CreatedTime", "Value": _iso(since), "Type": "GREATER_THAN"}],
                    PaginationConfig=size,
                )
                if since
                else paginator.paginate(AssociationId=association_id, PaginationConfig=size)
            )
            found = [
                Execution(
                    execution_id=each.get("ExecutionId", ""),
                    status=each.get("Status", ""),
                    detailed_status=each.get("DetailedStatus", ""),
                    created=each["CreatedTime"],
                    counts=each.get("ResourceCountByStatus", ""),
                )
                for page in pages
                for each in page["AssociationExecutions"]
                if "CreatedTime" in each
            ]
    except ReadError as error:
        if code_of(error) == "AssociationDoesNotExist":
            return ()
        raise
    # AWS does not say in which order it answers.
    return tuple(sorted(found, key=lambda execution: execution.created, reverse=True))


def read_targets(clients: Clients, association_id: str, execution_id: str) -> Iterator[Outcome]:
    """How one run went, node by node; nothing where association or run are gone by now.

    Raises `ReadError`. AWS: ssm:DescribeAssociationExecutionTargets.
    """
    try:
        with reading(clients.place, "ssm:DescribeAssociationExecutionTargets"):
            pages = clients.ssm.get_paginator("describe_association_execution_targets").paginate(
                AssociationId=association_id,
                ExecutionId=execution_id,
                PaginationConfig={"PageSize": PAGE},
            )
            for page in pages:
                for each in page["AssociationExecutionTargets"]:
                    yield Outcome(
                        node_id=each.get("ResourceId", ""),
                        status=each.get("Status", ""),
                        detailed_status=each.get("DetailedStatus", ""),
                        ended=each.get("LastExecutionDate"),
                    )
    except ReadError as error:
        if code_of(error) not in ("AssociationDoesNotExist", "AssociationExecutionDoesNotExist"):
            raise


def read_outcomes(
    clients: Clients,
    executions: Iterable[Execution],
    association_id: str,
    wanted: Collection[str],
) -> Mapping[str, Outcome]:
    """The latest outcome on each node, from the newest run back until all `wanted` are found.

    Looks at no more than `RUNS_LOOKED_AT` runs. Raises `ReadError`.
    """
    missing = set(wanted)
    outcomes: dict[str, Outcome] = {}
    for execution in list(executions)[:RUNS_LOOKED_AT]:
        for outcome in read_targets(clients, association_id, execution.execution_id):
            outcomes.setdefault(outcome.node_id, outcome)
            missing.discard(outcome.node_id)
        if not missing:
            break
    return outcomes


def read_statuses(clients: Clients, node_id: str) -> tuple[AssociationStatus, ...]:
    """What one node says of its associations; nothing where it is not a managed node.

    Raises `ReadError`. AWS: ssm:DescribeInstanceAssociationsStatus.
    """
    try:
        with reading(clients.place, "ssm:DescribeInstanceAssociationsStatus"):
            pages = clients.ssm.get_paginator("describe_instance_associations_status").paginate(
                InstanceId=node_id, PaginationConfig={"PageSize": PAGE}
            )
            return tuple(
                AssociationStatus(
                    association_id=each.get("AssociationId", ""),
                    name=each.get("AssociationName", ""),
                    status=each.get("Status", ""),
                    detailed_status=each.get("DetailedStatus", ""),
                    ran=each.get("ExecutionDate"),
                    summary=each.get("ExecutionSummary", ""),
                    error_code=each.get("ErrorCode", ""),
                    output_url=each.get("OutputUrl", {})
                    .get("S3OutputUrl", {})
                    .get("OutputUrl", ""),
                )
                for page in pages
                for each in page["InstanceAssociationStatusInfos"]
            )
    except ReadError as error:
        if code_of(error) == "InvalidInstanceId":
            return ()
        raise


def _association(each: "AssociationTypeDef") -> Association:
    return Association(
        association_id=each.get("AssociationId", ""),
        name=each.get("AssociationName", ""),
        document=each.get("Name", ""),
        targets=_targets(each),
        schedule=each.get("ScheduleExpression", ""),
        offset_days=each.get("ScheduleOffset", 0),
        status=each.get("Overview", {}).get("Status", ""),
        last_run=each.get("LastExecutionDate"),
    )


def _targets(each: "AssociationTypeDef") -> Targets:
    if each.get("TargetMaps"):
        return OtherResources()
    instance_id = each.get("InstanceId")
    if instance_id and not each.get("Targets"):
        # The deprecated way to name one instance.
        return Nodes((instance_id,))
    return targets_of(
        (target.get("Key", ""), tuple(target.get("Values", [])))
        for target in each.get("Targets", [])
    )


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
