"""What Athena and DuckDB answer alike: all that a question may be made of.

It is a list of what is allowed. What is known to differ is on none of the lists, and so is what
nobody has compared. Sources: the Trino documentation, which Athena's engine follows, and DuckDB's.
"""

from collections.abc import Iterator, Mapping

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify

DIALECT = "athena"
Schema = Mapping[str, Mapping[str, str]]

_ALLOWED = (
    # The parts of a query.
    *(exp.Select, exp.From, exp.Table, exp.TableAlias, exp.Join, exp.Where, exp.Group, exp.Having),
    *(exp.Order, exp.Ordered, exp.With, exp.CTE, exp.Union, exp.Subquery, exp.Distinct, exp.Star),
    *(exp.Column, exp.Identifier, exp.Alias, exp.Literal, exp.Placeholder, exp.Null, exp.Paren),
    # Conditions.
    *(exp.And, exp.Or, exp.Not, exp.Exists, exp.In, exp.Is, exp.Like, exp.Case, exp.If),
    *(exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE),
    # Functions and operators.
    *(exp.Count, exp.Sum, exp.Min, exp.Max, exp.Coalesce, exp.Window, exp.DPipe, exp.Sub, exp.Mul),
    *(exp.Div, exp.Cast, exp.DataType, exp.CurrentDate, exp.Interval, exp.Var),
)
_COMPARISONS = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.In)
_CASTS = ("VARCHAR", "INT", "DOUBLE", "DATE")


def faults(text: str, schema: Schema) -> list[str]:
    """Why the engines could answer differently, or not at all; nothing where all is well.

    `schema` has the types of the columns by table.
    """
    try:
        tree = sqlglot.parse_one(text, read=DIALECT)
        qualified = qualify(tree.copy(), schema=dict(schema), dialect=DIALECT)
    except SqlglotError as error:
        return [str(error).splitlines()[0]]
    typed = annotate_types(qualified, schema=dict(schema), dialect=DIALECT)
    return [*_unknown(tree, schema), *_forbidden(tree), *_order(tree), *_types(typed)]


def _unknown(tree: exp.Expr, schema: Schema) -> Iterator[str]:
    local = {each.alias for each in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        if table.name not in schema.keys() | local:
            yield f"{table.name}: there is no such table"


def _forbidden(tree: exp.Expr) -> Iterator[str]:
    for node in tree.walk():
        # A subclass may be another function, such as TRY_CAST of CAST.
        if type(node) not in _ALLOWED:
            yield f"{node.sql(DIALECT)}: {type(node).__name__} is not part of the common subset"
        if isinstance(node, exp.Identifier) and "$" in node.name:
            yield f"{node.name}: only Athena has such columns"
        if isinstance(node, exp.Cast) and node.to.this.value not in _CASTS:
            yield f"{node.sql(DIALECT)}: is no cast of the common subset"


def _order(tree: exp.Expr) -> Iterator[str]:
    if not tree.args.get("order"):
        yield "the order of the rows is left to the engine"


def _types(tree: exp.Expr) -> Iterator[str]:
    for node in tree.walk():
        if isinstance(node, exp.Div) and not all(
            each.is_type(exp.DType.DOUBLE) for each in (node.left, node.right)
        ):
            yield f"{node.sql(DIALECT)}: whole numbers are divided differently"
        if isinstance(node, _COMPARISONS):
            operands = [node.this, *node.expressions, *filter(None, [node.args.get("expression")])]
            kinds = {_kind(each) for each in operands} - {""}
            if len(kinds) > 1:
                yield f"{node.sql(DIALECT)}: compares {' with '.join(sorted(kinds))}"


def _kind(node: exp.Expr) -> str:
    """What an expression is, as far as comparisons go; nothing for a parameter or NULL."""
    kinds = {
        "text": exp.DataType.TEXT_TYPES,
        "number": exp.DataType.NUMERIC_TYPES,
        "time": exp.DataType.TEMPORAL_TYPES,
    }
    found = (name for name, types in kinds.items() if node.is_type(*types))
    return next(found, "")
