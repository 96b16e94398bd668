"""`oelab wait`: evaluates the fleet again until all expected nodes are well, or the time is up."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from oelab.findings import Finding
from oelab.review.evaluate.fleet import StatusReport
from oelab.review.evaluate.node import NodeStatus

# A node that is inventoried but does not comply has arrived: `status` and `compliance` report that.
_ARRIVED = (
    "non-compliant-association",
    "non-compliant-patch",
    "non-compliant-custom",
    "association-skipped",
)


@dataclass(frozen=True, kw_only=True)
class WaitReport(StatusReport):
    """The state of a fleet; findings are those that keep nodes from being there."""

    timeout_seconds: int
    """How long was waited at most."""

    def has_arrived(self, node: NodeStatus) -> bool:
        """Whether a node is managed and inventoried."""
        return not (node.unread or self.findings_of(node))

    @property
    def missing(self) -> tuple[NodeStatus, ...]:
        """The nodes that are not."""
        return tuple(each for each in self.nodes if not self.has_arrived(each))

    @property
    def beyond_nodes(self) -> tuple[Finding, ...]:
        """What is wrong with something other than a node, such as a resource group."""
        nodes = {each.subject for each in self.nodes}
        return tuple(each for each in self.findings if each.subject not in nodes)

    @property
    def is_hopeless(self) -> bool:
        """Whether something could not be read, and will not be."""
        return any(not each.is_passing for each in self.unread)


def wait_for_fleet(
    look: Callable[[], StatusReport],
    show: Callable[[WaitReport], None],
    *,
    timeout: int,
    every: int,
) -> WaitReport:
    """Look every so many seconds, and show what was seen.

    Until all is there, or the timeout in seconds is over, or it is hopeless.
    """
    deadline = time.monotonic() + timeout
    while True:
        seen = look()
        report = WaitReport(
            environments=seen.environments,
            unread=seen.unread,
            findings=tuple(each for each in seen.findings if each.rule not in _ARRIVED),
            totals=seen.totals,
            nodes=seen.nodes,
            timeout_seconds=timeout,
        )
        if report.is_hopeless:
            return report
        show(report)
        is_done = not (report.findings or report.unread)
        left = deadline - time.monotonic()
        if is_done or left <= 0:
            return report
        time.sleep(min(every, left))
