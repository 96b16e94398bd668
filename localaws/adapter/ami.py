"""EC2's machine images and the public parameters that name them."""

from typing import Any

from ministack.services import ec2 as _ec2
from ministack.services import ssm as _ssm

from localaws.adapter import Record


def install(images: list[Record]) -> None:
    """Add images, in place of MiniStack's of the same id, and the parameters that name them."""
    ids = {image["id"] for image in images}
    _ec2._STUB_AMIS[:] = [stub for stub in _ec2._STUB_AMIS if stub[0] not in ids] + [
        (
            image["id"],
            image["name"],
            image["description"],
            image.get("platform", ""),
            image["root_device"],
            image["owner"],
            image.get("owner_alias"),
        )
        for image in images
    ]
    for image in images:
        for parameter in image["parameters"]:
            _ssm._PUBLIC_AMI_PARAMETERS[parameter] = image["id"]
    _show_architectures({image["id"]: image["architecture"] for image in images})
    _show_creation_dates({image["id"]: image["created"] for image in images})


def _show_architectures(architectures: dict[str, str]) -> None:
    """MiniStack gives x86_64 for all of its own images."""
    original = _ec2._stub_image_view

    def image_view(image_id: str, *rest: Any) -> Record:
        view: Record = original(image_id, *rest)
        return {**view, "Architecture": architectures.get(image_id, view["Architecture"])}

    _ec2._stub_image_view = image_view


def _show_creation_dates(dates: dict[str, str]) -> None:
    """MiniStack leaves them out of its answer, where AWS always has them."""
    describe = _ec2._ACTION_MAP["DescribeImages"]

    def describe_images(params: Any) -> Any:
        status, headers, body = describe(params)
        for image_id, date in dates.items():
            tag = f"<imageId>{image_id}</imageId>".encode()
            body = body.replace(tag, tag + f"<creationDate>{date}</creationDate>".encode())
        return status, headers, body

    _ec2._ACTION_MAP["DescribeImages"] = describe_images
