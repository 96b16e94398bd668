"""CloudFormation's resource types and template actions."""

from collections.abc import Callable
from typing import Any, cast

from ministack.services.cloudformation import handlers as _cfn_handlers
from ministack.services.cloudformation import helpers as _cfn_helpers
from ministack.services.cloudformation import provisioners as _provisioners

from localaws.adapter import Record, Response, iam

_Action = Callable[[Record], Response]


def install_resource_type(
    name: str,
    *,
    create: Callable[[str, Record, str], tuple[str, Record]],
    update: Callable[[str, Record, Record, str], tuple[str, Record]] | None,
    delete: Callable[[str, Record], None],
    replacing: tuple[str, ...],
    tagged: bool,
) -> None:
    """Register a resource type; `replacing` are the properties that a change replaces it for."""
    handlers: Record = {"create": create, "delete": delete}
    if update is not None:
        handlers["update"] = update
    _provisioners._RESOURCE_HANDLERS[name] = handlers
    _provisioners._REPLACING_PROPERTIES[name] = replacing
    if tagged:
        _provisioners._STACK_TAG_PROPERTY[name] = ("Tags", "list")


def install_resource_check(name: str, check: Callable[[Record, Record | None], None]) -> None:
    """Run `check(new_properties, old_properties)` before MiniStack creates or updates the type."""
    handlers = _provisioners._RESOURCE_HANDLERS[name]
    create, update = handlers["create"], handlers.get("update")

    def checked_create(logical_id: str, props: Record, stack_name: str) -> tuple[str, Record]:
        check(props, None)
        return cast("tuple[str, Record]", create(logical_id, props, stack_name))

    handlers["create"] = checked_create
    if update is not None:

        def checked_update(
            physical_id: str, old: Record, new: Record, *rest: Any
        ) -> tuple[str, Record]:
            check(new, old)
            return cast("tuple[str, Record]", update(physical_id, old, new, *rest))

        handlers["update"] = checked_update


def install_resource_aftermath(name: str, after: Callable[[str, Record], None]) -> None:
    """Run `after(physical_id, properties)` once MiniStack has created or updated the type."""
    handlers = _provisioners._RESOURCE_HANDLERS[name]
    _provisioners._STACK_TAG_PROPERTY.setdefault(name, ("Tags", "list"))
    for step, position in (("create", 1), ("update", 2)):
        handlers[step] = _followed_by(handlers[step], position, after)


def _followed_by(
    handler: Callable[..., tuple[str, Record]], position: int, after: Callable[[str, Record], None]
) -> Callable[..., tuple[str, Record]]:
    def followed(*arguments: Any) -> tuple[str, Record]:
        physical_id, attributes = handler(*arguments)
        after(physical_id, arguments[position])
        return physical_id, attributes

    return followed


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
    return given.split("/")[1] if given.startswith("arn:") and "/" in given else given
