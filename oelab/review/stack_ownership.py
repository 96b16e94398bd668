"""By their logical ids: which stacks are those of the app, of whatever version, or of the bundle.

A deployment keeps what has a logical id of its template and deletes all else of the stack. The CDK
ends the ids of what stands within a construct in eight hexadecimal digits; instances are named by
hand.
"""

import re
from collections.abc import Collection

_WITHIN_A_CONSTRUCT = re.compile(
    r"(Associations|FleetAccess|Logs|ManagedInstancesRole|Network)[A-Za-z0-9]*[0-9A-F]{8}"
)
_INSTANCE = re.compile(r"(App|Web)[1-9][0-9]*")


def are_ours(logical_ids: Collection[str]) -> bool:
    """Whether a stack of these resources is one of ours, or has none to lose.

    In an existing network a workload is instances alone.
    """
    return any(map(_WITHIN_A_CONSTRUCT.fullmatch, logical_ids)) or all(
        map(_INSTANCE.fullmatch, logical_ids)
    )
