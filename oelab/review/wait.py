"""Waits until all expected nodes are managed and inventoried."""

import time
from collections.abc import Callable
from dataclasses import dataclass

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
class WaitOptions:
    """How long to wait and how often to look, in seconds; the clock can be another one."""

    timeout: int
    every: int
    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


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
    def is_hopeless(self) -> bool:
        """Whether something could not be read, and will not be."""
        return any(not each.is_passing for each in self.unread)


def wait_for_fleet(
    look: Callable[[], StatusReport], options: WaitOptions, show: Callable[[WaitReport], None]
) -> WaitReport:
    """Look, and show what was seen, until all is there, or the time is up, or it is hopeless."""
    deadline = options.now() + options.timeout
    while True:
        seen = look()
        report = WaitReport(
            unread=seen.unread,
            findings=tuple(each for each in seen.findings if each.rule not in _ARRIVED),
            totals=seen.totals,
            nodes=seen.nodes,
            timeout_seconds=options.timeout,
        )
        if report.is_hopeless:
            return report
        show(report)
        is_done = not (report.missing or report.unread)
        if is_done or options.now() >= deadline:
            return report
        options.sleep(min(options.every, max(0.0, deadline - options.now())))
