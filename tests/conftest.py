"""What the tests share: one synthesis of the lab for all that only look at it."""

import pytest
from hypothesis import settings as hypothesis_settings

from oelab.settings import Settings
from tests.synthesis import Template, synthesize

# Two shared cores are now and then slow, and no test is about time. The same examples in every run
# keep a red run about the change that it tests.
hypothesis_settings.register_profile("oelab", deadline=None, database=None, derandomize=True)
hypothesis_settings.load_profile("oelab")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-snapshots",
        action="store_true",
        help="take today's templates as the expected ones",
    )


@pytest.fixture(scope="session")
def lab() -> dict[str, Template]:
    """The templates of the lab's own settings, by the name of the stack."""
    return synthesize(Settings())
