"""`oelab associations`."""

from typing import Annotated

import typer

from oelab.review.commands.options import AsJson, Profiles, Quiet, Regions, SettingsFile, common

All = Annotated[
    bool, typer.Option("--all", help="Those of every document, not of inventory alone.")
]
Runs = Annotated[int, typer.Option("--runs", min=1, max=50, help="How many runs to show of each.")]


def associations(
    all_documents: All = False,
    runs: Runs = 1,
    profile: Profiles = None,
    region: Regions = None,
    settings: SettingsFile = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Show each association: targets, schedule, next run, last runs and their outcome by node.

    The next run is computed from the schedule, as AWS does not tell it. Exit code 1 if an
    association failed or reaches no node.
    """
    from oelab.review.commands.associations_view import show
    from oelab.review.commands.session import run

    options = common(profile, region, settings, as_json, quiet)
    run(options, lambda session: show(session, all_documents=all_documents, runs=runs))
