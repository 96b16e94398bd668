"""What a review finds: the rules are data, in rules.toml."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from oelab.findings import Finding, Severity, finding_by, rules_of
from oelab.review.models import Subject
from oelab.review.snapshots import Snapshot

OK = "ok"
UNREAD = "unread"


def rules() -> Mapping[str, Mapping[str, Any]]:
    """The rules by id, the most serious first: `when`, `reason`, `remedy`, and maybe `severity`.

    A rule whose texts differ from case to case has these by the name of the case.
    """
    return rules_of(__package__)


@cache
def rank(verdict: str) -> int:
    """The position of a rule, or of another verdict, from the most serious (0) on."""
    return [*rules(), UNREAD, OK].index(verdict)


def finding(
    rule: str, subject: Subject, severity: Severity | None = None, *, case: str = "", **values: Any
) -> Finding:
    """A finding; `values` are what the texts of the rule, or of its case, leave open."""
    return finding_by(__package__, rule, subject, case=case, severity=severity, **values)


def finding_in(
    snapshot: Snapshot, rule: str, severity: Severity | None = None, **values: Any
) -> Finding:
    """A finding about something of an environment; the rule says what and whose that is."""
    account, region, _ = snapshot.environment
    values = {"account": account, "region": region, **values}
    texts = rules()[rule]
    name, owner = (texts.get(part, "").format_map(values).strip() for part in ("subject", "owner"))
    return finding(rule, snapshot.subject(name, owner), severity, **values)
