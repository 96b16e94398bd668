"""A node that an association reaches."""

from typing import NamedTuple

from oelab.checks.associations import Association
from oelab.checks.nodes import Node
from oelab.checks.rules import Rule
from oelab.findings import Finding, Severity


class Reached(NamedTuple):
    """A node, and the first of the associations that reach it."""

    node: Node
    association: Association

    def lacks(
        self, rule: Rule, severity: Severity, *, must: str, value: str, remedy: str, source: str
    ) -> Finding:
        """A finding about the node, which says why anything is asked of it."""
        return Finding(
            rule=rule,
            severity=severity,
            subject=self.node.resource,
            value=value,
            reason=f"{must}, since {self.association.path} gathers its inventory",
            remedy=remedy,
            source=source,
        )
