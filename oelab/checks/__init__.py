"""Checks of a whole app, over its synthesized templates.

They see the resources of anyone's code alike, L1 or L2, and say nothing about what only the
deployment or another app knows unless asked to be strict. What the templates say becomes values of
`oelab.systems_manager`, which has the rules. Nothing here imports the CDK.
"""

from collections.abc import Iterator
from dataclasses import replace

from oelab.checks import (
    association_properties,
    endpoints,
    instance_launch,
    instance_network,
    instance_role,
    logs,
    names,
    tags,
)
from oelab.checks.associations import associations_of, targeted_nodes
from oelab.checks.nodes import nodes_of
from oelab.checks.overlap import overlaps
from oelab.checks.unreached_targets import unknown_regions, unmatched_targets
from oelab.findings import Finding, Severity
from oelab.systems_manager.documents import ATTACH_ROLE_RUNBOOK, INVENTORY_DOCUMENT
from oelab.template.app import App


def check(app: App, *, strict: bool = False) -> list[Finding]:
    """All that is wrong with the inventory associations of an app and the nodes they reach.

    A node without an instance profile has the one that an association attaches to it.

    What cannot be known is left out, or is a warning where `strict`.
    """
    found = []
    for finding in _findings(app):
        if finding.severity is not Severity.UNKNOWN:
            found.append(finding)
        elif strict:
            remedy = f"this cannot be known from the app; {finding.remedy}"
            found.append(replace(finding, severity=Severity.WARNING, remedy=remedy))
    return found


def _findings(app: App) -> Iterator[Finding]:
    associations = associations_of(app, INVENTORY_DOCUMENT)
    attachments = associations_of(app, ATTACH_ROLE_RUNBOOK)
    yield from association_properties.findings(app, associations)
    yield from names.findings(app)
    yield from endpoints.findings(app)
    if not associations and not attachments:
        return
    nodes = nodes_of(app)
    yield from overlaps(associations, nodes)
    yield from unmatched_targets([*associations, *attachments], nodes)
    yield from unknown_regions(associations)
    # What an instance needs to become a managed node, for each that an association reaches.
    targeted = targeted_nodes(associations, nodes)
    yield from instance_role.findings(app, targeted, attachments)
    yield from instance_network.findings(targeted)
    yield from instance_launch.findings(targeted)
    yield from tags.findings(app, targeted)
    yield from logs.findings(app, associations, targeted)
