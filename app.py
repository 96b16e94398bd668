"""The CDK app: settings in, templates out."""

import json
import sys
from pathlib import Path

import aws_cdk as cdk

from oelab.constructs import synth_or_exit
from oelab.settings import SettingsError, load
from oelab.stacks import define_stacks

HERE = Path(__file__).parent


def main() -> None:
    # The flags decide what the templates look like, with or without the CLI that reads cdk.json.
    flags = json.loads((HERE / "cdk.json").read_text())["context"]
    app = cdk.App(context=flags, analytics_reporting=False)
    try:
        settings = load(Path(app.node.try_get_context("settings") or HERE / "oelab.toml"))
    except SettingsError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    define_stacks(app, settings)
    synth_or_exit(app)


if __name__ == "__main__":
    main()
