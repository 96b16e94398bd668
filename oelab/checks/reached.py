"""A node that an association reaches."""

from typing import NamedTuple

from oelab.checks.associations import Association
from oelab.checks.findings import Finding, Rule, Severity
from oelab.checks.nodes import Node
from oelab.rules import Fault


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
            resource=self.node.resource,
            fault=Fault(
                where=self.node.path,
                value=value,
                rule=f"{must}, since {self.association.path} gathers its inventory",
                remedy=remedy,
                source=source,
            ),
        )
