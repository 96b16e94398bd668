"""Compliance: from runs by itself, from anyone who puts items, and its summaries."""

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.localaws.lab import Lab, node, tags, template

EXECUTION = {"ExecutionTime": datetime(2026, 3, 1, tzinfo=UTC)}


@pytest.fixture
def pair(lab: Lab) -> Lab:
    lab.deploy(
        template(
            One=node(Tags=tags(Environment="OELabIPM", Workload="Test")),
            Two=node(Tags=tags(Environment="OELabIPM", Workload="Prod")),
        )
    )
    lab.settle()
    return lab


def items(lab: Lab, logical_id: str) -> list[dict[str, Any]]:
    answer = lab.ssm.list_compliance_items(
        ResourceIds=[lab.physical_id(logical_id)], ResourceTypes=["ManagedInstance"]
    )
    found: list[dict[str, Any]] = answer["ComplianceItems"]
    return found


def put(lab: Lab, logical_id: str, **changes: Any) -> None:
    lab.ssm.put_compliance_items(
        **{
            "ResourceId": lab.physical_id(logical_id),
            "ResourceType": "ManagedInstance",
            "ComplianceType": "Custom:AVCheck",
            "ExecutionSummary": EXECUTION,
            "Items": [{"Id": "v1", "Severity": "CRITICAL", "Status": "NON_COMPLIANT"}],
            **changes,
        }
    )


def test_a_run_reports_with_the_association_s_severity(pair: Lab) -> None:
    association_id = pair.associate(ComplianceSeverity="HIGH", AssociationName="Inventory")
    pair.settle()
    (item,) = items(pair, "One")
    assert (item["ComplianceType"], item["Id"]) == ("Association", association_id)
    assert (item["Status"], item["Severity"]) == ("COMPLIANT", "HIGH")
    assert item["Details"]["DocumentName"] == "AWS-GatherSoftwareInventory"
    assert item["ExecutionSummary"]["ExecutionTime"]


def test_a_failed_run_does_not_comply(pair: Lab) -> None:
    pair.associate(ComplianceSeverity="HIGH")
    pair.associate(Targets=[{"Key": "tag:Workload", "Values": ["Test"]}])
    pair.settle()
    assert [item["Status"] for item in items(pair, "One")] == ["NON_COMPLIANT"] * 2
    assert [item["Status"] for item in items(pair, "Two")] == ["COMPLIANT"]
    (summary,) = pair.ssm.list_compliance_summaries()["ComplianceSummaryItems"]
    assert summary["ComplianceType"] == "Association"
    assert summary["CompliantSummary"]["CompliantCount"] == 1
    assert summary["NonCompliantSummary"]["NonCompliantCount"] == 1
    assert summary["NonCompliantSummary"]["SeveritySummary"]["HighCount"] == 1


def test_manual_leaves_it_to_whoever_puts(pair: Lab) -> None:
    association_id = pair.associate(SyncCompliance="MANUAL")
    pair.settle()
    assert items(pair, "One") == []
    entry = {"Id": association_id, "Severity": "LOW", "Status": "COMPLIANT"}
    put(pair, "One", ComplianceType="Association", UploadType="PARTIAL", Items=[entry])
    assert [item["Severity"] for item in items(pair, "One")] == ["LOW"]


def test_a_deleted_association_leaves_no_compliance(pair: Lab) -> None:
    association_id = pair.associate()
    pair.settle()
    pair.ssm.delete_association(AssociationId=association_id)
    assert items(pair, "One") == []


def test_putting_replaces_the_type_s_items(pair: Lab) -> None:
    put(pair, "One")
    put(pair, "One", Items=[{"Id": "v2", "Severity": "LOW", "Status": "COMPLIANT"}])
    assert [item["Id"] for item in items(pair, "One")] == ["v2"]


def test_summaries_by_node(pair: Lab) -> None:
    put(pair, "One")
    put(pair, "Two", Items=[{"Id": "v1", "Severity": "CRITICAL", "Status": "COMPLIANT"}])
    put(pair, "Two", ComplianceType="Patch")
    listed = pair.ssm.list_resource_compliance_summaries()["ResourceComplianceSummaryItems"]
    found = {(s["ResourceId"], s["ComplianceType"]): s for s in listed}
    one = found[pair.physical_id("One"), "Custom:AVCheck"]
    assert (one["Status"], one["OverallSeverity"]) == ("NON_COMPLIANT", "CRITICAL")
    assert one["NonCompliantSummary"]["NonCompliantCount"] == 1
    assert found[pair.physical_id("Two"), "Custom:AVCheck"]["Status"] == "COMPLIANT"
    assert found[pair.physical_id("Two"), "Patch"]["Status"] == "NON_COMPLIANT"
    only_bad = pair.ssm.list_resource_compliance_summaries(
        Filters=[{"Key": "Status", "Values": ["NON_COMPLIANT"], "Type": "EQUAL"}]
    )
    assert len(only_bad["ResourceComplianceSummaryItems"]) == 2


def test_items_are_filtered_and_paged(pair: Lab) -> None:
    levels = ("LOW", "HIGH", "HIGH")
    put(
        pair,
        "One",
        Items=[
            {"Id": f"v{n}", "Severity": severity, "Status": "NON_COMPLIANT"}
            for n, severity in enumerate(levels)
        ],
    )
    request = {"ResourceIds": [pair.physical_id("One")], "ResourceTypes": ["ManagedInstance"]}
    pages = pair.ssm.get_paginator("list_compliance_items").paginate(
        **request, PaginationConfig={"PageSize": 2}
    )
    assert [len(page["ComplianceItems"]) for page in pages] == [2, 1]
    high = pair.ssm.list_compliance_items(
        **request, Filters=[{"Key": "Severity", "Values": ["HIGH"], "Type": "EQUAL"}]
    )
    assert len(high["ComplianceItems"]) == 2


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ResourceType": "Instance"}, "InvalidResourceType"),
        ({"ResourceId": "i-0123456789abcdef0"}, "InvalidResourceId"),
        ({"ComplianceType": "Custom:"}, "ValidationException"),
        ({"UploadType": "PARTIAL"}, "ValidationException"),
    ],
)
def test_refused(pair: Lab, changes: dict[str, Any], code: str) -> None:
    with pytest.raises(ClientError, match=code):
        put(pair, "One", **changes)


def test_one_node_in_a_call(pair: Lab) -> None:
    with pytest.raises(ClientError, match="ValidationException"):
        pair.ssm.list_compliance_items(
            ResourceIds=[pair.physical_id("One"), pair.physical_id("Two")],
            ResourceTypes=["ManagedInstance"],
        )
