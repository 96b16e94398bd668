"""The members of resource groups, as far as the app defines them by tags."""

from oelab.template.app import App
from oelab.template.resources import Expression, Resource
from oelab.template.values import Value, value_of

_GROUP = "AWS::ResourceGroups::Group"


def tags_of_members(app: App, name: Expression) -> dict[str, tuple[Value, ...]] | None:
    """What the resource group of a name asks of its members: the values of each tag key.

    All keys are required, and no values accept any. There is None where the app does not define
    the group, or defines it by something else than tags.
    """
    for group in app.of_type(_GROUP):
        if group.stack.environment != name.stack.environment or not _is_group(app, group, name):
            continue
        query = group.properties.at("ResourceQuery", "Query")
        filters = query.all("TagFilters") if query else []
        tags: dict[str, tuple[Value, ...]] = {}
        for tag_filter in filters:
            key = app.text(tag_filter.get("Key"))
            if key is None:
                return None
            tags[key] = tuple(value_of(app, value) for value in tag_filter.all("Values"))
        return tags or None
    return None


def _is_group(app: App, group: Resource, name: Expression) -> bool:
    reference = app.referent(name)
    if reference is not None:
        return reference.resource == group
    text = app.text(name)
    return text is not None and text == app.text(group.get("Name"))
