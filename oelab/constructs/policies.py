"""The policies that constructs make, as the policies.toml here writes them."""

import re
from functools import cache
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from oelab.data_files import read_toml
from oelab.systems_manager.permissions import ACTIONS

_POLICIES = read_toml("policies.toml", __package__)


class _Words(dict[str, Any]):
    """What is filled in by name: what is given, and pseudo parameters as `Aws` names them."""

    def __missing__(self, name: str) -> str:
        return _pseudo_parameter(name)


@cache
def _pseudo_parameter(name: str) -> str:
    # Each costs a call of node.
    return str(getattr(cdk.Aws, name))


def statements_of(policy: str, **words: Any) -> list[iam.PolicyStatement]:
    """The statements of a policy, in which `words` are filled in, and where the stack is."""
    return [
        iam.PolicyStatement.from_json(
            {"Effect": "Allow", **_filled(each, _Words(words)), "Action": _actions(each["Action"])}
        )
        for each in _POLICIES[policy]
    ]


def _actions(name: str) -> list[str]:
    principal, purpose = name.split(".")
    return list(ACTIONS[principal][purpose])


def _filled(part: Any, words: _Words) -> Any:
    match part:
        case dict():
            return {key.format_map(words): _filled(each, words) for key, each in part.items()}
        case list():
            return [_filled(each, words) for each in part]
    # A word that fills the whole place may be a list or a table.
    if name := re.fullmatch(r"\{(\w+)\}", part):
        return words[name[1]]
    return part.format_map(words)
