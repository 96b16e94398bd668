"""Which node a person means."""

from collections.abc import Sequence

from oelab.review.commands.session import BadInputError
from oelab.review.read.node_index import Population


def chosen(populations: Sequence[Population], wanted: str) -> list[tuple[Population, str]]:
    """Every node of that id or name, with where it is.

    Raises `BadInputError` where there is none, unless a place could not be read: it might be there.
    """
    found = [(each, node_id) for each in populations for node_id in each.find(wanted)]
    if not found and not any(each.unread for each in populations):
        places = ", ".join(str(each.clients.place) for each in populations)
        raise BadInputError(
            f"no node has the id or name {wanted!r} in {places}; `oelab status` lists them"
        )
    return found
