"""Checks requests against the service model that AWS publishes with its SDK, as AWS does."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import regex

from localaws.errors import AwsError


def check(operation: str, request: dict[str, Any]) -> None:
    """Raise ValidationException with every constraint of the model that the request breaks."""
    shape = _model().operation_model(operation).input_shape
    faults = list(_faults(shape, request, ""))
    if faults:
        listed = "; ".join(faults)
        raise AwsError("ValidationException", f"{len(faults)} validation error(s): {listed}")


@cache
def _model() -> Any:
    # Loaded at the first request: a start need not wait for it.
    from botocore.loaders import Loader
    from botocore.model import ServiceModel

    return ServiceModel(Loader().load_service_model("ssm", "service-2"))


def _faults(shape: Any, value: Any, path: str) -> Iterator[str]:
    limits = shape.metadata
    if shape.type_name == "structure":
        for name in shape.required_members:
            if name not in value:
                yield f"{path}{name} is required"
        for name in value.keys() & shape.members.keys():
            yield from _faults(shape.members[name], value[name], f"{path}{name}.")
        return
    if shape.type_name == "list":
        for index, entry in enumerate(value):
            yield from _faults(shape.member, entry, f"{path}{index}.")
    size = value if isinstance(value, int | float) else len(value)
    name = path.rstrip(".")
    if not limits.get("min", size) <= size <= limits.get("max", size):
        yield f"{name} must be from {limits.get('min', 0)} to {limits.get('max')}, got {size}"
    if "enum" in limits and value not in limits["enum"]:
        yield f"{name} must be one of {', '.join(limits['enum'])}, got {value}"
    if "pattern" in limits and not regex.fullmatch(limits["pattern"], value):
        yield f"{name} must match {limits['pattern']}, got {value}"
