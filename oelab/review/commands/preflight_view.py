"""What `oelab preflight` shows."""

from collections.abc import Sequence

from oelab.review.commands.session import Session
from oelab.review.exit_codes import ExitCode, exit_code
from oelab.review.output import unread_documents
from oelab.review.read.survey import read_surveys
from oelab.review.verdicts.clash import Clash, Effect
from oelab.review.verdicts.preflight import clashes

SCHEMA = "oelab.preflight/1"


def show(session: Session) -> ExitCode:
    """What a deployment would meet, the worst first."""
    surveys = read_surveys(session.places, session.expectation)
    unread = [each for survey in surveys for each in survey.unread()]
    found = clashes(surveys, session.expectation)
    if session.out.as_json:
        documents = [_document(each) for each in found]
        session.out.json(SCHEMA, {"unread": unread_documents(unread), "findings": documents})
    else:
        _print(session, found)
    session.out.warn_unread(unread)
    bad = [each for each in found if each.effect is not Effect.NOTE]
    if not bad and not unread:
        session.out.say("nothing stands in the way of a deployment")
    return exit_code(findings=bool(bad), unread=bool(unread))


def _print(session: Session, found: Sequence[Clash]) -> None:
    for each in found:
        session.out.print(f"{each.effect.value}: {each.topic} in {each.place}")
        session.out.print(f"  {each.reason}")
        session.out.print(f"  Owner: {each.owner}")
        session.out.print(f"  Remedy: {each.remedy}")
        session.out.print()


def _document(each: Clash) -> dict[str, str]:
    return {
        "place": each.place,
        "topic": each.topic,
        "effect": each.effect.value,
        "owner": each.owner,
        "reason": each.reason,
        "remedy": each.remedy,
    }
