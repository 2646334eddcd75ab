"""Random projects, random data, random questions: the product and a slow oracle give the same values."""

import math
import os
import random
from collections.abc import Callable, Sequence
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
from projects import Warehouse, documents, kpi, planned, question, sound
from reference import (
    Aggregated,
    Among,
    Both,
    Calculated,
    Chosen,
    Compared,
    Cumulative,
    DayCount,
    DayOf,
    Either,
    Extreme,
    Field,
    FirstOf,
    Fixed,
    Meaningless,
    Missing,
    Previous,
    Referred,
    Rolling,
    Said,
    ToDate,
    Unless,
    written,
)

# --- the world: orders and returns, of customers who live in regions

DAY_ZERO = date(2026, 1, 26)
CHANNELS = ["online", "store", "it's", ""]
COLUMNS = {
    "regions": {"id": "BIGINT", "country": "VARCHAR"},
    "customers": {"id": "BIGINT", "segment": "VARCHAR", "region_id": "BIGINT", "since": "DATE", "score": "BIGINT"},
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
}  # fmt: skip
LINKS = {
    "regions": {},
    "customers": {"region": ("regions", "region_id", "id")},
    "orders": {"customer": ("customers", "customer_id", "id"), "payer": ("customers", "payer_id", "id")},
    "refunds": {"customer": ("customers", "customer_id", "id")},
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
OF_ORDERS = {**DIMENSIONS, "payer_country": ("payer", "region", "country"), "paid": ("paid",)}
MOST = {"regions": 3, "customers": 4, "orders": 25, "refunds": 10}
ZONES = ["UTC", "Europe/Berlin", "America/New_York"]

YAML = """
kind: dataset
name: orders
source: orders
time: day
timezone: UTC
fields:
  net: qty * amount - rate
  local_day: cast(moment as date)
  since: coalesce(customer.since, day)
relationships:
  customer: {to: customers, keys: {customer_id: id}}
  payer: {to: customers, keys: {payer_id: id}}
---
kind: dataset
name: refunds
source: refunds
time: day
relationships:
  customer: {to: customers, keys: {customer_id: id}}
---
kind: dataset
name: customers
source: customers
primary_key: [id]
relationships:
  region: {to: regions, keys: {region_id: id}}
---
kind: dataset
name: regions
source: regions
primary_key: [id]
"""


def some_day(chance: random.Random) -> date:
    return DAY_ZERO + timedelta(days=chance.choice([chance.randint(-400, 60), chance.randint(-20, 20)]))


def some_moment(chance: random.Random) -> datetime:
    return datetime.combine(some_day(chance), time()) + timedelta(minutes=30 * chance.randint(0, 47))


CELLS: dict[str, Callable[[random.Random], Any]] = {
    "country": lambda chance: chance.choice(["DE", "FR"]),
    "segment": lambda chance: chance.choice(["new", "old"]),
    "region_id": lambda chance: chance.randint(1, 4),
    "since": some_day,
    "score": lambda chance: chance.randint(-5, 5),
    "day": some_day,
    "at": some_moment,
    "channel": lambda chance: chance.choice(CHANNELS),
    "size": lambda chance: chance.randint(-1, 2),
    "paid": lambda chance: chance.choice([True, False]),
    "qty": lambda chance: chance.randint(-3, 9),
    "amount": lambda chance: Decimal(chance.randint(-3000, 9000)) / 100,
    "rate": lambda chance: Decimal(chance.randint(-500, 2000)) / 1000,
    "customer_id": lambda chance: chance.randint(1, 5),
    "payer_id": lambda chance: chance.randint(1, 5),
}
"""What a cell holds where it is not null, which about every fifth is."""


def row_of(table: str, number: int, chance: random.Random) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name in COLUMNS[table]:
        match name:
            case "id":
                row[name] = number
            case "moment":
                row[name] = row["at"]
            case _:
                row[name] = CELLS[name](chance) if chance.random() < 0.8 else None
    return row


@st.composite
def datasets(draw: st.DrawFn) -> dict[str, ref.Dataset]:
    """The cells come from a seed, which is faster, and the first rows stay the same when there are fewer."""
    number = draw(st.integers(0, 2**32))
    found = {}
    for name, columns in COLUMNS.items():
        chance = random.Random(f"{name} {number}")
        count = draw(st.integers(0, MOST[name]))
        rows = [row_of(name, position, chance) for position in range(1, count + 1)]
        found[name] = ref.Dataset(name, columns, rows, LINKS[name], FIELDS.get(name, {}))
    return found


# --- expressions


def column(*path: str) -> Field:
    return Field(path)


days = st.integers(-400, 60).map(lambda n: DAY_ZERO + timedelta(days=n))
NUMBERS = {
    "orders": [*map(column, ["qty", "amount", "rate", "net"]), column("customer", "score"), column("payer", "score")],
    "refunds": [column("amount"), column("customer", "score")],
}  # fmt: skip
ENTITIES = {
    "orders": [
        column("customer_id"),
        column("payer_id"),
        column("channel"),
        column("customer", "region", "country"),
    ],
    "refunds": [column("customer_id"), column("channel")],
}
signs = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])
constants = st.sampled_from([Fixed(0), Fixed(1), Fixed(2), Fixed(Decimal("0.5")), Fixed(Decimal("1.25"))])


@cache
def conditions(table: str, depth: int = 1) -> st.SearchStrategy[Said]:
    number = st.sampled_from(NUMBERS[table])
    text = st.sampled_from(
        [column("channel"), column("customer", "segment"), column("customer", "region", "country")]
    )
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
    kept = st.none() | conditions(table, 0)
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
    one = plain | st.builds(
        Aggregated, st.just("count"), st.none(), condition=st.none() | conditions(table, 0)
    )
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
]
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
    return st.one_of(
        st.builds(
            lambda x, by: Previous(x, *by), inner, st.sampled_from(OFFSETS) | st.tuples(amounts, units)
        ),
        st.builds(lambda x, by: Rolling(x, *by), inner, st.sampled_from(WINDOWS)),
        st.builds(ToDate, inner, st.sampled_from(["year", "year", "quarter", "month", "week"])),
        st.builds(Cumulative, inner),
    )


@cache
def values(leaf: st.SearchStrategy[Said], depth: int = 2) -> st.SearchStrategy[Said]:
    if depth == 0:
        return leaf
    part = values(leaf, depth - 1)
    return st.one_of(
        leaf,
        forms(part),
        st.builds(Calculated, st.sampled_from("+-/"), part, part),
        st.builds(Calculated, st.just("*"), part, constants),
        st.builds(Calculated, st.just("/"), part, st.just(DayCount())),
        st.builds(FirstOf, st.tuples(part, st.just(Fixed(0)))),
        st.builds(Chosen, st.builds(Compared, signs, leaf, constants), part, part | st.just(Fixed(None))),
    )


NAMES = ("one", "two", "three")
tables = st.sampled_from(["orders", "orders", "refunds"])
times = st.sampled_from([("day",), ("at",), ("moment",), ("local_day",), ("since",), ("customer", "since")])
wheres = {table: st.none() | conditions(table) for table in ("orders", "refunds")}


@cache
def referring(names: tuple[str, ...]) -> st.SearchStrategy[Said]:
    return values(st.sampled_from(names).map(Referred))


@st.composite
def kpis(draw: st.DrawFn) -> dict[str, ref.Kpi]:
    found: dict[str, ref.Kpi] = {}
    for name in NAMES[: draw(st.integers(1, 3))]:
        table = draw(tables)
        found[name] = ref.Kpi(
            name=name,
            expression=draw(values(aggregates(table))),
            dimensions=OF_ORDERS if table == "orders" else DIMENSIONS,
            dataset=table,
            time=draw(times) if table == "orders" else ("day",),
            where=draw(wheres[table]),
        )
    if draw(st.booleans()):
        expression = draw(referring(tuple(found)))
        found["made"] = ref.Kpi(name="made", expression=expression, dimensions=dict.fromkeys(DIMENSIONS, ()))
    return found


# --- questions


sliced = st.sampled_from([column("channel"), column("customer.segment"), column("country")])
one_filter = st.one_of(
    st.builds(Compared, st.sampled_from(["=", "<>"]), sliced, st.sampled_from([*CHANNELS, "new", "FR"]).map(Fixed)),
    st.builds(Among, sliced, st.lists(st.sampled_from([*CHANNELS, "old", "DE"]), min_size=1, max_size=3).map(tuple)),
    st.builds(Missing, sliced | st.just(column("size"))),
    st.builds(Compared, signs, st.just(column("size")), st.sampled_from([Fixed(0), Fixed(1)])),
)  # fmt: skip
filters = st.one_of(
    st.none(),
    st.none(),
    one_filter,
    st.builds(Unless, one_filter),
    st.builds(Either, one_filter, one_filter),
    st.builds(Both, one_filter, one_filter),
)


@st.composite
def questions(draw: st.DrawFn, known: dict[str, ref.Kpi]) -> ref.Question:
    names = draw(st.lists(st.sampled_from(list(known)), min_size=1, max_size=3, unique=True))
    if "made" in known and "made" not in names:
        names.append("made")
    grain = draw(st.sampled_from(["day", "week", "month", "month", "quarter", "year", "all"]))
    length = {"day": 8, "week": 40, "month": 130, "quarter": 400, "year": 800, "all": 100}[grain]
    first = DAY_ZERO + timedelta(days=draw(st.integers(-40, 20)))
    end = first + timedelta(days=draw(st.integers(1, length)))
    middle = first + (end - first) / 2
    as_of = draw(
        st.sampled_from(
            [
                datetime(2030, 1, 1),
                datetime(2030, 1, 1),
                datetime.combine(end, time()),
                datetime.combine(middle, time()),
                datetime.combine(middle, time()) + timedelta(hours=15),
                datetime.combine(middle, time()) + timedelta(hours=9, minutes=30),
            ]
        )
    )
    shared = sorted(set.intersection(*(set(known[name].dimensions) for name in names)))
    by = draw(st.lists(st.sampled_from(shared), max_size=2, unique=True))
    return ref.Question(tuple(names), grain, first, end, as_of, tuple(by), draw(filters))


@st.composite
def cases(draw: st.DrawFn) -> tuple[ref.Project, ref.Question]:
    known = draw(kpis())
    return ref.Project(draw(datasets()), known, draw(st.sampled_from(ZONES))), draw(questions(known))


# --- both ways


def as_yaml(found: ref.Kpi) -> str:
    keys = {"dimensions": f"[{', '.join(dimension(name, way) for name, way in found.dimensions.items())}]"}
    if found.dataset is not None:
        keys |= {"dataset": found.dataset, "time": ".".join(found.time)}
    if found.where is not None:
        keys["where"] = quoted(written(found.where))
    return kpi(found.name, quoted(written(found.expression)), **keys)


def dimension(name: str, way: Sequence[str]) -> str:
    path = ".".join(way)
    return name if path in ("", name) else f"{{{name}: {path}}}"


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


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
    texts = [YAML, *(as_yaml(found) for found in project.kpis.values())]
    with warehouse(project) as tables:
        catalog = tables.catalog
        resolved = sound(
            resolve.resolve(documents(*texts, calendar=f"{{timezone: {project.zone}}}"), catalog)
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


def same(ours: Decimal | None, theirs: Any) -> bool:
    """Say whether a value is the oracle's: decimals to the last digit, doubles to 1e-9."""
    if ours is None or theirs is None:
        return ours is theirs
    if isinstance(theirs, float):
        return math.isclose(ours, theirs, rel_tol=1e-9, abs_tol=1e-9)
    return ours == theirs


def check(project: ref.Project, asked: ref.Question, ranked: bool) -> None:
    for found in project.kpis.values():
        note(f"{found.name} of {found.dataset}: {written(found.expression)} where {found.where}")
    try:
        theirs = ref.answers(project, asked)
    except Meaningless:
        with pytest.raises(Unanswerable):
            answers_of_the_product(project, asked, ranked)
        return
    ours = answers_of_the_product(project, asked, ranked)

    assert set(ours) == set(theirs)
    different = {key: (ours[key], theirs[key]) for key in ours if not same(ours[key], theirs[key])}
    assert not different


EXAMPLES = int(os.environ.get("KPI_EXAMPLES", "150"))
SEED = int(os.environ.get("KPI_SEED", random.SystemRandom().randrange(10**9)))
usual = settings(deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])


@given(cases(), st.booleans())
@settings(usual, max_examples=EXAMPLES * 2 // 3, derandomize=True)
def test_the_product_and_the_oracle_agree(case: tuple[ref.Project, ref.Question], ranked: bool) -> None:
    check(*case, ranked)


@seed(SEED)
@given(cases(), st.booleans())
@settings(usual, max_examples=EXAMPLES // 3)
def test_they_agree_on_what_nobody_has_seen_before(
    case: tuple[ref.Project, ref.Question], ranked: bool
) -> None:
    """Run it again with KPI_SEED."""
    note(f"KPI_SEED={SEED}")
    check(*case, ranked)
