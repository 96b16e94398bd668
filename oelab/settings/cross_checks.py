"""What several settings must satisfy together."""

from collections.abc import Iterable, Iterator

from oelab.findings import Finding


def unique(values: Iterable[tuple[str, str]], reason: str) -> Iterator[Finding]:
    """No two of the (path, value) pairs are alike, whatever their case; blanks are not judged."""
    first: dict[str, str] = {}
    for where, value in values:
        if not value.strip():
            continue
        earlier = first.setdefault(value.casefold(), where)
        if earlier != where:
            yield Finding(
                subject=where,
                value=value,
                reason=f"must differ from {earlier}",
                remedy=f"choose another; {reason}",
                rests_on=(earlier,),
            )
