"""Tables: whole for programs, fitted to a terminal for people."""

import unicodedata

import pytest

from oelab.review.column_widths import Column, fitted, measured
from oelab.review.output import Output, coloured

NODE = "i-0123456789abcdef0"
COLUMNS = ("Node", "Region", "Agent", "Verdict")
ROW = ("Prod-Web1", "ap-southeast-1", "3.3.987.0", "older than 90 days: run `oelab image pin`")


def shown(capsys: pytest.CaptureFixture[str], *, prose: tuple[str, ...] = ()) -> list[str]:
    """The lines of a table of which Node and Verdict are needed."""
    Output().table(COLUMNS, [ROW], needed=("Node", "Verdict"), prose=prose)
    return [line.rstrip() for line in capsys.readouterr().out.splitlines()]


def test_what_is_no_terminal_gets_all_in_one_line_for_each_row(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    _, _, row = shown(capsys, prose=("Verdict",))
    assert row == "   ".join(ROW)


def test_free_text_stays_in_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    Output().table(("Node", "Text"), [("Prod-Web1", "one\r\ntwo\tthree")])
    assert capsys.readouterr().out.splitlines()[2].rstrip() == "Prod-Web1   one two three"


ORDERS = "a\x1b[2Jb\x1b]52;c;eA==\x07c\x9bd\x7fe\rf"
SPELLED = r"a\x1b[2Jb\x1b]52;c;eA==\x07c\x9bd\x7fe"


def has_control(text: str) -> bool:
    return any(unicodedata.category(each) == "Cc" for each in text.replace("\n", ""))


@pytest.mark.parametrize("on_terminal", [False, True])
def test_what_a_node_says_gives_a_terminal_no_orders(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, on_terminal: bool
) -> None:
    monkeypatch.setattr("oelab.review.output.is_terminal", lambda: on_terminal)
    out = Output()
    out.table(("Node", "Verdict"), [(ORDERS, coloured(ORDERS))])
    out.print(f"  {ORDERS}")
    out.say(ORDERS)
    out.fail(ORDERS)
    written = capsys.readouterr()
    assert written.out.count(SPELLED) == 3
    assert written.err.count(SPELLED) == 2
    assert not has_control(written.out + written.err)


def test_what_is_no_terminal_gets_sentences_in_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    Output().print("  Remedy: start it again, and have a look")
    assert capsys.readouterr().out == "  Remedy: start it again, and have a look\n"


@pytest.mark.usefixtures("terminal")
def test_a_terminal_gets_what_fits_and_is_told_of_the_rest(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    heads, _, row, note = shown(capsys)
    assert heads.split() == ["Node", "Region", "Verdict"]
    assert row == "   ".join((ROW[0], ROW[1], ROW[3]))
    assert note == "1 column left out for want of room: Agent; --json has all"


@pytest.mark.usefixtures("terminal")
def test_prose_is_folded_before_a_column_is_left_out_and_words_stay_whole(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "70")
    heads, _, *rows = shown(capsys, prose=("Verdict",))
    assert heads.split() == list(COLUMNS)
    assert rows[0].split()[:3] == list(ROW[:3])
    assert " ".join(" ".join(rows).split()).endswith(ROW[3])
    assert all(len(line) <= 70 for line in rows)


@pytest.mark.usefixtures("terminal")
def test_what_is_needed_is_never_cut(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    Output().table(("Node", "Instance"), [("Prod-Web1", NODE)])
    assert f"Prod-Web1   {NODE}" in capsys.readouterr().out


def test_a_column_is_as_wide_as_its_widest_line() -> None:
    assert measured("Node", ["a\nabcdefg"], prose=False) == Column(name="Node", width=7, least=7)
    assert measured("Node", ["日本"], prose=False).width == 4
    assert measured("Node", [], prose=True) == Column(name="Node", width=4, least=4)


def test_prose_can_do_with_its_longest_word_and_no_less_than_can_be_read() -> None:
    assert measured("Title", ["a " * 30 + "b"], prose=True).least == 24
    assert measured("Title", ["a " * 30 + "b" * 40], prose=True).least == 40
    assert measured("Title", ["a b"], prose=True).least == 5


def test_room_that_is_left_goes_to_who_can_use_it() -> None:
    narrow = Column(name="Node", width=5, least=5)
    prose = Column(name="Title", width=40, least=24)
    assert fitted([narrow, prose], ("Node", "Title"), 40) == {0: 5, 1: 32}
    assert fitted([narrow, prose], ("Node", "Title"), 100) == {0: 5, 1: 40}
    assert fitted([prose, narrow], ("Node",), 20) == {1: 5}
