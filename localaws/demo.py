"""`python -m localaws.demo`: deploy the lab to a local AWS with the real CDK CLI, and show it."""

import argparse
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from localaws.cdk_cli import ROOT, CdkCli, CdkCliError
from localaws.environment import DEFAULT_ACCOUNT, DEFAULT_REGION, LOOPBACK
from localaws.server import LocalAws, LocalAwsError

FLEET_DATA_STACK = "OELabFleetData"
FLEET_DATA = ("-c", f"settings={Path(__file__).with_name('fleet_data.toml')}")
"""The settings that turn it on."""
_LOOKS, _LOOK_SECONDS = 300, 0.2


def main() -> int:
    options = _arguments()
    # SIGTERM must clean up as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with LocalAws() as aws:
            with CdkCli.on(aws) as cdk:
                _show_lab(aws, cdk)
                _show_fleet_data(aws, cdk)
                if options.keep:
                    # What is left is what oelab.toml says.
                    _say("cdk destroy OELabFleetData")
                    cdk.check("destroy", FLEET_DATA_STACK, "--force", "--app", str(cdk.out_dir))
            if options.keep:
                _keep(aws)
    except KeyboardInterrupt:
        _say("interrupted; everything that was started has been stopped")
        return 130
    except (CdkCliError, LocalAwsError, subprocess.CalledProcessError) as error:
        _say(f"failed, and stopped everything that was started: {error}")
        return 1
    if not options.keep:
        _say("stopped the local AWS; make demo KEEP=1 leaves it running")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m localaws.demo", description=__doc__)
    parser.add_argument("--keep", action="store_true", help="leave the local AWS running")
    return parser.parse_args()


def _show_lab(aws: LocalAws, cdk: CdkCli) -> None:
    _say(f"the local AWS is up at {aws.endpoint}")
    _say("cdk bootstrap")
    # Of a place that is named, for which the CLI need not synthesize the app.
    cdk.check("bootstrap", f"aws://{DEFAULT_ACCOUNT}/{DEFAULT_REGION}", "--app", "")
    _say("cdk deploy --all")
    # At the same time, as the CLI takes 5 seconds from one look at a stack to the next.
    options = ("--all", "--concurrency", "4", "--require-approval", "never")
    cdk.check("deploy", *options, on_line=_say_milestone)
    _say("oelab wait")
    _review(aws, "wait", "--every", "4")
    _show_instances(aws)
    for command in ("status", "associations"):
        _show(aws, command)


def _show_fleet_data(aws: LocalAws, cdk: CdkCli) -> None:
    """The same inventory in a bucket, and a question about it, answered in both ways."""
    _say(f"cdk deploy {FLEET_DATA_STACK}, with [fleet_data] enabled")
    options = ("--exclusively", "--require-approval", "never", *FLEET_DATA)
    cdk.check("deploy", FLEET_DATA_STACK, *options, on_line=_say_milestone)
    _say("waiting for the data sync")
    _wait_for_objects(aws)
    _show(aws, "sync", "status")
    with tempfile.TemporaryDirectory() as copy:
        question = ("query", "software_by_version", "--param", "package=openssl")
        _show(aws, *question, "--copy", copy)
    _show(aws, *question, "--athena")


def _wait_for_objects(aws: LocalAws) -> None:
    for _ in range(_LOOKS):
        syncs = aws.client("ssm").list_resource_data_sync()["ResourceDataSyncItems"]
        if all(sync["LastStatus"] == "Successful" for sync in syncs):
            return
        time.sleep(_LOOK_SECONDS)
    # The command itself says why.


def _show(aws: LocalAws, *command: str) -> None:
    print(f"\n$ oelab {shlex.join(command)}", flush=True)
    _review(aws, *command)


def _say_milestone(line: str) -> None:
    if line.startswith("✅"):
        _say(f"deployed {line.removeprefix('✅').strip()}")


def _review(aws: LocalAws, *command: str) -> None:
    """Run a command of the product, its output on ours."""
    subprocess.run(
        [sys.executable, "-m", "oelab", *command],
        cwd=ROOT,
        env=aws.subprocess_environment,
        check=True,
    )


def _show_instances(aws: LocalAws) -> None:
    pages = aws.client("ec2").get_paginator("describe_instances").paginate()
    instances = {
        _tags(instance)["Name"]: instance
        for page in pages
        for reservation in page["Reservations"]
        for instance in reservation["Instances"]
    }
    print("\nInstances")
    for name, instance in sorted(instances.items()):
        profile = instance["IamInstanceProfile"]["Arn"].rpartition("/")[2]
        print(f"  {name}  {instance['InstanceId']}  {instance['InstanceType']}  {profile}")
    _show_tags({name: _tags(instance) for name, instance in sorted(instances.items())})


def _show_tags(tags_by_name: dict[str, dict[str, str]]) -> None:
    """Those that all instances share, and a column for each of the others."""
    shared = set.intersection(*(set(tags.items()) for tags in tags_by_name.values()))
    print("\nTags that all instances have")
    _print_table(sorted(shared))
    different = {key for tags in tags_by_name.values() for key in dict(tags.items() - shared)}
    columns = [key for key in sorted(different) if not key.startswith("aws:") and key != "Name"]
    # The longest one last, so that it can go on in the next line.
    columns.sort(key=lambda key: max(len(tags.get(key, "")) for tags in tags_by_name.values()))
    print("\nTags in which they differ")
    rows = ((name, *(tags.get(key, "-") for key in columns)) for name, tags in tags_by_name.items())
    _print_table([("Name", *columns), *rows])


def _print_table(rows: Sequence[Sequence[str]]) -> None:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print(f"  {'  '.join(map(str.ljust, row, widths))}".rstrip())


def _tags(instance: dict[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in instance["Tags"]}


def _keep(aws: LocalAws) -> None:
    variables = {k: v for k, v in aws.environment.items() if k.upper() != "NO_PROXY"}
    exports = [f"export {name}={shlex.quote(value)}" for name, value in variables.items()]
    tools = shlex.quote(str(Path(sys.executable).parent))
    pid = aws.keep()
    print("\nThe local AWS keeps running. To talk to it, with the tools of this folder:")
    print("\n".join(exports))
    # In addition to what the shell that this is typed into has.
    print(f'export NO_PROXY="${{NO_PROXY:+$NO_PROXY,}}${{no_proxy:+$no_proxy,}}{LOOPBACK}"')
    print('export no_proxy="$NO_PROXY"')
    print(f'export PATH={tools}:"$PATH"')
    print("For example: oelab status")
    print(f"To stop it: kill {pid}")


def _say(message: str) -> None:
    print(f"demo: {message}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
