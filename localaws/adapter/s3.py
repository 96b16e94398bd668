"""S3's buckets and objects."""

from typing import cast

from ministack.services import s3 as _s3


def bucket_exists(name: str) -> bool:
    return name in _s3._buckets


def set_bucket_tags(name: str, tags: dict[str, str]) -> None:
    if tags:
        _s3._bucket_tags[name] = tags
    else:
        _s3._bucket_tags.pop(name, None)


async def put_object(bucket: str, key: str, body: bytes) -> int:
    """Write an object as the S3 API would; the HTTP status."""
    status, _, _ = await _s3.handle_request("PUT", f"/{bucket}/{key}", {}, body, {})
    return cast("int", status)
