"""Whether a node runs the agent, and how it offers the metadata that the agent signs in with.

Sources: "Find AMIs with the SSM Agent preinstalled" (Systems Manager User Guide) and "Use the
Instance Metadata Service" (Amazon EC2 User Guide).

IMDSv1 where it is asked for is an error. Where nothing is said it is a warning, because the account
or the image may still require IMDSv2.
"""

import base64
import binascii
import re
from collections.abc import Iterator

from oelab.checks.associations import TargetedNode
from oelab.findings import Finding, Rule, Severity
from oelab.systems_manager.agent import has_agent, mentions_agent, requires_imdsv2
from oelab.systems_manager.tristate import Answer
from oelab.template.expression import Expression

_AGENT = 'Systems Manager User Guide, "Find AMIs with the SSM Agent preinstalled"'
_METADATA = 'Amazon EC2 User Guide, "Use the Instance Metadata Service"'
_RESOLVED = re.compile(r"(?:\{\{)?resolve:ssm:([^:}]+)")


def findings(targeted: list[TargetedNode]) -> Iterator[Finding]:
    """What is wrong with the images of nodes and with their metadata options."""
    for one in targeted:
        image = _public_parameter(one.node.launch.image)
        yield from _agent(one, image)
        yield from _metadata(one, image)


def _agent(one: TargetedNode, image: str) -> Iterator[Finding]:
    launch = one.node.launch
    image_has_agent = has_agent(image)
    is_installed = _installs_agent(launch.user_data)
    if image_has_agent or is_installed:
        return
    # A launch template from elsewhere may bring the user data that is not given here.
    all_given = launch.user_data is not None or launch.complete
    is_certain = image_has_agent is False and is_installed is False and all_given
    severity = Severity.ERROR if is_certain else Severity.UNKNOWN
    must = "must run an image that ships the SSM Agent, or install it by user data"
    remedy = "take an image of a family with the agent, or install amazon-ssm-agent"
    value = image or "an image known by its id only"
    yield one.lacks(Rule.NODE_AGENT, must, remedy, value, _AGENT, severity)


def _metadata(one: TargetedNode, image: str) -> Iterator[Finding]:
    options = one.node.launch.metadata
    tokens = options.get("HttpTokens") if options else None
    endpoint = options.text_of("HttpEndpoint") if options else None
    value = tokens.text() if tokens else None
    if endpoint == "disabled":
        severity, value = Severity.ERROR, "HttpEndpoint=disabled"
    elif value == "required" or (tokens is None and requires_imdsv2(image)):
        return
    elif tokens is None:
        severity = Severity.WARNING if one.node.launch.complete else Severity.UNKNOWN
        value = "HttpTokens=not stated"
    else:
        severity = Severity.UNKNOWN if value is None else Severity.ERROR
        value = f"HttpTokens={value or 'a token'}"
    must = "must offer instance metadata, and by IMDSv2 only"
    remedy = "set HttpTokens to required and leave HttpEndpoint enabled"
    yield one.lacks(Rule.NODE_METADATA, must, remedy, value, _METADATA, severity)


def _public_parameter(image: Expression | None) -> str:
    """The path of the parameter that an image id comes from, "" where it comes from none."""
    match = _RESOLVED.match(str(image.evaluate(with_defaults=True))) if image else None
    return match[1] if match else ""


def _installs_agent(user_data: Expression | None) -> Answer:
    """Whether user data names the agent's package, which is to say that it installs it."""
    if user_data is None:
        return False
    value = user_data.evaluate()
    if isinstance(value, dict) and "Fn::Base64" in value:
        script = value["Fn::Base64"]
        # The known part of a text that is partly unknown may be enough.
        return mentions_agent(str(script)) or (False if isinstance(script, str) else None)
    try:
        return mentions_agent(base64.b64decode(str(value), validate=True).decode(errors="replace"))
    except binascii.Error:
        return None
