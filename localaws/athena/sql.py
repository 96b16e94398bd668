"""Athena's SQL as sqlglot reads it."""

import sqlglot
from sqlglot import TokenType, exp
from sqlglot.errors import SqlglotError

from localaws.adapter import Record, glue
from localaws.errors import AwsError, not_modelled

DIALECT = "athena"


def parse(text: str) -> exp.Query:
    try:
        tree = sqlglot.parse_one(text, read=DIALECT)
    except SqlglotError as error:
        raise AwsError("SYNTAX_ERROR", str(error).splitlines()[0]) from error
    if not isinstance(tree, exp.Query):
        raise not_modelled(f"statements such as {text.split(maxsplit=1)[0]}")
    return tree


def fill(text: str, parameters: list[str]) -> str:
    """The query with a parameter, an SQL literal, in the place of each question mark."""
    parse(text)  # raises AwsError for what has no tokens
    tokens = sqlglot.tokenize(text, read=DIALECT)
    marks = [token for token in tokens if token.token_type is TokenType.PLACEHOLDER]
    if len(marks) != len(parameters):
        raise AwsError(
            "INVALID_PARAMETER_USAGE",
            f"Incorrect number of parameters: expected {len(marks)} but found {len(parameters)}",
        )
    for mark, parameter in reversed(list(zip(marks, parameters, strict=True))):
        text = text[: mark.start] + parameter + text[mark.end + 1 :]
    return text


def tables(tree: exp.Query, database: str) -> dict[str, Record]:
    """Glue's tables that the query names, by the full names that it has for them afterwards."""
    local = {cte.alias_or_name for cte in tree.find_all(exp.CTE)}
    found = {}
    for table in tree.find_all(exp.Table):
        if table.db or table.name not in local:
            names = (table.db or database).lower(), table.name.lower()
            record = glue.table(*names)
            if record is None:
                raise AwsError("TABLE_NOT_FOUND", f"Table {'.'.join(names)} does not exist")
            found['"{}"."{}"'.format(*names)] = record
            table.set("catalog", None)
            table.set("db", exp.to_identifier(names[0], quoted=True))
    return found
