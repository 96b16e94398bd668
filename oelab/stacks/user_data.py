"""What an instance does when it starts for the first time."""

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2

from oelab.stacks.launch_image import LaunchImage
from oelab.systems_manager.images import WINDOWS, X86_64, architecture_of_type


def first_start(image: LaunchImage, instance_type: str, *, serves_page: bool) -> str | None:
    """User data that installs the SSM Agent where the image lacks it, and then a web server.

    A web server serves its page whether or not anybody may reach it: opening the port later must
    change the security group alone, and changed user data would stop and start the instance.
    """
    family = image.family
    commands = [_filled(each, instance_type) for each in family.agent_commands(image.source)]
    if serves_page:
        commands += family.web_server
    if not commands:
        return None
    user_data = ec2.UserData.for_windows() if family is WINDOWS else ec2.UserData.for_linux()
    user_data.add_commands(*commands)
    return user_data.render()


def _filled(command: str, instance_type: str) -> str:
    # Packages of the agent are named for amd64 where EC2 says x86_64.
    architecture = (architecture_of_type(instance_type) or X86_64).replace(X86_64, "amd64")
    return command.format(
        region=cdk.Aws.REGION, url_suffix=cdk.Aws.URL_SUFFIX, agent_architecture=architecture
    )
