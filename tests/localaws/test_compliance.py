"""Compliance: from runs by itself, from people who put items, and its summaries."""

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.localaws.lab import Lab, node, tags, template

BAD = {"Id": "v1", "Severity": "CRITICAL", "Status": "NON_COMPLIANT"}
GOOD = {"Id": "v2", "Severity": "LOW", "Status": "COMPLIANT"}


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


def put(lab: Lab, logical_id: str, *entries: dict[str, str], **changes: Any) -> None:
    request = {
        "ResourceId": lab.physical_id(logical_id),
        "ResourceType": "ManagedInstance",
        "ComplianceType": "Custom:AVCheck",
        "ExecutionSummary": {"ExecutionTime": datetime(2026, 3, 1, tzinfo=UTC)},
        "Items": list(entries),
    }
    lab.ssm.put_compliance_items(**{**request, **changes})


def test_runs_report_with_the_severity_of_the_association(pair: Lab) -> None:
    both = pair.associate(ComplianceSeverity="HIGH")
    only_one = pair.associate(Targets=[{"Key": "tag:Workload", "Values": ["Test"]}])
    pair.settle()
    assert [item["Status"] for item in items(pair, "One")] == ["NON_COMPLIANT"] * 2
    (item,) = items(pair, "Two")
    assert (item["ComplianceType"], item["Id"]) == ("Association", both)
    assert (item["Status"], item["Severity"]) == ("COMPLIANT", "HIGH")
    listed = pair.ssm.list_resource_compliance_summaries()["ResourceComplianceSummaryItems"]
    counts = {
        summary["ResourceId"]: summary["NonCompliantSummary"]["SeveritySummary"]["HighCount"]
        for summary in listed
    }
    assert counts == {pair.physical_id("One"): 1, pair.physical_id("Two"): 0}
    pair.ssm.delete_association(AssociationId=only_one)
    pair.settle()
    assert [item["Status"] for item in items(pair, "One")] == ["COMPLIANT"]


def test_manual_compliance_does_not_follow_runs(pair: Lab) -> None:
    pair.associate(SyncCompliance="MANUAL")
    pair.settle()
    assert items(pair, "One") == []


def test_putting_replaces_the_items_of_the_type(pair: Lab) -> None:
    put(pair, "One", BAD)
    put(pair, "One", GOOD)
    assert [item["Id"] for item in items(pair, "One")] == ["v2"]


def test_summaries_by_node_and_type(pair: Lab) -> None:
    put(pair, "One", BAD, GOOD)
    put(pair, "Two", GOOD)
    put(pair, "Two", BAD, ComplianceType="Patch")
    listed = pair.ssm.list_resource_compliance_summaries()["ResourceComplianceSummaryItems"]
    found = {(s["ResourceId"], s["ComplianceType"]): s for s in listed}
    one, two = pair.physical_id("One"), pair.physical_id("Two")
    assert {key: summary["Status"] for key, summary in found.items()} == {
        (one, "Custom:AVCheck"): "NON_COMPLIANT",
        (two, "Custom:AVCheck"): "COMPLIANT",
        (two, "Patch"): "NON_COMPLIANT",
    }
    assert found[one, "Custom:AVCheck"]["OverallSeverity"] == "CRITICAL"
    assert found[one, "Custom:AVCheck"]["NonCompliantSummary"]["NonCompliantCount"] == 1
    assert found[one, "Custom:AVCheck"]["CompliantSummary"]["CompliantCount"] == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ResourceType": "Instance"}, "InvalidResourceType"),
        ({"ResourceId": "i-0123456789abcdef0"}, "InvalidResourceId"),
        ({"ComplianceType": "Custom:"}, "ValidationException"),
        ({"UploadType": "PARTIAL"}, "NotImplemented"),
    ],
)
def test_refused(pair: Lab, changes: dict[str, Any], code: str) -> None:
    with pytest.raises(ClientError, match=code):
        put(pair, "One", BAD, **changes)
