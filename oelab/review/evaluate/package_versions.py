"""Compares versions as the node's own package manager does.

rpm and dpkg order versions differently from each other and from anything else: a tilde sorts
before the end, an epoch before all. univers follows both; Windows has plain numbers.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from univers.debian import Version as DebianVersion
from univers.rpm import RpmVersion

from oelab.findings import BadInputError

_COMPARE = {"<": lt, "<=": le, ">": gt, ">=": ge, "=": eq, "!=": ne}
# Letters, digits and what the versions of rpm, dpkg and Windows have in addition to these.
_CONDITION = re.compile(r"\s*(<=|>=|!=|==|=|<|>)?\s*([A-Za-z0-9][A-Za-z0-9.+:~^_()-]*)\s*")
# As in the ranges of other package managers, such as 3.x.
_WILDCARD = re.compile(r"(^|\.)[xX](\.|$)")
_DIGIT = re.compile(r"[0-9]")
_NUMBERS = re.compile(r"\d+(\.\d+)*")


Scheme = Callable[[str], Any]
"""How a platform orders versions: it makes of each what can be compared with others.

It raises `ValueError` for one that does not fit.
"""


def numbers(version: str) -> list[int]:
    """The scheme of numbers with dots between; what a version leaves out at its end is 0."""
    if not _NUMBERS.fullmatch(version):
        raise ValueError(f"{version!r} must be numbers with dots between")
    return [int(part) for part in re.sub(r"(\.0+)+$", "", version).split(".")]


def scheme_of(platform_type: str, platform_name: str) -> Scheme:
    """How a node orders versions, from its platform."""
    if platform_type != "Linux":
        return numbers
    is_by_deb = platform_name.lower().startswith(("ubuntu", "debian", "raspbian"))
    return DebianVersion.from_string if is_by_deb else RpmVersion.from_string


@dataclass(frozen=True, kw_only=True, slots=True)
class VersionCondition:
    """One comparison, such as `<3.0.14`."""

    sign: str
    version: str

    def holds(self, installed: str, scheme: Scheme) -> bool | None:
        """Whether it holds for an installed version; None where one does not fit the scheme.

        An epoch or a release counts only if the condition names one: `<3.0.14` means the version
        that the authors of the package gave it.
        """
        comparable = self._comparable(installed, scheme)
        if not comparable:
            return None
        try:
            return bool(_COMPARE[self.sign](scheme(comparable), scheme(self.version)))
        except ValueError:
            return None

    def _comparable(self, installed: str, scheme: Scheme) -> str:
        if scheme is numbers:
            return installed
        if ":" not in self.version:
            installed = installed.rpartition(":")[2]
        if "-" not in self.version.rpartition(":")[2]:
            # The release of rpm and the revision of dpkg are what follows the last hyphen.
            head, hyphen, _ = installed.rpartition("-")
            installed = head if hyphen else installed
        return installed


def parse_conditions(text: str) -> tuple[VersionCondition, ...]:
    """Conditions that all must hold, separated by commas: `>=3.0,<3.0.14`.

    Raises `BadInputError` for anything else.
    """
    conditions = []
    for part in text.split(","):
        matched = _CONDITION.fullmatch(part)
        # Every scheme has an order for letters too, so that a slip would match nothing.
        if not matched or not _DIGIT.search(matched[2]) or _WILDCARD.search(matched[2]):
            raise BadInputError(
                f"--version {text!r} must be comparisons with whole versions, which have a digit "
                "and no wildcard; write it like '<3.0.14' or '>=3.0,<3.1'"
            )
        sign = {None: "=", "==": "="}.get(matched[1], matched[1])
        conditions.append(VersionCondition(sign=sign, version=matched[2]))
    return tuple(conditions)
