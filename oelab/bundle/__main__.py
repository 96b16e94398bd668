"""`python -m oelab.bundle [DIRECTORY]`: write the bundle, from a checkout of the project."""

import json
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

ROOT = Path(__file__).resolve().parents[2]

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
def main(
    directory: Annotated[
        Path,
        typer.Argument(metavar="DIRECTORY", help="Where to write them; made if it does not exist."),
    ] = ROOT / "build" / "templates",
) -> None:
    """Write the parameterised templates, to hand over, and say where."""
    # Ctrl-C reaches node at once: it ends without stack dumps.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from oelab.cdk_import import import_cdk
    from oelab.installation import NotInstalledError

    try:
        # The CDK's own validation would check templates before their conditions are in place.
        import_cdk()
        from oelab.bundle.writing import write_bundle

        write_bundle(directory, json.loads((ROOT / "cdk.json").read_text())["context"])
    except (NotInstalledError, OSError) as error:
        reason = str(error)
        if isinstance(error, OSError):
            reason = f"{error.filename or directory} cannot be used: {error.strerror}"
        print(f"templates: {reason}", file=sys.stderr)
        sys.exit(2)
    print(directory)


if __name__ == "__main__":
    app(prog_name="python -m oelab.bundle")
