"""What the guard refuses, and that nothing protected is at stake in this very tree."""

import json
import os
import subprocess
from dataclasses import replace

import pytest

from oelab.diff.compare import compare
from oelab.diff.guard import guard
from oelab.findings import Finding
from oelab.settings import LogSettings, RoleSettings, Settings, load
from oelab.template.assembly import Stack
from tests.diff.versions import (
    association,
    inventory,
    lab,
    override,
    prod,
    version,
    workloads,
)
from tests.synthesis import ROOT

TEST, PROD = Settings().workloads
SUBNET = "NetworkSubnet8D9C3287"
SUBNET_ASSOCIATION = "NetworkRouteTableAssociation05CFCD2C"
PROD_INSTANCES = {f"OELabStack2/{each}" for each in ("App1", "App2", "Web1", "Web2")}
LOGS = inventory(logs=LogSettings(create_bucket=True))


@pytest.fixture(scope="module")
def base() -> dict[str, Stack]:
    return version()


def found(base: dict[str, Stack], head: dict[str, Stack], *allowed: str) -> tuple[Finding, ...]:
    return guard(compare(base, head), base, allowed=allowed)


def subjects(findings: tuple[Finding, ...], rule: str = "Protected") -> set[object]:
    return {finding.subject for finding in findings if finding.rule == rule}


def refused(base: dict[str, Stack], settings: Settings, *allowed: str) -> set[object]:
    return subjects(found(base, version(settings), *allowed))


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        pytest.param(Settings(), set(), id="nothing"),
        pytest.param(prod(name="Live"), set(), id="tags"),
        pytest.param(prod(web_ingress_cidr="10.0.0.0/8"), set(), id="ingress"),
        pytest.param(association(interval_minutes=60), set(), id="interval"),
        pytest.param(association(name="Renamed"), set(), id="association"),
        pytest.param(LOGS, set(), id="bucket added"),
        pytest.param(workloads(PROD), set(), id="unprotected stack left behind"),
        pytest.param(workloads(TEST), {"OELabStack2"}, id="protected stack left behind"),
        pytest.param(prod(key_name="lab"), PROD_INSTANCES, id="instances replaced"),
        pytest.param(
            prod(instance_type_web="t3.small"),
            {"OELabStack2/Web1", "OELabStack2/Web2"},
            id="instances that may be replaced",
        ),
        pytest.param(prod(app_instances=1), {"OELabStack2/App2"}, id="instance deleted"),
        pytest.param(
            prod(availability_zone="us-east-1b"),
            PROD_INSTANCES | {f"OELabStack2/{SUBNET}", f"OELabStack2/{SUBNET_ASSOCIATION}"},
            id="network",
        ),
        pytest.param(
            lab(role=RoleSettings(name="Nodes")),
            {
                "OELabFoundation/ManagedInstancesRole6A00602B",
                "OELabFoundation/ManagedInstancesRoleInstanceProfile913BF133",
            },
            id="role and profile",
        ),
    ],
)
def test_protected_is_what_must_not_be_lost(
    base: dict[str, Stack], settings: Settings, expected: set[str]
) -> None:
    assert refused(base, settings) == expected


def test_turning_protection_off_does_not_let_the_same_change_replace(
    base: dict[str, Stack],
) -> None:
    assert refused(base, prod(protection=False, key_name="lab")) == PROD_INSTANCES


def test_an_unprotected_workload_may_be_replaced(base: dict[str, Stack]) -> None:
    settings = workloads(replace(TEST, key_name="lab"), PROD)
    assert refused(base, settings) == set()


def test_a_log_bucket_is_always_protected_unless_it_is_kept() -> None:
    logs = version(LOGS)
    assert found(logs, version()) == ()
    other_name = override("OELabInventory", "Logs", "Bucket", BucketName="another-bucket")
    assert subjects(found(logs, version(LOGS, other_name))) == {"OELabInventory/LogsBucket5C52C3D2"}


def own(**resources: dict[str, str]) -> dict[str, Stack]:
    return {"Own": Stack(name="Own", template={"Resources": resources})}


def test_a_role_is_protected_though_it_is_kept() -> None:
    role = {"Type": "AWS::IAM::Role", "DeletionPolicy": "Retain"}
    assert subjects(found(own(Role=role), own())) == {"Own/Role"}


def test_what_may_be_removed_is_refused() -> None:
    role = {"Type": "AWS::IAM::Role"}
    assert subjects(found(own(Role=role), own(Role=role | {"Condition": "Wanted"}))) == {"Own/Role"}


def test_settings_allow_single_resources_or_all_of_a_stack(base: dict[str, Stack]) -> None:
    settings = prod(key_name="lab")
    assert refused(base, settings, "OELabStack2/Web1") == PROD_INSTANCES - {"OELabStack2/Web1"}
    assert refused(base, settings, "OELabStack2") == set()


def test_what_is_allowed_and_does_not_happen_is_reported(base: dict[str, Stack]) -> None:
    allowed = ("OELabStack2/Web1", "OELabStack2/Web9", "OELabStack1")
    findings = found(base, version(prod(key_name="lab")), *allowed)
    unused = {"OELabStack1", "OELabStack2/Web9"}
    assert subjects(findings, "UnusedAllowance") == unused


def test_this_tree_replaces_nothing_protected() -> None:
    """Today's templates against the snapshots of the commit that this work starts from.

    `make snapshots` does not silence it: the commit decides, not the file.
    """
    head = version()
    base = {
        name: Stack(
            name=name,
            template=template,
            termination_protection=name in head and head[name].termination_protection,
        )
        for name, template in snapshots_of(start()).items()
    }
    findings = found(base, head, *load(ROOT / "oelab.toml").allow_replacement)
    assert subjects(findings) == set(), (
        "this would replace or delete what is protected; fix it, or name it in allow_replacement "
        "of oelab.toml (docs/reviewing-changes.md)"
    )


def start() -> str:
    """Where this work left the main line, and the last commit where there is no such line."""
    refs = [os.environ.get("OELAB_BASE", ""), "origin/main", "main"]
    for ref in filter(None, refs):
        found = git("merge-base", "HEAD", ref)
        if found:
            return found.strip()
    return "HEAD"


def snapshots_of(commit: str) -> dict[str, dict[str, object]]:
    folder = ROOT / "tests" / "snapshots"
    names = [path.name for path in folder.glob("*.template.json")]
    texts = {name: git("show", f"{commit}:./tests/snapshots/{name}") for name in names}
    return {
        name.removesuffix(".template.json"): json.loads(text or (folder / name).read_text())
        for name, text in texts.items()
    }


def git(*arguments: str) -> str:
    """What git prints; nothing where this is no checkout, or git does not know."""
    run = subprocess.run(
        ["git", *arguments],  # noqa: S607 - the git of the person who runs the tests
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return run.stdout if run.returncode == 0 else ""
