"""A large app is checked in a fraction of its synth."""

from pathlib import Path
from time import process_time

import aws_cdk as cdk

from oelab.checks import check
from oelab.constructs import (
    InventoryAssociation,
    InventoryLogs,
    InventoryTargets,
    ManagedInstance,
    ManagedInstancesRole,
    WorkloadNetwork,
)
from oelab.template.app import read_app
from oelab.template.assembly import stacks_in
from tests.synthesis import new_app

SECONDS = 0.15


def test_200_instances_and_10_associations(tmp_path: Path) -> None:
    app = new_app(outdir=str(tmp_path))
    env = cdk.Environment(account="111122223333", region="eu-central-1")
    stack = cdk.Stack(app, "S", env=env)
    network, role = WorkloadNetwork(stack, "Network"), ManagedInstancesRole(stack, "Nodes")
    logs = InventoryLogs(stack, "Logs", node_roles=[role])
    for number in range(200):
        ManagedInstance(
            stack,
            f"Node{number}",
            image_id="ami-0123456789abcdef0",
            instance_type="t3.micro",
            subnet=network.subnet,
            security_groups=[network.security_group],
            instance_profile=role,
            tags={"Environment": f"E{number % 10}"},
        )
    for number in range(10):
        targets = InventoryTargets.tag("Environment", f"E{number}")
        InventoryAssociation(stack, f"Inventory{number}", targets=targets, logs=logs)
    app.synth()
    # The fastest of a few, since other programs take their share of the caches.
    assert min(seconds_to_check(tmp_path) for _ in range(5)) <= SECONDS


def seconds_to_check(folder: Path) -> float:
    """The processor time that it takes to read and check an app that has no findings."""
    start = process_time()
    found = check(read_app(stacks_in(folder)))
    elapsed = process_time() - start
    assert found == []
    return elapsed
