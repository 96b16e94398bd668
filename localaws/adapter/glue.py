"""Glue: the data catalog."""

from typing import cast

from ministack.services import glue as _glue

from localaws.adapter import Record


def table(database: str, name: str) -> Record | None:
    return cast("Record | None", _glue._tables.get(f"{database}/{name}"))
