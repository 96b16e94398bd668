"""What `oelab preflight` shows."""

from collections.abc import Sequence

from oelab.findings import Finding, Severity
from oelab.review.commands.session import Session
from oelab.review.exit_codes import ExitCode, exit_code
from oelab.review.output import unread_documents
from oelab.review.read.survey import read_surveys
from oelab.review.verdicts.preflight import preflight_findings
from oelab.review.verdicts.preflight_finding import Owner

SCHEMA = "oelab.preflight/1"
_EFFECTS = {Severity.ERROR: "fails", Severity.WARNING: "differs", Severity.NOTE: "note"}


def show(session: Session) -> ExitCode:
    """What a deployment would meet, the worst first."""
    surveys = read_surveys(session.places, session.expectation)
    unread = [each for survey in surveys for each in survey.unread()]
    found = preflight_findings(surveys, session.expectation)
    if session.out.as_json:
        documents = [_document(each) for each in found]
        session.out.json(SCHEMA, {"unread": unread_documents(unread), "findings": documents})
    else:
        _print(session, found)
    session.out.warn_unread(unread)
    bad = [each for each in found if each.severity is not Severity.NOTE]
    if not bad and not unread:
        session.out.say("nothing stands in the way of a deployment")
    return exit_code(findings=bool(bad), unread=bool(unread))


def _print(session: Session, found: Sequence[Finding]) -> None:
    for document in map(_document, found):
        session.out.print(f"{document['effect']}: {document['topic']} in {document['place']}")
        session.out.print(f"  {document['reason']}")
        session.out.print(f"  Owner: {document['owner']}")
        session.out.print(f"  Remedy: {document['remedy']}")
        session.out.print()


def _document(each: Finding) -> dict[str, str]:
    assert isinstance(each.subject, Owner)
    return {
        "place": each.subject.place,
        "topic": each.rule,
        "effect": _EFFECTS[each.severity],
        "owner": each.subject.name,
        "reason": each.reason,
        "remedy": each.remedy,
    }
