"""What a change of the app would do to what is deployed, told before it is merged.

`compare` and `guard` judge two sets of synthesized templates and touch nothing; `python -m
oelab.diff` synthesizes them from a git commit and the working tree.
"""

from oelab.diff.assembly import Stack, read
from oelab.diff.effects import Effect, Replacement
from oelab.diff.exit_codes import ExitCode, exit_code
from oelab.diff.guard import Refusal, Verdict, guard
from oelab.diff.resources import PropertyChange, ResourceChange
from oelab.diff.security import SecurityChange, SecurityRule
from oelab.diff.stacks import StackChange, compare
from oelab.template.assembly import NoAssemblyError

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
