"""Associations: what State Manager accepts, refuses and remembers, by API and by template."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.localaws.lab import Lab, ref, resource, tags

WILDCARD = [{"Key": "InstanceIds", "Values": ["*"]}]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ScheduleExpression": "rate(29 minutes)"}, "InvalidSchedule"),
        ({"Name": "AWS-GatherHardware"}, "InvalidDocument"),
        ({"Parameters": {"applicationz": ["Enabled"]}}, "InvalidParameters"),
        ({"Parameters": {"applications": ["Yes"]}}, "InvalidParameters"),
        ({"Targets": [{"Key": f"tag:K{n}", "Values": ["v"]} for n in range(6)]}, "Validation"),
        ({"Targets": [{"Key": "Colour", "Values": ["red"]}]}, "InvalidTarget"),
        ({"Targets": None}, "InvalidTarget"),
        ({"AssociationName": "with space"}, "ValidationException"),
        ({"MaxConcurrency": "0"}, "ValidationException"),
        ({"MaxErrors": "200%"}, "ValidationException"),
        ({"ComplianceSeverity": "SEVERE"}, "ValidationException"),
        ({"ApplyOnlyAtCronInterval": True, "ScheduleExpression": "rate(1 day)"}, "Validation"),
        ({"ScheduleOffset": 2, "ScheduleExpression": "cron(0 2 ? * SUN *)"}, "Validation"),
        # Not modelled, and therefore not taken for absent.
        ({"InstanceId": "i-0123456789abcdef0"}, "NotImplemented"),
        ({"CalendarNames": ["holidays"]}, "NotImplemented"),
    ],
)
def test_refused(lab: Lab, changes: dict[str, Any], code: str) -> None:
    with pytest.raises(ClientError, match=code):
        lab.associate(**changes)
    assert not lab.ssm.list_associations()["Associations"]


def test_all_breaches_of_the_service_model_are_reported_together(lab: Lab) -> None:
    with pytest.raises(ClientError) as caught:
        lab.associate(AssociationName="a b", MaxErrors="200%")
    message = caught.value.response["Error"]["Message"]
    assert "AssociationName" in message
    assert "MaxErrors" in message


@pytest.mark.parametrize(
    "changes",
    [
        {"ScheduleExpression": "cron(0 2 ? * SUN *)", "MaxConcurrency": "50%", "MaxErrors": "0"},
        {"Targets": WILDCARD},
        {"Targets": [{"Key": "resource-groups:Name", "Values": ["fleet"]}]},
    ],
)
def test_accepted(lab: Lab, changes: dict[str, Any]) -> None:
    described = lab.association(lab.associate(**changes))
    assert {name: described[name] for name in changes} == changes


def test_a_second_inventory_of_all_nodes_is_refused(lab: Lab) -> None:
    first, explicit = lab.associate(Targets=WILDCARD), lab.associate()
    with pytest.raises(ClientError, match="Multiple apply all associations with document"):
        lab.associate(Targets=[{"Key": "instanceids", "Values": ["*"]}])
    with pytest.raises(ClientError, match="Multiple apply all associations"):
        lab.ssm.update_association(AssociationId=explicit, Targets=WILDCARD)
    # The same one may be updated, and one in another Region is the first there.
    lab.ssm.update_association(AssociationId=first, Targets=WILDCARD)
    elsewhere = lab.aws.client("ssm", region="eu-west-1", account=lab.account)
    elsewhere.create_association(Name="AWS-GatherSoftwareInventory", Targets=WILDCARD)


def test_an_update_removes_what_it_leaves_out(lab: Lab) -> None:
    association_id = lab.associate(
        AssociationName="Inventory", ScheduleExpression="rate(1 day)", ComplianceSeverity="HIGH"
    )
    targets = [{"Key": "tag:Workload", "Values": ["Test"]}]
    lab.ssm.update_association(AssociationId=association_id, Targets=targets)
    described = lab.association(association_id)
    assert (described["AssociationVersion"], described["Targets"]) == ("2", targets)
    for name in ("AssociationName", "ScheduleExpression", "ComplianceSeverity", "Parameters"):
        assert name not in described


def test_listed_by_document_and_in_pages(lab: Lab) -> None:
    ids = [lab.associate(AssociationName=f"Inventory{n}") for n in range(4)]
    lab.associate(Name="AWS-UpdateSSMAgent", Parameters=None)
    paginator = lab.ssm.get_paginator("list_associations")
    pages = list(
        paginator.paginate(
            AssociationFilterList=[{"key": "Name", "value": "AWS-GatherSoftwareInventory"}],
            PaginationConfig={"PageSize": 3},
        )
    )
    assert [len(page["Associations"]) for page in pages] == [3, 1]
    assert [a["AssociationId"] for page in pages for a in page["Associations"]] == ids
    with pytest.raises(ClientError, match="InvalidNextToken"):
        lab.ssm.list_associations(NextToken="nonsense")


def test_what_is_deleted_does_not_exist(lab: Lab) -> None:
    association_id = lab.associate()
    lab.ssm.delete_association(AssociationId=association_id)
    for call in (lab.ssm.describe_association, lab.ssm.delete_association):
        with pytest.raises(ClientError, match="AssociationDoesNotExist"):
            call(AssociationId=association_id)


def declared(**changes: Any) -> dict[str, Any]:
    properties = {
        "Name": "AWS-GatherSoftwareInventory",
        "AssociationName": "InventoryAllInstances",
        "Targets": [{"Key": "tag:Environment", "Values": ["OELabIPM"]}],
        "ScheduleExpression": "rate(30 minutes)",
        "Parameters": {"applications": ["Enabled"]},
        **changes,
    }
    kept = {name: value for name, value in properties.items() if value is not None}
    return {
        "Resources": {"Inventory": resource("AWS::SSM::Association", **kept)},
        "Outputs": {"Id": {"Value": ref("Inventory")}},
    }


def test_declared_updated_and_deleted_by_a_template(lab: Lab) -> None:
    assert lab.deploy(declared(), Tags=tags(Owner="me")) == "CREATE_COMPLETE"
    association_id = lab.outputs()["Id"]
    described = lab.association(association_id)
    assert described["AssociationName"] == "InventoryAllInstances"
    assert described["Parameters"] == {"applications": ["Enabled"]}
    listed = lab.ssm.list_tags_for_resource(ResourceType="Association", ResourceId=association_id)
    assert {"Key": "Owner", "Value": "me"} in listed["TagList"]
    assert lab.deploy(declared(ScheduleExpression=None)) == "UPDATE_COMPLETE"
    assert lab.outputs()["Id"] == association_id
    assert "ScheduleExpression" not in lab.association(association_id)
    lab.delete()
    assert not lab.ssm.list_associations()["Associations"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"DocumentVersion": "$DEFAULT"}, "NotImplemented"),
        ({"ScheduleExpression": "rate(10 minutes)"}, "InvalidSchedule"),
        ({"Name": "AWS-GatherHardware"}, "InvalidDocument"),
    ],
)
def test_a_refused_association_rolls_its_stack_back(
    lab: Lab, changes: dict[str, Any], reason: str
) -> None:
    assert lab.deploy(declared(**changes)) == "ROLLBACK_COMPLETE"
    assert reason in lab.failures()["Inventory"]


def test_a_refused_update_keeps_the_former_association(lab: Lab) -> None:
    lab.deploy(declared())
    assert lab.deploy(declared(ScheduleExpression="rate(10 minutes)")) == "UPDATE_ROLLBACK_COMPLETE"
    found = lab.association(lab.outputs()["Id"])
    assert found["ScheduleExpression"] == "rate(30 minutes)"
    assert found["AssociationVersion"] == "1"
