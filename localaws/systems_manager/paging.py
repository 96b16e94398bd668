"""Pages of a result; the service model bounds their size."""

from collections.abc import Sequence
from typing import Any, TypeVar

from localaws.errors import AwsError

Item = TypeVar("Item")
PAGE_MEMBERS = frozenset({"MaxResults", "NextToken"})


def page(
    items: Sequence[Item], request: dict[str, Any], default_size: int = 50
) -> tuple[list[Item], dict[str, str]]:
    """The page that the request asks for, and `NextToken` if there is another one.

    The token is the index at which the next page starts.
    """
    token = request.get("NextToken") or "0"
    if not token.isdecimal():
        raise AwsError("InvalidNextToken", "The specified token isn't valid.")
    start = int(token)
    end = start + int(request.get("MaxResults") or default_size)
    return list(items[start:end]), ({"NextToken": str(end)} if end < len(items) else {})
