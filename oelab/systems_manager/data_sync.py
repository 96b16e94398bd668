"""What a resource data sync writes into a bucket, and where.

It writes one object for each node and inventory type, and overwrites it; the object of a deleted
node stays. An object holds one JSON document a line, whose values are all texts. Sources: "Creating
a resource data sync for Inventory" in the Systems Manager user guide, and the data_sync.toml here.
"""

import re
from dataclasses import dataclass
from functools import cache

from oelab.data_files import read_toml

FORMAT = "JsonSerDe"
"""The one format. Source: CloudFormation schema of AWS::SSM::ResourceDataSync."""

QUOTA = 5
"""How many syncs an account can have in a Region. Source: AWS General Reference, Systems Manager
endpoints and quotas."""

NODES = "ManagedInstanceInventory"
"""The one value of the folder `resourcetype`."""

PARTITION_KEYS = ("accountid", "region", "resourcetype")
"""The folders between an inventory type and its objects, each as `key=value`."""

COMMON_ATTRIBUTES = ("resourceId", "captureTime")
"""What every document has in addition to the attributes of its type: the node, and the time of the
capture in UTC as ISO 8601. The version of the type's schema is left out."""

_KEY = re.compile(
    r"(?P<type>[^/]+)/accountid=(?P<account>[0-9]{12})/region=(?P<region>[a-z0-9-]+)/"
    rf"resourcetype={NODES}/(?P<node>[A-Za-z0-9_-]+)\.json"
)


@dataclass(frozen=True)
class Table:
    """The objects of one inventory type as a table of texts, one row a document."""

    inventory_type: str
    attributes: tuple[str, ...]
    """As Systems Manager spells them, without those that all types have."""

    @property
    def name(self) -> str:
        """The name of the table, such as `aws_application`."""
        return self.inventory_type.replace(":", "_").lower()

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns, which are the attributes in lower case as Athena has them."""
        return tuple(each.lower() for each in (*self.attributes, *COMMON_ATTRIBUTES))


@dataclass(frozen=True)
class ObjectName:
    """What the key of an object says."""

    inventory_type: str
    account: str
    region: str
    node: str


@cache
def tables() -> dict[str, Table]:
    """Every type that is known here, by the name of its table."""
    types = read_toml("data_sync.toml", __package__)
    found = (Table(name, tuple(attributes)) for name, attributes in types.items())
    return {table.name: table for table in found}


def folder(
    prefix: str | None, inventory_type: str = "*", account: str = "", region: str = ""
) -> str:
    """Where the objects of a type lie, as far down as is given: `PREFIX/AWS:Tag/accountid=...`."""
    parts = [
        prefix,
        inventory_type,
        account and f"accountid={account}",
        region and f"region={region}",
    ]
    return "/".join(part for part in parts if part)


def read_key(key: str, prefix: str = "") -> ObjectName | None:
    """What the key of a node's object says; None for any other object.

    One such is `AWS:InstanceInformation/accountid=.../test.json`, with which a new sync tries the
    bucket.
    """
    matched = _KEY.fullmatch(key.removeprefix(f"{prefix}/" if prefix else ""))
    return ObjectName(*matched.groups()) if matched else None
