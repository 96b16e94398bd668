"""What a change allows or forbids: policy statements, managed policies and network rules.

The same ground as the security section of `cdk diff`, in one line each.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from oelab.changes.assembly import Stack
from oelab.changes.values import is_function, references, text, written_out

STATEMENT = "statement"
MANAGED_POLICY = "managed_policy"
NETWORK = "network"

_GROUP = "AWS::EC2::SecurityGroup"
_RULES = {
    "AWS::EC2::SecurityGroupIngress": "in",
    "AWS::EC2::SecurityGroupEgress": "out",
}
_PEERS = (
    "CidrIp",
    "CidrIpv6",
    "SourceSecurityGroupId",
    "SourceSecurityGroupName",
    "DestinationSecurityGroupId",
    "SourcePrefixListId",
    "DestinationPrefixListId",
)


@dataclass(frozen=True, kw_only=True)
class SecurityRule:
    """One thing that is allowed or forbidden; equal words mean the same."""

    kind: str
    logical_id: str
    words: str


@dataclass(frozen=True, kw_only=True)
class SecurityChange:
    """A rule that comes or goes."""

    added: bool
    rule: SecurityRule


def compare_security(base: Stack | None, head: Stack) -> tuple[SecurityChange, ...]:
    """The rules that come and go; all come with a stack that is new."""
    before = Counter(_rules(base)) if base else Counter()
    after = Counter(_rules(head))
    return tuple(
        SecurityChange(added=added, rule=rule)
        for added, rules in ((False, before - after), (True, after - before))
        for rule in sorted(rules, key=lambda rule: (rule.logical_id, rule.kind, rule.words))
    )


def _rules(stack: Stack) -> Iterator[SecurityRule]:
    for logical_id, resource in stack.resources.items():
        properties = written_out(resource.get("Properties", {}), stack.template)
        for words in _statements(properties, _holders(properties)):
            yield SecurityRule(kind=STATEMENT, logical_id=logical_id, words=words)
        for words in _managed_policies(properties):
            yield SecurityRule(kind=MANAGED_POLICY, logical_id=logical_id, words=words)
        for words in _network(stack, logical_id, resource["Type"], properties):
            yield SecurityRule(kind=NETWORK, logical_id=logical_id, words=words)


def _holders(properties: Mapping[str, Any]) -> str:
    """Whose a policy is that a resource attaches by itself."""
    holders = [
        text(holder)
        for kind in ("Roles", "Users", "Groups")
        for holder in properties.get(kind) or []
    ]
    return f" for {', '.join(sorted(holders))}" if holders else ""


def _statements(value: Any, holders: str) -> Iterator[str]:
    """The statements of every policy document in a value, known by its shape."""
    if isinstance(value, list):
        for item in value:
            yield from _statements(item, holders)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key != "Statement":
                yield from _statements(item, holders)
                continue
            for statement in item if isinstance(item, list) else [item]:
                yield _statement(statement) + holders


def _statement(statement: Mapping[str, Any]) -> str:
    if "Effect" not in statement:
        return text(statement)
    words = [statement["Effect"].lower(), _named(statement, "Action")]
    if "Resource" in statement or "NotResource" in statement:
        words += ["on", _named(statement, "Resource")]
    if "Principal" in statement or "NotPrincipal" in statement:
        words += ["to", _named(statement, "Principal")]
    if "Condition" in statement:
        words += ["if", text(statement["Condition"])]
    return " ".join(words)


def _named(statement: Mapping[str, Any], element: str) -> str:
    """An element of a statement, or its opposite such as NotAction."""
    if element in statement:
        return _listed(statement[element])
    return f"all but {_listed(statement.get(f'Not{element}', []))}"


def _listed(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(sorted(text(item) for item in value))
    if isinstance(value, dict) and not is_function(value):
        return ", ".join(f"{kind} {_listed(names)}" for kind, names in sorted(value.items()))
    return text(value)


def _managed_policies(properties: Mapping[str, Any]) -> Iterator[str]:
    for policy in properties.get("ManagedPolicyArns") or []:
        yield f"policy {text(policy)}"
    if "PermissionsBoundary" in properties:
        yield f"permissions boundary {text(properties['PermissionsBoundary'])}"


def _network(
    stack: Stack, logical_id: str, resource_type: str, properties: Mapping[str, Any]
) -> Iterator[str]:
    if resource_type in _RULES:
        group = text(properties.get("GroupId", properties.get("GroupName")))
        yield f"{_rule(_RULES[resource_type], properties)} of {group}"
    if resource_type != _GROUP:
        return
    for rule in properties.get("SecurityGroupIngress") or []:
        yield _rule("in", rule)
    egress = properties.get("SecurityGroupEgress") or []
    for rule in egress:
        # The CDK's way to let nothing out, as EC2 has no other where a group must have a rule.
        if rule.get("CidrIp") != "255.255.255.255/32":
            yield _rule("out", rule)
    if not egress and not _has_own_egress(stack, logical_id):
        # Source: SecurityGroupEgress in the reference of AWS::EC2::SecurityGroup.
        yield "out: all traffic to anywhere, as no rule says otherwise"


def _has_own_egress(stack: Stack, group: str) -> bool:
    return any(
        resource["Type"] == "AWS::EC2::SecurityGroupEgress"
        and group in references(resource["Properties"].get("GroupId"))
        for resource in stack.resources.values()
    )


def _rule(direction: str, rule: Mapping[str, Any]) -> str:
    protocol = text(rule.get("IpProtocol", "-1"))
    peers = ", ".join(text(rule[peer]) for peer in _PEERS if peer in rule)
    to_or_from = "from" if direction == "in" else "to"
    what = "all traffic" if protocol == "-1" else f"{protocol} {_ports(rule)}".strip()
    return f"{direction}: {what} {to_or_from} {peers or 'nobody'}"


def _ports(rule: Mapping[str, Any]) -> str:
    first, last = (text(rule[key]) if key in rule else "" for key in ("FromPort", "ToPort"))
    return first if first == last else f"{first}-{last}"
