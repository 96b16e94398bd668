"""Athena: declared tables and views over JSON in S3, how queries start, and what they answer."""

import base64
import csv
import io
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.localaws.lab import Lab, Template, ref, resource
from tests.waiting import eventually

JSON_SERDE = "org.apache.hive.hcatalog.data.JsonSerDe"
REGIONS = ("us-east-1", "eu-west-1")
# Keys in PascalCase, as Systems Manager writes them, for columns in lower case.
PACKAGES = {
    "us-east-1": {
        "i-1": [{"Name": "openssl", "Version": "3.0.8"}, {"Name": "curl", "Version": "8.5.0"}],
        "i-2": [{"Name": "openssl", "Version": "3.0.14", "Epoch": "1"}],
    },
    "eu-west-1": {"i-3": [{"Name": "openssl", "Version": "3.0.8"}], "i-4": []},
}


def bucket_of(lab: Lab) -> str:
    return f"data-{lab.account}"


def table(
    lab: Lab,
    name: str = "aws_application",
    *,
    columns: tuple[str, ...] = ("name", "version", "epoch", "resourceid"),
    parameters: dict[str, str] | None = None,
    serde: str = JSON_SERDE,
    kind: str = "string",
) -> Template:
    """A table over the objects of AWS:Application, without partitions unless they are projected."""
    storage = {
        "Columns": [{"Name": column, "Type": kind} for column in columns],
        "Location": f"s3://{bucket_of(lab)}/AWS:Application/",
        "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
        "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        "SerdeInfo": {"SerializationLibrary": serde},
    }
    given: Template = {"Name": name, "TableType": "EXTERNAL_TABLE", "StorageDescriptor": storage}
    if parameters is not None:
        keys = ("accountid", "region", "resourcetype")
        given["PartitionKeys"] = [{"Name": key, "Type": "string"} for key in keys]
        given["Parameters"] = parameters
    return resource(
        "AWS::Glue::Table",
        DatabaseName=ref("Database"),
        CatalogId=ref("AWS::AccountId"),
        TableInput=given,
    )


def projection(lab: Lab, regions: str = ",".join(REGIONS), **changes: str) -> dict[str, str]:
    keys = "accountid=${accountid}/region=${region}/resourcetype=${resourcetype}"
    return {
        "projection.enabled": "true",
        "projection.accountid.type": "enum",
        "projection.accountid.values": lab.account,
        "projection.region.type": "enum",
        "projection.region.values": regions,
        "projection.resourcetype.type": "enum",
        "projection.resourcetype.values": "ManagedInstanceInventory",
        "storage.location.template": f"s3://{bucket_of(lab)}/AWS:Application/{keys}/",
        **{name.replace("__", "."): value for name, value in changes.items()},
    }


def view(name: str, text: str, *columns: str) -> Template:
    definition = {
        "originalSql": text,
        "catalog": "awsdatacatalog",
        "schema": "inventory",
        "columns": [{"name": column, "type": "varchar"} for column in columns],
    }
    encoded = base64.b64encode(json.dumps(definition).encode()).decode()
    given = {
        "Name": name,
        "TableType": "VIRTUAL_VIEW",
        "Parameters": {"presto_view": "true"},
        "ViewOriginalText": f"/* Presto View: {encoded} */",
        "StorageDescriptor": {
            "Columns": [{"Name": column, "Type": "string"} for column in columns]
        },
    }
    return resource(
        "AWS::Glue::Table",
        DatabaseName=ref("Database"),
        CatalogId=ref("AWS::AccountId"),
        TableInput=given,
    )


def workgroup(lab: Lab, name: str = "fleet", **configuration: Any) -> Template:
    result = {"OutputLocation": f"s3://{bucket_of(lab)}/results/"}
    given = {
        "EnforceWorkGroupConfiguration": True,
        "ResultConfiguration": result,
        **configuration,
    }
    return resource("AWS::Athena::WorkGroup", Name=name, WorkGroupConfiguration=given)


def put(lab: Lab, key: str, *documents: dict[str, Any]) -> None:
    body = "".join(json.dumps(document) + "\n" for document in documents)
    lab.client("s3").put_object(Bucket=bucket_of(lab), Key=key, Body=body.encode())


def deploy(lab: Lab, **resources: Template) -> None:
    """The database `inventory` in a workgroup `fleet`, and the objects of the packages above."""
    document = {
        "Database": resource(
            "AWS::Glue::Database",
            CatalogId=ref("AWS::AccountId"),
            DatabaseInput={"Name": "inventory"},
        ),
        "Bucket": resource("AWS::S3::Bucket", BucketName=bucket_of(lab)),
        "Fleet": workgroup(lab),
        **resources,
    }
    assert lab.deploy({"Resources": document}) == "CREATE_COMPLETE", lab.failures()
    for region, nodes in PACKAGES.items():
        folder = f"accountid={lab.account}/region={region}/resourcetype=ManagedInstanceInventory"
        for node_id, packages in nodes.items():
            documents = [{**package, "resourceId": node_id} for package in packages]
            put(lab, f"AWS:Application/{folder}/{node_id}.json", *documents)


def execute(lab: Lab, query: str, *parameters: str, **request: Any) -> dict[str, Any]:
    """The execution, once it has ended."""
    arguments = {
        "QueryString": query,
        "WorkGroup": "fleet",
        "QueryExecutionContext": {"Database": "inventory"},
        **({"ExecutionParameters": list(parameters)} if parameters else {}),
        **request,
    }
    athena = lab.client("athena")
    query_id = athena.start_query_execution(**arguments)["QueryExecutionId"]

    def ended() -> dict[str, Any] | None:
        found: dict[str, Any] = athena.get_query_execution(QueryExecutionId=query_id)
        state = found["QueryExecution"]["Status"]["State"]
        return None if state in ("QUEUED", "RUNNING") else found["QueryExecution"]

    execution = eventually(ended)
    assert execution
    return execution


def answer(lab: Lab, query: str, *parameters: str, **request: Any) -> list[tuple[Any, ...]]:
    """The rows of the result, without its header."""
    execution = execute(lab, query, *parameters, **request)
    assert execution["Status"]["State"] == "SUCCEEDED", execution["Status"]
    pages = lab.client("athena").get_paginator("get_query_results")
    rows = [
        tuple(value.get("VarCharValue") for value in row["Data"])
        for page in pages.paginate(QueryExecutionId=execution["QueryExecutionId"])
        for row in page["ResultSet"]["Rows"]
    ]
    return rows[1:]


def reason(lab: Lab, query: str, *parameters: str) -> str:
    """Why the query failed."""
    status = execute(lab, query, *parameters)["Status"]
    assert status["State"] == "FAILED"
    return str(status["StateChangeReason"])


def test_columns_are_those_declared_whatever_the_case_of_the_keys(lab: Lab) -> None:
    """`Release` is in no object, and `Version` in a case that Hive does not see."""
    columns = ("name", "version", "epoch", "release", "resourceid")
    deploy(lab, Table=table(lab, columns=columns))
    assert answer(lab, "SELECT * FROM aws_application ORDER BY resourceid, name") == [
        ("curl", "8.5.0", None, None, "i-1"),
        ("openssl", "3.0.8", None, None, "i-1"),
        ("openssl", "3.0.14", "1", None, "i-2"),
        ("openssl", "3.0.8", None, None, "i-3"),
    ]


def test_partitions_are_projected_and_nothing_else_is_read(lab: Lab) -> None:
    deploy(
        lab,
        All=table(lab, "everywhere", parameters=projection(lab)),
        One=table(lab, "one_region", parameters=projection(lab, regions="eu-west-1,eu-north-1")),
    )
    # Lies above the Region, as the object with which a sync tries the bucket.
    put(lab, f"AWS:Application/accountid={lab.account}/test.json", {"Name": "probe"})
    counted = "SELECT accountid, region, count(*) AS n FROM {} GROUP BY 1, 2 ORDER BY region DESC"
    assert answer(lab, counted.format("everywhere")) == [
        (lab.account, "us-east-1", "3"),
        (lab.account, "eu-west-1", "1"),
    ]
    assert answer(lab, counted.format("one_region")) == [(lab.account, "eu-west-1", "1")]


def test_a_table_without_partitions_reads_all_below_and_knows_the_paths(lab: Lab) -> None:
    deploy(lab, Table=table(lab))
    put(lab, f"AWS:Application/accountid={lab.account}/test.json", {})
    put(lab, "AWS:Application/_hidden.json", {"Name": "hidden"})
    query = """
        SELECT regexp_extract("$path", 'region=([^/]+)', 1) AS region, count(name) AS n
        FROM aws_application WHERE "$path" NOT LIKE '%/test.json' GROUP BY 1 ORDER BY 2 DESC
    """
    assert answer(lab, query) == [("us-east-1", "3"), ("eu-west-1", "1")]
    (path,) = answer(lab, """SELECT "$path" FROM aws_application WHERE name = 'curl'""")[0]
    folder = f"accountid={lab.account}/region=us-east-1/resourcetype=ManagedInstanceInventory"
    assert path == f"s3://{bucket_of(lab)}/AWS:Application/{folder}/i-1.json"


def test_a_view_on_a_view(lab: Lab) -> None:
    deploy(
        lab,
        Table=table(lab, parameters=projection(lab)),
        Software=view(
            "software",
            "SELECT name, version, region FROM aws_application WHERE name <> 'curl'",
            *("name", "version", "region"),
        ),
        Count=view(
            "by_region", "SELECT region, count(*) n FROM software GROUP BY 1", "region", "n"
        ),
    )
    assert answer(lab, "SELECT n FROM inventory.by_region ORDER BY region") == [("1",), ("2",)]
    qualified = 'SELECT max(s.version) FROM "AwsDataCatalog"."inventory"."software" s'
    assert answer(lab, qualified, QueryExecutionContext={"Database": "default"}) == [("3.0.8",)]


def test_a_view_knows_the_paths_of_a_table_that_is_also_named_without(lab: Lab) -> None:
    region = """regexp_extract("$path", 'region=([^/]+)', 1) AS region"""
    text = f"SELECT Name, {region} FROM aws_application"  # noqa: S608
    deploy(lab, Table=table(lab), Software=view("software", text, "name", "region"))
    query = "SELECT Region, count(*) FROM software GROUP BY 1 ORDER BY 2"
    assert answer(lab, query) == [("eu-west-1", "1"), ("us-east-1", "3")]
    both = "SELECT count(*) FROM aws_application a JOIN software s ON s.name = a.name"
    assert answer(lab, both) == [("10",)]


@pytest.mark.parametrize("columns", [("name",), ("name", "versions"), ("version", "name")])
def test_a_view_must_have_the_columns_that_it_declares(lab: Lab, columns: tuple[str, ...]) -> None:
    text = "SELECT name, version FROM aws_application"
    deploy(lab, Table=table(lab), Software=view("software", text, *columns))
    assert "VIEW_IS_STALE" in reason(lab, "SELECT * FROM software")


def test_a_subquery_of_the_name_of_a_table_is_not_that_table(lab: Lab) -> None:
    deploy(lab, Table=table(lab))
    query = "WITH missing AS (SELECT name FROM aws_application) SELECT count(*) FROM missing"
    assert answer(lab, query) == [("4",)]


def test_parameters_are_literals_in_the_place_of_question_marks(lab: Lab) -> None:
    deploy(lab, Table=table(lab))
    query = """
        WITH wanted AS (SELECT ? AS name) -- not this one: ?
        SELECT resourceid, '?' AS mark FROM aws_application
        WHERE name IN (SELECT name FROM wanted) AND version = ? ORDER BY 1
    """
    found = answer(lab, query, "'openssl'", "'3.0.8'")
    assert found == [("i-1", "?"), ("i-3", "?")]
    execution = execute(lab, query, "'openssl'", "'3.0.8'")
    assert (execution["Query"], execution["ExecutionParameters"]) == (
        query,
        ["'openssl'", "'3.0.8'"],
    )
    assert "expected 2 but found 1" in reason(lab, query, "'openssl'")
    # Without its quotes it is the name of a column.
    assert "openssl" in reason(lab, "SELECT name FROM aws_application WHERE name = ?", "openssl")


def test_athena_s_functions_are_translated(lab: Lab) -> None:
    deploy(lab, Table=table(lab))
    query = """
        SELECT count_if(epoch IS NULL), approx_distinct(name) > 1, TRY_CAST(max(epoch) AS integer),
               date_diff('day', from_iso8601_timestamp('2026-03-01T10:00:00Z'),
                         from_iso8601_timestamp('2026-03-03T11:00:00Z')),
               sum(CAST(epoch AS bigint))
        FROM aws_application
    """
    assert answer(lab, query) == [("3", "true", "1", "2", "1")]


def test_the_result_is_a_csv_file_and_pages(lab: Lab) -> None:
    deploy(lab, Table=table(lab))
    execution = execute(lab, "SELECT name, epoch FROM aws_application ORDER BY epoch, name LIMIT 2")
    location = execution["ResultConfiguration"]["OutputLocation"]
    query_id = execution["QueryExecutionId"]
    assert location == f"s3://{bucket_of(lab)}/results/{query_id}.csv"
    got = lab.client("s3").get_object(Bucket=bucket_of(lab), Key=f"results/{query_id}.csv")
    text = got["Body"].read().decode()
    assert text == '"name","epoch"\n"openssl","1"\n"curl",\n'
    assert list(csv.reader(io.StringIO(text)))[2] == ["curl", ""]
    page = lab.client("athena").get_query_results(QueryExecutionId=query_id, MaxResults=1)
    information = page["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
    assert [(each["Name"], each["Type"]) for each in information] == [
        ("name", "varchar"),
        ("epoch", "varchar"),
    ]
    assert "NextToken" in page


def test_types_of_a_result(lab: Lab) -> None:
    deploy(lab)
    query = (
        "SELECT 1 AS i, count(*) AS n, sum(2) AS s, 0.5e0 AS d, true AS b, DATE '2026-03-01' AS t"
    )
    execution = execute(lab, query)
    found = lab.client("athena").get_query_results(QueryExecutionId=execution["QueryExecutionId"])
    information = found["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
    assert {each["Name"]: each["Type"] for each in information} == {
        "i": "integer",
        "n": "bigint",
        "s": "bigint",
        "d": "double",
        "b": "boolean",
        "t": "date",
    }
    assert answer(lab, query) == [("1", "1", "2", "0.5", "true", "2026-03-01")]


def test_the_bytes_that_were_read_are_counted(lab: Lab) -> None:
    deploy(
        lab,
        All=table(lab, "everywhere", parameters=projection(lab)),
        One=table(lab, "one_region", parameters=projection(lab, regions="eu-west-1")),
    )
    listed = lab.client("s3").list_objects_v2(Bucket=bucket_of(lab), Prefix="AWS:Application/")
    sizes = {each["Key"]: each["Size"] for each in listed["Contents"]}
    scanned = {
        name: execute(lab, f"SELECT 1 FROM {name} a, {name} b")["Statistics"]["DataScannedInBytes"]  # noqa: S608
        for name in ("everywhere", "one_region")
    }
    assert scanned == {
        "everywhere": sum(sizes.values()),
        "one_region": sum(size for key, size in sizes.items() if "eu-west-1" in key),
    }


@pytest.mark.parametrize("is_enforced", [True, False])
def test_an_enforced_result_location_prevails(lab: Lab, is_enforced: bool) -> None:
    free = workgroup(lab, "free", EnforceWorkGroupConfiguration=is_enforced)
    deploy(lab, Free=free)
    own = f"s3://{bucket_of(lab)}/mine"
    execution = execute(
        lab, "SELECT 1", WorkGroup="free", ResultConfiguration={"OutputLocation": own}
    )
    location = execution["ResultConfiguration"]["OutputLocation"]
    expected = f"s3://{bucket_of(lab)}/results/" if is_enforced else f"{own}/"
    assert location == f"{expected}{execution['QueryExecutionId']}.csv"


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"WorkGroup": "missing"}, "WorkGroup missing is not found"),
        ({"WorkGroup": "primary"}, "No output location provided"),
        (
            {"WorkGroup": "free", "ResultConfiguration": {"OutputLocation": "s3://missing/"}},
            "Unable to verify/create output bucket",
        ),
    ],
)
def test_refused_before_it_starts(lab: Lab, request_: dict[str, Any], message: str) -> None:
    free = workgroup(lab, "free", EnforceWorkGroupConfiguration=False)
    deploy(lab, Table=table(lab), Free=free)
    arguments = {"QueryString": "SELECT 1", "WorkGroup": "fleet", **request_}
    with pytest.raises(ClientError, match="InvalidRequestException") as caught:
        lab.client("athena").start_query_execution(**arguments)
    assert message in caught.value.response["Error"]["Message"]


def test_queries_that_fail_say_why(lab: Lab) -> None:
    lost = table(lab, "lost")
    lost["Properties"]["TableInput"]["StorageDescriptor"]["Location"] = "s3://missing/AWS:Tag/"
    deploy(
        lab,
        Table=table(lab),
        Text=table(lab, "text", serde="org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"),
        Nested=table(lab, "nested", kind="array<string>"),
        Injected=table(
            lab, "injected", parameters=projection(lab, projection__region__type="injected")
        ),
        Registered=table(lab, "registered", parameters={}),
        Lost=lost,
        # As the type of AWS:InstanceInformation and the last key of its path.
        Twice=table(lab, "twice", columns=("resourcetype",), parameters=projection(lab)),
    )
    assert "SYNTAX_ERROR" in reason(lab, "SELEC name FROM aws_application")
    assert "SYNTAX_ERROR" in reason(lab, "SELECT name FROM aws_application WHERE name = 'a")
    assert "statements such as DROP" in reason(lab, "DROP VIEW aws_application")
    assert "TABLE_NOT_FOUND" in reason(lab, "SELECT 1 FROM missing")
    assert "HIVE_INVALID_METADATA" in reason(lab, "SELECT 1 FROM twice")
    assert "missing does not exist" in reason(lab, "SELECT 1 FROM lost")
    assert "colour" in reason(lab, "SELECT colour FROM aws_application")
    assert "does not model" in reason(lab, "SELECT 1 FROM text")
    assert "array<string>" in reason(lab, "SELECT 1 FROM nested")
    assert "projected from an enum" in reason(lab, "SELECT 1 FROM injected")
    assert "projected from an enum" in reason(lab, "SELECT 1 FROM registered")
    lab.client("s3").put_object(
        Bucket=bucket_of(lab), Key="AWS:Application/broken.json", Body=b'{"Name": "op'
    )
    assert "broken.json" in reason(lab, "SELECT 1 FROM aws_application")


def test_a_named_query_is_declared_replaced_and_deleted(lab: Lab) -> None:
    query = "SELECT name FROM aws_application WHERE version = ?"

    def named(text: str) -> Template:
        properties = {"Name": "versions", "Database": "inventory", "WorkGroup": "fleet"}
        return resource("AWS::Athena::NamedQuery", "Fleet", QueryString=text, **properties)

    def found() -> dict[str, str]:
        athena = lab.client("athena")
        ids = athena.list_named_queries(WorkGroup="fleet")["NamedQueryIds"]
        queries = [athena.get_named_query(NamedQueryId=each)["NamedQuery"] for each in ids]
        return {each["NamedQueryId"]: each["QueryString"] for each in queries}

    document = {"Resources": {"Fleet": workgroup(lab), "Query": named(query)}}
    assert lab.deploy(document) == "CREATE_COMPLETE", lab.failures()
    before = lab.physical_id("Query")
    assert found() == {before: query}
    document["Resources"]["Query"] = named("SELECT 1")
    assert lab.deploy(document) == "UPDATE_COMPLETE"
    assert found() == {lab.physical_id("Query"): "SELECT 1"}
    assert lab.physical_id("Query") != before
    del document["Resources"]["Query"]
    assert lab.deploy(document) == "UPDATE_COMPLETE"
    assert found() == {}
