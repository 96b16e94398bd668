"""The files of the bundle, to the byte."""

from tests import kept
from tests.bundle.conftest import Bundle
from tests.test_snapshots import SNAPSHOTS


def test_the_bundle_is_the_one_that_is_kept(bundle: Bundle, *, update_snapshots: bool) -> None:
    today = {path.name: path.read_bytes() for path in bundle.directory.iterdir()}
    kept.compare(SNAPSHOTS / "bundle", today, update=update_snapshots)
