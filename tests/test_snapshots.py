"""The templates of the lab's own settings, to the byte: a change of them is a change of AWS.

`make snapshots` takes today's templates as the expected ones; the diff of tests/snapshots is then
what reviewers read.
"""

from pathlib import Path

from oelab.template.assembly import Stack
from tests import kept

SNAPSHOTS = Path(__file__).parent / "snapshots"


def test_templates_are_those_that_are_kept(
    lab_stacks: dict[str, Stack], *, update_snapshots: bool
) -> None:
    files = [stack.template_file for stack in lab_stacks.values()]
    kept.compare(SNAPSHOTS, {f.name: f.read_bytes() for f in files}, update=update_snapshots)
