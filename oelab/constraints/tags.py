"""What AWS accepts as tags of EC2 instances and IAM roles; limits in tags.toml."""

from oelab.constraints.kinds import Items, Text

TAG_VALUE = Text.declared("tags.TagValue")
NAMED_TAG_VALUE = Text.declared("tags.NamedTagValue")
PLAIN_TAG_VALUE = Text.declared("tags.PlainTagValue")
TAG_KEY = Text.declared("tags.TagKey")
TAGS = Items.declared("tags.Tags", keys=TAG_KEY, each=TAG_VALUE)
assert TAGS.at_most is not None, "tags.toml must limit the tags of a resource"
TAGS_PER_RESOURCE = TAGS.at_most
ANY_TAGS = Items.declared("tags.Tags", keys=Text.declared("tags.AnyTagKey"))
"""What holds for the tags of any resource, whose values are not looked at."""
