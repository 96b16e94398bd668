"""The rows of a table that Glue declares over JSON documents in S3.

Sources: "Use partition projection with Amazon Athena", "Hive JSON SerDe" and "Specify a table
location in Amazon S3" in the Athena user guide.
"""

import itertools
import json
import string
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlparse

from localaws.adapter import Record, s3
from localaws.errors import AwsError, not_modelled

SERDES = ("org.apache.hive.hcatalog.data.JsonSerDe", "org.openx.data.jsonserde.JsonSerDe")
PATH = "$path"


def objects(table: Record) -> Iterator[tuple[bytes, dict[str, str]]]:
    """The content of every object of the table, with the columns that are the same in all rows.

    All under the location is read, but for what starts with a dot or an underscore.
    """
    if table["StorageDescriptor"]["SerdeInfo"]["SerializationLibrary"] not in SERDES:
        raise not_modelled("tables of other formats than JSON")
    for location, partition in _locations(table):
        bucket, folder = urlparse(location).netloc, urlparse(location).path.strip("/") + "/"
        if s3.owner(bucket) is None:
            raise AwsError("HIVE_CANNOT_OPEN_SPLIT", f"The bucket {bucket} does not exist")
        for key, content in s3.objects(bucket, folder).items():
            if not key.rpartition("/")[2].startswith((".", "_")):
                yield content, {**partition, PATH: f"s3://{bucket}/{key}"}


def rows(content: bytes, shared: dict[str, str]) -> Iterator[dict[str, Any]]:
    """By column, in lower case as Hive has it."""
    for line in content.splitlines():
        try:
            document = json.loads(line or b"{}")
        except ValueError as error:
            raise AwsError("HIVE_CURSOR_ERROR", f"{shared[PATH]} is not JSON lines") from error
        yield {**{name.lower(): value for name, value in document.items()}, **shared}


def _locations(table: Record) -> Iterator[tuple[str, dict[str, str]]]:
    keys = [key["Name"] for key in table.get("PartitionKeys", [])]
    location = table["StorageDescriptor"]["Location"]
    if not keys:
        yield location, {}
        return
    parameters = table.get("Parameters", {})
    kinds = {parameters.get(f"projection.{key}.type") for key in keys}
    if parameters.get("projection.enabled") != "true" or kinds != {"enum"}:
        raise not_modelled("partitions other than those projected from an enum")
    default = location.rstrip("/") + "".join(f"/{key}=${{{key}}}" for key in keys)
    template = string.Template(parameters.get("storage.location.template", default))
    values = [parameters.get(f"projection.{key}.values", "").split(",") for key in keys]
    for combination in itertools.product(*values):
        partition = dict(zip(keys, combination, strict=True))
        yield template.substitute(partition), partition
