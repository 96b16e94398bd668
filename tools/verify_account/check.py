"""What a question is, and how a function becomes one."""

from collections.abc import Callable
from dataclasses import dataclass

from verify_account.account import Account


@dataclass(frozen=True)
class Check:
    """One question that only an account can answer."""

    id: str
    question: str
    ask: Callable[[Account], str]
    """Asks the account. What it returns is the evidence for "yes"; `RefutedError` and
    `UnansweredError` are the other answers."""


def check(id: str, question: str) -> Callable[[Callable[[Account], str]], Check]:  # noqa: A002
    """Make a function a check."""
    return lambda ask: Check(id, question, ask)
