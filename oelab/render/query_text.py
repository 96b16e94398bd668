"""The questions about the fleet and their answers, as text."""

from oelab.queries import Query
from oelab.query.report import QueryReport, QuestionsReport
from oelab.render.output import Output
from oelab.render.tables import print_table
from oelab.review.evaluate.seen_node import count

_BYTES_PER_MEGABYTE = 1_000_000


def print_report(report: QueryReport | QuestionsReport, out: Output) -> None:
    """The questions, or the rows of an answer and what it cost."""
    if isinstance(report, QuestionsReport):
        for question in report.questions:
            _print_question(question, out)
        return
    if report.written_to:
        out.say(f"{count(len(report.rows), 'row')} written to {report.written_to}")
    elif report.rows:
        print_table(out, report.table_rows)
    elif not report.unread:
        out.say(report.empty)
    if report.scanned_bytes is not None:
        megabytes = report.scanned_bytes / _BYTES_PER_MEGABYTE
        out.say(f"Athena read {megabytes:,.1f} MB, about ${report.usd:,.5f}")


def _print_question(question: Query, out: Output) -> None:
    out.print(f"{question.name}: {question.title}")
    if question.notes:
        out.print(f"  {question.notes}")
    for each in question.parameters:
        out.print(f"  --param {each.name}=VALUE: {each.description}")
    out.print(f"  Columns: {', '.join(each.name for each in question.columns)}")
    out.print()
