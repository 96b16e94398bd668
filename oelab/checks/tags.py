"""The tags of nodes, roles and associations, also those by `Tags.of`."""

from collections.abc import Iterator

from oelab.checks.associations import TargetedNode
from oelab.checks.roles import ROLE
from oelab.checks.rules import of_property
from oelab.constraints.tags import ANY_TAGS
from oelab.findings import Finding
from oelab.template.app import App

_TYPES = (ROLE, "AWS::SSM::Association")
_SET_BY_CLOUDFORMATION = "aws:cloudformation:"


def findings(app: App, targeted: list[TargetedNode]) -> Iterator[Finding]:
    """Too many tags, or keys that are reserved."""
    keys = {one.node.resource: list(one.node.identity.tags) for one in targeted}
    for resource in (each for kind in _TYPES for each in app.of_type(kind)):
        keys[resource] = [tag.text_of("Key") or "a token" for tag in resource.all("Tags")]
    for resource, found in keys.items():
        given = {key: "" for key in found if not key.startswith(_SET_BY_CLOUDFORMATION)}
        for finding in ANY_TAGS.findings("tags", given):
            yield of_property(resource, finding)
