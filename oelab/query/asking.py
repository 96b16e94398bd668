"""A question as the command line asks it: of a local copy, of a folder, or of Athena."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from oelab.findings import BadInputError
from oelab.installation import require_extra
from oelab.query.answers import answer
from oelab.query.athena import AthenaEngine, QueryFailedError
from oelab.query.engine import Engine
from oelab.query.parameters import question_of, read_assignments, values_of
from oelab.query.report import Progress, QueryReport, UnreadItem
from oelab.query.sources import BucketSource, FolderSource
from oelab.review.read.connection import Connection
from oelab.review.read.errors import READ_ERRORS, ReadError
from oelab.review.read.syncs import find_bucket
from oelab.settings import Settings

_START = "athena:StartQueryExecution"
_OF_S3 = ("GetObject", "ListObjectsV2")


@dataclass(frozen=True, kw_only=True)
class Asking:
    """A question with its parameters, each as `NAME=VALUE`, and of what it is asked.

    Raises `BadInputError` with all that is wrong with it.
    """

    question: str
    assignments: Sequence[str] = ()
    folder: Path | None = None
    """Data in the layout of the bucket, instead of the bucket."""
    copy: Path | None = None
    """Where the copy lies, instead of the user's cache."""
    is_for_athena: bool = False
    parquet: Path | None = None
    """Where to write the rows."""

    def __post_init__(self) -> None:
        faults = []
        if self.is_for_athena and (self.folder or self.copy):
            faults.append("--athena must come without --from and --copy, as it makes no copy")
        if self.folder and not self.folder.is_dir():
            faults.append(f"--from {self.folder} must be a folder in the layout of the bucket")
        try:
            values_of(question_of(self.question), self.parameters)
        except BadInputError as error:
            faults.append(str(error))
        if faults:
            raise BadInputError("\n".join(faults))
        if self.parquet or not self.is_for_athena:
            require_extra("query")

    @cached_property
    def parameters(self) -> Mapping[str, str]:
        """The parameters by name."""
        return read_assignments(self.assignments)


def ask(
    asking: Asking, connect: Callable[[], Connection], settings: Settings, progress: Progress
) -> QueryReport:
    """The answer; what AWS did not answer is reported in it."""
    try:
        if asking.folder:
            engine = _local(FolderSource(asking.folder), asking.copy, progress)
            report = answer(asking.question, asking.parameters, engine)
        else:
            aws = connect()
            with _reading(aws):
                engine = _engine(asking, aws, settings, progress)
                report = answer(asking.question, asking.parameters, engine)
    except ReadError as error:
        return _unanswered(asking, error.unread.call, error.unread.reason)
    except QueryFailedError as error:
        return _unanswered(asking, _START, str(error))
    if not asking.parquet:
        return report
    from oelab.query.output import write_parquet

    write_parquet(report, asking.parquet)
    return replace(report, written_to=asking.parquet)


def _engine(asking: Asking, aws: Connection, settings: Settings, progress: Progress) -> Engine:
    data = settings.fleet_data
    if asking.is_for_athena:
        clients = aws.client("athena"), aws.client("s3")
        return AthenaEngine(*clients, data.workgroup, data.database, progress)
    source = BucketSource(aws.client("s3"), find_bucket(aws, settings), data.prefix)
    return _local(source, asking.copy, progress)


def _local(source: BucketSource | FolderSource, copy: Path | None, progress: Progress) -> Engine:
    from oelab.query.local import LocalEngine, copy_folder

    return LocalEngine(source, copy or copy_folder(source), progress)


@contextmanager
def _reading(aws: Connection) -> Iterator[None]:
    """Turn what botocore raises of the clients into a `ReadError`."""
    try:
        yield
    except READ_ERRORS as error:
        operation = getattr(error, "operation_name", "")
        service = "s3" if operation in _OF_S3 else "athena"
        action = f"{service}:{operation}" if operation else _START
        raise ReadError(aws.unread(error, action, aws.client(service))) from error


def _unanswered(asking: Asking, call: str, reason: str) -> QueryReport:
    columns: tuple[Any, ...] = question_of(asking.question).columns
    return QueryReport(
        question=asking.question,
        columns=tuple(each.name for each in columns),
        unread=(UnreadItem(call, reason),),
    )
