"""The findings that are about more than the limits of one value, whose texts are in rules.toml."""

from typing import Any

from oelab.findings import Finding, finding_by


def violation(rule: str, where: str, value: object, case: str = "", **words: Any) -> Finding:
    """A finding with the texts of a rule, or of one of its cases; `words` are filled into them."""
    return finding_by(__package__, rule, where, value, case=case, **words)
