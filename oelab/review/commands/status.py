"""`oelab status`."""

from typing import Annotated

import typer

from oelab.review.commands.options import AsJson, Profiles, Quiet, Regions, SettingsFile, common

Node = Annotated[str, typer.Argument(metavar="NODE", help="One node, by id or Name tag; else all.")]


def status(
    node: Node = "",
    profile: Profiles = None,
    region: Regions = None,
    settings: SettingsFile = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Judge each expected node: instance, agent, association, inventory, compliance.

    Which nodes are expected follows from the settings and EC2's tags. Exit code 1 if any node is
    not well, 3 if anything could not be read.
    """
    from oelab.review.commands.session import run
    from oelab.review.commands.status_view import show_fleet, show_node

    options = common(profile, region, settings, as_json, quiet)
    run(options, lambda session: show_node(session, node) if node else show_fleet(session))
