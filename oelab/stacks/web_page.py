"""What makes an instance a web server."""

from aws_cdk import aws_ec2 as ec2


def serve_page() -> ec2.UserData:
    """User data that serves a page on port 80, on Amazon Linux.

    It does so whether or not anybody may reach it: opening the port later must change the security
    group alone, and changed user data would stop and start the instance.
    """
    user_data = ec2.UserData.for_linux()
    user_data.add_commands(
        "dnf install -y httpd",
        'echo "<h1>$(hostname)</h1>" > /var/www/html/index.html',
        "systemctl enable --now httpd",
    )
    return user_data
