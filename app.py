"""The CDK app: settings in, templates out."""

import gc
import json
import os
import signal
import sys
from importlib import import_module
from pathlib import Path

from oelab.cdk_import import import_cdk
from oelab.installation import NotInstalledError, require_cdk
from oelab.template import engine

HERE = Path(__file__).parent


def main() -> None:
    # Ctrl-C reaches the CLI, node and this process at once: it ends without three stack dumps.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        require_cdk()
    except NotInstalledError as error:
        print(f"app.py: {error}", file=sys.stderr)
        sys.exit(2)
    # A synth is over before garbage matters, and looking for it takes a tenth of the time.
    gc.disable()
    # What `-c` says, as the CLI hands it over: there is no app yet to ask.
    context = json.loads(os.environ.get("CDK_CONTEXT_JSON", "{}"))
    # Before the engine, as both imports at a time would hold up node, which takes longest.
    import_module("jsii")
    if context.get("validation", "native") == "native":
        engine.start()
    import_cdk()
    synthesize()
    gc.freeze()


def synthesize() -> None:
    import aws_cdk as cdk

    from oelab.constructs import TemplateValidation, synth_or_exit
    from oelab.settings import load
    from oelab.stacks import define_stacks

    # The flags decide what the templates look like, with or without the CLI that reads cdk.json.
    flags = json.loads((HERE / "cdk.json").read_text())["context"]
    app = cdk.App(context=flags, analytics_reporting=False)
    try:
        TemplateValidation.add_to(app)
        settings = load(Path(str(app.node.try_get_context("settings") or HERE / "oelab.toml")))
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    define_stacks(app, settings)
    synth_or_exit(app)


if __name__ == "__main__":
    main()
