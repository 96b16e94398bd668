"""cfn-lint, as a person runs it, and what it knows of AWS."""

import json
import subprocess
import sys
from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any


def cfn_lint(templates: Iterable[Path]) -> str:
    """What it finds in some templates; nothing where all is well."""
    run = subprocess.run(
        [Path(sys.executable).with_name("cfn-lint"), "--regions", "us-east-1", "--", *templates],
        capture_output=True,
        text=True,
        check=False,
    )
    return run.stdout + run.stderr


@cache
def resource_schema(resource_type: str) -> dict[str, Any]:
    """The schema of a resource type in us-east-1, as CloudFormation publishes it."""
    # Importing it takes half a second, also in a process that only collects tests.
    from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

    found: dict[str, Any] = PROVIDER_SCHEMA_MANAGER.get_resource_schema(
        "us-east-1", resource_type
    ).schema
    return found


@cache
def service_authorization() -> dict[str, Any]:
    """The Service Authorization Reference, as cfn-lint has it: actions and more by service."""
    # Without importing cfn-lint, which is slow.
    package = find_spec("cfnlint")
    assert package is not None
    assert package.origin is not None
    file = Path(package.origin).parent / "data" / "AdditionalSpecs" / "Policies.json"
    services: dict[str, Any] = json.loads(file.read_text())
    return services
