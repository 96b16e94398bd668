"""Which nodes the review takes an association to apply to."""

import pytest

from oelab.review.models import Association
from oelab.review.targets import applies

TAGS = {"Env": "Prod", "Role": "Web"}


@pytest.mark.parametrize(
    ("targets", "expected"),
    [
        ((), False),
        ((("InstanceIds", ("*",)),), True),
        ((("InstanceIds", ("i-1", "i-2")),), True),
        ((("InstanceIds", ("i-2",)),), False),
        ((("tag:Env", ("Test", "Prod")),), True),
        ((("tag:Env", ("Prod",)), ("tag:Role", ("App",))), False),
        ((("tag:Env", ()),), True),
        ((("tag:env", ()),), False),
        ((("resource-groups:Name", ("lab",)),), False),
    ],
)
def test_targets(targets: tuple[tuple[str, tuple[str, ...]], ...], expected: bool) -> None:
    association = Association(
        association_id="", name="", document="", targets=targets, schedule="rate(1 day)"
    )
    assert applies(association, "i-1", TAGS) is expected
