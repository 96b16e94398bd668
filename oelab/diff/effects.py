"""What a change does to what is deployed, from harmless to final."""

from enum import IntEnum


class Replacement(IntEnum):
    """Whether a new value of a property makes CloudFormation replace the resource."""

    NO = 0
    MAYBE = 1
    YES = 2


class Effect(IntEnum):
    """What happens to a resource or a stack; the greater, the worse.

    Source of the kinds: "Understand update behaviors of stack resources" in the CloudFormation
    user guide.
    """

    ADDED = 1
    CHANGED = 2
    MAY_BE_REPLACED = 3
    STOPPED = 4
    REPLACED = 5
    MAY_BE_REMOVED = 6
    LEFT_BEHIND = 7
    DELETED = 8

    @property
    def key(self) -> str:
        """As JSON says it."""
        return self.name.lower()

    @property
    def words(self) -> str:
        """As a person says it."""
        return _WORDS[self]


KEPT = ("Retain", "RetainExceptOnCreate")
"""The values of a DeletionPolicy or UpdateReplacePolicy by which a resource stays."""

_WORDS = {
    Effect.ADDED: "added",
    Effect.CHANGED: "changed in place",
    Effect.MAY_BE_REPLACED: "may be replaced",
    Effect.STOPPED: "stopped and started, may be replaced",
    Effect.REPLACED: "replaced",
    Effect.MAY_BE_REMOVED: "may be removed",
    Effect.LEFT_BEHIND: "left behind",
    Effect.DELETED: "deleted",
}

STOPPED_BY = {
    # "CloudFormation restarts the instance" where the root volume is on EBS, "the instance is
    # replaced" where it is an instance store.
    ("AWS::EC2::Instance", "UserData"),
    # "instance restart or replacement behavior depends on the instance type compatibility"
    ("AWS::EC2::Instance", "InstanceType"),
}
"""The properties whose update at least stops and starts the resource.

No schema tells it: to them these are conditionally create-only like others. Source: the reference
of AWS::EC2::Instance, quoted above.
"""


def effect_of(resource_type: str, changed: dict[str, Replacement]) -> Effect:
    """What becomes of a resource of which these properties change."""
    worst = max(changed.values(), default=Replacement.NO)
    if worst is Replacement.YES:
        return Effect.REPLACED
    if any((resource_type, name) in STOPPED_BY for name in changed):
        return Effect.STOPPED
    return Effect.MAY_BE_REPLACED if worst is Replacement.MAYBE else Effect.CHANGED
