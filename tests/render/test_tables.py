"""Tables: whole for programs, fitted to a terminal for people."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any

import pytest

from oelab.environment import Environment
from oelab.render.output import Output
from oelab.render.tables import ShownColumn, as_text, fit, print_facts, print_table
from oelab.report import Column
from oelab.systems_manager.targets import Nodes, Tags

FRANKFURT = Environment("111122223333", "eu-central-1")
DUBLIN = Environment("111122223333", "eu-west-1")
TITLE = "older than 90 days: run `oelab image pin`"


@dataclass(frozen=True, kw_only=True)
class Row:
    environment: Environment = FRANKFURT
    node: Annotated[str, Column("Node", needed=True)] = "Prod-Web1"
    region: Annotated[str, Column("Zone")] = "ap-southeast-1"
    agent: Annotated[str, Column("Agent")] = "3.3.987.0"
    verdict: Annotated[str, Column("Verdict", needed=True, prose=True)] = TITLE
    inner: int = 1
    attributes: Annotated[Mapping[str, str], Column("", spread=True)] = field(default_factory=dict)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oelab.render.output.is_terminal", lambda: True)


def shown(capsys: pytest.CaptureFixture[str], *rows: Any) -> list[str]:
    print_table(Output(), rows or (Row(),))
    return [line.rstrip() for line in capsys.readouterr().out.splitlines()]


def test_a_program_gets_all_in_one_line_for_each_row(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    head, _, row = shown(capsys)
    assert head.split() == ["Node", "Zone", "Agent", "Verdict"]
    assert row == "   ".join(("Prod-Web1", "ap-southeast-1", "3.3.987.0", TITLE))


def test_free_text_stays_in_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    _, _, row = shown(capsys, Row(verdict="one\r\ntwo\tthree"))
    assert row.endswith("one two three")


def test_where_a_row_is_from_is_shown_where_rows_differ_in_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    head, *_ = shown(capsys, Row(), Row(environment=DUBLIN))
    assert head.split()[0] == "Region"
    head, *_ = shown(capsys, Row(), Row())
    assert "Region" not in head


def test_a_mapping_that_is_spread_has_a_column_for_each_key(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = (Row(attributes={"Name": "bash"}), Row(attributes={"Name": "curl", "URL": "u"}))
    head, _, one, other = shown(capsys, *rows)
    assert head.split()[-2:] == ["Name", "URL"]
    assert (one.split()[-2:], other.split()[-2:]) == (["bash", "-"], ["curl", "u"])


ORDERS = "a\x1b[2Jb\x1b]52;c;eA==\x07c\x9bd\x7fe\rf"
SPELLED = r"a\x1b[2Jb\x1b]52;c;eA==\x07c\x9bd\x7fe"


@pytest.mark.parametrize("on_terminal", [False, True])
def test_what_a_node_says_gives_a_terminal_no_orders(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, on_terminal: bool
) -> None:
    monkeypatch.setattr("oelab.render.output.is_terminal", lambda: on_terminal)
    monkeypatch.setenv("COLUMNS", "300")
    out = Output()
    print_table(out, [Row(node=ORDERS, attributes={ORDERS: ORDERS})])
    print_facts(out, Row(agent=ORDERS))
    out.print(f"  {ORDERS}")
    out.say(ORDERS)
    out.fail(ORDERS)
    written = capsys.readouterr()
    assert written.out.count(SPELLED) == 5
    assert written.err.count(SPELLED) == 2
    text = (written.out + written.err).replace("\n", "")
    assert not any(unicodedata.category(each) == "Cc" for each in text)


def test_a_program_gets_sentences_in_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    Output().print("  Remedy: start it again, and have a look")
    assert capsys.readouterr().out == "  Remedy: start it again, and have a look\n"


@pytest.mark.usefixtures("terminal")
@pytest.mark.parametrize(
    ("room", "heads"),
    [
        (100, ["Node", "Zone", "Agent", "Verdict"]),
        # Sentences are folded before a column is left out, and words stay whole.
        (70, ["Node", "Zone", "Agent", "Verdict"]),
        (60, ["Node", "Zone", "Verdict"]),
    ],
)
def test_a_terminal_gets_what_fits_and_the_names_of_the_rest(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    room: int,
    heads: list[str],
) -> None:
    monkeypatch.setenv("COLUMNS", str(room))
    head, _, *lines = shown(capsys)
    assert head.split() == heads
    text = " ".join(" ".join(lines).split())
    assert all(word in text for word in ("Prod-Web1", *TITLE.split()))
    assert ("left out for want of room" in text) == (len(heads) < 4)
    assert all(len(line) <= room for line in lines)


@pytest.mark.usefixtures("terminal")
def test_where_no_table_fits_each_row_is_a_block(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "36")
    rows = (Row(verdict="non-compliant-association"), Row(node="Prod-Web2", verdict="one\ntwo"))
    assert shown(capsys, *rows) == [
        "Node     Prod-Web1",
        "Zone     ap-southeast-1",
        "Agent    3.3.987.0",
        "Verdict  non-compliant-association",
        "",
        "Node     Prod-Web2",
        "Zone     ap-southeast-1",
        "Agent    3.3.987.0",
        "Verdict  one",
        "         two",
    ]


def column(*cells: str, title: str = "Node", **options: bool) -> ShownColumn:
    return ShownColumn(column=Column(title, **options), cells=cells)


def test_the_width_of_a_column_is_that_of_its_widest_line() -> None:
    assert (column("a\nabcdefg").width, column("日本語").width, column().width) == (7, 6, 4)
    assert column("a b").least == 4


@pytest.mark.parametrize(("cell", "least"), [("a " * 30, 24), ("b" * 40, 40), ("a b", 4)])
def test_prose_can_do_with_its_longest_word_and_no_less_than_can_be_read(
    cell: str, least: int
) -> None:
    assert column(cell, prose=True).least == least


def test_room_that_is_left_goes_to_the_columns_that_can_use_it() -> None:
    narrow = column("12345", needed=True)
    prose = column("abcdefghi " * 4, title="Title", prose=True, needed=True)
    assert fit([narrow, prose], 38) == {0: 5, 1: 30}
    assert fit([narrow, prose], 100) == {0: 5, 1: 40}
    optional = column("abcdefghi " * 4, title="Title", prose=True)
    assert fit([optional, narrow], 20) == {1: 5}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"),
        ("", "-"),
        (0, "0"),
        (True, "yes"),
        (datetime(2026, 1, 2, 3, 4, tzinfo=UTC), "2026-01-02 03:04 UTC"),
        ({"3.0": 4, "3.1": 1}, "3.0 (4), 3.1 (1)"),
        ({}, "-"),
        (Tags({"A": ("a", "b")}), "tag:A=a|b"),
        (Nodes(), "-"),
    ],
)
def test_a_value_as_text(value: object, text: str) -> None:
    assert as_text(value) == text
