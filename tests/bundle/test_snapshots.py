"""The files of the bundle, to the byte; the checksums of the manifest follow from the others."""

from oelab.bundle.writing import MANIFEST
from tests import kept
from tests.bundle.conftest import Bundle
from tests.test_snapshots import SNAPSHOTS


def test_the_bundle_is_the_one_that_is_kept(bundle: Bundle, *, update_snapshots: bool) -> None:
    today = {path.name: path.read_bytes() for path in bundle.directory.iterdir()}
    lines = today[MANIFEST].splitlines(keepends=True)
    today[MANIFEST] = b"".join(line for line in lines if b'"sha256"' not in line)
    kept.compare(SNAPSHOTS / "bundle", today, update=update_snapshots)
