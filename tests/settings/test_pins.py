"""Pins written into settings files: the ids change and nothing else does."""

import codecs
import difflib
import tomllib
from pathlib import Path

import pytest

from oelab.findings import BadInputError
from oelab.settings import load
from oelab.settings.pins import with_pins, write_pins

LAB = (Path(__file__).parents[2] / "oelab.toml").read_text()
A, B = "ami-0aaaaaaaaaaaaaaaa", "ami-0bbbbbbbbbbbbbbbb"


def changed_lines(before: str, after: str) -> list[str]:
    lines = difflib.ndiff(before.splitlines(), after.splitlines())
    return [line for line in lines if line[0] in "+-"]


def test_the_file_of_the_lab_gains_two_lines() -> None:
    pinned = with_pins(LAB, {"us-east-1": A, "eu-west-1": B})
    assert changed_lines(LAB, pinned) == [f'+ us-east-1 = "{A}"', f'+ eu-west-1 = "{B}"']
    assert tomllib.loads(pinned)["image_pins"] == {"us-east-1": A, "eu-west-1": B}


def test_pins_stand_where_the_others_do() -> None:
    text = (
        "[image_pins]\n# tested\n'us-east-1' = 'ami-1'  # since May\neu-west-1 = \"ami-2\"\n\n"
        "# Of all instances.\n[tags]\n"
    )
    assert with_pins(text, {"us-east-1": A, "us-west-2": B}) == (
        f'[image_pins]\n# tested\n\'us-east-1\' = "{A}"  # since May\neu-west-1 = "ami-2"\n'
        f'us-west-2 = "{B}"\n\n# Of all instances.\n[tags]\n'
    )


@pytest.mark.parametrize("text", ["", "\n", 'owner = "me"\n', 'owner = "me"'])
def test_a_file_without_the_table_gets_one_at_its_end(text: str) -> None:
    pinned = with_pins(text, {"us-east-1": A})
    assert pinned.startswith(text.rstrip())
    assert pinned.endswith(f'[image_pins]\nus-east-1 = "{A}"\n')


def test_windows_line_ends_stay() -> None:
    text = 'owner = "me"\r\n[image_pins]\r\nus-east-1 = "ami-1"\r\n[tags]\r\na = "b"\r\n'
    pinned = with_pins(text, {"us-east-1": A, "eu-west-1": B})
    assert pinned.count("\r\n") == pinned.count("\n") == 6


def test_the_same_pins_change_nothing() -> None:
    pinned = with_pins(LAB, {"us-east-1": A})
    assert with_pins(pinned, {"us-east-1": A}) == pinned


@pytest.mark.parametrize(
    ("text", "pinned"),
    [
        (
            'image_pins = { us-east-1 = "ami-1" }  # x\n',
            f'image_pins = {{ us-east-1 = "{A}" }}  # x\n',
        ),
        ('image_pins.us-east-1 = "ami-1"\n', f'image_pins.us-east-1 = "{A}"\n'),
        ('image_pins."us-east-1" = "ami-1"\n', f'image_pins."us-east-1" = "{A}"\n'),
        (
            'owner = """\n[image_pins]\n"""\n',
            f'owner = """\n[image_pins]\n"""\n\n[image_pins]\nus-east-1 = "{A}"\n',
        ),
        ("[image_pins]\n# none yet\n", f'[image_pins]\n# none yet\nus-east-1 = "{A}"\n'),
    ],
)
def test_pins_are_written_in_whatever_form_they_have(text: str, pinned: str) -> None:
    assert with_pins(text, {"us-east-1": A}) == pinned


def test_what_is_not_toml_is_refused() -> None:
    with pytest.raises(BadInputError, match="must be TOML"):
        with_pins("owner = ", {"us-east-1": A})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text('owner = "me"\n')
    return path


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
def test_a_byte_order_mark_stays(file: Path, mark: bytes) -> None:
    file.write_bytes(mark + b'owner = "me"\n')
    write_pins(file, {"us-east-1": A})
    assert file.read_bytes().removeprefix(mark).startswith(b'owner = "me"\n\n[image_pins]\n')
    assert load(file).image_pins == {"us-east-1": A}


@pytest.mark.parametrize("mode", [0o600, 0o644])
def test_mode_and_link_stay(file: Path, tmp_path: Path, mode: int) -> None:
    file.chmod(mode)
    link = tmp_path / "elsewhere" / "link.toml"
    link.parent.mkdir()
    link.symlink_to("../mine.toml")
    write_pins(link, {"us-east-1": A})
    assert link.is_symlink()
    assert file.stat().st_mode & 0o777 == mode
    assert load(file).image_pins == {"us-east-1": A}


def test_what_cannot_be_written_whole_leaves_the_file_as_it_was(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copymode", full)
    with pytest.raises(OSError, match="No space left"):
        write_pins(file, {"us-east-1": A})
    assert file.read_text() == 'owner = "me"\n'
    assert list(file.parent.iterdir()) == [file]
