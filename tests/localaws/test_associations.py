"""Associations: what State Manager accepts, refuses and remembers."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.localaws.lab import Lab, ref, resource, tags

WILDCARD = [{"Key": "InstanceIds", "Values": ["*"]}]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ScheduleExpression": "rate(29 minutes)"}, "InvalidSchedule"),
        ({"ScheduleExpression": "rate(30 minute)"}, "InvalidSchedule"),
        ({"ScheduleExpression": "rate(1 hours)"}, "InvalidSchedule"),
        ({"ScheduleExpression": "rate(31 days)"}, "InvalidSchedule"),
        ({"ScheduleExpression": "cron(0 25 ? * * *)"}, "InvalidSchedule"),
        ({"ScheduleExpression": "cron(0 2 ? 5 * *)"}, "InvalidSchedule"),
        ({"ScheduleExpression": "every day"}, "InvalidSchedule"),
        ({"DocumentVersion": "1"}, "InvalidDocumentVersion"),
        ({"Name": "AWS-GatherHardware"}, "InvalidDocument"),
        ({"Parameters": {"applicationz": ["Enabled"]}}, "InvalidParameters"),
        ({"Parameters": {"applications": ["Yes"]}}, "InvalidParameters"),
        ({"Targets": [{"Key": f"tag:K{n}", "Values": ["v"]} for n in range(6)]}, "Validation"),
        ({"Targets": [{"Key": "Colour", "Values": ["red"]}]}, "InvalidTarget"),
        ({"Targets": [{"Key": "InstanceIds", "Values": ["*", "i-1"]}]}, "InvalidTarget"),
        ({"Targets": None}, "InvalidTarget"),
        ({"InstanceId": "i-0123456789abcdef0"}, "ValidationException"),
        ({"AssociationName": "with space"}, "ValidationException"),
        ({"MaxConcurrency": "0"}, "ValidationException"),
        ({"MaxErrors": "200%"}, "ValidationException"),
        ({"ComplianceSeverity": "SEVERE"}, "ValidationException"),
        (
            {"ApplyOnlyAtCronInterval": True, "ScheduleExpression": "rate(1 day)"},
            "ValidationException",
        ),
        ({"ScheduleOffset": 2, "ScheduleExpression": "rate(1 day)"}, "ValidationException"),
    ],
)
def test_refused(lab: Lab, changes: dict[str, Any], code: str) -> None:
    with pytest.raises(ClientError, match=code):
        lab.associate(**changes)
    assert not lab.ssm.list_associations()["Associations"]


@pytest.mark.parametrize(
    "changes",
    [
        {"ScheduleExpression": "rate(30 minutes)"},
        {"ScheduleExpression": "rate(1 day)"},
        {"ScheduleExpression": "cron(0 2 ? * SUN *)"},
        {"ScheduleExpression": "cron(0 0/4 * * ? *)"},
        {"ScheduleExpression": "cron(0 0 2 ? * TUE#3 *)"},
        {"ScheduleExpression": "at(2030-07-07T15:55:00)"},
        {"Targets": WILDCARD},
        {"Targets": [{"Key": "resource-groups:Name", "Values": ["fleet"]}]},
        {"MaxConcurrency": "50%", "MaxErrors": "0"},
    ],
)
def test_accepted(lab: Lab, changes: dict[str, Any]) -> None:
    described = lab.association(lab.associate(**changes))
    assert {name: described[name] for name in changes} == changes


def test_a_second_association_for_all_nodes_is_refused(lab: Lab) -> None:
    first = lab.associate(Targets=WILDCARD)
    with pytest.raises(ClientError, match="Multiple apply all associations with document"):
        lab.associate(Targets=[{"Key": "instanceids", "Values": ["*"]}])
    explicit = lab.associate()
    with pytest.raises(ClientError, match="Multiple apply all associations"):
        lab.ssm.update_association(AssociationId=explicit, Targets=WILDCARD)
    # The same one may be updated, and one in another Region is no second.
    lab.ssm.update_association(AssociationId=first, Targets=WILDCARD)
    elsewhere = lab.aws.client("ssm", region="eu-west-1", account=lab.account)
    elsewhere.create_association(Name="AWS-GatherSoftwareInventory", Targets=WILDCARD)


def test_an_update_takes_away_what_it_leaves_out(lab: Lab) -> None:
    association_id = lab.associate(
        AssociationName="Inventory", ScheduleExpression="rate(1 day)", ComplianceSeverity="HIGH"
    )
    targets = [{"Key": "tag:Workload", "Values": ["Test"]}]
    lab.ssm.update_association(AssociationId=association_id, Targets=targets)
    described = lab.association(association_id)
    assert described["AssociationVersion"] == "2"
    assert described["Targets"] == targets
    for name in ("AssociationName", "ScheduleExpression", "ComplianceSeverity", "Parameters"):
        assert name not in described


def test_every_version_is_remembered(lab: Lab) -> None:
    association_id = lab.associate(AssociationName="First")
    lab.ssm.update_association(
        AssociationId=association_id, AssociationName="Second", Targets=WILDCARD
    )
    versions = lab.ssm.list_association_versions(AssociationId=association_id)
    found = [
        (v["AssociationVersion"], v["AssociationName"]) for v in versions["AssociationVersions"]
    ]
    assert found == [("1", "First"), ("2", "Second")]


def test_listed_by_filter_and_page(lab: Lab) -> None:
    ids = [lab.associate(AssociationName=f"Inventory{n}") for n in range(7)]
    pages = list(
        lab.ssm.get_paginator("list_associations").paginate(PaginationConfig={"PageSize": 3})
    )
    assert [len(page["Associations"]) for page in pages] == [3, 3, 1]
    assert [a["AssociationId"] for page in pages for a in page["Associations"]] == ids

    def listed(key: str, value: str) -> int:
        answer = lab.ssm.list_associations(AssociationFilterList=[{"key": key, "value": value}])
        return len(answer["Associations"])

    assert listed("AssociationName", "Inventory3") == 1
    assert listed("Name", "AWS-GatherSoftwareInventory") == 7
    assert listed("AssociationStatusName", "Pending") == 7
    # Only associations of the deprecated kind answer to an instance id.
    assert listed("InstanceId", "i-0123456789abcdef0") == 0


def test_the_deprecated_kind_is_found_by_document_and_instance(lab: Lab) -> None:
    lab.ssm.create_association(Name="AWS-UpdateSSMAgent", InstanceId="i-0123456789abcdef0")
    found = lab.ssm.describe_association(
        Name="AWS-UpdateSSMAgent", InstanceId="i-0123456789abcdef0"
    )
    assert found["AssociationDescription"]["InstanceId"] == "i-0123456789abcdef0"
    with pytest.raises(ClientError, match="AssociationAlreadyExists"):
        lab.ssm.create_association(Name="AWS-UpdateSSMAgent", InstanceId="i-0123456789abcdef0")


def test_what_is_gone_does_not_exist(lab: Lab) -> None:
    association_id = lab.associate()
    lab.ssm.delete_association(AssociationId=association_id)
    for call in (lab.ssm.describe_association, lab.ssm.delete_association):
        with pytest.raises(ClientError, match="AssociationDoesNotExist"):
            call(AssociationId=association_id)
    with pytest.raises(ClientError, match="AssociationDoesNotExist"):
        lab.ssm.start_associations_once(AssociationIds=[association_id])


def test_the_document_describes_its_parameters(lab: Lab) -> None:
    name = "AWS-GatherSoftwareInventory"
    described = lab.ssm.describe_document(Name=name)["Document"]
    assert described["Owner"] == "Amazon"
    assert {"applications", "files"} <= {p["Name"] for p in described["Parameters"]}
    assert "aws:softwareInventory" in lab.ssm.get_document(Name=name)["Content"]
    with pytest.raises(ClientError, match="InvalidDocument"):
        lab.ssm.describe_document(Name="AWS-Nothing")


def test_there_are_no_data_syncs(lab: Lab) -> None:
    assert lab.ssm.list_resource_data_sync()["ResourceDataSyncItems"] == []


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


def test_declared_in_a_template(lab: Lab) -> None:
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
        ({"DocumentVersion": "$DEFAULT"}, "Error occurred during operation 'CreateAssociation'"),
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
