"""What a reviewer cannot see from the effects: what AWS refuses, and what does not happen."""

import re
from collections.abc import Collection, Iterator, Mapping
from functools import partial

from oelab.diff.alignment import Stacks
from oelab.diff.conflicts import conflicts
from oelab.diff.effects import has_schema
from oelab.diff.resources import KEPT, ResourceChange
from oelab.diff.security import groups_that_close
from oelab.diff.stack_update import StackUpdate, definitions, properties
from oelab.diff.vocabulary import Effect, Replacement
from oelab.findings import Finding, finding_by
from oelab.template.app import NESTED_STACK
from oelab.template.assembly import Stack
from oelab.template.intrinsics import references

_finding = partial(finding_by, __package__)


def notes_on_update(update: StackUpdate, changes: Collection[ResourceChange]) -> Iterator[Finding]:
    """What to know of the update of a stack."""
    by_id = {change.logical_id: change for change in changes}
    gone = _those(by_id, Effect.REPLACED, Effect.DELETED)
    yield from _conflicts(update, by_id)
    yield from _public_addresses(update, by_id, gone)
    for group in sorted(groups_that_close(update) - {*gone}):
        yield _finding("NothingGoesOut", update.subject(group))
    yield from _unknown_effects(update, by_id)
    for logical_id in _those(by_id, Effect.STOPPED):
        if any(each.name == "UserData" for each in by_id[logical_id].properties):
            yield _finding("UserDataDoesNotRun", update.subject(logical_id))
    for logical_id in _those(by_id, Effect.REPLACED):
        if update.after[logical_id].get("UpdateReplacePolicy") in KEPT:
            yield _finding("OldResourceStays", update.subject(logical_id))


def note_on_stack_left_behind(stack: Stack) -> Finding:
    """What to know of a stack that the app no longer defines where it is deployed."""
    return _finding("StackLeftBehind", stack.name)


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
        yield _finding(
            "OldResourceInTheWay",
            f"{head.name}/{new_id}",
            case="move",
            old=old_id,
            environment=base.environment,
        )


def moving_images(base: Stacks, head: Stacks) -> Iterator[Finding]:
    """The stacks whose instances a newer image replaces at any deployment."""
    for label in sorted(base.keys() & head.keys()):
        images = [properties(each).get("ImageId") for each in definitions(head[label]).values()]
        # With a version it is the same one at each deployment.
        if re.search(r"\{\{resolve:ssm:[^:}]+\}\}", str(images)):
            yield _finding("ImageMoves", label)


def _conflicts(update: StackUpdate, changes: Mapping[str, ResourceChange]) -> Iterator[Finding]:
    gone_later = (Effect.REPLACED, Effect.MAY_BE_REMOVED, Effect.LEFT_BEHIND, Effect.DELETED)
    old = {i: update.before[i] for i in _those(changes, *gone_later)}
    new = {i: update.after[i] for i in _those(changes, Effect.ADDED, Effect.REPLACED)}
    for old_id, new_id in conflicts(old, new, changing=_those(changes, Effect.REPLACED)):
        is_conditional = "Condition" in old[old_id] or "Condition" in new[new_id]
        where = ", where the conditions of both hold" if is_conditional else ""
        subject = update.subject(new_id)
        yield _finding("OldResourceInTheWay", subject, case="update", old=old_id, where=where)


def _public_addresses(
    update: StackUpdate, changes: Mapping[str, ResourceChange], gone: Collection[str]
) -> Iterator[Finding]:
    for subnet in _those(changes, Effect.CHANGED):
        before, after = (
            properties(side[subnet]).get("MapPublicIpOnLaunch", "false")
            for side in (update.before, update.after)
        )
        instances = [
            logical_id
            for logical_id in sorted(update.replacements.keys() - {*gone})
            if update.after[logical_id]["Type"] == "AWS::EC2::Instance"
            and subnet in references(properties(update.after[logical_id]).get("SubnetId"))
        ]
        if before != after and instances:
            subject = update.subject(subnet)
            yield _finding("PublicAddressStays", subject, instances=", ".join(instances))


def _unknown_effects(
    update: StackUpdate, changes: Mapping[str, ResourceChange]
) -> Iterator[Finding]:
    for logical_id, change in changes.items():
        names = [each.name for each in change.properties if each.replacement is Replacement.UNKNOWN]
        if not names:
            continue
        case = "property" if has_schema(change.type) else "type"
        yield _finding(
            "UnknownEffect",
            update.subject(logical_id),
            case="nested" if change.type == NESTED_STACK else case,
            properties=", ".join(names),
            type=change.type,
        )


def _those(changes: Mapping[str, ResourceChange], *effects: Effect) -> list[str]:
    """The resources to which one of these happens."""
    return [logical_id for logical_id, each in changes.items() if each.effect in effects]
