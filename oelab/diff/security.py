"""What a change allows or forbids: policy statements, managed policies and network rules.

The same ground as the security section of `cdk diff`, in one line each.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from oelab.diff.assembly import Stack
from oelab.diff.network_rules import groups_that_close, groups_without_egress, rules_in_words
from oelab.diff.values import UNDER_CONDITION, is_function, items, text, written_out

STATEMENT = "statement"
MANAGED_POLICY = "managed_policy"
NETWORK = "network"


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


def compare_security(
    base: Stack | None, head: Stack, *, replaced: Collection[str] = ()
) -> tuple[SecurityChange, ...]:
    """The rules that come and go; all come with a stack that is new.

    A security group without rules lets everything out if it is made so, as are those `replaced`.
    """
    closed = groups_that_close(base, head) - {*replaced} if base else ()
    before = Counter(_rules(base)) if base else Counter()
    after = Counter(_rules(head, closed=closed))
    return tuple(
        SecurityChange(added=added, rule=rule)
        for added, rules in ((False, before - after), (True, after - before))
        for rule in sorted(rules, key=lambda rule: (rule.logical_id, rule.kind, rule.words))
    )


def _rules(stack: Stack, *, closed: Collection[str] = ()) -> Iterator[SecurityRule]:
    for logical_id, resource in stack.resources.items():
        properties = written_out(resource.get("Properties", {}), stack.template)
        found = {
            STATEMENT: _statements(properties, _holders(properties)),
            MANAGED_POLICY: _managed_policies(properties),
            NETWORK: rules_in_words(resource["Type"], properties),
        }
        condition = UNDER_CONDITION if "Condition" in resource else ""
        for kind, rules in found.items():
            for words in rules:
                yield SecurityRule(kind=kind, logical_id=logical_id, words=words + condition)
    for logical_id in groups_without_egress(stack) - {*closed}:
        words = "out: all traffic to anywhere, as no rule says otherwise"
        yield SecurityRule(kind=NETWORK, logical_id=logical_id, words=words)


def _holders(properties: Mapping[str, Any]) -> str:
    """Whose a policy is that a resource attaches by itself."""
    holders = [
        text(holder)
        for kind in ("Roles", "Users", "Groups")
        for holder, _ in items(properties.get(kind))
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
            for statement, condition in items(item):
                yield _statement(statement) + holders + condition


def _statement(statement: Mapping[str, Any]) -> str:
    if "Effect" not in statement:
        return text(statement)
    words = [text(statement["Effect"]).lower(), _named(statement, "Action")]
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
    for policy, condition in items(properties.get("ManagedPolicyArns")):
        yield f"policy {text(policy)}{condition}"
    if "PermissionsBoundary" in properties:
        yield f"permissions boundary {text(properties['PermissionsBoundary'])}"
