"""Compares versions as the node's own package manager does.

rpm and dpkg order versions differently from each other and from anything else: a tilde sorts
before the end, an epoch before all. univers follows both; Windows has plain numbers.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from itertools import zip_longest

from univers.debian import compare_versions
from univers.rpm import compare_rpm_versions

# By the sign of a comparison: which results of a three-way comparison satisfy it.
_SATISFIES: Mapping[str, tuple[int, ...]] = {
    "<=": (-1, 0),
    ">=": (0, 1),
    "!=": (-1, 1),
    "<": (-1,),
    ">": (1,),
    "=": (0,),
}
_CONDITION = re.compile(r"\s*(<=|>=|!=|==|=|<|>)?\s*([^\s<>=!~][^\s<>=!]*)\s*")
_DIGIT = re.compile(r"[0-9]")
_REMEDY = "write it like '<3.0.14' or '>=3.0,<3.1'"
_NUMBERS = re.compile(r"\d+(\.\d+)*")


class Scheme(Enum):
    """How a platform orders versions."""

    RPM = "rpm"
    DEB = "deb"
    NUMBERS = "numbers"


@dataclass(frozen=True, kw_only=True, slots=True)
class Installed:
    """A version in the parts that inventory names; `release` and `epoch` may be empty."""

    version: str
    release: str = ""
    epoch: str = ""

    def __str__(self) -> str:
        epoch = f"{self.epoch}:" if self.epoch and self.epoch != "0" else ""
        return f"{epoch}{self.version}{f'-{self.release}' if self.release else ''}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """One comparison, such as `<3.0.14`."""

    sign: str
    version: str

    def holds(self, installed: Installed, scheme: Scheme) -> bool | None:
        """Whether it holds for what is installed; None where a version does not fit the scheme.

        An epoch or a release counts only if the condition names one: who asks for `<3.0.14` means
        the version that the package's authors gave it.
        """
        left = _cut(str(installed), self.version, scheme)
        try:
            return _COMPARE[scheme](left, self.version) in _SATISFIES[self.sign]
        except ValueError:
            return None


def parse(text: str) -> tuple[Condition, ...]:
    """Conditions that all must hold, separated by commas: `>=3.0,<3.0.14`.

    Raises `ValueError` for anything else.
    """
    if not text.strip():
        raise ValueError(f"must not be empty; {_REMEDY}, or leave it out")
    conditions = []
    for part in text.split(","):
        matched = _CONDITION.fullmatch(part)
        if not matched:
            raise ValueError(f"{text!r} is no comparison of versions; {_REMEDY}")
        if not _DIGIT.search(matched[2]):
            # Every scheme has an order for letters too, so that a slip would match nothing.
            raise ValueError(
                f"{text!r} compares with {matched[2]!r}, and a version has a digit; {_REMEDY}"
            )
        sign = {None: "=", "==": "="}.get(matched[1], matched[1])
        conditions.append(Condition(sign=sign, version=matched[2]))
    return tuple(conditions)


def scheme_of(platform_type: str, platform_name: str) -> Scheme:
    """How a node orders versions, from its platform."""
    if platform_type != "Linux":
        return Scheme.NUMBERS
    by_deb = ("ubuntu", "debian", "raspbian")
    return Scheme.DEB if platform_name.lower().startswith(by_deb) else Scheme.RPM


def _cut(installed: str, wanted: str, scheme: Scheme) -> str:
    if scheme is Scheme.NUMBERS:
        return installed
    if ":" not in wanted:
        installed = installed.rpartition(":")[2]
    if "-" not in wanted.rpartition(":")[2]:
        # The release of rpm and the revision of dpkg are what follows the last hyphen.
        head, hyphen, _ = installed.rpartition("-")
        installed = head if hyphen else installed
    return installed


def _compare_debs(one: str, other: str) -> int:
    return int(compare_versions(one, other))  # type: ignore[no-untyped-call]


def _compare_rpms(one: str, other: str) -> int:
    if not one:
        raise ValueError("an empty version is no version")
    return int(compare_rpm_versions(one, other))


def _compare_numbers(one: str, other: str) -> int:
    if not (_NUMBERS.fullmatch(one) and _NUMBERS.fullmatch(other)):
        raise ValueError(f"{one!r} and {other!r} must be numbers with dots between")
    for left, right in zip_longest(_split(one), _split(other), fillvalue=0):
        if left != right:
            return 1 if left > right else -1
    return 0


def _split(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]


_COMPARE: Mapping[Scheme, Callable[[str, str], int]] = {
    Scheme.RPM: _compare_rpms,
    Scheme.DEB: _compare_debs,
    Scheme.NUMBERS: _compare_numbers,
}
