"""For dialects that have no VALUES in a FROM, or no names for its columns."""

from functools import reduce

from sqlglot import exp

from kpiascode.compile import build


def given(select: exp.Select) -> exp.Values | None:
    """Return the rows of constants that a SELECT is made of; None if it is made of something else."""
    source = select.args.get("from_")
    values = None if source is None else source.this
    return values if isinstance(values, exp.Values) and values.args.get("alias") else None


def _both(one: exp.Query, other: exp.Query) -> exp.Query:
    return exp.Union(this=one, expression=other, distinct=False)


def as_selects(select: exp.Select, table: str | None = None) -> exp.Select:
    """Return rows of constants as SELECTs joined by UNION ALL, the columns named in each.

    Args:
        table: What a SELECT without rows of its own reads from, where there must be something.
    """
    values = given(select)
    if values is None:
        return select
    alias = values.args["alias"]
    names = [column.name for column in alias.args["columns"]]
    rows: list[exp.Query] = []
    for row in values.expressions:
        named = (build.alias(node.copy(), name) for name, node in zip(names, row.expressions, strict=True))
        one = exp.Select().select(*named)
        rows.append(one if table is None else one.from_(build.table([table])))
    whole: exp.Query = reduce(_both, rows)
    return select.copy().from_(exp.Subquery(this=whole, alias=exp.TableAlias(this=alias.this.copy())))
