"""What a change of the app would do to what is deployed, before it is merged.

`compare` and `guard` evaluate two sets of synthesized templates and touch nothing; `report`
synthesizes them from a git commit and the working tree.
"""

from oelab.diff.compare import StackChange, compare
from oelab.diff.effects import Effect, Replacement
from oelab.diff.guard import guard

__all__ = [
    "Effect",
    "Replacement",
    "StackChange",
    "compare",
    "guard",
]
