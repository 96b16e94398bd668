"""What makes an instance a web server."""

from aws_cdk import aws_ec2 as ec2

from oelab.image_family import WINDOWS, ImageFamily


def serve_page(family: ImageFamily) -> ec2.UserData:
    """User data that serves a page on port 80.

    It does so whether or not anybody may reach it: opening the port later must change the security
    group alone, and changed user data would stop and start the instance.
    """
    user_data = ec2.UserData.for_windows() if family is WINDOWS else ec2.UserData.for_linux()
    user_data.add_commands(*family.web_server)
    return user_data
