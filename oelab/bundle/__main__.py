"""`python -m oelab.bundle [DIRECTORY]`: write the bundle, from a checkout of the project."""

import json
import sys
from pathlib import Path

from oelab.validation import import_cdk

ROOT = Path(__file__).resolve().parents[2]
DEFAULT_DIRECTORY = ROOT / "build" / "templates"


def main() -> None:
    """Write the bundle with the flags of the app, and say where."""
    # The CDK's own validation would judge templates before their conditions are in place.
    import_cdk()
    from oelab.bundle.writing import write_bundle

    directory = Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_DIRECTORY
    write_bundle(directory, json.loads((ROOT / "cdk.json").read_text())["context"])
    print(directory)


if __name__ == "__main__":
    main()
