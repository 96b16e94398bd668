"""The policies that constructs make, as the policies.toml here writes them."""

import tomllib
from importlib.resources import files
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from oelab.systems_manager.permissions import ACTIONS

_POLICIES = tomllib.loads(files(__package__).joinpath("policies.toml").read_text(encoding="utf-8"))


def statements_of(policy: str, **words: Any) -> list[iam.PolicyStatement]:
    """The statements of a policy, in which `words` are filled in, and where the stack is."""
    words |= {
        "partition": cdk.Aws.PARTITION,
        "region": cdk.Aws.REGION,
        "account": cdk.Aws.ACCOUNT_ID,
        "url_suffix": cdk.Aws.URL_SUFFIX,
    }
    return [
        iam.PolicyStatement.from_json(
            {"Effect": "Allow", **_filled(each, words), "Action": list(ACTIONS[each["Action"]])}
        )
        for each in _POLICIES[policy]
    ]


def _filled(part: Any, words: dict[str, Any]) -> Any:
    match part:
        case dict():
            return {key.format_map(words): _filled(each, words) for key, each in part.items()}
        case list():
            return [_filled(each, words) for each in part]
    # A list takes the whole place of its name.
    return words.get(part.strip("{}")) or part.format_map(words)
