"""Whether an image fits the settings and is young enough, from values alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from oelab.environment import Environment
from oelab.findings import Severity
from oelab.review.evaluate.images import evaluate_images
from oelab.review.records import Image
from oelab.review.snapshots import PinnedImage
from oelab.settings import Settings, WorkloadSettings

NOW = datetime(2026, 11, 1, tzinfo=UTC)
OLDEST = NOW - timedelta(days=90)
IMAGE = Image(
    image_id="ami-1",
    name="al2023",
    creation_date=NOW - timedelta(days=10),
    architecture="x86_64",
    root_device_name="/dev/xvda",
)
PINNED = PinnedImage(
    environment=Environment("111122223333", "us-east-1"), image_id="ami-1", image=IMAGE
)
ARM_WEB = WorkloadSettings(name="A", stack_name="A", instance_type_app="t4g.micro", app_instances=0)


def rules(pinned: PinnedImage, settings: Settings | None = None) -> list[tuple[str, Severity]]:
    found = evaluate_images([pinned], settings or Settings(), oldest=OLDEST, now=NOW)
    return [(each.rule, each.severity) for each in found.findings]


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (IMAGE, []),
        (replace(IMAGE, architecture="arm64"), [("image-unfit", Severity.ERROR)]),
        (replace(IMAGE, root_device_name="/dev/sda1"), [("image-unfit", Severity.ERROR)]),
        (replace(IMAGE, creation_date=OLDEST), []),
        (
            replace(IMAGE, creation_date=OLDEST - timedelta(seconds=1)),
            [("image-old", Severity.ERROR)],
        ),
        (replace(IMAGE, creation_date=None), [("image-age-unknown", Severity.NOTE)]),
        (None, [("image-gone", Severity.ERROR)]),
    ],
)
def test_each_cause(image: Image | None, expected: list[tuple[str, Severity]]) -> None:
    assert rules(replace(PINNED, image=image, latest="ami-2")) == expected


@pytest.mark.parametrize("latest", ["ami-1", "ami-2"])
def test_an_image_that_is_gone_is_never_well(latest: str) -> None:
    assert rules(replace(PINNED, image=None, latest=latest)) == [("image-gone", Severity.ERROR)]


def test_types_that_no_instance_has_do_not_count() -> None:
    assert rules(PINNED, Settings(workloads=(ARM_WEB,))) == []


def test_an_old_id_that_no_parameter_holds_needs_another_one() -> None:
    old = replace(PINNED, image=replace(IMAGE, creation_date=NOW - timedelta(days=100)))
    assert rules(old, Settings(image="ami-1")) == [("image-old", Severity.ERROR)]


def test_a_region_without_a_pin_is_reported_where_others_have_one() -> None:
    lacking = replace(PINNED, image_id="", image=None)
    pins = Settings(image_pins={"eu-west-1": "ami-1"})
    assert rules(lacking, pins) == [("image-not-pinned", Severity.ERROR)]
    assert rules(lacking) == []
