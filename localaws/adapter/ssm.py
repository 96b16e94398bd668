"""Systems Manager: its handler, tags and service settings."""

from collections.abc import Awaitable, Callable
from typing import Any, cast

from ministack.services import ssm as _ssm

from localaws.adapter import Response

ServiceHandler = Callable[[str, str, dict[str, str], bytes, dict[str, Any]], Awaitable[Response]]


def install(wrap: Callable[[ServiceHandler], ServiceHandler]) -> None:
    """Put a handler in front of MiniStack's own."""
    _ssm.handle_request = wrap(_ssm.handle_request)


def set_tags(resource_id: str, tags: list[dict[str, str]]) -> None:
    _ssm._tags[resource_id] = {tag["Key"]: tag["Value"] for tag in tags}


def drop_tags(resource_id: str) -> None:
    _ssm._tags.pop(resource_id, None)


def service_setting(setting_id: str) -> str:
    return cast("str", _ssm._service_setting_out(setting_id)["SettingValue"])
