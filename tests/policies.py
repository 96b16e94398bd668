"""What a policy of a template lets an AWS service or a role do."""

import json
from collections.abc import Sequence
from typing import Any

from ministack.core.iam_evaluator import (
    EvalContext,
    evaluate,
    evaluate_resource_policy,
    parse_policy_document,
)

# What the pseudo parameters stand for.
ACCOUNT = "111122223333"
REFS = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::Region": "us-east-1",
    "AWS::URLSuffix": "amazonaws.com",
}


def resolved(value: Any, attributes: dict[str, str]) -> Any:
    """A value of a template, with `LogicalId.Attribute` and `LogicalId` from `attributes`."""
    if isinstance(value, list):
        return [resolved(each, attributes) for each in value]
    if not isinstance(value, dict):
        return value
    if "Ref" in value:
        return {**REFS, **attributes}[value["Ref"]]
    if "Fn::GetAtt" in value:
        return attributes[".".join(value["Fn::GetAtt"])]
    if "Fn::Join" in value:
        separator, parts = value["Fn::Join"]
        return separator.join(resolved(parts, attributes))
    return {name: resolved(each, attributes) for name, each in value.items()}


def allows(
    policy: dict[str, Any],
    action: str,
    resource: str,
    keys: dict[str, str],
    *,
    service: str = "ssm.amazonaws.com",
    is_encrypted: bool = True,
) -> bool:
    """Whether the policy of a resource lets a service do this, over TLS unless said otherwise."""
    context = EvalContext(
        principal_arn="",
        principal_type="AssumedRole",
        principal_account=ACCOUNT,
        action=action,
        resource_arn=resource,
        region="us-east-1",
        secure_transport=is_encrypted,
        service_context={
            "aws:principalisawsservice": "true",
            **{name.lower(): value for name, value in keys.items()},
        },
    )
    decision = evaluate_resource_policy(json.dumps(policy), context, service=service).decision
    return bool(decision == "Allow")


def decision(
    policies: Sequence[dict[str, Any]], action: str, resource: str, keys: dict[str, str]
) -> str:
    """What the policies of a role decide: Allow, Deny by a statement, or ImplicitDeny by none."""
    context = EvalContext(
        principal_arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/Role/session",
        principal_type="AssumedRole",
        principal_account=ACCOUNT,
        action=action,
        resource_arn=resource,
        region="us-east-1",
        secure_transport=True,
        service_context={name.lower(): value for name, value in keys.items()},
    )
    parsed = [parse_policy_document(json.dumps(policy)) for policy in policies]
    return str(evaluate(context, parsed).decision)
