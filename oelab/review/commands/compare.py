"""`oelab compare`."""

from typing import Annotated

import typer

from oelab.review.commands.options import AsJson, Profiles, Quiet, Regions, SettingsFile, common

First = Annotated[str, typer.Argument(metavar="ONE", help="A workload, such as Test.")]
Second = Annotated[str, typer.Argument(metavar="OTHER", help="Another one, such as Prod.")]


def compare(
    one: First,
    other: Second,
    profile: Profiles = None,
    region: Regions = None,
    settings: SettingsFile = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Show the packages and versions that differ between two workloads.

    Exit code 1 if any differ, or if a workload has no inventory to compare.
    """
    from oelab.review.commands.compare_view import show
    from oelab.review.commands.session import run

    options = common(profile, region, settings, as_json, quiet)
    run(options, lambda session: show(session, one, other))
