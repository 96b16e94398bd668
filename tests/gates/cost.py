"""Run `app.py` and print what its synth asked of node: `python tests/gates/cost.py`."""

import json
import runpy
import sys
from pathlib import Path
from typing import Any
from unittest import mock

from jsii._kernel.providers import process

ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    requests = 0
    send = process._NodeProcess.send

    def counted(*arguments: Any) -> Any:
        nonlocal requests
        requests += 1
        return send(*arguments)

    with mock.patch.object(process._NodeProcess, "send", counted):
        sys.path.insert(0, str(ROOT))
        runpy.run_path(str(ROOT / "app.py"), run_name="__main__")
    modules = {name.split(".")[1] for name in sys.modules if name.startswith("aws_cdk.aws_")}
    print(json.dumps({"requests": requests, "modules": sorted(modules)}))


if __name__ == "__main__":
    main()
