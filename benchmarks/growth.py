"""How time and memory grow with the instances of a workload, and with the workloads."""

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import Program, in_turns, python

INSTANCES = (4, 100, 200, 400)
WORKLOADS = (2, 25, 50, 100)


@dataclass(frozen=True)
class Point:
    """The quickest run at one size."""

    size: int
    wall: float
    cpu: float
    megabytes: float


def by_instances(rounds: int) -> tuple[list[Point], list[Point]]:
    """One workload with ever more instances, and as many without anything of ours."""
    settings = [_workload("Grown", count - count // 2, count // 2) for count in INSTANCES]
    with _programs(settings) as ours:
        bare = [python("benchmarks/bare_instances.py", str(count)) for count in INSTANCES]
        points = _points((*INSTANCES, *INSTANCES), [*ours, *bare], rounds)
    return points[: len(INSTANCES)], points[len(INSTANCES) :]


def by_workloads(rounds: int) -> list[Point]:
    """Ever more workloads of 4 instances."""
    settings = ["".join(_workload(f"W{n}", 2, 2) for n in range(count)) for count in WORKLOADS]
    with _programs(settings) as programs:
        return _points(WORKLOADS, programs, rounds)


def _workload(name: str, web: int, app: int) -> str:
    return f"""
[[workloads]]
name = "{name}"
stack_name = "Stack{name}"
web_instances = {web}
app_instances = {app}
subnet_cidr = "10.0.0.0/20"
"""


@contextmanager
def _programs(settings: Sequence[str]) -> Iterator[list[Program]]:
    """The app with each of these settings, which are gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        programs = []
        for number, text in enumerate(settings):
            path = Path(folder) / f"{number}.toml"
            path.write_text(text)
            context = json.dumps({"settings": str(path), "validation": "off"})
            programs.append(python("app.py", CDK_CONTEXT_JSON=context))
        yield programs


def _points(sizes: Sequence[int], programs: Sequence[Program], rounds: int) -> list[Point]:
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
