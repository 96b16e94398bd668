"""`make bench`: measure all, and write the results into the documentation.

`--report` writes the documentation again from the results of the last run.
"""

import argparse
import dataclasses
import json
import platform
import subprocess
from collections.abc import Iterable
from importlib.metadata import version
from os import cpu_count
from pathlib import Path
from typing import Any

from benchmarks import copies, fleet, growth, report, scale
from benchmarks.figures import Figure, measure
from benchmarks.measure import BIN

RESULTS = Path(__file__).with_name("results.json")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--pairs", type=int, default=9, help="interleaved pairs a figure")
    parser.add_argument("--report", action="store_true", help="measure nothing")
    arguments = parser.parse_args()
    if not arguments.report:
        (instances, bare), workloads = growth.by_instances(3), growth.by_workloads(3)
        results = {
            "pairs": arguments.pairs,
            "versions": versions(),
            "figures": as_dicts(measure(arguments.pairs, instances, bare)),
            "instances": as_dicts(instances),
            "workloads": as_dicts(workloads),
            "fleet": as_dicts(fleet.measure()),
            "copies": as_dicts(copies.measure()),
        }
        RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    results = json.loads(RESULTS.read_text())
    report.write(results)
    scale.write(results["copies"])


def as_dicts(
    results: Iterable[Figure | growth.Point | fleet.Review | copies.Copy],
) -> list[dict[str, Any]]:
    return [dataclasses.asdict(each) for each in results]


def versions() -> dict[str, str]:
    node = subprocess.check_output([str(BIN / "node"), "--version"], text=True)
    packages = ("aws-cdk-lib", "jsii", "cloudformation-validate")
    return {
        "Python": platform.python_version(),
        "Node": node.strip().removeprefix("v"),
        **{package: version(package) for package in packages},
        "cores": str(cpu_count()),
    }


if __name__ == "__main__":
    main()
