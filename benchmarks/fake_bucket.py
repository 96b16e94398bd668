"""A bucket of a made-up fleet over HTTP: lists objects and makes up their content when asked.

`python -m benchmarks.fake_bucket NODES` serves one and prints its port. Each line that it reads is
the percentage of nodes whose objects are to be others from then on.
"""

import json
import sys
import threading
from collections.abc import Iterator
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlparse

TYPES = ("AWS:Application", "AWS:InstanceInformation", "AWS:Tag")
PLACES = [(a, r) for a in ("111122223333", "444455556666") for r in ("us-east-1", "eu-west-1")]
PACKAGES = 300
_PAGE = 1000
_FIRST = "i-00000000000000001"
_VARIANTS = 20


def entries(inventory_type: str, node: str, variant: int) -> Iterator[dict[str, str]]:
    """The documents of an object, about as long as real ones."""
    common = {"resourceId": node, "captureTime": "2026-11-25T00:00:07Z", "schemaVersion": "1.1"}
    if inventory_type == "AWS:Application":
        for number in range(PACKAGES):
            # One package in ten differs between nodes.
            minor = variant if number % 10 == 0 else 0
            yield {
                "Name": f"package-{number}",
                "ApplicationType": "System Environment/Libraries",
                "Publisher": "Amazon Linux",
                "Version": f"{number % 7}.{minor}.1",
                "Release": "3.amzn2023.0.2",
                "Epoch": "0",
                "InstalledTime": "2026-10-01T10:00:00Z",
                "Architecture": "x86_64",
                "URL": f"https://example.com/projects/package-{number}/index.html",
                "Summary": f"What package {number} is there for, in a sentence as packages have it",
                "PackageId": f"package-{number}-{number % 7}.{minor}.1-3.amzn2023.0.2.src.rpm",
                **common,
            }
    elif inventory_type == "AWS:InstanceInformation":
        yield {
            "AgentType": "amazon-ssm-agent",
            "AgentVersion": f"3.3.{variant}.0",
            "ComputerName": f"host-{node}",
            "InstanceId": node,
            "InstanceStatus": "Terminated" if variant == 0 else "Active",
            "IpAddress": "10.0.0.4",
            "PlatformName": "Amazon Linux",
            "PlatformType": "Linux",
            "PlatformVersion": "2023",
            "ResourceType": "EC2Instance",
            **common,
        }
    else:
        yield {"Key": "Workload", "Value": ("Test", "Prod")[variant % 2], **common}


@cache
def content(inventory_type: str, variant: int) -> bytes:
    """The content of an object of the node `_FIRST`, in whose place the id of another fits."""
    lines = (json.dumps(each) for each in entries(inventory_type, _FIRST, variant))
    return ("\n".join(lines) + "\n").encode()


class Fleet:
    """So many nodes; a `generation` is counted up where objects change."""

    def __init__(self, nodes: int) -> None:
        self.generations = [0] * nodes
        self._listed: dict[str, list[tuple[str, str, int]]] = {}

    def change(self, percentage: int) -> None:
        self._listed.clear()
        for number in range(0, len(self.generations), max(1, 100 // percentage)):
            self.generations[number] += 1

    def variant(self, number: int) -> int:
        return (number + self.generations[number]) % _VARIANTS

    def listing(self, inventory_type: str) -> list[tuple[str, str, int]]:
        """The key, the ETag and the size of each object of a type."""
        if inventory_type not in self._listed:
            self._listed[inventory_type] = list(self._objects(inventory_type))
        return self._listed[inventory_type]

    def _objects(self, inventory_type: str) -> Iterator[tuple[str, str, int]]:
        for first, (account, region) in enumerate(PLACES if inventory_type in TYPES else ()):
            place = f"{inventory_type}/accountid={account}/region={region}"
            for number in range(first, len(self.generations), len(PLACES)):
                key = f"{place}/resourcetype=ManagedInstanceInventory/i-{number:017x}.json"
                size = len(content(inventory_type, self.variant(number)))
                yield key, f"{number:x}-{self.generations[number]:x}", size


def handler_of(fleet: Fleet) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            url = urlparse(self.path)
            asked = {name: values[0] for name, values in parse_qs(url.query).items()}
            if "list-type" in asked:
                body = self._listing(asked["prefix"], int(asked.get("continuation-token", 0)))
            else:
                key = unquote(url.path).split("/", 2)[2]
                node = key.rpartition("/")[2].removesuffix(".json")
                variant = fleet.variant(int(node.removeprefix("i-"), 16))
                body = content(key.partition("/")[0], variant)
                body = body.replace(_FIRST.encode(), node.encode())
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("x-amz-request-id", "made-up")
            self.end_headers()
            self.wfile.write(body)

        def _listing(self, prefix: str, start: int) -> bytes:
            keys = fleet.listing(prefix.partition("/")[0])
            page = keys[start : start + _PAGE]
            more = start + _PAGE < len(keys)
            token = f"<NextContinuationToken>{start + _PAGE}</NextContinuationToken>"
            items = "".join(
                f"<Contents><Key>{key}</Key><LastModified>2026-11-25T00:00:00.000Z</LastModified>"
                f"<ETag>&quot;{etag}&quot;</ETag><Size>{size}</Size></Contents>"
                for key, etag, size in page
            )
            return (
                '<?xml version="1.0" encoding="UTF-8"?><ListBucketResult>'
                f"<IsTruncated>{str(more).lower()}</IsTruncated>{token if more else ''}{items}"
                "</ListBucketResult>"
            ).encode()

        def log_message(self, *_arguments: object) -> None:
            """Stay silent."""

    return Handler


def main() -> None:
    fleet = Fleet(int(sys.argv[1]))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(fleet))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    for line in sys.stdin:
        fleet.change(int(line))
        print("changed", flush=True)


if __name__ == "__main__":
    main()
