"""The figures that have a target."""

import json
import statistics
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks import growth, twin
from benchmarks.measure import BIN, Program, compare, in_turns, python, slope

TEMPLATE_TESTS = ("tests/test_stacks.py", "tests/test_snapshots.py")


@dataclass(frozen=True)
class Figure:
    """What was reached, and what was to be."""

    name: str
    target: float
    reached: float
    unit: str
    detail: str


def measure(
    pairs: int, instances: Sequence[growth.Point], bare: Sequence[growth.Point]
) -> Iterator[Figure]:
    """All figures, each told as soon as it is known."""
    for part in (_twin, _empty_stack, _validation, _tests, _command_line):
        for figure in part(pairs):
            print(f"{figure.name}: {figure.reached:.2f} ({figure.detail})", file=sys.stderr)
            yield figure
    yield _slope(instances, bare)


def _app(engine: str) -> Program:
    return python("app.py", CDK_CONTEXT_JSON=json.dumps({"validation": engine}))


def _twin(pairs: int) -> Iterator[Figure]:
    typescript = twin.set_up()
    both = compare(_app("native"), typescript, pairs)
    name = "validated synth ÷ compiled TypeScript twin with its built-in validation"
    yield Figure(f"{name}, wall", 0.60, both.wall_ratio, "", _seconds(both.wall))
    yield Figure(f"{name}, CPU", 0.40, both.cpu_ratio, "", _seconds(both.cpu))


def _empty_stack(pairs: int) -> Iterator[Figure]:
    both = compare(_app("off"), python("benchmarks/empty_stack.py"), pairs)
    name = "`python app.py` ÷ empty stack, validation off, CPU"
    yield Figure(name, 1.50, both.cpu_ratio, "", _seconds(both.cpu))


def _validation(pairs: int) -> Iterator[Figure]:
    runs = in_turns([_app("off"), _app("native"), _app("builtin")], pairs)
    native = statistics.median(own.wall - off.wall for off, own, _ in runs)
    wasm = statistics.median(builtin.wall - off.wall for off, _, builtin in runs)
    name = "what native validation adds ÷ what WASM validation adds, wall"
    yield Figure(name, 0.10, native / wasm, "", _seconds((native, wasm)))


def _slope(grown: Sequence[growth.Point], bare: Sequence[growth.Point]) -> Figure:
    wall, least = (
        1000 * slope([(point.size, point.wall) for point in points]) for points in (grown, bare)
    )
    sizes = f"{grown[0].size} to {grown[-1].size} instances"
    detail = f"{sizes}; a bare `CfnInstance` with the same properties: {least:.2f} ms"
    return Figure("slope per instance, validation off, wall", 1.5, wall, "ms", detail)


def _tests(pairs: int) -> Iterator[Figure]:
    suite = python("-m", "pytest", "-q", "-p", "no:cacheprovider", *TEMPLATE_TESTS)
    both = compare(suite, _app("off"), max(3, pairs // 3))
    name = "template tests (`test_stacks`, `test_snapshots`) ÷ one bare synth, wall"
    yield Figure(name, 3.0, both.wall_ratio, "", _seconds(both.wall))


def _command_line(pairs: int) -> Iterator[Figure]:
    oelab = Program([str(BIN / "oelab"), "--help"])
    both = compare(oelab, python("-c", "import typer"), pairs)
    name = "`oelab --help` ÷ `python -c 'import typer'`, wall"
    yield Figure(name, 1.3, both.wall_ratio, "", _seconds(both.wall))


def _seconds(pair: tuple[float, float]) -> str:
    return f"{pair[0]:.2f} s ÷ {pair[1]:.2f} s"
