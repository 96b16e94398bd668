"""Policies of the app, evaluated by IAM."""

import tomllib
from collections.abc import Mapping
from types import MappingProxyType

from verify_account.account import ROOT, Account, expect

POLICY = ROOT / "docs" / "deployer-policy.json"
_NONE: Mapping[str, str] = MappingProxyType({})


def evaluate(
    aws: Account,
    principal: str,
    policy: str,
    resources: Mapping[str, str] = _NONE,
    *,
    skip: str = "",
) -> str:
    """Have IAM simulate the calls of our table, and return how many they are.

    `resources` are the names of the table's resources here, by theirs, and `skip` is one that is
    not here. Raises `RefutedError` with the calls that IAM evaluates otherwise.
    """
    table = tomllib.loads((ROOT / "tests" / "gates" / "permissions.toml").read_text())
    rows = [row for row in table["calls"][principal] if row["resource"] != skip]
    renamed = {"111122223333": aws.id, ":us-east-1:": f":{aws.region}:", **resources}
    wrong = []
    for row in rows:
        resource = table["resources"].get(row["resource"], "*")
        for name, name_here in renamed.items():
            resource = resource.replace(name, name_here)
        context = dict(row.get("context", {}))
        if "stack" in row:
            context["aws:ResourceTag/aws:cloudformation:stack-name"] = row["stack"]
        entries = [
            {
                "ContextKeyName": name,
                "ContextKeyValues": [value],
                "ContextKeyType": "boolean" if value in ("true", "false") else "string",
            }
            for name, value in context.items()
        ]
        answer = aws.client("iam").simulate_custom_policy(
            PolicyInputList=[policy],
            ActionNames=[row["action"]],
            ResourceArns=[resource],
            ContextEntries=entries,
        )
        is_allowed = answer["EvaluationResults"][0]["EvalDecision"] == "allowed"
        if is_allowed != (row["expected"] == "allowed"):
            wrong.append(f"{row['action']} on {row['resource']} is not {row['expected']}")
    expect(not wrong, "; ".join(wrong))
    return f"{len(rows)} calls"
