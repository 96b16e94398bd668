"""Runs of associations: when they start, on what, and how they end.

An association runs on its nodes when it is created or updated, when a node that matches comes
online, and at its schedule. A run is Pending for a second. Inventory associations also start again
on a node when another one begins or ceases to apply there, because the agent fetches them all.
"""

import uuid
from collections.abc import Callable

from localaws.adapter import iam
from localaws.systems_manager import inventory_rule, schedule, targets
from localaws.systems_manager.documents import INVENTORY_DOCUMENT
from localaws.systems_manager.state import Association, Execution, Node, Outcome, ScopeState

RUN_SECONDS = 1.0
KEPT_EXECUTIONS = 100
PENDING, SUCCESS, FAILED, SKIPPED = "Pending", "Success", "Failed", "Skipped"
# Without these the agent neither learns of its associations nor reports on them.
REPORTING_ACTIONS = ("ssm:ListInstanceAssociations", "ssm:UpdateInstanceAssociationStatus")
INVENTORY_ACTION = "ssm:PutInventory"

Finished = Callable[[ScopeState, Association, Node, Outcome], None]


def summary(success: int = 0, failed: int = 0, skipped: int = 0, note: str = "") -> str:
    """The agent's own sentence about a run of a document with one step."""
    text = (
        f"1 out of 1 plugin processed, {success} success, {failed} failed, 0 timedout, "
        f"{skipped} skipped. "
    )
    return (text + note)[:512]


def advance(state: ScopeState, came_online: set[str], now: float, finished: Finished) -> None:
    """Start what is due and end what has run its time."""
    for association in list(state.associations.values()):
        _forget_departed(state, association)
        _finish(state, association, now, finished)
        for nodes, moment in _due(state, association, came_online, now):
            _start(state, association, nodes, moment)
        _finish(state, association, now, finished)


def _forget_departed(state: ScopeState, association: Association) -> None:
    for node_id in list(association.outcomes):
        node = state.nodes[node_id]
        if node.ec2_state == "terminated" or not targets.applies_to(association, node):
            del association.outcomes[node_id]
            association.rivals.pop(node_id, None)
            state.compliance.get(node_id, {}).pop(("Association", association.association_id), None)


def _due(
    state: ScopeState, association: Association, came_online: set[str], now: float
) -> list[tuple[list[Node], float]]:
    """The runs to start: nodes, and the moment. At most one for the schedule, however long ago."""
    matching = [
        node
        for node in state.nodes.values()
        if node.listed and targets.applies_to(association, node)
    ]
    online = [node for node in matching if node.online]
    for node in matching:
        if not node.online and node.instance_id not in association.outcomes:
            association.outcomes[node.instance_id] = _pending(association, "", now)
    due = []
    scheduled = _scheduled(association, now)
    association.schedule_seen = now
    if scheduled and online:
        due.append((online, scheduled))
    if association.run_requested:
        association.run_requested = False
        fresh = online
    else:
        fresh = [node for node in online if _is_fresh(state, association, node, came_online)]
    if fresh:
        due.append((fresh, now))
    return due


def _scheduled(association: Association, now: float) -> float | None:
    expression = association.settings.get("ScheduleExpression")
    if not expression:
        return None
    return schedule.parse(expression).last_due(association.updated, association.schedule_seen, now)


def _is_fresh(
    state: ScopeState, association: Association, node: Node, came_online: set[str]
) -> bool:
    """A node that the association has not run on, or not since something about it changed."""
    if association.settings.get("ApplyOnlyAtCronInterval"):
        return False
    if node.instance_id not in association.outcomes or node.instance_id in came_online:
        return True
    if association.document != INVENTORY_DOCUMENT:
        return False
    return association.rivals.get(node.instance_id) != _rival_ids(state, node)


def _rival_ids(state: ScopeState, node: Node) -> frozenset[str]:
    present = inventory_rule.rivals(list(state.associations.values()), node)
    return frozenset(association.association_id for association in present)


def _pending(association: Association, execution_id: str, moment: float) -> Outcome:
    return Outcome(PENDING, PENDING, "", moment, execution_id, str(association.version))


def _start(state: ScopeState, association: Association, nodes: list[Node], moment: float) -> None:
    execution = Execution(
        str(uuid.uuid4()), str(association.version), moment, finish_at=moment + RUN_SECONDS
    )
    for node in nodes:
        outcome = _pending(association, execution.execution_id, moment)
        execution.outcomes[node.instance_id] = outcome
        association.outcomes[node.instance_id] = outcome
        if association.document == INVENTORY_DOCUMENT:
            association.rivals[node.instance_id] = _rival_ids(state, node)
    association.executions.append(execution)
    del association.executions[:-KEPT_EXECUTIONS]


def _finish(state: ScopeState, association: Association, now: float, finished: Finished) -> None:
    for execution in association.executions:
        if not execution.is_open or execution.finish_at > now:
            continue
        for node_id, outcome in execution.outcomes.items():
            node = state.nodes[node_id]
            # A node that has gone silent meanwhile leaves its run pending.
            if outcome.status == PENDING and node.online and _may_report(node):
                outcome.date = execution.finish_at
                _conclude(state, association, node, outcome)
                if association.outcomes.get(node_id) is outcome:
                    finished(state, association, node, outcome)
        if not execution.is_open:
            association.last_execution = execution.finish_at
            if all(outcome.status == SUCCESS for outcome in execution.outcomes.values()):
                association.last_success = execution.finish_at


def _may_report(node: Node) -> bool:
    return all(iam.role_allows(node.role_name, action, "*") for action in REPORTING_ACTIONS)


def _conclude(state: ScopeState, association: Association, node: Node, outcome: Outcome) -> None:
    outcome.status = outcome.detailed_status = SUCCESS
    outcome.summary = summary(success=1)
    if association.document != INVENTORY_DOCUMENT:
        return
    present = inventory_rule.rivals(list(state.associations.values()), node)
    if association not in present:
        present.append(association)
    verdict = inventory_rule.judge(association, present)
    if verdict.overridden:
        outcome.status, outcome.detailed_status = SKIPPED, inventory_rule.OVERRIDDEN
        outcome.summary = summary(skipped=1)
    elif verdict.conflict:
        outcome.status = outcome.detailed_status = FAILED
        outcome.summary = summary(failed=1, note=verdict.conflict)
    elif not iam.role_allows(node.role_name, INVENTORY_ACTION, "*"):
        outcome.status = outcome.detailed_status = FAILED
        outcome.summary = summary(
            failed=1, note=f"AccessDeniedException: not authorized to perform {INVENTORY_ACTION}"
        )


def overview(association: Association) -> dict[str, object]:
    """The association's status over its nodes, as DescribeAssociation gives it."""
    counts: dict[str, int] = {}
    for outcome in association.outcomes.values():
        counts[outcome.status] = counts.get(outcome.status, 0) + 1
    if not counts:
        # No node matches; also how a new association answers.
        return {"Status": PENDING, "DetailedStatus": "Creating"}
    status = next(s for s in (FAILED, PENDING, SUCCESS, SKIPPED) if s in counts)
    return {
        "Status": status,
        "DetailedStatus": status,
        "AssociationStatusAggregatedCount": counts,
    }
