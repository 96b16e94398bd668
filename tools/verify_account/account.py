"""A sandbox account, the programs that are run on it, and what is left there."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

ROOT = Path(__file__).resolve().parents[2]
DATA_STACK = "OELabFleetData"
STACKS = (DATA_STACK, "OELabInventory", "OELabStack1", "OELabFoundation")
ROLE, ASSOCIATION = "ManagedInstancesRole", "InventoryAllInstances"
DOCUMENT = "AWS-GatherSoftwareInventory"
LATEST = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
MINIMAL = "/aws/service/ami-amazon-linux-latest/al2023-ami-minimal-kernel-default-x86_64"
# In addition to the app's own: a stack, a data sync and associations that checks make and delete.
OWN, QUICK_SETUP = "OELabVerify", "AWS-QuickSetup-SSM-CollectInventory-OELabVerify"

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
[fleet_data]
enabled = true
"""
_REPLACED = _SETTINGS.format(owner=OWNER, image=MINIMAL, confidentiality="Internal")
SETTINGS = {
    "first": _SETTINGS.format(owner=OWNER, image=LATEST, confidentiality="Public"),
    "tagged": _SETTINGS.format(owner=OWNER, image=LATEST, confidentiality="Internal"),
    "replaced": _REPLACED,
    "attaching": f"{_REPLACED}[existing_instances]\nattach_profile = true\n",
}
"""Those that are deployed, one after the other; `organized` is like `replaced`, for all
accounts of the organization."""


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
    _clients: dict[str, Any] = field(default_factory=dict)

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

    @cached_property
    def organization_id(self) -> str:
        """Raises `UnansweredError` where the account is in none."""
        try:
            answer = self.client("organizations").describe_organization()
        except ClientError as error:
            if error.response["Error"]["Code"] != "AWSOrganizationsNotInUseException":
                raise
            raise UnansweredError(
                "the account is in no organization; run this in a member account of one"
            ) from None
        return str(answer["Organization"]["Id"])

    @property
    def pause(self) -> int:
        """Seconds from one look to the next."""
        return max(1, min(15, int(self.minutes)))

    def client(self, service: str) -> Any:
        # One for each service, as making it takes longer than to ask the local AWS.
        if service not in self._clients:
            self._clients[service] = self.session.client(service)
        return self._clients[service]

    def listed(self, service: str, operation: str, key: str, **request: Any) -> list[Any]:
        """All that a paged call lists."""
        pages = self.client(service).get_paginator(operation).paginate(**request)
        return [each for page in pages for each in page[key]]

    def settings(self, name: str) -> str:
        path = self.folder / f"{name}.toml"
        if name == "organized":
            # The last table of the settings is the one that this belongs to.
            path.write_text(f'{_REPLACED}organization_id = "{self.organization_id}"\n')
        else:
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
        """The document of a command that finds nothing. Raises `RefutedError` otherwise."""
        code, document = self.oelab(*arguments, "--settings", self.settings(settings))
        expect(code == 0, f"oelab {' '.join(arguments)} ended with {code}", document)
        return document

    def wait_for_nodes(self, settings: str) -> None:
        """Return once all expected nodes are managed and inventoried."""
        seconds = str(int(60 * self.minutes))
        self.review("wait", "--timeout", seconds, "--every", str(self.pause), settings=settings)

    def cdk(self, *arguments: str, settings: str) -> str:
        """The output of the CDK CLI, which synthesizes the settings where that has not been done.

        Raises `RefutedError` where it fails.
        """
        folder = self.folder / f"cdk.out.{settings}"
        if (folder / "manifest.json").is_file():
            app = ["--app", str(folder)]
        else:
            app = ["--output", str(folder), "-c", f"settings={self.settings(settings)}"]
        cli = str(ROOT / "node_modules" / ".bin" / "cdk")
        code, out, err = self.run(cli, *arguments, *app, "--no-color")
        expect(code == 0, f"cdk {arguments[0]} ended with {code}: {(out + err)[-2000:]}")
        return out + err

    def deploy(self, settings: str) -> str:
        """Deploy all stacks, and return what the CDK CLI prints."""
        # At the same time, as the CLI takes 5 seconds from one look at a stack to the next.
        options = ("--all", "--concurrency", "4", "--require-approval", "never")
        return self.cdk("deploy", *options, settings=settings)

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

    def association_id(self, name: str = ASSOCIATION) -> str:
        found = self.listed("ssm", "list_associations", "Associations")
        ids = [x["AssociationId"] for x in found if x.get("AssociationName") == name]
        expect(len(ids) == 1, f"{len(ids)} associations are called {name}")
        return str(ids[0])

    def outputs(self, stack: str) -> dict[str, str]:
        """The outputs of a stack by their names."""
        (found,) = self.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
        return {each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", ())}

    def policy(self, arn: str) -> Any:
        """The document of a managed policy."""
        iam = self.client("iam")
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        found = iam.get_policy_version(PolicyArn=arn, VersionId=version)
        return found["PolicyVersion"]["Document"]

    def data_buckets(self) -> list[str]:
        """The buckets that are named as those of the fleet's data."""
        names = [each["Name"] for each in self.client("s3").list_buckets()["Buckets"]]
        return [name for name in names if name.startswith(f"{DATA_STACK.lower()}-")]

    def data_buckets_of_stack(self) -> list[str]:
        """Those that the stack defines, which is none where the stack is not there."""
        stacks = self.listed("cloudformation", "describe_stacks", "Stacks")
        if DATA_STACK not in {each["StackName"] for each in stacks}:
            return []
        request = {"StackName": DATA_STACK}
        key = "StackResourceSummaries"
        found = self.listed("cloudformation", "list_stack_resources", key, **request)
        ids = (x["PhysicalResourceId"] for x in found if x["ResourceType"] == "AWS::S3::Bucket")
        return [*ids]

    def delete_bucket(self, name: str) -> int:
        """Delete a bucket with all versions of its objects, and return how many there were."""
        bucket = self.session.resource("s3").Bucket(name)
        deleted = bucket.object_versions.delete()
        bucket.delete()
        return sum(len(each.get("Deleted", ())) for each in deleted)

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
            time.sleep(self.pause)


def expect(is_so: bool, evidence: str, document: object = None) -> None:
    """Raise `RefutedError` unless it is so."""
    if not is_so:
        seen = "" if document is None else f": {json.dumps(document)[:2000]}"
        raise RefutedError(f"{evidence}{seen}")


def tags_of(resource: Mapping[str, Any]) -> dict[str, str]:
    """Its tags, without those of CloudFormation."""
    listed = resource.get("Tags", ())
    return {x["Key"]: x["Value"] for x in listed if not x["Key"].startswith("aws:")}
