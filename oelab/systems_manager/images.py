"""What differs from one operating system's images to another's, and from one processor's.

Sources: "Find AMIs with the SSM Agent preinstalled" and "Manually installing SSM Agent on EC2
instances for Linux" (Systems Manager User Guide), "Device names for volumes" and "Instance type
naming conventions" (EC2 User Guide).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from oelab.data_files import read_toml
from oelab.systems_manager.agent import has_agent

X86_64 = "x86_64"
ARM64 = "arm64"

_INSTANCE_TYPE = re.compile(r"(?P<series>[a-z]+)\d+(?P<attributes>[a-z]*)(-[a-z0-9]+)*\..+")


@dataclass(frozen=True, kw_only=True)
class ImageFamily:
    """The images of one operating system.

    `key` is how settings name it and `parameter_prefix` begins the path of the public parameters
    that hold its image ids, where there are any. `root_device_name` is how its images name the root
    volume, `egress_ports` are the TCP ports that its packages and the SSM Agent are reached on, and
    `web_server` are the commands that install a web server and have it serve a page.

    `install_agent` are the commands for images that come without the agent: all of the family's
    unless it `ships_agent`, and the minimal ones of every family. Their `{region}`, `{url_suffix}`
    and `{agent_architecture}` are filled in for the stack. What comes through S3 needs no way to
    the internet.
    """

    key: str
    name: str
    parameter_prefix: str = ""
    root_device_name: str = "/dev/sda1"
    egress_ports: Sequence[int]
    web_server: Sequence[str]
    install_agent: Sequence[str] = ()
    ships_agent: bool = True
    packages_come_through_s3: bool = False
    agent_comes_through_s3: bool = True
    runs_on_arm64: bool = True

    def agent_commands(self, image: str) -> Sequence[str]:
        """What installs the agent on an image of this family; nothing where the image has it."""
        image_has_agent = has_agent(image)
        if image_has_agent is None:
            image_has_agent = self.ships_agent and "minimal" not in image
        return () if image_has_agent else self.install_agent


FAMILIES = {
    key: ImageFamily(key=key, **given)
    for key, given in read_toml("images.toml", __package__).items()
}


def family_of_parameter(image: str) -> ImageFamily | None:
    """The family whose public parameters an image's path is one of; None for all else."""
    known = (family for family in FAMILIES.values() if family.parameter_prefix)
    return next((each for each in known if image.startswith(each.parameter_prefix)), None)


def family_of(image: str, named: str = "") -> ImageFamily:
    """The family that settings name, or else that of the public parameter, or else Amazon Linux."""
    return FAMILIES.get(named) or family_of_parameter(image) or FAMILIES["amazon-linux"]


def architecture_of_image(image: str, family: ImageFamily) -> str | None:
    """The processor that an image is for, where its path or its family shows it."""
    if not family.runs_on_arm64:
        return X86_64
    if not image.startswith("/aws/service/"):
        return None
    if "arm64" in image:
        return ARM64
    return X86_64 if "x86_64" in image or "amd64" in image else None


def architecture_of_type(instance_type: str) -> str | None:
    """The processor of an instance type: `g` after the generation is Graviton, and so is a1.

    The CPU of types with `-gb` in their names, such as p6e-gb200, is for arm64 as well.

    None where the name follows no such convention, as that of a Mac.
    """
    match = _INSTANCE_TYPE.fullmatch(instance_type)
    if not match or match["series"] == "mac":
        return None
    is_graviton = "g" in match["attributes"] or re.match("a1[.]|[^.]+-gb", instance_type)
    return ARM64 if is_graviton else X86_64
