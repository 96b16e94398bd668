"""The grammar of IAM policy documents, as far as IAM itself rejects what breaks it.

The faults are worded as IAM words them. Not checked: whether an action exists, what a condition
holds, and the size of the document.
"""

import json
import re
from typing import Any

_VERSIONS = ("2012-10-17", "2008-10-17")
_ACTION = re.compile(r"^(\*|[A-Za-z0-9-]+:[A-Za-z0-9*?]+)$")
_SYNTAX = "Syntax errors in policy."


def identity_policy_fault(document: Any) -> str | None:
    """What is wrong with a policy for a role, or None."""
    statements, fault = _statements(document)
    for statement in statements:
        if "Principal" in statement or "NotPrincipal" in statement:
            return "Policy document should not specify a principal."
        fault = fault or _actions_fault(statement) or _resources_fault(statement)
    return fault


def trust_policy_fault(document: Any) -> str | None:
    """What is wrong with a role's trust policy, or None."""
    statements, fault = _statements(document)
    for statement in statements:
        if "Resource" in statement or "NotResource" in statement:
            return "Has prohibited field Resource"
        if "Principal" not in statement:
            return "Missing required field Principal"
        fault = fault or _actions_fault(statement)
    return fault


def _statements(document: Any) -> tuple[list[dict[str, Any]], str | None]:
    if not isinstance(document, dict):
        return [], _SYNTAX
    if document.get("Version", _VERSIONS[0]) not in _VERSIONS:
        return [], f"The policy must contain a valid version string, such as {_VERSIONS[0]}"
    statements = document.get("Statement")
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(statements, list) or not statements:
        return [], _SYNTAX
    for statement in statements:
        if not isinstance(statement, dict) or statement.get("Effect") not in ("Allow", "Deny"):
            return [], _SYNTAX
    return statements, None


def _actions_fault(statement: dict[str, Any]) -> str | None:
    if ("Action" in statement) == ("NotAction" in statement):
        return "Policy statement must contain actions."
    for action in _as_list(statement.get("Action", statement.get("NotAction"))):
        if not isinstance(action, str):
            return _SYNTAX
        if not _ACTION.match(action):
            return "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
    return None


def _resources_fault(statement: dict[str, Any]) -> str | None:
    if ("Resource" in statement) == ("NotResource" in statement):
        return "Policy statement must contain resources."
    for resource in _as_list(statement.get("Resource", statement.get("NotResource"))):
        if not isinstance(resource, str):
            return _SYNTAX
        if resource != "*" and not resource.startswith("arn:"):
            return f'Resource {resource} must be in ARN format or "*".'
    return None


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def trusted_services(document: str) -> set[str]:
    """The service principals that a trust policy allows to assume its role."""
    statements, fault = _statements(json.loads(document))
    if fault:
        return set()
    services: set[str] = set()
    for statement in statements:
        principal = statement.get("Principal")
        if statement["Effect"] == "Allow" and isinstance(principal, dict):
            services.update(_as_list(principal.get("Service", [])))
    return services
