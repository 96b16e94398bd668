"""How much memory the review of a fleet takes, and how many calls, over 3 Regions."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import BIN, Program, run
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


def measure() -> Iterator[Review]:
    """A review of each size, of a fake that is served from this process."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder) / "oelab.toml"
        settings.write_text(SETTINGS)
        for nodes in SIZES:
            yield _review(nodes, settings)


def _review(nodes: int, settings: Path) -> Review:
    counts = {region: nodes // len(REGIONS) for region in REGIONS}
    aws = FakeAws(counts)
    regions = [word for region in REGIONS for word in ("--region", region)]
    with aws.served() as endpoint:
        cost = run(
            Program(
                [str(BIN / "oelab"), "status", "--settings", str(settings), *regions],
                {
                    "AWS_ENDPOINT_URL": endpoint,
                    "AWS_ACCESS_KEY_ID": "key",
                    "AWS_SECRET_ACCESS_KEY": "secret",
                },
            )
        )
    return Review(sum(counts.values()), sum(aws.calls.values()), cost.megabytes)
