"""ClickHouse: days before 1970 and after 2149 need Date32, and fractions of a second DateTime64."""

from sqlglot import exp

from kpiascode.compile import build
from kpiascode.compile.dialects.dialect import Dialect
from kpiascode.compile.dialects.duckdb import at_time_zone, microseconds


def rewrite(node: exp.Expr) -> exp.Expr:
    """Return what stands for a node: wide types, and a name for every column that a join could rename."""
    match node:
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


DIALECT = Dialect(
    name="clickhouse",
    exact_percentile=False,
    seconds_between=microseconds,
    local=at_time_zone,
    approximates=frozenset(),
    rewrite=rewrite,
)
