"""The members of resource groups, as far as the app defines them by tags."""

from oelab.template.expression import Expression, Resource
from oelab.template.values import Value, value_of

_GROUP = "AWS::ResourceGroups::Group"


def tags_of_members(name: Expression) -> dict[str, tuple[Value, ...]] | None:
    """What the resource group of a name asks of its members: the values of each tag key.

    All keys are required, and no values accept any. There is None where the app does not define
    the group, or defines it by something else than tags.
    """
    for group in name.stack.app.of_type(_GROUP):
        if group.stack.environment != name.stack.environment or not _is_group(group, name):
            continue
        query = group.properties.at("ResourceQuery", "Query")
        filters = query.all("TagFilters") if query else []
        tags: dict[str, tuple[Value, ...]] = {}
        for tag_filter in filters:
            key = tag_filter.text_of("Key")
            if key is None:
                return None
            tags[key] = tuple(value_of(value) for value in tag_filter.all("Values"))
        return tags or None
    return None


def _is_group(group: Resource, name: Expression) -> bool:
    reference = name.referent()
    if reference is not None:
        return reference.resource == group
    text = name.text()
    return text is not None and text == group.text_of("Name")
