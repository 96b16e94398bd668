"""How time and memory grow with the instances of a workload, and with the workloads."""

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import in_turns, python

INSTANCES = (4, 100, 200, 400)
WORKLOADS = (2, 25, 50, 100)


@dataclass(frozen=True)
class Point:
    """The quickest run at one size."""

    size: int
    wall: float
    cpu: float
    megabytes: float


def by_instances(rounds: int) -> list[Point]:
    """One workload with ever more instances."""
    return _grow(
        INSTANCES,
        [_workload("Grown", count - count // 2, count // 2) for count in INSTANCES],
        rounds,
    )


def by_workloads(rounds: int) -> list[Point]:
    """Ever more workloads of 4 instances."""
    settings = ["".join(_workload(f"W{n}", 2, 2) for n in range(count)) for count in WORKLOADS]
    return _grow(WORKLOADS, settings, rounds)


def _workload(name: str, web: int, app: int) -> str:
    return f"""
[[workloads]]
name = "{name}"
stack_name = "Stack{name}"
web_instances = {web}
app_instances = {app}
subnet_cidr = "10.0.0.0/20"
"""


def _grow(sizes: Sequence[int], settings: Sequence[str], rounds: int) -> list[Point]:
    with tempfile.TemporaryDirectory() as folder:
        programs = []
        for size, text in zip(sizes, settings, strict=True):
            path = Path(folder) / f"{size}.toml"
            path.write_text(text)
            context = json.dumps({"settings": str(path), "validation": "off"})
            programs.append(python("app.py", CDK_CONTEXT_JSON=context))
        # The least of some runs: other work on the machine only ever adds to it.
        columns = zip(*in_turns(programs, rounds), strict=True)
        return [
            Point(
                size,
                min(run.wall for run in runs),
                min(run.cpu for run in runs),
                max(run.megabytes for run in runs),
            )
            for size, runs in zip(sizes, columns, strict=True)
        ]
