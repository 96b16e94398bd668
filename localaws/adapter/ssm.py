"""Systems Manager: its handler, tags and service settings."""

from collections.abc import Awaitable, Callable
from typing import Any, cast

from ministack.services import ssm as _ssm

from localaws.adapter import Response

ServiceHandler = Callable[[str, str, dict[str, str], bytes, dict[str, Any]], Awaitable[Response]]


def install(wrap: Callable[[ServiceHandler], ServiceHandler], reset: Callable[[], None]) -> None:
    """Put a handler in front of MiniStack's own, and clear our state whenever it clears its."""
    _ssm.handle_request = wrap(_ssm.handle_request)
    original = _ssm.reset

    def reset_both() -> None:
        original()
        reset()

    _ssm.reset = reset_both


def set_tags(resource_id: str, tags: dict[str, str]) -> None:
    _ssm._tags[resource_id] = tags


def drop_tags(resource_id: str) -> None:
    _ssm._tags.pop(resource_id, None)


def service_setting(setting_id: str) -> str:
    return cast("str", _ssm._service_setting_out(setting_id)["SettingValue"])
