"""The texts, limits and facts that are data, in TOML files next to the code that uses them."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def read_toml(name: str, package: str) -> dict[str, Any]:
    """The content of a file of a package."""
    return tomllib.loads(files(package).joinpath(name).read_text(encoding="utf-8"))
