"""The page for reviewers says what the code does."""

import re

from oelab.diff import Effect, ExitCode
from oelab.render.diff_json import SCHEMA
from tests.synthesis import ROOT

PAGE = (ROOT / "docs" / "reviewing-changes.md").read_text()


def test_every_word_is_explained() -> None:
    explained = set(re.findall(r"^\| ([a-z ,]+) \| .+ \| .+ \|$", PAGE, re.MULTILINE))
    assert {effect.words for effect in Effect} <= explained


def test_every_exit_code_is_explained() -> None:
    explained = set(re.findall(r"^\| (\d+) \| `(\w+)` \|", PAGE, re.MULTILINE))
    assert explained == {(str(int(code)), code.name.lower()) for code in ExitCode}


def test_the_schema_is_the_one_described() -> None:
    assert f'"{SCHEMA}"' in PAGE
    assert all(f"`{effect.key}`" in PAGE for effect in Effect)
