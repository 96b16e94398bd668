"""Whether a machine image comes with the SSM Agent, or its user data installs it.

Source: "Find AMIs with the SSM Agent preinstalled" and "Manually installing and uninstalling SSM
Agent on EC2 instances for Linux" in the Systems Manager user guide. Minimal images of Amazon Linux
come without it, and so do those of systems that the list does not have.
"""

import base64
import re

_PREINSTALLED = re.compile(
    r"(al2023|amzn2?)-ami-(?!minimal)|/ecs/optimized-ami/|amazon-eks-|ubuntu|Windows_Server-"
    r"|suse-sles-|/suse/|ec2-macos"
)
_NOT_PREINSTALLED = re.compile(r"(al2023|amzn2?)-ami-minimal|debian|RHEL-", re.IGNORECASE)
_NAME = re.compile(r"amazon-?ssm-?agent", re.IGNORECASE)


def is_preinstalled(image: str) -> bool | None:
    """Whether the image has the agent; None where the documentation does not tell.

    Args:
        image: the name of the image (`al2023-ami-2023.6.20241010.0-kernel-6.1-x86_64`), or the
            path of a public parameter (`/aws/service/ami-amazon-linux-latest/...`).
    """
    if _NOT_PREINSTALLED.search(image):
        return False
    return True if _PREINSTALLED.search(image) else None


def is_installed_by(user_data: str) -> bool:
    """Whether user data (Base64) names the agent, which is taken for installing it."""
    return bool(_NAME.search(base64.b64decode(user_data).decode(errors="replace")))
