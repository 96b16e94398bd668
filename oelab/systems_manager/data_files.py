"""The facts that are data, in files next to the modules that give them types."""

import tomllib
from importlib.resources import files
from typing import Any


def read_toml(name: str) -> dict[str, Any]:
    """The content of a file of this package."""
    return tomllib.loads(files(__package__).joinpath(name).read_text(encoding="utf-8"))
