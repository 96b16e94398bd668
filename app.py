"""The CDK app: settings in, templates out."""

import gc
import json
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from oelab import validation

HERE = Path(__file__).parent


def main() -> None:
    # A synth is over before garbage matters, and looking for it takes a tenth of the time.
    gc.disable()
    # The flags decide what the templates look like, with or without the CLI that reads cdk.json.
    # Then what `-c` says, as the CLI hands it over: there is no app yet to ask.
    context = json.loads((HERE / "cdk.json").read_text())["context"]
    context |= json.loads(os.environ.get("CDK_CONTEXT_JSON", "{}"))
    # Before the engine, as both imports at a time would hold up node, which takes longest.
    import_module("jsii")
    if context.get("validation", "native") == "native":
        validation.start()
    validation.import_cdk()
    synthesize(context)
    gc.freeze()


def synthesize(context: dict[str, Any]) -> None:
    import aws_cdk as cdk

    from oelab.constructs import TemplateValidation, synth_or_exit
    from oelab.settings import load
    from oelab.stacks import define_stacks

    app = cdk.App(context=context, analytics_reporting=False)
    try:
        TemplateValidation.add_to(app)
        settings = load(Path(str(context.get("settings") or HERE / "oelab.toml")))
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    define_stacks(app, settings)
    synth_or_exit(app)


if __name__ == "__main__":
    main()
