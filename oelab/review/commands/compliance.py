"""`oelab compliance`."""

from typing import Annotated

import typer

from oelab.review.commands.options import AsJson, Profiles, Quiet, Regions, SettingsFile, common

Node = Annotated[
    str, typer.Argument(metavar="NODE", help="One node, by id or Name tag: its items.")
]


def compliance(
    node: Node = "",
    profile: Profiles = None,
    region: Regions = None,
    settings: SettingsFile = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Sum up compliance by type and severity, or list the items of one node.

    Exit code 1 if anything is not compliant.
    """
    from oelab.review.commands.compliance_view import show_node, show_summary
    from oelab.review.commands.session import run

    options = common(profile, region, settings, as_json, quiet)
    run(options, lambda session: show_node(session, node) if node else show_summary(session))
