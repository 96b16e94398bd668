"""The inventory associations of an app, and which of its nodes each one hits."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from oelab.checks.nodes import INSTANCE, Node
from oelab.checks.resource_groups import tags_of_members
from oelab.systems_manager.documents import INVENTORY_DOCUMENT, QUICK_SETUP_INVENTORY
from oelab.systems_manager.tristate import Answer, all_of, any_of
from oelab.template.app import App
from oelab.template.assembly import Environment
from oelab.template.expression import Expression, Resource
from oelab.template.values import Value, equal, value_of

_ASSOCIATION = "AWS::SSM::Association"


class Kind(StrEnum):
    """How an association names its nodes."""

    ALL_NODES = "all nodes"
    INSTANCES = "instances"
    TAGS = "tags"
    OPAQUE = "unknown"


@dataclass(frozen=True, eq=False, kw_only=True)
class Association:
    """An association with the inventory document.

    `tags` maps each tag key to the values that State Manager accepts, all keys being required; no
    values accept any, as the value is optional (Systems Manager User Guide, "Understanding targets
    and rate controls in State Manager associations"). `instances` are ids. A resource group that
    the app defines by tags counts as those tags, any other is opaque, and `group` is its name.
    """

    resource: Resource
    kind: Kind
    tags: Mapping[str, tuple[Value, ...]]
    instances: tuple[Expression, ...]
    group: Value | None
    quick_setup: bool

    @property
    def path(self) -> str:
        """The construct path."""
        return self.resource.path

    @property
    def environment(self) -> Environment:
        """Where it is created."""
        return self.resource.stack.environment

    def hits(self, node: Node) -> Answer:
        """Whether it runs on a node of its account and Region."""
        if self.kind is Kind.ALL_NODES:
            return True
        if self.kind is Kind.INSTANCES:
            return any_of(_is_instance(instance, node) for instance in self.instances)
        if self.kind is Kind.TAGS:
            return all_of(_carries(node, key, values) for key, values in self.tags.items())
        return None

    def __str__(self) -> str:
        match self.kind:
            case Kind.ALL_NODES:
                return "InstanceIds=*"
            case Kind.TAGS:
                return ", ".join(
                    f"tag:{key}={'|'.join(map(str, values))}" for key, values in self.tags.items()
                )
            case Kind.INSTANCES:
                return f"InstanceIds={'|'.join(_shown(id_) for id_ in self.instances)}"
        return f"resource-groups:Name={self.group}" if self.group else "unknown targets"


def associations_of(app: App) -> list[Association]:
    """Every inventory association, defined by whatever construct."""
    return [
        _association(resource)
        for resource in app.of_type(_ASSOCIATION)
        if _document(resource) == INVENTORY_DOCUMENT
    ]


def _document(resource: Resource) -> str | None:
    """The name of the document, which may be given as an ARN."""
    name = resource.text_of("Name")
    return name.rpartition("/")[2] if name else None


def _association(resource: Resource) -> Association:
    name = resource.text_of("AssociationName") or ""
    tags: dict[str, tuple[Value, ...]] = {}
    instances = [*resource.all("InstanceId")]
    group: Value | None = None
    opaque = False
    for target in resource.all("Targets"):
        kind, tag = _key(target)
        values = target.all("Values")
        if kind == "instanceids":
            instances += values
        elif kind == "tag":
            tags[tag] = tuple(value_of(value) for value in values)
        elif kind == "resource-groups:name" and values:
            group = value_of(values[0])
            group_tags = tags_of_members(values[0])
            opaque = opaque or group_tags is None
            tags |= group_tags or {}
        else:
            opaque = True
    return Association(
        resource=resource,
        kind=_kind(tags, instances, opaque),
        tags=tags,
        instances=tuple(instances),
        group=group,
        quick_setup=name.startswith(QUICK_SETUP_INVENTORY),
    )


def _key(target: Expression) -> tuple[str, str]:
    """The kind of a target in small letters, and the key of the tag where it is one.

    AWS's own pages write `instanceids` as well as `InstanceIds`, as under "Run commands at scale"
    in the Systems Manager User Guide. The keys of tags are as they are spelt.
    """
    key = target.text_of("Key") or ""
    kind, _, tag = key.partition(":")
    return ("tag", tag) if kind.casefold() == "tag" else (key.casefold(), "")


def _kind(
    tags: Mapping[str, tuple[Value, ...]],
    instances: list[Expression],
    opaque: bool,
) -> Kind:
    if any(instance.text() == "*" for instance in instances):
        return Kind.ALL_NODES
    # State Manager does not mix ids with tags, so what does is not understood here.
    if opaque or (tags and instances):
        return Kind.OPAQUE
    return Kind.TAGS if tags else Kind.INSTANCES


def _is_instance(instance: Expression, node: Node) -> Answer:
    known = instance.resource(INSTANCE)
    if known is not None:
        return known == node.resource
    # The id of an instance that is yet to be made is not known to anybody.
    return None if instance.text() is None else False


def _carries(node: Node, key: str, values: tuple[Value, ...]) -> Answer:
    tag = node.tags.get(key)
    if tag is None:
        return False if node.tags_known else None
    return any_of(equal(tag, value) for value in values) if values else True


def _shown(instance: Expression) -> str:
    if isinstance(instance.value, dict):
        return "".join(str(value) for value in instance.value.values())
    return str(instance.value)
