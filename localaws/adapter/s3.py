"""S3's objects."""

from ministack.services import s3 as _s3


def put_object(bucket: str, key: str, text: str) -> None:
    """Write an object of the account's own; without the bucket there is no object."""
    _s3._put_object(bucket, key, text.encode(), {})
