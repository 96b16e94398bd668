"""Systems Manager of one server: its state by account and Region, and how it moves with time."""

from typing import Any

from localaws.adapter import ec2, scope
from localaws.clock import Clock
from localaws.errors import AwsError
from localaws.systems_manager import compliance, inventory, logs, nodes, runs
from localaws.systems_manager.associations import Associations
from localaws.systems_manager.documents import INVENTORY_DOCUMENT
from localaws.systems_manager.state import Association, Node, Outcome, ScopeState, Upload

_KEY = "state"


class Engine:
    """`settle` brings everything up to the clock's now; nothing happens in between."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.associations = Associations(clock, self.state)
        self._states: Any = scope.new_store()
        self._uploads: list[Upload] = []

    def state(self) -> ScopeState:
        """The state of the request's account and Region."""
        state: ScopeState | None = self._states.get(_KEY)
        if state is None:
            state = ScopeState(scope.account_id(), scope.region())
            self._states[_KEY] = state
        return state

    def settle(self) -> None:
        scopes = {(account, region) for (account, region, _), _ in self._states.all_items()}
        for account, region in sorted(scopes | ec2.scopes_with_instances()):
            with scope.pinned(account, region):
                self._settle_scope(self.state())

    def settle_scope(self) -> None:
        """The same for the request's account and Region alone: a request sees no other."""
        self._settle_scope(self.state())

    def take_uploads(self) -> list[Upload]:
        uploads, self._uploads = self._uploads, []
        return uploads

    def change_agent(
        self, instance_id: str, *, version: str | None = None, silent: bool | None = None
    ) -> None:
        node = self.node(instance_id)
        if version is not None:
            node.agent_version = str(version)
        if silent is not None:
            node.silent = bool(silent)

    def node(self, instance_id: str) -> Node:
        node = self.state().nodes.get(instance_id)
        if node is None:
            raise AwsError("InvalidInstanceId", f"There is no instance {instance_id} here")
        return node

    def reset(self) -> None:
        self._states.clear()
        self._uploads.clear()

    def _settle_scope(self, state: ScopeState) -> None:
        now = self.clock.now()
        came_online = nodes.refresh(state, now)
        runs.advance(state, came_online, now, self._finished)
        inventory.drop_expired(state, now)

    def _finished(
        self, state: ScopeState, association: Association, node: Node, outcome: Outcome
    ) -> None:
        if outcome.status == runs.SKIPPED:
            return
        if association.document == INVENTORY_DOCUMENT and outcome.status == runs.SUCCESS:
            inventory.collect(state, association, node, outcome.date)
        compliance.report_association(state, association, node, outcome)
        outcome.output_url = logs.output_url(association, node, outcome.date)
        upload = logs.upload(association, node, outcome)
        if upload:
            self._uploads.append(upload)
