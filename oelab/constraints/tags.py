"""What AWS accepts as tags of EC2 instances and IAM roles.

EC2 itself would take any character; IAM and Systems Manager, which see the same tags, do not.
"""

from dataclasses import replace

from oelab.constraints.kinds import Items, Text

TAGS_PER_RESOURCE = 50

_SOURCE = "EC2 User Guide, tag restrictions"
_FORM = "letters, digits, spaces and _ . : / = + - @"

# The Unicode categories L, N and Z, as in AWS's own pattern.
_UNICODE = r"[\w \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000.:/=+@-]*"
BLANK = r"\s*$"

TAG_VALUE = Text("TagValue", _SOURCE, _UNICODE, _FORM, 0, 256)

NAMED_TAG_VALUE = replace(TAG_VALUE, at_least=1, forbidden=BLANK)
"""A tag value that is not blank."""

PLAIN_TAG_VALUE = replace(
    TAG_VALUE,
    pattern="[A-Za-z0-9_.:/=+@-]([A-Za-z0-9 _.:/=+@-]*[A-Za-z0-9_.:/=+@-])?",
    form="letters, digits, spaces within and _ . : / = + - @",
    at_least=1,
)
"""What parameters take: the tools that check templates disagree on how to write other letters."""

TAG_KEY = replace(
    NAMED_TAG_VALUE,
    rule="TagKey",
    form=f"{_FORM}, not starting with aws:",
    at_most=128,
    forbidden=f"{BLANK}|[aA][wW][sS]:",
)

TAGS = Items("Tags", _SOURCE, "tags", TAG_VALUE, TAG_KEY, at_most=TAGS_PER_RESOURCE)

ANY_TAGS = replace(
    TAGS,
    each=None,
    keys=replace(TAG_KEY, pattern=r"[\s\S]*", form="characters, without aws: first"),
)
"""What holds for the tags of any resource; EC2 takes any letters, and values are not looked at."""
