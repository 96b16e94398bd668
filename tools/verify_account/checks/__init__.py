"""The questions, each with a function that asks the account; docs/proven.md lists the same ids."""

from verify_account.check import Check
from verify_account.checks import before, changed, deployed, fleet_data, optional, removed

_MODULES = (before, deployed, fleet_data, changed, optional, removed)

CHECKS = [each for module in _MODULES for each in vars(module).values() if isinstance(each, Check)]
"""In the order in which they are asked, which is that of the functions in their modules."""
