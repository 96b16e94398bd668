"""Resource groups: the instances that are members by a query or one by one."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.localaws.lab import Lab, node, tags, template


@pytest.fixture
def pair(lab: Lab) -> Lab:
    """Two instances: One is tagged Workload=Test, Two is Workload=Prod."""
    lab.deploy(template(One=node(Tags=tags(Workload="Test")), Two=node(Tags=tags(Workload="Prod"))))
    return lab


def create(lab: Lab, name: str, **query: Any) -> None:
    lab.client("resource-groups").create_group(
        Name=name, ResourceQuery={"Type": "TAG_FILTERS_1_0", "Query": json.dumps(query)}
    )


def by_tag(key: str, *values: str) -> dict[str, Any]:
    return {
        "ResourceTypeFilters": ["AWS::EC2::Instance"],
        "TagFilters": [{"Key": key, "Values": list(values)}],
    }


def members(lab: Lab, name: str, **request: Any) -> set[str]:
    """The logical ids of the members."""
    answer = lab.client("resource-groups").list_group_resources(Group=name, **request)
    assert {each["Identifier"]["ResourceType"] for each in answer["Resources"]} <= {
        "AWS::EC2::Instance"
    }
    prefix = f"arn:aws:ec2:us-east-1:{lab.account}:instance/"
    found = {each["Identifier"]["ResourceArn"] for each in answer["Resources"]}
    return {name for name in ("One", "Two") if prefix + lab.physical_id(name) in found}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (by_tag("Workload", "Test"), {"One"}),
        (by_tag("Workload", "Test", "Prod"), {"One", "Two"}),
        (by_tag("Workload"), {"One", "Two"}),
        (by_tag("Owner"), set()),
        ({**by_tag("Workload", "Prod"), "ResourceTypeFilters": ["AWS::AllSupported"]}, {"Two"}),
        ({**by_tag("Workload"), "ResourceTypeFilters": ["AWS::S3::Bucket"]}, set()),
    ],
)
def test_members_by_tag(pair: Lab, query: dict[str, Any], expected: set[str]) -> None:
    """`ResourceQuery` in the Resource Groups API reference."""
    create(pair, "fleet", **query)
    assert members(pair, "fleet") == expected


def test_members_follow_the_tags_and_the_instances(pair: Lab) -> None:
    create(pair, "fleet", **by_tag("Workload", "Test"))
    two = pair.physical_id("Two")
    pair.ec2.create_tags(Resources=[two], Tags=tags(Workload="Test"))
    assert members(pair, "fleet") == {"One", "Two"}
    pair.ec2.terminate_instances(InstanceIds=[two])
    assert members(pair, "fleet") == {"One"}


def test_members_are_filtered_and_come_in_pages(pair: Lab) -> None:
    create(pair, "fleet", **by_tag("Workload"))
    for kind, count in (("AWS::EC2::Instance", 2), ("AWS::S3::Bucket", 0)):
        only = [{"Name": "resource-type", "Values": [kind]}]
        assert len(members(pair, "fleet", Filters=only)) == count
    pages = pair.client("resource-groups").get_paginator("list_group_resources")
    found = list(pages.paginate(Group="fleet", PaginationConfig={"PageSize": 1}))
    assert [len(page["Resources"]) for page in found] == [1, 1]


def test_listed_members_stay_listed(pair: Lab) -> None:
    groups = pair.client("resource-groups")
    groups.create_group(Name="listed", Configuration=[])
    arn = f"arn:aws:ec2:us-east-1:{pair.account}:instance/{pair.physical_id('Two')}"
    groups.group_resources(Group="listed", ResourceArns=[arn])
    assert members(pair, "listed") == {"Two"}


def test_a_group_and_its_query_can_be_read(lab: Lab) -> None:
    create(lab, "fleet", **by_tag("Workload"))
    groups = lab.client("resource-groups")
    assert groups.get_group(GroupName="fleet")["Group"]["Name"] == "fleet"
    query = groups.get_group_query(GroupName="fleet")["GroupQuery"]["ResourceQuery"]
    assert query["Type"] == "TAG_FILTERS_1_0"
    assert json.loads(query["Query"]) == by_tag("Workload")
    for call in (groups.get_group, groups.get_group_query, groups.list_group_resources):
        with pytest.raises(ClientError, match="NotFoundException"):
            call(GroupName="missing")
