"""Pages of a result, with the sizes and tokens that Systems Manager documents."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from localaws.errors import AwsError

Item = TypeVar("Item")


@dataclass(frozen=True)
class PageSize:
    """The bounds of MaxResults, and the size of a page if the request does not say."""

    smallest: int = 1
    largest: int = 50
    default: int = 50


def page(
    items: Sequence[Item], request: dict[str, Any], size: PageSize
) -> tuple[list[Item], dict[str, str]]:
    """The page that the request asks for, and `NextToken` if there is another one."""
    wanted = request.get("MaxResults")
    count = size.default if wanted is None else int(wanted)
    if not size.smallest <= count <= size.largest:
        raise AwsError(
            "ValidationException",
            f"1 validation error detected: Value '{count}' at 'maxResults' failed to satisfy "
            f"constraint: Member must have value between {size.smallest} and {size.largest}",
        )
    start = _start(request.get("NextToken"))
    end = start + count
    token = {"NextToken": _token(end)} if end < len(items) else {}
    return list(items[start:end]), token


def _token(start: int) -> str:
    return base64.urlsafe_b64encode(f"localaws:{start}".encode()).decode()


def _start(token: str | None) -> int:
    if not token:
        return 0
    try:
        label, _, number = base64.urlsafe_b64decode(token).decode().partition(":")
        if label == "localaws":
            return int(number)
    except (binascii.Error, ValueError):
        pass
    raise AwsError("InvalidNextToken", "The specified token isn't valid.")
