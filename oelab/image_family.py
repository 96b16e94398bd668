"""What differs from one operating system's images to another's."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ImageFamily:
    """The images of one operating system.

    `parameter_prefix` begins the path of the public parameters that hold its image ids,
    `root_device_name` is how its images name the root volume, `egress_ports` are the TCP ports
    that its packages and the SSM Agent are reached on, and `web_server` are the commands that
    install a web server and have it serve a page.
    """

    name: str
    parameter_prefix: str
    root_device_name: str
    egress_ports: tuple[int, ...]
    web_server: tuple[str, ...]
    packages_come_through_s3: bool = False


AMAZON_LINUX = ImageFamily(
    name="Amazon Linux",
    parameter_prefix="/aws/service/ami-amazon-linux-latest/",
    root_device_name="/dev/xvda",
    egress_ports=(443,),
    web_server=(
        "dnf install -y httpd",
        'echo "<h1>$(hostname)</h1>" > /var/www/html/index.html',
        "systemctl enable --now httpd",
    ),
    packages_come_through_s3=True,
)

UBUNTU = ImageFamily(
    name="Ubuntu",
    parameter_prefix="/aws/service/canonical/ubuntu/",
    root_device_name="/dev/sda1",
    egress_ports=(80, 443),
    web_server=(
        "apt-get update",
        "DEBIAN_FRONTEND=noninteractive apt-get install -y apache2",
        'echo "<h1>$(hostname)</h1>" > /var/www/html/index.html',
    ),
)

WINDOWS = ImageFamily(
    name="Windows",
    parameter_prefix="/aws/service/ami-windows-latest/",
    root_device_name="/dev/sda1",
    egress_ports=(80, 443),
    web_server=(
        "Install-WindowsFeature -Name Web-Server",
        'Set-Content C:\\inetpub\\wwwroot\\index.html "<h1>$(hostname)</h1>"',
    ),
)

FAMILIES = (AMAZON_LINUX, UBUNTU, WINDOWS)


def family_of(image: str) -> ImageFamily:
    """The family of an image, from its public parameter; an image id is taken for Amazon Linux."""
    for family in FAMILIES:
        if image.startswith(family.parameter_prefix):
            return family
    return AMAZON_LINUX
