"""What is left in an account, and how to remove it."""

from collections.abc import Iterator

from verify_account.account import ASSOCIATION, OWN, OWNER, QUICK_SETUP, ROLE, STACKS, Account

_DELETE_ASSOCIATION = "aws ssm delete-association --association-id"


def left_behind(aws: Account) -> Iterator[tuple[str, str]]:
    """What of this is in the account, and how to remove it; in the order in which to do it.

    As long as stacks are there, what they have goes with them, and is not named, but for the
    buckets of the fleet's data, which stay.
    """
    yield from _left_of_checks(aws)
    found = aws.listed("cloudformation", "describe_stacks", "Stacks")
    there = {each["StackName"] for each in found}
    if stacks := [name for name in STACKS if name in there]:
        for name in stacks:
            yield f"stack {name}", f"aws cloudformation delete-stack --stack-name {name}"
    else:
        yield from _left_of_stacks(aws)
    for name in aws.data_buckets():
        # The AWS CLI deletes no versions of objects.
        bucket = f"b = boto3.resource('s3').Bucket('{name}')"
        delete = "b.object_versions.delete(); b.delete()"
        yield f"bucket {name}", f'.venv/bin/python -c "import boto3; {bucket}; {delete}"'


def _left_of_checks(aws: Account) -> Iterator[tuple[str, str]]:
    ids = _association_ids(aws)
    for name in (OWN, QUICK_SETUP):
        if name in ids:
            yield f"association {name}", f"{_DELETE_ASSOCIATION} {ids[name]}"
    syncs = aws.listed("ssm", "list_resource_data_sync", "ResourceDataSyncItems")
    if any(each["SyncName"] == OWN for each in syncs):
        yield f"data sync {OWN}", f"aws ssm delete-resource-data-sync --sync-name {OWN}"
    stacks = aws.listed("cloudformation", "describe_stacks", "Stacks")
    if any(each["StackName"] == OWN for each in stacks):
        yield f"stack {OWN}", f"aws cloudformation delete-stack --stack-name {OWN}"


def _left_of_stacks(aws: Account) -> Iterator[tuple[str, str]]:
    ids = _association_ids(aws)
    if ASSOCIATION in ids:
        yield f"association {ASSOCIATION}", f"{_DELETE_ASSOCIATION} {ids[ASSOCIATION]}"
    for each in aws.instances():
        id_ = each["InstanceId"]
        yield f"instance {id_}", f"aws ec2 terminate-instances --instance-ids {id_}"
    filters = [{"Name": "tag:Owner", "Values": [OWNER]}]
    for each in aws.listed("ec2", "describe_vpcs", "Vpcs", Filters=filters):
        yield f"network {each['VpcId']}", f"aws ec2 delete-vpc --vpc-id {each['VpcId']}"
    if any(each["RoleName"] == ROLE for each in aws.listed("iam", "list_roles", "Roles")):
        # IAM deletes it once it has no policies and is in no instance profile.
        yield f"role {ROLE}", f"aws iam delete-role --role-name {ROLE}"


def _association_ids(aws: Account) -> dict[str, str]:
    found = aws.listed("ssm", "list_associations", "Associations")
    return {each.get("AssociationName", ""): each["AssociationId"] for each in found}
