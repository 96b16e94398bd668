"""Where the objects of data syncs lie: a bucket, or a folder in the same layout."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from botocore.exceptions import ClientError

from oelab.systems_manager.data_sync import ObjectName, folder, read_key

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# What S3 answers for an object that may not be read.
_DENIED = ("AccessDenied", "403", "KMS.DisabledException", "KMS.NotFoundException")


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object of a node; its `version` is another one as soon as its content is."""

    name: ObjectName
    key: str
    version: str


class UnreadableError(Exception):
    """An object that is there and cannot be read."""


class Source(Protocol):
    """Lists and reads objects, also from several threads at a time."""

    def list(self, inventory_type: str) -> Iterator[StoredObject]:
        """The objects of one inventory type."""

    def read(self, key: str) -> bytes | None:
        """The content of an object, or None where it is gone; raises UnreadableError."""


@dataclass(frozen=True)
class BucketSource:
    """A bucket; what botocore raises for the bucket as a whole is for the caller."""

    client: "S3Client"
    bucket: str
    prefix: str = ""

    def list(self, inventory_type: str) -> Iterator[StoredObject]:
        """The objects of one inventory type, of all accounts and Regions."""
        pages = self.client.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket, Prefix=f"{folder(self.prefix, inventory_type)}/"
        )
        for page in pages:
            for each in page.get("Contents", ()):
                if name := read_key(each["Key"], self.prefix):
                    yield StoredObject(name, each["Key"], each["ETag"].strip('"'))

    def read(self, key: str) -> bytes | None:
        """The content of an object, or None where it is gone; raises UnreadableError."""
        try:
            return self.client.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        except self.client.exceptions.NoSuchKey:
            return None
        except ClientError as error:
            if error.response["Error"].get("Code") in _DENIED:
                raise UnreadableError(str(error)) from error
            raise


@dataclass(frozen=True)
class FolderSource:
    """A folder that has what a bucket would have below the prefix."""

    root: Path

    def list(self, inventory_type: str) -> Iterator[StoredObject]:
        """The objects of one inventory type."""
        for path in (self.root / inventory_type).rglob("*.json"):
            key = path.relative_to(self.root).as_posix()
            if name := read_key(key):
                yield StoredObject(name, key, f"{path.stat().st_mtime_ns:x}")

    def read(self, key: str) -> bytes | None:
        """The content of an object, or None where it is gone; raises UnreadableError."""
        try:
            return (self.root / key).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise UnreadableError(str(error.strerror)) from error
