"""Facts about the rows of a dataset: what SQL counts is what plain Python counts, and each is told as it is."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpiascode import compile
from kpiascode.compile.dialects import DIALECTS
from kpiascode.lint import denominators, lint_facts
from kpiascode.model.catalog import Catalog
from kpiascode.model.facts import KEPT, Facts, Key, KeyFacts, PartnerFacts
from kpiascode.model.observation import Freshness, age
from kpiascode.model.project import Project
from kpiascode.model.spelling import spelled
from kpiascode.run.facts import examples, facts
from projects import Warehouse, kpi, resolution, sound

WORLD = """
kind: dataset
name: lines
source: lines
primary_key: [order_id, line]
time: sold_on
freshness: 2 days
relationships:
  order: {to: orders, keys: {order_id: id}}
  price: {to: prices, keys: {item: item}, as_of: {valid_from: since, valid_to: until}}
  cost: {to: costs, keys: {item: item}, as_of: {valid_from: since}, required: true}
---
kind: dataset
name: orders
source: orders
primary_key: [id]
---
kind: dataset
name: prices
source: prices
primary_key: [item, since]
valid: {from: since, to: until}
---
kind: dataset
name: costs
source: costs
primary_key: [item, since]
"""
COLUMNS = {
    "lines": "order_id BIGINT, line BIGINT, item VARCHAR, sold_on DATE",
    "orders": "id BIGINT",
    "prices": "item VARCHAR, since DATE, until DATE",
    "costs": "item VARCHAR, since DATE",
}
Rows = Sequence[tuple[Any, ...]]


def warehouse(**rows: Rows) -> Warehouse:
    return Warehouse({name: (columns, rows.get(name, ())) for name, columns in COLUMNS.items()})


@cache
def world() -> tuple[Project, Catalog]:
    with warehouse() as there:
        return sound(resolution(WORLD, catalog=there.catalog)), there.catalog


def counted(name: str, **rows: Rows) -> Facts:
    project, catalog = world()
    dataset = project.datasets[name]
    with warehouse(**rows) as there:
        sql = compile.count_facts(dataset, project.datasets, catalog, "duckdb")
        (row,) = there.connection.execute(sql).fetchall()
        return facts(dataset, row)


# --- counted by SQL and by hand

ids = st.none() | st.integers(1, 3)
items = st.none() | st.sampled_from("ab")
days = st.none() | st.integers(1, 5).map(lambda day: date(2026, 1, day))
some = {"max_size": 8}
each_line = st.lists(st.tuples(ids, ids, items, days), **some)
each_order = st.lists(st.tuples(ids), **some)
each_price = st.lists(st.tuples(items, days, days), **some)
each_cost = st.lists(st.tuples(items, days), **some)


def repeated(rows: Rows) -> int:
    whole = Counter(row for row in rows if None not in row)
    return sum(count > 1 for count in whole.values())


def with_null(rows: Rows) -> int:
    return sum(None in row for row in rows)


def alone(lines: Rows, is_partner: Callable[[tuple[Any, ...]], bool], sought: Sequence[int]) -> PartnerFacts:
    without = [line for line in lines if not is_partner(line)]
    keyless = sum(any(line[place] is None for place in sought) for line in without)
    return PartnerFacts(relationship="", lost=len(without) - keyless, keyless=keyless)


@settings(deadline=None)
@given(each_line, each_order, each_price, each_cost)
def test_keys_times_and_partners_are_counted_as_by_hand(
    lines: Rows, orders: Rows, prices: Rows, costs: Rows
) -> None:
    def has_order(line: tuple[Any, ...]) -> bool:
        return line[0] is not None and (line[0],) in orders

    def has_price(line: tuple[Any, ...]) -> bool:
        _, _, item, sold = line
        return None not in (item, sold) and any(
            item == of and since is not None and since <= sold and (until is None or sold < until)
            for of, since, until in prices
        )

    def has_cost(line: tuple[Any, ...]) -> bool:
        _, _, item, sold = line
        return None not in (item, sold) and any(
            item == of and since is not None and since <= sold for of, since in costs
        )

    found = counted("lines", lines=lines, orders=orders, prices=prices, costs=costs)

    assert (found.rows, found.null_times) == (len(lines), sum(line[3] is None for line in lines))
    assert (found.empty_spans, found.overlaps, found.freshness) == (None, None, None)
    keys = [line[:2] for line in lines]
    assert found.keys == KeyFacts(repeated=repeated(keys), null=with_null(keys))
    expected = {
        "order": alone(lines, has_order, [0]),
        "price": alone(lines, has_price, [2, 3]),
        "cost": alone(lines, has_cost, [2, 3]),
    }
    assert {p.relationship: (p.lost, p.keyless) for p in found.partners} == {
        name: (told.lost, told.keyless) for name, told in expected.items()
    }


@settings(deadline=None)
@given(each_price)
def test_spans_are_counted_as_by_hand(prices: Rows) -> None:
    found = counted("prices", prices=prices)

    assert found.null_times == sum(since is None for _, since, _ in prices)
    assert found.empty_spans == sum(
        None not in (since, until) and until <= since for _, since, until in prices
    )
    assert found.keys == KeyFacts(
        repeated=repeated([price[:2] for price in prices]), null=with_null([price[:2] for price in prices])
    )


@settings(deadline=None)
@given(each_price)
def test_rows_overlap_where_a_day_has_two_of_one_key(prices: Rows) -> None:
    held = Counter(
        (item, day)
        for item, since, until in prices
        for day in (date(2026, 1, number) for number in range(1, 8))
        if None not in (item, since) and since <= day and (until is None or day < until)
    )

    found = counted("prices", prices=prices)

    assert bool(found.overlaps) is any(count > 1 for count in held.values())


def test_where_a_row_holds_until_the_next_the_primary_key_says_it_all() -> None:
    found = counted("costs", costs=[("a", date(2026, 1, 1)), ("a", date(2026, 1, 1))])

    assert found.overlaps is None
    assert found.keys == KeyFacts(repeated=1, null=0)


def test_what_is_not_declared_is_not_counted() -> None:
    found = counted("orders", orders=[(1,), (1,), (None,)])

    assert found == Facts(
        dataset="orders",
        rows=3,
        null_times=None,
        empty_spans=None,
        keys=KeyFacts(repeated=1, null=1),
        overlaps=None,
        partners=(),
    )


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", COLUMNS)
def test_every_dialect_can_say_it(name: str, dialect: str) -> None:
    project, catalog = world()
    around = (project.datasets, catalog, dialect)
    dataset = project.datasets[name]

    assert compile.count_facts(dataset, *around)
    assert compile.repeated_keys(dataset, *around, 3)
    for relationship in dataset.relationships:
        assert compile.lost_keys(dataset, relationship, *around, 3)


# --- examples


def test_examples_are_the_most_frequent_first_and_then_in_order() -> None:
    lines = [(None, 1, "a", None), *[(key, 1, "a", None) for key in (5, 4, 4, 7, 9, 9, 6)]]
    project, catalog = world()
    sql = compile.lost_keys(project.datasets["lines"], "order", project.datasets, catalog, "duckdb", 3)

    with warehouse(lines=lines, orders=[(7,)]) as there:
        assert examples(there.connection.execute(sql).fetchall()) == (("4",), ("9",), ("5",))


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        pytest.param("x" * KEPT, "x" * KEPT, id="as long as is kept"),
        pytest.param("x" * (KEPT + 1), "x" * (KEPT - 3) + "...", id="one longer"),
    ],
)
def test_a_long_key_is_cut(text: str, kept: str) -> None:
    assert examples([(text, "1")]) == ((kept, "1"),)


# --- told


def a_fact(**changes: Any) -> Facts:
    given: dict[str, Any] = {
        "dataset": "lines",
        "rows": 2000,
        "null_times": 0,
        "empty_spans": None,
        "keys": KeyFacts(repeated=0, null=0),
        "overlaps": None,
        "partners": (),
    }
    return Facts(**(given | changes))


def said(*found: Facts, as_of: datetime = datetime(2026, 1, 10)) -> list[str]:
    project, _ = world()
    return [f"{d.code}: {d.message}" for d in lint_facts(project, found, as_of)]


def test_clean_facts_say_nothing() -> None:
    assert said(a_fact(), a_fact(dataset="prices", empty_spans=0, overlaps=0)) == []


@pytest.mark.parametrize(
    ("count", "told"),
    [
        pytest.param(1, "1 of 2,000 rows of `lines` (less than 0.1 %) has", id="less than a tenth"),
        pytest.param(2, "2 of 2,000 rows of `lines` (0.1 %) have", id="a tenth"),
        pytest.param(60, "60 of 2,000 rows of `lines` (3 %) have", id="without a rest"),
        pytest.param(199, "199 of 2,000 rows of `lines` (9.9 %) have", id="cut and not rounded"),
        pytest.param(200, "200 of 2,000 rows of `lines` (10 %) have", id="a tenth of all"),
        pytest.param(219, "219 of 2,000 rows of `lines` (10 %) have", id="more than a tenth of all"),
        pytest.param(1999, "1,999 of 2,000 rows of `lines` (99 %) have", id="nearly all is not all"),
        pytest.param(2000, "2,000 of 2,000 rows of `lines` (100 %) have", id="all"),
    ],
)
def test_a_share_never_reads_as_more_than_it_is(count: int, told: str) -> None:
    (finding,) = said(a_fact(null_times=count))

    assert finding == f"null-time: {told} no time (sold_on): such a row is in no period."


@pytest.mark.parametrize(
    ("count", "keys", "told"),
    [
        pytest.param(1, [("7", "1")], "1 key of `lines` (order_id, line) stands more than once: `7, 1`.", id="one"),
        pytest.param(
            2, [("7", "1"), ("", "2")],
            "2 keys of `lines` (order_id, line) stand more than once: `7, 1` and `(empty), 2`.",
            id="two",
        ),
        pytest.param(
            1234, [("1", "1"), ("2", "1"), ("3", "1")],
            "1,234 keys of `lines` (order_id, line) stand more than once; keys such as `1, 1`, `2, 1` and `3, 1`.",
            id="more than are told",
        ),
        pytest.param(5, [], "5 keys of `lines` (order_id, line) stand more than once.", id="none may be told"),
    ],
)  # fmt: skip
def test_keys_are_told_as_far_as_they_are_known(count: int, keys: list[Key], told: str) -> None:
    known = KeyFacts(repeated=count, null=0, examples=tuple(keys))

    assert said(a_fact(keys=known)) == [f"key-not-unique: {told}"]


def test_what_cannot_be_counted_is_not_told() -> None:
    assert said(a_fact(keys=KeyFacts(repeated=None, null=None), null_times=None)) == []


def test_a_row_without_key_is_told_only_where_a_partner_is_required() -> None:
    for relationship, told in (("order", 0), ("price", 0), ("cost", 1)):
        partner = PartnerFacts(relationship=relationship, lost=0, keyless=3)
        assert len(said(a_fact(partners=(partner,)))) == told


def test_rows_without_a_required_partner_are_told_with_those_that_have_no_key() -> None:
    partner = PartnerFacts(relationship="cost", lost=2, keyless=3, examples=(("x",),))

    assert said(a_fact(partners=(partner,))) == [
        "required-partner-missing: 5 of 2,000 rows of `lines` (0.2 %) have no partner over `cost`, which is "
        "`required`, 3 of them for want of a key; keys such as `x`."
    ]


def test_a_dataset_without_rows_has_nothing_else_to_tell() -> None:
    nothing = Freshness(dataset="lines", latest=None, rows=0)

    assert said(a_fact(rows=0, freshness=nothing)) == ["empty-dataset: `lines` has no row at all."]


@pytest.mark.parametrize(
    ("latest", "is_stale"),
    [
        pytest.param(datetime(2026, 1, 7), False, id="a day counts until it ends"),
        pytest.param(datetime(2026, 1, 6), True, id="the day before is too old"),
        pytest.param(datetime(2026, 1, 8, 0, 0, 1), False, id="a moment counts from itself"),
        pytest.param(datetime(2026, 1, 7, 23, 59, 59), True, id="a moment that is too old"),
        pytest.param(None, True, id="no row before the day"),
    ],
)
def test_seen_from_the_tenth_what_may_be_two_days_old(latest: datetime | None, is_stale: bool) -> None:
    newest = Freshness(dataset="lines", latest=latest, rows=1)

    assert bool(said(a_fact(freshness=newest))) is is_stale


def test_the_age_of_a_day_begins_when_it_ends() -> None:
    as_of = datetime(2026, 1, 10)

    assert age(datetime(2026, 1, 9), as_of) == timedelta(0)
    assert age(datetime(2026, 1, 9, 12), as_of) == timedelta(hours=12)


# --- what a KPI is divided by


@pytest.mark.parametrize(
    ("expression", "divided_by"),
    [
        pytest.param("sum(a) / sum(b)", ["sum(b)"], id="a quotient"),
        pytest.param("1 - sum(a) / sum(b)", ["sum(b)"], id="inside of a sum"),
        pytest.param("-(sum(a) / sum(b))", ["sum(b)"], id="inside of a sign"),
        pytest.param("sum(a) / sum(b) / count(*)", ["count(*)", "sum(b)"], id="one in the other"),
        pytest.param("sum(a) / (sum(b) / count(*))", ["sum(b) / count(*)", "count(*)"], id="and below"),
        pytest.param("sum(a) / sum(b) + sum(c) / sum(b)", ["sum(b)"], id="the same twice"),
        pytest.param("coalesce(sum(a) / sum(b), 0)", ["sum(b)"], id="inside of a function"),
        pytest.param("case when count(*) > 1 then sum(a) / sum(b) end", ["sum(b)"], id="in a branch"),
        pytest.param("sum(a) % sum(b)", ["sum(b)"], id="a remainder"),
        pytest.param("sum(a) / other", ["other"], id="another KPI"),
        pytest.param("sum(a) / (sum(b) - other)", ["sum(b) - other"], id="a difference"),
        pytest.param("sum(a) / 100", [], id="a number"),
        pytest.param("sum(a) / nullif(sum(b), 0)", [], id="what is said to be zero at times"),
        pytest.param("sum(a / b)", [], id="the cells of a row"),
        pytest.param("previous(sum(a) / sum(b), 1 month)", [], id="another period"),
        pytest.param("sum(a) / previous(sum(b), 1 month)", [], id="by another period"),
        pytest.param("sum(a)", [], id="nothing"),
    ],
)
def test_a_kpi_is_divided_by_what_can_be_zero(expression: str, divided_by: list[str]) -> None:
    rows = "kind: dataset\nname: rows\nsource: rows\ntime: day"
    around = {"dataset": "rows", "grain": "month"}
    project = sound(resolution(rows, kpi("one", expression, **around), kpi("other", "count(*)", **around)))

    assert [spelled(node) for node in denominators(project.kpis["one"])] == divided_by
