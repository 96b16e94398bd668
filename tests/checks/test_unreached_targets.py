"""Associations that match nothing, and Regions without Systems Manager."""

import runpy
from pathlib import Path

from oelab.environment import Environment
from oelab.findings import Severity
from oelab.systems_manager.regions import SYSTEMS_MANAGER_REGIONS
from tests.checks.templates import (
    DUBLIN,
    FRANKFURT,
    Properties,
    association,
    by_tag,
    for_all,
    instance,
    of,
    ref,
    resource,
    stack,
    tags,
)
from tests.synthesis import ROOT


def remedies_of(target: Properties, **node_tags: object) -> list[str]:
    """What to do where the target matches no instance with these tags."""
    app = stack({"Inventory": target, "Web": instance(Tags=tags(**node_tags))})
    found = of("InventoryTargetsNothing", app)
    assert all(finding.severity is Severity.WARNING for finding in found)
    return [finding.remedy for finding in found]


def test_a_value_that_no_instance_carries_is_reported_with_what_they_carry() -> None:
    (remedy,) = remedies_of(by_tag("Env", "Prod"), Env="Test")
    assert "Env=Test" in remedy


def test_a_key_in_other_case_is_pointed_at() -> None:
    (remedy,) = remedies_of(by_tag("env", "Prod"), Env="Prod")
    assert "target what they carry (Env=Prod)" in remedy


def test_a_key_that_no_instance_has_is_reported() -> None:
    (remedy,) = remedies_of(association(("tag:Env", ["Prod"]), ("tag:Role", ["Web"])))
    assert "tag an instance with Env and Role" in remedy


def test_a_match_is_silent() -> None:
    assert remedies_of(by_tag("Env", "Test", "Prod"), Env="Prod") == []


def test_an_unknown_value_may_match() -> None:
    assert remedies_of(by_tag("Env", ref("Parameter")), Env="Prod") == []
    assert remedies_of(by_tag("Env", "Prod"), Env=ref("Parameter")) == []


def test_all_nodes_and_ids_are_left_alone() -> None:
    assert remedies_of(for_all()) == []
    assert remedies_of(association(("InstanceIds", ["i-1"]))) == []


def test_an_app_without_instances_there_is_left_alone() -> None:
    elsewhere = stack({"Web": instance(Tags=tags(Env="Test"))}, "Other", DUBLIN)
    assert of("InventoryTargetsNothing", stack({"Inventory": by_tag()}), elsewhere) == []


def test_a_region_that_no_sdk_knows_fails() -> None:
    app = stack({"Inventory": for_all()}, environment=Environment("111111111111", "eu-centrl-1"))
    (finding,) = of("InventoryRegion", app)
    assert finding.severity is Severity.ERROR
    assert str(finding).startswith(
        "S/Inventory must be in a Region that has Systems Manager, got 'eu-centrl-1'; check"
    )


def test_known_and_unknown_regions_are_silent() -> None:
    for environment in (FRANKFURT, Environment()):
        assert of("InventoryRegion", stack({"I": for_all()}, environment=environment)) == []


def test_the_regions_are_those_of_the_locked_sdk() -> None:
    render = runpy.run_path(str(ROOT / "tools" / "regions"))["render"]
    listed = Path(ROOT, "oelab", "systems_manager", "regions.json").read_text()
    assert render() == listed, "run: make regions"
    assert "us-east-1" in SYSTEMS_MANAGER_REGIONS


# --- where tags come from ----------------------------------------------------------------------


def targeted(**resources: Properties) -> bool:
    """Whether the tag Env=Prod is found on an instance."""
    found = of("InventoryTargetsNothing", stack({"Inventory": by_tag(), **resources}))
    return not found


TAGGED = {"TagSpecifications": [{"ResourceType": "instance", "Tags": tags(Env="Prod")}]}


def test_stack_tags_are_instance_tags() -> None:
    app = stack({"Inventory": by_tag(), "Web": instance()}, stack_tags={"Env": "Prod"})
    assert of("InventoryTargetsNothing", app) == []


def test_cloudformation_tags_are_instance_tags() -> None:
    by_stack = by_tag("aws:cloudformation:stack-name", ref("AWS::StackName"))
    assert targeted(Inventory=by_stack, Web=instance())


def test_launch_templates_tag_instances() -> None:
    template = resource("EC2::LaunchTemplate", LaunchTemplateData=TAGGED)
    specification = {"LaunchTemplateId": ref("Template"), "Version": "1"}
    assert targeted(Template=template)
    assert targeted(Template=template, Web=instance(LaunchTemplate=specification))
    group = resource("AutoScaling::AutoScalingGroup", LaunchTemplate=specification)
    assert targeted(Template=template, Group=group)
    mixed = resource(
        "AutoScaling::AutoScalingGroup",
        MixedInstancesPolicy={
            "LaunchTemplate": {
                "LaunchTemplateSpecification": {"LaunchTemplateId": ref("Bare")},
                "Overrides": [
                    {"InstanceType": "t3.micro"},
                    {"LaunchTemplateSpecification": specification},
                ],
            }
        },
    )
    bare = resource("EC2::LaunchTemplate", LaunchTemplateData={})
    assert targeted(Template=template, Bare=bare, Group=mixed)


def test_tags_of_volumes_and_of_the_template_itself_are_not_instance_tags() -> None:
    data = {"TagSpecifications": [{"ResourceType": "volume", "Tags": tags(Env="Prod")}]}
    template = resource("EC2::LaunchTemplate", LaunchTemplateData=data, TagSpecifications=[])
    web = instance(LaunchTemplate={"LaunchTemplateId": ref("Template")})
    assert not targeted(Template=template, Web=web)


def test_the_instance_has_the_last_word_on_a_tag() -> None:
    template = resource("EC2::LaunchTemplate", LaunchTemplateData=TAGGED)
    web = instance(LaunchTemplate={"LaunchTemplateId": ref("Template")}, Tags=tags(Env="Test"))
    assert not targeted(Template=template, Web=web)


def group_tag(propagate: bool) -> Properties:
    group_tags = [{"Key": "Env", "Value": "Prod", "PropagateAtLaunch": propagate}]
    return resource(
        "AutoScaling::AutoScalingGroup", LaunchConfigurationName=ref("Launch"), Tags=group_tags
    )


def test_group_tags_count_where_they_are_propagated() -> None:
    launch = resource("AutoScaling::LaunchConfiguration")
    assert targeted(Launch=launch, Group=group_tag(True))
    assert not targeted(Launch=launch, Group=group_tag(False))


def test_a_launch_template_from_elsewhere_may_tag() -> None:
    assert targeted(Web=instance(LaunchTemplate={"LaunchTemplateId": "lt-1"}))
    assert targeted(Group=resource("AutoScaling::AutoScalingGroup", InstanceId="i-1"))


def test_a_launch_template_of_another_name_may_tag() -> None:
    assert targeted(Web=instance(LaunchTemplate={"LaunchTemplateName": "Theirs"}))


def test_a_launch_template_is_found_by_its_name() -> None:
    template = resource("EC2::LaunchTemplate", LaunchTemplateName="Web", LaunchTemplateData=TAGGED)
    assert targeted(Template=template, Web=instance(LaunchTemplate={"LaunchTemplateName": "Web"}))


def test_launch_templates_that_tag_nothing() -> None:
    app = {
        "Bare": resource("EC2::LaunchTemplate"),
        "Other": resource("EC2::LaunchTemplate", LaunchTemplateName="Other", LaunchTemplateData={}),
        "Own": resource("EC2::LaunchTemplate", LaunchTemplateName="Web", LaunchTemplateData={}),
        "A": instance(LaunchTemplate={"LaunchTemplateId": ref("Bare")}),
        "B": instance(LaunchTemplate={"LaunchTemplateName": "Other"}),
        "C": instance(LaunchTemplate={"LaunchTemplateName": "Web"}),
    }
    assert not targeted(**app)


def test_a_group_from_a_launch_configuration_of_elsewhere_may_tag() -> None:
    group = resource("AutoScaling::AutoScalingGroup", LaunchConfigurationName="Theirs")
    assert targeted(Group=group)


def test_tags_that_only_the_deployment_knows_may_match() -> None:
    web = instance(Tags={"Fn::If": ["IsProd", tags(Env="Prod"), tags(Env="Test")]})
    assert targeted(Web=web)
