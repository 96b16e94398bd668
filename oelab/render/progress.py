"""The progress of `oelab wait`: live on a terminal, else a line for each change."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Group
from rich.live import Live
from rich.text import Text

from oelab.render.output import Output, escape_invisible
from oelab.review.evaluate.node import NodeStatus
from oelab.review.wait import WaitReport


@contextmanager
def progress(out: Output, *, is_live: bool) -> Iterator[Callable[[WaitReport], None]]:
    """Takes the state of the fleet, and shows what has changed since the last look."""
    if is_live and out.messages.is_terminal:
        with Live(console=out.messages, auto_refresh=False) as live:
            yield lambda report: live.update(_lines(report), refresh=True)
        return
    said: dict[object, str] = {}
    is_lost = False

    def say_changes(report: WaitReport) -> None:
        nonlocal is_lost
        # Said once, whatever other reasons follow until AWS can be read again.
        if is_lost and not report.unread:
            out.say("AWS can be read again")
        elif report.unread and not is_lost:
            out.say(f"AWS could not be read, trying again: {report.unread[0].reason}")
        is_lost = bool(report.unread)
        for node in report.nodes:
            line = describe(report, node)
            if not node.unread and said.get(node.subject) != line:
                said[node.subject] = line
                out.say(line)

    yield say_changes


def print_report(report: WaitReport, out: Output) -> None:
    """Whether all is there, or what is not."""
    missing = report.missing
    expected = f"{len(report.nodes)} expected nodes"
    if not (missing or report.unread or report.beyond_nodes):
        out.say(f"all {expected} are managed and inventoried")
        return
    if not report.is_hopeless:
        waited = f"after {report.timeout_seconds} seconds"
        out.fail(f"{waited} {len(missing)} of {expected} are not there yet:")
    for found in report.beyond_nodes:
        out.fail(f"  {found}")
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


def _lines(report: WaitReport) -> Group:
    """A heading, and a line for each node."""
    arrived = len(report.nodes) - len(report.missing)
    heading = f"{arrived} of {len(report.nodes)} nodes managed and inventoried"
    if report.unread:
        heading += f"; trying again: {escape_invisible(report.unread[0].reason)}"
    lines = [Text(heading, style="italic")]
    for node in report.nodes:
        style = "green" if report.has_arrived(node) else "red"
        lines.append(Text(escape_invisible(describe(report, node)), style=style))
    return Group(*lines)
