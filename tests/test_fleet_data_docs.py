"""What the pages about the fleet's data say is what the code does."""

import json
import re

import pytest

from benchmarks import scale
from benchmarks.__main__ import RESULTS
from oelab.constructs.fleet_data import InventoryDataSync
from tests.policies import resolved
from tests.queries.reference import reference
from tests.synthesis import ROOT, new_stack

FLEET_DATA = (ROOT / "docs" / "fleet-data.md").read_text()


def between(page: str, name: str) -> str:
    return page.partition(f"<!-- {name} -->\n")[2].partition(f"<!-- end of {name} -->")[0]


def test_the_questions_are_those_of_the_files() -> None:
    hint = "run: python -m tests.queries.reference"
    assert between(FLEET_DATA, "questions").strip() == reference().strip(), hint


def test_the_tables_of_the_scale_are_current() -> None:
    page = scale.PAGE.read_text()
    copies = json.loads(RESULTS.read_text())["copies"]
    hint = "run: python -m benchmarks --report"
    assert between(page, "estimates").strip() == "\n".join(scale.estimates()), hint
    assert between(page, "copies").strip() == "\n".join(scale.measured(copies)), hint


@pytest.mark.parametrize("name", ["seconds", "megabytes", "slowest_question"])
def test_the_copies_that_were_measured_kept_within_their_limits(name: str) -> None:
    for copy in json.loads(RESULTS.read_text())["copies"]:
        limit = copy[f"{name}_at_most"]
        assert not limit or copy[name] <= limit, copy


def test_the_policy_of_the_page_is_that_of_the_construct() -> None:
    (block,) = re.findall(r"```json\n(.*?)```", FLEET_DATA, re.DOTALL)
    stack = new_stack()
    data = InventoryDataSync(stack, "Data", bucket="bucket", accounts=["111122223333"])
    statements = [each.to_statement_json() for each in data.bucket_statements]
    built = json.dumps(resolved(stack.resolve(statements), {}))
    # A list of one is the same as the one.
    built = re.sub(r'\["([^"]*)"\]', r'"\1"', built).replace(":::bucket", ":::BUCKET")
    assert json.loads(built) == json.loads(block)
