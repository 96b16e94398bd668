"""Whether stacks that bear the names of ours are ours, and can be deployed to as they are.

Source: CloudFormation user guide, stack status codes; what `cdk deploy` does of itself: aws-cdk,
deploy-stack.
"""

from collections.abc import Iterator

from oelab.findings import Finding, Rule, Severity
from oelab.review.account_snapshot import DeployedStack, Survey
from oelab.review.verdicts.preflight_finding import preflight_finding
from oelab.settings import FIXED_STACKS

_ROLL_BACK = "see in its events what failed, and roll it back with `cdk rollback {}`"
_DELETE = "see in its events what failed, and delete the stack"
_AFTER_FAILURE = {
    "CREATE_FAILED": _ROLL_BACK,
    "UPDATE_FAILED": _ROLL_BACK,
    "UPDATE_ROLLBACK_FAILED": _ROLL_BACK,
    "ROLLBACK_FAILED": _DELETE,
    "DELETE_FAILED": _DELETE,
}


def stack_findings(survey: Survey) -> Iterator[Finding]:
    """A stack of somebody else, or one of ours that takes no update now."""
    for stack in survey.all_stacks.values():
        found = _of_its_status(stack) if stack.is_ours else _foreign(stack)
        if found:
            severity, reason, remedy = found
            owner, reason = f"CloudFormation stack {stack.name}", f"the stack {stack.name} {reason}"
            yield preflight_finding(survey, Rule.PREFLIGHT_STACK, severity, owner, reason, remedy)


def _foreign(stack: DeployedStack) -> tuple[Severity, str, str]:
    named_here = stack.name in FIXED_STACKS
    rename = "" if named_here else "give the workload another `stack_name`, or "
    return (
        Severity.ERROR,
        f"is not of this app, and a deployment would delete the {len(stack.resources)} resources "
        "that it has",
        f"delete it if it may go; else {rename}deploy to another Region or account",
    )


def _of_its_status(stack: DeployedStack) -> tuple[Severity, str, str] | None:
    status = stack.status
    # A change set was made and not executed: there is nothing yet, and it is created.
    if status == "REVIEW_IN_PROGRESS":
        return None
    if status == "ROLLBACK_COMPLETE":
        return _never_created(stack)
    if status.endswith("_IN_PROGRESS"):
        return Severity.ERROR, f"is in {status} and takes no update", "wait until that has ended"
    if status.endswith("_FAILED"):
        remedy = _AFTER_FAILURE.get(status, "see in its events what failed, and fix that")
        return Severity.ERROR, f"is in {status} and takes no update", remedy.format(stack.name)
    return None


def _never_created(stack: DeployedStack) -> tuple[Severity, str, str]:
    reason = "could not be created and is in ROLLBACK_COMPLETE; it must be deleted first"
    if stack.protected:
        return (
            Severity.ERROR,
            f"{reason}, and is protected from that",
            "turn its termination protection off, and delete it",
        )
    return Severity.NOTE, reason, "nothing: `cdk deploy` deletes it; other ways to deploy may not"
