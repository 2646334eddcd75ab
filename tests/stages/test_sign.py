"""What can never be negative: told of the expression, before there is any data."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from random import Random

import duckdb
import pytest
from factories import kpi

from kpiascode.model.project import Bounds, Revision
from kpiascode.model.sign import never_negative
from kpiascode.model.signals import Hold, Limits
from kpiascode.render.usual import clipped
from kpiascode.resolve import parse


@pytest.mark.parametrize(
    "text",
    [
        "count(*)",
        "count(distinct customer_id) filter (where amount < 0)",
        "1000 * count(*) / count(distinct order_id)",
        "count(*) % 7 + days()",
        "sum(case when amount < 0 then 1 else 0 end)",
        "avg(case when late then 1 end)",
        "sum(abs(amount))",
        "max(greatest(abs(amount), 2))",
        "stddev(amount)",
        "coalesce(previous(count(*), 1 month), 0)",
        "rolling(count(*), 3 months) / nullif(cumulative(count(*)), 0)",
        "to_date(count(*), year)",
        "average_over(count(*), day)",
        "share(count(*), of channel)",
        "avg(count(*) per customer_id)",
        "cohort_size()",
        "step(2) / step(1)",
        "round(count(*) / 3, 1)",
        "cast(count(*) as decimal)",
    ],
)
def test_counts_and_what_is_made_of_them_is_never_negative(text: str) -> None:
    assert never_negative(parse(text))


@pytest.mark.parametrize(
    "text",
    [
        "sum(amount)",
        "count(*) - 1",
        "1 - count(*) / count(distinct order_id)",
        "-count(*)",
        "count(*) * -1",
        "count(*) / sum(amount)",
        "count(*) + min(amount)",
        "sum(case when late then 1 else -1 end)",
        "case when count(*) > 3 then sum(amount) else 0 end",
        "coalesce(count(*), sum(amount))",
        "least(count(*), sum(amount))",
        "avg(days_between(placed, sent))",
        "count(*) / previous(sum(amount), 1 year)",
        "orders",
        "'3'",
    ],
)
def test_of_all_else_that_is_not_known(text: str) -> None:
    assert not never_negative(parse(text))


def value(rng: Random, depth: int) -> str:
    """Return a value of a period: aggregates, and what is made of them."""
    if depth == 0 or rng.random() < 0.3:
        counted = ["count(*)", "count(distinct a)", "count(*) filter (where b > 0)"]
        made = [f"{name}({row(rng, 2)})" for name in ("sum", "avg", "min", "max", "median")]
        return rng.choice([*counted, *made])
    return combined(rng, lambda: value(rng, depth - 1))


def row(rng: Random, depth: int) -> str:
    """Return a value of a row."""
    if depth == 0 or rng.random() < 0.3:
        return rng.choice(["0", "1", "2.5", "a", "abs(a)", "abs(b)"])
    return combined(rng, lambda: row(rng, depth - 1))


def combined(rng: Random, part: Callable[[], str]) -> str:
    one, other = part(), part()
    return rng.choice(
        [
            f"({one} + {other})",
            f"({one} - {other})",
            f"({one} * {other})",
            f"({one} / nullif({other}, 0))",
            f"({one} % nullif({other}, 0))",
            f"(- {one})",
            f"abs({one})",
            f"round({one}, 1)",
            f"coalesce({one}, {other})",
            f"greatest({one}, {other})",
            f"least({one}, {other})",
            f"nullif({one}, {other})",
            f"case when {one} > 1 then {one} else {other} end",
        ]
    )


@pytest.mark.parametrize("seed", range(4))
def test_no_data_makes_it_negative(seed: int) -> None:
    """Asked of DuckDB: what is said to be never negative is not, whatever the rows hold."""
    rng = Random(seed)
    said = [text for text in (value(rng, 3) for _ in range(1_000)) if never_negative(parse(text))]
    with duckdb.connect() as asked:
        asked.execute("CREATE TABLE t (sample INT, a INT, b INT)")
        rows = [(n // 4, *(rng.choice([None, -3, -1, 0, 2]) for _ in "ab")) for n in range(200)]
        asked.executemany("INSERT INTO t VALUES (?, ?, ?)", rows)
        for text in said:
            found = asked.execute(f"SELECT min(v) FROM (SELECT ({text})::DOUBLE AS v FROM t GROUP BY sample)")
            (least,) = found.fetchall()[0]
            assert least is None or least >= 0, text

    assert len(said) > 100


FOUND = Limits(
    mean=Decimal(3),
    lower=Decimal(-2),
    upper=Decimal(8),
    range_mean=Decimal(2),
    range_upper=Decimal(6),
    points=12,
    hold=Hold.MOVING,
)


@pytest.mark.parametrize(
    ("expression", "least", "lower"),
    [
        pytest.param("count(*)", None, 0, id="of a count"),
        pytest.param("sum(amount)", None, -2, id="of a sum"),
        pytest.param("count(*)", Decimal(1), 1, id="of a count with a minimum"),
        pytest.param("count(*)", Decimal(-5), -2, id="what is declared comes first"),
    ],
)
def test_what_is_usual_lies_within_what_can_be(expression: str, least: Decimal | None, lower: int) -> None:
    counted = kpi("orders", expression=parse(expression), bounds=Bounds(min=least, max=None))

    assert clipped(counted, FOUND) == (lower, 8)


def test_a_count_that_was_a_difference_may_have_been_negative() -> None:
    before = kpi("orders", expression=parse("count(*) - 5"))
    revision = Revision(until=date(2025, 1, 1), reason="Five were tests.", was=before)
    now = kpi("orders", expression=parse("count(*)"), revisions=(revision,))

    assert clipped(now, FOUND) == (-2, 8)


def test_of_what_refers_to_other_kpis_it_is_not_followed_and_bounds_say_it() -> None:
    """Both may count: the expression does not tell."""
    share = kpi("share", dataset=None, time=None, expression=parse("100 * faults / things"))

    assert clipped(share, FOUND) == (-2, 8)
    assert clipped(replace(share, bounds=Bounds(min=Decimal(0), max=Decimal(7))), FOUND) == (0, 7)
