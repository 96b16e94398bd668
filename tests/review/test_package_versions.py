"""Versions in the order of the node's own package manager."""

import pytest

from oelab.findings import BadInputError
from oelab.review.evaluate.package_versions import Scheme, numbers, parse_conditions, scheme_of

RPM, DEB = scheme_of("Linux", "Amazon Linux"), scheme_of("Linux", "Ubuntu")


@pytest.mark.parametrize(
    ("installed", "condition", "scheme", "expected"),
    [
        # What a text or a plain tuple of numbers would get wrong.
        ("3.0.8", "<3.0.14", RPM, True),
        ("1.0~rc1", "<1.0", RPM, True),
        ("1.0~rc1", "<1.0", DEB, True),
        ("1.0^git1", ">1.0", RPM, True),
        ("10.0.9", "<10.0.20", numbers, True),
        # Release and epoch count only if they are named.
        ("3.0.14-1.amzn2023", "<=3.0.14", RPM, True),
        ("3.0.14-1.amzn2023", "=3.0.14", RPM, True),
        ("3.0.14-1", "<3.0.14-2", RPM, True),
        ("1:3.0.8-1", "<3.0.14", RPM, True),
        ("1:3.0.8-1", "<0:3.0.14", RPM, False),
        ("1:9.6p1-3ubuntu13.5", "<9.7", DEB, True),
        ("1:9.6p1-3ubuntu13.5", "<1:9.6p1-3ubuntu13.9", DEB, True),
        ("3.0.13-0ubuntu3.4", "!=3.0.13", DEB, False),
        ("not a version", "<1", DEB, None),
        ("x:1", "<2:1", RPM, None),
        ("", "<1", RPM, None),
        ("2019 (x64)", "<2020", numbers, None),
        ("10.0", "=10.0.0", numbers, True),
    ],
)
def test_comparison(installed: str, condition: str, scheme: Scheme, expected: bool | None) -> None:
    (parsed,) = parse_conditions(condition)
    assert parsed.holds(installed, scheme) is expected


def test_several_conditions() -> None:
    assert [each.sign for each in parse_conditions(">=3.0, <3.1,!=3.0.5")] == [">=", "<", "!="]


@pytest.mark.parametrize("text", ["", " ", "<", "< 1 2", "~>1", "<abc", ">=3.0,<x"])
def test_what_is_no_comparison(text: str) -> None:
    with pytest.raises(BadInputError, match="write it like"):
        parse_conditions(text)


@pytest.mark.parametrize(
    ("platform", "name", "scheme"),
    [
        ("Linux", "Amazon Linux", RPM),
        ("Linux", "Ubuntu", DEB),
        ("Linux", "Debian GNU/Linux", DEB),
        ("Windows", "Microsoft Windows Server 2022 Datacenter", numbers),
        ("MacOS", "macOS", numbers),
    ],
)
def test_the_scheme_follows_the_platform(platform: str, name: str, scheme: Scheme) -> None:
    assert scheme_of(platform, name) == scheme
