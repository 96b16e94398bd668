"""The answers of Athena, over the stack's own tables and views on a local AWS."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localaws import LocalAws
from oelab.queries import questions
from oelab.query.answers import answer
from oelab.query.athena import AthenaEngine
from oelab.query.report import QueryReport
from oelab.settings import FleetDataSettings, Settings
from tests.localaws.lab import Lab
from tests.query import fleet as made
from tests.query.fleet import ASKED, Asked, FleetNode
from tests.synthesis import synthesize

WORKGROUP, DATABASE = "OELabInventory", "oelab_inventory"


@pytest.fixture(scope="module")
def aws() -> Iterator[LocalAws]:
    with LocalAws() as aws:
        yield aws


@pytest.fixture(scope="module")
def fleet() -> list[FleetNode]:
    return made.make_fleet(60, seed=18)


@pytest.fixture(scope="module", params=["accounts and Regions", "organization"])
def lab(aws: LocalAws, fleet: list[FleetNode], request: pytest.FixtureRequest) -> Lab:
    """The stack in an account of its own, and the objects of the fleet in its bucket."""
    lab = Lab(aws, account=made.ACCOUNTS[request.param == "organization"])
    if request.param == "organization":
        organization = lab.client("organizations").describe_organization()["Organization"]
        settings = FleetDataSettings(enabled=True, organization_id=organization["Id"])
    else:
        known: dict[str, Any] = {"accounts": made.ACCOUNTS, "regions": made.REGIONS}
        settings = FleetDataSettings(enabled=True, prefix="of/all", **known)
    stack = synthesize(Settings(fleet_data=settings))["OELabFleetData"]
    assert lab.deploy(stack, "OELabFleetData") == "CREATE_COMPLETE", lab.failures("OELabFleetData")
    bucket, s3 = lab.outputs("OELabFleetData")["InventoryBucket"], lab.client("s3")
    for key, content in made.objects(fleet).items():
        # The table reads what is no JSON too; of an organization the view leaves it out, but Athena
        # must be able to read it.
        body = b"{}" if key.endswith("test.json") else content
        s3.put_object(Bucket=bucket, Key="/".join(filter(None, (settings.prefix, key))), Body=body)
    return lab


def engine_of(lab: Lab, **options: Any) -> AthenaEngine:
    return AthenaEngine(lab.client("athena"), lab.client("s3"), WORKGROUP, DATABASE, **options)


def ask(lab: Lab, asked: Asked) -> QueryReport:
    return answer(asked.question, asked.parameters, engine_of(lab))


@pytest.mark.parametrize("asked", ASKED)
def test_the_answer_is_that_of_plain_python(lab: Lab, fleet: list[FleetNode], asked: str) -> None:
    assert list(ask(lab, ASKED[asked]).rows) == ASKED[asked].expected(fleet)


def test_an_answer_says_what_was_read_and_what_it_costs(lab: Lab) -> None:
    seen: list[tuple[str, int, int]] = []
    engine = engine_of(lab, progress=lambda *reported: seen.append(reported))
    report = answer("agent_versions", {}, engine)
    assert report.scanned_bytes
    # 10 MB are the least that Athena takes money for.
    assert report.usd == pytest.approx(0.00005)
    assert seen[-1] == ("bytes scanned", report.scanned_bytes, 0)


def test_the_bytes_of_both_steps_count(lab: Lab) -> None:
    one, both = (
        ask(lab, next(each for each in ASKED.values() if each.question == name)).scanned_bytes
        for name in ("package_versions", "nodes_with_version")
    )
    assert one
    assert both == 2 * one


def test_the_named_queries_are_there_to_be_run(lab: Lab) -> None:
    athena = lab.client("athena")
    ids = athena.list_named_queries(WorkGroup=WORKGROUP)["NamedQueryIds"]
    found = athena.batch_get_named_query(NamedQueryIds=ids)["NamedQueries"]
    assert {each["Name"] for each in found} == questions().keys()
    question = next(each for each in found if each["Name"] == "agent_versions")
    started = athena.start_query_execution(
        QueryString=question["QueryString"],
        WorkGroup=WORKGROUP,
        QueryExecutionContext={"Database": question["Database"]},
    )
    assert started["QueryExecutionId"]


def test_a_failure_is_told_with_athena_s_reason(lab: Lab) -> None:
    engine = AthenaEngine(lab.client("athena"), lab.client("s3"), WORKGROUP, "other")
    (unread,) = answer("agent_versions", {}, engine).unread
    assert "node" in unread.reason


def test_a_workgroup_that_is_not_there_is_the_caller_s(lab: Lab) -> None:
    engine = AthenaEngine(lab.client("athena"), lab.client("s3"), "other", DATABASE)
    with pytest.raises(ClientError, match="other"):
        answer("agent_versions", {}, engine)
