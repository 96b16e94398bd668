"""The pages for people: what they name exists."""

import ast
import os
import re
import shlex
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import botocore.session
import pytest
from botocore import xform_name

from oelab import constructs
from oelab.findings import rules_of
from oelab.settings import load
from tests.help_pages import help_of_oelab
from tests.synthesis import ROOT

PAGES = {
    path.relative_to(ROOT).as_posix(): path.read_text()
    for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), ROOT / "localaws" / "README.md")
}

# A file of the reader's, a branch, and an object that Systems Manager writes to a bucket.
NOT_OF_THE_REPOSITORY = {"mine.toml", "origin/main", "test.json"}
IGNORED = {line.strip("/") for line in (ROOT / ".gitignore").read_text().splitlines()}

MAKEFILE = (ROOT / "Makefile").read_text()

# Commands of the AWS CLI that are no operation of the API.
OF_THE_AWS_CLI = {("cloudformation", "deploy"), ("cloudformation", "wait")}
OPTIONS_OF_THE_AWS_CLI = {"--profile", "--region", "--query", "--output"}


def test_the_readme_is_short() -> None:
    assert len(PAGES["README.md"].splitlines()) <= 220


def without_code(page: str) -> str:
    return re.sub(r"^```.*?^```", "", page, flags=re.MULTILINE | re.DOTALL)


def anchors_of(page: str) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", without_code(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", PAGES)
def test_every_link_leads_somewhere(name: str) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", without_code(PAGES[name]))
    wrong = [link for link in links if not link.startswith("https://") and not leads(name, link)]
    assert not wrong


def leads(name: str, link: str) -> bool:
    target, _, anchor = link.partition("#")
    path = ((ROOT / name).parent / target).resolve() if target else ROOT / name
    if not path.exists() or not path.is_relative_to(ROOT):
        return False
    return not anchor or anchor in anchors_of(path.read_text())


@cache
def paths() -> frozenset[str]:
    """Every file and folder of the repository; modules also without their suffix."""
    found = set()
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [each for each in folders if each not in IGNORED and each != ".git"]
        here = Path(folder).relative_to(ROOT)
        found |= {(here / each).as_posix() for each in (*folders, *files)}
    return frozenset(found | {each.removesuffix(".py") for each in found})


def looks_like_a_path(word: str) -> bool:
    """Whether it is written like a file or folder here; placeholders are in capitals."""
    if re.fullmatch(r"[\w.*-]+\.(json|md|py|sql|svg|toml|txt|yaml)", word):
        return True
    return bool(re.fullmatch(r"[a-z._][a-z0-9_.*-]*(/[a-z0-9_.*-]+)*/?", word) and "/" in word)


def exists(word: str) -> bool:
    """Whether the path, or the last part of one, is in the repository or an output of a command."""
    path = word.rstrip("/").removeprefix("./")
    if path in NOT_OF_THE_REPOSITORY or path.partition("/")[0] in IGNORED:
        return True
    # A schema of a JSON document, such as oelab.status/1.
    if re.search(r"/\d+$", path):
        return True
    return any(fnmatch(each, path) or fnmatch(each, f"*/{path}") for each in paths())


def spans_of(page: str) -> list[str]:
    """The code within sentences and tables."""
    return [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", without_code(page))]


@pytest.mark.parametrize("name", PAGES)
def test_every_path_exists(name: str) -> None:
    words = [word for span in spans_of(PAGES[name]) for word in span.split()]
    words += [word for command in typed_in(PAGES[name]) for word in command]
    assert not sorted({word for word in words if looks_like_a_path(word) and not exists(word)})


def typed_in(page: str) -> Iterator[list[str]]:
    """The words of the commands that a page says to type: in its consoles, and within sentences."""
    consoles = re.findall(r"^```console\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    for line in re.findall(r"^\$ (.+)$", "\n".join(consoles).replace("\\\n", ""), re.MULTILINE):
        yield shlex.split(line, comments=True)
    for span in spans_of(page):
        program, _, rest = span.partition(" ")
        if rest and program_of([program]) in CHECKS:
            yield shlex.split(span)


@pytest.mark.parametrize("name", PAGES)
def test_every_command_exists(name: str) -> None:
    wrong = []
    for command in typed_in(PAGES[name]):
        check = CHECKS.get(program_of(command))
        if check and not check(command[1:]):
            wrong.append(shlex.join(command))
    assert not wrong


def program_of(words: list[str]) -> str:
    return Path(words[0]).name.removesuffix("3")


def is_of_make(words: list[str]) -> bool:
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
    variables = set(re.findall(r"\$\(([A-Z]+)\)", MAKEFILE))
    return all(word in targets or word.partition("=")[0] in variables for word in words)


def is_of_oelab(words: list[str]) -> bool:
    if words and (ROOT / "oelab" / words[0] / "__main__.py").exists():
        return True
    pages = help_of_oelab()
    command = max(
        (" ".join(words[:end]) for end in range(3) if " ".join(words[:end]) in pages), key=len
    )
    after = words[len(command.split()) :]
    is_group = "\nCommands:\n" in pages[command]
    options = {word.partition("=")[0] for word in after if word.startswith("-")}
    known = set(re.findall(r"(?<![\w-])--?[a-z][\w-]*", pages[command]))
    return options <= known and not (is_group and after and not options)


def is_of_python(words: list[str]) -> bool:
    if "-m" in words:
        return find_spec(words[words.index("-m") + 1]) is not None
    return True


@cache
def words_of_the_cdk() -> frozenset[str]:
    """The commands and options of the installed CDK CLI, as its source defines them."""
    source = (ROOT / "node_modules" / "aws-cdk" / "lib" / "index.js").read_text()
    options = re.findall(r'\.option\(\s*"([a-z-]+)"', source)
    commands = re.findall(r'\.command\(\s*\[?\s*"([a-z-]+)', source)
    return frozenset([*commands, *(f"--{option}" for option in options)])


def is_of_the_cdk(words: list[str]) -> bool:
    options = {word.partition("=")[0] for word in words if word.startswith("--")}
    return {words[0], *(option.replace("--no-", "--") for option in options)} <= words_of_the_cdk()


def is_of_npx(words: list[str]) -> bool:
    return words[:2] == ["--no-install", "cdk"] and is_of_the_cdk(words[2:])


def is_of_aws(words: list[str]) -> bool:
    service, operation, *after = words
    if (service, operation) in OF_THE_AWS_CLI:
        return True
    model = botocore.session.get_session().get_service_model(service.removesuffix("api"))
    name = {xform_name(each, "-"): each for each in model.operation_names}.get(operation)
    if name is None:
        return False
    shape = model.operation_model(name).input_shape
    members = shape.members if shape else {}
    allowed = {f"--{xform_name(each, '-')}" for each in members} | OPTIONS_OF_THE_AWS_CLI
    used = {word.replace("--no-", "--") for word in after if word.startswith("--")}
    return used <= allowed


CHECKS = {
    "aws": is_of_aws,
    "cdk": is_of_the_cdk,
    "make": is_of_make,
    "npx": is_of_npx,
    "oelab": is_of_oelab,
    "python": is_of_python,
}


def test_every_construct_and_its_findings_are_explained() -> None:
    words = {*spans_of(PAGES["docs/constructs.md"])}
    assert words >= {*constructs.__all__}
    assert words >= rules_of("oelab.checks").keys()


def test_every_package_is_explained() -> None:
    packages = {f"oelab/{file.parent.name}" for file in (ROOT / "oelab").glob("*/__init__.py")}
    assert packages <= {*spans_of(PAGES["docs/architecture.md"])}


def blocks_of(language: str) -> list[str]:
    fence = rf"^```{language}\n(.*?)^```"
    return [
        block
        for page in PAGES.values()
        for block in re.findall(fence, page, re.MULTILINE | re.DOTALL)
    ]


@pytest.mark.parametrize("block", blocks_of("python"))
def test_what_code_imports_exists(block: str) -> None:
    for statement in ast.walk(ast.parse(block)):
        if isinstance(statement, ast.ImportFrom):
            module = import_module(statement.module or "")
            assert all(hasattr(module, each.name) for each in statement.names)


@pytest.mark.parametrize("block", blocks_of("toml"))
def test_settings_are_valid(block: str, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(block)
    load(tmp_path / "mine.toml")
