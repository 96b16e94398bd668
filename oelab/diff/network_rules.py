"""What security groups let in and out, in a line each."""

from collections.abc import Iterator, Mapping
from typing import Any

from oelab.diff.assembly import Stack
from oelab.diff.values import is_function, items, references, text, written_out

_GROUP = "AWS::EC2::SecurityGroup"
_EGRESS = "AWS::EC2::SecurityGroupEgress"
_RULES = {"AWS::EC2::SecurityGroupIngress": "in", _EGRESS: "out"}
_PEERS = (
    "CidrIp",
    "CidrIpv6",
    "SourceSecurityGroupId",
    "SourceSecurityGroupName",
    "DestinationSecurityGroupId",
    "SourcePrefixListId",
    "DestinationPrefixListId",
)


def groups_without_egress(stack: Stack) -> set[str]:
    """The security groups that have no rule for what goes out, neither their own nor beside them.

    EC2 adds one for all traffic to a group that is made so.
    """
    beside = {
        group
        for logical_id, resource in stack.resources.items()
        if resource["Type"] == _EGRESS
        for group in references(stack.properties(logical_id).get("GroupId"))
    }
    return {
        logical_id
        for logical_id, resource in stack.resources.items()
        if resource["Type"] == _GROUP and logical_id not in beside
        if not written_out(stack.properties(logical_id), stack.template).get("SecurityGroupEgress")
    }


def groups_that_close(base: Stack, head: Stack) -> set[str]:
    """The security groups that lose all their rules for what goes out, and so let nothing out.

    EC2 adds none to them then. Source: AWS::EC2::SecurityGroup in the CloudFormation reference.
    """
    bare = groups_without_egress(head) - groups_without_egress(base)
    return bare & base.resources.keys()


def rules_in_words(resource_type: str, properties: Mapping[str, Any]) -> Iterator[str]:
    """What a resource with these properties, written out, lets in and out."""
    if resource_type in _RULES:
        group = text(properties.get("GroupId", properties.get("GroupName")))
        yield f"{_rule(_RULES[resource_type], properties)} of {group}"
    if resource_type != _GROUP:
        return
    for rule, condition in items(properties.get("SecurityGroupIngress")):
        yield _rule("in", rule) + condition
    for rule, condition in items(properties.get("SecurityGroupEgress")):
        # The CDK's way to let nothing out, as EC2 has no other where a group must have a rule.
        if rule.get("CidrIp") != "255.255.255.255/32":
            yield _rule("out", rule) + condition


def _rule(direction: str, rule: Mapping[str, Any]) -> str:
    if is_function(rule):
        return f"{direction}: {text(rule)}"
    protocol = text(rule.get("IpProtocol", "-1"))
    peers = ", ".join(text(rule[peer]) for peer in _PEERS if peer in rule)
    to_or_from = "from" if direction == "in" else "to"
    what = "all traffic" if protocol == "-1" else f"{protocol} {_ports(rule)}".strip()
    return f"{direction}: {what} {to_or_from} {peers or 'nobody'}"


def _ports(rule: Mapping[str, Any]) -> str:
    first, last = (text(rule[key]) if key in rule else "" for key in ("FromPort", "ToPort"))
    return first if first == last else f"{first}-{last}"
