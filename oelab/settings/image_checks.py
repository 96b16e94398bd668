"""Judges the image: whether it is known what it is, where it is pinned, and what it runs on."""

from collections.abc import Iterator

from oelab.constraints import ec2
from oelab.constraints.tags import of_key
from oelab.findings import Finding
from oelab.settings.model import Settings, WorkloadSettings
from oelab.systems_manager.images import (
    FAMILIES,
    architecture_of_image,
    architecture_of_type,
    family_of,
    family_of_parameter,
)

_PUBLIC = "/aws/service/"


def image_faults(settings: Settings) -> Iterator[Finding]:
    """All that is wrong with the image, its family and its pins."""
    if settings.image or not settings.image_pins:
        yield from ec2.image("image", settings.image)
    yield from _family(settings)
    yield from _pins(settings)


def _family(settings: Settings) -> Iterator[Finding]:
    named, told = settings.image_family, family_of_parameter(settings.image)
    if named and named not in FAMILIES:
        yield Finding(
            subject="image_family",
            value=named,
            reason=f"must be one of {', '.join(FAMILIES)}",
            remedy="name the one whose root device and packages are those of the image",
        )
    elif named and told and told.key != named:
        yield Finding(
            subject="image_family",
            value=named,
            reason=f"must be {told.key!r}, as the image's parameter is one of {told.name}'s",
            remedy="leave it out, or name another image",
            rests_on=("image",),
        )
    elif not named and not told and settings.image.startswith(_PUBLIC):
        yield Finding(
            subject="image_family",
            value=named,
            reason="must be given for a public parameter of a family that is not known here",
            remedy=f"name the one that is like it: {', '.join(FAMILIES)}",
            rests_on=("image",),
        )


def _pins(settings: Settings) -> Iterator[Finding]:
    for region, image_id in settings.image_pins.items():
        at = of_key("image_pins", region)
        yield from ec2.region_name(at, region)
        yield from ec2.image_id(at, image_id)
    if settings.image_pins and settings.image and not settings.image.startswith("/"):
        yield Finding(
            subject="image_pins",
            value=", ".join(settings.image_pins),
            reason="must be empty where image is an id by itself",
            remedy="leave one of them out, or let image be the parameter that the pins come from",
            rests_on=("image",),
        )
    if settings.region and settings.image_pins and settings.region not in settings.image_pins:
        yield Finding(
            subject="image_pins",
            value=", ".join(settings.image_pins),
            reason=f"must hold an image for the Region {settings.region!r}",
            remedy="add it, or run `oelab image pin --write`",
            rests_on=("region",),
        )


def architecture_faults(
    at: str, workload: WorkloadSettings, settings: Settings
) -> Iterator[Finding]:
    """Instance types whose processor is another than the image's."""
    image = architecture_of_image(settings.image, family_of(settings.image, settings.image_family))
    for kind in workload.kinds:
        processor = architecture_of_type(kind.instance_type)
        if kind.count and image and processor and image != processor:
            yield Finding(
                subject=f"{at}.{kind.type_setting}",
                value=kind.instance_type,
                reason=f"must have a processor for the image, which is for {image}",
                remedy=f"take a type for {image}, or an image for {processor}",
                source="EC2 User Guide, instance type naming conventions",
                rests_on=("image", "image_family"),
            )
