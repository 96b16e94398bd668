"""The checks as the CDK runs them, on apps of L1 and L2 constructs."""

from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_ssm as ssm
from constructs import RootConstruct

from oelab.constructs import InventoryAssociation, InventoryChecks, InventoryTargets
from oelab.settings import Settings, WorkloadSettings
from oelab.stacks import define_stacks
from tests.checks.cdk_apps import (
    Violation,
    app_in,
    instance_in,
    inventory,
    node_role,
    rules,
    stack_in,
    violations,
    vpc_in,
)
from tests.forms import FORMS

PUBLIC = ec2.SubnetType.PUBLIC
PRIVATE = ec2.SubnetType.PRIVATE_WITH_EGRESS
ISOLATED = ec2.SubnetType.PRIVATE_ISOLATED
DOCUMENT = "AWS-GatherSoftwareInventory"


def in_subnets(kind: ec2.SubnetType) -> ec2.SubnetSelection:
    return ec2.SubnetSelection(subnet_type=kind)


# --- apps that are well ------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
def test_each_form_of_the_lab_is_well_even_to_the_strict(form: str, tmp_path: Path) -> None:
    app = app_in(tmp_path, strict=True)
    define_stacks(app, FORMS[form])
    assert violations(app) == []


def test_the_lab_in_private_networks_is_well_too(tmp_path: Path) -> None:
    app = app_in(tmp_path, strict=True)
    workload = WorkloadSettings(name="Test", stack_name="OELabStack1", private=True)
    define_stacks(app, Settings(workloads=(workload,)))
    assert violations(app) == []


def test_an_instance_behind_nat_is_well(tmp_path: Path) -> None:
    app = app_in(tmp_path, strict=True)
    stack = stack_in(app)
    instance_in(stack, vpc_in(stack))
    inventory(stack)
    assert violations(app) == []


def test_a_public_instance_with_a_role_of_its_own_is_well(tmp_path: Path) -> None:
    app = app_in(tmp_path, strict=True)
    stack = stack_in(app)
    vpc = vpc_in(stack, PUBLIC)
    instance_in(
        stack, vpc, role=node_role(stack), vpc_subnets=in_subnets(PUBLIC), require_imdsv2=True
    )
    inventory(stack)
    assert violations(app) == []


def test_an_isolated_instance_with_endpoints_is_well(tmp_path: Path) -> None:
    app = app_in(tmp_path, strict=True)
    stack = stack_in(app)
    vpc = vpc_in(stack, ISOLATED)
    vpc.add_interface_endpoint("Ssm", service=ec2.InterfaceVpcEndpointAwsService.SSM)
    messages = ec2.InterfaceVpcEndpoint(
        stack,
        "Messages",
        vpc=vpc,
        service=ec2.InterfaceVpcEndpointAwsService.SSM_MESSAGES,
        open=False,
    )
    web = instance_in(stack, vpc, vpc_subnets=in_subnets(ISOLATED))
    messages.connections.allow_default_port_from(web)
    inventory(stack)
    assert violations(app) == []


def test_a_group_with_a_launch_template_is_well(tmp_path: Path) -> None:
    app = app_in(tmp_path, strict=True)
    stack = stack_in(app)
    vpc = vpc_in(stack)
    template = ec2.LaunchTemplate(
        stack,
        "Template",
        role=node_role(stack),
        instance_type=ec2.InstanceType("t3.micro"),
        machine_image=ec2.MachineImage.latest_amazon_linux2023(),
        security_group=ec2.SecurityGroup(stack, "Group", vpc=vpc),
        http_tokens=ec2.LaunchTemplateHttpTokens.REQUIRED,
    )
    group = autoscaling.AutoScalingGroup(stack, "Fleet", vpc=vpc, launch_template=template)
    cdk.Tags.of(group).add("Env", "Prod")
    inventory(stack)
    assert violations(app) == []


def test_an_imported_vpc_role_and_image_are_left_alone(tmp_path: Path) -> None:
    app = app_in(tmp_path)
    stack = stack_in(app)
    vpc = ec2.Vpc.from_vpc_attributes(
        stack,
        "Vpc",
        vpc_id="vpc-12345678",
        availability_zones=["eu-central-1a"],
        private_subnet_ids=["subnet-12345678"],
        private_subnet_route_table_ids=["rtb-12345678"],
    )
    image = ec2.MachineImage.generic_linux({"eu-central-1": "ami-12345678"})
    instance_in(
        stack,
        vpc,
        role=iam.Role.from_role_name(stack, "Role", "TheirRole"),
        machine_image=image,
        ssm_session_permissions=False,
        http_tokens=ec2.HttpTokens.REQUIRED,
    )
    inventory(stack)
    assert violations(app) == []


# --- apps that are not -------------------------------------------------------------------------


def test_an_instance_with_the_default_role_and_no_way_out(tmp_path: Path) -> None:
    app = app_in(tmp_path)
    stack = stack_in(app)
    vpc = vpc_in(stack, ISOLATED)
    instance_in(stack, vpc, vpc_subnets=in_subnets(ISOLATED), ssm_session_permissions=False)
    inventory(stack)
    found = {violation.rule: violation for violation in violations(app)}
    assert set(found) == {"NodeRole", "NodeRoute"}
    assert found["NodeRole"].path == "S/Web/InstanceRole/Resource"
    assert found["NodeRoute"].path == "S/Web/Resource"
    assert "subnet S/Vpc/Private_IsolatedSubnet1/Subnet" in found["NodeRoute"].text


def test_a_group_with_a_launch_configuration(tmp_path: Path) -> None:
    app = app_in(tmp_path)
    stack = stack_in(app)
    vpc = vpc_in(stack)
    group = autoscaling.AutoScalingGroup(
        stack,
        "Fleet",
        vpc=vpc,
        instance_type=ec2.InstanceType("t3.micro"),
        machine_image=ec2.MachineImage.latest_amazon_linux2(),
        allow_all_outbound=False,
    )
    cdk.Tags.of(group).add("Env", "Prod")
    inventory(stack)
    assert rules(app) == {"NodeRole", "NodeEgress"}


def test_cross_stack_references_are_followed(tmp_path: Path) -> None:
    app = app_in(tmp_path)
    network = stack_in(app, "Network")
    vpc = vpc_in(network, ISOLATED)
    fleet = stack_in(app, "Fleet")
    instance_in(fleet, vpc, vpc_subnets=in_subnets(ISOLATED))
    inventory(stack_in(app, "Inventory"))
    (violation,) = violations(app)
    assert violation[:3] == ("NodeRoute", "error", "Fleet/Web/Resource")
    assert "Inventory/Inventory gathers its inventory" in violation.text
    assert "subnet Network/Vpc/Private_IsolatedSubnet1/Subnet" in violation.text


def test_nested_stacks_are_read(tmp_path: Path) -> None:
    app = app_in(tmp_path)
    stack = stack_in(app)
    nested = cdk.NestedStack(stack, "Nested")
    vpc = vpc_in(stack, ISOLATED)
    instance_in(nested, vpc, vpc_subnets=in_subnets(ISOLATED))
    inventory(cdk.NestedStack(nested, "Deeper"))
    (violation,) = violations(app)
    assert violation.path == "S/Nested/Web/Resource"
    assert "since S/Nested/Deeper/Inventory gathers its inventory" in violation.text
    assert "subnet S/Vpc/Private_IsolatedSubnet1/Subnet" in violation.text


def test_nested_stacks_that_are_alike_are_told_apart(tmp_path: Path) -> None:
    app = app_in(tmp_path)
    stack = stack_in(app)
    for name in ("One", "Two"):
        inventory(cdk.NestedStack(stack, name))
    (violation,) = violations(app)
    assert violation[:3] == ("InventoryOverlap", "error", "S/Two/Inventory/Default")
    assert "that S/One/Inventory gathers from" in violation.text


def test_unit_tests_of_a_stage_synthesize_the_app_first(tmp_path: Path) -> None:
    app = app_in(tmp_path)
    stack = stack_in(cdk.Stage(app, "Production"))
    inventory(stack)
    inventory(stack, "Again")
    # This synthesizes the Stage only, which validates nothing.
    assertions.Template.from_stack(stack).resource_count_is("AWS::SSM::Association", 2)
    with pytest.raises(RuntimeError, match="Production/S/Again must not gather inventory"):
        app.synth()


def test_unit_tests_of_what_is_sound_go_on_with_the_template(tmp_path: Path) -> None:
    app = app_in(tmp_path)
    stack = stack_in(cdk.Stage(app, "Production"))
    inventory(stack)
    app.synth()
    assertions.Template.from_stack(stack).resource_count_is("AWS::SSM::Association", 1)


def test_unit_tests_of_a_stack_of_the_app_itself(tmp_path: Path) -> None:
    stack = stack_in(app_in(tmp_path))
    inventory(stack)
    inventory(stack, "Again")
    with pytest.raises(RuntimeError, match="S/Again must not gather inventory"):
        assertions.Template.from_stack(stack)


def test_a_nested_template_from_elsewhere_is_left_alone(tmp_path: Path) -> None:
    app = app_in(tmp_path)
    stack = stack_in(app)
    cdk.CfnStack(stack, "Theirs", template_url="https://example.com/theirs.yaml")
    inventory(stack)
    assert violations(app) == []


def test_l1_and_l2_associations_in_stages_meet(tmp_path: Path) -> None:
    app = app_in(tmp_path)
    inventory(stack_in(cdk.Stage(app, "Beta")))
    gamma = stack_in(cdk.Stage(app, "Gamma"))
    target = ssm.CfnAssociation.TargetProperty(key="tag:Env", values=["Prod"])
    ssm.CfnAssociation(gamma, "Theirs", name=DOCUMENT, targets=[target])
    (violation,) = violations(app)
    assert violation[:3] == ("InventoryOverlap", "error", "Gamma/S/Theirs")
    assert "Beta/S/Inventory" in violation.text


def test_stages_in_different_regions_are_apart(tmp_path: Path) -> None:
    app = app_in(tmp_path)
    for region in ("eu-central-1", "eu-west-1"):
        env = cdk.Environment(account="111111111111", region=region)
        inventory(stack_in(cdk.Stage(app, region), env=env))
    assert violations(app) == []


# --- acknowledging -----------------------------------------------------------------------------


def acknowledge(scope: cdk.Stack | InventoryAssociation, rule: str) -> None:
    acknowledgment = cdk.Acknowledgment(id=f"oelab::{rule}", reason="The explicit one shall win")
    cdk.Validations.of(scope).acknowledge(acknowledgment)


def skipped(tmp_path: Path) -> tuple[cdk.App, cdk.Stack, InventoryAssociation]:
    app = app_in(tmp_path)
    stack = stack_in(app)
    inventory(stack)
    rest = InventoryAssociation(stack, "Rest", targets=InventoryTargets.all_nodes())
    return app, stack, rest


def test_a_warning_does_not_fail_the_synth(tmp_path: Path) -> None:
    app, _, _ = skipped(tmp_path)
    app.synth()
    (violation,) = violations(app)
    assert violation[:3] == ("InventorySkipped", "warning", "S/Rest/Default")


def test_a_warning_is_acknowledged_on_the_construct_or_around_it(tmp_path: Path) -> None:
    app, _, rest = skipped(tmp_path / "construct")
    acknowledge(rest, "InventorySkipped")
    assert violations(app) == []
    app, stack, _ = skipped(tmp_path / "stack")
    acknowledge(stack, "InventorySkipped")
    assert violations(app) == []


def test_an_error_is_acknowledged_too(tmp_path: Path) -> None:
    app = app_in(tmp_path)
    stack = stack_in(app)
    inventory(stack, "One")
    inventory(stack, "Two")
    acknowledge(stack, "InventoryOverlap")
    app.synth()
    assert violations(app) == []


def test_another_rule_is_not_acknowledged_by_it(tmp_path: Path) -> None:
    app, stack, _ = skipped(tmp_path)
    acknowledge(stack, "InventoryOverlap")
    assert rules(app) == {"InventorySkipped"}


# --- registering -------------------------------------------------------------------------------


def test_an_association_registers_the_checks_by_itself(tmp_path: Path) -> None:
    app = cdk.App(outdir=str(tmp_path), analytics_reporting=False)
    stack = stack_in(app)
    inventory(stack, "One")
    inventory(stack, "Two")
    assert rules(app) == {"InventoryOverlap"}


def test_the_checks_are_registered_once(tmp_path: Path) -> None:
    app = app_in(tmp_path)
    stack = stack_in(app)
    first = InventoryChecks.of(stack)
    assert first is InventoryChecks.of(app, strict=True)
    assert first is not None
    assert first.strict
    inventory(stack, "One")
    inventory(stack, "Two")
    assert len(violations(app)) == 1


def test_a_later_call_leaves_strictness_alone() -> None:
    app = cdk.App()
    InventoryChecks.of(app, strict=True)
    checks = InventoryChecks.of(app)
    assert checks is not None
    assert checks.strict
    InventoryChecks.of(app, strict=False)
    assert not checks.strict


def test_each_app_has_checks_of_its_own() -> None:
    assert InventoryChecks.of(cdk.App()) is not InventoryChecks.of(cdk.App())


def test_a_root_that_is_no_app_has_no_checks() -> None:
    assert InventoryChecks.of(RootConstruct("Root")) is None
    assert InventoryChecks.of(cdk.Stage(RootConstruct("Root"), "Stage")) is None


def test_a_strict_app_reports_what_cannot_be_known(tmp_path: Path) -> None:
    app = app_in(tmp_path, strict=True)
    stack = stack_in(app)
    instance_in(
        stack,
        vpc_in(stack),
        machine_image=ec2.MachineImage.generic_linux({"eu-central-1": "ami-12345678"}),
        http_tokens=ec2.HttpTokens.REQUIRED,
    )
    inventory(stack)
    assert [v[:3] for v in violations(app)] == [("NodeAgent", "warning", "S/Web/Resource")]


def test_the_report_is_a_violation(tmp_path: Path) -> None:
    app = app_in(tmp_path)
    stack = stack_in(app, env=cdk.Environment(account="111111111111", region="eu-centrl-1"))
    inventory(stack)
    assert violations(app) == [
        Violation(
            "InventoryRegion",
            "error",
            "S/Inventory/Default",
            "S/Inventory must be in a Region that has Systems Manager, got 'eu-centrl-1' (endpoint "
            "data of the AWS SDK)",
        )
    ]
