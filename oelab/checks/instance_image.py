"""Whether a node runs the agent, and how it offers the metadata that the agent signs in with.

Sources: "Find AMIs with the SSM Agent preinstalled" (Systems Manager User Guide) and "Use the
Instance Metadata Service" (Amazon EC2 User Guide).

IMDSv1 where it is asked for is an error. Where nothing is said it is a warning, because the account
or the image may still require IMDSv2.
"""

from collections.abc import Iterator

from oelab.checks import images
from oelab.checks.rules import Rule
from oelab.checks.targeted_node import Reached
from oelab.findings import Finding, Severity

_AGENT = 'Systems Manager User Guide, "Find AMIs with the SSM Agent preinstalled"'
_METADATA = 'Amazon EC2 User Guide, "Use the Instance Metadata Service"'


def findings(reached: list[Reached]) -> Iterator[Finding]:
    """What is wrong with the images of nodes and with their metadata options."""
    for one in reached:
        parameter = images.public_parameter(one.node.launch.image)
        yield from _agent(one, parameter)
        yield from _metadata(one, parameter)


def _agent(one: Reached, parameter: str | None) -> Iterator[Finding]:
    launch = one.node.launch
    ships = images.ships_agent(parameter)
    installs = images.installs_agent(launch.user_data)
    if ships or installs:
        return
    # A launch template from elsewhere may bring the user data that is not given here.
    all_given = launch.user_data is not None or launch.complete
    certain = ships is False and installs is False and all_given
    yield one.lacks(
        Rule.AGENT,
        Severity.ERROR if certain else Severity.UNKNOWN,
        must="must run an image that ships the SSM Agent, or install it by user data",
        value=parameter or "an image known by its id alone",
        remedy="take an image of a family with the agent, or install amazon-ssm-agent",
        source=_AGENT,
    )


def _metadata(one: Reached, parameter: str | None) -> Iterator[Finding]:
    options = one.node.launch.metadata
    tokens = options.get("HttpTokens") if options else None
    endpoint = options.text_of("HttpEndpoint") if options else None
    value = tokens.text() if tokens else None
    if endpoint == "disabled":
        severity, value = Severity.ERROR, "HttpEndpoint=disabled"
    elif value == "required" or (tokens is None and images.requires_imdsv2(parameter)):
        return
    elif tokens is None:
        severity = Severity.WARNING if one.node.launch.complete else Severity.UNKNOWN
        value = "HttpTokens=not stated"
    else:
        severity = Severity.UNKNOWN if value is None else Severity.ERROR
        value = f"HttpTokens={value or 'a token'}"
    yield one.lacks(
        Rule.METADATA,
        severity,
        must="must offer instance metadata, and by IMDSv2 alone",
        value=value,
        remedy="set HttpTokens to required and leave HttpEndpoint enabled",
        source=_METADATA,
    )
