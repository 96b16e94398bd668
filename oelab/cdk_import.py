"""Imports the CDK, and with it starts node, without the validation that is built in."""

import os
import sys

from oelab.installation import require_cdk

SWITCH = "CDK_VALIDATION"
"""The environment variable by which the CDK CLI turns validation off."""


def import_cdk() -> None:
    """Import the CDK so that its apps do without the validation that is built in.

    The import starts node, which takes the environment along, and there `CDK_VALIDATION=false`
    turns it off (documented with `AppProps.builtinCloudFormationValidation`, which does the same
    for one app, from aws-cdk-lib 2.275 on). Here the environment is as before when this returns.

    Raises:
        RuntimeError: node runs already.
        NotInstalledError: the extra `cdk` or Node is missing, or Node is too old.
    """
    if "constructs" in sys.modules:
        raise RuntimeError("import_cdk() must be called before anything imports the CDK")
    require_cdk()
    before = os.environ.get(SWITCH)
    os.environ[SWITCH] = "false"
    try:
        import aws_cdk  # noqa: F401
    finally:
        del os.environ[SWITCH]
        if before is not None:
            os.environ[SWITCH] = before
