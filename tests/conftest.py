"""What the tests share: one synthesis of the lab for all that only look at it."""

import pytest

from oelab.settings import Settings
from oelab.template.assembly import Stack
from tests.synthesis import Template, app_of, stacks_of


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-snapshots",
        action="store_true",
        help="take today's templates as the expected ones",
    )


@pytest.fixture
def update_snapshots(request: pytest.FixtureRequest) -> bool:
    """Whether today's templates are to become the expected ones."""
    return bool(request.config.getoption("--update-snapshots"))


@pytest.fixture(scope="session")
def lab_stacks() -> dict[str, Stack]:
    """The stacks of the lab's own settings, by name."""
    return {stack.name: stack for stack in stacks_of(app_of(Settings()))}


@pytest.fixture(scope="session")
def lab(lab_stacks: dict[str, Stack]) -> dict[str, Template]:
    """Their templates."""
    return {name: dict(stack.template) for name, stack in lab_stacks.items()}
