"""EC2: machine images, and the parameters that name them."""

from datetime import datetime

from oelab.review.images import Image
from oelab.review.read.access import Clients
from oelab.review.read.account import read_parameter
from oelab.review.read.errors import reading


def read_image(clients: Clients, image_id: str) -> Image | None:
    """The image, or None where there is none of this id that the account may use.

    Raises `ReadError`. AWS: ec2:DescribeImages.
    """
    with reading(clients.place, "ec2:DescribeImages"):
        # By filter, as an id that is not there would be an error, and deprecated ones left out.
        images = clients.ec2.describe_images(
            Filters=[{"Name": "image-id", "Values": [image_id]}], IncludeDeprecated=True
        )["Images"]
    for each in images:
        return Image(
            image_id=each.get("ImageId", ""),
            name=each.get("Name", ""),
            created=_moment(each.get("CreationDate", "")),
            architecture=each.get("Architecture", ""),
            root_device_name=each.get("RootDeviceName", ""),
        )
    return None


def read_latest_image(clients: Clients, parameter: str) -> Image | None:
    """The image that a parameter names now.

    Raises `ReadError`. AWS: ssm:GetParameter, ec2:DescribeImages.
    """
    return read_image(clients, read_parameter(clients, parameter))


def _moment(text: str) -> datetime | None:
    """CreationDate is a text such as 2024-05-01T10:00:00.000Z, and no answer has to have it."""
    return datetime.fromisoformat(text) if text else None
