"""ClickHouse: days before 1970 and after 2149 need Date32, and fractions of a second DateTime64."""

from typing import Final

from sqlglot import exp

from kpiascode.compile import build
from kpiascode.compile.dialects.dialect import Dialect
from kpiascode.compile.dialects.duckdb import at_time_zone
from kpiascode.model.expression import Type

_OF_LETTERS: Final[dict[type[exp.Expr], str]] = {
    exp.Lower: "lowerUTF8",
    exp.Upper: "upperUTF8",
    exp.Length: "lengthUTF8",
}
"""Without it they are of bytes, and leave umlauts as they are."""


def date_diff(earlier: exp.Expr, later: exp.Expr) -> exp.Expr:
    """Return the seconds from whole microseconds; the unit is a text here, which sqlglot does not print."""
    elapsed = exp.Anonymous(this="dateDiff", expressions=[build.text("microsecond"), earlier, later])
    return build.ratio(elapsed, build.whole(1_000_000))


def rewrite(node: exp.Expr) -> exp.Expr:
    """Return what stands for a node: wide types, one type for all branches, names that a join leaves."""
    match node:
        case exp.Case() | exp.Coalesce():
            _give_one_type(node)
            return node
        case exp.Lower() | exp.Upper() | exp.Length():
            return build.function(_OF_LETTERS[type(node)], node.this)
        case exp.StddevSamp() | exp.Variance():
            return _deviation(
                "stddevSampStable" if isinstance(node, exp.StddevSamp) else "varSampStable", node.this
            )
        case exp.DataType(this=exp.DataType.Type.DATE):
            return exp.DataType(this=exp.DataType.Type.DATE32, nullable=True)
        case exp.DataType(this=exp.DataType.Type.TIMESTAMP | exp.DataType.Type.TIMESTAMPTZ):
            size = exp.DataTypeParam(this=build.whole(6))
            return exp.DataType(this=exp.DataType.Type.DATETIME64, expressions=[size], nullable=True)
        case exp.Select():
            columns = [
                build.alias(column, column.name)
                if isinstance(column, exp.Column) and not isinstance(column.this, exp.Star)
                else column
                for column in node.expressions
            ]
            node.set("expressions", columns)
            return node
        case _:
            return node


def _deviation(name: str, value: exp.Expr) -> exp.Expr:
    """Return null of one row, where ClickHouse says nan; right for large values near each other, too."""
    are_several = build.binary(exp.GT, exp.Count(this=value.copy()), build.whole(1))
    return build.when([(are_several, build.function(name, value))])


def _give_one_type(node: exp.Case | exp.Coalesce) -> None:
    """Cast branches that have no common type there: doubles and decimals, and decimals of other scales."""
    branches = _branches(node)
    decimals = [
        found
        for found in branches
        if isinstance(found, exp.Cast) and found.to.this is exp.DataType.Type.DECIMAL
    ]
    wide = next((found.to for found in decimals if not isinstance(found.this, exp.Literal)), None)
    if any(map(_is_double, branches)):
        for branch in branches:
            if not _is_double(branch) and not isinstance(branch, exp.Null):
                branch.replace(build.double(branch.copy()))
    elif wide is not None:
        for branch in decimals:
            branch.set("to", wide.copy())


def _branches(node: exp.Case | exp.Coalesce) -> list[exp.Expr]:
    if isinstance(node, exp.Coalesce):
        return [node.this, *node.expressions]
    default = node.args.get("default")
    return [*(found.args["true"] for found in node.args["ifs"]), *([] if default is None else [default])]


def _is_double(node: exp.Expr) -> bool:
    """Return whether a value is a double, as far as its own words tell."""
    match node:
        case exp.Cast():
            return node.to.this is exp.DataType.Type.DOUBLE
        case exp.Div() | exp.StddevSamp() | exp.Variance():
            return True
        case exp.Case() | exp.Coalesce():
            return any(map(_is_double, _branches(node)))
        case exp.Add() | exp.Sub() | exp.Mul():
            return _is_double(node.left) or _is_double(node.right)
        case exp.Paren() | exp.Neg() | exp.Sum() | exp.Min() | exp.Max():
            return _is_double(node.this)
        case _:
            return False


DIALECT = Dialect(
    name="clickhouse",
    exact_percentile=False,
    seconds_between=date_diff,
    local=at_time_zone,
    approximates=frozenset(),
    as_text=frozenset({Type.TEXT, Type.INTEGER, Type.DATE, Type.UNKNOWN}),
    escapes_like=True,
    wraps=True,
    checks_texts=False,
    rewrite=rewrite,
)
