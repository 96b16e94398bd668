"""`python -m localaws.demo`: deploy the lab to a local AWS with the real CDK CLI, and show it."""

import argparse
import shlex
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from localaws.cdk_cli import ROOT, CdkCli, CdkCliError
from localaws.environment import LOOPBACK
from localaws.server import LocalAws, LocalAwsError


def main() -> int:
    options = _arguments()
    # SIGTERM must clean up as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with LocalAws() as aws:
            _run(aws)
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


def _run(aws: LocalAws) -> None:
    _say(f"the local AWS is up at {aws.endpoint}")
    with CdkCli.on(aws) as cdk:
        _say("cdk bootstrap")
        cdk.check("bootstrap")
        _say("cdk deploy --all")
        cdk.check("deploy", "--all", "--require-approval", "never", on_line=_say_milestone)
    _say("oelab wait")
    _review(aws, "wait")
    _show_instances(aws)
    for command in ("status", "associations"):
        print(f"\n$ oelab {command}", flush=True)
        _review(aws, command)


def _say_milestone(line: str) -> None:
    if line.startswith("✅"):
        _say(f"deployed {line.removeprefix('✅').strip()}")


def _review(aws: LocalAws, command: str) -> None:
    """Run a command of the product, its output on ours."""
    subprocess.run(
        [sys.executable, "-m", "oelab", command],
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
