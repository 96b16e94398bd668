"""Whether an image ships the SSM Agent and asks for IMDSv2, by its public parameter.

Sources: "Find AMIs with the SSM Agent preinstalled" and "Manually installing SSM Agent on EC2
instances for Linux" (Systems Manager User Guide), and "Comparing Amazon Linux 2 and Amazon Linux
2023" for IMDSv2. An image that is named by its id may be anything.
"""

import base64
import binascii
import re

from oelab.systems_manager.tristate import Answer
from oelab.template.expression import Expression

_SHIPS_AGENT = re.compile(
    r"""
    /aws/service/(
        ami-amazon-linux-latest/(al2023-ami-(?!minimal)|amzn2-ami-(?!minimal)|amzn-ami-(?!minimal))
        | ami-windows-latest/
        | canonical/ubuntu/(server|pro-server)/
        | ec2-macos/
        | ecs/optimized-ami/(amazon-linux-2|amazon-linux-2023)/
        | suse/
    )""",
    re.VERBOSE,
)
_LACKS_AGENT = re.compile(
    r"""
    /aws/service/(
        ami-amazon-linux-latest/(al2023|amzn2|amzn)-ami-minimal
        | debian/
    )""",
    re.VERBOSE,
)
_REQUIRES_IMDSV2 = re.compile(r"/aws/service/ami-amazon-linux-latest/al2023-ami-")
_AGENT = re.compile(r"amazon-?ssm-?agent", re.IGNORECASE)
_RESOLVED = re.compile(r"(?:\{\{)?resolve:ssm:([^:}]+)")
_PARAMETER_TYPE = "AWS::SSM::Parameter::Value<"


def public_parameter(image: Expression | None) -> str | None:
    """The path of the parameter that an image id comes from, if it comes from one."""
    if image is None:
        return None
    stack, value = image.follow()
    if isinstance(value, dict):
        parameter = stack.template.get("Parameters", {}).get(value.get("Ref"), {})
        is_path = str(parameter.get("Type")).startswith(_PARAMETER_TYPE)
        return str(parameter["Default"]) if is_path and "Default" in parameter else None
    match = _RESOLVED.match(str(value))
    return match[1] if match else None


def ships_agent(parameter: str | None) -> Answer:
    """Whether the images of a public parameter come with the agent."""
    if parameter and _SHIPS_AGENT.match(parameter):
        return True
    return False if parameter and _LACKS_AGENT.match(parameter) else None


def requires_imdsv2(parameter: str | None) -> bool:
    """Whether instances of the image use IMDSv2 alone unless told otherwise."""
    return bool(parameter and _REQUIRES_IMDSV2.match(parameter))


def installs_agent(user_data: Expression | None) -> Answer:
    """Whether user data speaks of the agent, which is to say that it installs it."""
    if user_data is None:
        return False
    text = _decoded(user_data)
    return None if text is None else _AGENT.search(text) is not None


def _decoded(user_data: Expression) -> str | None:
    stack, value = user_data.follow()
    if isinstance(value, dict) and "Fn::Base64" in value:
        inner = Expression(stack, value["Fn::Base64"])
        text = inner.text()
        return text if text is not None else (str(inner.value) if _mentions(inner) else None)
    try:
        return base64.b64decode(str(value), validate=True).decode(errors="replace")
    except binascii.Error:
        return None


def _mentions(expression: Expression) -> bool:
    """Whether the agent is named in the known part of a text that is partly unknown."""
    return _AGENT.search(str(expression.value)) is not None
