"""What the review of a fleet over 3 Regions takes: calls, memory, and time against a plain loop."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import BIN, Program, python, run
from oelab.review.read import pace
from tests.command_line.fake_aws import FakeAws

REGIONS = ("us-east-1", "us-west-2", "eu-west-1")
SIZES = (300, 3_000, 10_000)

# The one instance that is expected is one that the fake has, so that all is well.
SETTINGS = '[[workloads]]\nname = "Test"\nstack_name = "OELabStack1"\napp_instances = 0\n'


@dataclass(frozen=True)
class Review:
    """What `oelab status` took for a fleet."""

    nodes: int
    calls: int
    megabytes: float
    wall: float
    loop_wall: float
    """Of a plain loop that makes the same calls."""


def measure() -> Iterator[Review]:
    """A review of each size, of a fake that is served from this process at AWS's rates."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder) / "oelab.toml"
        settings.write_text(SETTINGS)
        for nodes in SIZES:
            yield _review(nodes, settings)


def _review(nodes: int, settings: Path) -> Review:
    counts = {region: nodes // len(REGIONS) for region in REGIONS}
    options = [word for region in REGIONS for word in ("--region", region)]
    status = [str(BIN / "oelab"), "status", "--settings", str(settings), *options]
    aws = FakeAws(counts, per_second=dict(pace.DOCUMENTED))
    with aws.served() as endpoint:
        environment = {
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
        }
        cost = run(Program(status, environment))
        calls = sum(aws.calls.values())
        loop = run(python("-m", "benchmarks.plain_loop", *REGIONS, **environment))
    made = sum(aws.calls.values()) - calls - aws.throttled
    if made != calls:
        raise SystemExit(f"the loop made {made} calls, and the review {calls}")
    return Review(sum(counts.values()), calls, cost.megabytes, cost.wall, loop.wall)
