"""A report in the form that was asked for, and what could not be read for it."""

import sys
from collections.abc import Iterable, Sequence
from importlib import import_module

from oelab.exit_codes import ExitCode
from oelab.render.documents import to_json, write_csv
from oelab.render.output import Output, escape_invisible
from oelab.report import Report, RowStream


def render(report: Report | RowStream, out: Output, form: str, *, is_safe: bool) -> ExitCode:
    """Print a report, and return its exit code.

    `form` is `csv`, for a spreadsheet if it `is_safe`, or `json`, or the module that prints text.
    """
    if isinstance(report, RowStream):
        _print_csv(report.rows, report.columns, out, is_safe=is_safe)
        report = report.conclude()
        for found in report.findings:
            out.fail(str(found))
    elif form == "csv":
        _print_csv(report.table_rows, (), out, is_safe=is_safe)
    elif form == "json":
        out.data.file.write(f"{to_json(report)}\n")
    else:
        import_module(f"oelab.render.{form}").print_report(report, out)
    for line in report.not_read:
        out.fail(line)
    return report.exit_code


def _print_csv(
    rows: Iterable[object], columns: Sequence[str], out: Output, *, is_safe: bool
) -> None:
    # Programs get the data as it is; a terminal would obey it.
    escape = escape_invisible if out.is_terminal else str
    if left_out := write_csv(rows, columns, sys.stdout, escape, is_safe=is_safe):
        out.fail(f"no column has {', '.join(left_out)}; --json has all")
