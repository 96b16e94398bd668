"""What a change allows or forbids: policy statements, managed policies and network rules.

The same ground as the security section of `cdk diff`, in one line each.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from oelab.diff.resources import ResourceChange
from oelab.diff.stack_update import Definitions, StackUpdate, properties
from oelab.diff.vocabulary import Effect
from oelab.template.intrinsics import (
    UNDER_CONDITION,
    alternatives,
    format_value,
    function_of,
    references,
)

_GROUP = "AWS::EC2::SecurityGroup"
_ELEMENTS = {"Action": "", "Resource": "on", "Principal": "to", "Condition": "if"}
_DIRECTIONS = {"SecurityGroupIngress": "in", "SecurityGroupEgress": "out"}


@dataclass(frozen=True, kw_only=True, order=True)
class SecurityChange:
    """A rule that comes or goes: `kind` is statement, managed_policy or network."""

    added: bool
    logical_id: str
    kind: str
    rule: str


def compare_security(
    update: StackUpdate, changes: Collection[ResourceChange]
) -> tuple[SecurityChange, ...]:
    """The rules that come and go.

    A security group without egress rules lets everything out if it is created so, as are those
    that are replaced, and nothing if it loses its rules.
    """
    replaced = {each.logical_id for each in changes if each.effect is Effect.REPLACED}
    before = Counter(_rules(update.before))
    after = Counter(_rules(update.after, closed=groups_that_close(update) - replaced))
    return tuple(
        SecurityChange(added=added, logical_id=logical_id, kind=kind, rule=rule)
        for added, rules in ((False, before - after), (True, after - before))
        for logical_id, kind, rule in sorted(rules)
    )


def groups_that_close(update: StackUpdate) -> set[str]:
    """The security groups that lose all their egress rules, and so let nothing out.

    EC2 adds a rule for all traffic only to a new group. Source: AWS::EC2::SecurityGroup in the
    CloudFormation template reference.
    """
    bare = _groups_without_egress(update.after) - _groups_without_egress(update.before)
    return bare & update.before.keys()


def _groups_without_egress(definitions: Definitions) -> set[str]:
    """The security groups that have no egress rule, neither their own nor as a resource."""
    with_rules = {
        group
        for each in definitions.values()
        if each["Type"] == "AWS::EC2::SecurityGroupEgress"
        for group in references(properties(each).get("GroupId"))
    }
    return {
        logical_id
        for logical_id, each in definitions.items()
        if each["Type"] == _GROUP and not properties(each).get("SecurityGroupEgress")
    } - with_rules


def _rules(
    definitions: Definitions, *, closed: Collection[str] = ()
) -> Iterator[tuple[str, str, str]]:
    """The rules with the resource and their kind; groups that are `closed` let nothing out."""
    for logical_id, definition in definitions.items():
        found = properties(definition)
        suffix = UNDER_CONDITION if "Condition" in definition else ""
        holders = _holders(found)
        statements = (f"{_statement(each)}{holders}{when}" for each, when in _statements(found))
        for kind, rules in (
            ("statement", statements),
            ("managed_policy", _managed_policies(found)),
            ("network", _network_rules(definition["Type"], found)),
        ):
            for rule in rules:
                yield logical_id, kind, rule + suffix
    for logical_id in _groups_without_egress(definitions) - {*closed}:
        yield logical_id, "network", "out: all traffic to anywhere, as no rule says otherwise"


def _holders(found: Mapping[str, Any]) -> str:
    """Whose a policy is that a resource attaches by itself."""
    holders = [
        format_value(holder)
        for kind in ("Roles", "Users", "Groups")
        for holder, _ in alternatives(found.get(kind))
    ]
    return f" for {', '.join(sorted(holders))}" if holders else ""


def _statements(value: Any) -> Iterator[tuple[Any, str]]:
    """The statements of every policy document in a value, known by its shape."""
    if isinstance(value, list):
        for item in value:
            yield from _statements(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key == "Statement":
                yield from alternatives(item)
            else:
                yield from _statements(item)


def _statement(statement: Any) -> str:
    if not isinstance(statement, dict) or "Effect" not in statement:
        return format_value(statement)
    words = [format_value(statement["Effect"]).lower()]
    for element, joint in _ELEMENTS.items():
        if element in statement:
            words += [joint, _listed(statement[element])]
        elif f"Not{element}" in statement:
            words += [joint, "all but", _listed(statement[f"Not{element}"])]
    return " ".join(filter(None, words))


def _listed(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(sorted(map(format_value, value)))
    if isinstance(value, dict) and not function_of(value):
        return ", ".join(f"{kind} {_listed(names)}" for kind, names in sorted(value.items()))
    return format_value(value)


def _managed_policies(found: Mapping[str, Any]) -> Iterator[str]:
    for policy, condition in alternatives(found.get("ManagedPolicyArns")):
        yield f"policy {format_value(policy)}{condition}"
    if "PermissionsBoundary" in found:
        yield f"permissions boundary {format_value(found['PermissionsBoundary'])}"


def _network_rules(resource_type: str, found: Mapping[str, Any]) -> Iterator[str]:
    """What a resource with these properties lets in and out."""
    for name, direction in _DIRECTIONS.items():
        if resource_type == f"AWS::EC2::{name}":
            group = format_value(found.get("GroupId", found.get("GroupName")))
            yield f"{_network_rule(direction, found)} of {group}"
        for rule, condition in alternatives(found.get(name)) if resource_type == _GROUP else ():
            line = _network_rule(direction, rule)
            # The CDK's way to let nothing out, as EC2 has no other where a group must have a rule.
            if "255.255.255.255/32" not in line:
                yield line + condition


def _network_rule(direction: str, rule: Any) -> str:
    if not isinstance(rule, dict) or function_of(rule):
        return f"{direction}: {format_value(rule)}"
    protocol = format_value(rule.get("IpProtocol", "-1"))
    peers = ", ".join(
        format_value(value)
        for name, value in rule.items()
        if name.startswith(("Cidr", "Source", "Destination"))
    )
    first, last = (format_value(rule.get(key, "")) for key in ("FromPort", "ToPort"))
    ports = first if first == last else f"{first}-{last}"
    traffic = "all traffic" if protocol == "-1" else f"{protocol} {ports}".strip()
    return f"{direction}: {traffic} {'from' if direction == 'in' else 'to'} {peers or 'nobody'}"
