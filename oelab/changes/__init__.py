"""What a change of the app would do to what is deployed, told before it is merged.

`compare` and `guard` judge two sets of synthesized templates and touch nothing; `python -m
oelab.changes` synthesizes them from a git commit and the working tree.
"""

from oelab.assembly import NoAssemblyError
from oelab.changes.assembly import Stack, read
from oelab.changes.effects import Effect, Replacement
from oelab.changes.exit_codes import ExitCode, exit_code
from oelab.changes.guard import Refusal, Verdict, guard
from oelab.changes.resources import PropertyChange, ResourceChange
from oelab.changes.security import SecurityChange, SecurityRule
from oelab.changes.stacks import StackChange, compare

__all__ = [
    "Effect",
    "ExitCode",
    "NoAssemblyError",
    "PropertyChange",
    "Refusal",
    "Replacement",
    "ResourceChange",
    "SecurityChange",
    "SecurityRule",
    "Stack",
    "StackChange",
    "Verdict",
    "compare",
    "exit_code",
    "guard",
    "read",
]
