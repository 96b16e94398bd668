"""The native engine finds what the CDK's built-in one finds, over a corpus of wrong templates."""

import json
import tomllib
from collections import defaultdict
from pathlib import Path

import aws_cdk as cdk
import pytest

from oelab.constructs import TemplateValidation
from tests.template.corpus import CORPUS
from tests.template.engines import Found, findings
from tests.template.record import RECORD, recorded

DIFFERENCES = tomllib.loads(Path(__file__).with_name("differences.toml").read_text())
BUILTIN = recorded()
RERECORD = "run: python -m tests.template.record, and look at what changes"

# Few enough to be quick, and of every kind.
SAMPLE = {name: CORPUS[name] for name in list(CORPUS)[::17]}


@pytest.fixture(scope="module")
def native(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Found]]:
    return findings(TemplateValidation(), CORPUS, tmp_path_factory.mktemp("corpus"))


def errors(found: list[Found]) -> set[Found]:
    return {each for each in found if each.severity == "error"}


def test_the_corpus_has_a_hundred_templates_that_the_builtin_engine_refuses() -> None:
    assert len([name for name in CORPUS if errors(BUILTIN[name])]) >= 100


@pytest.mark.parametrize("name", CORPUS)
def test_every_error_of_the_builtin_engine_is_found(
    name: str, native: dict[str, list[Found]]
) -> None:
    as_another_rule = {d["rule"]: d["found_as"] for d in DIFFERENCES["less"] if "found_as" in d}
    found = {(each.rule, each.resource) for each in errors(native[name])}
    assert {
        (as_another_rule.get(each.rule, each.rule), each.resource) for each in errors(BUILTIN[name])
    } <= found


@pytest.mark.parametrize("kind", ["less", "more"])
def test_every_difference_is_decided(kind: str, native: dict[str, list[Found]]) -> None:
    differing: dict[str, set[str]] = defaultdict(set)
    for name in CORPUS:
        ours, theirs = set(native[name]), set(BUILTIN[name])
        for each in (theirs - ours) if kind == "less" else (ours - theirs):
            differing[each.rule].add(name)
    assert differing == {d["rule"]: set(d["templates"]) for d in DIFFERENCES[kind]}


def test_the_record_is_of_the_installed_engine() -> None:
    record = json.loads(RECORD.read_text())
    assert record["engine"] == cdk.CloudFormationValidatePlugin().version, RERECORD
    assert record["found"].keys() == CORPUS.keys(), RERECORD


def test_the_record_is_what_the_builtin_engine_finds(tmp_path: Path) -> None:
    found = findings(cdk.CloudFormationValidatePlugin(), SAMPLE, tmp_path)
    assert found == {name: BUILTIN[name] for name in SAMPLE}, RERECORD
