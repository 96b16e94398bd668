"""The command line `oelab`: what can be asked, and how help says so.

Nothing here, nor in the modules of the commands, imports boto3 or rich before a command runs.
"""

from typing import Annotated

import typer

from oelab.review.commands.associations import associations
from oelab.review.commands.compare import compare
from oelab.review.commands.compliance import compliance
from oelab.review.commands.image_check import check
from oelab.review.commands.image_pin import pin
from oelab.review.commands.inventory import inventory
from oelab.review.commands.preflight import preflight
from oelab.review.commands.status import status
from oelab.review.commands.wait import wait

app = typer.Typer(
    name="oelab",
    help="Review the fleet of the lab: what is deployed, managed, inventoried and compliant.",
    epilog="Exit codes: 0 all well, 1 findings, 2 bad input or settings, 3 AWS could not be read, "
    "130 interrupted.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _tell_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"oelab {version('oelab')}")
        raise typer.Exit


@app.callback()
def _options(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_tell_version, is_eager=True, help="Tell it and exit."),
    ] = False,
) -> None:
    del version  # its callback has ended the program


# In the order in which a person needs them.
app.command(
    short_help="Would a deployment clash with what is there?",
    epilog="Example: oelab preflight --region eu-west-1",
)(preflight)
app.command(
    short_help="Wait until all nodes are managed and inventoried.",
    epilog="Example: oelab wait --timeout 900",
)(wait)
app.command(
    short_help="The verdict on each node, and the remedy.",
    epilog="Example: oelab status --region us-east-1 --region eu-west-1",
)(status)
app.command(
    short_help="Targets, schedule and runs of each association.",
    epilog="Example: oelab associations --runs 3",
)(associations)
app.command(
    short_help="What is installed where.",
    epilog="Example: oelab inventory --package openssl --version '<3.0.14' --csv",
)(inventory)
app.command(
    short_help="What complies, by type and severity.",
    epilog="Example: oelab compliance Prod-Web1",
)(compliance)
app.command(
    short_help="Packages that differ between two workloads.",
    epilog="Example: oelab compare Test Prod",
)(compare)

image = typer.Typer(
    help="The images that instances start from: pin them, and see how old the pins are.",
    no_args_is_help=True,
)
image.command(
    short_help="Pin the latest images in the settings.",
    epilog="Example: oelab image pin --region us-east-1 --region eu-west-1 --write",
)(pin)
image.command(
    short_help="How old the pinned images are, and whether they fit.",
    epilog="Example: oelab image check --max-age 60",
)(check)
app.add_typer(image, name="image", short_help="Pin images, and see how old the pins are.")
