"""What the tests of the bundle share: one bundle, as its files."""

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from localaws import LocalAws
from oelab.bundle.writing import MANIFEST, write_bundle
from tests.synthesis import FLAGS, Template


@dataclass(frozen=True)
class Bundle:
    """A written bundle, read as the person who launches it would."""

    directory: Path

    @property
    def entries(self) -> list[dict[str, Any]]:
        """What the manifest says of each template, in its order."""
        templates: list[dict[str, Any]] = json.loads((self.directory / MANIFEST).read_text())[
            "templates"
        ]
        return templates

    def text(self, name: str) -> str:
        return (self.directory / f"{name}.yaml").read_text()

    def template(self, name: str) -> Template:
        return deepcopy(_loaded(self.text(name)))


@cache
def _loaded(text: str) -> Template:
    # No tag of CloudFormation's own is used, so any YAML reader can read the templates.
    template: Template = yaml.safe_load(text)
    return template


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    directory = tmp_path_factory.mktemp("bundle")
    write_bundle(directory, FLAGS)
    return Bundle(directory)


@pytest.fixture(scope="session")
def aws() -> Iterator[LocalAws]:
    with LocalAws() as aws:
        yield aws
