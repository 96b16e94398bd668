"""The machine images that exist here, from `data/images.toml`."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from localaws.adapter import ami

DATA = Path(__file__).parent / "data"
_FALLBACK = "amazon-linux-2023"


@cache
def _images() -> list[dict[str, Any]]:
    with (DATA / "images.toml").open("rb") as file:
        images: list[dict[str, Any]] = tomllib.load(file)["image"]
    return images


def install() -> None:
    ami.install(_images())


@cache
def operating_system(image_id: str) -> str:
    """Which package data a node of this image reports; Amazon Linux for one a test registered."""
    return next((str(i["os"]) for i in _images() if i["id"] == image_id), _FALLBACK)
