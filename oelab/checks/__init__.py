"""Checks of a whole app, over its synthesized templates.

They see the resources of anyone's code alike, L1 or L2, and say nothing about what only the
deployment or another app knows unless told to be strict. Nothing here imports the CDK.
"""

import dataclasses
from collections.abc import Iterator

from oelab.checks.associations import associations_of
from oelab.checks.nodes import nodes_of
from oelab.checks.overlap import overlaps
from oelab.checks.prerequisites import missing_prerequisites
from oelab.checks.rules import Rule
from oelab.checks.targets import target_nothing, unknown_regions
from oelab.findings import Finding, Severity
from oelab.template.app import App

__all__ = ["Rule", "check"]


def check(app: App, *, strict: bool = False) -> list[Finding]:
    """All that is wrong with the inventory associations of an app and the nodes they reach.

    What cannot be known is left out, or is a warning where `strict`.
    """
    return [
        _as_warning(finding) if finding.severity is Severity.UNKNOWN else finding
        for finding in _findings(app)
        if strict or finding.severity is not Severity.UNKNOWN
    ]


def _as_warning(finding: Finding) -> Finding:
    remedy = f"the app alone does not tell; {finding.remedy}"
    return dataclasses.replace(finding, severity=Severity.WARNING, remedy=remedy)


def _findings(app: App) -> Iterator[Finding]:
    associations = associations_of(app)
    if not associations:
        return
    nodes = nodes_of(app)
    yield from overlaps(associations, nodes)
    yield from target_nothing(associations, nodes)
    yield from unknown_regions(associations)
    yield from missing_prerequisites(app, associations, nodes)
