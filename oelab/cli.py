"""The command line `oelab`: what can be asked, and how help says so.

A command is a function from its arguments to a report: it reads, evaluates, and returns. What all
commands share is in `oelab.command_line`. Nothing here imports an SDK, the CDK or rich before a
command runs.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from oelab.command_line import Invocation, Node, Workload, command

if TYPE_CHECKING:
    from oelab.report import Report, RowStream

app = typer.Typer(
    name="oelab",
    help="Review what is deployed, and what a change of the app would do to it.",
    epilog="Exit codes: 0 all well, 1 findings, 2 bad input or settings, 3 AWS could not be read, "
    "10 to 50 the effects of `diff`, 130 interrupted.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(is_wanted: bool) -> None:
    if is_wanted:
        from importlib.metadata import version

        typer.echo(f"oelab {version('oelab')}")
        raise typer.Exit


@app.callback()
def _options(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    del version  # its callback has ended the program


# In the order in which a person needs them.


@command(app)
def preflight(run: Invocation) -> "Report":
    """Find what a deployment would clash with in the account.

    Reads only. What the stacks themselves have deployed is no clash. Exit code 1 if the deployment
    would fail or not do what the settings say; notes do not count.

    Example: oelab preflight --region eu-west-1
    """
    from oelab.review.evaluate.preflight import evaluate_accounts
    from oelab.review.read.account import read_account
    from oelab.review.read.connection import read_all

    return evaluate_accounts(read_all(run.connect(), read_account, run.settings), run.expected())


@command(app, without=["csv", "csv_safe"], text="progress")
def wait(
    run: Invocation,
    timeout: Annotated[
        int, typer.Option(min=0, metavar="SECONDS", help="How long to wait at most.")
    ] = 1800,
    every: Annotated[int, typer.Option(min=1, metavar="SECONDS", help="How often to look.")] = 15,
) -> "Report":
    """Wait until every expected node is managed and inventoried.

    Shows live progress on a terminal and one line for each change elsewhere. A lost connection is
    waited out. Exit code 1 if the time is up first, with the reason for each node.

    Example: oelab wait --timeout 900
    """
    from oelab.render.progress import progress
    from oelab.review.evaluate.fleet import evaluate_fleet
    from oelab.review.read.connection import read_all
    from oelab.review.read.fleet import read_fleet
    from oelab.review.wait import wait_for_fleet

    expected, connections = run.expected(), run.connect()
    is_live = not (run.options.quiet or run.options.json)
    with progress(run.out, is_live=is_live) as show:
        return wait_for_fleet(
            lambda: evaluate_fleet(read_all(connections, read_fleet, expected), expected),
            show,
            timeout=timeout,
            every=every,
        )


@command(app)
def status(run: Invocation, node: Node = None, workload: Workload = None) -> "Report":
    """Show the verdict on each node, and the remedy.

    Evaluates instance, agent, association, inventory and compliance of each expected node. Which
    nodes are expected follows from the settings and EC2's tags. Exit code 1 if any node is not
    well, 3 if anything could not be read.

    Example: oelab status --region us-east-1 --region eu-west-1
    """
    from oelab.review.evaluate.fleet import evaluate_fleet
    from oelab.review.read.associations import read_node_associations
    from oelab.review.read.connection import read_all
    from oelab.review.read.fleet import read_fleet

    expected, connections = run.expected(workload), run.connect()
    report = evaluate_fleet(read_all(connections, read_fleet, expected), expected)
    if node is None:
        return report
    report = report.of(node)
    return report.with_associations(read_node_associations(connections, report.nodes))


@command(app)
def associations(
    run: Invocation,
    all_documents: Annotated[
        bool, typer.Option("--all", help="Those of every document, not only of inventory.")
    ] = False,
    runs: Annotated[int, typer.Option(min=1, max=50, help="How many runs to show of each.")] = 1,
    workload: Workload = None,
) -> "Report":
    """Show targets, schedule and runs of each association.

    Of the last runs it shows the outcome by node; the next run is computed from the schedule, as
    AWS does not report it. With --workload the associations that reach its nodes. Exit code 1 if an
    association failed or reaches no node, if one of the settings is not there, or if its logs
    cannot be written.

    Example: oelab associations --runs 3
    """
    from oelab.review.evaluate.associations import evaluate_associations
    from oelab.review.read.associations import read_with_runs
    from oelab.review.read.connection import read_all
    from oelab.systems_manager.documents import INVENTORY_DOCUMENT

    document = "" if all_documents else INVENTORY_DOCUMENT
    expected = run.expected(workload)
    read = read_all(run.connect(), read_with_runs, expected, document=document, runs=runs)
    return evaluate_associations(read, expected, runs=runs)


@command(app)
def inventory(
    run: Invocation,
    node: Node = None,
    workload: Workload = None,
    type_name: Annotated[
        str, typer.Option("--type", metavar="TYPE", help="Inventory type, such as AWS:Network.")
    ] = "AWS:Application",
    package: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Only this package, without regard to case; * stands for any letters.",
        ),
    ] = None,
    version: Annotated[
        str | None,
        typer.Option(
            metavar="COMPARISON",
            help="Only versions like '<3.0.14' or '>=3.0,<3.1', in the node's own order; epoch "
            "and release count only where they are given.",
        ),
    ] = None,
    fail_if_found: Annotated[
        bool, typer.Option("--fail-if-found", help="Exit code 1 if anything is listed.")
    ] = False,
) -> "Report | RowStream":
    """List what is installed where.

    Lists one node by type, or searches the fleet. Without a node, a package or a type: the packages
    by version, and on how many nodes each is. Terminated nodes, whose inventory AWS keeps for 30
    days, are left out. Sorted by the node's name and id, then by Name and Version; CSV comes in the
    order of AWS, an entry at a time. Exit code 1 if a node of which the type is collected has no
    inventory of it, or there is none.

    Example: oelab inventory --package openssl --version '<3.0.14' --csv
    """
    from oelab.report import RowStream
    from oelab.review.evaluate.inventory import InventorySearch
    from oelab.review.search import search_inventory

    search = InventorySearch(
        node=node,
        type_name=type_name,
        package=package,
        version=version,
        fail_if_found=fail_if_found,
    )
    as_csv = (run.options.csv or run.options.csv_safe) and not search.is_summary
    expected = run.expected(workload)
    matches = search_inventory(run.connect(), expected, search, with_columns=as_csv)
    if search.is_summary:
        return matches.summary()
    if as_csv:
        return RowStream(rows=matches, columns=matches.columns, conclude=matches.report)
    return matches.report(matches)


@command(app)
def compliance(run: Invocation, node: Node = None, workload: Workload = None) -> "Report":
    """Show what complies, by type and severity.

    With NODE it lists the items of this node. Exit code 1 if anything does not comply, or an
    expected node has no compliance data.

    Example: oelab compliance Prod-Web1
    """
    from oelab.review.evaluate.compliance import evaluate_fleet_compliance, evaluate_node_compliance
    from oelab.review.read.compliance import read_fleet_compliance, read_node_compliance
    from oelab.review.read.connection import read_all

    expected, connections = run.expected(workload), run.connect()
    if node is not None:
        return evaluate_node_compliance(*read_node_compliance(connections, expected, node))
    read = read_all(connections, read_fleet_compliance, expected)
    return evaluate_fleet_compliance(read, expected)


@command(app)
def compare(
    run: Invocation,
    one: Annotated[str, typer.Argument(metavar="ONE", help="A workload, such as Test.")],
    other: Annotated[str, typer.Argument(metavar="OTHER", help="Another one, such as Prod.")],
) -> "Report":
    """Show packages that differ between two workloads.

    Exit code 1 if any differ, or if a workload has no inventory to compare.

    Example: oelab compare Test Prod
    """
    from oelab.review.evaluate.compare import check_workloads, compare_workloads
    from oelab.review.evaluate.inventory import InventorySearch
    from oelab.review.search import search_inventory

    check_workloads(run.settings, one, other)
    everything = InventorySearch(package="*")
    matches = search_inventory(run.connect(), run.expected(), everything)
    return compare_workloads(matches, (one, other))


@command(app, text="query_text")
def query(
    run: Invocation,
    name: Annotated[
        str, typer.Argument(metavar="QUESTION", help="Its name; without it all are explained.")
    ] = "",
    param: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="A parameter of the question; repeatable."),
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option("--from", metavar="FOLDER", help="Data in the layout of the bucket."),
    ] = None,
    copy: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Where the local copy is kept. Else in ~/.cache."),
    ] = None,
    athena: Annotated[
        bool, typer.Option("--athena", help="Ask Athena, which charges for what it reads.")
    ] = False,
    parquet: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the rows as Parquet.")
    ] = None,
) -> "Report":
    """Answer questions about the whole fleet, by its data sync.

    They are about the inventory that data syncs have written into a bucket: that of the settings,
    or of the stack OELabFleetData. It is copied to this computer first, and later what has changed;
    DuckDB answers from the copy. Exit code 3 if anything could not be read: then rows may be
    missing.

    Example: oelab query software_by_version --param package=openssl
    """
    from oelab.findings import BadInputError
    from oelab.installation import require_extra
    from oelab.queries import questions
    from oelab.query.asking import ask
    from oelab.query.output import write_parquet
    from oelab.query.report import QuestionsReport
    from oelab.render.counter import counter

    if not name:
        if param or folder or copy or athena or parquet:
            raise BadInputError("options of a question must come with a QUESTION; name one")
        return QuestionsReport(questions=tuple(questions().values()))
    if parquet and not parquet.absolute().parent.is_dir():
        raise BadInputError(f"--parquet {parquet} must be in a folder that is there; create it")
    if parquet or not athena:
        require_extra("query")
    with counter(run.out) as progress:
        report = ask(
            name,
            param or (),
            run.connect_to_data,
            run.settings,
            progress,
            folder=folder,
            copy=copy,
            is_for_athena=athena,
        )
    return write_parquet(report, parquet) if parquet else report


sync = typer.Typer(help="The data syncs of the whole fleet's inventory.", no_args_is_help=True)
app.add_typer(sync, name="sync")


@command(sync, name="status")
def sync_status(run: Invocation) -> "Report":
    """Show whether data syncs write, and for all nodes.

    Shows each data sync, what it has written, and managed nodes that are not in the data. Exit code
    1 if a sync failed, or if none writes into the bucket of the settings.

    Example: oelab sync status --region us-east-1
    """
    from oelab.review.evaluate.syncs import evaluate_syncs
    from oelab.review.read.connection import read_all
    from oelab.review.read.syncs import read_syncs

    return evaluate_syncs(read_all(run.connect(), read_syncs, run.settings))


@command(
    app, without=["profile", "region", "role", "settings", "csv", "csv_safe"], text="diff_text"
)
def diff(
    _: Invocation,
    folders: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="CDK_OUT",
            help="Two folders that `cdk synth` has written, before and after; with --base at most "
            "the one after.",
        ),
    ] = None,
    base: Annotated[
        str | None,
        typer.Option(metavar="REF", help="A commit, to compare CDK_OUT or the working tree with."),
    ] = None,
    settings: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Settings of each version that is synthesized, in its own folder, and of what the "
            "guard allows. Else as cdk.json says, or oelab.toml.",
        ),
    ] = None,
    cdk: Annotated[
        bool, typer.Option("--cdk", help="Add the CDK's own diff of each stack.")
    ] = False,
    guard: Annotated[
        bool, typer.Option("--guard", help="Only what the guard refuses; exit code 0, 2 or 50.")
    ] = False,
) -> "Report":
    """Show what a change of the app does to what is deployed.

    Compares two versions of the app, without credentials. Exit codes: 0 nothing changes, 10
    additions and changes in place, 20 something may be replaced, 30 is replaced, 40 is or may be
    removed, or left behind, 50 is refused by the guard, 2 bad input or no comparison.

    Example: oelab diff --base origin/main
    """
    from oelab.installation import require_extra

    require_extra("cdk")
    from oelab.diff.report import report_on_versions

    return report_on_versions(
        folders or [], base=base, settings=settings, with_cdk=cdk, only_guard=guard
    )


image = typer.Typer(help="Pin images, and see how old the pins are.", no_args_is_help=True)
app.add_typer(image, name="image")


@command(image)
def pin(
    run: Invocation,
    write: Annotated[
        bool,
        typer.Option("--write", help="Write the pins into the settings file, not only show them."),
    ] = False,
) -> "Report":
    """Pin the latest images in the settings.

    Finds the image that the parameter `image` holds now, and pins it in the settings file. Without
    --region, in the Regions that are pinned already, or else the settings' or the profile's. Exit
    code 1 if the file does not hold these pins. With --write it does in the end, keeping comments;
    nothing is written if any Region could not be read.

    Example: oelab image pin --region us-east-1 --region eu-west-1 --write
    """
    from oelab.review.pins import pin_images

    connections = run.connect(run.settings.image_pins or run.settings.regions)
    return pin_images(connections, run.settings, write_to=run.settings_file if write else None)


@command(image)
def check(
    run: Invocation,
    max_age: Annotated[
        int, typer.Option(metavar="DAYS", min=1, help="How old an image may be.")
    ] = 90,
) -> "Report":
    """Show how old the pinned images are, and whether they fit.

    Exit code 1 if one is not there any more, does not fit the instance types or the family of the
    settings, or is older than --max-age while the parameter `image` holds another. One that the
    parameter still holds is well at any age: there is none newer to pin.

    Example: oelab image check --max-age 60
    """
    from datetime import UTC, datetime, timedelta

    from oelab.review.evaluate.images import evaluate_images
    from oelab.review.read.connection import read_all
    from oelab.review.read.images import read_pinned_image

    now = datetime.now(UTC)
    oldest = now - timedelta(days=max_age)
    connections = run.connect(run.settings.image_pins or run.settings.regions)
    read = read_all(connections, read_pinned_image, run.settings, oldest)
    return evaluate_images(read, run.settings, oldest=oldest, now=now)
