"""What the tests share: one synthesis of the lab, and one wheel, for all that only look at them."""

import functools
import gc
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main
import typer.testing

from oelab.settings import Settings
from oelab.template.assembly import Stack
from tests.installed import Installation, build_wheel, install
from tests.synthesis import ROOT, Template, app_of, stacks_of


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-snapshots",
        action="store_true",
        help="take today's templates as the expected ones",
    )


@pytest.fixture(scope="session", autouse=True)
def _commands_built_once() -> Iterator[None]:
    """Typer's runner would build all commands again for each run of one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("typer.testing._get_command", functools.cache(typer.main.get_command))
        yield


def pytest_collection_finish() -> None:
    """Collected tests live until the end, so the garbage collector need not look at them."""
    gc.freeze()


def pytest_sessionfinish() -> None:
    """Otherwise libraries in machine code report what is frozen as leaked."""
    gc.unfreeze()


def pytest_xdist_auto_num_workers() -> int:
    """One worker more than cores, as tests wait for programs; each takes 200 MB."""
    return min(4, (os.cpu_count() or 1) + 1)


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


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    return build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def review_only(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """What `pip install oelab` gives."""
    return install(wheel, tmp_path_factory.mktemp("review"))


@pytest.fixture(scope="session")
def with_cdk(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """What `pip install 'oelab[cdk]'` gives."""
    return install(wheel, tmp_path_factory.mktemp("cdk"), extra="cdk")


@pytest.fixture(scope="session")
def example(with_cdk: Installation) -> dict[str, Template]:
    """The templates of the example app by the name of the stack, made with the installed wheel."""
    node = str(Path(sys.executable).with_name("node").resolve())
    run = with_cdk.run(
        "python",
        str(ROOT / "examples" / "backoffice.py"),
        JSII_NODE=node,
        CDK_OUTDIR="cdk.out",
        # As in other tests: unpacking the CDK takes longer than to run the app.
        JSII_RUNTIME_PACKAGE_CACHE_ROOT=str(
            Path.home() / ".cache" / "aws" / "jsii" / "package-cache"
        ),
    )
    assert run.returncode == 0, run.stderr
    return {
        path.name.removesuffix(".template.json"): json.loads(path.read_text())
        for path in (with_cdk.folder / "cdk.out").glob("*.template.json")
    }
