"""Images as EC2 describes them, and what is wrong with those that are pinned."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from oelab.image_family import ImageFamily, architecture_of_type, family_of
from oelab.settings import Settings


@dataclass(frozen=True, kw_only=True, slots=True)
class Image:
    """An Amazon Machine Image (DescribeImages)."""

    image_id: str
    name: str
    created: datetime
    architecture: str
    root_device_name: str


def faults_of(image: Image, settings: Settings, now: datetime, at_most: timedelta) -> list[str]:
    """Why an image should not, or cannot, be what the instances of the settings start from."""
    family = family_of(settings.image, settings.image_family)
    return [
        *_age(image, now, at_most, replacement(settings)),
        *_processor(image, settings),
        *_root_device(image, family),
    ]


def replacement(settings: Settings) -> str:
    """How to come by another image than the one of the settings."""
    follows = settings.image.startswith("/")
    return "run `oelab image pin --write`" if follows else "give the id of another one"


def _age(image: Image, now: datetime, at_most: timedelta, remedy: str) -> Iterator[str]:
    if now - image.created > at_most:
        yield f"older than {at_most.days} days: {remedy}"


def _processor(image: Image, settings: Settings) -> Iterator[str]:
    types = {
        each
        for workload in settings.workloads
        for each, count in (
            (workload.instance_type_web, workload.web_instances),
            (workload.instance_type_app, workload.app_instances),
        )
        if count
    }
    for each in sorted(types):
        if (architecture_of_type(each) or image.architecture) != image.architecture:
            yield f"made for {image.architecture}, which {each} is not"


def _root_device(image: Image, family: ImageFamily) -> Iterator[str]:
    if image.root_device_name != family.root_device_name:
        yield (
            f"its root volume is {image.root_device_name} and not {family.root_device_name} as in "
            f"{family.name}: mend `image_family`"
        )
