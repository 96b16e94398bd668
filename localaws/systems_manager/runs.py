"""Runs of associations: when they start, on what, and how they end.

An association runs on its online nodes when it is created or updated, when a node that matches
comes online, and by its schedule. One of an Automation runbook runs on instances, managed or not,
when it is created or updated and by its schedule ("About target updates with Automation runbooks"
in the user guide: only those of Quick Setup run on new targets).

A run is Pending for a second. Inventory associations also start again on a node when another one
begins or ceases to apply there; on AWS the agent, which fetches them all, finds that out at the
next run.
"""

import uuid
from datetime import UTC, datetime

from localaws.adapter import iam
from localaws.systems_manager import (
    automation,
    compliance,
    group_membership,
    inventory,
    inventory_rule,
    logs,
    schedule,
    targets,
)
from localaws.systems_manager.documents import INVENTORY_DOCUMENT
from localaws.systems_manager.inventory_rule import Decision
from localaws.systems_manager.state import (
    FAILED,
    PENDING,
    SKIPPED,
    SUCCESS,
    Association,
    Execution,
    ExecutionTarget,
    Node,
    RegionState,
)

KEPT_EXECUTIONS = 100
# Without these the agent neither learns of its associations nor reports on them.
REPORTING_ACTIONS = ("ssm:ListInstanceAssociations", "ssm:UpdateInstanceAssociationStatus")
INVENTORY_ACTION = "ssm:PutInventory"
OVERRIDDEN = "OverriddenByExplicitInventoryAssociation"
CONFLICT = (
    "aws:softwareInventory detected multiple inventory configurations associated with one "
    "instance. Each instance can be associated with just one inventory configuration. "
    "Conflicting inventory configuration IDs: "
)


def advance(state: RegionState, came_online: set[str], now: float) -> None:
    """Start what is due and end what has run its time."""
    for association in list(state.associations.values()):
        matching = {
            node_id: node for node_id, node in state.nodes.items() if _matches(association, node)
        }
        _forget_departed(state, association, matching)
        _finish(state, association, now)
        ready = {
            node_id: node
            for node_id, node in matching.items()
            if association.is_runbook or node.is_online
        }
        due = _last_due(association, now)
        association.scheduled_until = now
        if due:
            _start(state, association, ready, due)
        starting = {
            node_id: node
            for node_id, node in ready.items()
            if association.is_run_requested or _is_fresh(state, association, node, came_online)
        }
        association.is_run_requested = False
        _start(state, association, starting, now)
        _finish(state, association, now)


def _matches(association: Association, node: Node) -> bool:
    groups = group_membership.groups_of(node, targets.resource_groups(association.targets))
    return not node.is_terminated and targets.matches(
        association.targets, node.node_id, node.tags, groups
    )


def _forget_departed(
    state: RegionState, association: Association, matching: dict[str, Node]
) -> None:
    for node_id in association.latest.keys() - matching.keys():
        del association.latest[node_id]
        association.contenders.pop(node_id, None)
        compliance.drop_association(state, association, node_id)


def _last_due(association: Association, now: float) -> float | None:
    """The latest moment since the last look at which a run is due; earlier ones are left out."""
    due, moment = None, _next_run(association, association.scheduled_until)
    while moment is not None and moment <= now:
        due, moment = moment, _next_run(association, moment)
    return due


def _next_run(association: Association, after: float) -> float | None:
    moment = schedule.next_run(
        association.settings.get("ScheduleExpression", ""),
        datetime.fromtimestamp(after, UTC),
        start=datetime.fromtimestamp(association.updated, UTC),
        offset_days=association.settings.get("ScheduleOffset", 0),
    )
    return moment.timestamp() if moment else None


def _is_fresh(
    state: RegionState, association: Association, node: Node, came_online: set[str]
) -> bool:
    """A node that the association has not run on, or not since something about it changed."""
    if association.is_runbook or association.settings.get("ApplyOnlyAtCronInterval"):
        return False
    if node.node_id not in association.latest or node.node_id in came_online:
        return True
    return association.contenders[node.node_id] != _contender_ids(state, association, node)


def _contenders(
    state: RegionState, association: Association, node: Node
) -> list[inventory_rule.Contender]:
    """The inventory associations that apply to the node, if the association is one of them."""
    if association.document != INVENTORY_DOCUMENT:
        return []
    return [
        inventory_rule.Contender(
            association_id=each.association_id,
            name=each.name,
            is_for_all_nodes=targets.is_for_all_nodes(each.targets),
        )
        for each in state.associations.values()
        if each.document == INVENTORY_DOCUMENT and _matches(each, node)
    ]


def _contender_ids(state: RegionState, association: Association, node: Node) -> frozenset[str]:
    return frozenset(each.association_id for each in _contenders(state, association, node))


def _start(
    state: RegionState, association: Association, nodes: dict[str, Node], moment: float
) -> None:
    if not nodes:
        return
    execution = Execution(str(uuid.uuid4()), str(association.version), moment)
    for node_id, node in nodes.items():
        target = ExecutionTarget(execution.execution_id, execution.association_version, moment)
        execution.targets[node_id] = association.latest[node_id] = target
        association.contenders[node_id] = _contender_ids(state, association, node)
    association.executions.append(execution)
    del association.executions[:-KEPT_EXECUTIONS]


def _finish(state: RegionState, association: Association, now: float) -> None:
    for execution in association.executions:
        if not execution.is_open or execution.ends_at > now:
            continue
        for node_id, target in execution.targets.items():
            node = state.nodes[node_id]
            if target.status != PENDING:
                continue
            if association.is_runbook:
                target.date = execution.ends_at
                _run_automation(association, node, target)
            # A node that has gone silent meanwhile leaves its run pending.
            elif node.is_online and _may_report(node):
                target.date = execution.ends_at
                _conclude(state, association, node, target)


def _run_automation(association: Association, node: Node, target: ExecutionTarget) -> None:
    target.automation_id = str(uuid.uuid4())
    target.failure = automation.run(association, node, target.automation_id)
    target.status = target.detailed_status = FAILED if target.failure else SUCCESS


def _may_report(node: Node) -> bool:
    return all(iam.role_allows(node.role_name, action, "*") for action in REPORTING_ACTIONS)


def _conclude(
    state: RegionState, association: Association, node: Node, target: ExecutionTarget
) -> None:
    _set_result(state, association, node, target)
    if target.status == SKIPPED:
        return
    if target.status == SUCCESS and association.document == INVENTORY_DOCUMENT:
        inventory.collect(state, association, node, target.date)
    if association.latest.get(node.node_id) is target:
        compliance.report_association(state, association, node, target)
    logs.write(association, node, target)


def _set_result(
    state: RegionState, association: Association, node: Node, target: ExecutionTarget
) -> None:
    decisions = inventory_rule.decide(_contenders(state, association, node))
    decision = decisions.get(association.association_id, Decision.RUNS)
    is_inventory = association.document == INVENTORY_DOCUMENT
    if decision is Decision.SKIPPED:
        target.conclude(SKIPPED, OVERRIDDEN)
    elif decision is Decision.FAILS:
        failing = [id_ for id_, each in decisions.items() if each is Decision.FAILS]
        target.conclude(FAILED, note=CONFLICT + " and ".join(sorted(failing)[:2]))
    elif is_inventory and not iam.role_allows(node.role_name, INVENTORY_ACTION, "*"):
        note = f"AccessDeniedException: not authorized to perform {INVENTORY_ACTION}"
        target.conclude(FAILED, note=note)
    else:
        target.conclude(SUCCESS)
