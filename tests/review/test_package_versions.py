"""Versions in the order of the node's own package manager."""

import pytest

from oelab.findings import BadInputError
from oelab.review.evaluate.package_versions import Scheme, parse_conditions, scheme_of


@pytest.mark.parametrize(
    ("installed", "condition", "scheme", "expected"),
    [
        # What a text or a plain tuple of numbers would get wrong.
        ("3.0.8", "<3.0.14", Scheme.RPM, True),
        ("1.0~rc1", "<1.0", Scheme.RPM, True),
        ("1.0~rc1", "<1.0", Scheme.DEB, True),
        ("1.0^git1", ">1.0", Scheme.RPM, True),
        ("10.0.9", "<10.0.20", Scheme.NUMBERS, True),
        # Release and epoch count only if they are named.
        ("3.0.14-1.amzn2023", "<=3.0.14", Scheme.RPM, True),
        ("3.0.14-1.amzn2023", "=3.0.14", Scheme.RPM, True),
        ("3.0.14-1", "<3.0.14-2", Scheme.RPM, True),
        ("1:3.0.8-1", "<3.0.14", Scheme.RPM, True),
        ("1:3.0.8-1", "<0:3.0.14", Scheme.RPM, False),
        ("1:9.6p1-3ubuntu13.5", "<9.7", Scheme.DEB, True),
        ("1:9.6p1-3ubuntu13.5", "<1:9.6p1-3ubuntu13.9", Scheme.DEB, True),
        ("3.0.13-0ubuntu3.4", "!=3.0.13", Scheme.DEB, False),
        ("not a version", "<1", Scheme.DEB, None),
        ("x:1", "<2:1", Scheme.RPM, None),
        ("", "<1", Scheme.RPM, None),
        ("2019 (x64)", "<2020", Scheme.NUMBERS, None),
        ("10.0", "=10.0.0", Scheme.NUMBERS, True),
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
        ("Linux", "Amazon Linux", Scheme.RPM),
        ("Linux", "Ubuntu", Scheme.DEB),
        ("Linux", "Debian GNU/Linux", Scheme.DEB),
        ("Windows", "Microsoft Windows Server 2022 Datacenter", Scheme.NUMBERS),
        ("MacOS", "macOS", Scheme.NUMBERS),
    ],
)
def test_the_scheme_follows_the_platform(platform: str, name: str, scheme: Scheme) -> None:
    assert scheme_of(platform, name) is scheme
