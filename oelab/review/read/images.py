"""The images that the settings pin, and those that their parameter holds."""

from datetime import datetime

from oelab.review.models import Unread
from oelab.review.read.account import read_parameter
from oelab.review.read.connection import Connection
from oelab.review.read.errors import ReadError
from oelab.review.records import Image
from oelab.review.snapshots import PinnedImage
from oelab.settings import Settings


def read_pinned_image(aws: Connection, settings: Settings, oldest: datetime) -> PinnedImage:
    """The image of the settings in one environment.

    What the parameter of the settings holds now is asked only where the image is gone, or was made
    before `oldest`: a reviewer may not read every parameter.
    """
    given = "" if settings.image.startswith("/") else settings.image
    image_id = settings.image_pins.get(aws.region, given)
    image = aws.start(_read_image, image_id).result() if image_id else None
    latest: str | Unread = ""
    is_current = isinstance(image, Unread) or (image is not None and not image.is_older(oldest))
    if image_id and not given and not is_current:
        latest = aws.start(read_parameter, settings.image).result()
    return PinnedImage(
        environment=aws.environment,
        account=aws.account.result(),
        image_id=image_id,
        image=image,
        latest=latest,
    )


def read_latest_image(aws: Connection, settings: Settings) -> PinnedImage:
    """The image that the parameter of the settings holds now, and the id that they pin."""
    image = aws.start(_read_latest_image, settings.image).result()
    return PinnedImage(
        environment=aws.environment,
        account=aws.account.result(),
        image_id=settings.image_pins.get(aws.region, ""),
        image=image,
        latest="" if isinstance(image, Unread) else image.image_id,
    )


def _read_image(aws: Connection, image_id: str) -> Image | None:
    """The image, or None where there is none of this id that the account may use."""
    # By filter, as an id that is not there would be an error, and deprecated ones left out.
    by_id = [{"Name": "image-id", "Values": [image_id]}]
    images = aws.items("ec2:DescribeImages", "Images", Image, Filters=by_id, IncludeDeprecated=True)
    return next(iter(images), None)


def _read_latest_image(aws: Connection, parameter: str) -> Image:
    image_id = read_parameter(aws, parameter)
    if image := _read_image(aws, image_id):
        return image
    reason = f"there is no image {image_id!r}, which {parameter} holds; ask its owner"
    unread = Unread(environment=aws.environment, call="ec2:DescribeImages", reason=reason)
    raise ReadError(unread)
