"""Every command, whatever there is and whatever of it can be read: the exit codes of the page."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.command_line.account import OF_WINDOWS, Account, Machine, machines, refusal, used
from tests.command_line.conftest import Cli
from tests.command_line.promises import PROMISES

SETTINGS = """
[image_pins]
us-east-1 = "ami-0123456789abcdef0"
[[workloads]]
name = "Test"
stack_name = "OELabStack1"
web_instances = 1
app_instances = 0
[[workloads]]
name = "Prod"
stack_name = "OELabStack2"
web_instances = 1
app_instances = 0
"""
# It has a documented default, so that nothing rests on it.
_NOT_NEEDED = {"GetServiceQuota"}


def nothing() -> Account:
    return Account(is_associated=False)


def part() -> Account:
    """One instance is well; the other one runs, and its agent has never registered."""
    account = Account([*machines(1), *machines(1, "Prod")])
    account.machines[0].is_managed = False
    account.machines[0].outcome = ""
    return account


def everything() -> Account:
    return Account([*machines(1), *machines(1, "Prod")])


EXISTS = {"nothing": nothing, "part": part, "all": everything}


@pytest.fixture(autouse=True)
def _settings() -> None:
    Path("oelab.toml").write_text(SETTINGS)


@pytest.mark.parametrize("command", PROMISES)
@pytest.mark.parametrize("exists", EXISTS)
def test_the_exit_code_is_the_one_that_the_page_promises(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, exists: str, command: str
) -> None:
    arguments = PROMISES[command].arguments
    expected = PROMISES[command].codes[[*EXISTS].index(exists)]
    with used(EXISTS[exists](), monkeypatch) as account:
        result = cli(*arguments)
    assert result.exit_code == expected, result.output
    # Nothing can be read.
    with used(EXISTS[exists](), monkeypatch) as denied:
        denied.answer = _deny()  # type: ignore[method-assign]
        assert cli(*arguments).exit_code == 3
    # All but one call can be read.
    for operation in sorted({*account.calls} - _NOT_NEEDED):
        with used(EXISTS[exists](), monkeypatch) as denied:
            denied.answers[operation] = refusal("AccessDeniedException")
            result = cli(*arguments)
        assert result.exit_code == 3, (operation, result.output)
        assert f":{operation}" in result.stderr
        assert "Traceback" not in result.output


def _deny() -> Callable[..., dict[str, object]]:
    def deny(*_: object) -> dict[str, object]:
        raise refusal("AccessDeniedException")

    return deny


# ---------------------------------------------------------------------------------------------
# Fleets that are well
# ---------------------------------------------------------------------------------------------


def linux() -> Account:
    return everything()


def windows() -> Account:
    return Account([*machines(1, platform="Windows"), *machines(1, "Prod", platform="Windows")])


def hybrid() -> Account:
    """Machines outside of EC2, with tags and without, next to the instances."""
    account = everything()
    account.machines += [
        Machine(id="mi-0123456789abcdef0", name="Rack", workload=""),
        Machine(id="mi-0123456789abcdef1", platform="Windows", workload=""),
        Machine(id="mi-0123456789abcdef2", workload="", is_targeted=False, missing=OF_WINDOWS),
    ]
    return account


def resource_group() -> Account:
    """All that is expected is in one group, an instance of no workload too."""
    account = everything()
    account.machines += machines(1, "Other")
    account.machines.append(Machine(id="mi-0123456789abcdef0", name="Rack", workload=""))
    for each in account.machines:
        each.is_targeted = False
    account.groups = {"Fleet": [each.id for each in account.machines]}
    account.targets = [{"Key": "resource-groups:Name", "Values": ["Fleet"]}]
    group = '[[inventory.associations]]\ntargets.resource_group = "Fleet"\n'
    Path("oelab.toml").write_text(SETTINGS + group)
    return account


def every_node() -> Account:
    account = hybrid()
    account.machines[-1].missing = ()
    account.targets = [{"Key": "InstanceIds", "Values": ["*"]}]
    every = "[[inventory.associations]]\ntargets.all_nodes = true\n"
    Path("oelab.toml").write_text(SETTINGS + every)
    return account


TYPES = ("AWS:Service", "AWS:WindowsUpdate", "AWS:File", "AWS:AWSComponent", "Custom:Rack")


@pytest.mark.parametrize("fleet", [linux, windows, hybrid, resource_group, every_node])
def test_a_fleet_that_is_well_is_well_for_every_command(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, fleet: Callable[[], Account]
) -> None:
    commands = [each.arguments for each in PROMISES.values()]
    searches = [("inventory", "--type", each) for each in TYPES]
    with used(fleet(), monkeypatch):
        for command in (*commands, *searches, ("associations", "--all")):
            result = cli(*command, "--json")
            assert result.exit_code == 0, (command, result.output)
            found = json.loads(result.stdout)["findings"]
            assert all(each["severity"] == "note" for each in found), (command, found)
