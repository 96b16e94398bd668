"""The findings that are about more than the limits of one value, whose texts are in rules.toml."""

from functools import partial

from oelab.findings import finding_by

violation = partial(finding_by, __package__)
"""A finding by one of the rules in rules.toml."""
