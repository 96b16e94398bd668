"""The progress of `oelab wait`: live on a terminal, else a line for each change."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.live import Live
from rich.table import Table
from rich.text import Text

from oelab.render.output import Output, escape_invisible
from oelab.review.evaluate.node import NodeStatus
from oelab.review.wait import WaitReport


class Progress:
    """Shows what has changed since the last look."""

    def __init__(self, out: Output, live: Live | None) -> None:
        self._out = out
        self._live = live
        self._said: dict[object, str] = {}
        self._is_lost = False

    def show(self, report: WaitReport) -> None:
        """Show the state of the fleet."""
        if self._live:
            self._live.update(_table(report), refresh=True)
            return
        if bool(report.unread) != self._is_lost:
            self._is_lost = bool(report.unread)
            reason = report.unread[0].reason if report.unread else ""
            lost = f"AWS could not be read, trying again: {reason}"
            self._out.say(lost if self._is_lost else "AWS can be read again")
        for node in report.nodes:
            line = describe(report, node)
            if not node.unread and self._said.get(node.subject) != line:
                self._said[node.subject] = line
                self._out.say(line)


@contextmanager
def progress(out: Output, *, is_live: bool) -> Iterator[Progress]:
    """Shows progress for as long as the block lasts."""
    if is_live and out.messages.is_terminal:
        with Live(console=out.messages, auto_refresh=False) as live:
            yield Progress(out, live)
    else:
        yield Progress(out, None)


def print_report(report: WaitReport, out: Output) -> None:
    """Whether all is there, or what is not."""
    missing = report.missing
    expected = f"{len(report.nodes)} expected nodes"
    if not (missing or report.unread):
        out.say(f"all {expected} are managed and inventoried")
        return
    if not report.is_hopeless:
        waited = f"after {report.timeout_seconds} seconds"
        out.fail(f"{waited} {len(missing)} of {expected} are not there yet:")
    for node in missing:
        # Why a node is not read has been said of its environment.
        if report.findings_of(node) or not report.is_hopeless:
            out.fail(f"  {describe(report, node)}")


def describe(report: WaitReport, node: NodeStatus) -> str:
    """What keeps a node from being there, in a line."""
    for found in report.findings_of(node):
        return f"{node.name} {found.reason} ({found.rule})"
    if node.unread:
        return f"{node.name} could not be read: {', '.join(node.unread)}"
    return f"{node.name} is managed and inventoried"


def _table(report: WaitReport) -> Table:
    arrived = len(report.nodes) - len(report.missing)
    title = f"{arrived} of {len(report.nodes)} nodes managed and inventoried"
    if report.unread:
        title += f"; trying again: {escape_invisible(report.unread[0].reason)}"
    table = Table(title=title, box=None, title_justify="left", pad_edge=False, show_header=False)
    table.add_column(overflow="fold")
    for node in report.nodes:
        style = "green" if report.has_arrived(node) else "red"
        table.add_row(Text(escape_invisible(describe(report, node)), style=style))
    return table
