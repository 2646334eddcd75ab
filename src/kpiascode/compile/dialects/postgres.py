"""PostgreSQL: no difference of timestamps in a unit; the epoch of their interval instead."""

from sqlglot import exp

from kpiascode.compile import build
from kpiascode.compile.dialects.dialect import Dialect
from kpiascode.compile.dialects.duckdb import at_time_zone
from kpiascode.model.expression import Type


def epoch(earlier: exp.Expr, later: exp.Expr) -> exp.Expr:
    """Return the seconds of `later - earlier`."""
    difference = build.binary(exp.Sub, later, earlier)
    return build.double(exp.Extract(this=exp.Var(this="EPOCH"), expression=difference))


def by_codes(text: exp.Expr) -> exp.Expr:
    """Return the text as it is ordered by its letters' codes, whatever its column is collated by."""
    return exp.Paren(
        this=exp.Collate(this=build.bracketed(text), expression=build.identifier("C", exact=True))
    )


DIALECT = Dialect(
    name="postgres",
    exact_percentile=True,
    folds=str.lower,
    seconds_between=epoch,
    local=at_time_zone,
    approximates=frozenset(),
    as_text=frozenset(Type) - {Type.DOUBLE},
    escapes_like=True,
    remainders=frozenset(Type) - {Type.DOUBLE},
    text_order=by_codes,
)
