"""S3's buckets and objects; a bucket's name is taken once, whatever the account and Region."""

from typing import cast

from ministack.services import s3 as _s3

from localaws.adapter import scope


def owner(bucket: str) -> str | None:
    """The account that has the bucket, if there is one."""
    return cast("str | None", _s3._bucket_owner_account(bucket))


def region(bucket: str) -> str:
    with _in_owner_s_account(bucket):
        return cast("str", _s3.bucket_region(bucket))


def policy(bucket: str) -> str:
    """The bucket's policy, or nothing."""
    return cast("str", _s3._bucket_policies.get_scoped(owner(bucket), None, bucket) or "")


def put_object(bucket: str, key: str, text: str, headers: dict[str, str] | None = None) -> None:
    """Write an object without asking for permission; without the bucket there is no object."""
    with _in_owner_s_account(bucket):
        _s3._put_object(bucket, key, text.encode(), headers or {})


def objects(bucket: str, prefix: str) -> dict[str, bytes]:
    """The current objects of a bucket that exists under the prefix, by key in order."""
    with _in_owner_s_account(bucket):
        # A copy, because a query reads in a thread of its own while others write.
        known = list(_s3._buckets[bucket]["objects"])
        keys = sorted(key for key in known if key.startswith(prefix))
        return {key: cast("bytes", _s3._get_object_data(bucket, key)) for key in keys}


def _in_owner_s_account(bucket: str) -> scope.Pinned:
    return scope.pinned(owner(bucket) or scope.account_id(), scope.region())
