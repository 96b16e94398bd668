"""The instances of an app, each with its tags."""

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from oelab.checks import launch_configuration as launch
from oelab.checks.launch_configuration import Launch
from oelab.template.app import App
from oelab.template.assembly import Environment
from oelab.template.expression import Expression, Resource
from oelab.template.values import Value, value_of

INSTANCE = "AWS::EC2::Instance"
GROUP = "AWS::AutoScaling::AutoScalingGroup"


@dataclass(frozen=True, eq=False, kw_only=True)
class Node:
    """An instance, or the instances that one resource launches.

    `tags_known` is false where tags may come from elsewhere too, such as a launch template that
    the app does not define.
    """

    resource: Resource
    launch: Launch
    tags: Mapping[str, Value]
    tags_known: bool

    @property
    def path(self) -> str:
        """The construct path."""
        return self.resource.path

    @property
    def environment(self) -> Environment:
        """Where it is launched."""
        return self.resource.stack.environment


def nodes_of(app: App) -> list[Node]:
    """Every instance, Auto Scaling group, and launch template that none of these uses.

    A launch template on its own stands for the instances that something outside of the app will
    launch from it.
    """
    instances = [_instance(resource) for resource in app.of_type(INSTANCE)]
    groups = [_group(resource) for resource in app.of_type(GROUP)]
    used = {template for node in (*instances, *groups) for template in _used(node.resource)}
    templates = [
        _template(resource)
        for resource in app.of_type(launch.LAUNCH_TEMPLATE)
        if resource not in used
    ]
    return [*instances, *groups, *templates]


def _instance(resource: Resource) -> Node:
    described = launch.of_instance(resource)
    tags = {
        **_stack_tags(resource),
        **_template_tags(resource),
        **_tags(resource.all("Tags")),
    }
    return _node(resource, described, tags, resource.get("Tags"))


def _group(resource: Resource) -> Node:
    described = launch.of_group(resource)
    propagated = [tag for tag in resource.all("Tags") if tag.text_of("PropagateAtLaunch") == "true"]
    tags = {
        **_stack_tags(resource),
        **_template_tags(resource),
        **_tags(propagated),
    }
    return _node(resource, described, tags, resource.get("Tags"))


def _template(resource: Resource) -> Node:
    # Whoever launches from it may add what it does not say.
    described = dataclasses.replace(launch.of_template(resource), complete=False)
    return _node(resource, described, _tags(_specified_tags(resource)), None)


def _node(
    resource: Resource, described: Launch, tags: Mapping[str, Value], own: Expression | None
) -> Node:
    known = described.complete and (own is None or own.function is None)
    return Node(resource=resource, launch=described, tags=tags, tags_known=known)


def _used(resource: Resource) -> Iterator[Resource]:
    for specification in _specifications(resource):
        if template := launch.named_template(specification):
            yield template


def _specifications(resource: Resource) -> Iterator[Expression]:
    """What names a launch template in an instance or an Auto Scaling group."""
    if specification := resource.get("LaunchTemplate"):
        yield specification
    if mixed := resource.properties.at("MixedInstancesPolicy", "LaunchTemplate"):
        if specification := mixed.get("LaunchTemplateSpecification"):
            yield specification
        for override in mixed.all("Overrides"):
            if specification := override.get("LaunchTemplateSpecification"):
                yield specification


def _template_tags(resource: Resource) -> dict[str, Value]:
    tags: dict[str, Value] = {}
    for template in _used(resource):
        tags |= _tags(_specified_tags(template))
    return tags


def _specified_tags(template: Resource) -> list[Expression]:
    """The tags that a launch template gives to instances, rather than to volumes or itself."""
    data = template.get("LaunchTemplateData")
    return [
        tag
        for specification in (data.all("TagSpecifications") if data else [])
        if specification.text_of("ResourceType") == "instance"
        for tag in specification.all("Tags")
    ]


def _stack_tags(resource: Resource) -> dict[str, Value]:
    """What CloudFormation adds: the tags of the stack, and where the resource is from."""
    own = {
        "aws:cloudformation:stack-name": resource.stack.name,
        "aws:cloudformation:logical-id": resource.logical_id,
    }
    return {key: Value(text) for key, text in {**resource.stack.tags, **own}.items()}


def _tags(tags: list[Expression]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for tag in tags:
        key, value = tag.text_of("Key"), tag.get("Value")
        if key is not None and value is not None:
            found[key] = value_of(value)
    return found
