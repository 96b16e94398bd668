"""The one place that knows MiniStack's private names: a module for each of its services.

Everything here was read from MiniStack 1.5.33 and may change with any other version, which is why
the requirement is pinned exactly. The rest of the package sees plain records and functions.
"""

from collections.abc import Awaitable, Callable
from typing import Any

# Before any service: it sets up the log that some of them write to while they are imported.
from ministack import app as _app
from ministack.core import router as _router

Record = dict[str, Any]
Response = tuple[int, dict[str, str], bytes]

asgi_app: Callable[..., Awaitable[None]] = _app.app

# Of the services that MiniStack lacks, commands ask this one, for a quota. MiniStack answers that
# it is not there once it knows the names of all services, which it would take seconds to read.
_router._KNOWN_AWS_SERVICE_NAMES = frozenset({"servicequotas"})
