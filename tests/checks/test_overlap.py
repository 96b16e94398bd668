"""Two inventory associations on one node."""

from typing import Any

import pytest

from oelab.environment import Environment
from oelab.findings import Finding, Severity
from oelab.template.assembly import Stack
from tests.checks.templates import (
    DUBLIN,
    FRANKFURT,
    Properties,
    association,
    att,
    by_tag,
    findings,
    for_all,
    instance,
    of,
    ref,
    resource,
    resource_of,
    stack,
    tags,
)

NOWHERE = Environment()


def pair(one: Properties, other: Properties, **resources: Properties) -> Stack:
    return stack({"One": one, "Two": other, **resources})


def overlap(*stacks: Stack, strict: bool = False) -> Finding:
    (finding,) = of("InventoryOverlap", *stacks, strict=strict)
    return finding


def test_a_shared_node_is_named_with_both_paths() -> None:
    finding = overlap(
        pair(by_tag("Env"), by_tag("Role", "Web"), Web=instance(Tags=tags(Env="Prod", Role="Web")))
    )
    assert finding.severity is Severity.ERROR
    assert resource_of(finding).logical_id == "Two"
    assert "S/One" in finding.reason
    assert finding.value == "tag:Env=Prod; tag:Role=Web; both reach S/Web"


def test_many_shared_nodes_are_named_up_to_five() -> None:
    nodes = {f"Web{n}": instance(Tags=tags(Env="Prod")) for n in range(7)}
    finding = overlap(pair(by_tag("Env"), by_tag("Env"), **nodes))
    assert "both reach S/Web0, S/Web1, S/Web2, S/Web3, S/Web4 and 2 more" in str(finding)


@pytest.mark.parametrize(
    ("one", "other", "evidence"),
    [
        (by_tag("Env", "A", "B"), by_tag("Env", "B", "C"), "they share a value of tag:Env"),
        (
            by_tag("Env"),
            association(("tag:Env", ["Prod"]), ("tag:Role", ["Web"])),
            "they share a value of tag:Env",
        ),
        (
            association(("InstanceIds", ["i-1", "i-2"])),
            association(("InstanceIds", ["i-2"])),
            "they share a target",
        ),
        (
            association(InstanceId="i-1"),
            association(("InstanceIds", ["i-1"])),
            "they share a target",
        ),
        (
            association(("InstanceIds", [ref("Id")])),
            association(("InstanceIds", [ref("Id")])),
            "they share a target",
        ),
        (
            association(("resource-groups:Name", ["lab"])),
            association(("resource-groups:Name", ["lab"])),
            "they share a target",
        ),
    ],
    ids=["value", "narrower", "ids", "old property", "same token", "group"],
)
def test_targets_that_meet_fail_whatever_the_nodes(
    one: Properties, other: Properties, evidence: str
) -> None:
    finding = overlap(pair(one, other))
    assert finding.severity is Severity.ERROR
    assert evidence in str(finding)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (by_tag("Env", "Prod"), by_tag("Env", "Test")),
        (
            association(("tag:Env", ["Prod"]), ("tag:Role", ["Web"])),
            association(("tag:Env", ["Prod"]), ("tag:Role", ["App"])),
        ),
        (association(("InstanceIds", ["i-1"])), association(("InstanceIds", ["i-2"]))),
        (by_tag("Env"), association(("InstanceIds", ["i-1"]))),
        (by_tag("Env"), association()),
        (association(("resource-groups:Name", ["lab"])), association()),
        (by_tag("Env"), association(("tag:Env", ["Prod"]), Name="AWS-RunPatchBaseline")),
        (by_tag("Env"), association(Name=ref("Document"))),
    ],
    ids=[
        "values",
        "one of two keys",
        "ids",
        "id and tag",
        "no target",
        "group and none",
        "document",
        "token",
    ],
)
def test_targets_apart_are_no_overlap(one: Properties, other: Properties) -> None:
    assert of("InventoryOverlap", pair(one, other)) == []


def test_different_keys_are_a_warning_where_no_node_tells_more() -> None:
    finding = overlap(pair(by_tag("Env"), by_tag("Role", "Web")))
    assert finding.severity is Severity.WARNING
    assert "a node with the tags of both would be reached by both" in str(finding)


def test_peered_tags_on_different_nodes_are_no_overlap() -> None:
    app = pair(
        by_tag("Env"),
        by_tag("Role", "Web"),
        A=instance(Tags=tags(Env="Prod")),
        B=instance(Tags=tags(Role="Web")),
    )
    assert of("InventoryOverlap", app) == []
    assert overlap(app, strict=True).severity is Severity.WARNING


def test_a_tag_of_unknown_value_is_no_certain_overlap() -> None:
    app = pair(
        by_tag("Env"), by_tag("Role", "Web"), A=instance(Tags=tags(Env=ref("P"), Role="Web"))
    )
    assert overlap(app).severity is Severity.WARNING


def test_the_same_token_is_the_same_tag() -> None:
    stack_id = ref("AWS::StackId")
    app = pair(
        by_tag("App", stack_id), by_tag("Env"), A=instance(Tags=tags(App=stack_id, Env="Prod"))
    )
    assert "both reach S/A" in str(overlap(app))


def test_an_id_of_the_app_is_resolved_to_its_instance() -> None:
    by_id = association(("InstanceIds", [ref("Web")]))
    app = pair(by_id, by_tag("Env"), Web=instance(Tags=tags(Env="Prod")))
    assert overlap(app).value == "InstanceIds=S/Web; tag:Env=Prod; both reach S/Web"
    apart = pair(by_id, by_tag("Env"), Web=instance(Tags=tags(Env="Test")))
    assert of("InventoryOverlap", apart) == []


def test_instances_of_the_app_are_known_apart() -> None:
    web, app_server = (association(("InstanceIds", [ref(name)])) for name in ("Web", "App"))
    nodes = {name: instance(Tags=tags(Env="Prod")) for name in ("Web", "App")}
    assert of("InventoryOverlap", pair(web, app_server, **nodes), strict=True) == []
    elsewhere = by_tag("Env", "Test")
    assert of("InventoryOverlap", pair(web, elsewhere, **nodes), strict=True) == []
    in_group = association(("resource-groups:Name", ["lab"]))
    assert overlap(pair(web, in_group, **nodes)).severity is Severity.WARNING


def test_an_id_next_to_a_tag_is_reported_to_the_strict() -> None:
    app = pair(by_tag("Env"), association(("InstanceIds", ["i-1"])))
    finding = overlap(app, strict=True)
    assert finding.severity is Severity.WARNING


# --- resource groups ---------------------------------------------------------------------------


def group(key: str, value: str, **properties: Any) -> Properties:
    query = {"TagFilters": [{"Key": key, "Values": [value]}]}
    return resource("ResourceGroups::Group", ResourceQuery={"Query": query}, **properties)


BY_GROUP = association(("resource-groups:Name", ["lab"]))


@pytest.mark.parametrize("name", ["lab", ref("Group")], ids=["name", "reference"])
def test_a_group_of_the_app_is_its_tags(name: Any) -> None:
    by_group = association(("resource-groups:Name", [name]))
    app = pair(by_tag("Env"), by_group, Group=group("Env", "Prod", Name="lab"))
    assert overlap(app).severity is Severity.ERROR
    apart = pair(by_tag("Env"), by_group, Group=group("Env", "Test", Name="lab"))
    assert of("InventoryOverlap", apart) == []


@pytest.mark.parametrize(
    "other",
    [{"Values": ["x"]}, {"Key": "InstanceIds", "Values": []}],
    ids=["no key", "no values"],
)
def test_a_target_that_names_nothing_leaves_the_group_next_to_it(other: Properties) -> None:
    named = {"Key": "Resource-Groups:Name", "Values": ["lab"]}
    by_group = association(Targets=[other, named])
    app = pair(by_tag("Env"), by_group, Group=group("Env", "Prod", Name="lab"))
    assert overlap(app).severity is Severity.ERROR
    apart = pair(by_tag("Env"), by_group, Group=group("Env", "Test", Name="lab"))
    assert of("InventoryOverlap", apart) == []


@pytest.mark.parametrize(
    "resources",
    [
        {},
        {"Group": group("Env", "Prod", Name="other")},
        {"Group": resource("ResourceGroups::Group", Name="lab")},
        {
            "Group": group("Env", "Prod", Name="lab")
            | {
                "Properties": {
                    "Name": "lab",
                    "ResourceQuery": {"Query": {"TagFilters": [{"Key": ref("Key")}]}},
                }
            }
        },
    ],
    ids=["none", "other name", "by stack", "unknown key"],
)
def test_a_group_of_unknown_members_is_a_warning(resources: Properties) -> None:
    web = instance(Tags=tags(Env="Prod"))
    finding = overlap(pair(by_tag("Env"), BY_GROUP, Web=web, **resources))
    assert finding.severity is Severity.WARNING
    assert "resource-groups:Name=lab" in str(finding)


def test_a_target_that_is_not_understood_is_a_warning() -> None:
    other = association(("tags:Env", ["Prod"]))
    assert overlap(pair(by_tag("Env"), other)).severity is Severity.WARNING


@pytest.mark.parametrize("key", ["InstanceIds", "instanceids", "instanceIds"])
def test_all_nodes_are_all_nodes_however_the_key_is_spelt(key: str) -> None:
    finding = overlap(pair(for_all(), association((key, ["*"]))))
    assert finding.severity is Severity.ERROR
    assert resource_of(finding).logical_id == "Two"


def test_the_key_of_a_tag_is_as_it_is_spelt() -> None:
    web = instance(Tags=tags(Env="Prod"))
    met = pair(by_tag("Env"), association(("Tag:Env", ["Prod"])), Web=web)
    assert "both reach S/Web" in str(overlap(met))
    apart = pair(by_tag("Env"), association(("tag:env", ["Prod"])), Web=web)
    assert overlap(apart).severity is not Severity.ERROR


def test_a_tag_without_values_is_one_of_any_value() -> None:
    web = instance(Tags=tags(Env="Prod", Role="Web"))
    other = association(("tag:Role", []))
    assert "both reach S/Web" in str(overlap(pair(by_tag("Env"), other, Web=web)))


def test_ids_with_tags_are_not_understood() -> None:
    mixed = association(("tag:Env", ["Prod"]), ("InstanceIds", ["i-1"]))
    assert overlap(pair(by_tag("Env"), mixed)).severity is Severity.WARNING


def test_a_key_of_any_value_meets_every_value() -> None:
    any_value = resource(
        "ResourceGroups::Group",
        Name="lab",
        ResourceQuery={"Query": {"TagFilters": [{"Key": "Env"}]}},
    )
    app = pair(by_tag("Env"), BY_GROUP, Group=any_value, Web=instance(Tags=tags(Env="Test")))
    assert "they share a value of tag:Env" in str(overlap(app))


# --- all nodes ---------------------------------------------------------------------------------


def test_two_for_all_nodes_fail() -> None:
    finding = overlap(pair(for_all(), for_all()))
    assert finding.severity is Severity.ERROR
    assert resource_of(finding).logical_id == "Two"
    assert finding.value == "InstanceIds=*; InstanceIds=*; they share a target"


def test_all_nodes_next_to_explicit_ones_are_one_warning_on_the_wildcard() -> None:
    apart = stack({"Three": by_tag()}, "Other", DUBLIN)
    (finding,) = findings(
        stack({"One": by_tag("Env", "A"), "All": for_all(), "Two": by_tag("Env", "B")}), apart
    )
    assert (finding.rule, finding.severity) == ("InventorySkipped", Severity.WARNING)
    assert resource_of(finding).logical_id == "All"
    assert "S/One (tag:Env=A), S/Two (tag:Env=B)" in finding.reason


def test_only_all_nodes_is_well() -> None:
    assert findings(stack({"All": for_all()}), stack({"All": for_all()}, "Other", DUBLIN)) == []


# --- Quick Setup -------------------------------------------------------------------------------


QUICK_SETUP = {"AssociationName": "AWS-QuickSetup-SSM-CollectInventory-abcde"}


def test_quick_setup_wins_over_an_explicit_one() -> None:
    quick = association(("tag:Env", ["Prod"]), **QUICK_SETUP)
    for app in (pair(by_tag("Env"), quick), pair(quick, by_tag("Env"))):
        (finding,) = findings(app)
        assert (finding.rule, finding.severity) == ("InventorySkipped", Severity.WARNING)
        assert "is skipped where Quick Setup's" in str(finding)


def test_quick_setup_next_to_an_unknown_id_is_reported_to_the_strict() -> None:
    quick = association(("tag:Env", ["Prod"]), **QUICK_SETUP)
    app = pair(association(("InstanceIds", ["i-0123456789abcdef0"])), quick)
    assert findings(app) == []
    (finding,) = of("InventorySkipped", app, strict=True)
    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize("other", [by_tag("Env"), for_all()], ids=["explicit", "all nodes"])
def test_quick_setup_for_all_nodes_wins_too(other: Properties) -> None:
    (finding,) = findings(pair(other, for_all(**QUICK_SETUP)))
    assert (finding.rule, finding.severity) == ("InventorySkipped", Severity.WARNING)
    assert resource_of(finding).logical_id == "One"


def test_two_of_quick_setup_fail_like_others() -> None:
    quick = association(("tag:Env", ["Prod"]), **QUICK_SETUP)
    assert overlap(pair(quick, quick)).severity is Severity.ERROR


# --- where they are ----------------------------------------------------------------------------


def two_stacks(one: Environment, other: Environment, *stages: str) -> list[Finding]:
    stage, other_stage = stages or ("", "")
    return of(
        "InventoryOverlap",
        stack({"A": by_tag()}, "First", one, stage),
        stack({"B": by_tag()}, "Second", other, other_stage),
    )


def test_stacks_of_one_environment_meet() -> None:
    (finding,) = two_stacks(FRANKFURT, FRANKFURT)
    assert resource_of(finding).path == "Second/B"
    assert "First/A" in finding.reason


def test_stages_of_one_known_environment_meet() -> None:
    (finding,) = two_stacks(FRANKFURT, FRANKFURT, "Beta", "Gamma")
    assert finding.severity is Severity.ERROR
    assert resource_of(finding).path == "Gamma/Second/B"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (FRANKFURT, DUBLIN),
        (FRANKFURT, Environment("222222222222", "eu-central-1")),
        (FRANKFURT, NOWHERE),
        (FRANKFURT, Environment("", "eu-central-1")),
    ],
    ids=["Region", "account", "agnostic", "Region only"],
)
def test_other_environments_never_meet(one: Environment, other: Environment) -> None:
    assert two_stacks(one, other) == []


def test_agnostic_stacks_meet() -> None:
    (finding,) = two_stacks(NOWHERE, NOWHERE)
    assert finding.severity is Severity.ERROR


def test_agnostic_stages_may_go_to_different_accounts() -> None:
    (finding,) = two_stacks(NOWHERE, NOWHERE, "Beta", "Gamma")
    assert finding.severity is Severity.WARNING


def test_all_nodes_of_an_agnostic_stage_are_not_those_of_another() -> None:
    beta = stack({"A": by_tag()}, "First", NOWHERE, "Beta")
    gamma = stack({"B": for_all()}, "Second", NOWHERE, "Gamma")
    assert findings(beta, gamma) == []


@pytest.mark.parametrize(
    ("conditions", "severity"),
    [
        (("IsProd", "IsTest"), Severity.WARNING),
        (("IsProd", "IsProd"), Severity.ERROR),
        (("IsProd", None), Severity.ERROR),
    ],
)
def test_conditions_may_exclude_each_other(
    conditions: tuple[str, str | None], severity: Severity
) -> None:
    one, other = ({**by_tag(), "Condition": condition} for condition in conditions)
    assert overlap(pair(one, other)).severity is severity


def test_the_document_may_be_an_arn() -> None:
    arn = {
        "Fn::Sub": "arn:${AWS::Partition}:ssm:${AWS::Region}::document/AWS-GatherSoftwareInventory"
    }
    assert overlap(pair(by_tag(), association(("tag:Env", ["Prod"]), Name=arn)))


def test_an_unresolved_id_of_the_app_is_unknown() -> None:
    by_id = association(("InstanceIds", [att("Custom", "InstanceId")]))
    custom = resource("CloudFormation::CustomResource")
    app = pair(by_id, by_tag("Env"), Web=instance(Tags=tags(Env="Prod")), Custom=custom)
    assert of("InventoryOverlap", app) == []
    assert overlap(app, strict=True).severity is Severity.WARNING
