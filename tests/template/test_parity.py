"""The native engine finds what the CDK's built-in one finds, over a corpus of wrong templates."""

import tomllib
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import aws_cdk as cdk
import pytest

from oelab.constructs import TemplateValidation
from tests.template.corpus import CORPUS
from tests.template.engines import Found, findings
from tests.template.test_template_validation import WRONG, app_with, report

DIFFERENCES = tomllib.loads(Path(__file__).with_name("differences.toml").read_text())


class Engines(NamedTuple):
    """What each engine finds in each template of the corpus."""

    native: dict[str, list[Found]]
    builtin: dict[str, list[Found]]


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Engines:
    folder = tmp_path_factory.mktemp("corpus")
    plugins = TemplateValidation(), cdk.CloudFormationValidatePlugin()
    return Engines(*(findings(plugin, CORPUS, folder) for plugin in plugins))


def errors(found: list[Found]) -> set[Found]:
    return {each for each in found if each.severity == "error"}


def test_the_builtin_engine_refuses_a_hundred_templates_of_the_corpus(engines: Engines) -> None:
    assert len([name for name in CORPUS if errors(engines.builtin[name])]) >= 100


@pytest.mark.parametrize("name", CORPUS)
def test_every_error_of_the_builtin_engine_is_found(name: str, engines: Engines) -> None:
    as_another_rule = {d["rule"]: d["found_as"] for d in DIFFERENCES["less"] if "found_as" in d}
    found = {(each.rule, each.resource) for each in errors(engines.native[name])}
    assert {
        (as_another_rule.get(each.rule, each.rule), each.resource)
        for each in errors(engines.builtin[name])
    } <= found


@pytest.mark.parametrize("kind", ["less", "more"])
def test_every_difference_is_decided(kind: str, engines: Engines) -> None:
    differing: dict[str, set[str]] = defaultdict(set)
    for name in CORPUS:
        native, builtin = set(engines.native[name]), set(engines.builtin[name])
        for each in (builtin - native) if kind == "less" else (native - builtin):
            differing[each.rule].add(name)
    assert differing == {d["rule"]: set(d["templates"]) for d in DIFFERENCES[kind]}


@pytest.mark.parametrize("engine", ["native", "builtin"])
def test_either_engine_can_be_named(engine: str) -> None:
    """Here, as the built-in engine takes seconds to start, once for this file."""
    app, _ = app_with(WRONG, engine=engine)
    assert ("Suggested fix" in report(app)) == (engine == "native")
