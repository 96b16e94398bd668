"""The instance profile that existing instances lack."""

from collections.abc import Iterator
from typing import Annotated

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from oelab.constraints import ssm as accepted
from oelab.constraints.rules import violation
from oelab.constructs.app_checks import InventoryChecks
from oelab.constructs.arguments import check_arguments
from oelab.constructs.inventory_schedule import InventorySchedule, Schedule
from oelab.constructs.managed_instances_role import ManagedInstancesRole
from oelab.constructs.policies import statements_of
from oelab.findings import Finding
from oelab.systems_manager.documents import ATTACH_ROLE_RUNBOOK
from oelab.systems_manager.targets import Tags, Targets, criteria_of


def _known_role(where: str, value: iam.IInstanceProfile) -> Iterator[Finding]:
    if value.role is None:
        yield violation("ProfileRole", where, "none")


class InstanceProfileAttachment(Construct):
    """Attaches an instance profile to the EC2 instances with a tag that have none.

    It is an association of the Automation runbook AWS-AttachIAMToInstance, and the role with which
    the runbook works. The instances need not be managed nodes yet, and become ones by the profile.

    An instance that has a profile keeps it. The association asks the runbook not to replace any
    (`ForceReplace` is false), and the role could not: it may associate this one profile only, with
    instances that carry the tag and have none, and is denied to disassociate or replace a profile.
    Deleting the construct leaves every instance with the profile that it has by then.

    A run starts when the association is created or changed and by its schedule, and not when an
    instance is launched. Automation charges for each step of each run on each instance, 2 of them
    where there is nothing to attach.

    Sources: "AWS-AttachIAMToInstance" in the Systems Manager Automation runbook reference; "Setting
    up Automation", "About target updates with Automation runbooks" and "Configuration for Assume
    Role for Systems Manager" in the Systems Manager user guide; the condition keys of Amazon EC2
    in the service authorization reference; the Systems Manager pricing page.

    Args:
        instance_profile: what is attached, or the `ManagedInstancesRole` that brings it. Its role
            has no other profile, as the runbook takes the first one. Where it is imported, by
            `InstanceProfile.from_instance_profile_attributes` with its role.
        targets: which instances, by `InventoryTargets.tag`: 1 tag key, a text that is known at
            synth, with 1 to 50 values; there is no default, since reaching instances is a decision.
        schedule: once a day where unset.
        association_name: 3 to 128 letters, digits and _ - . without white space; State Manager
            shows only the id where unset.
        max_concurrency: on how many instances at a time: a number from 1 to 9999999 or a percentage
            from 1% to 100%, as a string. An account runs 100 automations at a time, by default.
        max_errors: after how many failures no further instance is tried: a number from 0 to 9999999
            or a percentage from 0% to 100%, as a string.

    Raises:
        FindingsError: a profile whose role is not known, and all that State Manager or Automation
            would refuse.
    """

    @check_arguments()
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        instance_profile: Annotated[iam.IInstanceProfile, _known_role] | ManagedInstancesRole,
        targets: Annotated[Targets, accepted.runbook_targets, "make them by InventoryTargets.tag"],
        schedule: Schedule | None = None,
        association_name: Annotated[str, accepted.ASSOCIATION_NAME] | None = None,
        max_concurrency: Annotated[str, accepted.MAX_CONCURRENCY] = "10",
        max_errors: Annotated[str, accepted.MAX_ERRORS] = "100%",
    ) -> None:
        super().__init__(scope, construct_id)
        InventoryChecks.of(self)
        schedule = schedule or InventorySchedule.rate(days=1)
        if isinstance(instance_profile, ManagedInstancesRole):
            instance_profile = instance_profile.instance_profile
        role = instance_profile.role
        assert role
        assert isinstance(targets, Tags)
        ((tag, values),) = targets.values.items()
        executions = f"arn:{cdk.Aws.PARTITION}:ssm:{cdk.Aws.REGION}:{cdk.Aws.ACCOUNT_ID}"
        self.execution_role = iam.Role(
            self,
            "ExecutionRole",
            description="Lets AWS-AttachIAMToInstance attach one profile to instances without any",
            assumed_by=iam.ServicePrincipal(
                "ssm.amazonaws.com",
                conditions={
                    "StringEquals": {"aws:SourceAccount": cdk.Aws.ACCOUNT_ID},
                    "ArnLike": {"aws:SourceArn": f"{executions}:automation-execution/*"},
                },
            ),
            # Within the role, so that it is there before the first run, which starts at once.
            inline_policies={
                "AttachProfile": iam.PolicyDocument(
                    statements=statements_of(
                        "attachment",
                        profile=instance_profile.instance_profile_arn,
                        role=role.role_arn,
                        tag=tag,
                        values=list(map(str, values)),
                    )
                )
            },
        )
        """The role with which the runbook works."""
        self.association = ssm.CfnAssociation(
            self,
            "Default",
            name=ATTACH_ROLE_RUNBOOK,
            association_name=association_name,
            automation_target_parameter_name="InstanceId",
            targets=[
                ssm.CfnAssociation.TargetProperty(key=str(key), values=list(map(str, values)))
                for key, values in criteria_of(targets)
            ],
            parameters={
                "AutomationAssumeRole": [self.execution_role.role_arn],
                "ForceReplace": ["false"],
                "RoleName": [role.role_name],
            },
            schedule_expression=schedule.expression,
            schedule_offset=schedule.offset_days,
            apply_only_at_cron_interval=None if schedule.offset_days is None else True,
            max_concurrency=max_concurrency,
            max_errors=max_errors,
        )
        """The association."""
