"""The table and the plot of the documentation."""

from pathlib import Path
from typing import Any

from benchmarks.measure import ROOT
from benchmarks.plot import plot

PAGE = ROOT / "docs" / "performance.md"
PLOT = ROOT / "docs" / "performance.svg"
BEGIN, END = "<!-- written by make bench -->", "<!-- until here -->"


def write(results: dict[str, Any]) -> None:
    """Put the results in the place that the page has for them."""
    PLOT.write_text(plot(results["instances"], results["workloads"]))
    page = PAGE.read_text()
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n{_table(results)}\n{END}{after}")
    print(f"written to {_name(PAGE)} and {_name(PLOT)}")


def _table(results: dict[str, Any]) -> str:
    rows = [
        f"| {figure['name']} | {figure['target']:g} {figure['unit']} "
        f"| {_mark(figure)} {figure['unit']} | {figure['detail']} |"
        for figure in results["figures"]
    ]
    versions = ", ".join(
        f"{name} {number}" for name, number in results["versions"].items() if name != "cores"
    )
    made = (
        f"Made by `make bench` with {versions} on {results['versions']['cores']} shared cores; "
        f"medians of {results['pairs']} interleaved pairs."
    )
    head = ["| figure | must reach | reached | medians |", "|---|---|---|---|"]
    return "\n".join([*head, *rows, "", *_fleet(results["fleet"]), "", made])


def _fleet(reviews: list[dict[str, Any]]) -> list[str]:
    rows = [
        f"| {r['nodes']:,} | {r['calls']:,} | {r['megabytes']:.0f} MB | {r['wall']:.1f} s "
        f"| {r['wall'] / r['loop_wall']:.2f} |"
        for r in reviews
    ]
    return [
        "| `oelab status` of nodes in 3 Regions | calls | peak memory | wall | ÷ a plain loop |",
        "|---|---|---|---|---|",
        *rows,
    ]


def _mark(figure: dict[str, Any]) -> str:
    reached = f"{figure['reached']:.2f}"
    return f"**{reached}**" if figure["reached"] <= figure["target"] else reached


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))
