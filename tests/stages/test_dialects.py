"""What is emitted for each dialect: it reads back, holds nothing that is known to be unsafe there, or is refused.

The unsafe constructs were seen to give another number, or none, on at least one engine.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Final

import pytest
import sqlglot
from sqlglot import exp
from test_cases import CASES, compiled

from kpiascode import compile
from kpiascode.compile import build
from kpiascode.compile.dialects import DIALECTS
from kpiascode.compile.expressions import LeafNode, aggregate, tree
from kpiascode.compile.steps import printed
from kpiascode.compile.writer import literal_rows
from kpiascode.model import dialect as dialects
from kpiascode.model.calendar import Duration, Unit
from kpiascode.model.expression import (
    Aggregate,
    Arithmetic,
    Call,
    Case,
    Cast,
    Column,
    Comparator,
    Comparison,
    Constant,
    Expression,
    Like,
    Local,
    Moved,
    Node,
    Not,
    Operator,
    Type,
)
from kpiascode.model.plan import Plan
from kpiascode.pipeline import asking, reading

ROOT: Final = Path(__file__).parents[2]
EXACT_PERCENTILE: Final = {"duckdb", "postgres", "snowflake"}


# --- what is emitted


@cache
def plans_of_example_company() -> dict[str, Plan]:
    """Return a plan for each KPI, sliced by its first dimension."""
    checked = reading.read(ROOT)
    plans = {}
    for kpi in checked.project.kpis.values():
        by = tuple(dimension.name for dimension in kpi.dimensions[:1])
        ask = asking.Ask(kpis=(kpi.name,), as_of=datetime(2026, 1, 1), by=by)
        (plans[kpi.name],) = asking.plans(asking.with_file_types(checked, ask), ask)
    return plans


def emitted(dialect: str) -> Iterator[tuple[str, str]]:
    """Yield everything that is compiled for a dialect, with what it is: the cases, and the example company."""
    for case in CASES:
        text, is_sql = compiled(case, dialect)
        if is_sql:
            yield case.name, text
    for kpi, plan in plans_of_example_company().items():
        with suppress(compile.CannotCompile):
            yield kpi, compile.compile_plan(plan, dialect).text


def read_back(text: str, dialect: str) -> exp.Select:
    statements = sqlglot.parse(text, dialect=DIALECTS[dialect].printer)
    assert [type(statement) for statement in statements] == [exp.Select], text
    (found,) = statements
    assert isinstance(found, exp.Select)
    return found


each_dialect = pytest.mark.parametrize("dialect", DIALECTS)


# --- what is unsafe

EVERYWHERE: Final = {
    "FILTER": r"\bFILTER\s*\(",
    "IN of a subquery": r"\bIN\s*\(\s*SELECT\b",
    "IS TRUE": r"\bIS\s+(NOT\s+)?(TRUE|FALSE)\b",
    "FULL JOIN": r"\bFULL\s+(OUTER\s+)?JOIN\b",
    "USING": r"\bUSING\s*\(|\bNATURAL\b",
    "GREATEST": r"\b(GREATEST|LEAST)\s*\(",
    "ROUND of what is no decimal": r"\bROUND\(\s*(?!CAST\()",
    "LOG": r"\b(LOG|LN|LOG2|LOG10)\s*\(",
    "window frame": r"\b(RANGE|ROWS|GROUPS)\s+(BETWEEN|UNBOUNDED|CURRENT|INTERVAL)\b",
    "IGNORE NULLS": r"\bIGNORE\s+NULLS\b",
    "GROUP BY ALL": r"\bGROUP\s+BY\s+(ALL|ROLLUP|CUBE|GROUPING)\b",
    "place of a column": r"\bBY\s+\d",
    "QUALIFY": r"\bQUALIFY\b",
    "AVG": r"\bAVG\s*\(",
    "MEDIAN": r"\b(MEDIAN|MODE|ARG_MAX|ARG_MIN|MAX_BY|MIN_BY|ANY_VALUE)\s*\(",
    "estimate": r"\b(APPROX\w*|PERCENTILE_APPROX|PERCENTILE_DISC)\s*\(",
    "TRY_CAST": r"\b(TRY_CAST|SAFE_CAST)\s*\(",
    "DATE_FORMAT": r"\b(DATE_FORMAT|FORMAT_\w+|TO_CHAR|FORMATDATETIME)\s*\(",
    "series": r"\b(GENERATE_\w+|SEQUENCE|LATERAL|EXPLODE)\s*\(",
    "part of a date": r"\bEXTRACT\s*\(\s*(?!EPOCH|DAY|HOUR|MINUTE|SECOND)|\bDATE_PART\s*\(|\b(WEEK|DAYOFWEEK|MONTH)\(",
    "truncated to more than an hour": r"TRUNC\(\s*'?(DAY|WEEK|MONTH|QUARTER|YEAR)\b|TRUNC\([^()]*,\s*'?(DAY|WEEK|ISOWEEK|MONTH|QUARTER|YEAR)'?\s*\)",
    "difference in days or months": r"DIFF\w*\(\s*'?(DAY|WEEK|MONTH|QUARTER|YEAR)|DIFF\w*\([^)]*,\s*(DAY|WEEK|MONTH|QUARTER|YEAR)\)",
    "decimal from a float": r"\bCAST\(\s*-?\d+\.\d+\s+AS\b",
    "BETWEEN clocks": r"\bBETWEEN\s+(CAST\('[^']*' AS (TIMESTAMP|DATETIME)|TIMESTAMP '|'\d{4}-\d\d-\d\d \d\d:)",
}
_PERCENTILE: Final = r"\b(PERCENTILE_CONT|QUANTILE_CONT|QUANTILE\w*|PERCENTILE)\s*\("
_ONLY_MILLISECONDS: Final = r"\bAS TIMESTAMP\b(?!\(6\))|\bTIMESTAMP '"
UNSAFE: Final[dict[str, tuple[str, ...]]] = {
    "duckdb": (),
    "postgres": (r"\bSTRFTIME\(",),
    "sqlite": (r"\bINTERVAL\b", r"\bEXTRACT\(", r"TRUNC\(", r"\bAS (DATE|TIMESTAMP|DECIMAL|BOOLEAN)\b", r"STRFTIME\('%[^s]"),
    "mysql": (r"\bAS (DATETIME|TIMESTAMP)\)", r"\bAT TIME ZONE\b", r"\+00:00'\s+AS", r"STDDEV\(", r"\bFULL\b"),
    "clickhouse": (r"\bDateTime\b(?!64)", r"\bDate\b(?!32)", r"\bAVG\(", r"\bAS Decimal\("),
    "spark": (r"NOT IN\b",),
    "datafusion": (_ONLY_MILLISECONDS, r"\bROUND\(", r"TIMESTAMPTZ", r"STRFTIME|TO_CHAR"),
    "snowflake": (r"\bAS TIMESTAMP\)", r"\bTIMESTAMP_LTZ\b"),
    "bigquery": (r"\bINTERVAL '", r"\bLEFT JOIN\b[^=]*\bON\s*\(?\s*NOT\b", r"\bTIMESTAMP_DIFF\("),
    "databricks": (r"NOT IN\b",),
    "redshift": (r"\bVALUES\b", r"\bIS (NOT )?DISTINCT\b", r"\bINTERVAL\b", r"\bTIMESTAMPDIFF\(", r"\bADD_MONTHS\("),
    "trino": (_ONLY_MILLISECONDS, r"\bINTERVAL\b", r"DATE_DIFF\('MICROSECOND'"),
    "athena": (_ONLY_MILLISECONDS, r"\bINTERVAL\b", r"DATE_DIFF\('MICROSECOND'"),
    "tsql": (
        r"\bVALUES\b", r"\b(TRUE|FALSE)\b", r"\bINTERVAL\b", r"\bLIMIT\b", r"\bCOUNT\(", r"\bLENGTH\(", r"\bVARCHAR\)",
        r"\bDATETIME2\b(?!\(6\))", r"\bDATETIME\b", r"\bAT TIME ZONE\b", r"\bDATEDIFF\(", r"NULLS (FIRST|LAST)",
    ),
    "oracle": (
        r"\bVALUES\b", r"\b(TRUE|FALSE)\b", r"\bINTERVAL '", r"\bLIMIT\b", r"\bCLOB\b", r"\bVARIANCE\(", r"\bSTDDEV\(",
        r"\bIS (NOT )?DISTINCT\b", r"CAST\((?!NULL)[^()]* AS DATE\)", r"''", r"\bDOUBLE PRECISION\b", r"\) AS \w+\n  (WHERE|ON|JOIN)",
    ),
}  # fmt: skip
"""Beside what is unsafe everywhere: what is so in this dialect."""


def unsafe(text: str, dialect: str) -> list[str]:
    """Return what stands in a text and is unsafe."""
    sql = "\n".join(line for line in text.splitlines() if not line.startswith("--"))
    found = [name for name, pattern in EVERYWHERE.items() if re.search(pattern, sql, re.IGNORECASE)]
    own = (*UNSAFE[dialect], *(() if dialect in EXACT_PERCENTILE else (_PERCENTILE,)))
    found += [pattern for pattern in own if re.search(pattern, sql)]
    tree_of = read_back(text, dialect)
    found += [f"division: {node.sql()}" for node in tree_of.find_all(exp.Div) if not is_safe_division(node)]
    if dialect == "datafusion":  # -0 is not 0 for NULLIF, and plus zero it is
        signed = [node for node in tree_of.find_all(exp.Nullif) if not isinstance(node.this, exp.Add)]
        found += [f"zero with a sign: {node.sql()}" for node in signed]
    found += [
        f"column without table: {node.sql()}"
        for node in tree_of.find_all(exp.Column)
        if not node.table and not isinstance(node.this, exp.Star | exp.Var) and node.name.upper() not in UNITS
    ]
    return found


UNITS: Final = {"MICROSECOND", "SECOND", "MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "QUARTER", "YEAR"}


def is_safe_division(node: exp.Div) -> bool:
    """Return whether doubles are divided, and never by zero."""
    bottom = node.expression.unnest()
    if isinstance(bottom, exp.Nullif):
        bottom = bottom.this
        bottom = bottom.this if isinstance(bottom, exp.Add) else bottom
        return is_double(node.this.unnest()) and is_double(bottom.unnest())
    return False


def is_double(node: exp.Expr) -> bool:
    return isinstance(node, exp.Cast) and node.to.this in (exp.DataType.Type.DOUBLE, exp.DataType.Type.FLOAT)


@each_dialect
def test_everything_reads_back_as_one_select_that_holds_nothing_unsafe(dialect: str) -> None:
    found = {name: wrong for name, text in emitted(dialect) if (wrong := unsafe(text, dialect))}

    assert found == {}


@pytest.mark.parametrize(
    ("dialect", "select"),
    [
        ("mysql", "COUNT(*) FILTER (WHERE t.a > 1)"),
        ("spark", "PERCENTILE_APPROX(t.a, 0.5)"),
        ("trino", "APPROX_PERCENTILE(t.a, 0.5)"),
        ("redshift", "PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY t.a)"),
        ("clickhouse", "CAST(70.07 AS DECIMAL(4, 2))"),
        ("datafusion", "CAST(70.07 AS DECIMAL(4, 2))"),
        ("postgres", "t.a NOT IN (SELECT s.a FROM s)"),
        ("snowflake", "t.b IS NOT TRUE"),
        ("mysql", "DATE_TRUNC('WEEK', t.a)"),
        ("spark", "DATEDIFF(MONTH, t.a, t.b)"),
        ("bigquery", "DATE_DIFF(t.a, t.b, MONTH)"),
        ("mysql", "GREATEST(t.a, t.b)"),
        ("postgres", "ROUND(t.a, 2)"),
        ("duckdb", "LOG(t.a)"),
        ("mysql", "SUM(t.a) OVER (ORDER BY t.b RANGE BETWEEN 1 PRECEDING AND CURRENT ROW)"),
        ("postgres", "LAST_VALUE(t.a) IGNORE NULLS OVER (ORDER BY t.b)"),
        ("spark", "AVG(t.a)"),
        ("postgres", "t.a / t.b"),
        ("postgres", "CAST(t.a AS DOUBLE PRECISION) / CAST(t.b AS DOUBLE PRECISION)"),
        ("postgres", "t.a / NULLIF(t.b, 0)"),
        ("postgres", "CASE WHEN t.a BETWEEN CAST('2024-01-01 00:00:00' AS TIMESTAMP) AND t.b THEN 1 END"),
        ("mysql", "CAST('2024-01-01 00:00:00' AS DATETIME)"),
        ("clickhouse", "CAST('2024-01-01 00:00:00' AS DateTime)"),
        ("trino", "CAST('2024-01-01 00:00:00' AS TIMESTAMP)"),
        ("tsql", "CAST('2024-01-01 00:00:00' AS DATETIME2)"),
        ("datafusion", "TO_CHAR(t.a, '%Y-%m')"),
        ("sqlite", "STRFTIME('%Y-%m', t.a)"),
        ("clickhouse", "SUM(amount)"),
        ("oracle", "VARIANCE(t.a)"),
        ("oracle", "CAST(t.a AS DATE)"),
        ("tsql", "LENGTH(t.a)"),
        ("bigquery", "t.a + INTERVAL '1' DAY"),
    ],
)  # fmt: skip
def test_what_is_unsafe_would_be_seen(dialect: str, select: str) -> None:
    assert unsafe(f"SELECT {select} AS x FROM t", dialect)


@pytest.mark.parametrize("from_clause", ["t FULL JOIN s ON s.a = t.a", "t GROUP BY ALL", "t GROUP BY 1"])
def test_an_unsafe_clause_would_be_seen(from_clause: str) -> None:
    assert unsafe(f"SELECT t.a FROM {from_clause}", "duckdb")


# --- how each says it

BEGAN = Column((), "began", Type.TIMESTAMP)
ENDED = Column((), "ended", Type.TIMESTAMP)
MOMENT = Column((), "moment", Type.INSTANT)
AMOUNT = Column((), "amount", Type.DECIMAL)
RATE = Column((), "rate", Type.DOUBLE)
STATUS = Column((), "status", Type.TEXT)
PAID = Column((), "paid", Type.BOOLEAN)
NEVER = Case(((Constant(False, Type.BOOLEAN), AMOUNT),), None)


def leaf(node: LeafNode) -> exp.Expr:
    assert isinstance(node, Column)
    return build.column(node.column, "t")


def said(node: Expression | exp.Expr, dialect: str) -> str:
    """Return the text of an expression, in one line."""
    made = tree(node, leaf, DIALECTS[dialect]) if isinstance(node, Node) else node
    select = exp.Select().select(build.alias(made, "x")).from_(build.table(["t"]))
    return " ".join(printed(select, DIALECTS[dialect]).split())


SECONDS: Final = {
    "duckdb": "DATE_DIFF('MICROSECOND', CAST(t.began AS TIMESTAMP), CAST(t.ended AS TIMESTAMP))",
    "snowflake": "TIMESTAMPDIFF(MICROSECOND, CAST(t.began AS TIMESTAMPNTZ), CAST(t.ended AS TIMESTAMPNTZ))",
    "bigquery": "DATETIME_DIFF(CAST(t.ended AS DATETIME), CAST(t.began AS DATETIME), MICROSECOND)",
    "datafusion": "CAST(CAST(t.ended AS TIMESTAMP(6)) AS BIGINT) - CAST(CAST(t.began AS TIMESTAMP(6)) AS BIGINT)",
    "databricks": "TIMESTAMPDIFF(MICROSECOND, CAST(t.began AS TIMESTAMP), CAST(t.ended AS TIMESTAMP))",
    "redshift": "DATEDIFF(MICROSECOND, CAST(t.began AS TIMESTAMP), CAST(t.ended AS TIMESTAMP))",
    "trino": "CAST(SUBSTR(CAST(CAST(t.ended AS TIMESTAMP(6)) AS VARCHAR), 21, 6) AS BIGINT)",
    "athena": "CAST(SUBSTR(CAST(CAST(t.ended AS TIMESTAMP(6)) AS VARCHAR), 21, 6) AS BIGINT)",
    "tsql": "DATEDIFF_BIG(MICROSECOND, CAST(t.began AS DATETIME2(6)), CAST(t.ended AS DATETIME2(6)))",
    "oracle": "* 60 + EXTRACT(SECOND FROM ( CAST(t.ended AS TIMESTAMP) - CAST(t.began AS TIMESTAMP) ))",
}
MONTH_LATER: Final = {
    "duckdb": "t.began + INTERVAL '1' MONTH",
    "snowflake": "t.began + INTERVAL '1 MONTH'",
    "bigquery": "t.began + INTERVAL 1 MONTH",
    "datafusion": "t.began + INTERVAL '1 MONTH'",
    "databricks": "t.began + INTERVAL '1' MONTH",
    "redshift": "DATEADD(MONTH, 1, t.began)",
    "trino": "DATE_ADD('month', 1, t.began)",
    "athena": "DATE_ADD('month', 1, t.began)",
    "tsql": "DATEADD(MONTH, 1, t.began)",
    "oracle": "EXTRACT(DAY FROM LAST_DAY(ADD_MONTHS(TRUNC(t.began, 'MM'), 1)))",
}
IN_VIENNA: Final = {
    "duckdb": "( t.began AT TIME ZONE 'America/New_York' ) AT TIME ZONE 'Europe/Vienna'",
    "snowflake": "CAST(CONVERT_TIMEZONE('America/New_York', 'Europe/Vienna', t.began) AS TIMESTAMPNTZ)",
    "bigquery": "DATETIME(TIMESTAMP(t.began, 'America/New_York'), 'Europe/Vienna')",
    "datafusion": "ARROW_CAST(t.began, 'Timestamp(Microsecond, Some(\"America/New_York\"))')",
    "databricks": "CAST(CONVERT_TIMEZONE('America/New_York', 'Europe/Vienna', t.began) AS TIMESTAMP)",
    "redshift": "( t.began AT TIME ZONE 'America/New_York' ) AT TIME ZONE 'Europe/Vienna'",
    "trino": "AT_TIMEZONE(WITH_TIMEZONE(CAST(t.began AS TIMESTAMP(6)), 'America/New_York'), 'Europe/Vienna')",
    "athena": "AT_TIMEZONE(WITH_TIMEZONE(CAST(t.began AS TIMESTAMP(6)), 'America/New_York'), 'Europe/Vienna')",
    "oracle": "FROM_TZ(CAST(t.began AS TIMESTAMP), 'America/New_York') AT TIME ZONE 'Europe/Vienna'",
}
HOUR_OF_INSTANT: Final = {
    "duckdb": "DATE_TRUNC('HOUR', t.moment)",
    "snowflake": "DATE_TRUNC('HOUR', CONVERT_TIMEZONE('UTC', t.moment))",
    "bigquery": "TIMESTAMP_TRUNC(t.moment, HOUR)",
    "datafusion": "DATE_TRUNC('HOUR', ARROW_CAST(t.moment, 'Timestamp(Microsecond, Some(\"UTC\"))'))",
    "databricks": "DATE_TRUNC('HOUR', t.moment)",
    "redshift": "DATE_TRUNC('HOUR', t.moment)",
    "trino": "DATE_TRUNC('HOUR', AT_TIMEZONE(t.moment, 'UTC'))",
    "athena": "DATE_TRUNC('HOUR', AT_TIMEZONE(t.moment, 'UTC'))",
    "tsql": "DATETRUNC(HOUR, SWITCHOFFSET(t.moment, '+00:00'))",
    "oracle": "FROM_TZ(CAST(TRUNC(CAST(t.moment AT TIME ZONE 'UTC' AS TIMESTAMP), 'HH24') AS TIMESTAMP), 'UTC')",
}
ROWS: Final = {
    "duckdb": "(VALUES ('1', CAST('2026-01-01' AS DATE)), ('2', CAST(NULL AS DATE))) AS given(name, starts)",
    "bigquery": "UNNEST([ STRUCT('1' AS name, CAST('2026-01-01' AS DATE) AS starts), STRUCT('2' AS name",
    "redshift": "( SELECT CAST('1' AS VARCHAR(MAX)) AS name, CAST('2026-01-01' AS DATE) AS starts UNION ALL SELECT",
    "tsql": "( SELECT '1' AS name, CAST('2026-01-01' AS DATE) AS starts UNION ALL SELECT '2' AS name, CAST(NULL",
    "oracle": "( SELECT '1' AS name, DATE '2026-01-01' AS starts FROM dual UNION ALL SELECT '2' AS name, CAST(NULL",
}


@pytest.mark.parametrize("dialect", SECONDS)
def test_seconds_come_from_whole_microseconds(dialect: str) -> None:
    assert SECONDS[dialect] in said(Call("seconds_between", (BEGAN, ENDED)), dialect)


@pytest.mark.parametrize("dialect", MONTH_LATER)
def test_a_month_later(dialect: str) -> None:
    later = Moved(BEGAN, Duration(amount=1, unit=Unit.MONTH), False)

    assert MONTH_LATER[dialect] in said(later, dialect)


@pytest.mark.parametrize(
    ("unit", "step"), [(Unit.WEEK, "INTERVAL 14 DAY"), (Unit.QUARTER, "INTERVAL 6 MONTH")]
)
def test_intervals_of_bigquery_are_of_days_or_months(unit: Unit, step: str) -> None:
    assert step in said(Moved(BEGAN, Duration(amount=2, unit=unit), False), "bigquery")


@pytest.mark.parametrize("dialect", IN_VIENNA)
def test_the_clock_of_another_zone(dialect: str) -> None:
    assert IN_VIENNA[dialect] in said(Local(BEGAN, "America/New_York", "Europe/Vienna"), dialect)


@pytest.mark.parametrize("dialect", HOUR_OF_INSTANT)
def test_an_instant_has_the_hour_of_utc(dialect: str) -> None:
    assert HOUR_OF_INSTANT[dialect] in said(DIALECTS[dialect].hour(leaf(MOMENT), True), dialect)


@pytest.mark.parametrize(
    ("dialect", "clock"),
    [
        ("snowflake", "CAST(CONVERT_TIMEZONE('UTC', t.moment) AS TIMESTAMPNTZ)"),
        ("trino", "CAST(AT_TIMEZONE(t.moment, 'UTC') AS TIMESTAMP(6))"),
        ("tsql", "CAST(SWITCHOFFSET(t.moment, '+00:00') AS DATETIME2(6))"),
        ("oracle", "CAST(t.moment AT TIME ZONE 'UTC' AS TIMESTAMP)"),
    ],
)
def test_between_instants_counts_what_passed_and_not_what_their_clocks_show(dialect: str, clock: str) -> None:
    assert clock in said(Call("seconds_between", (MOMENT, ENDED)), dialect)


@pytest.mark.parametrize("dialect", ROWS)
def test_rows_of_constants(dialect: str) -> None:
    given = [
        (build.text("1"), build.day(date(2026, 1, 1))),
        (build.text("2"), build.cast(build.null(), "DATE")),
    ]
    text = " ".join(printed(literal_rows(("name", "starts"), given), DIALECTS[dialect]).split())

    assert ROWS[dialect] in text


@pytest.mark.parametrize(
    ("dialect", "node", "text"),
    [
        ("oracle", Cast(BEGAN, Type.DATE), "TRUNC(t.began)"),
        ("oracle", Constant(Decimal("-70.07"), Type.DECIMAL), "( -70.07 )"),
        ("oracle", Cast(AMOUNT, Type.DOUBLE), "CAST(t.amount AS BINARY_DOUBLE)"),
        ("tsql", Call("length", (STATUS,)), "( LEN(t.status + '.') - 1 )"),
        ("tsql", Like(STATUS, "a[%"), "t.status LIKE 'a[[]%'"),
        ("tsql", Constant("Ü", Type.TEXT), "N'Ü'"),
        ("bigquery", Constant(Decimal("0.0000000001"), Type.DECIMAL), "CAST('0.0000000001' AS BIGNUMERIC)"),
        ("bigquery", Constant(Decimal("0.000000001"), Type.DECIMAL), "CAST('0.000000001' AS NUMERIC)"),
        ("datafusion", Call("round", (AMOUNT, Constant(1, Type.INTEGER))), "AS DECIMAL(38, 1)) + 0 )"),
        ("datafusion", Call("coalesce", (RATE, AMOUNT)), "COALESCE(t.rate, CAST(t.amount AS DOUBLE PRECISION))"),
        ("snowflake", Column((), "date", Type.DATE), 't."DATE"'),
        ("oracle", Column((), "size", Type.INTEGER), 't."SIZE"'),
        ("tsql", Column((), "plan", Type.TEXT), "t.[plan]"),
    ],
)  # fmt: skip
def test_what_is_said_otherwise(dialect: str, node: Expression, text: str) -> None:
    assert text in said(node, dialect)


@pytest.mark.parametrize("dialect", ["tsql", "oracle"])
def test_a_condition_is_no_value_and_a_value_no_condition(dialect: str) -> None:
    dear = Comparison(Comparator.MORE, AMOUNT, Constant(5, Type.INTEGER))

    assert "CASE WHEN t.amount > 5 THEN 1 WHEN NOT ( t.amount > 5 ) THEN 0 END" in said(dear, dialect)
    count = aggregate(Aggregate("count", None, condition=PAID), None, leaf, DIALECTS[dialect])
    assert "(CASE WHEN t.paid = 1 THEN 1 END)" in said(count, dialect)
    assert "WHEN NOT t.paid = 1 THEN" in said(Case(((Not(PAID), AMOUNT),), None), dialect)
    assert "WHEN 0 = 1 THEN" in said(NEVER, dialect)


ESCAPING: Final = {
    "postgres",
    "mysql",
    "clickhouse",
    "spark",
    "datafusion",
    "bigquery",
    "databricks",
    "redshift",
}
"""Where a backslash in a pattern takes away the meaning of what follows."""


@each_dialect
def test_a_backslash_in_a_pattern_is_one(dialect: str) -> None:
    again = read_back(said(Like(STATUS, "a\\b"), dialect), dialect)

    assert {like.expression.name for like in again.find_all(exp.Like)} == {
        "a\\\\b" if dialect in ESCAPING else "a\\b"
    }


@each_dialect
def test_a_number_is_rounded_before_it_becomes_an_integer(dialect: str) -> None:
    text = said(Cast(AMOUNT, Type.INTEGER), dialect)

    assert "ROUND(" in text or "AS DECIMAL(38, 0)) + 0" in text
    assert "ROUND(" not in said(Cast(Call("length", (STATUS,)), Type.INTEGER), dialect)


# --- what is refused

REFUSED: Final[list[tuple[str, Expression, str]]] = [
    ("sqlite", Local(BEGAN, "America/New_York", "Europe/Vienna"), "it knows no time zones"),
    ("tsql", Local(BEGAN, "America/New_York", "UTC"), "names of Windows, and America/New_York is asked for"),
    ("tsql", Local(MOMENT, None, "Europe/Vienna"), "names of Windows, and Europe/Vienna is asked for"),
    ("oracle", Comparison(Comparator.EQUAL, STATUS, Constant("", Type.TEXT)), "an empty text is null there"),
    ("oracle", Call("trim", (STATUS,)), "`trim` may leave one"),
    ("oracle", Cast(STATUS, Type.BOOLEAN), "no truth values"),
    ("oracle", Cast(AMOUNT, Type.TEXT), "it writes a decimal as a text of its own"),
    ("bigquery", Cast(AMOUNT, Type.TEXT), "it writes a decimal as a text of its own"),
    ("clickhouse", Cast(AMOUNT, Type.TEXT), "it writes a decimal as a text of its own"),
    ("sqlite", Cast(AMOUNT, Type.TEXT), "it writes a decimal as a text of its own"),
    ("postgres", Cast(RATE, Type.TEXT), "it writes a double as a text of its own"),
    ("trino", Cast(BEGAN, Type.TEXT), "it writes a timestamp as a text of its own"),
    ("tsql", Cast(PAID, Type.TEXT), "it writes true and false as a text of its own"),
]


@pytest.mark.parametrize(("dialect", "node", "reason"), REFUSED)
def test_what_a_dialect_cannot_say_is_refused(dialect: str, node: Expression, reason: str) -> None:
    with pytest.raises(compile.CannotCompile, match=re.escape(reason)):
        said(node, dialect)


@pytest.mark.parametrize(
    ("dialect", "node"),
    [
        ("tsql", Local(MOMENT, None, "UTC")),
        ("oracle", Cast(STATUS, Type.TEXT)),
        ("oracle", Cast(Call("length", (STATUS,)), Type.TEXT)),
        ("trino", Cast(AMOUNT, Type.TEXT)),
        ("duckdb", Cast(RATE, Type.TEXT)),
    ],
)
def test_what_is_near_it_is_not(dialect: str, node: Expression) -> None:
    assert said(node, dialect)


@pytest.mark.parametrize("function", ["approx_count_distinct", "approx_percentile"])
@each_dialect
def test_an_estimate_is_there_or_refused(function: str, dialect: str) -> None:
    node = Aggregate(function, AMOUNT, fraction=Decimal("0.5"))
    if function in DIALECTS[dialect].approximates:
        text = said(aggregate(node, None, leaf, DIALECTS[dialect]), dialect)
        assert re.search(r"APPROX|approx", text)
        assert not re.search(r"APPROX_QUANTILE\(|TOP", text) or dialect == "duckdb"
        return
    with pytest.raises(compile.CannotCompile, match=f"it has no `{function}`"):
        aggregate(node, None, leaf, DIALECTS[dialect])


def test_an_empty_list_of_periods_is_no_empty_text_for_oracle() -> None:
    nowhere = [(build.text(""), build.cast(build.null(), "DATE"))]

    assert "''" not in printed(literal_rows(("name", "starts"), nowhere), DIALECTS["oracle"])


def test_thousands_of_periods_are_no_too_deep_tree() -> None:
    many = [(build.text(str(number)),) for number in range(2_500)]
    for dialect in ("tsql", "oracle", "redshift"):
        assert printed(literal_rows(("name",), many), DIALECTS[dialect]).count("UNION ALL") == 2_499


# --- how far each is shown right


def test_every_dialect_has_a_title_and_a_level_of_support_in_the_same_order() -> None:
    assert tuple(dialects.TITLES) == tuple(dialects.SUPPORT) == tuple(DIALECTS) == tuple(UNSAFE)


def test_the_page_tells_the_level_of_support_of_every_dialect() -> None:
    page = (ROOT / "docs" / "dialects.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| `(\w+)` \| ([^|]+) \| ([^|]+) \|", page, re.MULTILINE)

    assert told == [(name, title, dialects.SUPPORT[name].value) for name, title in dialects.TITLES.items()]


@pytest.mark.parametrize(
    ("dialect", "operand", "of"),
    [
        ("sqlite", AMOUNT, "decimals"),
        ("sqlite", Column((), "odd", Type.UNKNOWN), "what may be no integer"),
        *((dialect, RATE, "doubles") for dialect in ("sqlite", "postgres", "redshift", "bigquery", "tsql")),
    ],
)
def test_a_remainder_that_would_be_another_is_refused(dialect: str, operand: Column, of: str) -> None:
    with pytest.raises(compile.CannotCompile, match=f"it has no `%` of {of}"):
        said(Arithmetic(Operator.REMAINDER, operand, Constant(3, Type.INTEGER)), dialect)


def test_postgres_orders_texts_by_their_codes_and_nothing_else() -> None:
    less = Comparator.LESS
    assert '( t.status COLLATE "C" ) < ' in said(
        Comparison(less, STATUS, Constant("b", Type.TEXT)), "postgres"
    )
    assert "COLLATE" not in said(Comparison(less, AMOUNT, Constant(3, Type.INTEGER)), "postgres")
    assert "COLLATE" not in said(Comparison(Comparator.EQUAL, STATUS, Constant("b", Type.TEXT)), "postgres")
