"""`oelab image pin`."""

from typing import Annotated

import typer

from oelab.review.commands.options import AsJson, Profiles, Quiet, Regions, SettingsFile, common

Write = Annotated[
    bool, typer.Option("--write", help="Write the pins into the settings file, not only show them.")
]


def pin(
    write: Write = False,
    profile: Profiles = None,
    region: Regions = None,
    settings: SettingsFile = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Find the image that the parameter `image` holds now, and pin it in the settings file.

    Without --region, in the Regions that are pinned already, or else the settings' or the
    profile's. Exit code 1 if the file does not hold these pins. With --write it does in the end,
    keeping comments; nothing is written if any Region could not be read.
    """
    from oelab.review.commands.image_pin_view import show
    from oelab.review.commands.session import pinned_regions, run

    options = common(profile, region, settings, as_json, quiet)
    run(options, lambda session: show(session, options, write=write), known=pinned_regions)
