"""The facts that are data, in files next to the modules that give them types."""

import tomllib
from importlib.resources import files
from typing import Any


def read_toml(name: str, package: str = __package__) -> dict[str, Any]:
    """The content of a file of a package, which is this one where none is named."""
    return tomllib.loads(files(package).joinpath(name).read_text(encoding="utf-8"))
