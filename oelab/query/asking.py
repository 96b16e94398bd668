"""`oelab query`: checks its options, chooses the copy, a folder or Athena, and asks there."""

from collections.abc import Callable, Sequence
from pathlib import Path

from oelab.findings import BadInputError
from oelab.query.answers import Engine, answer
from oelab.query.athena import AthenaEngine
from oelab.query.parameters import question_of, read_assignments, values_of
from oelab.query.report import Progress, QueryReport, UnreadItem
from oelab.query.sources import BucketSource, FolderSource
from oelab.review.read.connection import Connection
from oelab.review.read.errors import READ_ERRORS, ReadError
from oelab.review.read.syncs import find_bucket
from oelab.settings import Settings

_OF_S3 = ("GetObject", "ListObjectsV2")


def ask(
    question: str,
    assignments: Sequence[str],
    connect: Callable[[], Connection],
    settings: Settings,
    progress: Progress,
    *,
    folder: Path | None,
    copy: Path | None,
    is_for_athena: bool,
) -> QueryReport:
    """The answer of a local copy, or of Athena, to a question with parameters as `NAME=VALUE`.

    With `folder` the data is there, in the layout of the bucket, and not in the bucket; with `copy`
    the copy is there, and not in the user's cache. What AWS did not answer is reported in the
    answer. Raises `BadInputError` with all that is wrong, before anything is read.
    """
    faults = []
    if is_for_athena and (folder or copy):
        faults.append("--athena must come without --from and --copy, as it makes no copy")
    if folder and not folder.is_dir():
        faults.append(f"--from {folder} must be a folder in the layout of the bucket")
    if folder and copy and copy.resolve().is_relative_to(folder.resolve()):
        faults.append(
            f"--copy {copy} must be outside of --from {folder}, which holds only the data"
        )
    try:
        parameters = read_assignments(assignments)
        values_of(question_of(question), parameters)
    except BadInputError as error:
        faults.append(str(error))
    if faults:
        raise BadInputError("\n".join(faults))
    try:
        if folder:
            return answer(question, parameters, _local(FolderSource(folder), copy, progress))
        aws = connect()
        s3, data = aws.client("s3"), settings.fleet_data
        if is_for_athena:
            athena = aws.client("athena")
            engine: Engine = AthenaEngine(athena, s3, data.workgroup, data.database, progress)
        else:
            source = BucketSource(s3, find_bucket(aws, settings), data.prefix)
            engine = _local(source, copy, progress)
        return answer(question, parameters, engine)
    except ReadError as error:
        unread = UnreadItem(error.unread.call, error.unread.reason)
    except READ_ERRORS as error:
        # Those of the clients; no folder raises them.
        operation = getattr(error, "operation_name", "StartQueryExecution")
        service = "s3" if operation in _OF_S3 else "athena"
        found = aws.unread(error, f"{service}:{operation}")
        unread = UnreadItem(found.call, found.reason)
    return QueryReport.of(question_of(question), unread=(unread,))


def _local(source: BucketSource | FolderSource, copy: Path | None, progress: Progress) -> Engine:
    from oelab.query.local import LocalEngine, copy_folder

    return LocalEngine(source, copy or copy_folder(source), progress)
