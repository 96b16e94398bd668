"""Every wrong app is refused with path, value, rule and remedy; every sound one is silent."""

from collections import Counter, defaultdict
from typing import NamedTuple

import aws_cdk as cdk
import pytest

from oelab.checks import check
from oelab.findings import Finding, FindingsError, rules_of
from oelab.template.app import read_app
from oelab.template.assembly import stacks_in
from tests.checks.strangers import (
    argument_rows,
    association_rows,
    log_rows,
    network_rows,
    node_rows,
    role_rows,
)
from tests.checks.strangers.rows import Row
from tests.synthesis import new_app
from tests.test_documentation import PAGES, spans_of

ROWS = [
    *argument_rows.ROWS,
    *association_rows.ROWS,
    *log_rows.ROWS,
    *network_rows.ROWS,
    *node_rows.ROWS,
    *role_rows.ROWS,
]
MOST_ROWS = 3
REGION = "eu-central-1"


class Outcome(NamedTuple):
    """What is found of one app: when it is made, or at synth."""

    raised: list[Finding]
    found: list[Finding]


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    """The outcome of each app, a Stage with an account of its own, by one synth for all."""
    folder = tmp_path_factory.mktemp("strangers")
    app = new_app(outdir=str(folder))
    raised: dict[str, list[Finding]] = defaultdict(list)
    for number, row in enumerate(ROWS):
        for kind, value in (("Wrong", row.wrong), ("Sound", row.sound)):
            name = f"{kind}{number}"
            account = f"{len(raised) + 1:012}"
            raised[name] = []
            env = cdk.Environment(account=account, region=REGION)
            stack = cdk.Stack(cdk.Stage(app, name, env=env), "S")
            try:
                row.build(stack, value)
            except FindingsError as error:
                raised[name] += error.findings
    synthesize(app)
    found: dict[str, list[Finding]] = defaultdict(list)
    for finding in check(read_app(stacks_in(folder))):
        found[str(finding.subject).partition("/")[0].partition("-")[0]].append(finding)
    return {name: Outcome(raised[name], found[name]) for name in raised}


def test_there_are_enough_rows_and_no_more_of_a_rule_than_it_takes() -> None:
    of_rules = Counter(row.rule for row in ROWS)
    assert sum(min(count, MOST_ROWS) for count in of_rules.values()) >= 120
    of_branches = Counter((row.rule, row.branch) for row in ROWS)
    assert {each: count for each, count in of_branches.items() if count > MOST_ROWS} == {}


def test_every_rule_of_the_checks_has_a_row() -> None:
    assert rules_of("oelab.checks").keys() - {row.rule for row in ROWS} == set()


def test_every_rule_is_explained() -> None:
    assert {row.rule for row in ROWS} - {*spans_of(PAGES["docs/constructs.md"])} == set()


def synthesize(app: cdk.App) -> None:
    """Write the templates, whatever the checks that our constructs bring have found in them."""
    try:
        app.synth()
    except RuntimeError as error:
        if not str(error).startswith("ValidationFailed"):
            raise


NUMBERED = [pytest.param(*pair, id=f"{pair[1].rule}-{pair[1].written}") for pair in enumerate(ROWS)]


@pytest.mark.parametrize(("number", "row"), NUMBERED)
def test_the_wrong_one_is_refused(number: int, row: Row, outcomes: dict[str, Outcome]) -> None:
    raised, found = outcomes[f"Wrong{number}"]
    findings = raised + found
    assert {finding.rule for finding in findings} == {row.rule}
    finding = findings[0]
    _, _, path = str(finding.subject).split("/", 2)
    assert path == row.path
    assert finding.severity == row.severity
    assert all((finding.value is not None, finding.reason, finding.remedy, finding.source))


@pytest.mark.parametrize(("number", "row"), NUMBERED)
def test_the_sound_one_is_silent(number: int, row: Row, outcomes: dict[str, Outcome]) -> None:
    raised, found = outcomes[f"Sound{number}"]
    assert [str(finding) for finding in raised + found] == [], row.sound
