"""What is wrong with a value, said so that its reader can mend it."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One value that cannot work.

    `where` is the property or the settings path, `value` what was given (None for nothing), `rule`
    what must hold of it (it reads on from `where`: "must be at least 30"), `remedy` what to do,
    `source` the AWS page or schema that the rule comes from.
    """

    where: str
    value: object
    rule: str
    remedy: str
    source: str = ""

    def __str__(self) -> str:
        source = f" ({self.source})" if self.source else ""
        got = "" if self.value is None else f", got {self.value!r}"
        return f"{self.where} {self.rule}{got}; {self.remedy}{source}"


class FaultsError(ValueError):
    """All that is wrong with a set of values, reported together."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))
