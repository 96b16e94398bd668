"""Writes the questions for docs/fleet-data.md: `python -m tests.queries.reference`."""

from collections.abc import Iterator

from oelab.queries import Query, questions


def reference() -> str:
    """The questions with their parameters and columns in Markdown."""
    return "\n".join(line for question in questions().values() for line in _section(question))


def _section(question: Query) -> Iterator[str]:
    yield f"**`{question.name}`**: {question.title}."
    if question.notes:
        yield question.notes
    yield ""
    yield "| | | |"
    yield "|---|---|---|"
    for kind, fields in (("parameter", question.parameters), ("column", question.columns)):
        for field in fields:
            yield f"| {kind} | `{field.name}` | {field.description} |"
    yield ""


if __name__ == "__main__":
    print(reference())
