"""What Athena is told about the objects of the data sync."""

import base64
import json
from typing import Any

import pytest

from oelab.constructs.fleet_data import InventoryDataSync, InventoryTables
from oelab.queries import questions, views
from oelab.systems_manager.data_sync import tables
from tests.policies import resolved
from tests.synthesis import Resource, Template, new_stack, of_type, only, template_of

ACCOUNTS = ["111122223333", "444455556666"]
KEY = "arn:aws:kms:us-east-1:111122223333:key/12345678-90ab-cdef-1234-567890abcdef"


def template(regions: tuple[str, ...] = (), **properties: Any) -> Template:
    stack = new_stack()
    data = InventoryDataSync(stack, "Data", bucket="inventory", **properties)
    InventoryTables(stack, "Tables", data=data, regions=regions)
    return template_of(stack)


@pytest.fixture(scope="module")
def known() -> Template:
    return template(("us-east-1", "eu-west-1"), prefix="all", accounts=ACCOUNTS)


@pytest.fixture(scope="module")
def organization() -> Template:
    return template(organization_id="o-a1b2c3d4e5")


def declared(template: Template, kind: str) -> dict[str, Resource]:
    inputs = [each["Properties"]["TableInput"] for each in of_type(template, "AWS::Glue::Table")]
    return {each["Name"]: each for each in inputs if each["TableType"] == kind}


def statement(view: Resource) -> str:
    """What Athena reads of a view: JSON in Base64, which CloudFormation encodes."""
    (_, (_, encoded, _)) = view["ViewOriginalText"]["Fn::Join"]
    definition = json.loads(encoded["Fn::Base64"])
    assert [each["name"] for each in definition["columns"]] == [
        each["Name"] for each in view["StorageDescriptor"]["Columns"]
    ]
    assert definition["schema"] == "oelab_inventory"
    text: str = definition["originalSql"]
    return text


def test_every_type_that_a_sync_writes_is_a_table_of_texts(known: Template) -> None:
    found = declared(known, "EXTERNAL_TABLE")
    assert found.keys() == tables().keys()
    for name, table in tables().items():
        columns = found[name]["StorageDescriptor"]["Columns"]
        assert [each["Name"] for each in columns] == list(table.columns)
        assert {each["Type"] for each in columns} == {"string"}
        location = f"s3://inventory/all/{table.inventory_type}/"
        assert resolved(found[name]["StorageDescriptor"]["Location"], {}) == location


def test_no_column_has_the_name_of_a_partition_key(known: Template) -> None:
    for table in declared(known, "EXTERNAL_TABLE").values():
        columns = {each["Name"] for each in table["StorageDescriptor"]["Columns"]}
        assert not columns & {each["Name"] for each in table["PartitionKeys"]}


def test_partitions_of_known_accounts_and_regions_are_projected(known: Template) -> None:
    for table in declared(known, "EXTERNAL_TABLE").values():
        assert [each["Name"] for each in table["PartitionKeys"]] == [
            "accountid",
            "region",
            "resourcetype",
        ]
        assert table["Parameters"] == {
            "projection.enabled": "true",
            "projection.accountid.type": "enum",
            "projection.accountid.values": ",".join(ACCOUNTS),
            "projection.region.type": "enum",
            "projection.region.values": "us-east-1,eu-west-1",
            "projection.resourcetype.type": "enum",
            "projection.resourcetype.values": "ManagedInstanceInventory",
        }


def test_partitions_of_an_organization_come_from_the_paths(organization: Template) -> None:
    for table in declared(organization, "EXTERNAL_TABLE").values():
        assert not {"PartitionKeys", "Parameters"} & table.keys()
    for view in declared(organization, "VIRTUAL_VIEW").values():
        if "aws_" in statement(view):
            assert '"$path"' in statement(view)


def test_views_are_those_of_the_questions(known: Template) -> None:
    found = declared(known, "VIRTUAL_VIEW")
    assert found.keys() == views().keys()
    for name, view in views().items():
        assert statement(found[name]).split() == view.statement.split()
        assert found[name]["Parameters"] == {"presto_view": "true"}


def test_base64_holds_what_the_prefix_and_the_suffix_enclose(known: Template) -> None:
    text = declared(known, "VIRTUAL_VIEW")["node"]["ViewOriginalText"]
    (_, (prefix, encoded, suffix)) = text["Fn::Join"]
    assert (prefix, suffix) == ("/* Presto View: ", " */")
    whole = base64.b64encode(encoded["Fn::Base64"].encode()).decode()
    assert json.loads(base64.b64decode(whole))["catalog"] == "awsdatacatalog"


def test_every_question_is_a_named_query(known: Template) -> None:
    found = [each["Properties"] for each in of_type(known, "AWS::Athena::NamedQuery")]
    assert {each["Name"]: each["QueryString"] for each in found} == {
        question.name: question.named_query for question in questions().values()
    }


def test_results_are_encrypted_and_expire_and_nobody_gets_around_that(known: Template) -> None:
    configuration = only(known, "AWS::Athena::WorkGroup")["Properties"]["WorkGroupConfiguration"]
    assert configuration["EnforceWorkGroupConfiguration"] is True
    assert configuration["BytesScannedCutoffPerQuery"] == 100 * 10**9
    assert configuration["ResultConfiguration"]["EncryptionConfiguration"] == {
        "EncryptionOption": "SSE_S3"
    }
    (rule,) = only(known, "AWS::S3::Bucket")["Properties"]["LifecycleConfiguration"]["Rules"]
    assert rule["ExpirationInDays"] == 7


def test_results_are_as_secret_as_the_data() -> None:
    configured = only(template(encryption_key=KEY), "AWS::Athena::WorkGroup")["Properties"]
    results = configured["WorkGroupConfiguration"]["ResultConfiguration"]
    assert results["EncryptionConfiguration"] == {"EncryptionOption": "SSE_KMS", "KmsKey": KEY}


def test_there_is_nothing_that_has_to_discover_anything(known: Template) -> None:
    kinds = {each["Type"] for each in known["Resources"].values()}
    assert not {kind for kind in kinds if "Crawler" in kind or "Lambda" in kind or "Custom" in kind}
