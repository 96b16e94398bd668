"""Systems Manager of one server: its state by account and Region, and how it moves with time."""

from localaws.adapter import ec2, scope
from localaws.clock import Clock
from localaws.errors import AwsError
from localaws.systems_manager import data_sync, nodes, runs
from localaws.systems_manager.state import Node, RegionState


class Engine:
    """Nothing happens by itself: settling brings nodes and associations up to the clock's now."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._states: dict[tuple[str, str], RegionState] = {}

    def state(self) -> RegionState:
        """The state of the request's account and Region."""
        return self._states.setdefault((scope.account_id(), scope.region()), RegionState())

    def settle_all(self) -> None:
        for account, region in sorted(self._states.keys() | ec2.scopes_with_instances()):
            with scope.pinned(account, region):
                self.settle()

    def settle(self) -> None:
        """Settle the request's account and Region."""
        state, now = self.state(), self.clock.now()
        came_online = nodes.refresh(state, now)
        runs.advance(state, came_online, now)
        data_sync.run(state, now)

    def node(self, node_id: str, error_code: str = "InvalidInstanceId") -> Node:
        """A managed node that is not terminated; raises the error for anything else."""
        node = self.state().nodes.get(node_id)
        if node is None or node.registered_at is None or node.is_terminated:
            raise AwsError(error_code, f"The node {node_id} is not a managed node.")
        return node
