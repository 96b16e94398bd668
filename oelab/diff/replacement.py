"""Which properties make CloudFormation replace a resource, by the schemas of the resource types."""

from collections import defaultdict

from oelab.diff.effects import Effect, Replacement
from oelab.template.assembly import Stack
from oelab.template.diagnostics import find_by_rules

Path = tuple[str, ...]

CREATE_ONLY = "I9001"
"""The rule of the engine that reports each create-only property."""

STOPPED_BY = {
    # "CloudFormation restarts the instance" where the root volume is on EBS, "the instance is
    # replaced" where it is an instance store.
    ("AWS::EC2::Instance", "UserData"),
    # "instance restart or replacement behavior depends on the instance type compatibility"
    ("AWS::EC2::Instance", "InstanceType"),
}
"""The properties whose update at least stops and starts the resource.

In the schemas they are conditionally create-only, as others are that stop nothing. Source: the
reference of AWS::EC2::Instance, quoted above.
"""


def create_only(stack: Stack) -> dict[str, dict[Path, Replacement]]:
    """The create-only properties that each resource of a stack sets, by logical id.

    A schema calls a property create-only where its update replaces the resource, and conditionally
    create-only where it may. The engine reports only properties that are present: a removed one is
    known from before the change, an added one from after it.

    Raises:
        NoAssemblyError: the engine cannot read the template.
    """
    found: dict[str, dict[Path, Replacement]] = defaultdict(dict)
    for each in find_by_rules([CREATE_ONLY], stack.template, f"the template of {stack.name}"):
        path = tuple((each.property_path or "").split(".")[1:])
        is_conditional = "conditionally create-only" in each.message
        found[each.logical_id or ""][path] = (
            Replacement.MAYBE if is_conditional else Replacement.YES
        )
    return found


def effect_of(resource_type: str, changed: dict[str, Replacement]) -> Effect:
    """What happens to a resource of which these properties change."""
    worst = max(changed.values(), default=Replacement.NO)
    if worst is Replacement.YES:
        return Effect.REPLACED
    if any((resource_type, name) in STOPPED_BY for name in changed):
        return Effect.STOPPED
    return Effect.MAY_BE_REPLACED if worst is Replacement.MAYBE else Effect.CHANGED
