"""The tables themselves."""

import pytest

from tests.conformance.rows import FOLDER, crowded, kinds, table

TABLES = [(path.stem, kind) for path in sorted(FOLDER.glob("*.toml")) for kind in kinds(path.stem)]


@pytest.mark.parametrize(("name", "kind"), TABLES)
def test_rows_name_an_aws_page_and_are_few(name: str, kind: str) -> None:
    found = table(name, kind)
    assert all(row["source"].startswith("https://docs.aws.amazon.com/") for row in found)
    assert crowded(found) == []
