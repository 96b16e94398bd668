"""`oelab inventory`."""

from typing import Annotated

import typer

from oelab.review.commands.options import AsJson, Profiles, Quiet, Regions, SettingsFile, common
from oelab.systems_manager.inventory_types import APPLICATION

Node = Annotated[
    str | None, typer.Argument(metavar="NODE", help="One node, by id or Name tag; else all nodes.")
]
TypeName = Annotated[
    str, typer.Option("--type", metavar="TYPE", help="Inventory type, such as AWS:Network.")
]
Package = Annotated[
    str | None,
    typer.Option("--package", metavar="NAME", help="Only this package; * stands for any letters."),
]
Version = Annotated[
    str | None,
    typer.Option(
        "--version",
        metavar="COMPARISON",
        help="Only versions like '<3.0.14' or '>=3.0,<3.1', in the node's own order.",
    ),
]
AsCsv = Annotated[bool, typer.Option("--csv", help="Print CSV.")]
FailIfFound = Annotated[
    bool, typer.Option("--fail-if-found", help="Exit code 1 if anything is listed.")
]


def inventory(
    node: Node = None,
    type_name: TypeName = APPLICATION,
    package: Package = None,
    version: Version = None,
    as_csv: AsCsv = False,
    fail_if_found: FailIfFound = False,
    profile: Profiles = None,
    region: Regions = None,
    settings: SettingsFile = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """List what is installed: on one node by type, or searched over the fleet.

    Terminated nodes, whose inventory AWS keeps for 30 days, are left out. Sorted by the node's
    name and id, then by Name and Version; CSV comes as AWS tells it, an entry at a time. Exit
    code 1 if a node has no inventory of the type.
    """
    from oelab.review.commands.inventory_search import Search
    from oelab.review.commands.inventory_view import show
    from oelab.review.commands.session import run

    options = common(profile, region, settings, as_json, quiet)
    search = Search(node=node, type_name=type_name, package=package, version=version, as_csv=as_csv)
    run(options, lambda session: show(session, search, fail_if_found=fail_if_found))
