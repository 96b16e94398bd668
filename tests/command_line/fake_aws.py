"""A served AWS that pages and throttles as documented, counts calls, and fails when told to.

It knows no state but a number of nodes, all of them well. What a page may hold is enforced, so a
reader that asks for more, or for less than it could have, shows.
"""

import functools
import json
import re
import threading
import time
import urllib.parse
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

Answer = tuple[int, bytes]
Request = dict[str, Any]
# Called before each answer with Region, operation and how often that was called there, from 1 on.
Fault = Callable[[str, str, int], Answer | None]
HANG_UP: Answer = (0, b"")
# What is answered without a request id, as by something else than AWS.
HOTSPOT = b"<html><body>Welcome to the <b>hotspot</b></body></html>"

_CREDENTIAL = re.compile(r"Credential=([^/]+)/\d+/([^/]+)/")
ACCOUNT = "111122223333"
# Where calls are counted that are made once for all Regions.
GLOBAL = "global"
ASSOCIATION = "11111111-2222-3333-4444-555555555555"
TYPES = ("AWS:Application", "AWS:Network", "AWS:InstanceDetailedInformation")

INVENTORY = {
    "AssociationId": ASSOCIATION,
    "AssociationName": "InventoryAllInstances",
    "Name": "AWS-GatherSoftwareInventory",
    "Targets": [{"Key": "tag:Environment", "Values": ["OELabIPM"]}],
    "ScheduleExpression": "rate(30 minutes)",
}


def use(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let commands talk to this endpoint, with credentials that nobody checks."""
    for name, value in environment_of(endpoint).items():
        monkeypatch.setenv(name, value)


def environment_of(endpoint: str) -> dict[str, str]:
    """The variables with which commands talk to this endpoint."""
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "us-east-1",
    }


def settings_for(nodes: int) -> None:
    """Settings, in this folder, that expect so many of the nodes of one Region."""
    Path("oelab.toml").write_text(
        '[[workloads]]\nname = "Test"\nstack_name = "OELabStack1"\n'
        f"web_instances = {nodes}\napp_instances = 0\n"
    )


def error(code: str, message: str = "no", status: int = 400) -> Answer:
    """An error in the JSON protocol."""
    return status, json.dumps({"__type": code, "message": message}).encode()


@functools.cache
def _ids(region: str, count: int) -> list[str]:
    prefix = abs(hash(region)) % 0xFFFF
    return [f"i-{prefix:04x}{number:013d}" for number in range(count)]


class FakeAws:
    """Serves `nodes` in each Region; `per_second` limits operations by Region.

    An access key of 12 digits is that of an account. In the accounts of `with_role` any role may be
    assumed, for `role_seconds`.
    """

    def __init__(
        self,
        nodes: dict[str, int],
        *,
        fault: Fault | None = None,
        per_second: dict[str, float] | None = None,
        with_role: Collection[str] = (),
        role_seconds: int = 3600,
    ) -> None:
        self.nodes = nodes
        self.fault = fault
        self.calls: Counter[tuple[str, str]] = Counter()
        self.throttled = 0
        self.with_role = with_role
        self.role_seconds = role_seconds
        self._per_second = per_second or {}
        self._tokens: dict[tuple[str, str], tuple[float, float]] = {}
        self._lock = threading.Lock()
        self._now = datetime.now(UTC)

    @contextmanager
    def served(self) -> Iterator[str]:
        """The endpoint, for as long as the block lasts."""
        server = _Server(("127.0.0.1", 0), _handler(self))
        # `shutdown` waits for as long as the server does between two polls.
        serve = functools.partial(server.serve_forever, poll_interval=0.01)
        threading.Thread(target=serve, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            server.server_close()

    def answer(self, key: str, region: str, operation: str, request: Request) -> Answer:
        account = key if key.isdigit() else ACCOUNT
        region = GLOBAL if operation in ("GetCallerIdentity", "AssumeRole") else region
        with self._lock:
            self.calls[region, operation] += 1
            count = self.calls[region, operation]
            if not self._has_token(region, operation):
                self.throttled += 1
                return error("ThrottlingException", "Rate exceeded")
        if self.fault and (failed := self.fault(region, operation, count)):
            return failed
        ids = self.ids(region) if region in self.nodes else []
        if operation == "GetCallerIdentity":
            return 200, _IDENTITY.format(account=account).encode()
        if operation == "AssumeRole":
            return self._assume_role(request)
        if operation == "DescribeInstances":
            return self._instances(ids, request)
        make = {
            "DescribeInstanceInformation": self._describe_instance_information,
            "ListAssociations": self._list_associations,
            "DescribeAssociation": self._describe_association,
            "DescribeAssociationExecutions": self._describe_association_executions,
            "DescribeAssociationExecutionTargets": self._describe_association_execution_targets,
            "DescribeInstanceAssociationsStatus": self._describe_instance_associations_status,
            "GetInventory": self._get_inventory,
            "ListResourceComplianceSummaries": self._list_resource_compliance_summaries,
        }[operation]
        return 200, json.dumps(make(ids, request)).encode()

    def _assume_role(self, request: Request) -> Answer:
        assert request["RoleSessionName"] == "oelab"
        account = request["RoleArn"].split(":")[4]
        if account not in self.with_role:
            return 403, _DENIED_ROLE
        expires = datetime.now(UTC) + timedelta(seconds=self.role_seconds)
        return 200, _ASSUMED.format(account=account, expires=expires.isoformat()).encode()

    def _has_token(self, region: str, operation: str) -> bool:
        """A bucket that holds one second's worth."""
        rate = self._per_second.get(operation)
        if rate is None:
            return True
        tokens, since = self._tokens.get((region, operation), (rate, time.monotonic()))
        now = time.monotonic()
        tokens = min(rate, tokens + (now - since) * rate)
        self._tokens[region, operation] = (tokens - (tokens >= 1), now)
        return tokens >= 1

    def ids(self, region: str) -> list[str]:
        return _ids(region, self.nodes[region])

    def page(
        self, items: list[Any], request: Request, most: int = 50
    ) -> tuple[list[Any], dict[str, str]]:
        size = int(request.get("MaxResults", 0))
        assert size == most, f"asked for {size} where {most} are allowed"
        start = int(request.get("NextToken", "0"))
        token = {"NextToken": str(start + size)} if start + size < len(items) else {}
        return items[start : start + size], token

    def _describe_instance_information(self, ids: list[str], request: Request) -> Any:
        found, token = self.page(ids, request)
        entries = [
            {
                "InstanceId": each,
                "PingStatus": "Online",
                "LastPingDateTime": self._now.timestamp(),
                "AgentVersion": "3.3.987.0",
                "PlatformType": "Linux",
                "PlatformName": "Amazon Linux",
                "ResourceType": "EC2Instance",
            }
            for each in found
        ]
        return {"InstanceInformationList": entries, **token}

    def _describe_association(self, ids: list[str], request: Request) -> Any:
        del ids, request
        return {"AssociationDescription": INVENTORY | {"Parameters": {"applications": ["Enabled"]}}}

    def _list_associations(self, ids: list[str], request: Request) -> Any:
        found, token = self.page([INVENTORY] if ids else [], request)
        return {"Associations": found, **token}

    def _describe_association_executions(self, ids: list[str], request: Request) -> Any:
        created = self._now.timestamp()
        runs = [{"ExecutionId": "run", "Status": "Success", "CreatedTime": created}]
        found, token = self.page(runs if ids else [], request)
        return {"AssociationExecutions": found, **token}

    def _describe_association_execution_targets(self, ids: list[str], request: Request) -> Any:
        found, token = self.page(ids, request)
        entries = [{"ResourceId": each, "Status": "Success"} for each in found]
        return {"AssociationExecutionTargets": entries, **token}

    def _describe_instance_associations_status(self, ids: list[str], request: Request) -> Any:
        node = request["InstanceId"]
        own = {"AssociationId": ASSOCIATION, "InstanceId": node, "Status": "Success"}
        found, token = self.page([own] if node in ids else [], request)
        return {"InstanceAssociationStatusInfos": found, **token}

    def _get_inventory(self, ids: list[str], request: Request) -> Any:
        (wanted,) = request["ResultAttributes"]
        name = wanted["TypeName"]
        found, token = self.page(ids, request)
        captured = self._now.strftime("%Y-%m-%dT%H:%M:%SZ")
        item = {
            "TypeName": name,
            "SchemaVersion": "1.0",
            "CaptureTime": captured,
            "Content": [{"Name": "bash", "Version": "5.2.15"}],
        }
        return {"Entities": [{"Id": each, "Data": {name: item}} for each in found], **token}

    def _list_resource_compliance_summaries(self, ids: list[str], request: Request) -> Any:
        found, token = self.page(ids, request)
        entries = [
            {
                "ResourceId": each,
                "ResourceType": "ManagedInstance",
                "ComplianceType": "Association",
                "Status": "COMPLIANT",
            }
            for each in found
        ]
        return {"ResourceComplianceSummaryItems": entries, **token}

    def _instances(self, ids: list[str], request: Request) -> Answer:
        found, token = self.page(ids, request, most=1000)
        # The last digits number the nodes, from 0 on.
        items = "".join(_INSTANCE.format(id=each, number=int(each[-13:]) + 1) for each in found)
        next_token = f"<nextToken>{token['NextToken']}</nextToken>" if token else ""
        return 200, _INSTANCES.format(items=items, token=next_token).encode()


_INSTANCE = (
    "<item><instanceId>{id}</instanceId><instanceState><code>16</code><name>running</name>"
    "</instanceState><iamInstanceProfile><arn>arn:aws:iam::111122223333:instance-profile/"
    "ManagedInstancesRole</arn></iamInstanceProfile><tagSet>"
    "<item><key>Name</key><value>Test-Web{number}</value></item>"
    "<item><key>Workload</key><value>Test</value></item>"
    "<item><key>Environment</key><value>OELabIPM</value></item></tagSet></item>"
)
_INSTANCES = (
    '<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><reservationSet>'
    "<item><instancesSet>{items}</instancesSet></item></reservationSet>{token}"
    "</DescribeInstancesResponse>"
)


_IDENTITY = (
    '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
    "<GetCallerIdentityResult><Account>{account}</Account></GetCallerIdentityResult>"
    "</GetCallerIdentityResponse>"
)

_ASSUMED = (
    '<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>'
    "<Credentials><AccessKeyId>{account}</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>"
    "<SessionToken>token</SessionToken><Expiration>{expires}</Expiration></Credentials>"
    "</AssumeRoleResult></AssumeRoleResponse>"
)
_DENIED_ROLE = (
    b'<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>'
    b"<Code>AccessDenied</Code><Message>no</Message></Error><RequestId>1</RequestId>"
    b"</ErrorResponse>"
)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # A fleet is read by many threads at once.
    request_queue_size = 64

    def handle_error(self, *_: object) -> None:
        """Clients may hang up as they like."""


def _handler(aws: FakeAws) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Headers and body in one packet, or clients wait for the second one.
        wbufsize = -1

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            matched = _CREDENTIAL.search(self.headers["Authorization"])
            key, region = matched.groups() if matched else ("", "")
            if target := self.headers.get("X-Amz-Target"):
                operation, request = target.partition(".")[2], json.loads(body)
            else:
                form = dict(urllib.parse.parse_qsl(body.decode()))
                operation, request = form["Action"], form
            status, content = aws.answer(key, region, operation, request)
            if not status:
                self.close_connection = True
                return
            self.send_response(status)
            if content and content != HOTSPOT:
                self.send_header("x-amzn-RequestId", "11111111-2222-3333-4444-666666666666")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler
