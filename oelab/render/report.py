"""A report in the form that was asked for, and what could not be read for it."""

import sys
from importlib import import_module

from oelab.exit_codes import ExitCode
from oelab.render.documents import CsvStyle, to_json, write_csv
from oelab.render.output import Output, escape_invisible
from oelab.report import Report, RowStream


def render(
    report: Report | RowStream,
    out: Output,
    *,
    as_json: bool,
    csv_style: CsvStyle | None,
    text: str,
) -> ExitCode:
    """Print a report, and return its exit code; `text` is the module that prints it as text."""
    if isinstance(report, RowStream):
        report = _print_rows(report, out, csv_style or CsvStyle.EXACT)
        for found in report.findings:
            out.fail(str(found))
    elif csv_style:
        stream = RowStream(rows=report.table_rows, columns=(), conclude=lambda: report)
        _print_rows(stream, out, csv_style)
    elif as_json:
        out.data.file.write(f"{to_json(report)}\n")
    else:
        import_module(f"oelab.render.{text}").print_report(report, out)
    for line in report.not_read:
        out.fail(line)
    return report.exit_code


def _print_rows(stream: RowStream, out: Output, style: CsvStyle) -> Report:
    # Programs get the data as it is; a terminal would obey it.
    escape = escape_invisible if out.is_terminal else str
    if left_out := write_csv(stream.rows, stream.columns, sys.stdout, escape, style):
        out.fail(f"no column has {', '.join(left_out)}; --json has all")
    return stream.conclude()
