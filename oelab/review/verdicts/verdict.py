"""What is said of one node."""

from dataclasses import dataclass
from datetime import datetime

from oelab.findings import Finding
from oelab.review.verdicts.remedies import REMEDIES, rank

OK = "ok"
UNREAD = "unread"


@dataclass(frozen=True, kw_only=True, slots=True)
class NodeVerdict:
    """One expected node: what is known of it, what is wrong, and what could not be read.

    `findings` come worst first; `notes` are good to know and no findings. `unread` are the calls
    without which nothing can be said of a part of the node. `compliant` is None where the node has
    no compliance data.
    """

    place: str
    name: str
    workload: str
    node_id: str = ""
    state: str = ""
    profile: str = ""
    ping: str = ""
    agent_version: str = ""
    platform: str = ""
    association: str = ""
    outcome: str = ""
    captured: datetime | None = None
    compliant: bool | None = None
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        """ "ok", "unread", or the rule of the most serious finding."""
        if self.findings:
            return self.findings[0].rule
        return UNREAD if self.unread else OK

    @property
    def rank(self) -> tuple[int, str, str]:
        """Sorts the worst first: by rule, then unread, then ok, each by name."""
        if self.findings:
            order = rank(self.findings[0])
        else:
            order = len(REMEDIES) + (0 if self.unread else 1)
        return order, self.place, self.name
