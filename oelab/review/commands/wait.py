"""`oelab wait`."""

from typing import Annotated

import typer

from oelab.review.commands.options import AsJson, Profiles, Quiet, Regions, SettingsFile, common

Timeout = Annotated[int, typer.Option("--timeout", min=0, metavar="SECONDS", help="Give up then.")]
Every = Annotated[int, typer.Option("--every", min=1, metavar="SECONDS", help="How often to look.")]


def wait(
    timeout: Timeout = 1800,
    every: Every = 15,
    profile: Profiles = None,
    region: Regions = None,
    settings: SettingsFile = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Wait until every expected node is managed and inventoried.

    Shows live progress on a terminal and one line for each change elsewhere. A lost connection is
    waited out. Exit code 1 if the time is up first, with the reason for each node.
    """
    from oelab.review.commands.session import run
    from oelab.review.commands.wait_view import Patience, show

    options = common(profile, region, settings, as_json, quiet)
    run(options, lambda session: show(session, Patience(timeout=timeout, every=every)))
