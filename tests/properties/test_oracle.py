"""Random projects, random data, random questions: the product and a slow oracle give the same values."""

import json
import math
import os
import random
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import fields, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, seed, settings
from hypothesis import strategies as st

import reference as ref
from kpiascode import resolve
from kpiascode.plan import Unanswerable
from kpiascode.run.answers import BrokenData
from projects import Warehouse, documents, kpi, planned, question, sound
from reference import (
    Aggregated,
    Among,
    AverageOver,
    Both,
    Broken,
    Calculated,
    Chosen,
    Closing,
    Cohort,
    CohortSize,
    Compared,
    Cumulative,
    DayCount,
    DayOf,
    Either,
    Extreme,
    Field,
    FirstOf,
    Fixed,
    Funnel,
    Link,
    Meaningless,
    Missing,
    Opening,
    Previous,
    Referred,
    Rolling,
    Rule,
    Said,
    Share,
    Stage,
    Step,
    ToDate,
    Unless,
    written,
)

# --- what is tried

USUAL = "closing,valid,average_over,share,revisions,as_of,time_grain,cohort,funnel,calendars"
FORMS = frozenset(os.environ.get("KPI_FORMS", USUAL).split(","))
"""Of closing, valid, average_over, share, revisions, as_of, time_grain, cohort, funnel and calendars."""


def tried(form: str, *more: Any) -> list[Any]:
    """Return what is tried with a form."""
    return list(more) if form in FORMS else []


# --- the world: orders and returns, of customers who live in regions

DAY_ZERO = date(2026, 1, 26)
CHANNELS = ["online", "store", "it's", ""]
COLUMNS = {
    "regions": {"id": "BIGINT", "country": "VARCHAR"},
    "customers": {"id": "BIGINT", "segment": "VARCHAR", "region_id": "BIGINT", "since": "DATE", "score": "BIGINT"},
    "places": {"channel": "VARCHAR", "size": "BIGINT", "weight": "DECIMAL(9,3)"},
    "rates": {"channel": "VARCHAR", "size": "BIGINT", "since": "DATE", "factor": "DECIMAL(9,3)"},
    "tiers": {"customer_id": "BIGINT", "since": "TIMESTAMP", "until": "TIMESTAMP", "tier": "VARCHAR", "factor": "BIGINT"},
    "orders": {
        "day": "DATE",
        "at": "TIMESTAMP",
        "moment": "TIMESTAMPTZ",
        "channel": "VARCHAR",
        "size": "BIGINT",
        "paid": "BOOLEAN",
        "qty": "BIGINT",
        "amount": "DECIMAL(18,2)",
        "rate": "DECIMAL(9,3)",
        "customer_id": "BIGINT",
        "payer_id": "BIGINT",
    },
    "refunds": {"day": "DATE", "channel": "VARCHAR", "size": "BIGINT", "amount": "DECIMAL(18,2)", "customer_id": "BIGINT"},
    "contracts": {
        "day": "DATE",
        "ended": "DATE",
        "at": "TIMESTAMP",
        "over": "TIMESTAMP",
        "channel": "VARCHAR",
        "size": "BIGINT",
        "amount": "DECIMAL(18,2)",
        "customer_id": "BIGINT",
    },
    "budget": {"day": "DATE", "channel": "VARCHAR", "size": "BIGINT", "amount": "DECIMAL(18,2)", "customer_id": "BIGINT"},
}  # fmt: skip
PRIMARY_KEYS = {
    "regions": ["id"],
    "customers": ["id"],
    "places": ["size", "channel"],
    "rates": ["channel", "size", "since"],
    "tiers": ["customer_id", "since"],
}
CUSTOMER = Link("customers", (("customer_id", "id"),))
TIERED = Link(
    "tiers", (("customer_id", "customer_id"),), at=("moment",), valid_from="since", valid_to="until"
)
RATED = Link("rates", (("channel", "channel"), ("size", "size")), at=("day",), valid_from="since")
LINKS: dict[str, dict[str, Link]] = {
    "customers": {"region": Link("regions", (("region_id", "id"),))},
    "orders": {
        "customer": CUSTOMER,
        "payer": Link("customers", (("payer_id", "id"),)),
        "place": Link("places", (("channel", "channel"), ("size", "size"))),
        **dict(tried("as_of", ("tiered", TIERED), ("rated", RATED))),
    },
    "refunds": {"customer": CUSTOMER, **dict(tried("as_of", ("rated", RATED)))},
    "contracts": {"customer": CUSTOMER},
    "budget": {"customer": CUSTOMER},
}
FIELDS = {
    "orders": {
        "net": Calculated("-", Calculated("*", Field(("qty",)), Field(("amount",))), Field(("rate",))),
        "local_day": DayOf(Field(("moment",))),
        "since": FirstOf((Field(("customer", "since")), Field(("day",)))),
    }
}
DIMENSIONS = {
    "channel": ("channel",),
    "customer.segment": ("customer", "segment"),
    "country": ("customer", "region", "country"),
    "size": ("size",),
}
OF_ORDERS = {
    **DIMENSIONS,
    "payer_country": ("payer", "region", "country"),
    "paid": ("paid",),
    **dict(tried("as_of", ("tier", ("tiered", "tier")))),
}
OF_CUSTOMERS = {name: way for name, way in DIMENSIONS.items() if way[0] == "customer"}
MOST = {"regions": 3, "customers": 4, "orders": 25, "refunds": 10, "contracts": 12, "budget": 10}
TABLES = ["orders", "orders", "refunds", *tried("valid", "contracts"), *tried("time_grain", "budget")]
ZONES = ["UTC", "Europe/Berlin", "America/New_York"]
NEEDED = ["regions", "customers", "places", *tried("as_of", "rates", "tiers"), *dict.fromkeys(TABLES)]
CLOCK_CHANGES = [date(2025, 3, 9), date(2025, 3, 30), date(2025, 10, 26), date(2025, 11, 2), date(2026, 3, 8)]


def some_day(chance: random.Random) -> date:
    far, near, nearer = chance.randint(-400, 60), chance.randint(-40, 30), chance.randint(-12, 12)
    return DAY_ZERO + timedelta(days=chance.choice([far, near, nearer]))


def some_moment(chance: random.Random) -> datetime:
    if chance.random() < 0.1:
        return datetime.combine(chance.choice(CLOCK_CHANGES), time()) + timedelta(
            minutes=30 * chance.randint(0, 15)
        )
    return datetime.combine(some_day(chance), time()) + timedelta(minutes=30 * chance.randint(0, 47))


CELLS: dict[str, Callable[[random.Random], Any]] = {
    "country": lambda chance: chance.choice(["DE", "FR"]),
    "segment": lambda chance: chance.choice(["new", "old"]),
    "until": some_moment,
    "tier": lambda chance: chance.choice(["gold", "old"]),
    "region_id": lambda chance: chance.randint(1, 4),
    "since": some_day,
    "score": lambda chance: chance.randint(-5, 5),
    "day": some_day,
    "at": some_moment,
    "channel": lambda chance: chance.choice(CHANNELS),
    "size": lambda chance: chance.randint(-1, 2),
    "paid": lambda chance: chance.choice([True, False]),
    "qty": lambda chance: chance.choice([0, chance.randint(-3, 9), chance.randint(-3, 9)]),
    "amount": lambda chance: Decimal(chance.choice([0, chance.randint(-3000, 9000), chance.randint(-3000, 9000)])) / 100,
    "rate": lambda chance: Decimal(chance.randint(-500, 2000)) / 1000,
    "factor": lambda chance: chance.randint(-2, 3),
    "weight": lambda chance: Decimal(chance.randint(-500, 2000)) / 1000,
    "customer_id": lambda chance: chance.randint(1, 5),
    "payer_id": lambda chance: chance.randint(1, 5),
}  # fmt: skip
"""What a cell holds where it is not null, which about every fifth is."""


def row_of(table: str, number: int, chance: random.Random) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name in COLUMNS[table]:
        match name:
            case "id":
                row[name] = number
            case "moment":
                row[name] = row["at"]
            case "ended" | "over":
                begun = row[{"ended": "day", "over": "at"}[name]]
                lasts = timedelta(days=chance.choice([1, 2, 10, 100]))
                row[name] = None if begun is None or chance.random() < 0.3 else begun + lasts
            case _:
                row[name] = CELLS[name](chance) if chance.random() < 0.8 else None
    return row


def rows_of(table: str, chance: random.Random, count: int) -> list[ref.Row]:
    match table:
        case "places":
            keys = [(channel, size) for channel in CHANNELS[:2] for size in (0, 1, 2)][:count]
            return [{**row_of(table, 0, chance), "channel": channel, "size": size} for channel, size in keys]
        case "tiers":
            return [row for customer in range(1, count) for row in tiers_of(customer, chance)]
        case "rates":
            rows = [row_of(table, 0, chance) for _ in range(2 * count)]
            return list({(row["channel"], row["size"], row["since"]): row for row in rows}.values())
    return [row_of(table, position, chance) for position in range(1, count + 1)]


def tiers_of(customer: int, chance: random.Random) -> Iterator[ref.Row]:
    """Yield a few spans that do not overlap; where the last has no end, it still holds."""
    bounds = sorted({some_moment(chance) for _ in range(chance.choice([2, 4, 4, 6]))})
    for since, until in zip(bounds[::2], [*bounds[1::2], None], strict=False):
        row = row_of("tiers", 0, chance)
        last = since == bounds[::2][-1] and chance.random() < 0.5
        yield {**row, "customer_id": customer, "since": since, "until": None if last else until}


MUST = ("payer", "region", "tiered")


def counts(most: int) -> st.SearchStrategy[int]:
    """Return how many rows: none now and then, and often many."""
    return st.integers(0, most) | st.integers(most // 2, most) | st.integers(most // 2, most)


FLAWS = [*[""] * 14, "twice", "required", *tried("as_of", "overlap")]


@st.composite
def datasets(draw: st.DrawFn) -> dict[str, ref.Dataset]:
    """The cells come from a seed, which is faster, and the first rows stay the same when there are fewer."""
    number = draw(st.integers(0, 2**32))
    flaw = draw(st.sampled_from(FLAWS))
    zone = draw(st.sampled_from(["UTC", *tried("calendars", None, *ZONES)]))
    valid = draw(st.sampled_from([("day", "ended"), ("at", "over")]))
    at = draw(st.sampled_from([None, None, ("day",), ("at",), ("local_day",)]))
    found = {}
    for name in NEEDED:
        chance = random.Random(f"{name} {number}")
        rows = rows_of(name, chance, draw(counts(MOST.get(name, 6))))
        if flaw == "twice" and name in PRIMARY_KEYS and rows and chance.random() < 0.5:
            rows.append({**row_of(name, 0, chance), **{key: rows[0][key] for key in PRIMARY_KEYS[name]}})
        links = LINKS.get(name, {})
        if flaw == "required":
            links = {way: replace(link, required=way in MUST) for way, link in links.items()}
        if name == "orders" and at is not None:
            links = {way: replace(link, at=at) if link.at else link for way, link in links.items()}
        if flaw == "overlap" and name == "tiers" and rows:
            rows.append({**rows[0], "since": rows[0]["since"] + timedelta(minutes=1)})
        found[name] = ref.Dataset(
            name=name,
            columns=COLUMNS[name],
            rows=rows,
            links=links,
            fields=FIELDS.get(name, {}),
            zone=zone if name == "orders" else None,
            valid=valid if name == "contracts" else None,
            time_grain="month" if name == "budget" else None,
        )
    return found


# --- expressions


def perhaps(strategy: st.SearchStrategy[Said]) -> st.SearchStrategy[Said | None]:
    """Return it half of the time, which `none() | strategy` is not if that is one of many."""
    return st.booleans().flatmap(lambda yes: strategy if yes else st.none())


def column(*path: str) -> Field:
    return Field(path)


days = st.integers(-400, 60).map(lambda n: DAY_ZERO + timedelta(days=n))
OF_ALL = [column("amount"), column("customer", "score")]
NUMBERS = {
    "orders": [
        *map(column, ["qty", "amount", "rate", "net"]),
        column("customer", "score"),
        column("payer", "score"),
        column("place", "weight"),
        *tried("as_of", column("tiered", "factor"), column("rated", "factor")),
    ],
    "refunds": [*OF_ALL, *tried("as_of", column("rated", "factor"))],
    "contracts": OF_ALL,
    "budget": OF_ALL,
}
OF_ALL_ENTITIES = [column("customer_id"), column("channel")]
ENTITIES = {
    "orders": [*OF_ALL_ENTITIES, column("payer_id"), column("customer", "region", "country")],
    "refunds": OF_ALL_ENTITIES,
    "contracts": OF_ALL_ENTITIES,
    "budget": OF_ALL_ENTITIES,
}
TEXTS = [column("channel"), column("customer", "segment"), column("customer", "region", "country")]
OF_TIERS = tried("as_of", column("tiered", "tier"))
signs = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])
constants = st.sampled_from([Fixed(0), Fixed(1), Fixed(2), Fixed(Decimal("0.5")), Fixed(Decimal("1.25"))])


@cache
def conditions(table: str, depth: int = 1) -> st.SearchStrategy[Said]:
    number = st.sampled_from(NUMBERS[table])
    text = st.sampled_from([*TEXTS, *(OF_TIERS if table == "orders" else [])])
    simple = [
        st.builds(Compared, signs, number, constants),
        st.builds(Compared, st.sampled_from(["=", "<>"]), text, st.sampled_from([*CHANNELS, "new", "DE"]).map(Fixed)),
        st.builds(Among, text, st.lists(st.sampled_from([*CHANNELS, "old", "FR"]), min_size=1, max_size=3).map(tuple)),
        st.builds(Missing, number | text),
        st.builds(Compared, signs, st.just(column("day")), days.map(Fixed)),
        st.builds(Compared, signs, st.just(column("customer", "since")), st.just(column("day"))),
    ]  # fmt: skip
    if table == "orders":
        simple += [
            st.just(column("paid")),
            st.builds(Compared, signs, st.just(DayOf(column("at"))), days.map(Fixed)),
            st.builds(Compared, signs, st.just(DayOf(column("moment"))), days.map(Fixed)),
            st.builds(
                Compared, signs, st.sampled_from([column("at"), column("moment")]),
                days.map(lambda day: Fixed(datetime(day.year, day.month, day.day, 6))),
            ),
        ]  # fmt: skip
    if depth == 0:
        return st.one_of(simple)
    part = conditions(table, depth - 1)
    return st.one_of(
        *simple, st.builds(Both, part, part), st.builds(Either, part, part), st.builds(Unless, part)
    )


@cache
def row_numbers(table: str) -> st.SearchStrategy[Said]:
    number = st.sampled_from(NUMBERS[table])
    return st.one_of(
        number,
        st.builds(Calculated, st.sampled_from("+-*"), number, number | constants),
        st.builds(Calculated, st.just("/"), number, number),
        st.builds(Chosen, conditions(table, 0), number, number | st.just(Fixed(None))),
        st.builds(FirstOf, st.tuples(number, number | constants)),
        st.builds(Extreme, st.sampled_from(["greatest", "least"]), st.tuples(number, number | constants)),
    )


functions = st.sampled_from(
    ["sum", "sum", "sum", "avg", "min", "max", "count", "median", "stddev", "variance"]
)


@cache
def aggregates(table: str) -> st.SearchStrategy[Aggregated]:
    kept = perhaps(conditions(table, 0))
    number = row_numbers(table)
    return st.one_of(
        st.builds(Aggregated, functions, number, condition=kept),
        st.builds(Aggregated, st.just("sum"), number),
        st.builds(Aggregated, st.just("count"), st.none(), condition=kept),
        st.builds(Aggregated, st.just("count"), st.sampled_from(ENTITIES[table]), st.just(True), condition=kept),
        st.builds(
            Aggregated, st.just("percentile"), number,
            fraction=st.sampled_from(["0", "0.25", "0.9", "1"]).map(Decimal), condition=kept,
        ),
        st.builds(
            Aggregated, functions.filter(lambda name: name != "count"), inner_aggregates(table),
            condition=kept, entity=st.sampled_from(ENTITIES[table]),
        ),
    )  # fmt: skip


@cache
def inner_aggregates(table: str) -> st.SearchStrategy[Said]:
    plain = st.builds(
        Aggregated, st.sampled_from(["sum", "count", "max", "avg"]), st.sampled_from(NUMBERS[table])
    )
    one = plain | st.builds(Aggregated, st.just("count"), st.none(), condition=perhaps(conditions(table, 0)))
    many = st.builds(Compared, signs, one, constants)
    return st.one_of(
        one,
        st.builds(Calculated, st.sampled_from("+-/"), one, one | constants),
        st.builds(Chosen, many, st.just(Fixed(1)), st.just(Fixed(0)) | one),
    )


amounts = st.integers(1, 3)
units = st.sampled_from(["day", "week", "month", "quarter", "year"])
OFFSETS = [
    (1, "period"),
    (2, "period"),
    (1, "year"),
    (1, "week"),
    (7, "days"),
    (3, "months"),
    (12, "months"),
    (1, "quarter"),
    *tried("calendars", (1, "fiscal_year"), (2, "fiscal_month"), (1, "fiscal_quarter")),
]
FISCAL = tried("calendars", "fiscal_year", "fiscal_quarter", "fiscal_month")
WINDOWS = [
    (1, "day"),
    (7, "days"),
    (28, "days"),
    (2, "weeks"),
    (1, "month"),
    (3, "months"),
    (1, "year"),
    (400, "days"),
]


def forms(inner: st.SearchStrategy[Said]) -> st.SearchStrategy[Said]:
    """Return the forms that map intervals."""
    return st.one_of(
        st.builds(
            lambda x, by: Previous(x, *by), inner, st.sampled_from(OFFSETS) | st.tuples(amounts, units)
        ),
        st.builds(lambda x, by: Rolling(x, *by), inner, st.sampled_from(WINDOWS)),
        st.builds(ToDate, inner, st.sampled_from(["year", "year", "quarter", "month", "week", *FISCAL])),
        st.builds(Cumulative, inner),
    )


def averages(inner: st.SearchStrategy[Said]) -> st.SearchStrategy[Said]:
    return st.builds(
        AverageOver, inner, st.sampled_from(["day", "day", "day", "week", "month", "quarter", *FISCAL])
    )


@cache
def plain(leaf: st.SearchStrategy[Said]) -> st.SearchStrategy[Said]:
    """Return what may stand where no time form may."""
    return st.one_of(
        leaf,
        leaf,
        st.builds(Calculated, st.sampled_from("+-/"), leaf, leaf),
        st.builds(FirstOf, st.tuples(leaf, st.just(Fixed(0)))),
    )


def closings(inner: st.SearchStrategy[Said], entities: Sequence[Field] = ()) -> st.SearchStrategy[Said]:
    """Return balances of what has no time form inside."""
    entity = st.none() if not entities else st.none() | st.sampled_from(list(entities))
    return st.builds(Closing, inner, entity) | st.builds(Opening, inner, entity)


@cache
def values(
    leaf: st.SearchStrategy[Said], shares: tuple[str, ...] = (), depth: int = 2
) -> st.SearchStrategy[Said]:
    """Return expressions over leaves; `shares`: the dimensions that may be left free."""
    if depth == 0:
        return leaf
    part = values(leaf, shares, depth - 1)
    return st.one_of(
        leaf,
        forms(part),
        *tried("average_over", averages(part)),
        *tried("share", *([st.builds(Share, part, st.sampled_from(shares))] if shares else [])),
        st.builds(Calculated, st.sampled_from("+-/"), part, part),
        st.builds(Calculated, st.just("*"), part, constants),
        st.builds(Calculated, st.just("/"), part, st.just(DayCount())),
        st.builds(FirstOf, st.tuples(part, st.just(Fixed(0)))),
        st.builds(Chosen, st.builds(Compared, signs, leaf, constants), part, part | st.just(Fixed(None))),
    )


# --- KPIs

NAMES = ("one", "two", "three")
times = st.sampled_from([("day",), ("at",), ("moment",), ("local_day",), ("since",), ("customer", "since")])
wheres = {table: perhaps(conditions(table)) for table in dict.fromkeys(TABLES)}
SHARED = tuple(DIMENSIONS)


@cache
def balances(table: str) -> st.SearchStrategy[Said]:
    own = plain(aggregates(table))
    return closings(own) if table == "contracts" else closings(own, ENTITIES[table])


@cache
def expressions(table: str, timed: bool = True) -> st.SearchStrategy[Said]:
    """Return expressions over a table; without a time its rows only count as they stand."""
    if not timed:
        standing = [balances(table)] * 2
        return values(
            st.one_of(*standing, *tried("average_over", averages(values(aggregates(table), (), 1))))
        )
    if "closing" in FORMS:
        return st.one_of(
            values(aggregates(table), SHARED),
            values(balances(table), SHARED),
            values(aggregates(table) | balances(table), SHARED, 1),
        )
    return values(aggregates(table), SHARED)


@st.composite
def usual_kpis(draw: st.DrawFn, name: str) -> ref.Kpi:
    table = draw(st.sampled_from(TABLES))
    timed = table != "contracts" or draw(st.booleans())
    kpi = ref.Kpi(
        name=name,
        expression=draw(expressions(table, timed)),
        dimensions=OF_ORDERS if table == "orders" else DIMENSIONS,
        dataset=table,
        time=draw(time_of(table)) if timed else (),
        where=draw(wheres[table]),
        grain="month" if table == "budget" else "day",
    )
    if "revisions" in FORMS and table in ("orders", "refunds") and draw(st.booleans()):
        kpi = replace(kpi, dimensions=DIMENSIONS, revisions=draw(rules(table)))
    return kpi


def time_of(table: str) -> st.SearchStrategy[tuple[str, ...]]:
    match table:
        case "orders":
            return times
        case "contracts":
            return st.sampled_from([("day",), ("at",), ("over",)])
    return st.just(("day",))


untils = st.integers(-60, 90).map(lambda n: DAY_ZERO + timedelta(days=n)) | st.sampled_from(
    [date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)]
)


@st.composite
def rules(draw: st.DrawFn, table: str) -> tuple[Rule, ...]:
    found = draw(st.lists(untils, min_size=1, max_size=2, unique=True))
    return tuple(draw(rule_of(until, table)) for until in sorted(found))


@st.composite
def rule_of(draw: st.DrawFn, until: date, table: str) -> Rule:
    """Return a rule that replaces one thing, or all that depends on the dataset."""
    match draw(st.sampled_from(["expression", "where", "time", "dataset"])):
        case "expression":
            return Rule(until, expression=draw(expressions(table)))
        case "where":
            return Rule(until, where=draw(conditions(table)))
        case "time":
            return Rule(until, time=draw(time_of(table)))
    other = "refunds" if table == "orders" else "orders"
    return Rule(
        until,
        expression=draw(expressions(other)),
        where=draw(conditions(other)),
        dataset=other,
        time=draw(time_of(other)),
    )


AGES = [
    ((0, "days"), (12, "months")),
    ((0, "days"), (1, "month")),
    ((0, "days"), (90, "days")),
    ((30, "days"), (31, "days")),
    ((1, "week"), (1, "quarter")),
]
of_customers = st.one_of(
    st.none(),
    st.builds(Compared, signs, st.just(column("customer", "score")), constants),
    st.builds(Missing, st.just(column("customer", "region", "country"))),
    st.builds(Compared, st.just("="), st.just(column("customer", "segment")), st.just(Fixed("new"))),
)


@st.composite
def cohort_kpis(draw: st.DrawFn, name: str) -> ref.Kpi:
    """Return a KPI over customers by their age, or over what a row says of itself."""
    table = draw(st.sampled_from(["orders", "orders", "refunds"]))
    since, until = draw(st.sampled_from(AGES))
    cohort = Cohort("customer_id", ("customer", "since"), since, until, draw(of_customers))
    dimensions = OF_CUSTOMERS
    if draw(st.integers(0, 3)) == 0:
        own = draw(perhaps(conditions(table, 0)))
        cohort = Cohort("channel", ("day",), since, until, own)
        dimensions = DIMENSIONS
    leaf = aggregates(table) | st.just(CohortSize())
    said = values(leaf, tuple(dimensions), 1) | plain(leaf)
    revisions: tuple[Rule, ...] = ()
    if "revisions" in FORMS and draw(st.integers(0, 3)) == 0:
        revisions = (Rule(draw(untils), draw(said), draw(perhaps(conditions(table)))),)
    return ref.Kpi(
        name=name,
        expression=draw(said),
        dimensions=dimensions,
        dataset=table,
        time=draw(time_of(table)),
        where=draw(wheres[table]),
        cohort=cohort,
        revisions=revisions,
    )


@cache
def stages(own: str) -> st.SearchStrategy[Stage]:
    other = "refunds" if own == "orders" else "orders"
    time = st.none() | st.none() | time_of(own)
    return st.builds(Stage, perhaps(conditions(own, 0)), st.none(), time) | st.builds(
        Stage,
        perhaps(conditions(other, 0)),
        st.just(other),
        time_of(other),
        st.none() | st.just(("customer_id",)),
    )


@st.composite
def funnel_kpis(draw: st.DrawFn, name: str) -> ref.Kpi:
    table = draw(st.sampled_from(["orders", "orders", "refunds"]))
    first = Stage(draw(perhaps(conditions(table, 0))))
    others = draw(st.lists(stages(table), min_size=1, max_size=2))
    within = draw(st.sampled_from([(7, "days"), (1, "day"), (36, "hours"), (1, "month"), (200, "days")]))
    leaf = st.integers(1, 1 + len(others)).map(Step)
    return ref.Kpi(
        name=name,
        expression=draw(values(leaf, SHARED, 1) | plain(leaf)),
        dimensions=DIMENSIONS,
        dataset=table,
        time=draw(time_of(table)),
        where=draw(wheres[table]),
        funnel=Funnel(
            draw(st.sampled_from([("customer_id",), ("channel",)]))
            if all(step.dataset is None or step.entity is None for step in others)
            else ("customer_id",),
            within,
            (first, *others),
        ),
    )


def is_plain(kpi: ref.Kpi) -> bool:
    """Say whether it may be closed: no time form within, in no rule, and rows of a time."""
    said = [kpi.expression, *(rule.expression for rule in kpi.revisions)]
    return kpi.cohort is None and kpi.funnel is None and not any(map(has_forms, said))


def has_forms(node: Said) -> bool:
    named = (
        Previous
        | Rolling
        | ToDate
        | Cumulative
        | Closing
        | Opening
        | AverageOver
        | Share
        | DayCount
        | Referred
    )
    return isinstance(node, named) or any(map(has_forms, ref.parts_of(node)))


@cache
def referring(
    names: tuple[str, ...], balanced: tuple[str, ...], shares: tuple[str, ...]
) -> st.SearchStrategy[Said]:
    """Return expressions over KPIs; those that are `balanced` may be closed."""
    leaf = st.sampled_from(names).map(Referred)
    if not balanced or "closing" not in FORMS:
        return values(leaf, shares)
    return values(leaf, shares) | values(
        leaf | closings(plain(st.sampled_from(balanced).map(Referred))), shares, 1
    )


KINDS = [
    *[usual_kpis] * 4,
    *tried("cohort", cohort_kpis, cohort_kpis),
    *tried("funnel", funnel_kpis, funnel_kpis),
]


@st.composite
def kpis(draw: st.DrawFn) -> dict[str, ref.Kpi]:
    found: dict[str, ref.Kpi] = {}
    for name in NAMES[: draw(st.integers(1, 3))]:
        found[name] = draw(draw(st.sampled_from(KINDS))(name))
    if draw(st.booleans()):
        shared = tuple(name for name in DIMENSIONS if all(name in kpi.dimensions for kpi in found.values()))
        made = referring(tuple(found), tuple(name for name in found if is_plain(found[name])), shared)
        revisions: tuple[Rule, ...] = ()
        if "revisions" in FORMS and draw(st.integers(0, 3)) == 0:
            revisions = (Rule(draw(untils), expression=draw(made)),)
        grain = "month" if any(kpi.grain == "month" for kpi in found.values()) else "day"
        found["made"] = ref.Kpi(
            name="made",
            expression=draw(made),
            dimensions=dict.fromkeys(shared, ()),
            grain=grain,
            revisions=revisions,
        )
    return found


# --- calendars


@st.composite
def calendars(draw: st.DrawFn) -> ref.Calendar:
    zone = draw(st.sampled_from(ZONES))
    if "calendars" not in FORMS:
        return ref.Calendar(zone)
    week_start = draw(st.sampled_from([0, 0, 6, 5, 2]))
    if draw(st.booleans()):
        return ref.Calendar(zone, week_start, draw(st.sampled_from([1, 2, 4, 10, 12])))
    pattern = draw(st.sampled_from([(4, 4, 5), (4, 5, 4), (5, 4, 4)]))
    retail = ref.RetailYear(pattern, draw(st.sampled_from([5, 6, 4, 0])), draw(st.sampled_from([1, 12, 6])))
    return ref.Calendar(zone, week_start, retail=retail)


# --- questions


sliced = st.sampled_from([column("channel"), column("customer.segment"), column("country")])
one_filter = st.one_of(
    st.builds(Compared, st.sampled_from(["=", "<>"]), sliced, st.sampled_from([*CHANNELS, "new", "FR"]).map(Fixed)),
    st.builds(Among, sliced, st.lists(st.sampled_from([*CHANNELS, "old", "DE"]), min_size=1, max_size=3).map(tuple)),
    st.builds(Missing, sliced | st.just(column("size"))),
    st.builds(Compared, signs, st.just(column("size")), st.sampled_from([Fixed(0), Fixed(1)])),
)  # fmt: skip
filters = perhaps(
    st.one_of(
        one_filter,
        st.builds(Unless, one_filter),
        st.builds(Either, one_filter, one_filter),
        st.builds(Both, one_filter, one_filter),
    )
)


LENGTHS = {"day": 8, "week": 40, "month": 130, "quarter": 400, "year": 800, "all": 100}
GRAINS = ["day", "week", "month", "month", "quarter", "year", "all"]


def grains_of(known: dict[str, ref.Kpi], calendar: ref.Calendar) -> list[str]:
    """Return grains that are worth asking: no week that a retail year would cut, budgets seldom by day."""
    found = [*GRAINS, *FISCAL]
    if calendar.retail is not None and calendar.week_start != (calendar.retail.weekday + 1) % 7:
        found.remove("week")
    if any(kpi.grain == "month" for kpi in known.values()):
        found += ["month", "quarter", "year"] * 4
    return found


@st.composite
def questions(draw: st.DrawFn, known: dict[str, ref.Kpi], calendar: ref.Calendar) -> ref.Question:
    names = draw(st.lists(st.sampled_from(list(known)), min_size=1, max_size=3, unique=True))
    if "made" in known and "made" not in names:
        names.append("made")
    grain = draw(st.sampled_from(grains_of(known, calendar)))
    length = LENGTHS[grain.removeprefix("fiscal_")]
    change = draw(st.none() | st.sampled_from([None, None, None, None, *CLOCK_CHANGES]))
    first = (change or DAY_ZERO) + timedelta(
        days=draw(st.integers(-40, 20) if change is None else st.integers(-2, 0))
    )
    end = first + timedelta(days=draw(st.integers(1, length)))
    middle = first + (end - first) / 2
    as_of = draw(
        st.sampled_from(
            [
                *[datetime(2030, 1, 1)] * 3,
                datetime.combine(end, time()),
                datetime.combine(middle, time()),
                datetime.combine(middle, time()) + timedelta(hours=15),
                datetime.combine(middle, time()) + timedelta(hours=9, minutes=30),
                *(
                    []
                    if change is None
                    else [datetime.combine(change, time(hour, 30)) for hour in (0, 1, 2, 3)]
                ),
            ]
        )
    )
    shared = sorted(set.intersection(*(set(known[name].dimensions) for name in names)))
    by = draw(st.lists(st.sampled_from(shared), max_size=2, unique=True))
    where = draw(filters)
    if where is not None and not all(name in shared for (name,) in ref.paths_in(where)):
        where = None
    return ref.Question(tuple(names), grain, first, end, as_of, tuple(by), where)


@st.composite
def cases(draw: st.DrawFn) -> tuple[ref.Project, ref.Question]:
    known, calendar = draw(kpis()), draw(calendars())
    return ref.Project(draw(datasets()), known, calendar), draw(questions(known, calendar))


# --- both ways


def as_yaml(found: ref.Kpi) -> str:
    keys = {
        "dimensions": f"[{', '.join(dimension(name, way) for name, way in found.dimensions.items())}]",
        "grain": found.grain,
    }
    if found.dataset is not None:
        keys["dataset"] = found.dataset
    if found.time:
        keys["time"] = ".".join(found.time)
    if found.where is not None:
        keys["where"] = quoted(written(found.where))
    if found.revisions:
        keys["revisions"] = json.dumps([{**told(rule), "reason": "why"} for rule in found.revisions])
    if found.cohort is not None:
        cohort = told(found.cohort)
        since, until = cohort.pop("age_from"), cohort.pop("age_to")
        keys["cohort"] = json.dumps(
            {**cohort, "age": until if since == "0 days" else {"from": since, "to": until}}
        )
    if found.funnel is not None:
        steps = [told(step) for step in found.funnel.steps]
        keys["funnel"] = json.dumps({**told(replace(found.funnel, steps=())), "steps": steps})
    return kpi(found.name, quoted(written(found.expression)), **keys)


def told(declared: Any) -> dict[str, Any]:
    """Return what a declaration says, as text: paths, durations, days and expressions."""
    found: dict[str, Any] = {}
    for part in fields(declared):
        match getattr(declared, part.name):
            case None | ():
                continue
            case str(text):
                found[part.name] = text
            case date() as day:
                found[part.name] = day.isoformat()
            case (int(amount), str(unit)):
                found[part.name] = f"{amount} {unit}"
            case tuple() as path:
                found[part.name] = ".".join(path)
            case node:
                found[part.name] = written(node)
    return found


def dimension(name: str, way: Sequence[str]) -> str:
    path = ".".join(way)
    return name if path in ("", name) else f"{{{name}: {path}}}"


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def dataset_as_yaml(found: ref.Dataset) -> str:
    keys: dict[str, Any] = {"kind": "dataset", "name": found.name, "source": found.name}
    if found.name in PRIMARY_KEYS:
        keys["primary_key"] = PRIMARY_KEYS[found.name]
    elif found.valid is None:
        keys["time"] = "day"
    if found.valid is not None:
        keys["valid"] = dict(zip(("from", "to"), found.valid, strict=True))
    if found.time_grain is not None:
        keys["time_grain"] = found.time_grain
    if found.zone is not None:
        keys["timezone"] = found.zone
    if found.fields:
        keys["fields"] = {name: written(node) for name, node in found.fields.items()}
    if found.links:
        keys["relationships"] = {name: link_as_yaml(link) for name, link in found.links.items()}
    return "\n".join(f"{key}: {json.dumps(said)}" for key, said in keys.items())


def link_as_yaml(link: Link) -> dict[str, Any]:
    """Return a relationship; the dataset's own time need not be said."""
    said: dict[str, Any] = {"to": link.to, "keys": dict(link.keys)}
    if link.required:
        said["required"] = True
    if link.valid_from is not None:
        at = {} if link.at == ("day",) else {"at": ".".join(link.at)}
        until = {} if link.valid_to is None else {"valid_to": link.valid_to}
        said["as_of"] = {**at, "valid_from": link.valid_from, **until}
    return said


def calendar_as_yaml(calendar: ref.Calendar) -> str:
    said: dict[str, Any] = {"timezone": calendar.zone, "week_start": WEEKDAYS[calendar.week_start]}
    if calendar.retail is None:
        said["fiscal_year_start"] = calendar.fiscal_year_start
    else:
        last = f"last {WEEKDAYS[calendar.retail.weekday]} of {MONTHS[calendar.retail.month]}"
        said["fiscal"] = {"pattern": "-".join(map(str, calendar.retail.pattern)), "ends": last}
    return json.dumps(said)


WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
MONTHS = {1: "january", 6: "june", 12: "december"}


def stored(cell: Any, kind: str) -> Any:
    return cell.replace(tzinfo=UTC) if kind == "TIMESTAMPTZ" and cell is not None else cell


def warehouse(project: ref.Project) -> Warehouse:
    return Warehouse(
        {
            name: (
                ", ".join(f"{column} {kind}" for column, kind in dataset.columns.items()),
                [tuple(stored(row[c], kind) for c, kind in dataset.columns.items()) for row in dataset.rows],
            )
            for name, dataset in project.datasets.items()
        }
    )


def answers_of_the_product(
    project: ref.Project, asked: ref.Question, ranked: bool
) -> dict[tuple[str, str, ref.Slice], Any]:
    texts = [*map(dataset_as_yaml, project.datasets.values()), *map(as_yaml, project.kpis.values())]
    with warehouse(project) as tables:
        catalog = tables.catalog
        resolved = sound(
            resolve.resolve(documents(*texts, calendar=calendar_as_yaml(project.calendar)), catalog)
        )
        put = question(
            resolved,
            asked.kpis,
            asked.first,
            asked.end,
            grain=asked.grain,
            as_of=asked.as_of,
            by=asked.by,
            where=None if asked.where is None else written(asked.where),
        )
        found = tables.observe(planned(resolved, put, catalog), ranked=ranked)
    return {(o.kpi, o.period.name, tuple(value for _, value in o.slice)): o.value for o in found}


def same(ours: Decimal | None, theirs: Any, exact: bool = True) -> bool:
    """Say whether a value is the oracle's: decimals to the last digit, doubles to 1e-9."""
    if ours is None or theirs is None:
        return ours is theirs
    if exact and not isinstance(theirs, float):
        return bool(ours == theirs)
    return math.isclose(ours, theirs, rel_tol=1e-9, abs_tol=1e-9)


def is_exact(node: Said, project: ref.Project) -> bool:
    """Say whether no part is a double, which makes doubles of the decimals beside it, as in `case`."""
    match node:
        case Referred(name):
            found = project.kpis[name]
            said = [found.expression, *(rule.expression for rule in found.revisions)]
            return all(is_exact(part, project) for part in said)
        case Calculated("/") | AverageOver() | Share():
            return False
        case Aggregated("avg" | "median" | "percentile" | "stddev" | "variance"):
            return False
    return all(is_exact(part, project) for part in ref.parts_of(node))


def assert_refused(project: ref.Project, asked: ref.Question, ranked: bool, broken: Broken) -> None:
    """Broken data gives no number: an error with the same codes, or nothing where there is no slice."""
    try:
        ours = answers_of_the_product(project, asked, ranked)
    except BrokenData as refusal:
        found = {finding.code for finding in refusal.diagnostics}
    else:
        assert ours == {}
        found = causes(broken.codes) if broken.empty else set()
    assert found == causes(broken.codes)
    assert found == causes(found)


def causes(codes: Collection[str]) -> set[str]:
    """Return what is told of broken data: last rows only where no partner may have doubled them."""
    others = set(codes) - {"last-row-not-unique"}
    return others or set(codes)


def check(project: ref.Project, asked: ref.Question, ranked: bool) -> None:
    for found in project.kpis.values():
        note(as_yaml(found))
    note(f"{asked} of {project.calendar}")
    try:
        theirs = ref.answers(project, asked)
    except Meaningless:
        with pytest.raises(Unanswerable):
            answers_of_the_product(project, asked, ranked)
        return
    except Broken as broken:
        assert_refused(project, asked, ranked, broken)
        return
    ours = answers_of_the_product(project, asked, ranked)

    assert set(ours) == set(theirs)
    exact = {name: is_exact(Referred(name), project) for name in project.kpis}
    different = {
        key: (ours[key], theirs[key]) for key in ours if not same(ours[key], theirs[key], exact[key[0]])
    }
    assert not different


EXAMPLES = int(os.environ.get("KPI_EXAMPLES", "150"))
SEED = int(os.environ.get("KPI_SEED", random.SystemRandom().randrange(10**9)))
AT_ONCE = 10
"""After ten examples hypothesis would mostly vary those that it has; here it begins anew."""

usual = settings(
    deadline=None,
    database=None,
    max_examples=AT_ONCE,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def agree(number: int) -> None:
    @seed(number)
    @given(cases(), st.booleans())
    @usual
    def they_agree(case: tuple[ref.Project, ref.Question], ranked: bool) -> None:
        check(*case, ranked)

    they_agree()


@pytest.mark.parametrize("number", range(EXAMPLES * 2 // 3 // AT_ONCE))
def test_the_product_and_the_oracle_agree(number: int) -> None:
    agree(number)


@pytest.mark.parametrize("number", range(EXAMPLES // 3 // AT_ONCE))
def test_they_agree_on_what_nobody_has_seen_before(number: int) -> None:
    """Run it again with KPI_SEED."""
    note_of_seed = f"KPI_SEED={SEED}"
    try:
        agree(SEED + number)
    except AssertionError as error:
        error.add_note(note_of_seed)
        raise
