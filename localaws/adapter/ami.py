"""EC2's machine images and the public parameters that name them."""

from typing import Any, cast

from ministack.services import ec2 as _ec2
from ministack.services import ssm as _ssm

from localaws.adapter import Record


def find(image_id: str) -> Record | None:
    """Name, platform and architecture of an image that this account could launch."""
    registered = _ec2._images.get(image_id)
    if registered:
        return {
            "Name": registered["Name"],
            "Platform": "",
            "Architecture": registered["Architecture"],
            "RootDeviceName": registered["RootDeviceName"],
        }
    for stub in _ec2._STUB_AMIS:
        if stub[0] == image_id:
            return {
                "Name": stub[1],
                "Platform": stub[3],
                "Architecture": "arm64" if "arm64" in stub[1] else "x86_64",
                "RootDeviceName": stub[4],
            }
    return None


def install(images: list[Record]) -> None:
    """Add images, and the public parameters that name them."""
    known = {stub[0] for stub in _ec2._STUB_AMIS}
    for entry in images:
        for parameter in entry["parameters"]:
            _ssm._PUBLIC_AMI_PARAMETERS[parameter] = entry["id"]
        if entry["id"] not in known:
            _ec2._STUB_AMIS.append(
                (
                    entry["id"],
                    entry["name"],
                    entry["description"],
                    entry.get("platform", ""),
                    entry["root_device"],
                    entry["owner"],
                    entry.get("owner_alias"),
                )
            )
    original = _ec2._stub_image_view

    def image_view(*stub: Any) -> Record:
        view = cast("Record", original(*stub))
        if "arm64" in view["Name"]:
            view["Architecture"] = "arm64"
        return view

    _ec2._stub_image_view = image_view
    _tell_creation_dates({entry["id"]: entry["created"] for entry in images})


def _tell_creation_dates(created: dict[str, str]) -> None:
    """MiniStack leaves them out of its answer, where AWS always has them."""
    describe = _ec2._ACTION_MAP["DescribeImages"]

    def describe_images(params: Any) -> Any:
        status, headers, body = describe(params)
        for image_id, date in created.items():
            tag = f"<imageId>{image_id}</imageId>".encode()
            body = body.replace(tag, tag + f"<creationDate>{date}</creationDate>".encode())
        return status, headers, body

    _ec2._ACTION_MAP["DescribeImages"] = describe_images
