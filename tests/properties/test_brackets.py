"""SQL that is printed means what was written: random expressions, computed by DuckDB and by plain Python."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any

import duckdb
import pytest
import sqlglot
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from sqlglot import exp

from kpiascode.compile import build
from kpiascode.compile.dialects import DIALECTS
from kpiascode.compile.expressions import tree
from kpiascode.compile.refusal import CannotCompile
from kpiascode.model.expression import Column, DaysOf, MeasureValue, Type
from kpiascode.resolve import ExpressionError, parse
from kpiascode.resolve.scope import Scope
from kpiascode.resolve.types import with_even_decimals, with_local_days

# --- the rows: small numbers around zero, nulls, texts that like could confuse, a day of clock change

COLUMNS = {
    "i": (Type.INTEGER, "BIGINT"),
    "j": (Type.INTEGER, "BIGINT"),
    "p": (Type.DECIMAL, "DECIMAL(18,2)"),
    "q": (Type.DECIMAL, "DECIMAL(9,3)"),
    "f": (Type.DOUBLE, "DOUBLE"),
    "b": (Type.BOOLEAN, "BOOLEAN"),
    "s": (Type.TEXT, "VARCHAR"),
    "t": (Type.TEXT, "VARCHAR"),
    "d": (Type.DATE, "DATE"),
    "m": (Type.TIMESTAMP, "TIMESTAMP"),
}
D = Decimal
ROWS: list[tuple[Any, ...]] = [
    (1, 2, D("2.50"), D("-0.125"), 0.5, True, "abc", "abc", date(2026, 1, 31), datetime(2026, 1, 31, 12)),
    (0, 0, D("0.00"), D("0.000"), 0.0, False, "", " ", date(2024, 2, 29), datetime(2024, 2, 29)),
    (-3, 7, D("-7.05"), D("1.005"), -1.5, None, "a%b", "A%B", date(2026, 3, 29), datetime(2026, 3, 29, 2, 30)),
    (None, 5, None, D("2.675"), 3.25, True, None, "é", None, datetime(2026, 10, 25, 2)),
    (4, None, D("10.00"), None, None, False, "it's", None, date(2025, 12, 31), None),
    (-1, -1, D("-1.00"), D("-1.000"), -1.0, True, "a_c", "a\tc", date(2026, 1, 1), datetime(2025, 12, 31, 23, 59, 59)),
    (9, 3, D("0.01"), D("0.001"), 1e-3, False, "--", "/* x */", date(2026, 1, 31), datetime(2026, 1, 31)),
    (None, None, None, None, None, None, None, None, None, None),
]  # fmt: skip


# --- expressions: a text for the product, and what it means for a row


@dataclass(frozen=True, slots=True)
class Said:
    """`kind` is int, dec, dbl, bool, text, date or clock; `value` gives what it is for a row."""

    text: str
    kind: str
    value: Callable[[dict[str, Any]], Any]
    atom: bool = False

    def __str__(self) -> str:
        return self.text if self.atom else f"({self.text})"


def as_kind(value: Any, kind: str) -> Any:
    return float(value) if kind == "dbl" and value is not None else value


def wider(*kinds: str) -> str:
    return max(kinds, key=("int", "dec", "dbl").index) if kinds[0] in ("int", "dec", "dbl") else kinds[0]


def strict(work: Callable[..., Any], *parts: Said) -> Callable[[dict[str, Any]], Any]:
    """Return a function that is null where any part is, as most of SQL is."""

    def value(row: dict[str, Any]) -> Any:
        values = [part.value(row) for part in parts]
        return None if None in values else work(*values)

    return value


def column(name: str, kind: str) -> Said:
    return Said(name, kind, lambda row: row[name], atom=True)


def constant(text: str, kind: str, value: Any) -> Said:
    return Said(text, kind, lambda _: value, atom=True)


def even(left: Any, right: Any) -> tuple[Any, Any]:
    """Return two numbers to be worked with together: both doubles, if one is."""
    return (float(left), float(right)) if float in (type(left), type(right)) else (left, right)


def remainder(left: Any, right: Any) -> Any:
    """Return what is left over of a division towards zero; it has the sign of the left side."""
    return None if right == 0 else left - right * int(D(left) / D(right))


ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
}
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda left, right: left == right,
    "<>": lambda left, right: left != right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


def calculated(sign: str, left: Said, right: Said) -> Said:
    kind = wider(left.kind, right.kind)
    return Said(
        f"{left} {sign} {right}", kind, strict(lambda a, b: ARITHMETIC[sign](*even(a, b)), left, right)
    )


def divided(left: Said, right: Said) -> Said:
    return Said(
        f"{left} / {right}", "dbl", strict(lambda a, b: float(a) / float(b) if b else None, left, right)
    )


def of_remainder(left: Said, right: Said) -> Said:
    return Said(f"{left} % {right}", wider(left.kind, right.kind), strict(remainder, left, right))


def negated(part: Said) -> Said:
    return Said(f"- {part}", part.kind, strict(lambda a: -a, part))


def rounded(part: Said, digits: int) -> Said:
    def work(value: Any) -> Decimal:
        exact = D(value).quantize(D("1e-9"), ROUND_HALF_UP)
        return exact.quantize(D(1).scaleb(-digits), ROUND_HALF_UP)

    return Said(f"round({part.text}, {digits})", "dec", strict(work, part), atom=True)


def stepped(name: str, part: Said) -> Said:
    work: Callable[[Any], Any] = {"abs": abs, "ceil": math.ceil, "floor": math.floor}[name]
    return Said(
        f"{name}({part.text})", part.kind, strict(lambda a: as_kind(work(a), part.kind), part), atom=True
    )


def evened(parts: list[Said]) -> list[Said]:
    """Return alternatives: decimals that are not the same expression have nine digits after the point."""
    if len({part.text for part in parts if part.kind == "dec"}) < 2:
        return parts
    return [
        replace(part, value=strict(lambda a: D(a).quantize(D("1e-9"), ROUND_HALF_UP), part))
        if part.kind == "dec"
        else part
        for part in parts
    ]


def extreme(name: str, parts: list[Said]) -> Said:
    parts = evened(parts)
    kind = wider(*(part.kind for part in parts))
    pick = max if name == "greatest" else min
    return Said(
        f"{name}({', '.join(part.text for part in parts)})",
        kind,
        strict(lambda *values: as_kind(pick(values), kind), *parts),
        atom=True,
    )


def coalesced(parts: list[Said]) -> Said:
    parts = evened(parts)
    kind = wider(*(part.kind for part in parts))

    def value(row: dict[str, Any]) -> Any:
        return as_kind(next((found for p in parts if (found := p.value(row)) is not None), None), kind)

    return Said(f"coalesce({', '.join(part.text for part in parts)})", kind, value, atom=True)


def nulled(left: Said, right: Said) -> Said:
    def value(row: dict[str, Any]) -> Any:
        one, other = left.value(row), right.value(row)
        return None if one is not None and other is not None and equal(one, other) else one

    return Said(f"nullif({left.text}, {right.text})", left.kind, value, atom=True)


def equal(one: Any, other: Any) -> bool:
    return bool(COMPARISONS["="](*(even(one, other) if isinstance(one, int | float | D) else (one, other))))


def compared(sign: str, left: Said, right: Said) -> Said:
    def work(one: Any, other: Any) -> bool:
        return COMPARISONS[sign](*(even(one, other) if isinstance(one, int | float | D) else (one, other)))

    return Said(f"{left} {sign} {right}", "bool", strict(work, left, right))


def conjunction(left: Said, right: Said) -> Said:
    def value(row: dict[str, Any]) -> Any:
        sides = (left.value(row), right.value(row))
        return False if False in sides else None if None in sides else True

    return Said(f"{left} and {right}", "bool", value)


def disjunction(left: Said, right: Said) -> Said:
    def value(row: dict[str, Any]) -> Any:
        sides = (left.value(row), right.value(row))
        return True if True in sides else None if None in sides else False

    return Said(f"{left} or {right}", "bool", value)


def inverted(part: Said) -> Said:
    return Said(f"not {part}", "bool", strict(lambda a: not a, part))


def is_null(part: Said, word: str) -> Said:
    return Said(f"{part} {word} null", "bool", lambda row: (part.value(row) is None) == (word == "is"))


def between(part: Said, low: Said, high: Said, word: str) -> Said:
    inside = conjunction(compared("<=", low, part), compared("<=", part, high))
    value = inverted(inside).value if word else inside.value
    return Said(f"{part} {word}between {low} and {high}", "bool", value)


def one_of(part: Said, options: list[Said], word: str) -> Said:
    def work(value: Any) -> bool:
        return any(equal(value, option.value({})) for option in options) == (not word)

    return Said(f"{part} {word}in ({', '.join(o.text for o in options)})", "bool", strict(work, part))


def liked(part: Said, pattern: str, word: str) -> Said:
    quoted = "'" + pattern.replace("'", "''") + "'"
    return Said(
        f"{part} {word}like {quoted}", "bool", strict(lambda a: matches(a, pattern) == (not word), part)
    )


def matches(text: str, pattern: str) -> bool:
    """Say whether a text has the pattern: `%` is any characters, `_` any one."""
    if not pattern:
        return not text
    if pattern[0] == "%":
        return any(matches(text[skip:], pattern[1:]) for skip in range(len(text) + 1))
    return bool(text) and pattern[0] in ("_", text[0]) and matches(text[1:], pattern[1:])


def chosen(branches: list[tuple[Said, Said]], otherwise: Said | None) -> Said:
    results = evened([result for _, result in branches] + ([otherwise] if otherwise else []))
    kind = wider(*(result.kind for result in results))

    def value(row: dict[str, Any]) -> Any:
        for (condition, _), result in zip(branches, results, strict=False):
            if condition.value(row):
                return as_kind(result.value(row), kind)
        return None if otherwise is None else as_kind(results[-1].value(row), kind)

    text = " ".join(f"when {condition.text} then {result.text}" for condition, result in branches)
    end = "" if otherwise is None else f" else {otherwise.text}"
    return Said(f"case {text}{end} end", kind, value, atom=True)


def called(name: str, part: Said) -> Said:
    kind, work = {
        "lower": ("text", str.lower),
        "upper": ("text", str.upper),
        "trim": ("text", lambda text: text.strip(" ")),
        "length": ("int", len),
    }[name]
    return Said(f"{name}({part.text})", kind, strict(work, part), atom=True)


def moved(part: Said, sign: str, amount: int, unit: str) -> Said:
    length = timedelta(**{f"{unit}s": amount if sign == "+" else -amount})
    return Said(f"{part} {sign} {amount} {unit}s", part.kind, strict(lambda a: a + length, part))


def midnight(value: date) -> datetime:
    return value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)


def elapsed(unit: str, left: Said, right: Said) -> Said:
    seconds = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}[unit]

    def work(one: date, other: date) -> float:
        return (midnight(other) - midnight(one)).total_seconds() / seconds

    return Said(f"{unit}_between({left.text}, {right.text})", "dbl", strict(work, left, right), atom=True)


def cast(part: Said, kind: str) -> Said:
    work: dict[tuple[str, str], Callable[[Any], Any]] = {
        ("int", "text"): str,
        ("date", "text"): date.isoformat,
        ("date", "timestamp"): midnight,
        ("clock", "date"): datetime.date,
        ("int", "decimal"): D,
        ("int", "double"): float,
        ("dec", "double"): float,
    }
    ours = {"timestamp": "clock", "decimal": "dec", "double": "dbl"}.get(kind, kind)
    return Said(f"cast({part.text} as {kind})", ours, strict(work[part.kind, kind], part), atom=True)


signs = st.sampled_from(sorted(COMPARISONS))
nots = st.sampled_from(["", "not "])
numbers_said = st.sampled_from(
    [
        *(column(name, kind) for name, kind in [("i", "int"), ("j", "int"), ("p", "dec"), ("q", "dec"), ("f", "dbl")]),
        *(constant(str(n), "int", n) for n in (0, 1, 2, 10)),
        *(constant(text, "dec", D(text)) for text in ("0.5", "0.125", "2.0", ".25")),
    ]
)  # fmt: skip
number_options = st.sampled_from(
    [constant(t, "dec" if "." in t else "int", D(t) if "." in t else int(t)) for t in ("0", "1", "-1", "-3", "2.5", "-7.05")]
)  # fmt: skip
texts_said = st.sampled_from(
    [column("s", "text"), column("t", "text"), *(constant(f"'{t}'", "text", t) for t in ("abc", "", "É", "--"))]
)  # fmt: skip
text_options = st.sampled_from(
    [constant("'abc'", "text", "abc"), constant("'it''s'", "text", "it's"), constant("''", "text", "")]
)
dates_said = st.sampled_from([column("d", "date"), constant("date '2026-01-31'", "date", date(2026, 1, 31))])
clocks_said = st.sampled_from(
    [column("m", "clock"), constant("timestamp '2026-01-31 12:00:00'", "clock", datetime(2026, 1, 31, 12))]
)
patterns = st.sampled_from(
    ["%", "_", "", "a%", "%b%", "a_c", "A\\%B".replace("\\", ""), "it''s".replace("''", "'"), "é"]
)


def of_depth(make: Callable[[int], st.SearchStrategy[Said]]) -> Callable[[int], st.SearchStrategy[Said]]:
    """Make each depth once, under a name that is short in messages."""
    made = cache(make)

    @st.composite
    def said(draw: st.DrawFn, depth: int) -> Said:
        return draw(made(depth))

    return cache(said)


def lists_of(part: st.SearchStrategy[Said], most: int = 3) -> st.SearchStrategy[list[Said]]:
    return st.lists(part, min_size=2, max_size=most)


@of_depth
def numbers(depth: int) -> st.SearchStrategy[Said]:
    if depth == 0:
        return numbers_said
    part, condition = numbers(depth - 1), conditions(depth - 1)
    exact = numbers_said.filter(lambda said: said.kind != "dbl")
    return st.one_of(
        numbers_said,
        st.builds(calculated, st.sampled_from("+-*"), part, part),
        st.builds(calculated, st.sampled_from("+-"), part, part),
        st.builds(divided, part, part),
        st.builds(of_remainder, exact, exact),
        st.builds(negated, part),
        st.builds(rounded, part, st.integers(0, 4)),
        st.builds(stepped, st.sampled_from(["abs", "ceil", "floor"]), part),
        st.builds(extreme, st.sampled_from(["least", "greatest"]), lists_of(part)),
        st.builds(coalesced, lists_of(part)),
        st.builds(nulled, part, part),
        st.builds(chosen, st.lists(st.tuples(condition, part), min_size=1, max_size=2), st.none() | part),
        st.builds(called, st.just("length"), texts(depth - 1)),
        st.builds(elapsed, st.sampled_from(["seconds", "minutes", "hours", "days"]), moments(depth - 1), moments(depth - 1)),
        st.builds(cast, part.filter(lambda said: said.kind == "int"), st.sampled_from(["decimal", "double"])),
    )  # fmt: skip


@of_depth
def texts(depth: int) -> st.SearchStrategy[Said]:
    if depth == 0:
        return texts_said
    part = texts(depth - 1)
    return st.one_of(
        texts_said,
        st.builds(called, st.sampled_from(["lower", "upper", "trim"]), part),
        st.builds(coalesced, lists_of(part)),
        st.builds(extreme, st.sampled_from(["least", "greatest"]), lists_of(part, 2)),
        st.builds(cast, st.sampled_from([column("i", "int"), column("d", "date")]), st.just("text")),
    )


@of_depth
def moments(depth: int) -> st.SearchStrategy[Said]:
    return dates(depth) | clocks(depth)


@of_depth
def dates(depth: int) -> st.SearchStrategy[Said]:
    if depth == 0:
        return dates_said
    part = dates(depth - 1)
    return st.one_of(
        dates_said,
        st.builds(moved, part, st.sampled_from("+-"), st.integers(0, 40), st.sampled_from(["day", "week"])),
        st.builds(cast, clocks(depth - 1), st.just("date")),
        st.builds(coalesced, lists_of(part)),
    )


@of_depth
def clocks(depth: int) -> st.SearchStrategy[Said]:
    if depth == 0:
        return clocks_said
    part = clocks(depth - 1)
    units = st.sampled_from(["second", "minute", "hour", "day", "week"])
    return st.one_of(
        clocks_said,
        st.builds(moved, part, st.sampled_from("+-"), st.integers(0, 40), units),
        st.builds(cast, dates(depth - 1), st.just("timestamp")),
    )


@of_depth
def conditions(depth: int) -> st.SearchStrategy[Said]:
    simple = st.sampled_from(
        [column("b", "bool"), constant("true", "bool", True), constant("false", "bool", False)]
    )
    if depth == 0:
        return simple
    part, number, text = conditions(depth - 1), numbers(depth - 1), texts(depth - 1)
    operands = [part, number, text, dates(depth - 1), clocks(depth - 1)]
    return st.one_of(
        st.builds(conjunction, part, part),
        st.builds(disjunction, part, part),
        st.builds(inverted, part),
        st.builds(is_null, st.one_of(*operands), st.sampled_from(["is", "is not"])),
        *(st.builds(compared, signs, operand, operand) for operand in operands[1:]),
        st.builds(compared, st.sampled_from(["=", "<>"]), part, part),
        st.builds(between, number, number, number, nots),
        st.builds(between, dates(depth - 1), dates(depth - 1), dates(depth - 1), nots),
        st.builds(one_of, number, st.lists(number_options, min_size=1, max_size=3), nots),
        st.builds(one_of, text, st.lists(text_options, min_size=1, max_size=3), nots),
        st.builds(liked, text, patterns, nots),
    )


# --- both ways


@pytest.fixture(scope="module")
def table() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as connection:
        connection.execute("SET TimeZone = 'UTC'")
        columns = ", ".join(f"{name} {kind}" for name, (_, kind) in COLUMNS.items())
        connection.execute(f"CREATE TABLE rows_of_test (n INTEGER, {columns})")
        places = ", ".join("?" * (len(COLUMNS) + 1))
        connection.executemany(
            f"INSERT INTO rows_of_test VALUES ({places})", [(n, *row) for n, row in enumerate(ROWS)]
        )
        yield connection


def select(text: str, dialect: str) -> exp.Select:
    scope = Scope(
        dataset="rows_of_test",
        columns={name: kind for name, (kind, _) in COLUMNS.items()},
        zone=None,
        fields={},
        relationships={},
        broken=(),
        scope_of=lambda name: pytest.fail(name),
    )
    try:
        row = scope.row(parse(text))
    except ExpressionError as error:
        if error.code != "expression-too-large":
            raise
        reject()
    node = with_even_decimals(with_local_days(row, "UTC"))

    def leaf(part: Column | MeasureValue | DaysOf) -> exp.Expr:
        assert isinstance(part, Column)
        return build.column(part.column, "rows_of_test")

    made = tree(node, leaf, DIALECTS[dialect])
    return exp.Select().select(made).from_(build.table(["rows_of_test"])).order_by("n")


def same(ours: Any, theirs: Any) -> bool:
    if ours is None or theirs is None or isinstance(theirs, str | bool | date):
        return type(ours) is type(theirs) and ours == theirs
    if isinstance(ours, float) or isinstance(theirs, float):
        return math.isclose(ours, theirs, rel_tol=1e-9, abs_tol=1e-12)
    return bool(ours == theirs)


def check(said: Said, sql: str, table: duckdb.DuckDBPyConnection) -> None:
    found = [value for (value,) in table.execute(sql).fetchall()]
    meant = [said.value(dict(zip(COLUMNS, row, strict=True))) for row in ROWS]

    for ours, theirs, row in zip(found, meant, ROWS, strict=True):
        assert same(ours, theirs), f"{ours!r} instead of {theirs!r} for {row}: {sql}"


@given(numbers(4) | conditions(4))
@settings(max_examples=500, deadline=None)
def test_duckdb_and_python_agree(table: duckdb.DuckDBPyConnection, said: Said) -> None:
    check(said, select(said.text, "duckdb").sql("duckdb"), table)


OF_THEIR_OWN = {"sqlite", "datafusion", "redshift", "trino", "athena", "tsql", "oracle"}
"""They have forms of their own, which sqlglot does not write for another engine again."""


@given(numbers(3) | conditions(3), st.sampled_from(sorted(set(DIALECTS) - OF_THEIR_OWN)))
@settings(max_examples=200, deadline=None)
def test_the_text_of_every_dialect_reads_back_with_the_same_meaning(
    table: duckdb.DuckDBPyConnection, said: Said, dialect: str
) -> None:
    """Printed for a dialect, read by sqlglot as that dialect, printed again for DuckDB: brackets survive."""
    printer = DIALECTS[dialect].printer
    try:
        text = select(said.text, dialect).sql(printer)
    except CannotCompile:
        reject()
    again = sqlglot.parse_one(text, read=printer)
    for kind in again.find_all(exp.DataType):
        if kind.is_type("DECIMAL") and not kind.expressions:  # BigQuery's NUMERIC has nine digits of fraction
            kind.replace(exp.DataType.build("DECIMAL(38, 9)"))

    check(said, again.sql("duckdb"), table)
