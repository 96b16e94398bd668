"""The SSM Agent: which images carry it, and which of its versions are needed for what.

Sources: "Find AMIs with the SSM Agent preinstalled" and "Manually installing SSM Agent on EC2
instances for Linux" (Systems Manager user guide); "Comparing Amazon Linux 2 and Amazon Linux 2023"
(Amazon Linux 2023 user guide) for IMDSv2; the pages on proxies, on inventory, on ec2messages and on
Default Host Management Configuration (Systems Manager user guide) for proxies and versions.
"""

import re

from oelab.data_files import read_toml
from oelab.systems_manager.tristate import Answer

_PARAMETERS = read_toml("agent.toml", __package__)
_WITH_AGENT = tuple(_PARAMETERS["with_agent"])
_WITHOUT_AGENT = tuple(_PARAMETERS["without_agent"])
_IMDSV2_ONLY = tuple(_PARAMETERS["imdsv2_only"])
_PACKAGE = re.compile(r"amazon-?ssm-?agent", re.IGNORECASE)

_PROXY = re.compile(r"https?_proxy", re.IGNORECASE)

OLDEST_FOR_INVENTORY = "2.0.790.0"
OLDEST_FOR_HOST_MANAGEMENT = "3.2.582.0"
"""The oldest version that Default Host Management Configuration can manage."""
OLDEST_WITHOUT_EC2MESSAGES = "3.3.40.0"
"""The oldest version for a role that does not allow the ec2messages actions."""


def has_agent(image: str) -> Answer:
    """Whether an image carries the agent, by its public parameter; None for any other image."""
    if image.startswith(_WITHOUT_AGENT):
        return False
    return True if image.startswith(_WITH_AGENT) else None


def requires_imdsv2(image: str) -> bool:
    """Whether instances of an image use IMDSv2 only, unless their own options say otherwise."""
    return image.startswith(_IMDSV2_ONLY)


def mentions_agent(script: str) -> bool:
    """Whether a script names the agent's package, in the spelling of any platform."""
    return _PACKAGE.search(script) is not None


def mentions_proxy(script: str) -> bool:
    """Whether a script sets a proxy, by the variables that the agent takes it from."""
    return _PROXY.search(script) is not None


def is_older(version: str, than: str) -> bool:
    """Whether one version of the agent, such as `3.3.40.0`, is older than another."""
    return _numbers(version) < _numbers(than)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())
