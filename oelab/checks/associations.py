"""Reads the associations of an app, and which of its nodes they reach."""

import dataclasses
from dataclasses import dataclass
from typing import Any, NamedTuple

from oelab.checks.network import networks_of
from oelab.checks.nodes import INSTANCE, NodeDefinition
from oelab.checks.rules import violation
from oelab.checks.values import are_exclusive, find_named, value_of
from oelab.environment import Environment
from oelab.findings import Finding, Severity
from oelab.systems_manager.precedence import Priority, priority_of
from oelab.systems_manager.reachability import NodeNetwork
from oelab.systems_manager.targets import (
    INSTANCE_IDS,
    RESOURCE_GROUP,
    Criterion,
    ResourceGroup,
    Tags,
    Targets,
    Value,
    describe,
    matches,
    targets_of,
)
from oelab.template.app import App
from oelab.template.expression import Expression, Resource

_GROUP = "AWS::ResourceGroups::Group"


@dataclass(frozen=True, eq=False)
class AssociationDefinition:
    """An association with the inventory document, or with a runbook for instances."""

    resource: Resource
    targets: Targets

    @property
    def priority(self) -> Priority:
        """Which of several goes first on a node, where they gather inventory."""
        return priority_of(self.resource.text_of("AssociationName") or "", self.targets)

    @property
    def environment(self) -> Environment:
        """Where it is created."""
        return self.resource.stack.environment

    def __str__(self) -> str:
        return describe(self.targets) or "no targets"


class TargetedNode(NamedTuple):
    """A node, the first of the associations that certainly reach it, and how it is connected."""

    node: NodeDefinition
    association: AssociationDefinition
    networks: list[tuple[Resource | None, NodeNetwork]]
    """Its network in each of its subnets, None for one from elsewhere."""

    @property
    def words(self) -> dict[str, Any]:
        """What the texts of rules say of it."""
        return {"node": self.node.resource, "association": self.association.resource}

    def finding(self, rule: str, value: str, *, is_certain: bool = True, **words: Any) -> Finding:
        """A finding about the node, which says why anything is asked of it."""
        severity = None if is_certain else Severity.UNKNOWN
        return violation(rule, self.node.resource, value, severity=severity, **words, **self.words)


def associations_of(app: App, document: str) -> list[AssociationDefinition]:
    """Every association with a document, whatever construct defines it."""
    return [
        AssociationDefinition(resource, _targets(resource))
        for resource in app.of_type("AWS::SSM::Association")
        # The document may be given as an ARN.
        if (resource.text_of("Name") or "").rpartition("/")[2] == document
    ]


def targeted_nodes(
    associations: list[AssociationDefinition], nodes: list[NodeDefinition]
) -> list[TargetedNode]:
    """Every node that an association certainly reaches."""
    return [
        TargetedNode(node, association, networks_of(node))
        for node in nodes
        if (association := reaching(associations, node))
    ]


def reaching(
    associations: list[AssociationDefinition], node: NodeDefinition
) -> AssociationDefinition | None:
    """The first of the associations that certainly reaches a node."""
    for each in associations:
        is_here = each.environment == node.environment
        is_reached = is_here and matches(each.targets, node.identity)
        if is_reached and not are_exclusive(each.resource, node.resource):
            return each
    return None


def _targets(resource: Resource) -> Targets:
    criteria: list[Criterion] = [
        (value_of(key), tuple(map(_target_value, target.all("Values"))))
        for target in resource.all("Targets")
        if (key := target.get("Key"))
    ]
    # The deprecated way to name one instance.
    if ids := resource.all("InstanceId"):
        criteria.append((INSTANCE_IDS, tuple(map(_target_value, ids))))
    targets = targets_of(criteria)
    if isinstance(targets, ResourceGroup):
        (name,) = (
            name
            for target in resource.all("Targets")
            if (target.text_of("Key") or "").casefold() == RESOURCE_GROUP.casefold()
            for name in target.all("Values")
        )
        group = find_named(name, _GROUP, "Name")
        return dataclasses.replace(targets, query=_query(group) if group else None)
    return targets


def _target_value(expression: Expression) -> Value:
    """A value of a target; a reference to an instance or a group of the app is the resource."""
    return expression.resource(INSTANCE) or expression.resource(_GROUP) or value_of(expression)


def _query(group: Resource) -> Tags | None:
    """The tags that a resource group asks for, None where something else defines it."""
    filters = group.all("ResourceQuery", "Query", "TagFilters")
    tags = {
        key: tuple(map(value_of, each.all("Values")))
        for each in filters
        if (key := each.text_of("Key"))
    }
    return Tags(tags) if tags and len(tags) == len(filters) else None
