"""What a node reports as installed: the data files, told apart by image, workload and user data."""

import base64
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from typing import Any

from localaws.images import DATA
from localaws.systems_manager.state import Node

WORKLOAD_TAG = "Workload"
# The workload that gets updates first; every other one is a patch level behind.
CURRENT_WORKLOAD = "Test"
_INSTALL = re.compile(
    r"(?:dnf|yum|apt-get|apt)\s+(?:-y\s+|-q\s+|--assumeyes\s+|--quiet\s+)*install\s+([^\n;&|]+)"
)
_PACKAGE = re.compile(
    r"^(?:(?P<epoch>\d+):)?(?P<version>[^\s-]+)(?:-(?P<release>\S+))?(?: (?P<arch>\S+))?$"
)


@dataclass(frozen=True)
class Package:
    """One installed package, with its version taken apart as the package manager does."""

    name: str
    version: str
    release: str
    epoch: str
    architecture: str


@cache
def data(operating_system: str) -> dict[str, Any]:
    with (DATA / f"{operating_system}.toml").open("rb") as file:
        return tomllib.load(file)


def packages(node: Node) -> list[Package]:
    """By name. Also those that the user data installs, with what comes along with them."""
    catalog = data(node.operating_system)
    versions: dict[str, str] = dict(catalog["packages"])
    if node.tags.get(WORKLOAD_TAG) == CURRENT_WORKLOAD:
        versions |= catalog.get("only-in-current-workload", {})
    else:
        versions |= catalog.get("patch-level-behind", {})
    for name in _installed_by(node.user_data):
        versions |= catalog.get("installs", {}).get(name, {name: catalog["unknown-package"]})
    return [_package(name, versions[name], node) for name in sorted(versions)]


def _installed_by(user_data: str) -> list[str]:
    script = base64.b64decode(user_data or "").decode("utf-8", errors="replace")
    words = [word for match in _INSTALL.finditer(script) for word in match[1].split()]
    return [word for word in words if not word.startswith("-")]


def _package(name: str, text: str, node: Node) -> Package:
    match = _PACKAGE.match(text)
    if match is None:
        raise ValueError(f"{node.operating_system}.toml: {name} = {text!r} is no version")
    return Package(
        name=name,
        version=match["version"],
        release=match["release"] or "",
        epoch=match["epoch"] or "",
        architecture=match["arch"] or node.architecture,
    )
