"""What `oelab compare` shows."""

from collections.abc import Mapping

from oelab import tags as lab_tags
from oelab.review.commands.inventory_search import installed
from oelab.review.commands.session import BadInputError, Session
from oelab.review.exit_codes import ExitCode, exit_code
from oelab.review.models import Unread
from oelab.review.output import unread_documents
from oelab.review.package_diff import Difference, Packages, differences
from oelab.review.read.errors import ReadError
from oelab.review.read.inventory import search_records
from oelab.review.read.node_index import Population, read_populations
from oelab.systems_manager.inventory_types import APPLICATION

SCHEMA = "oelab.compare/1"


def show(session: Session, one: str, other: str) -> ExitCode:
    """The packages that differ between the workloads, in all places together."""
    known = [workload.name for workload in session.settings.workloads]
    for name in (one, other):
        if name not in known:
            raise BadInputError(f"{name!r} is no workload of the settings: {', '.join(known)}")
    if one == other:
        raise BadInputError("name two different workloads")
    populations = read_populations(session.places)
    unread = [each for population in populations for each in population.unread]
    groups = {one: Packages(), other: Packages()}
    for population in populations:
        unread += _collect(population, groups)
    empty = [name for name, packages in groups.items() if not packages.nodes]
    # With one side missing every package would seem to differ.
    found = [] if empty else differences(groups[one], groups[other])
    if session.out.as_json:
        body = {
            "unread": unread_documents(unread),
            "nodes": {name: len(packages.nodes) for name, packages in groups.items()},
            "differences": [_document(each, one, other) for each in found],
        }
        session.out.json(SCHEMA, body)
    elif found:
        # A line for each version is for people; programs get one for each package.
        between = "\n" if session.out.on_terminal else ", "
        rows = [(e.package, _cell(e.one, between), _cell(e.other, between)) for e in found]
        session.out.table(["Package", one, other], rows, prose=(one, other))
    session.out.warn_unread(unread)
    for name in empty:
        session.out.fail(f"no node of {name} has inventory, so there is nothing to compare")
    if not found and not empty and not unread:
        session.out.say(f"{one} and {other} have the same packages")
    return exit_code(findings=bool(found or empty), unread=bool(unread))


def _collect(population: Population, groups: Mapping[str, Packages]) -> list[Unread]:
    try:
        for record in search_records(population.clients, APPLICATION):
            instance = population.instances.get(record.node_id)
            group = groups.get(instance.tags.get(lab_tags.WORKLOAD, "")) if instance else None
            if group is not None:
                name = record.attributes.get("Name", "")
                group.add(record.node_id, name, str(installed(record)))
    except ReadError as error:
        return [error.unread]
    return []


def _cell(versions: Mapping[str, int], between: str) -> str:
    return between.join(f"{version} ({count})" for version, count in versions.items()) or "-"


def _document(each: Difference, one: str, other: str) -> dict[str, object]:
    return {"package": each.package, one: dict(each.one), other: dict(each.other)}
