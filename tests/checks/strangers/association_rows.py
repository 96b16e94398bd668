"""Associations that are defined by other things than our construct, and associations that meet."""

import json
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2

from oelab.constructs import InventoryAssociation, InventoryTargets
from tests.checks.strangers.rows import (
    NODE_ID,
    Row,
    association_of,
    included,
    instance,
    inventory,
    launch_template,
    stage_next_to,
    target,
)

LOCATION = {"outputS3BucketName": "their-logs"}
SUNDAYS = "cron(0 2 ? * SUN *)"
WARNING = "warning"
ERROR = "error"


def l1(rule: str, name: str, wrong: Any, sound: Any, severity: str = ERROR, **also: Any) -> Row:
    """A property of an L1 association."""
    return Row(
        rule,
        "Inventory",
        lambda stack, value: inventory(stack, **(also | {name: value})),
        wrong,
        sound,
        severity=severity,
    )


def from_template(rule: str, name: str, wrong: Any, sound: Any, **also: Any) -> Row:
    """A property in a template that is included."""
    return Row(
        rule,
        "Included/Inventory",
        lambda stack, value: included(stack, {"Inventory": association_of(**also | {name: value})}),
        wrong,
        sound,
        "CfnInclude",
    )


def overridden(rule: str, path: str, wrong: Any, sound: Any, severity: str = "error") -> Row:
    """A property of our own construct that an escape hatch replaces."""

    def build(stack: cdk.Stack, value: Any) -> None:
        made = InventoryAssociation(stack, "Inventory", targets=InventoryTargets.tag("Env", "Prod"))
        made.association.add_property_override(path, value)

    return Row(rule, "Inventory", build, wrong, sound, "escape hatch", severity)


def parameters(rule: str, wrong: dict[str, list[str]], sound: dict[str, list[str]]) -> Row:
    return l1(rule, "parameters", wrong, sound)


def rules(*given: dict[str, Any]) -> list[str]:
    return [json.dumps(given)]


def log_location(rule: str, wrong: dict[str, str], sound: dict[str, str]) -> Row:
    def location(given: dict[str, str]) -> dict[str, Any]:
        return {"s3Location": LOCATION | given}

    return l1(rule, "output_location", location(wrong), location(sound))


# --- two associations ----------------------------------------------------------------------------


def two(stack: cdk.Stack, targets: list[dict[str, Any]]) -> None:
    inventory(stack)
    inventory(stack, "Other", targets=targets)


def in_nested_stack(stack: cdk.Stack, value: str) -> None:
    inventory(stack)
    inventory(cdk.NestedStack(stack, "Nested"), targets=[target("tag:Env", value)])


def in_stages(stack: cdk.Stack, region: str) -> None:
    inventory(stack)
    inventory(stage_next_to(stack, region), "There")


def under_conditions(stack: cdk.Stack, second: str) -> None:
    parameter = cdk.CfnParameter(stack, "Kind")
    for name, kind in (("Inventory", "small"), ("Other", second)):
        equals = cdk.Fn.condition_equals(parameter, kind)
        condition = cdk.CfnCondition(stack, f"Is{name}", expression=equals)
        inventory(stack, name).cfn_options.condition = condition


def under_a_condition_or_not(stack: cdk.Stack, is_negated: bool) -> None:
    parameter = cdk.CfnParameter(stack, "Kind")
    equals = cdk.Fn.condition_equals(parameter, "small")
    small = cdk.CfnCondition(stack, "Small", expression=equals)
    expression = cdk.Fn.condition_not(equals) if is_negated else equals
    large = cdk.CfnCondition(stack, "Large", expression=expression)
    inventory(stack).cfn_options.condition = small
    inventory(stack, "Other").cfn_options.condition = large


def by_token(stack: cdk.Stack, role: str) -> None:
    env = target("tag:Env", cdk.CfnParameter(stack, "Env").value_as_string)
    inventory(stack, targets=[env, target("tag:Role", "Web")])
    inventory(stack, "Other", targets=[env, target("tag:Role", role)])


def for_the_rest(stack: cdk.Stack, name: str) -> None:
    inventory(stack)
    other = inventory(stack, "Rest", targets=[target("InstanceIds", "*")])
    other.name = name


def next_to_quick_setup(stack: cdk.Stack, value: str) -> None:
    inventory(stack)
    name = "AWS-QuickSetup-SSM-CollectInventory-x"
    inventory(stack, "Quick", association_name=name, targets=[target("tag:Env", value)])


# --- what it reaches -----------------------------------------------------------------------------


def with_instance(stack: cdk.Stack, value: str) -> None:
    inventory(stack, targets=[target("tag:Env", value)])
    instance(stack)


def with_template(stack: cdk.Stack, key: str) -> None:
    inventory(stack, targets=[target(f"tag:{key}", "Prod")])
    ec2.CfnInstance(
        stack,
        "Web",
        launch_template={
            "launchTemplateId": launch_template(stack).ref,
            "version": "1",
        },
        iam_instance_profile="TheirNodes",
    )


def in_region(stack: cdk.Stack, region: str) -> None:
    inventory(stage_next_to(stack, region), "There")


ROWS = [
    l1("ScheduleForm", "schedule_expression", "rate(10 minutes)", "rate(30 minutes)"),
    from_template("ScheduleForm", "ScheduleExpression", "cron(0 2 * * *)", "cron(0 2 * * ? *)"),
    overridden("ScheduleForm", "ScheduleExpression", "every day", "rate(1 day)"),
    l1(
        "ScheduleOffset",
        "schedule_offset",
        7,
        6,
        schedule_expression=SUNDAYS,
        apply_only_at_cron_interval=True,
    ),
    l1(
        "ScheduleOffset",
        "schedule_expression",
        "at(2027-07-07T15:55:00)",
        SUNDAYS,
        schedule_offset=2,
        apply_only_at_cron_interval=True,
    ),
    from_template(
        "CronInterval",
        "ApplyOnlyAtCronInterval",
        False,
        True,
        ScheduleExpression=SUNDAYS,
        ScheduleOffset=2,
    ),
    l1("CronInterval", "apply_only_at_cron_interval", True, None),
    overridden("TargetKind", "Targets.0.Key", "tags:Environment", "tag:Environment", WARNING),
    l1(
        "TargetKind",
        "targets",
        [target(), target("InstanceIds", NODE_ID)],
        [target(), target("tag:Role", "Web")],
    ),
    from_template("TargetKind", "InstanceId", NODE_ID, {"Ref": "AWS::NoValue"}),
    l1(
        "TargetTags",
        "targets",
        [target(f"tag:{n}") for n in range(6)],
        [target(f"tag:{n}") for n in range(5)],
    ),
    from_template(
        "TargetValues",
        "Targets",
        [{"Key": "tag:Env", "Values": []}],
        [{"Key": "tag:Env", "Values": [""]}],
    ),
    overridden("TargetKey", "Targets.0.Key", "tag:Env*", "tag:Env"),
    l1("TagValue", "targets", [target("tag:Env", "Prod*")], [target("tag:Env", "Prod")]),
    from_template("InstanceIds", "Targets", [], [{"Key": "InstanceIds", "Values": [NODE_ID]}]),
    l1("InstanceIds", "targets", None, [target()]),
    l1("InstanceId", "targets", [target("InstanceIds", "web-1")], [target("InstanceIds", NODE_ID)]),
    l1(
        "ResourceGroupName",
        "targets",
        [target("resource-groups:Name", "a b")],
        [target("resource-groups:Name", "ab")],
    ),
    parameters("InventoryParameter", {"application": ["Enabled"]}, {"applications": ["Enabled"]}),
    parameters(
        "InventoryParameter", {"services": ["Enabled", "Disabled"]}, {"services": ["Enabled"]}
    ),
    parameters("InventoryFlag", {"applications": ["enabled"]}, {"applications": ["Enabled"]}),
    from_template(
        "InventoryFlag", "Parameters", {"services": ["true"]}, {"services": ["Disabled"]}
    ),
    parameters(
        "InventoryRules", {"files": ["/etc"]}, {"files": rules({"Path": "/etc", "Pattern": ["*"]})}
    ),
    from_template(
        "InventoryRules",
        "Parameters",
        {"files": rules({"Path": "/", "Patterns": ["*"], "Pattern": ["*"]})},
        {"files": rules({"Path": "/", "Pattern": ["*"]})},
    ),
    parameters(
        "NotBlank",
        {"files": rules({"Pattern": ["*"]})},
        {"files": rules({"Path": "/", "Pattern": ["*"]})},
    ),
    parameters("FilePatterns", {"files": rules({"Path": "/", "Pattern": []})}, {"files": [""]}),
    parameters(
        "RegistryPath",
        {"windowsRegistry": rules({"Path": "HKLM\\X"})},
        {"windowsRegistry": rules({"Path": "HKEY_USERS\\X"})},
    ),
    parameters(
        "DirScanLimit",
        {"files": rules({"Path": "/", "Pattern": ["*"], "DirScanLimit": 0})},
        {"files": rules({"Path": "/", "Pattern": ["*"], "DirScanLimit": 9})},
    ),
    l1("DocumentVersion", "document_version", "1", None),
    from_template("DocumentVersion", "DocumentVersion", "$LATEST", {"Ref": "AWS::NoValue"}),
    l1("DocumentName", "name", "AWS-GatherSoftwareInventry", "AWS-GatherSoftwareInventory"),
    from_template(
        "DocumentName", "Name", "aws-gathersoftwareinventory", "Own-GatherSoftwareInventory"
    ),
    l1("WaitForSuccess", "wait_for_success_timeout_seconds", 300, None, WARNING),
    l1("AssociationName", "association_name", "Inventory All", "Inventory-All"),
    overridden("ComplianceSeverity", "ComplianceSeverity", "High", "HIGH"),
    from_template("SyncCompliance", "SyncCompliance", "manual", "MANUAL"),
    l1("MaxConcurrency", "max_concurrency", "0", "10"),
    l1("MaxErrors", "max_errors", "110%", "10%"),
    log_location("BucketName", {"outputS3BucketName": "Their_Logs"}, {}),
    log_location(
        "KeyPrefix", {"outputS3KeyPrefix": "/inventory"}, {"outputS3KeyPrefix": "inventory"}
    ),
    log_location("RegionName", {"outputS3Region": "Frankfurt"}, {"outputS3Region": "eu-central-1"}),
    # Two associations.
    Row("InventoryOverlap", "Other", two, [target()], [target("tag:Env", "Test")]),
    Row(
        "InventoryOverlap",
        "Nested/Inventory",
        in_nested_stack,
        "Prod",
        "Test",
        "nested stack",
        branch="place",
    ),
    Row(
        "InventoryOverlap",
        "Inventory",
        in_stages,
        "eu-central-1",
        "eu-west-1",
        "Stage",
        branch="place",
    ),
    Row(
        "InventoryOverlap",
        "Other",
        under_conditions,
        "small",
        "large",
        "condition",
        branch="condition",
    ),
    Row(
        "InventoryOverlap",
        "Other",
        under_a_condition_or_not,
        False,
        True,
        "condition",
        branch="condition",
    ),
    Row("InventoryOverlap", "Other", by_token, "Web", "App", "token"),
    Row(
        "InventorySkipped",
        "Rest",
        for_the_rest,
        "AWS-GatherSoftwareInventory",
        "AWS-UpdateSSMAgent",
        severity=WARNING,
    ),
    Row("InventorySkipped", "Inventory", next_to_quick_setup, "Prod", "Test", severity=WARNING),
    Row("InventoryTargetsNothing", "Inventory", with_instance, "prod", "Prod", severity=WARNING),
    Row(
        "InventoryTargetsNothing",
        "Inventory",
        with_template,
        "env",
        "Env",
        "launch template",
        WARNING,
    ),
    Row("InventoryRegion", "There", in_region, "eu-centrl-1", "eu-central-1", "Stage"),
]
