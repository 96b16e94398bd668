"""Apps as strangers write them, with the checks that the CDK runs on them at synth."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from constructs import Construct

from oelab.constructs import InventoryAssociation, InventoryChecks, InventoryTargets
from tests.synthesis import new_app

ENVIRONMENT = cdk.Environment(account="111111111111", region="eu-central-1")
SYNTHESIZER = {"generate_bootstrap_version_rule": False}


class Violation(NamedTuple):
    rule: str
    severity: str
    path: str
    text: str


def app_in(directory: Path, *, strict: bool = False) -> cdk.App:
    app = new_app(outdir=str(directory))
    InventoryChecks.of(app, strict=strict)
    return app


def stack_in(scope: Construct, stack_id: str = "S", **options: Any) -> cdk.Stack:
    return cdk.Stack(scope, stack_id, **({"env": ENVIRONMENT} | options))


def violations(app: cdk.App) -> list[Violation]:
    """What the CDK's own report says, none where there is no report."""
    try:
        app.synth()
    except RuntimeError as error:
        if not str(error).startswith("ValidationFailed"):
            raise
    report = Path(app.outdir, "validation-report.json")
    if not report.exists():
        return []
    return [
        Violation(
            found["ruleName"],
            found["severity"],
            found["violatingConstructs"][0]["constructPath"],
            found["description"],
        )
        for plugin in json.loads(report.read_text())["pluginReports"]
        if plugin["pluginName"] == "oelab"
        for found in plugin["violations"]
    ]


def rules(app: cdk.App) -> set[str]:
    return {violation.rule for violation in violations(app)}


def inventory(scope: Construct, construct_id: str = "Inventory", *, tag: str = "Prod") -> None:
    InventoryAssociation(scope, construct_id, targets=InventoryTargets.tag("Env", tag))


def vpc_in(scope: Construct, *kinds: ec2.SubnetType, **options: Any) -> ec2.Vpc:
    subnets = [ec2.SubnetConfiguration(name=kind.value.title(), subnet_type=kind) for kind in kinds]
    zones = ["eu-central-1a"]
    return ec2.Vpc(
        scope, "Vpc", availability_zones=zones, subnet_configuration=subnets or None, **options
    )


def instance_in(
    scope: Construct, vpc: ec2.IVpc, construct_id: str = "Web", **options: Any
) -> ec2.Instance:
    """An L2 instance that asks for Session Manager's permissions and is tagged Env=Prod."""
    complete: dict[str, Any] = {
        "instance_type": ec2.InstanceType("t3.micro"),
        "machine_image": ec2.MachineImage.latest_amazon_linux2023(),
        "ssm_session_permissions": True,
    }
    instance = ec2.Instance(scope, construct_id, vpc=vpc, **(complete | options))
    cdk.Tags.of(instance).add("Env", "Prod")
    return instance


def node_role(scope: Construct) -> iam.Role:
    core = iam.ManagedPolicy.from_aws_managed_policy_name("AmazonSSMManagedInstanceCore")
    ec2_principal = iam.ServicePrincipal("ec2.amazonaws.com")
    return iam.Role(scope, "NodeRole", assumed_by=ec2_principal, managed_policies=[core])
