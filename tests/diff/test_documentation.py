"""The page for reviewers says what the code does."""

import dataclasses
import re

from oelab.diff.compare import StackChange
from oelab.diff.report import DiffReport
from oelab.diff.resources import PropertyChange, ResourceChange
from oelab.diff.security import SecurityChange
from oelab.diff.vocabulary import Effect
from oelab.exit_codes import ExitCode
from oelab.findings import rules_of
from tests.synthesis import ROOT

PAGE = (ROOT / "docs" / "reviewing-changes.md").read_text()


def test_every_word_is_explained() -> None:
    explained = set(re.findall(r"^\| ([a-z ,]+) \| .+ \| .+ \|$", PAGE, re.MULTILINE))
    assert {effect.words for effect in Effect} <= explained


def test_every_exit_code_is_explained() -> None:
    explained = set(re.findall(r"^\| (\d+) \| `(\w+)` \|", PAGE, re.MULTILINE))
    assert explained == {
        (str(int(code)), code.name.lower()) for code in ExitCode if code is not ExitCode.FINDINGS
    }


def test_every_rule_is_explained() -> None:
    assert set(re.findall(r"^\| `(\w+)` \| (?:error|warning|note) \|", PAGE, re.MULTILINE)) == {
        *rules_of("oelab.diff")
    }


def fields_of(*documented: type) -> set[str]:
    return {field.name for each in documented for field in dataclasses.fields(each)}


def test_every_key_of_the_document_is_explained() -> None:
    section = PAGE.partition("### JSON")[2].partition("## ")[0]
    explained = {
        word for code in re.findall(r"`([^`]+)`", section) for word in re.findall(r"\w+", code)
    }
    keys = fields_of(DiffReport, StackChange, ResourceChange, PropertyChange, SecurityChange)
    assert keys <= explained
    assert {effect.name.lower() for effect in Effect} <= explained
    assert f'"{DiffReport.schema}"' in section
