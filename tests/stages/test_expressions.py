"""The grammar of expressions: what can be written, how it is read, and exactly where it goes wrong."""

import importlib.util
import os
import sys
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from time import perf_counter
from types import ModuleType
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kpiascode.load import load_text
from kpiascode.model.calendar import Duration, Unit
from kpiascode.model.catalog import Catalog, Table
from kpiascode.model.document import Documents
from kpiascode.model.expression import (
    Aggregate,
    AverageOver,
    Call,
    Case,
    Cast,
    Closing,
    CohortSize,
    Constant,
    Cumulative,
    Days,
    Expression,
    IsNull,
    Like,
    Name,
    Negate,
    Not,
    OneOf,
    Opening,
    Previous,
    Rolling,
    Share,
    Span,
    StepCount,
    ToDate,
    Type,
    walk,
)
from kpiascode.resolve import ExpressionError, parse, resolve
from kpiascode.resolve.functions import AGGREGATES, ALL_NAMES, ELAPSED, SCALARS
from kpiascode.resolve.lexer import MAX_CHARACTERS, MAX_TEXT
from kpiascode.resolve.parser import MAX_BRACKETS, MAX_DEPTH, MAX_DURATION, MAX_OPTIONS, SQL_WORDS, UNITS

a, b, c, x = (Name((name,)) for name in "abcx")


def refusal(text: str) -> ExpressionError:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    return caught.value


# --- precedence: both sides are read as the same


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        pytest.param("a + b * c", "a + (b * c)", id="times before plus"),
        pytest.param("a * b + c", "(a * b) + c", id="times before plus, on the left"),
        pytest.param("a - b - c", "(a - b) - c", id="minus from the left"),
        pytest.param("a / b / c", "(a / b) / c", id="division from the left"),
        pytest.param("a / b * c", "(a / b) * c", id="division and times are equals"),
        pytest.param("a - b + c", "(a - b) + c", id="minus and plus are equals"),
        pytest.param("a % b * c", "(a % b) * c", id="remainder is a kind of division"),
        pytest.param("-a * b", "(-a) * b", id="a sign binds before times"),
        pytest.param("a * -b", "a * (-b)", id="a sign may follow an operator"),
        pytest.param("a - -b", "a - (-b)", id="minus minus, apart"),
        pytest.param("- - a", "a", id="two signs cancel out"),
        pytest.param("- - - a", "-a", id="three signs are one"),
        pytest.param("+a", "a", id="a plus sign is nothing"),
        pytest.param("a + b = c * 2", "(a + b) = (c * 2)", id="arithmetic before comparison"),
        pytest.param("a = b and b = c", "(a = b) and (b = c)", id="comparison before and"),
        pytest.param("a or b and c", "a or (b and c)", id="and before or"),
        pytest.param("a and b or c", "(a and b) or c", id="and before or, on the left"),
        pytest.param("not a and b", "(not a) and b", id="not before and"),
        pytest.param("not a = b", "not (a = b)", id="not after comparison"),
        pytest.param("not a is null", "not (a is null)", id="not after is null"),
        pytest.param("not not a", "not (not a)", id="not of not"),
        pytest.param("a + b is null", "(a + b) is null", id="arithmetic before is null"),
        pytest.param("a is not null", "not (a is null)", id="is not null is not (is null)"),
        pytest.param("a not in (1)", "not (a in (1))", id="not in is not (in)"),
        pytest.param("a not like 'x'", "not (a like 'x')", id="not like is not (like)"),
        pytest.param("a not between b and c", "not (a between b and c)", id="not between is not (between)"),
        pytest.param("a between b and c and x", "(a between b and c) and x", id="the and of between is its own"),
        pytest.param("a between b + 1 and c - 1 or x", "(a between (b + 1) and (c - 1)) or x", id="ends are sums"),
        pytest.param("a != b", "a <> b", id="two spellings of unequal"),
        pytest.param("((a))", "a", id="brackets are no node"),
        pytest.param("SUM(x) FILTER (WHERE a)", "sum(x) filter (where a)", id="words of the grammar in any case"),
        pytest.param("a\n  +\tb", "a+b", id="blanks and line breaks are nothing"),
        pytest.param("count(distinct(x))", "count(distinct x)", id="distinct with brackets, as SQL has it"),
        pytest.param("sum((x) per a)", "sum(x per a)", id="brackets before per"),
        pytest.param("rolling(x, 1 day)", "rolling(x, 1 days)", id="singular and plural units"),
    ],
)  # fmt: skip
def test_precedence(text: str, meant: str) -> None:
    assert parse(text) == parse(meant)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a - (b - c)", "a - b - c"),
        ("a / (b / c)", "a / b / c"),
        ("a / (b * c)", "a / b * c"),
        ("(a + b) * c", "a + b * c"),
        ("-(a + b)", "-a + b"),
        ("not (a and b)", "not a and b"),
        ("(a or b) and c", "a or b and c"),
        ("(not a) = b", "not a = b"),
        ("(a = b) is null", "a = (b is null)"),
        ("A", "a"),
        ("'A'", "'a'"),
        ("'a '", "'a'"),
        ("1", "1.0"),
    ],
)
def test_these_are_not_the_same(one: str, other: str) -> None:
    assert parse(one) != parse(other)


# --- every form


def number(value: int | str) -> Constant:
    return Constant(value, Type.INTEGER) if isinstance(value, int) else Constant(Decimal(value), Type.DECIMAL)


FORMS: list[tuple[str, Expression]] = [
    ("1", number(1)),
    ("007", number(7)),
    ("0.50", Constant(Decimal("0.50"), Type.DECIMAL)),
    (".5", number("0.5")),
    ("999999999999999999", number(10**18 - 1)),
    ("-1", Negate(number(1))),
    ("'it''s'", Constant("it's", Type.TEXT)),
    ("''", Constant("", Type.TEXT)),
    ("'é ø 漢 % _ ; -- /* \"'", Constant("é ø 漢 % _ ; -- /* \"", Type.TEXT)),
    ("true", Constant(True, Type.BOOLEAN)),
    ("FALSE", Constant(False, Type.BOOLEAN)),
    ("null", Constant(None, Type.UNKNOWN)),
    ("date '2026-01-31'", Constant(date(2026, 1, 31), Type.DATE)),
    ("timestamp '2026-01-31 12:30'", Constant(datetime(2026, 1, 31, 12, 30), Type.TIMESTAMP)),
    ("timestamp '2026-01-31T12:30:05.25'", Constant(datetime(2026, 1, 31, 12, 30, 5, 250000), Type.TIMESTAMP)),
    ("x", x),
    ("List_Price9", Name(("List_Price9",))),
    ("product.category.name", Name(("product", "category", "name"))),
    ("date . x", Name(("date", "x"))),
    ("a is null", IsNull(a)),
    ("a in (1, -2, 'x', date '2026-01-31', true)", OneOf(a, (number(1), Constant(-2, Type.INTEGER), Constant("x", Type.TEXT), Constant(date(2026, 1, 31), Type.DATE), Constant(True, Type.BOOLEAN)))),
    ("a in (-.5)", OneOf(a, (Constant(Decimal("-0.5"), Type.DECIMAL),))),
    ("a like '%x_'", Like(a, "%x_")),
    ("case when a then b end", Case(((a, b),), None)),
    ("case when a then b when b then c else x end", Case(((a, b), (b, c)), x)),
    ("cast(a as integer)", Cast(a, Type.INTEGER)),
    ("cast(a as decimal)", Cast(a, Type.DECIMAL)),
    ("cast(a as double)", Cast(a, Type.DOUBLE)),
    ("cast(a as text)", Cast(a, Type.TEXT)),
    ("cast(a as date)", Cast(a, Type.DATE)),
    ("cast(a as timestamp)", Cast(a, Type.TIMESTAMP)),
    ("cast(a as boolean)", Cast(a, Type.BOOLEAN)),
    ("3 days", Span(Duration(amount=3, unit=Unit.DAY))),
    ("count(*)", Aggregate("count", None)),
    ("count(x)", Aggregate("count", x)),
    ("count(distinct x)", Aggregate("count", x, distinct=True)),
    ("percentile(x, 0.9)", Aggregate("percentile", x, fraction=Decimal("0.9"))),
    ("percentile(x, 0)", Aggregate("percentile", x, fraction=Decimal(0))),
    ("percentile(x, 1)", Aggregate("percentile", x, fraction=Decimal(1))),
    ("sum(x) filter (where a)", Aggregate("sum", x, condition=a)),
    ("count(*) filter (where a)", Aggregate("count", None, condition=a)),
    ("avg(sum(x) per a.b)", Aggregate("avg", Aggregate("sum", x), entity=Name(("a", "b")))),
    ("percentile(sum(x) per a, 0.5) filter (where b)", Aggregate("percentile", Aggregate("sum", x), fraction=Decimal("0.5"), condition=b, entity=a)),
    ("days()", Days()),
    ("previous(x, 1 year)", Previous(x, Duration(amount=1, unit=Unit.YEAR))),
    ("previous(x, 2 periods)", Previous(x, Duration(amount=2, unit=Unit.PERIOD))),
    ("rolling(x, 28 days)", Rolling(x, Duration(amount=28, unit=Unit.DAY))),
    ("to_date(x, fiscal_year)", ToDate(x, Unit.FISCAL_YEAR)),
    ("cumulative(x)", Cumulative(x)),
    ("closing(x)", Closing(x)),
    ("closing(x, per y.z)", Closing(x, Name(("y", "z")))),
    ("opening(x)", Opening(x)),
    ("opening(x, per k)", Opening(x, Name(("k",)))),
    ("average_over(x, day)", AverageOver(x, Unit.DAY)),
    ("average_over(x, fiscal_months)", AverageOver(x, Unit.FISCAL_MONTH)),
    ("share(x, of channel)", Share(x, "channel")),
    ("share(x, of product.category)", Share(x, "product.category")),
    ("cohort_size()", CohortSize()),
    ("step(12)", StepCount(12)),
    ("approx_percentile(x, 0.9)", Aggregate("approx_percentile", x, fraction=Decimal("0.9"))),
    *((f"{name}(x)", Aggregate(name, x)) for name in sorted(AGGREGATES - {"percentile", "approx_percentile"})),
    *((f"{name}({', '.join(['x'] * signature.least)})", Call(name, (x,) * signature.least)) for name, signature in sorted(SCALARS.items())),
]  # fmt: skip


@pytest.mark.parametrize(("text", "node"), [pytest.param(text, node, id=text) for text, node in FORMS])
def test_a_form(text: str, node: Expression) -> None:
    assert parse(text) == node


def test_the_forms_above_are_all_that_there_are() -> None:
    named = {text.split("(")[0] for text, _ in FORMS}

    assert named >= ALL_NAMES
    assert set(ELAPSED) < set(SCALARS)


@pytest.mark.parametrize("unit", sorted(UNITS))
def test_a_unit_in_a_duration_and_alone(unit: str) -> None:
    assert parse(f"rolling(x, 2 {unit})") == Rolling(x, Duration(amount=2, unit=UNITS[unit]))
    assert parse(f"to_date(x, {unit.upper()})") == ToDate(x, UNITS[unit])


GRAMMAR = {"and", "or", "not", "is", "in", "between", "like", "case", "when", "then", "else", "end", "filter"}
GRAMMAR |= {
    "where",
    "per",
    "distinct",
    "of",
    "as",
    "date",
    "timestamp",
    "integer",
    "decimal",
    "text",
    "boolean",
}
WORDS = sorted(ALL_NAMES | set(UNITS) | SQL_WORDS | GRAMMAR)


@pytest.mark.parametrize("word", WORDS)
def test_no_word_of_the_grammar_is_reserved(word: str) -> None:
    """A column may be called like it, alone, in a path, and in an aggregate or a sum; `not` only in a path."""
    assert parse(f"{word}.x") == Name((word, "x"))
    assert parse(f"x.{word}") == Name(("x", word))
    if word != "not":
        assert parse(word) == Name((word,))
        assert parse(f"sum({word})") == Aggregate("sum", Name((word,)))
        assert parse(f"{word} + 1") == parse(f"({word}) + (1)")


@pytest.mark.parametrize("word", sorted(SQL_WORDS))
def test_a_word_of_statements_is_a_column_where_a_column_can_stand(word: str) -> None:
    column = Name((word,))

    assert parse(f"case when {word} is null then {word} else {word} end") == Case(
        ((IsNull(column), column),), column
    )
    assert parse(f"sum(x per {word})") == Aggregate("sum", x, entity=column)
    assert parse(f"cast({word} as text)") == Cast(column, Type.TEXT)


# --- where it goes wrong, to the character: what is marked is what is told


def marked(text: str) -> tuple[str, tuple[int, int]]:
    """Return the text without its marks, and what stands between them."""
    start, end = text.index("«"), text.index("»") - 1
    return text.replace("«", "").replace("»", ""), (start, end)


WRONG = [
    ("expression-syntax", "«»", "The expression is empty."),
    ("expression-syntax", "  \n«»", "The expression is empty."),
    ("expression-syntax", "a +«»", "Expected a value, found the end."),
    ("expression-syntax", "a + «)»", "Expected a value, found `)`."),
    ("expression-syntax", "a «b»", "Expected an operator or the end, found `b`."),
    ("expression-syntax", "a «2»", "Expected an operator or the end, found `2`."),
    ("expression-syntax", "amount«,» qty", "Expected an operator or the end, found `,`."),
    ("expression-syntax", "1.5 «days»", "Expected an operator or the end, found `days`."),
    ("expression-syntax", "(a«»", "Expected `)` to close the bracket, found the end."),
    ("expression-syntax", "a«)»", "Expected an operator or the end, found `)`."),
    ("expression-syntax", "sum(x) «as» total", "A value has no alias here."),
    ("expression-syntax", "sum(x) «over» ()", "Window functions are not in the language."),
    ("expression-syntax", "sum(x) «from» orders", "Expected an operator or the end, found `from`."),
    ("expression-syntax", "a < b «<» c", "Comparisons cannot be chained."),
    ("expression-syntax", "a «not» 'in'", "Expected an operator or the end, found `not`."),
    ("expression-syntax", "a is «true»", "Expected `null` after `is`, found `true`."),
    ("expression-syntax", "a is not «1»", "Expected `null` after `is`, found `1`."),
    ("expression-syntax", "a in «b»", "Expected `(` after `in`, found `b`."),
    ("expression-syntax", "a in (1, «b»)", "`in` takes constants only."),
    ("expression-syntax", "a in («1 day»)", "`in` takes constants only."),
    ("expression-syntax", "a in («)»", "Expected a value, found `)`."),
    ("expression-syntax", "a in (1«»", "Expected `)` after the list of `in`, found the end."),
    ("null-in-list", "a in (1, «null»)", "`null` in an `in` list makes every other comparison unknown."),
    ("expression-syntax", "a between 1 «or» 2", "Expected `and` between the two ends of `between`, found `or`."),
    ("expression-syntax", "a like «b»", "`like` takes a text in single quotes."),
    ("expression-syntax", "a.«»", "Expected a name after the point, found the end."),
    ("expression-syntax", "a.b«.5»", "Expected an operator or the end, found `.5`."),
    ("expression-syntax", "«.»a", "Expected a value, found `.`."),
    ("expression-syntax", "«a.b»(1)", "Functions have no qualified names."),
    ("expression-syntax", "«e» 'x'", "`e` before a text has no meaning."),
    ("expression-syntax", "case «a» when 1 then 2 end", "Expected `when` after `case`, found `a`."),
    ("expression-syntax", "case when a «b» end", "Expected `then` after the condition of `when`, found `b`."),
    ("expression-syntax", "case when a then b«»", "Expected `end` to close `case`, found the end."),
    ("expression-syntax", "cast(a«,» date)", "Expected `as` in `cast`, found `,`."),
    ("unknown-type", "cast(a as «int»)", "`int` is no type of the language."),
    ("unknown-type", "cast(a as «'date'»)", "`'date'` is no type of the language."),
    ("unknown-type", "cast(a as «»", "the end is no type of the language."),
    ("expression-syntax", "cast(a as date«»", "Expected `)` to close `cast`, found the end."),
    ("expression-syntax", "sum(«*»)", "Expected a value, found `*`."),
    ("expression-syntax", "sum(«distinct» x)", "`distinct` stands in `count` only, not in `sum`."),
    ("expression-syntax", "sum(a«,» b)", "Expected `)` to close `sum`, found `,`."),
    ("expression-syntax", "sum(x) filter «x»", "Expected `(` after `filter`, found `x`."),
    ("expression-syntax", "sum(x) filter («x» = 1)", "Expected `where` in `filter (where ...)`, found `x`."),
    ("expression-syntax", "sum(x) filter (where a«»", "Expected `)` to close `filter`, found the end."),
    ("expression-syntax", "sum(x per «1»)", "Expected a name after `per`, found `1`."),
    ("expression-syntax", "percentile(x«)»", "Expected `,` and the fraction in `percentile(x, 0.9)`, found `)`."),
    ("expression-syntax", "percentile(x, «90»)", "The second argument of `percentile` is a number from 0 to 1."),
    ("expression-syntax", "percentile(x, «a»)", "The second argument of `percentile` is a number from 0 to 1."),
    ("expression-syntax", "days(«x»)", "Expected `)` to close `days`, found `x`."),
    ("expression-syntax", "previous(x«)»", "Expected `,` and a duration in `previous(x, 1 year)`, found `)`."),
    ("expression-syntax", "previous(x, «12»)", "Expected a duration such as `1 year` in `previous`."),
    ("expression-syntax", "previous(x, «year»)", "Expected a duration such as `1 year` in `previous`."),
    ("expression-syntax", "previous(x, «0» days)", "The duration of `previous` is at least one."),
    ("expression-syntax", "previous(x, «-»1 year)", "The duration of `previous` is at least one."),
    ("expression-syntax", "rolling(x, 28 days«,» 1)", "Expected `)` to close `rolling`, found `,`."),
    ("expression-syntax", "to_date(x, «1» year)", "Expected a unit as in `to_date(x, year)`, found `1`."),
    ("expression-syntax", "average_over(x, «1» day)", "Expected a unit as in `average_over(x, day)`, found `1`."),
    ("expression-syntax", "closing(x, «k»)", "Expected `per` and a key in `closing(x, per key)`, found `k`."),
    ("expression-syntax", "closing(x, per «1»)", "Expected a name after `per`, found `1`."),
    ("expression-syntax", "share(x, «channel»)", "Expected `of` in `share(x, of channel)`, found `channel`."),
    ("expression-syntax", "share(x«)»", "Expected `,` and a dimension in `share(x, of channel)`, found `)`."),
    ("expression-syntax", "cohort_size(«x»)", "Expected `)` to close `cohort_size`, found `x`."),
    ("expression-syntax", "step(«0»)", "Expected the number of a step as in `step(2)`, found `0`."),
    ("expression-syntax", "step(«x»)", "Expected the number of a step as in `step(2)`, found `x`."),
    ("expression-syntax", "to_date(x, «foo»)", "Expected a unit as in `to_date(x, year)`, found `foo`."),
    ("expression-syntax", "cumulative(x«,» 1 day)", "Expected `)` to close `cumulative`, found `,`."),
    ("invalid-duration", f"rolling(x, «{MAX_DURATION + 1} days»)", "A duration has at most 999,999 of its unit."),
    ("unknown-function", "1 + «flor»(x)", "`flor` is no function of the language."),
    ("unknown-function", "«READ_TEXT»('x')", "`READ_TEXT` is no function of the language."),
    ("wrong-arguments", "1 + «abs(a, b)»", "`abs` takes 1 values, not 2."),
    ("wrong-arguments", "«coalesce(a)»", "`coalesce` takes 2 or more values, not 1."),
    ("wrong-arguments", "«round(a, 1, 2)»", "`round` takes 1 to 2 values, not 3."),
    ("wrong-arguments", "«lower()»", "`lower` takes 1 values, not 0."),
    ("statement-in-expression", "«select» 1", "`select` is a word of SQL statements; an expression is one value."),
    ("statement-in-expression", "(«select» * from x)", "`select` is a word of SQL statements; an expression is one value."),
    ("statement-in-expression", "a in («select» b)", "`select` is a word of SQL statements; an expression is one value."),
    ("statement-in-expression", "«exists» (a)", "`exists` is a word of SQL statements; an expression is one value."),
    ("statement-in-expression", "1 + «DROP» table x", "`DROP` is a word of SQL statements; an expression is one value."),
    ("statement-in-expression", "a«;» b", "`;` separates statements; an expression is one value."),
    ("comment-in-expression", "a «--» b", "`--` begins a comment; an expression holds none."),
    ("comment-in-expression", "a «/*» b */", "`/*` begins a comment; an expression holds none."),
    ("invalid-number", "1 + «1e5»", "`1e5` is no number of the language."),
    ("invalid-number", "«0x1F»", "`0x1F` is no number of the language."),
    ("invalid-number", "«1_000»", "`1_000` is no number of the language."),
    ("invalid-number", "«5.»", "`5.` is no number of the language."),
    ("invalid-number", "«1.2.3»", "`1.2.3` is no number of the language."),
    ("invalid-number", "«1234567890123456789»", "`1234567890123456789` is no number of the language."),
    ("invalid-number", "«0.1234567890123456789»", "`0.1234567890123456789` is no number of the language."),
    ("invalid-name", f"1 + «{'n' * 64}»", "A name has at most 63 characters."),
    ("invalid-date", "date «'2026-02-29'»", "`'2026-02-29'` is no date of the calendar."),
    ("invalid-date", "date «'2026-W05-6'»", "`'2026-W05-6'` is no date of the calendar."),
    ("invalid-date", "date «'20260131'»", "`'20260131'` is no date of the calendar."),
    ("invalid-date", "timestamp «'2026-01-31'»", "`'2026-01-31'` is no timestamp of the calendar."),
    ("invalid-date", "timestamp «'2026-01-31 25:00'»", "`'2026-01-31 25:00'` is no timestamp of the calendar."),
    ("invalid-date", "timestamp «'2026-01-31 12:00+01:00'»", "`'2026-01-31 12:00+01:00'` is no timestamp of the calendar."),
    ("unclosed-text", "a = «'b»", "A text that begins here does not end, or holds a backslash or a line break."),
    ("unclosed-text", "a = «'b\\'»", "A text that begins here does not end, or holds a backslash or a line break."),
    ("unclosed-text", "a = «'b\nc'»", "A text that begins here does not end, or holds a backslash or a line break."),
    ("text-too-long", f"a = «'{'t' * (MAX_TEXT + 1)}'»", "A text in an expression has at most 500 characters."),
    ("forbidden-character", "«\"»a\"", '`"` does not quote names here; names are plain words.'),
    ("forbidden-character", "«`»a`", "``` does not quote names here; names are plain words."),
    ("forbidden-character", "«[»a]", "`[` does not quote names here; names are plain words."),
    ("forbidden-character", "a «|»| b", "`|` (U+007C VERTICAL LINE) has no meaning in an expression."),
    ("forbidden-character", "a«:»:int", "`:` (U+003A COLON) has no meaning in an expression."),
    ("forbidden-character", "«$»1", "`$` (U+0024 DOLLAR SIGN) has no meaning in an expression."),
    ("forbidden-character", "«{»{ x }}", "`{` (U+007B LEFT CURLY BRACKET) has no meaning in an expression."),
    ("forbidden-character", "r«е»venue", "A character (U+0435 CYRILLIC SMALL LETTER IE) has no meaning in an expression."),
    ("forbidden-character", "a«\u00a0»+ b", "A character (U+00A0 NO-BREAK SPACE) has no meaning in an expression."),
    ("forbidden-character", "a«\x00»", "A character (U+0000 CONTROL CHARACTER) has no meaning in an expression."),
]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "text", "message"),
    [pytest.param(*wrong, id=f"{wrong[0]}: {wrong[1][:40]!r}") for wrong in WRONG],
)
def test_a_mistake_is_told_at_its_characters(code: str, text: str, message: str) -> None:
    text, at = marked(text)
    error = refusal(text)

    assert (error.code, error.message, error.at) == (code, message, at)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("count_distinct(x)", "Write count(distinct x)."),
        ("NVL(sum(x), 0)", "Write coalesce(x, 0)."),
        ("isnull(x)", "Write coalesce(x, 0). A condition is written x is null."),
        ("iff(a, 1, 0)", "Write case when a then x else y end."),
        ("now()", "KPIs are asked for periods, and the day is `--as-of`."),
        ("date_trunc('month', x)", "KPIs are asked for periods: how fine they are, `grain` says."),
        ("a == b", "Compare with a single `=`."),
        ("a = = b", None),
        ("a && b", "Conditions are joined with `and`."),
        ("a || b", "Conditions are joined with `or`; texts are not joined."),
        ("a ilike 'b%'", "Write lower(x) like 'a%'."),
        ("a = \u2019b\u2019", "Texts stand in straight single quotes: 'online'."),
    ],
)
def test_what_is_written_by_habit_is_said_in_the_language(text: str, hint: str | None) -> None:
    assert refusal(text).hint == hint


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("a.b in ('c', null)", "Take it out, and write `or a.b is null` beside the list."),
        ("lower(a) in ('c', null)", "Take it out, and write `or ... is null` beside the list."),
        ("a not in ('c', null)", "Take `null` out of the list."),
    ],
)
def test_null_in_a_list_is_helped_by_what_it_would_mean(text: str, hint: str) -> None:
    assert refusal(text).hint == hint


def test_a_place_counts_from_the_start_of_the_text_over_lines() -> None:
    assert refusal("sum(a)\n  +\n  foo(b)").at == (13, 16)


# --- the place of what is right, since later findings point there


@pytest.mark.parametrize(
    "text",
    [
        "«a + b» = c", "a = «b + c»", "«-a» * b", "«(a + b)» * c", "a * «(b)»", "not «a = b»", "«a.b.c» is null",
        "sum(«x») filter (where a)", "sum(x) filter (where «a = 1»)", "«sum(x) filter (where a)» + 1",
        "«case when a then b end» + 1", "avg(«sum(x)» per a)", "avg(sum(x) per «a.b»)", "«rolling(x, 3 days)» + 1",
        "a + «3 days»", "a in (1, «-2»)", "a = «date '2026-01-31'»", "a = «-  1»", "«a between 1 and 2» and b",
        "«a not in (1)» and b", "«a is not null» or b", "coalesce(a, «b * 2»)", "«cast(a as date)» = b",
    ],
)  # fmt: skip
def test_every_part_knows_its_place(text: str) -> None:
    text, at = marked(text)

    assert at in {node.at for node in walk(parse(text))}


# --- limits


@pytest.mark.parametrize(
    ("fits", "too_much", "code"),
    [
        pytest.param("1" + " " * (MAX_CHARACTERS - 1), "1" + " " * MAX_CHARACTERS, "expression-too-long", id="characters"),
        pytest.param(f"coalesce({', '.join('x' * 249)})", f"-coalesce({', '.join('x' * 249)})", "expression-too-long", id="tokens"),
        pytest.param("(" * (MAX_BRACKETS - 1) + "x" + ")" * (MAX_BRACKETS - 1), "(" * MAX_BRACKETS + "x" + ")" * MAX_BRACKETS, "expression-too-deep", id="brackets"),
        pytest.param("-" + " -" * (MAX_BRACKETS - 1) + " x", "-" + " -" * MAX_BRACKETS + " x", "expression-syntax", id="signs"),
        pytest.param("not " * MAX_BRACKETS + "x", "not " * (MAX_BRACKETS + 1) + "x", "expression-syntax", id="nots"),
        pytest.param(" + ".join("x" * MAX_DEPTH), " + ".join("x" * (MAX_DEPTH + 1)), "expression-too-deep", id="a chain"),
        pytest.param(f"x in ({', '.join('1' * MAX_OPTIONS)})", f"x in ({', '.join('1' * (MAX_OPTIONS + 1))})", "expression-syntax", id="constants of in"),
        pytest.param("n" * 63, "n" * 64, "invalid-name", id="a name"),
        pytest.param(f"'{'t' * MAX_TEXT}'", f"'{'t' * (MAX_TEXT + 1)}'", "text-too-long", id="a text"),
    ],
)  # fmt: skip
def test_a_limit(fits: str, too_much: str, code: str) -> None:
    parse(fits)

    assert refusal(too_much).code == code


# --- the hostile expressions of the security study

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "bad_inputs.py"

OURS = {
    "E-FUNC": {"unknown-function", "statement-in-expression"},
    "E-SQL": {"statement-in-expression"},
    "E-COMMENT": {"comment-in-expression"},
    "E-UNIT": {"unknown-function"},
    "E-CASTTYPE": {"unknown-type"},
    "E-COLUMN": {"unknown-column"},
    "E-SYNTAX": {"expression-syntax", "statement-in-expression"},
    "E-DEPTH": {"expression-too-long", "expression-too-deep"},
    "E-TOKENS": {"expression-too-long"},
    "E-LEN": {"expression-too-long"},
    "E-ARITY": {"wrong-arguments"},
    "E-AGG": {"aggregate-of-rows"},
    "E-CHAR": {
        *(
            "forbidden-character",
            "unclosed-text",
            "invalid-number",
            "statement-in-expression",
            "expression-syntax",
        ),
        "unknown-relationship",
    },
}
"""Their codes, and which of ours say the same."""

SECONDS = 0.5


def corpus() -> ModuleType | None:
    if not CORPUS.is_file():
        return None
    spec = importlib.util.spec_from_file_location("bad_inputs", CORPUS)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    writes, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        spec.loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = writes
    return module


BAD_INPUTS = corpus()
CASES = [case for case in BAD_INPUTS.CASES if case["area"] == "expr"] if BAD_INPUTS else []


def test_the_corpus_is_there() -> None:
    if not CASES:
        if os.environ.get("KPI_REQUIRE_DATA") == "1":
            pytest.fail(f"{CORPUS} is not there")
        pytest.skip(f"{CORPUS} is not there")
    assert len(CASES) > 60


def codes_in_a_field(text: str) -> Iterator[str]:
    """Yield what is found wrong with a field that is the expression over the corpus's columns."""
    (dataset,), findings = load_text("kpis.yaml", "kind: dataset\nname: orders\nsource: orders\ntime: d\n")
    assert not findings
    dataset.data["fields"] = {"case": text}
    columns = {"amount": Type.DECIMAL, "qty": Type.INTEGER, "status": Type.TEXT, "ts": Type.TIMESTAMP}
    columns |= {"d": Type.DATE, "x": Type.INTEGER}
    catalog = Catalog({"orders": Table(name=("orders",), columns=columns)})
    for finding in resolve(Documents(project=None, items=(dataset,)), catalog).diagnostics:
        assert len(f"{finding.message}{finding.hint}") < 700
        yield finding.code


@pytest.mark.parametrize(
    "case", [pytest.param(case, id=f"{case['id']} {case['title'][:50]}") for case in CASES]
)
def test_a_hostile_expression_is_refused_at_once(case: dict[str, Any]) -> None:
    start = perf_counter()
    codes = set(codes_in_a_field(case["expr"]))
    seconds = perf_counter() - start

    assert seconds < SECONDS
    if case["result"] == "accept":
        assert not codes
    else:
        assert codes & OURS[case["code"]]


# --- whatever is written, an answer or an ExpressionError comes back, soon

TOKENS = st.sampled_from(
    [
        *ALL_NAMES, *SQL_WORDS, *list(UNITS)[:8], "a", "b.c", "x", "1", "2.5", ".5", "0", "'t'", "'it''s'", "''", "(", ")",
        "(", ")", ",", ".", "+", "-", "*", "/", "%", "=", "<>", "!=", "<", "<=", ">", ">=", "and", "or", "not", "is", "null",
        "in", "between", "like", "case", "when", "then", "else", "end", "as", "filter", "where", "per", "distinct", "date",
        "date '2026-01-31'", "timestamp '2026-01-31 12:00'", "true", "3 days", "cast(", "integer", "count(*)", "--", "/*",
        ";", "\\", "\"", "{", "\u0435", "\n", "1e5", "'", "over", "from", "of",
    ]
)  # fmt: skip


def answer_to(text: str) -> Expression | ExpressionError:
    """Return what is read or said of a text, after checking that it came soon."""
    start = perf_counter()
    try:
        found: Expression | ExpressionError = parse(text)
    except ExpressionError as error:
        found = error
    assert perf_counter() - start < SECONDS
    return found


def is_inside(at: tuple[int, int], text: str) -> bool:
    return 0 <= at[0] <= at[1] <= len(text)


@given(st.lists(TOKENS, max_size=40).map(" ".join))
@settings(max_examples=400, deadline=None)
@example("case when " * 60)
@example("case " * 400)
@example("(" * 499)
@example("not " * 499)
@example("- " * 499)
@example("sum(" * 200)
@example("x in (" * 100)
@example("a between " * 100)
@example("date " * 400)
def test_any_tokens_are_read_or_refused(text: str) -> None:
    found = answer_to(text)

    if isinstance(found, ExpressionError):
        assert is_inside(found.at, text)
        assert found.message.endswith((".", ")"))
    else:
        assert all(is_inside(part.at, text) for part in walk(found))


@given(st.text(max_size=80))
@settings(max_examples=200, deadline=None)
def test_any_characters_are_read_or_refused(text: str) -> None:
    answer_to(text)


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\\"), max_size=60))
def test_any_text_stands_between_quotes(text: str) -> None:
    quoted = "'" + text.replace("'", "''") + "'"

    assert parse(quoted) == Constant(text, Type.TEXT)


@given(st.sampled_from([text for text, _ in FORMS]), st.sampled_from([text for text, _ in FORMS]))
@settings(max_examples=100, deadline=None)
def test_two_forms_side_by_side_are_read_as_each_alone(one: str, other: str) -> None:
    left, right = parse(one), parse(other)
    whole = parse(f"coalesce({one}, {other})")

    assert isinstance(whole, Call)
    assert whole.arguments == (left, right)
    assert parse(f"({one}) and not ({other})") == parse(f"({one}) and (not ({other}))")
    assert Not(right) in set(walk(parse(f"({one}) and not ({other})")))
