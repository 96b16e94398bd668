"""A sandbox account, the programs that are run on it, and what is left there."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3

ROOT = Path(__file__).resolve().parents[2]
STACKS = ("OELabInventory", "OELabStack1", "OELabFoundation")
ROLE, ASSOCIATION = "ManagedInstancesRole", "InventoryAllInstances"
DOCUMENT = "AWS-GatherSoftwareInventory"
LATEST = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
MINIMAL = "/aws/service/ami-amazon-linux-latest/al2023-ami-minimal-kernel-default-x86_64"
# In addition to the app's own: made and deleted by checks.
OWN_ASSOCIATION, QUICK_SETUP = "OELabVerify", "AWS-QuickSetup-SSM-CollectInventory-OELabVerify"

OWNER = "verify-account"
_SETTINGS = """
owner = "{owner}"
image = "{image}"
tags = {{ Confidentiality = "{confidentiality}" }}
[[workloads]]
name = "Test"
stack_name = "OELabStack1"
web_instances = 1
app_instances = 1
"""
SETTINGS = {
    "first": _SETTINGS.format(owner=OWNER, image=LATEST, confidentiality="Public"),
    "tagged": _SETTINGS.format(owner=OWNER, image=LATEST, confidentiality="Internal"),
    "replaced": _SETTINGS.format(owner=OWNER, image=MINIMAL, confidentiality="Internal"),
}
"""Those that are deployed, one after the other."""


class RefutedError(Exception):
    """The answer is "no", with the evidence."""


class UnansweredError(Exception):
    """The account did not answer the question, with the reason."""


@dataclass
class Account:
    """The account, and the programs that are run on it; `minutes` is how long to wait for each."""

    folder: Path
    minutes: float
    is_deployed: bool = False
    instance_ids: list[Mapping[str, str]] = field(default_factory=list)
    """The ids of the instances by name, after each deployment that asked for them."""

    @cached_property
    def session(self) -> Any:
        # Unlike the CDK CLI, boto3 does not look at AWS_REGION.
        return boto3.Session(region_name=os.environ.get("AWS_REGION"))

    @cached_property
    def id(self) -> str:
        return str(self.client("sts").get_caller_identity()["Account"])

    @property
    def region(self) -> str:
        return str(self.session.region_name)

    def client(self, service: str) -> Any:
        return self.session.client(service)

    def listed(self, service: str, operation: str, key: str, **request: Any) -> list[Any]:
        """All that a paged call lists."""
        pages = self.client(service).get_paginator(operation).paginate(**request)
        return [each for page in pages for each in page[key]]

    def settings(self, name: str) -> str:
        path = self.folder / f"{name}.toml"
        path.write_text(SETTINGS[name])
        return str(path)

    def run(self, *command: str) -> tuple[int, str, str]:
        print(f"$ {' '.join(command)}", file=sys.stderr, flush=True)
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=os.environ | {"PATH": path},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    def oelab(self, *arguments: str) -> tuple[int, Any]:
        """The exit code and the document of a command. Raises `RefutedError` if there is none."""
        code, out, err = self.run(sys.executable, "-m", "oelab", *arguments, "--json")
        try:
            return code, json.loads(out)
        except ValueError:
            raise RefutedError(f"oelab {arguments[0]} ended with {code}: {err.strip()}") from None

    def review(self, *arguments: str, settings: str = "first") -> Any:
        """The document of a review that finds nothing. Raises `RefutedError` otherwise."""
        code, document = self.oelab(*arguments, "--settings", self.settings(settings))
        expect(code == 0, f"oelab {' '.join(arguments)} ended with {code}", document)
        return document

    def cdk(self, *arguments: str, settings: str) -> str:
        """The output of the CDK CLI. Raises `RefutedError` where it fails."""
        context = ["-c", f"settings={self.settings(settings)}"]
        out_dir = ["--output", str(self.folder / f"cdk.out.{settings}")]
        cli = str(ROOT / "node_modules" / ".bin" / "cdk")
        code, out, err = self.run(cli, *arguments, *context, *out_dir, "--no-color")
        expect(code == 0, f"cdk {arguments[0]} ended with {code}: {(out + err)[-2000:]}")
        return out + err

    def deploy(self, settings: str) -> str:
        return self.cdk("deploy", "--all", "--require-approval", "never", settings=settings)

    def instances(self) -> list[Any]:
        """The instances of the workload that run."""
        request = {
            "tag:aws:cloudformation:stack-name": "OELabStack1",
            "instance-state-name": "running",
        }
        filters = [{"Name": name, "Values": [value]} for name, value in request.items()]
        found = self.listed("ec2", "describe_instances", "Reservations", Filters=filters)
        return [each for reservation in found for each in reservation["Instances"]]

    def ids_by_name(self) -> dict[str, str]:
        return {tags_of(each)["Name"]: each["InstanceId"] for each in self.instances()}

    def association_id(self) -> str:
        found = self.listed("ssm", "list_associations", "Associations")
        ids = [x["AssociationId"] for x in found if x.get("AssociationName") == ASSOCIATION]
        expect(len(ids) == 1, f"{len(ids)} associations are called {ASSOCIATION}")
        return str(ids[0])

    def associate(self, name: str, tag: str, value: str, schedule: str = "") -> str:
        """Create an inventory association."""
        given = {"ScheduleExpression": schedule} if schedule else {}
        answer = self.client("ssm").create_association(
            Name=DOCUMENT,
            AssociationName=name,
            Targets=[{"Key": f"tag:{tag}", "Values": [value]}],
            Parameters={"applications": ["Enabled"]},
            **given,
        )
        return str(answer["AssociationDescription"]["AssociationId"])

    def wait_until(self, probe: Callable[[], object], what: str) -> None:
        """Return once the probe is true. Raises `RefutedError` when the time is up."""
        deadline = time.monotonic() + 60 * self.minutes
        while not probe():
            expect(time.monotonic() < deadline, f"not within {self.minutes:g} minutes: {what}")
            time.sleep(min(15.0, 6 * self.minutes))


def expect(is_so: bool, evidence: str, document: object = None) -> None:
    """Raise `RefutedError` unless it is so."""
    if not is_so:
        seen = "" if document is None else f": {json.dumps(document)[:2000]}"
        raise RefutedError(f"{evidence}{seen}")


def tags_of(resource: Mapping[str, Any]) -> dict[str, str]:
    """Its tags, without those of CloudFormation."""
    listed = resource.get("Tags", ())
    return {x["Key"]: x["Value"] for x in listed if not x["Key"].startswith("aws:")}


def left_behind(aws: Account) -> Iterator[tuple[str, str]]:
    """What of this is in the account, and how to remove it; in the order in which to do it.

    As long as stacks are there, what they have goes with them, and is not named.
    """
    ids = {
        each.get("AssociationName"): each["AssociationId"]
        for each in aws.listed("ssm", "list_associations", "Associations")
    }
    delete = "aws ssm delete-association --association-id"
    for name in (OWN_ASSOCIATION, QUICK_SETUP):
        if name in ids:
            yield f"association {name}", f"{delete} {ids[name]}"
    found = aws.listed("cloudformation", "describe_stacks", "Stacks")
    there = {each["StackName"] for each in found}
    if stacks := [name for name in STACKS if name in there]:
        for name in stacks:
            yield f"stack {name}", f"aws cloudformation delete-stack --stack-name {name}"
        return
    if ASSOCIATION in ids:
        yield f"association {ASSOCIATION}", f"{delete} {ids[ASSOCIATION]}"
    for each in aws.instances():
        id_ = each["InstanceId"]
        yield f"instance {id_}", f"aws ec2 terminate-instances --instance-ids {id_}"
    filters = [{"Name": "tag:Owner", "Values": [OWNER]}]
    for each in aws.listed("ec2", "describe_vpcs", "Vpcs", Filters=filters):
        yield f"network {each['VpcId']}", f"aws ec2 delete-vpc --vpc-id {each['VpcId']}"
    if any(each["RoleName"] == ROLE for each in aws.listed("iam", "list_roles", "Roles")):
        # IAM deletes it once it has no policies and is in no instance profile.
        yield f"role {ROLE}", f"aws iam delete-role --role-name {ROLE}"
