"""cfn-lint, as a person runs it."""

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path


def cfn_lint(templates: Iterable[Path]) -> str:
    """What it finds in some templates; nothing where all is well."""
    run = subprocess.run(
        [Path(sys.executable).with_name("cfn-lint"), "--regions", "us-east-1", "--", *templates],
        capture_output=True,
        text=True,
        check=False,
    )
    return run.stdout + run.stderr
