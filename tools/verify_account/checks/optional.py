"""What only other settings define."""

import json
from collections.abc import Mapping
from typing import Any

from oelab.settings import PROFILE_ATTACHMENT
from oelab.systems_manager import data_sync
from verify_account.account import DATA_STACK, OWN, OWNER, ROLE, Account, RefutedError, expect
from verify_account.check import check
from verify_account.checks.fleet_data import QUESTION


@check("organization-may-write", "Does `aws:SourceOrgID` let a sync of the organization write?")
def organization_may_write(aws: Account) -> str:
    ssm, organization_id = aws.client("ssm"), aws.organization_id
    aws.deploy("organized")
    bucket = aws.outputs(DATA_STACK)["InventoryBucket"]
    destination = {"BucketName": bucket, "Region": aws.region, "SyncFormat": data_sync.FORMAT}

    def status() -> str:
        syncs = aws.listed("ssm", "list_resource_data_sync", "ResourceDataSyncItems")
        return "".join(each.get("LastStatus", "") for each in syncs if each["SyncName"] == OWN)

    try:
        # A sync tries the bucket when it is created.
        ssm.create_resource_data_sync(SyncName=OWN, S3Destination=destination)
    except ssm.exceptions.ResourceDataSyncInvalidConfigurationException as error:
        raise RefutedError(str(error)) from None
    try:
        aws.wait_until(lambda: status() == "Successful", "a sync that is successful")
    finally:
        ssm.delete_resource_data_sync(SyncName=OWN)
    # Without partition keys: views take account and Region from the paths of the objects.
    rows = aws.review(*QUESTION, "--athena", settings="organized")["rows"]
    expect(bool(rows), "Athena has no rows")
    return f"{organization_id}, {json.dumps(rows)}"


@check("profile-attached", "Does an instance without a profile get it, and another keep its own?")
def profile_attached(aws: Account) -> str:
    cloudformation = aws.client("cloudformation")
    wait = {"Delay": aws.pause, "MaxAttempts": int(60 * aws.minutes / aws.pause)}
    template = instances_without_and_with_profile(aws.instances()[0])
    cloudformation.create_stack(
        StackName=OWN, TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_IAM"]
    )
    try:
        cloudformation.get_waiter("stack_create_complete").wait(StackName=OWN, WaiterConfig=wait)
        aws.deploy("attaching")
        return wait_for_profiles(aws, aws.outputs(OWN))
    finally:
        cloudformation.delete_stack(StackName=OWN)
        cloudformation.get_waiter("stack_delete_complete").wait(StackName=OWN, WaiterConfig=wait)


def wait_for_profiles(aws: Account, outputs: Mapping[str, str]) -> str:
    """Wait until the association has run on the instances of the outputs."""
    expected = {outputs["Without"]: ROLE, outputs["With"]: outputs["Profile"]}
    ids = [*expected]
    association = {"AssociationId": aws.association_id(PROFILE_ATTACHMENT)}

    def profiles() -> dict[str, str]:
        found = aws.listed("ec2", "describe_instances", "Reservations", InstanceIds=ids)
        arns = {
            instance["InstanceId"]: instance.get("IamInstanceProfile", {}).get("Arn", "")
            for reservation in found
            for instance in reservation["Instances"]
        }
        return {id_: arn.split("/")[-1] for id_, arn in arns.items()}

    def runs() -> set[str]:
        key = "AssociationExecutions"
        listed = aws.listed("ssm", "describe_association_executions", key, **association)
        return {each["Status"] for each in listed}

    try:
        aws.wait_until(lambda: runs() == {"Success"} and profiles() == expected, f"{expected}")
    except RefutedError as refuted:
        raise RefutedError(f"{refuted}, but {profiles()}, runs {runs()}") from None
    return str(expected)


def instances_without_and_with_profile(neighbour: Mapping[str, Any]) -> dict[str, Any]:
    """A template of two instances that the association targets, in the subnet of another one."""
    instance = {
        "ImageId": neighbour["ImageId"],
        "InstanceType": neighbour["InstanceType"],
        "SubnetId": neighbour["SubnetId"],
        "SecurityGroupIds": [each["GroupId"] for each in neighbour["SecurityGroups"]],
        "Tags": [
            {"Key": "Environment", "Value": "OELabIPM"},
            {"Key": "Owner", "Value": OWNER},
        ],
    }
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "ec2.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    role = {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]}}
    with_profile = instance | {"IamInstanceProfile": {"Ref": "Profile"}}
    resources = {
        "Role": {"Type": "AWS::IAM::Role", "Properties": role},
        "Profile": {
            "Type": "AWS::IAM::InstanceProfile",
            "Properties": {"Roles": [{"Ref": "Role"}]},
        },
        "Without": {"Type": "AWS::EC2::Instance", "Properties": instance},
        "With": {"Type": "AWS::EC2::Instance", "Properties": with_profile},
    }
    outputs = {name: {"Value": {"Ref": name}} for name in ("Profile", "Without", "With")}
    return {"Resources": resources, "Outputs": outputs}
