"""What a deployment would run into."""

from dataclasses import dataclass
from enum import Enum


class Effect(Enum):
    """What comes of it, from the worst on."""

    FAILS = "fails"
    """The deployment fails, or destroys what is not ours."""
    DIFFERS = "differs"
    """It succeeds, and does not do what the settings say."""
    NOTE = "note"
    """Good to know; no finding."""

    @property
    def order(self) -> int:
        """Position from the worst (0) on."""
        return list(Effect).index(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class Clash:
    """One thing that is in the way: whose it is, what it is, and what to do."""

    place: str
    topic: str
    effect: Effect
    owner: str
    reason: str
    remedy: str
