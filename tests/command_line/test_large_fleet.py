"""A fleet over 3 Regions, read in no more calls than bulk reading takes."""

import json
from collections import Counter
from math import ceil

import pytest

from oelab.review.read import pace
from tests.command_line.conftest import Cli
from tests.command_line.fake_aws import GLOBAL, TYPES, FakeAws, use

REGIONS = {"us-east-1": 1001, "us-west-2": 1000, "eu-west-1": 999}
# The documented rates, and the fake that enforces them, ten times as fast: nothing here is about
# time, and at the real ones the test would take that much longer.
FASTER = {operation: 10 * rate for operation, rate in pace.DOCUMENTED.items()}


def calls_of(
    instances: int, nodes: int, associations: int = 1, compliance_types: int = 1
) -> Counter[str]:
    """The formula of docs/review.md, for a Region whose associations each ran on all nodes."""
    pages = ceil(nodes / 50)
    return Counter(
        {
            "DescribeInstances": ceil(instances / 1000),
            "DescribeInstanceInformation": pages,
            "ListAssociations": ceil(associations / 50),
            "DescribeAssociationExecutions": associations,
            "DescribeAssociationExecutionTargets": associations * pages,
            "GetInventory": len(TYPES) * pages,
            "ListResourceComplianceSummaries": ceil(nodes * compliance_types / 50),
        }
    )


def test_the_calls_are_those_of_the_formula(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "DOCUMENTED", FASTER)
    aws = FakeAws(REGIONS, per_second=FASTER)
    with aws.served() as endpoint:
        use(endpoint, monkeypatch)
        regions = [word for region in REGIONS for word in ("--region", region)]
        result = cli("status", "--json", *regions)
    document = json.loads(result.stdout)
    assert document["unread"] == []
    # Two of the workloads' eight instances bear the names of nodes that are there.
    assert document["totals"] == {"ok": 3000, "not-launched": 6}
    for region, count in REGIONS.items():
        made = Counter({op: n for (where, op), n in aws.calls.items() if where == region})
        assert made == calls_of(count, count)
    assert aws.calls[GLOBAL, "GetCallerIdentity"] == 1
    assert aws.throttled == 0
