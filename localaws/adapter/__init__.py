"""The one place that knows MiniStack's private names: a module for each of its services.

Everything here was read from MiniStack 1.5.33 and may change with any other version, which is why
the requirement is pinned exactly. The rest of the package sees plain records and functions.
"""

from collections.abc import Awaitable, Callable
from typing import Any

# Before any service: it sets up the log that some of them write to while they are imported.
from ministack import app as _app

Record = dict[str, Any]
Response = tuple[int, dict[str, str], bytes]

asgi_app: Callable[..., Awaitable[None]] = _app.app
