"""Reads the instances of an app, each with its tags, launch and network."""

from collections.abc import Iterator
from dataclasses import dataclass

from oelab.checks import launch_configuration as launch
from oelab.checks.launch_configuration import Launch
from oelab.checks.values import value_of
from oelab.environment import Environment
from oelab.systems_manager.targets import NodeIdentity, Value
from oelab.template.app import App
from oelab.template.expression import Expression, Resource

INSTANCE = "AWS::EC2::Instance"


@dataclass(frozen=True, eq=False)
class NodeDefinition:
    """An instance, or the instances that one resource launches.

    Its identity is the resource, and it has more tags than those known where a launch template that
    the app does not define may bring some.
    """

    resource: Resource
    launch: Launch
    identity: NodeIdentity

    @property
    def environment(self) -> Environment:
        """Where it is launched."""
        return self.resource.stack.environment


def nodes_of(app: App) -> list[NodeDefinition]:
    """Every instance, Auto Scaling group, and launch template that none of these uses.

    A launch template by itself stands for the instances that something outside of the app will
    launch from it.
    """
    # An instance that routes lead to is a part of the network.
    routers = {route.referenced("InstanceId", INSTANCE) for route in app.of_type("AWS::EC2::Route")}
    instances = [each for each in app.of_type(INSTANCE) if each not in routers]
    groups = app.of_type("AWS::AutoScaling::AutoScalingGroup")
    used = {template for each in (*instances, *groups) for template in _templates(each)}
    templates = [each for each in app.of_type(launch.LAUNCH_TEMPLATE) if each not in used]
    return [
        *(_node(each, launch.of_instance(each), each.all("Tags")) for each in instances),
        *(_node(each, launch.of_group(each), _propagated_tags(each)) for each in groups),
        *map(_template, templates),
    ]


def _node(resource: Resource, described: Launch, own_tags: list[Expression]) -> NodeDefinition:
    given = resource.get("Tags")
    is_known = described.complete and (given is None or given.function is None)
    tags: dict[str, Value] = {
        # What CloudFormation adds: the tags of the stack, and where the resource is from.
        **resource.stack.tags,
        "aws:cloudformation:stack-name": resource.stack.name,
        "aws:cloudformation:logical-id": resource.logical_id,
    }
    for template in _templates(resource):
        tags |= _values(_specified_tags(template))
    identity = NodeIdentity(resource, tags | _values(own_tags), has_more_tags=not is_known)
    return NodeDefinition(resource, described, identity)


def _template(resource: Resource) -> NodeDefinition:
    # A launch from it may add what it does not say.
    described = launch.of_template(resource)._replace(complete=False)
    identity = NodeIdentity(resource, _values(_specified_tags(resource)), has_more_tags=True)
    return NodeDefinition(resource, described, identity)


def _templates(resource: Resource) -> Iterator[Resource]:
    """The launch templates that an instance or an Auto Scaling group uses."""
    mixed = "MixedInstancesPolicy", "LaunchTemplate"
    default = resource.properties.at(*mixed, "LaunchTemplateSpecification")
    overrides = resource.all(*mixed, "Overrides")
    others = [each.get("LaunchTemplateSpecification") for each in overrides]
    for specification in (resource.get("LaunchTemplate"), default, *others):
        if specification and (template := launch.named_template(specification)):
            yield template


def _propagated_tags(group: Resource) -> list[Expression]:
    return [tag for tag in group.all("Tags") if tag.text_of("PropagateAtLaunch") == "true"]


def _specified_tags(template: Resource) -> list[Expression]:
    """The tags that a launch template gives to instances, rather than to volumes or itself."""
    return [
        tag
        for specification in template.all("LaunchTemplateData", "TagSpecifications")
        if specification.text_of("ResourceType") == "instance"
        for tag in specification.all("Tags")
    ]


def _values(tags: list[Expression]) -> dict[str, Value]:
    pairs = ((tag.text_of("Key"), tag.get("Value")) for tag in tags)
    return {key: value_of(value) for key, value in pairs if key is not None and value is not None}
