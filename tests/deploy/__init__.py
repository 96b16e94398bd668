"""The real CDK CLI deploys the real app to a local AWS."""

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unittest import mock

from typer.testing import CliRunner

from localaws.cdk_cli import CdkCli
from oelab.cli import app
from oelab.settings import load
from tests.synthesis import app_of


def bootstrap(
    cdk: CdkCli, *options: str, account: str = "000000000000", regions: tuple[str, ...] = ()
) -> None:
    """Bootstrap Regions of an account, for which the CLI need not synthesize the app."""
    places = (f"aws://{account}/{region}" for region in regions or ("us-east-1",))
    cdk.check("bootstrap", *places, *options, "--app", "")


def synthesize_in(folder: Path, settings: str) -> tuple[str, str]:
    """Synthesize settings in a new folder, and return the options that have the CLI take it.

    Without the app's own processes, which take 2 seconds of CPU each time that the CLI runs it.
    """
    work = Path(tempfile.mkdtemp(dir=folder))
    (work / "settings.toml").write_text(settings)
    app_of(load(work / "settings.toml"), outdir=str(work / "cdk.out")).synth()
    return "--app", str(work / "cdk.out")


def review(
    environment: Mapping[str, str], settings: Path, *arguments: str
) -> tuple[int, dict[str, Any]]:
    """The exit code and the document of a command of `oelab`, run in this process."""
    command = [*arguments, "--json", "--settings", str(settings)]
    with mock.patch.dict(os.environ, environment, clear=True):
        done = CliRunner().invoke(app, command, prog_name="oelab")
    assert done.stdout, done.stderr
    return done.exit_code, json.loads(done.stdout)
