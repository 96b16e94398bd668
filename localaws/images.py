"""The machine images that exist here, from `data/images.toml`."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from localaws.adapter import ami

DATA = Path(__file__).parent / "data"
# RunInstances takes any image id here; an instance of an unknown one counts as this one.
_FALLBACK = "ami-0c2023a1b2c3d4e5f"


@cache
def _images() -> dict[str, dict[str, Any]]:
    with (DATA / "images.toml").open("rb") as file:
        return {image["id"]: image for image in tomllib.load(file)["image"]}


def install() -> None:
    ami.install(list(_images().values()))


def find(image_id: str) -> dict[str, Any] | None:
    return _images().get(image_id)


def image_of(image_id: str) -> dict[str, Any]:
    """The image of an instance."""
    return find(image_id) or _images()[_FALLBACK]
