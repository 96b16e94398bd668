"""What a reviewer cannot see from the effects: what AWS refuses, and what does not happen."""

import re
from collections.abc import Collection, Iterator, Mapping
from enum import StrEnum

from oelab.diff.alignment import Stacks
from oelab.diff.conflicts import conflicts
from oelab.diff.effects import Effect, Replacement
from oelab.diff.resources import KEPT, ResourceChange
from oelab.diff.security import groups_that_close
from oelab.diff.stack_update import StackUpdate
from oelab.findings import Finding, Severity
from oelab.template.app import NESTED_STACK
from oelab.template.assembly import Stack
from oelab.template.definitions import definitions, properties
from oelab.template.intrinsics import references
from oelab.template.schemas import has_schema


class DiffRule(StrEnum):
    """The ids of what a comparison finds in addition to the changes."""

    CONFLICT = "OldResourceInTheWay"
    IMAGE_MOVES = "ImageMoves"
    NO_EGRESS = "NothingGoesOut"
    OLD_RESOURCE_STAYS = "OldResourceStays"
    PROTECTED = "Protected"
    PUBLIC_ADDRESS = "PublicAddressStays"
    STACK_STAYS = "StackLeftBehind"
    UNKNOWN_EFFECT = "UnknownEffect"
    UNUSED_ALLOWANCE = "UnusedAllowance"
    USER_DATA = "UserDataDoesNotRun"


_DETAILS = {
    DiffRule.CONFLICT: (
        Severity.ERROR,
        "give it another name or range, keep the old one, or delete the stack and deploy it again",
        '"Update behaviors of stack resources", CloudFormation user guide',
    ),
    DiffRule.IMAGE_MOVES: (
        Severity.NOTE,
        "pin the images to decide when that happens",
        '"Systems Manager parameter types", CloudFormation user guide',
    ),
    DiffRule.NO_EGRESS: (
        Severity.WARNING,
        "write the rule out",
        "AWS::EC2::SecurityGroup, CloudFormation template reference",
    ),
    DiffRule.OLD_RESOURCE_STAYS: (
        Severity.NOTE,
        "delete the old one once nobody needs what it holds",
        '"UpdateReplacePolicy attribute", CloudFormation template reference',
    ),
    DiffRule.PUBLIC_ADDRESS: (
        Severity.WARNING,
        "delete the stack and deploy it again",
        '"Modify the IP addressing attributes of your subnet", VPC user guide',
    ),
    DiffRule.STACK_STAYS: (
        Severity.WARNING,
        "define it as before, or turn its termination protection off and delete it: "
        "`aws cloudformation delete-stack --stack-name STACK`",
        '"Delete a stack", CloudFormation user guide',
    ),
    DiffRule.UNKNOWN_EFFECT: (
        Severity.WARNING,
        "find out what the update does before you deploy it",
        '"Update behaviors of stack resources", CloudFormation user guide',
    ),
    DiffRule.USER_DATA: (
        Severity.WARNING,
        "replace the instance if it is to run",
        '"Run commands when you launch an EC2 instance", EC2 user guide',
    ),
}
"""The severity, remedy and source of the findings of a rule."""


def notes_on_update(update: StackUpdate, changes: Collection[ResourceChange]) -> Iterator[Finding]:
    """What to know of the update of a stack."""
    by_id = {change.logical_id: change for change in changes}
    gone = _those(by_id, Effect.REPLACED, Effect.DELETED)
    for rule, logical_id, reason in (
        *_conflicts(update, by_id),
        *_public_addresses(update, by_id, gone),
        *_closed_groups(update, gone),
        *_unknown_effects(by_id),
        *_user_data(by_id),
        *_old_resources(update, by_id),
    ):
        yield _finding(rule, f"{update.name}/{logical_id}", reason)


def note_on_stack_left_behind(stack: Stack) -> Finding:
    """What to know of a stack that the app no longer defines where it is deployed."""
    reason = (
        "stays deployed where it is, with its resources and their costs, and nothing keeps it up "
        "to date, as the app no longer defines it there"
    )
    return _finding(DiffRule.STACK_STAYS, stack.name, reason)


def notes_on_move(base: Stack, head: Stack) -> Iterator[Finding]:
    """What to know of a stack that stays where it is and is created in another environment.

    Names of IAM are unique in an account, those of buckets in all accounts.
    """
    yield note_on_stack_left_behind(base)
    same_account = base.environment.account == head.environment.account
    types = ("AWS::IAM::", "AWS::S3::Bucket") if same_account else ("AWS::S3::Bucket",)
    old, new = (
        {i: each for i, each in definitions(stack).items() if each["Type"].startswith(types)}
        for stack in (base, head)
    )
    for old_id, new_id in conflicts(old, new, changing={*definitions(base), "AWS::StackId"}):
        reason = f"will be refused for the name that {old_id} keeps in {base.environment}"
        yield _finding(DiffRule.CONFLICT, f"{head.name}/{new_id}", reason)


def moving_images(base: Stacks, head: Stacks) -> Iterator[Finding]:
    """The stacks whose instances a newer image replaces at any deployment."""
    for label in sorted(base.keys() & head.keys()):
        images = [properties(each).get("ImageId") for each in definitions(head[label]).values()]
        # With a version it is the same one at each deployment.
        if re.search(r"\{\{resolve:ssm:[^:}]+\}\}", str(images)):
            reason = (
                "will replace instances at any deployment after AWS has released an image, as the "
                "image is the value of a Systems Manager parameter"
            )
            yield _finding(DiffRule.IMAGE_MOVES, label, reason)


_Note = tuple[DiffRule, str, str]
"""The rule, the logical id and the reason of a finding."""


def _conflicts(update: StackUpdate, changes: Mapping[str, ResourceChange]) -> Iterator[_Note]:
    gone_later = (Effect.REPLACED, Effect.MAY_BE_REMOVED, Effect.LEFT_BEHIND, Effect.DELETED)
    old = {i: update.before[i] for i in _those(changes, *gone_later)}
    new = {i: update.after[i] for i in _those(changes, Effect.ADDED, Effect.REPLACED)}
    for old_id, new_id in conflicts(old, new, changing=_those(changes, Effect.REPLACED)):
        is_conditional = "Condition" in old[old_id] or "Condition" in new[new_id]
        where = ", where the conditions of both hold" if is_conditional else ""
        reason = (
            f"will be refused or fail while the old {old_id} exists, which is deleted only "
            f"afterwards{where}"
        )
        yield DiffRule.CONFLICT, new_id, reason


def _public_addresses(
    update: StackUpdate, changes: Mapping[str, ResourceChange], gone: Collection[str]
) -> Iterator[_Note]:
    for subnet in _those(changes, Effect.CHANGED):
        before, after = (
            properties(side[subnet]).get("MapPublicIpOnLaunch", "false")
            for side in (update.before, update.after)
        )
        instances = [
            logical_id
            for logical_id, each in sorted(update.after.items())
            if logical_id in update.before.keys() - {*gone}
            and each["Type"] == "AWS::EC2::Instance"
            and subnet in references(properties(each).get("SubnetId"))
        ]
        if before != after and instances:
            reason = (
                f"will not change the public addresses of {', '.join(instances)}, which are given "
                "at launch: with one an internet gateway cannot be detached, and without one it is "
                "of no use"
            )
            yield DiffRule.PUBLIC_ADDRESS, subnet, reason


def _closed_groups(update: StackUpdate, gone: Collection[str]) -> Iterator[_Note]:
    for group in sorted(groups_that_close(update) - {*gone}):
        reason = (
            "will let nothing out, not even to Systems Manager: EC2 adds its rule for all traffic "
            "only to a new group"
        )
        yield DiffRule.NO_EGRESS, group, reason


def _unknown_effects(changes: Mapping[str, ResourceChange]) -> Iterator[_Note]:
    for logical_id, change in changes.items():
        names = [each.name for each in change.properties if each.replacement is Replacement.UNKNOWN]
        if not names:
            continue
        if change.type == NESTED_STACK:
            reason = "is a nested stack whose template is not in the app"
        elif has_schema(change.type):
            reason = f"changes {', '.join(names)}, which the schema of {change.type} does not have"
        else:
            reason = f"is of the type {change.type}, which no schema describes"
        yield DiffRule.UNKNOWN_EFFECT, logical_id, f"{reason}, so that the effect is unknown"


def _user_data(changes: Mapping[str, ResourceChange]) -> Iterator[_Note]:
    for logical_id in _those(changes, Effect.STOPPED):
        if any(each.name == "UserData" for each in changes[logical_id].properties):
            reason = (
                "will not run the new user data unless replaced: it runs at the first start of an "
                "instance, if it does not say otherwise itself"
            )
            yield DiffRule.USER_DATA, logical_id, reason


def _old_resources(update: StackUpdate, changes: Mapping[str, ResourceChange]) -> Iterator[_Note]:
    for logical_id in _those(changes, Effect.REPLACED):
        if update.after[logical_id].get("UpdateReplacePolicy") in KEPT:
            reason = "will be replaced, and the old one stays outside of the stack"
            yield DiffRule.OLD_RESOURCE_STAYS, logical_id, reason


def _those(changes: Mapping[str, ResourceChange], *effects: Effect) -> list[str]:
    """The resources to which one of these happens."""
    return [logical_id for logical_id, each in changes.items() if each.effect in effects]


def _finding(rule: DiffRule, subject: str, reason: str) -> Finding:
    severity, remedy, source = _DETAILS[rule]
    return Finding(
        rule=rule,
        severity=severity,
        subject=subject,
        reason=reason,
        remedy=remedy,
        source=source,
    )
