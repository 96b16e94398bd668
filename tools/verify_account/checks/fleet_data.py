"""The data sync, and what Athena makes of the objects that it writes."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from oelab.queries import questions
from oelab.settings import FleetDataSettings
from oelab.systems_manager import data_sync
from verify_account.account import DATA_STACK, Account, RefutedError, expect
from verify_account.check import check
from verify_account.policies import evaluate

# Of the types that every node has, those that do not depend on when it was patched or evaluated.
_OF_EVERY_NODE = {
    "AWS:InstanceInformation",
    "AWS:Tag",
    "AWS:Application",
    "AWS:Network",
    "AWS:InstanceDetailedInformation",
}
QUESTION = ("query", "software_by_version", "--param", "package=openssl-libs")
# SQL literals for the parameters of all questions, by their names.
_PARAMETERS = {
    "package": "'openssl-libs'",
    "version": "'3.0.8'",
    "days": "7",
    "one": "'Test'",
    "other": "'Prod'",
}


@check("data-sync-writes", "Does the data sync write what every node has, and report no error?")
def data_sync_writes(aws: Account) -> str:
    written: dict[str, int] = {}
    seen: list[Any] = []

    def is_complete() -> bool:
        code, document = aws.oelab("sync", "status", "--settings", aws.settings("first"))
        seen[:] = [document]
        written.update({each["inventory_type"]: each["nodes"] for each in document["types"]})
        nodes = len(aws.instance_ids[-1])
        return code == 0 and all(written.get(name, 0) >= nodes for name in _OF_EVERY_NODE)

    try:
        aws.wait_until(is_complete, "objects of all nodes")
    except RefutedError as refuted:
        raise RefutedError(f"{refuted}, but {json.dumps(seen)[:2000]}") from None
    return ", ".join(f"{name} of {nodes} nodes" for name, nodes in written.items())


@check("athena-reads-tables", "Does Athena read each attribute of the objects as its column?")
def athena_reads_tables(aws: Account) -> str:
    tables = data_sync.tables()
    statements = {}
    for name, table in tables.items():
        # Of texts the greatest is one that is not NULL.
        columns = ", ".join(f'MAX("{column}")' for column in table.columns)
        statements[name] = (f"SELECT COUNT(*), {columns} FROM {name}", ())  # noqa: S608
    results = ask_athena(aws, statements)
    unread, undeclared = [], []
    for name, ((count, *values),) in results.items():
        read = dict(zip(tables[name].columns, values, strict=True))
        for key in filled_keys(aws, tables[name].inventory_type):
            if key.lower() not in read:
                undeclared.append(f"{name}.{key}")
            elif not read[key.lower()]:
                unread.append(f"{name}.{key}, of {count} rows")
    expect(not unread, f"not read: {', '.join(unread)}")
    counts = ", ".join(f"{count} {name}" for name, ((count, *_),) in results.items())
    return f"{counts}; without a column: {', '.join(undeclared) or 'none'}"


@check("athena-runs-questions", "Does Athena run each of the questions, on the views?")
def athena_runs_questions(aws: Account) -> str:
    asked = {
        name: (query.named_query, [_PARAMETERS[each.name] for each in query.parameters])
        for name, query in questions().items()
    }
    results = ask_athena(aws, asked)
    return ", ".join(f"{len(rows)} rows of {name}" for name, rows in results.items())


@check("athena-agrees-with-copy", "Does a question have the same rows from Athena and a copy?")
def athena_agrees_with_copy(aws: Account) -> str:
    copied = aws.review(*QUESTION, "--copy", str(aws.folder / "copy"))["rows"]
    read = aws.review(*QUESTION, "--athena")["rows"]
    expect(bool(copied), "no rows from the copy")
    expect(read == copied, "Athena and the copy", [read, copied])
    return json.dumps(read)


@check("analyst-policy-evaluated", "Does IAM evaluate the analyst's policy as our table does?")
def analyst_policy_evaluated(aws: Account) -> str:
    outputs = aws.outputs(DATA_STACK)
    (results,) = {*aws.data_buckets_of_stack()} - {outputs["InventoryBucket"]}
    names = {
        "oelabfleetdata-databucket-1a2b3c": outputs["InventoryBucket"],
        "oelabfleetdata-tablesresults-1a2b3c": results,
    }
    policy = json.dumps(aws.policy(outputs["AnalystPolicyArn"]))
    # No key is named in these settings.
    return evaluate(aws, "analyst", policy, names, skip="key")


def ask_athena(
    aws: Account, queries: Mapping[str, tuple[str, Sequence[str]]]
) -> dict[str, list[list[str | None]]]:
    """Run statements with their parameters; the first page of the rows of each, by its name."""
    athena, fleet_data = aws.client("athena"), FleetDataSettings()
    ids = {}
    for name, (statement, parameters) in queries.items():
        answer = athena.start_query_execution(
            QueryString=statement,
            WorkGroup=fleet_data.workgroup,
            QueryExecutionContext={"Database": fleet_data.database},
            **({"ExecutionParameters": parameters} if parameters else {}),
        )
        ids[name] = answer["QueryExecutionId"]
    ended: dict[str, Any] = {}

    def have_ended() -> bool:
        for name in ids.keys() - ended.keys():
            execution = athena.get_query_execution(QueryExecutionId=ids[name])["QueryExecution"]
            if execution["Status"]["State"] not in ("QUEUED", "RUNNING"):
                ended[name] = execution["Status"]
        return ended.keys() == ids.keys()

    aws.wait_until(have_ended, "the end of queries")
    failed = {
        name: status.get("StateChangeReason", status["State"])
        for name, status in ended.items()
        if status["State"] != "SUCCEEDED"
    }
    expect(not failed, "Athena fails", failed)
    return {name: rows_of(athena, id_) for name, id_ in ids.items()}


def rows_of(athena: Any, query_id: str) -> list[list[str | None]]:
    """The rows on the first page of a result, without the names of its columns."""
    rows = athena.get_query_results(QueryExecutionId=query_id)["ResultSet"]["Rows"][1:]
    return [[each.get("VarCharValue") for each in row["Data"]] for row in rows]


def filled_keys(aws: Account, inventory_type: str) -> set[str]:
    """The attributes with a value in the first document of an object of the type."""
    bucket = aws.outputs(DATA_STACK)["InventoryBucket"]
    folder = data_sync.folder("", inventory_type, aws.id, aws.region)
    objects = aws.client("s3").list_objects_v2(Bucket=bucket, Prefix=f"{folder}/", MaxKeys=1)
    for each in objects.get("Contents", ()):
        text = aws.client("s3").get_object(Bucket=bucket, Key=each["Key"])["Body"].read().decode()
        document = json.loads(text.splitlines()[0])
        return {key for key, value in document.items() if value}
    return set()
