"""`python -m oelab.bundle [DIRECTORY]`: write the bundle, from a checkout of the project."""

import argparse
import json
import signal
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    """Write the bundle with the flags of the app, and say where."""
    # Ctrl-C reaches node at once: it ends without stack dumps.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    parser = argparse.ArgumentParser(
        prog="python -m oelab.bundle",
        description="Write the parameterised templates, to hand over.",
    )
    parser.add_argument(
        "directory",
        nargs="?",
        type=Path,
        default=ROOT / "build" / "templates",
        metavar="DIRECTORY",
        help="where to write them; made if it does not exist (default: %(default)s)",
    )
    directory = parser.parse_args().directory
    from oelab.template.engine import import_cdk

    # The CDK's own validation would check templates before their conditions are in place.
    import_cdk()
    from oelab.bundle.writing import write_bundle

    try:
        write_bundle(directory, json.loads((ROOT / "cdk.json").read_text())["context"])
    except OSError as error:
        fault = f"{error.filename or directory} cannot be used: {error.strerror}"
        print(f"templates: {fault}", file=sys.stderr)
        sys.exit(2)
    print(directory)


if __name__ == "__main__":
    main()
