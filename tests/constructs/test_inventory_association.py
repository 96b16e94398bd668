"""What the association and its logs are meant to be."""

import json
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from oelab.constructs import (
    ComplianceSeverity,
    FileRule,
    InventoryAssociation,
    InventoryLogs,
    InventorySchedule,
    InventoryTargets,
    InventoryTypes,
    RegistryRule,
    SyncCompliance,
)
from tests.synthesis import new_stack, of_type, only, template_of

TAGGED = InventoryTargets.tag("Environment", "OELabIPM")


def association(**properties: Any) -> dict[str, Any]:
    stack = new_stack()
    InventoryAssociation(stack, "Inventory", **({"targets": TAGGED} | properties))
    return dict(only(template_of(stack), "AWS::SSM::Association")["Properties"])


def test_defaults_are_those_of_the_console() -> None:
    assert association() == {
        "Name": "AWS-GatherSoftwareInventory",
        "Targets": [{"Key": "tag:Environment", "Values": ["OELabIPM"]}],
        "ScheduleExpression": "rate(30 minutes)",
        "Parameters": {
            name: ["Enabled"]
            for name in (
                "applications",
                "awsComponents",
                "networkConfig",
                "instanceDetailedInformation",
                "customInventory",
                "services",
                "windowsRoles",
                "windowsUpdates",
            )
        },
        "ComplianceSeverity": "UNSPECIFIED",
        "SyncCompliance": "AUTO",
        "MaxConcurrency": "100%",
        "MaxErrors": "100%",
    }


def test_a_schedule_without_an_offset_may_run_at_once() -> None:
    rendered = association(schedule=InventorySchedule.cron("0 2 ? * SUN *"))
    assert rendered["ScheduleExpression"] == "cron(0 2 ? * SUN *)"
    assert "ScheduleOffset" not in rendered
    assert "ApplyOnlyAtCronInterval" not in rendered


def test_an_offset_waits_for_the_first_time_of_the_schedule() -> None:
    rendered = association(schedule=InventorySchedule.cron("0 2 ? * TUE#2 *", offset_days=3))
    assert rendered["ScheduleOffset"] == 3
    assert rendered["ApplyOnlyAtCronInterval"] is True


def test_files_and_registry_values_are_rendered_as_json() -> None:
    types = InventoryTypes(
        services=False,
        billing_info=True,
        files=(FileRule(path="/etc", patterns=("*.conf",), recursive=True, dir_scan_limit=100),),
        windows_registry=(
            RegistryRule(path=r"HKEY_LOCAL_MACHINE\SOFTWARE\Amazon", value_names=("Version",)),
        ),
    )
    parameters = association(types=types)["Parameters"]
    assert parameters["services"] == ["Disabled"]
    assert parameters["billingInfo"] == ["Enabled"]
    assert json.loads(parameters["files"][0]) == [
        {"Path": "/etc", "Pattern": ["*.conf"], "Recursive": True, "DirScanLimit": 100}
    ]
    assert json.loads(parameters["windowsRegistry"][0]) == [
        {
            "Path": r"HKEY_LOCAL_MACHINE\SOFTWARE\Amazon",
            "Recursive": False,
            "ValueNames": ["Version"],
        }
    ]


def test_severity_compliance_and_rate_control_are_passed_on() -> None:
    rendered = association(
        association_name="Mine",
        compliance_severity=ComplianceSeverity.HIGH,
        sync_compliance=SyncCompliance.MANUAL,
        max_concurrency="10",
        max_errors="0",
    )
    assert rendered["AssociationName"] == "Mine"
    assert rendered["ComplianceSeverity"] == "HIGH"
    assert rendered["SyncCompliance"] == "MANUAL"
    assert (rendered["MaxConcurrency"], rendered["MaxErrors"]) == ("10", "0")


# --- logs --------------------------------------------------------------------------------------


def statements(stack: cdk.Stack) -> list[tuple[set[str], str]]:
    """The actions and the resource of each statement of the policy for nodes."""
    policy = only(template_of(stack), "AWS::IAM::Policy")["Properties"]
    return [
        (
            {statement["Action"]}
            if isinstance(statement["Action"], str)
            else set(statement["Action"]),
            json.dumps(statement["Resource"]),
        )
        for statement in policy["PolicyDocument"]["Statement"]
    ]


def node_role(stack: cdk.Stack) -> iam.IRole:
    return iam.Role.from_role_name(stack, "NodeRole", "ManagedInstancesRole")


def test_a_bucket_of_its_own_is_closed_and_kept() -> None:
    stack = new_stack()
    InventoryLogs(stack, "Logs", expire_days=30)
    template = template_of(stack)
    bucket = only(template, "AWS::S3::Bucket")
    assert bucket["DeletionPolicy"] == bucket["UpdateReplacePolicy"] == "Retain"
    properties = bucket["Properties"]
    assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
    assert properties["BucketEncryption"]
    assert properties["VersioningConfiguration"] == {"Status": "Enabled"}
    (rule,) = properties["LifecycleConfiguration"]["Rules"]
    assert rule["ExpirationInDays"] == 30
    policy = only(template, "AWS::S3::BucketPolicy")["Properties"]["PolicyDocument"]
    (statement,) = policy["Statement"]
    assert statement["Effect"] == "Deny"
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_nodes_may_write_under_the_prefix_and_read_the_encryption() -> None:
    stack = new_stack()
    InventoryLogs(stack, "Logs", bucket="my-logs", prefix="inv", node_roles=[node_role(stack)])
    (objects, on_objects), (of_bucket, on_bucket) = statements(stack)
    assert objects == {"s3:PutObject", "s3:PutObjectAcl"}
    assert "my-logs/inv/*" in on_objects
    assert of_bucket == {"s3:GetEncryptionConfiguration"}
    assert "my-logs/" not in on_bucket


def test_a_customer_key_is_granted_too() -> None:
    stack = new_stack()
    key = kms.Key(stack, "Key")
    bucket = s3.Bucket(stack, "Mine", encryption_key=key)
    InventoryLogs(stack, "Logs", bucket=bucket, node_roles=[node_role(stack)])
    actions = [actions for actions, _ in statements(stack)]
    assert {"kms:GenerateDataKey"} in actions


def test_the_association_waits_for_the_permission_and_names_the_place() -> None:
    stack = new_stack()
    logs = InventoryLogs(
        stack,
        "Logs",
        bucket="my-logs",
        prefix="inv",
        region="eu-west-1",
        node_roles=[node_role(stack)],
    )
    InventoryAssociation(stack, "Inventory", targets=TAGGED, logs=logs)
    template = template_of(stack)
    resource = only(template, "AWS::SSM::Association")
    assert resource["Properties"]["OutputLocation"]["S3Location"] == {
        "OutputS3BucketName": "my-logs",
        "OutputS3KeyPrefix": "inv",
        "OutputS3Region": "eu-west-1",
    }
    (waits_for,) = resource["DependsOn"]
    assert template["Resources"][waits_for]["Type"] == "AWS::IAM::Policy"


def test_labs_in_two_regions_grant_one_role_by_two_policies() -> None:
    stack = new_stack()
    InventoryLogs(stack, "Logs", bucket="my-logs", node_roles=[node_role(stack)])
    policy = only(template_of(stack), "AWS::IAM::Policy")
    name = policy["Properties"]["PolicyName"]["Fn::Join"][1]
    assert name[-1] == {"Ref": "AWS::Region"}


def test_associations_share_a_place_and_its_one_policy() -> None:
    stack = new_stack()
    logs = InventoryLogs(stack, "Logs", node_roles=[node_role(stack)])
    for name in ("One", "Two"):
        InventoryAssociation(stack, name, targets=InventoryTargets.tag("Name", name), logs=logs)
    template = template_of(stack)
    assert len(list(of_type(template, "AWS::IAM::Policy"))) == 1
    assert len(list(of_type(template, "AWS::SSM::Association"))) == 2


def test_a_role_of_the_same_stack_is_granted_too() -> None:
    stack = new_stack()
    role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))
    InventoryLogs(stack, "Logs", node_roles=[role])
    template = template_of(stack)
    (roles,) = [p["Properties"]["Roles"] for p in of_type(template, "AWS::IAM::Policy")]
    assert len(roles) == 1
    assert "Ref" in roles[0]
