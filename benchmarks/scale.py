"""The tables of docs/scale.md: what a fleet of a size costs, and what its copy has taken."""

from collections.abc import Iterable, Iterator
from typing import Any

from benchmarks.measure import ROOT
from oelab.settings import Settings
from oelab.systems_manager.data_sync_cost import PRICES, FleetEstimate, scan_usd, types_of

PAGE = ROOT / "docs" / "scale.md"
SIZES = (100, 1_000, 10_000, 100_000, 1_000_000)
INTERVALS = {"30 minutes": 30, "day": 24 * 60}
# What a question about software reads of a node: its objects of AWS:Application, with 300 packages,
# and of AWS:InstanceInformation, as measured.
OBJECTS_READ = (155_000, 700)


def write(copies: Iterable[dict[str, Any]]) -> None:
    """Put the tables in the places that the page has for them."""
    page = PAGE.read_text()
    for name, lines in (("estimates", estimates()), ("copies", measured(copies))):
        begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
        before, _, rest = page.partition(begin)
        _, _, after = rest.partition(end)
        page = "\n".join([f"{before}{begin}", *lines, f"{end}{after}"])
    PAGE.write_text(page)


def estimates() -> Iterator[str]:
    """What fleets cost whose inventory is collected as the lab's, by size and interval."""
    types = types_of(Settings().inventory.associations[0].types)
    yield "| nodes | every | objects | PUTs a day | PUTs, $ a day | software, GB | query, $ |"
    yield "|---|---|---|---|---|---|---|"
    for nodes in SIZES:
        software = nodes * sum(OBJECTS_READ)
        gets_usd = nodes * len(OBJECTS_READ) * PRICES["s3"]["gets_per_thousand"] / 1000
        for name, minutes in INTERVALS.items():
            fleet = FleetEstimate(nodes=nodes, types=types, interval_minutes=minutes)
            yield (
                f"| {nodes:,} | {name} | {fleet.objects:,} | {fleet.puts_a_day:,} "
                f"| {fleet.put_usd_a_day:,.2f} | {software / 10**9:,.2f} "
                f"| {scan_usd(software) + gets_usd:,.4f} |"
            )
    yield ""
    yield f"List prices of us-east-1 as of {PRICES['as_of']}; {types} types a node."


def measured(copies: Iterable[dict[str, Any]]) -> Iterator[str]:
    """What copies have taken; in bold what is within its limit."""
    yield "| nodes | objects | copy | seconds | peak memory | slowest question, seconds |"
    yield "|---|---|---|---|---|---|"
    for each in copies:
        figures = (
            _within(each, "seconds", "{:.1f}"),
            _within(each, "megabytes", "{:.0f} MB"),
            _within(each, "slowest_question", "{:.2f}"),
        )
        what = f"{each['nodes']:,} | {each['objects']:,} | {each['name']}"
        yield f"| {what} | {' | '.join(figures)} |"


def _within(copy: dict[str, Any], name: str, form: str) -> str:
    reached, limit = copy[name], copy[f"{name}_at_most"]
    text = form.format(reached)
    if not limit:
        return text
    return f"**{text}** of {limit:g}" if reached <= limit else f"{text} of {limit:g}"
