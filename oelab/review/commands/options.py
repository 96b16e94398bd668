"""The options that all commands share."""

from dataclasses import dataclass, field
from typing import Annotated

import typer

SETTINGS_FILE = "oelab.toml"

Profiles = Annotated[
    list[str] | None,
    typer.Option("--profile", metavar="NAME", help="Profile of the AWS configuration; repeatable."),
]
Regions = Annotated[
    list[str] | None,
    typer.Option(
        "--region", metavar="NAME", help="Region; repeatable. Else the settings' or the profile's."
    ),
]
SettingsFile = Annotated[
    str | None,
    typer.Option(
        "--settings",
        metavar="FILE",
        help=f"Settings in TOML; '' for the lab's. Else {SETTINGS_FILE} here, or the lab's.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print data and errors only.")]


@dataclass(frozen=True, kw_only=True)
class Common:
    """The values of the shared options."""

    profiles: list[str] = field(default_factory=list)
    regions: list[str] = field(default_factory=list)
    settings_file: str | None = None
    as_json: bool = False
    quiet: bool = False


def common(
    profiles: list[str] | None,
    regions: list[str] | None,
    settings_file: str | None,
    as_json: bool,
    quiet: bool,
) -> Common:
    """The shared options of one command, each name once and in the order given."""
    return Common(
        profiles=list(dict.fromkeys(profiles or [])),
        regions=list(dict.fromkeys(regions or [])),
        settings_file=settings_file,
        as_json=as_json,
        quiet=quiet,
    )
