"""Run programs in turns and compare what they cost."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent

# They change what is measured: the first by compiling at every start, the others by warnings.

DISTORTING = ("PYTHONDONTWRITEBYTECODE", "NODE_EXTRA_CA_CERTS", "NODE_OPTIONS", "CDK_CONTEXT_JSON")


@dataclass(frozen=True)
class Program:
    """A command, run in a folder of its own for output."""

    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Run:
    """What one run cost, with all processes that it started."""

    wall: float
    cpu: float
    megabytes: float
    """Of the largest process."""


@dataclass(frozen=True)
class Comparison:
    """Medians over interleaved pairs."""

    wall_ratio: float
    cpu_ratio: float
    wall: tuple[float, float]
    cpu: tuple[float, float]


def python(*arguments: str, **environment: str) -> Program:
    """A Python program of this environment."""
    return Program([sys.executable, *arguments], environment)


def run(program: Program) -> Run:
    """Run a program to its end, which must be a good one."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {k: v for k, v in os.environ.items() if k not in DISTORTING} | {
            "PATH": os.pathsep.join([str(BIN), os.environ["PATH"]]),
            "CDK_HOME": str(Path(tempfile.gettempdir()) / "oelab-benchmark-home"),
            "CDK_OUTDIR": folder,
            **program.environment,
        }
        with tempfile.TemporaryFile() as output:
            began = time.perf_counter()
            process = subprocess.Popen(
                program.command, cwd=ROOT, env=environment, stdout=output, stderr=output
            )
            _, status, usage = os.wait4(process.pid, 0)
            wall = time.perf_counter() - began
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode:
                output.seek(0)
                sys.exit(f"{program.command} failed:\n{output.read().decode()}")
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def in_turns(programs: Sequence[Program], rounds: int) -> list[list[Run]]:
    """Runs of each program, one after the other in every round, after a round to warm up."""
    for program in programs:
        run(program)
    return [[run(program) for program in programs] for _ in range(rounds)]


def compare(program: Program, other: Program, pairs: int) -> Comparison:
    """The ratio of a program to another one: the median of the ratios of pairs."""
    both = in_turns([program, other], pairs)
    return Comparison(
        wall_ratio=statistics.median(a.wall / b.wall for a, b in both),
        cpu_ratio=statistics.median(a.cpu / b.cpu for a, b in both),
        wall=_medians([(a.wall, b.wall) for a, b in both]),
        cpu=_medians([(a.cpu, b.cpu) for a, b in both]),
    )


def slope(points: Sequence[tuple[float, float]]) -> float:
    """How much y grows with x, by least squares."""
    return statistics.linear_regression(*zip(*points, strict=True)).slope


def _medians(pairs: Sequence[tuple[float, float]]) -> tuple[float, float]:
    first, second = _columns(pairs)
    return statistics.median(first), statistics.median(second)


def _columns(pairs: Sequence[tuple[float, float]]) -> Iterator[list[float]]:
    yield [a for a, _ in pairs]
    yield [b for _, b in pairs]
