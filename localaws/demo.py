"""`python -m localaws.demo`: deploy the lab to a local AWS with the real CDK CLI, and show it."""

import argparse
import signal
import sys
import time
from collections.abc import Sequence
from typing import Any

from localaws.cdk_cli import ROOT, CdkCli, CdkCliError
from localaws.server import LocalAws, LocalAwsError
from oelab.settings import Settings, load

WAIT_SECONDS = 120
POLL_SECONDS = 0.5


class DemoError(RuntimeError):
    """The demo cannot go on."""


def main() -> int:
    options = _arguments()
    # A polite kill must clean up like Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with LocalAws() as aws:
            _run(aws, load(ROOT / "oelab.toml"))
            if options.keep:
                _keep(aws)
    except KeyboardInterrupt:
        _say("interrupted; everything that was started has been stopped")
        return 130
    except (CdkCliError, DemoError, LocalAwsError) as error:
        _say(f"failed, and stopped everything that was started: {error}")
        return 1
    if not options.keep:
        _say("stopped the local AWS; make demo KEEP=1 leaves it running")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m localaws.demo", description=__doc__)
    parser.add_argument("--keep", action="store_true", help="leave the local AWS running")
    return parser.parse_args()


def _run(aws: LocalAws, settings: Settings) -> None:
    _say(f"the local AWS is up at {aws.endpoint}")
    with CdkCli.on(aws) as cdk:
        _say("cdk bootstrap")
        cdk.check("bootstrap")
        _say("cdk deploy --all")
        cdk.check("deploy", "--all", "--require-approval", "never", on_line=_say_milestone)
    expected = sum(each.web_instances + each.app_instances for each in settings.workloads)
    _wait_for_inventory(aws, expected)
    _show(aws)


def _say_milestone(line: str) -> None:
    if line.startswith("✅"):
        _say(f"deployed {line.removeprefix('✅').strip()}")


def _wait_for_inventory(aws: LocalAws, expected: int) -> None:
    ssm = aws.client("ssm")
    deadline = time.monotonic() + WAIT_SECONDS
    said = ""
    while True:
        managed = len(ssm.describe_instance_information()["InstanceInformationList"])
        inventoried = len(_applications(ssm))
        progress = f"{managed} of {expected} nodes managed, {inventoried} inventoried"
        if progress != said:
            _say(said := progress)
        if inventoried >= expected:
            return
        if time.monotonic() > deadline:
            raise DemoError(f"after {WAIT_SECONDS} seconds only {progress}")
        time.sleep(POLL_SECONDS)


def _applications(ssm: Any) -> dict[str, int]:
    """How many packages the inventory of each node lists."""
    pages = ssm.get_paginator("get_inventory").paginate(
        ResultAttributes=[{"TypeName": "AWS:Application"}]
    )
    return {
        entity["Id"]: len(entity["Data"]["AWS:Application"]["Content"])
        for page in pages
        for entity in page["Entities"]
        if "AWS:Application" in entity["Data"]
    }


def _show(aws: LocalAws) -> None:
    ssm, ec2 = aws.client("ssm"), aws.client("ec2")
    packages = _applications(ssm)
    nodes = {
        node["InstanceId"]: node["PingStatus"]
        for node in ssm.describe_instance_information()["InstanceInformationList"]
    }
    instances = [
        instance
        for page in ec2.get_paginator("describe_instances").paginate()
        for reservation in page["Reservations"]
        for instance in reservation["Instances"]
    ]
    by_name = {_tags(instance)["Name"]: instance for instance in instances}
    print("\nInstances")
    _print_rows(
        ("name", "instance", "type", "profile", "node", "packages"),
        [
            (
                name,
                instance["InstanceId"],
                instance["InstanceType"],
                instance["IamInstanceProfile"]["Arn"].rpartition("/")[2],
                nodes.get(instance["InstanceId"], "not managed"),
                str(packages.get(instance["InstanceId"], 0)),
            )
            for name, instance in sorted(by_name.items())
        ],
    )
    _show_tags({name: _tags(instance) for name, instance in sorted(by_name.items())})
    print("\nAssociations")
    for listed in ssm.list_associations()["Associations"]:
        _show_association(ssm, listed["AssociationId"])


def _show_tags(tags_by_name: dict[str, dict[str, str]]) -> None:
    shared = set.intersection(*(set(tags.items()) for tags in tags_by_name.values()))
    print("\nTags")
    print("  all: " + ", ".join(f"{key}={value}" for key, value in sorted(shared)))
    for name, tags in tags_by_name.items():
        print(f"  {name}")
        for key, value in sorted(set(tags.items()) - shared):
            if not key.startswith("aws:") and key != "Name":
                print(f"    {key}={value}")


def _show_association(ssm: Any, association_id: str) -> None:
    association = ssm.describe_association(AssociationId=association_id)["AssociationDescription"]
    runs = ssm.describe_association_executions(AssociationId=association_id)
    targets = " and ".join(
        f"{target['Key']}={'|'.join(target['Values'])}" for target in association["Targets"]
    )
    print(f"  {association['AssociationName']} ({association_id})")
    print(f"    document  {association['Name']}, {association['ScheduleExpression']}")
    print(f"    targets   {targets}")
    for run in runs["AssociationExecutions"][:1]:
        print(f"    last run  {run['Status']}, nodes by outcome: {run['ResourceCountByStatus']}")


def _tags(instance: dict[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in instance["Tags"]}


def _print_rows(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    widths = [max(map(len, column)) for column in zip(heading, *rows, strict=True)]
    for row in (heading, *rows):
        print("  " + "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip())


def _keep(aws: LocalAws) -> None:
    exports = "\n".join(f"export {name}={value}" for name, value in aws.environment.items())
    pid = aws.keep()
    print(f"\nThe local AWS keeps running. To talk to it:\n{exports}\nTo stop it: kill {pid}")


def _say(message: str) -> None:
    print(f"demo: {message}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
