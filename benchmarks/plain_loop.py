"""`python -m benchmarks.plain_loop REGION...`: the calls of `oelab status`, and nothing else.

A loop with boto3 for each Region, at the same time, that keeps nothing and evaluates nothing. It
does not keep to AWS's rates either, but repeats what is throttled.
"""

import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
from botocore.config import Config

from oelab.systems_manager.documents import INVENTORY_DOCUMENT
from tests.command_line.fake_aws import TYPES

CONFIG = Config(retries={"mode": "standard", "total_max_attempts": 20})


def read_region(session: Any, region: str) -> None:
    ec2 = session.client("ec2", region_name=region, config=CONFIG)
    ssm = session.client("ssm", region_name=region, config=CONFIG)

    def pages(client: Any, operation: str, size: int = 50, **request: Any) -> list[Any]:
        paginator = client.get_paginator(operation)
        return [*paginator.paginate(**request, PaginationConfig={"PageSize": size})]

    pages(ec2, "describe_instances", 1000)
    pages(ssm, "describe_instance_information")
    by_document = [{"key": "Name", "value": INVENTORY_DOCUMENT}]
    for page in pages(ssm, "list_associations", AssociationFilterList=by_document):
        for association in page["Associations"]:
            named = {"AssociationId": association["AssociationId"]}
            (runs,) = pages(ssm, "describe_association_executions", **named)
            run = {"ExecutionId": runs["AssociationExecutions"][0]["ExecutionId"]}
            pages(ssm, "describe_association_execution_targets", **named, **run)
    for name in TYPES:
        pages(ssm, "get_inventory", ResultAttributes=[{"TypeName": name}])
    pages(ssm, "list_resource_compliance_summaries")


def main() -> None:
    session = boto3.Session()
    session.client("sts", region_name=sys.argv[1], config=CONFIG).get_caller_identity()
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda region: read_region(session, region), sys.argv[1:]))


if __name__ == "__main__":
    main()
