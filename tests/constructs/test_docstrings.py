"""The limits that docstrings state are those of the constraints."""

import re

import pytest

from oelab.constraints import cidr, ec2, fleet_data, iam, s3, ssm, tags
from oelab.constraints.kinds import Constraint
from oelab.constructs import (
    FleetAccess,
    InstanceProfileAttachment,
    InventoryAssociation,
    InventoryLogs,
    ManagedInstance,
    ManagedInstancesRole,
    WorkloadNetwork,
)
from oelab.constructs.fleet_data import InventoryDataSync, InventoryTables

CONSTRAINED: dict[tuple[type, str], Constraint] = {
    (FleetAccess, "owner"): tags.TAG_VALUE,
    (InstanceProfileAttachment, "association_name"): ssm.ASSOCIATION_NAME,
    (InstanceProfileAttachment, "max_concurrency"): ssm.MAX_CONCURRENCY,
    (InstanceProfileAttachment, "max_errors"): ssm.MAX_ERRORS,
    (InstanceProfileAttachment, "targets"): ssm.RUNBOOK_TARGET_TAGS,
    (InventoryAssociation, "association_name"): ssm.ASSOCIATION_NAME,
    (InventoryAssociation, "max_concurrency"): ssm.MAX_CONCURRENCY,
    (InventoryAssociation, "max_errors"): ssm.MAX_ERRORS,
    (InventoryDataSync, "accounts"): fleet_data.SYNC_ACCOUNTS,
    (InventoryDataSync, "bucket"): s3.BUCKET_NAME,
    (InventoryDataSync, "name"): fleet_data.SYNC_NAME,
    (InventoryDataSync, "prefix"): fleet_data.SYNC_PREFIX,
    (InventoryLogs, "bucket"): s3.BUCKET_NAME,
    (InventoryLogs, "expire_days"): s3.EXPIRE_DAYS,
    (InventoryLogs, "prefix"): s3.KEY_PREFIX,
    (InventoryTables, "database_name"): fleet_data.DATABASE_NAME,
    (InventoryTables, "expire_days"): s3.EXPIRE_DAYS,
    (InventoryTables, "scan_limit_gigabytes"): fleet_data.SCAN_LIMIT_GIGABYTES,
    (InventoryTables, "workgroup_name"): fleet_data.WORKGROUP_NAME,
    (ManagedInstance, "image_id"): ec2.IMAGE_ID,
    (ManagedInstance, "instance_type"): ec2.INSTANCE_TYPE,
    (ManagedInstance, "key_name"): ec2.KEY_NAME,
    (ManagedInstance, "security_groups"): ec2.SECURITY_GROUPS,
    (ManagedInstance, "subnet"): ec2.SUBNET_ID,
    (ManagedInstance, "tags"): tags.TAGS,
    (ManagedInstancesRole, "description"): iam.ROLE_DESCRIPTION,
    (ManagedInstancesRole, "role_name"): iam.ROLE_NAME,
    (ManagedInstancesRole, "tags"): tags.TAGS,
    (WorkloadNetwork, "subnet_cidr"): cidr.SUBNET_CIDR,
    (WorkloadNetwork, "vpc_cidr"): cidr.VPC_CIDR,
}


def documented(construct: type, argument: str) -> str:
    """What a docstring says of an argument, in one line."""
    arguments = re.split(r"\n {8}(?=\w+: )", construct.__doc__ or "")
    (found,) = (each for each in arguments if each.startswith(f"{argument}: "))
    return " ".join(found.split())


@pytest.mark.parametrize(("construct", "argument"), CONSTRAINED)
def test_docstrings_state_the_limits(construct: type, argument: str) -> None:
    assert CONSTRAINED[construct, argument].requirement in documented(construct, argument)
