"""Preflight: whether stacks with the names of ours are ours, and can be deployed to as they are.

Source: CloudFormation user guide, stack status codes; what `cdk deploy` does by itself: aws-cdk,
deploy-stack.
"""

from collections.abc import Iterator

from oelab.findings import Finding
from oelab.review.evaluate.rules import finding_in
from oelab.review.models import known
from oelab.review.snapshots import AccountSnapshot
from oelab.settings import FIXED_STACKS, FLEET_DATA_STACK

_CAN_ROLL_BACK = ("CREATE_FAILED", "UPDATE_FAILED", "UPDATE_ROLLBACK_FAILED")
_MUST_GO = ("ROLLBACK_FAILED", "DELETE_FAILED")
# A change set was made and not executed: there is nothing yet, and it is created.
_NOTHING_YET = "REVIEW_IN_PROGRESS"


def clashing_stacks(account: AccountSnapshot) -> Iterator[Finding]:
    """A stack of somebody else, or one of ours that takes no update now."""
    for stack in known(account.stacks, {}).values():
        if not stack.is_ours:
            can_rename = stack.name not in (*FIXED_STACKS, FLEET_DATA_STACK)
            rename = "give the workload another `stack_name`, or " if can_rename else ""
            held = len(stack.resources)
            yield finding_in(account, "foreign-stack", stack=stack, rename=rename, resources=held)
        elif stack.status == "ROLLBACK_COMPLETE":
            protected = "-protected" if stack.protected else ""
            yield finding_in(account, f"stack-never-created{protected}", stack=stack)
        elif stack.status.endswith("_IN_PROGRESS") and stack.status != _NOTHING_YET:
            yield finding_in(account, "stack-busy", stack=stack)
        elif stack.status.endswith("_FAILED"):
            remedy = "fix that"
            if stack.status in _CAN_ROLL_BACK:
                remedy = f"roll it back with `cdk rollback {stack.name}`"
            elif stack.status in _MUST_GO:
                remedy = "delete the stack"
            yield finding_in(account, "stack-failed", stack=stack, remedy=remedy)


def orphaned_stacks(account: AccountSnapshot) -> Iterator[Finding]:
    """The stacks of this app that the settings do not define here, or not any more."""
    for stack in known(account.other_stacks, {}).values():
        if stack.resources and stack.is_ours:
            protection = "turn its termination protection off and " if stack.protected else ""
            yield finding_in(account, "stack-not-defined", stack=stack, protection=protection)
