"""A back-office service whose machines are inventoried once a week.

An ordinary CDK app that has nothing to do with the lab: two environments in an Auto Scaling group
each, in a VPC of their own. It takes three constructs of this project: the role of the nodes under
another name, a place for output in a bucket with a customer key, and the association.

Run by itself it says nothing. After `make setup` and `source .venv/bin/activate`, in the folder of
this project, this keeps the templates in build/backoffice:

    npx --no-install cdk synth --app 'python3 examples/backoffice.py' --output build/backoffice
"""

import aws_cdk as cdk
from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from oelab.constructs import (
    ComplianceSeverity,
    FileRule,
    InventoryAssociation,
    InventoryLogs,
    InventorySchedule,
    InventoryTargets,
    InventoryTypes,
    ManagedInstancesRole,
    synth_or_exit,
)


class BackofficeStack(cdk.Stack):
    """Machines behind a NAT gateway, and the association that takes their inventory."""

    def __init__(self, scope: Construct, construct_id: str, *, environment: str) -> None:
        super().__init__(scope, construct_id)
        nodes = ManagedInstancesRole(self, "Nodes", role_name=f"Backoffice{environment}Node")
        self._define_machines(nodes, environment)
        bucket = s3.Bucket(
            self,
            "Logs",
            encryption_key=kms.Key(self, "Key", enable_key_rotation=True),
            enforce_ssl=True,
        )
        InventoryAssociation(
            self,
            "Inventory",
            association_name=f"Backoffice-{environment}",
            targets=InventoryTargets.tags(
                {"Service": ["backoffice"], "Environment": [environment]}
            ),
            schedule=InventorySchedule.cron("0 3 ? * SUN *"),
            types=InventoryTypes(
                services=False,
                windows_roles=False,
                windows_updates=False,
                files=(FileRule(path="/opt/backoffice", patterns=("*.jar",), recursive=True),),
            ),
            logs=InventoryLogs(self, "Output", bucket=bucket, node_roles=[nodes.role]),
            compliance_severity=ComplianceSeverity.HIGH,
            max_errors="10%",
        )

    def _define_machines(self, nodes: ManagedInstancesRole, environment: str) -> None:
        vpc = ec2.Vpc(self, "Vpc", max_azs=2, nat_gateways=1)
        template = ec2.LaunchTemplate(
            self,
            "Machine",
            instance_type=ec2.InstanceType("t3.small"),
            machine_image=ec2.MachineImage.latest_amazon_linux2023(),
            instance_profile=nodes.instance_profile,
            security_group=ec2.SecurityGroup(self, "Group", vpc=vpc),
            http_tokens=ec2.LaunchTemplateHttpTokens.REQUIRED,
        )
        machines = autoscaling.AutoScalingGroup(
            self, "Machines", vpc=vpc, launch_template=template, min_capacity=2, max_capacity=4
        )
        cdk.Tags.of(machines).add("Service", "backoffice")
        cdk.Tags.of(machines).add("Environment", environment)


app = cdk.App()
for environment in ("Staging", "Production"):
    BackofficeStack(app, f"Backoffice{environment}", environment=environment)
synth_or_exit(app)
