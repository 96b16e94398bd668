"""Record what the built-in engine finds in the corpus: `python -m tests.template.record`."""

import json
import tempfile
from pathlib import Path

import aws_cdk as cdk

from tests.template.corpus import CORPUS
from tests.template.engines import Found, findings

RECORD = Path(__file__).with_name("builtin_findings.json")


def recorded() -> dict[str, list[Found]]:
    """The findings of the built-in engine, by template."""
    found: dict[str, list[list[str]]] = json.loads(RECORD.read_text())["found"]
    return {name: [Found(*each) for each in findings] for name, findings in found.items()}


def main() -> None:
    plugin = cdk.CloudFormationValidatePlugin()
    with tempfile.TemporaryDirectory() as folder:
        found = findings(plugin, CORPUS, Path(folder))
    record = {"engine": plugin.version, "found": found}
    RECORD.write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
