"""`oelab image check`."""

from typing import Annotated

import typer

from oelab.review.commands.options import AsJson, Profiles, Quiet, Regions, SettingsFile, common

MaxAge = Annotated[
    int, typer.Option("--max-age", metavar="DAYS", min=1, help="How old an image may be.")
]


def check(
    max_age: MaxAge = 90,
    profile: Profiles = None,
    region: Regions = None,
    settings: SettingsFile = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Look at the images that the settings pin: how old they are, and whether they fit.

    Exit code 1 if one is not there any more, does not fit the instance types or the family of the
    settings, or is older than --max-age while the parameter `image` holds another. One that the
    parameter still holds is well at any age: there is none newer to pin.
    """
    from oelab.review.commands.image_check_view import show
    from oelab.review.commands.session import pinned_regions, run

    options = common(profile, region, settings, as_json, quiet)
    run(options, lambda session: show(session, max_age), known=pinned_regions)
