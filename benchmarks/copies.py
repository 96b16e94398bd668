"""How long the local copy of a fleet's objects takes, how much memory, and how long questions take.

The bucket is a made-up one on the same machine. `python -m benchmarks.copies [NODES]` measures only
this.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from benchmarks.fake_bucket import TYPES
from benchmarks.measure import ROOT

NODES = 10_000


@dataclass(frozen=True)
class Copy:
    """What one run has taken, and what it must not take more than; 0 for no such limit."""

    name: str
    nodes: int
    objects: int
    seconds: float
    megabytes: float
    slowest_question: float
    seconds_at_most: float = 0
    megabytes_at_most: float = 0
    slowest_question_at_most: float = 0


def measure(nodes: int = NODES) -> Iterator[Copy]:
    """The first copy, one of a bucket that is the same, and one where 1 % of the nodes differ."""
    limits: dict[str, dict[str, float]] = {
        "first": {"seconds_at_most": 120, "megabytes_at_most": 500},
        "unchanged": {"seconds_at_most": 6, "slowest_question_at_most": 3},
        "1 % changed": {"seconds_at_most": 10},
    }
    command = [sys.executable, "-m", "benchmarks.fake_bucket", str(nodes)]
    pipe = subprocess.PIPE
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(command, cwd=ROOT, text=True, stdin=pipe, stdout=pipe) as server,
    ):
        assert server.stdin
        assert server.stdout
        endpoint = f"http://127.0.0.1:{server.stdout.readline().strip()}"
        for name, limit in limits.items():
            if name == "1 % changed":
                server.stdin.write("1\n")
                server.stdin.flush()
                server.stdout.readline()
            yield _copy(name, nodes, endpoint, folder, limit if nodes == NODES else {})
        server.kill()


def _copy(name: str, nodes: int, endpoint: str, folder: str, limits: dict[str, float]) -> Copy:
    command = [sys.executable, "-m", "benchmarks.copy_once", endpoint, folder]
    answer = json.loads(subprocess.check_output(command, cwd=ROOT))
    return Copy(
        name=name,
        nodes=nodes,
        objects=nodes * len(TYPES),
        seconds=answer["seconds"],
        megabytes=answer["megabytes"],
        slowest_question=max(answer["questions"].values()),
        **limits,
    )


if __name__ == "__main__":
    for each in measure(*map(int, sys.argv[1:])):
        print(json.dumps(asdict(each)), flush=True)
