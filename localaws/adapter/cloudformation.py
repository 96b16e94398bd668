"""CloudFormation's resource types and template actions."""

from collections.abc import Callable
from typing import Any, cast

from ministack.services.cloudformation import handlers as _cfn_handlers
from ministack.services.cloudformation import helpers as _cfn_helpers
from ministack.services.cloudformation import provisioners as _provisioners

from localaws.adapter import Record, Response, iam
from localaws.errors import AwsError

_Handler = Callable[..., Any]
_Action = Callable[[Record], Response]


def install_resource_type(
    name: str,
    *,
    create: Callable[[Record], tuple[str, Record]],
    update: Callable[[str, Record, Record], tuple[str, Record]],
    delete: Callable[[str], None],
    replacing: tuple[str, ...],
) -> None:
    """Register a taggable resource type.

    Args:
        create: from properties to physical id and attributes.
        update: likewise, from physical id, old and new properties.
        delete: by physical id.
        replacing: the properties whose change replaces the resource.

    An AwsError fails the resource, and the stack rolls back.
    """
    install_immutable_type(name, create=create, delete=delete, properties=replacing)
    _provisioners._RESOURCE_HANDLERS[name]["update"] = _reporting_errors(
        name, lambda physical_id, old, new, _stack: update(physical_id, old, new)
    )
    _provisioners._STACK_TAG_PROPERTY[name] = ("Tags", "list")


def install_immutable_type(
    name: str,
    *,
    create: Callable[[Record], tuple[str, Record]],
    delete: Callable[[str], None],
    properties: tuple[str, ...],
) -> None:
    """Register a resource type without tags; a change of any of its properties replaces it."""
    _provisioners._RESOURCE_HANDLERS[name] = {
        "create": _reporting_errors(name, lambda _logical_id, props, _stack: create(props)),
        "delete": _reporting_errors(name, lambda physical_id, _props: delete(physical_id)),
    }
    _provisioners._REPLACING_PROPERTIES[name] = properties


def install_creation_check(name: str, check: Callable[[Record], None]) -> None:
    """Run `check(properties)` before MiniStack creates a resource of the type."""
    handlers = _provisioners._RESOURCE_HANDLERS[name]
    create = handlers["create"]

    def checked(logical_id: str, props: Record, stack_name: str) -> Any:
        check(props)
        return create(logical_id, props, stack_name)

    handlers["create"] = _reporting_errors(name, checked)


def _reporting_errors(type_name: str, handler: _Handler) -> _Handler:
    """Turn an AwsError into the text that MiniStack puts into the stack's events as the reason."""

    def reporting(*arguments: Any) -> Any:
        try:
            return handler(*arguments)
        except AwsError as error:
            service = type_name.split("::")[1]
            raise ValueError(
                f"{error.message} (Service: Amazon{service}; Status Code: {error.status}; "
                f"Error Code: {error.code})"
            ) from error

    return reporting


def install_profile_names() -> None:
    """Let Ref give an instance profile's name, as on AWS; MiniStack's physical id is the ARN."""
    handlers = _provisioners._RESOURCE_HANDLERS["AWS::IAM::InstanceProfile"]
    create, update, delete = handlers["create"], handlers["update"], handlers["delete"]

    def arn_of(name: str) -> str:
        return cast("str", (iam.instance_profile(name=name) or {"Arn": name})["Arn"])

    def named(result: tuple[str, Record]) -> tuple[str, Record]:
        arn, attributes = result
        return arn.rpartition("/")[2], attributes

    handlers["create"] = lambda *arguments: named(create(*arguments))
    handlers["update"] = lambda name, *rest: named(update(arn_of(name), *rest))
    handlers["delete"] = lambda name, props: delete(arn_of(name), props)


def install_permissions_boundaries() -> None:
    """Let a role keep its permissions boundary, which MiniStack drops."""
    handlers = _provisioners._RESOURCE_HANDLERS["AWS::IAM::Role"]
    create, update = handlers["create"], handlers["update"]

    def bounded(result: tuple[str, Record], props: Record) -> tuple[str, Record]:
        role = iam.role(result[0]) or {}
        role["PermissionsBoundary"] = props.get("PermissionsBoundary")
        return result

    handlers["create"] = lambda name, props, *rest: bounded(create(name, props, *rest), props)
    handlers["update"] = lambda name, old, new, *rest: bounded(update(name, old, new, *rest), new)


def enforce_capabilities() -> None:
    """Check capabilities as CloudFormation does; MiniStack does so with its authentication only."""
    _cfn_handlers._capabilities_enforced = lambda: True


def install_template_check(
    actions: tuple[str, ...], check: Callable[[str, str], str | None]
) -> None:
    """Run `check(stack_name, template)` before the actions; its text rejects the request."""
    for action in actions:
        _cfn_handlers._ACTION_HANDLERS[action] = _checked_action(
            _cfn_handlers._ACTION_HANDLERS[action], check
        )


def _checked_action(action: _Action, check: Callable[[str, str], str | None]) -> _Action:
    def checked(params: Record) -> Response:
        template, error = _cfn_helpers._resolve_template(params)
        if template and not error:
            problem = check(_stack_name(params), template)
            if problem:
                return cast("Response", _cfn_helpers._error("ValidationError", problem))
        return action(params)

    return checked


def _stack_name(params: Record) -> str:
    """The name, also where the request names the stack by its id."""
    given = cast("str", _cfn_helpers._p(params, "StackName"))
    return given.split("/")[1] if given.startswith("arn:") else given
