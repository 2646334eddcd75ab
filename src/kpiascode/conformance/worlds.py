"""Random projects, random data, random questions: shops whose every KPI the oracle knows, too."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from random import Random
from typing import Any

from kpiascode.conformance import dice
from kpiascode.conformance import reference as ref
from kpiascode.conformance.dice import Die, Draw
from kpiascode.conformance.reference import (
    Aggregated,
    Among,
    AverageOver,
    Both,
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
)

# --- the world: orders and returns, of customers who live in regions

DAY_ZERO = date(2026, 1, 26)
CHANNELS = ["online", "store", "it's", ""]
COLUMNS = {
    "regions": {"id": "BIGINT", "country": "VARCHAR"},
    "customers": {
        "id": "BIGINT",
        "segment": "VARCHAR",
        "region_id": "BIGINT",
        "since": "DATE",
        "score": "BIGINT",
    },
    "places": {"channel": "VARCHAR", "size": "BIGINT", "weight": "DECIMAL(9,3)"},
    "rates": {"channel": "VARCHAR", "size": "BIGINT", "since": "DATE", "factor": "DECIMAL(9,3)"},
    "tiers": {
        "customer_id": "BIGINT",
        "since": "TIMESTAMP",
        "until": "TIMESTAMP",
        "tier": "VARCHAR",
        "factor": "BIGINT",
    },
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
    "refunds": {
        "day": "DATE",
        "channel": "VARCHAR",
        "size": "BIGINT",
        "amount": "DECIMAL(18,2)",
        "customer_id": "BIGINT",
    },
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
    "budget": {
        "day": "DATE",
        "channel": "VARCHAR",
        "size": "BIGINT",
        "amount": "DECIMAL(18,2)",
        "customer_id": "BIGINT",
    },
}
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
        "tiered": TIERED,
        "rated": RATED,
    },
    "refunds": {"customer": CUSTOMER, "rated": RATED},
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
    "tier": ("tiered", "tier"),
}
OF_CUSTOMERS = {name: way for name, way in DIMENSIONS.items() if way[0] == "customer"}
MOST = {"regions": 3, "customers": 4, "orders": 25, "refunds": 10, "contracts": 12, "budget": 10}
TABLES = ["orders", "orders", "refunds", "contracts", "budget"]
ZONES = ["UTC", "Europe/Berlin", "America/New_York"]
NEEDED = ["regions", "customers", "places", "rates", "tiers", *dict.fromkeys(TABLES)]
CLOCK_CHANGES = [date(2025, 3, 9), date(2025, 3, 30), date(2025, 10, 26), date(2025, 11, 2), date(2026, 3, 8)]


def some_day(chance: Random) -> date:
    far, near, nearer = chance.randint(-400, 60), chance.randint(-40, 30), chance.randint(-12, 12)
    return DAY_ZERO + timedelta(days=chance.choice([far, near, nearer]))


def some_moment(chance: Random) -> datetime:
    if chance.random() < 0.1:
        return datetime.combine(chance.choice(CLOCK_CHANGES), time()) + timedelta(
            minutes=30 * chance.randint(0, 15)
        )
    return datetime.combine(some_day(chance), time()) + timedelta(minutes=30 * chance.randint(0, 47))


CELLS: dict[str, Callable[[Random], Any]] = {
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
    "amount": lambda chance: (
        Decimal(chance.choice([0, chance.randint(-3000, 9000), chance.randint(-3000, 9000)])) / 100
    ),
    "rate": lambda chance: Decimal(chance.randint(-500, 2000)) / 1000,
    "factor": lambda chance: chance.randint(-2, 3),
    "weight": lambda chance: Decimal(chance.randint(-500, 2000)) / 1000,
    "customer_id": lambda chance: chance.randint(1, 5),
    "payer_id": lambda chance: chance.randint(1, 5),
}
"""What a cell holds where it is not null, which about every fifth is."""


def row_of(table: str, number: int, chance: Random) -> dict[str, Any]:
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


def rows_of(table: str, chance: Random, count: int) -> list[ref.Row]:
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


def tiers_of(customer: int, chance: Random) -> Iterator[ref.Row]:
    """Yield a few spans that do not overlap; where the last has no end, it still holds."""
    bounds = sorted({some_moment(chance) for _ in range(chance.choice([2, 4, 4, 6]))})
    for since, until in zip(bounds[::2], [*bounds[1::2], None], strict=False):
        row = row_of("tiers", 0, chance)
        last = since == bounds[::2][-1] and chance.random() < 0.5
        yield {**row, "customer_id": customer, "since": since, "until": None if last else until}


MUST = ("payer", "region", "tiered")


def counts(most: int) -> Die[int]:
    """Return how many rows: none now and then, and often many."""
    return dice.integers(0, most) | dice.integers(most // 2, most) | dice.integers(most // 2, most)


FLAWS = [*[""] * 14, "twice", "required", "overlap"]


@dice.composite
def datasets(draw: Draw[Any]) -> dict[str, ref.Dataset]:
    """The cells come from a seed, which is faster, and the first rows stay the same when there are fewer."""
    number = draw(dice.integers(0, 2**32))
    flaw = draw(dice.sampled_from(FLAWS))
    zone = draw(dice.sampled_from(["UTC", None, *ZONES]))
    valid = draw(dice.sampled_from([("day", "ended"), ("at", "over")]))
    at = draw(dice.sampled_from([None, None, ("day",), ("at",), ("local_day",)]))
    found = {}
    for name in NEEDED:
        chance = Random(f"{name} {number}")
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


def perhaps(strategy: Die[Said]) -> Die[Said | None]:
    """Return it half of the time, which `none() | strategy` is not if that is one of many."""
    return dice.booleans().flatmap(lambda yes: strategy if yes else dice.none())


def column(*path: str) -> Field:
    return Field(path)


days = dice.integers(-400, 60).map(lambda n: DAY_ZERO + timedelta(days=n))
OF_ALL = [column("amount"), column("customer", "score")]
NUMBERS = {
    "orders": [
        *map(column, ["qty", "amount", "rate", "net"]),
        column("customer", "score"),
        column("payer", "score"),
        column("place", "weight"),
        column("tiered", "factor"),
        column("rated", "factor"),
    ],
    "refunds": [*OF_ALL, column("rated", "factor")],
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
OF_TIERS = [column("tiered", "tier")]
signs = dice.sampled_from(["=", "<>", "<", "<=", ">", ">="])
constants = dice.sampled_from([Fixed(0), Fixed(1), Fixed(2), Fixed(Decimal("0.5")), Fixed(Decimal("1.25"))])


@cache
def conditions(table: str, depth: int = 1) -> Die[Said]:
    number = dice.sampled_from(NUMBERS[table])
    text = dice.sampled_from([*TEXTS, *(OF_TIERS if table == "orders" else [])])
    simple: list[Die[Any]] = [
        dice.builds(Compared, signs, number, constants),
        dice.builds(
            Compared,
            dice.sampled_from(["=", "<>"]),
            text,
            dice.sampled_from([*CHANNELS, "new", "DE"]).map(Fixed),
        ),
        dice.builds(
            Among,
            text,
            dice.lists(dice.sampled_from([*CHANNELS, "old", "FR"]), min_size=1, max_size=3).map(tuple),
        ),
        dice.builds(Missing, number | text),
        dice.builds(Compared, signs, dice.just(column("day")), days.map(Fixed)),
        dice.builds(Compared, signs, dice.just(column("customer", "since")), dice.just(column("day"))),
    ]
    if table == "orders":
        simple += [
            dice.just(column("paid")),
            dice.builds(Compared, signs, dice.just(DayOf(column("at"))), days.map(Fixed)),
            dice.builds(Compared, signs, dice.just(DayOf(column("moment"))), days.map(Fixed)),
            dice.builds(
                Compared,
                signs,
                dice.sampled_from([column("at"), column("moment")]),
                days.map(lambda day: Fixed(datetime(day.year, day.month, day.day, 6))),
            ),
        ]
    if depth == 0:
        return dice.one_of(simple)
    part = conditions(table, depth - 1)
    return dice.one_of(
        *simple, dice.builds(Both, part, part), dice.builds(Either, part, part), dice.builds(Unless, part)
    )


@cache
def row_numbers(table: str) -> Die[Said]:
    number = dice.sampled_from(NUMBERS[table])
    return dice.one_of(
        number,
        dice.builds(Calculated, dice.sampled_from("+-*"), number, number | constants),
        dice.builds(Calculated, dice.just("/"), number, number),
        dice.builds(Chosen, conditions(table, 0), number, number | dice.just(Fixed(None))),
        dice.builds(FirstOf, dice.tuples(number, number | constants)),
        dice.builds(
            Extreme, dice.sampled_from(["greatest", "least"]), dice.tuples(number, number | constants)
        ),
    )


functions = dice.sampled_from(
    ["sum", "sum", "sum", "avg", "min", "max", "count", "median", "stddev", "variance"]
)


@cache
def aggregates(table: str) -> Die[Aggregated]:
    kept = perhaps(conditions(table, 0))
    number = row_numbers(table)
    return dice.one_of(
        dice.builds(Aggregated, functions, number, condition=kept),
        dice.builds(Aggregated, dice.just("sum"), number),
        dice.builds(Aggregated, dice.just("count"), dice.none(), condition=kept),
        dice.builds(
            Aggregated,
            dice.just("count"),
            dice.sampled_from(ENTITIES[table]),
            dice.just(True),
            condition=kept,
        ),
        dice.builds(
            Aggregated,
            dice.just("percentile"),
            number,
            fraction=dice.sampled_from(["0", "0.25", "0.9", "1"]).map(Decimal),
            condition=kept,
        ),
        dice.builds(
            Aggregated,
            functions.filter(lambda name: name != "count"),
            inner_aggregates(table),
            condition=kept,
            entity=dice.sampled_from(ENTITIES[table]),
        ),
    )


@cache
def inner_aggregates(table: str) -> Die[Said]:
    plain = dice.builds(
        Aggregated, dice.sampled_from(["sum", "count", "max", "avg"]), dice.sampled_from(NUMBERS[table])
    )
    one = plain | dice.builds(
        Aggregated, dice.just("count"), dice.none(), condition=perhaps(conditions(table, 0))
    )
    many = dice.builds(Compared, signs, one, constants)
    return dice.one_of(
        one,
        dice.builds(Calculated, dice.sampled_from("+-/"), one, one | constants),
        dice.builds(Chosen, many, dice.just(Fixed(1)), dice.just(Fixed(0)) | one),
    )


amounts = dice.integers(1, 3)
units = dice.sampled_from(["day", "week", "month", "quarter", "year"])
OFFSETS = [
    (1, "period"),
    (2, "period"),
    (1, "year"),
    (1, "week"),
    (7, "days"),
    (3, "months"),
    (12, "months"),
    (1, "quarter"),
    (1, "fiscal_year"),
    (2, "fiscal_month"),
    (1, "fiscal_quarter"),
]
FISCAL = ["fiscal_year", "fiscal_quarter", "fiscal_month"]
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


def forms(inner: Die[Said]) -> Die[Said]:
    """Return the forms that map intervals."""
    return dice.one_of(
        dice.builds(
            lambda x, by: Previous(x, *by), inner, dice.sampled_from(OFFSETS) | dice.tuples(amounts, units)
        ),
        dice.builds(lambda x, by: Rolling(x, *by), inner, dice.sampled_from(WINDOWS)),
        dice.builds(ToDate, inner, dice.sampled_from(["year", "year", "quarter", "month", "week", *FISCAL])),
        dice.builds(Cumulative, inner),
    )


def averages(inner: Die[Said]) -> Die[Said]:
    return dice.builds(
        AverageOver, inner, dice.sampled_from(["day", "day", "day", "week", "month", "quarter", *FISCAL])
    )


@cache
def plain(leaf: Die[Said]) -> Die[Said]:
    """Return what may stand where no time form may."""
    return dice.one_of(
        leaf,
        leaf,
        dice.builds(Calculated, dice.sampled_from("+-/"), leaf, leaf),
        dice.builds(FirstOf, dice.tuples(leaf, dice.just(Fixed(0)))),
    )


def closings(inner: Die[Said], entities: Sequence[Field] = ()) -> Die[Said]:
    """Return balances of what has no time form inside."""
    entity = dice.none() if not entities else dice.none() | dice.sampled_from(list(entities))
    return dice.builds(Closing, inner, entity) | dice.builds(Opening, inner, entity)


@cache
def values(leaf: Die[Said], shares: tuple[str, ...] = (), depth: int = 2) -> Die[Said]:
    """Return expressions over leaves; `shares`: the dimensions that may be left free."""
    if depth == 0:
        return leaf
    part = values(leaf, shares, depth - 1)
    return dice.one_of(
        leaf,
        forms(part),
        averages(part),
        *([dice.builds(Share, part, dice.sampled_from(shares))] if shares else []),
        dice.builds(Calculated, dice.sampled_from("+-/"), part, part),
        dice.builds(Calculated, dice.just("*"), part, constants),
        dice.builds(Calculated, dice.just("/"), part, dice.just(DayCount())),
        dice.builds(FirstOf, dice.tuples(part, dice.just(Fixed(0)))),
        dice.builds(
            Chosen, dice.builds(Compared, signs, leaf, constants), part, part | dice.just(Fixed(None))
        ),
    )


# --- KPIs

NAMES = ("one", "two", "three")
times = dice.sampled_from([("day",), ("at",), ("moment",), ("local_day",), ("since",), ("customer", "since")])
wheres = {table: perhaps(conditions(table)) for table in dict.fromkeys(TABLES)}
SHARED = tuple(DIMENSIONS)


@cache
def balances(table: str) -> Die[Said]:
    own = plain(aggregates(table))
    return closings(own) if table == "contracts" else closings(own, ENTITIES[table])


@cache
def expressions(table: str, timed: bool = True) -> Die[Said]:
    """Return expressions over a table; without a time its rows only count as they stand."""
    if not timed:
        standing = [balances(table)] * 2
        return values(dice.one_of(*standing, averages(values(aggregates(table), (), 1))))
    return dice.one_of(
        values(aggregates(table), SHARED),
        values(balances(table), SHARED),
        values(aggregates(table) | balances(table), SHARED, 1),
    )


@dice.composite
def usual_kpis(draw: Draw[Any], name: str) -> ref.Kpi:
    table = draw(dice.sampled_from(TABLES))
    timed = table != "contracts" or draw(dice.booleans())
    kpi = ref.Kpi(
        name=name,
        expression=draw(expressions(table, timed)),
        dimensions=OF_ORDERS if table == "orders" else DIMENSIONS,
        dataset=table,
        time=draw(time_of(table)) if timed else (),
        where=draw(wheres[table]),
        grain="month" if table == "budget" else "day",
    )
    if table in ("orders", "refunds") and draw(dice.booleans()):
        kpi = replace(kpi, dimensions=DIMENSIONS, revisions=draw(rules(table)))
    return kpi


def time_of(table: str) -> Die[tuple[str, ...]]:
    match table:
        case "orders":
            return times
        case "contracts":
            return dice.sampled_from([("day",), ("at",), ("over",)])
    return dice.just(("day",))


untils = dice.integers(-60, 90).map(lambda n: DAY_ZERO + timedelta(days=n)) | dice.sampled_from(
    [date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)]
)


@dice.composite
def rules(draw: Draw[Any], table: str) -> tuple[Rule, ...]:
    found = draw(dice.lists(untils, min_size=1, max_size=2, unique=True))
    return tuple(draw(rule_of(until, table)) for until in sorted(found))


@dice.composite
def rule_of(draw: Draw[Any], until: date, table: str) -> Rule:
    """Return a rule that replaces one thing, or all that depends on the dataset."""
    match draw(dice.sampled_from(["expression", "where", "time", "dataset"])):
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
of_customers = dice.one_of(
    dice.none(),
    dice.builds(Compared, signs, dice.just(column("customer", "score")), constants),
    dice.builds(Missing, dice.just(column("customer", "region", "country"))),
    dice.builds(Compared, dice.just("="), dice.just(column("customer", "segment")), dice.just(Fixed("new"))),
)


@dice.composite
def cohort_kpis(draw: Draw[Any], name: str) -> ref.Kpi:
    """Return a KPI over customers by their age, or over what a row says of itself."""
    table = draw(dice.sampled_from(["orders", "orders", "refunds"]))
    since, until = draw(dice.sampled_from(AGES))
    cohort = Cohort("customer_id", ("customer", "since"), since, until, draw(of_customers))
    dimensions = OF_CUSTOMERS
    if draw(dice.integers(0, 3)) == 0:
        own = draw(perhaps(conditions(table, 0)))
        cohort = Cohort("channel", ("day",), since, until, own)
        dimensions = DIMENSIONS
    leaf = aggregates(table) | dice.just(CohortSize())
    said = values(leaf, tuple(dimensions), 1) | plain(leaf)
    revisions: tuple[Rule, ...] = ()
    if draw(dice.integers(0, 3)) == 0:
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
def stages(own: str) -> Die[Stage]:
    other = "refunds" if own == "orders" else "orders"
    time = dice.none() | dice.none() | time_of(own)
    return dice.builds(Stage, perhaps(conditions(own, 0)), dice.none(), time) | dice.builds(
        Stage,
        perhaps(conditions(other, 0)),
        dice.just(other),
        time_of(other),
        dice.none() | dice.just(("customer_id",)),
    )


@dice.composite
def funnel_kpis(draw: Draw[Any], name: str) -> ref.Kpi:
    table = draw(dice.sampled_from(["orders", "orders", "refunds"]))
    first = Stage(draw(perhaps(conditions(table, 0))))
    others = draw(dice.lists(stages(table), min_size=1, max_size=2))
    within = draw(dice.sampled_from([(7, "days"), (1, "day"), (36, "hours"), (1, "month"), (200, "days")]))
    leaf = dice.integers(1, 1 + len(others)).map(Step)
    return ref.Kpi(
        name=name,
        expression=draw(values(leaf, SHARED, 1) | plain(leaf)),
        dimensions=DIMENSIONS,
        dataset=table,
        time=draw(time_of(table)),
        where=draw(wheres[table]),
        funnel=Funnel(
            draw(dice.sampled_from([("customer_id",), ("channel",)]))
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
def referring(names: tuple[str, ...], balanced: tuple[str, ...], shares: tuple[str, ...]) -> Die[Said]:
    """Return expressions over KPIs; those that are `balanced` may be closed."""
    leaf = dice.sampled_from(names).map(Referred)
    if not balanced:
        return values(leaf, shares)
    return values(leaf, shares) | values(
        leaf | closings(plain(dice.sampled_from(balanced).map(Referred))), shares, 1
    )


KINDS = [
    *[usual_kpis] * 4,
    cohort_kpis,
    cohort_kpis,
    funnel_kpis,
    funnel_kpis,
]


@dice.composite
def kpis(draw: Draw[Any]) -> dict[str, ref.Kpi]:
    found: dict[str, ref.Kpi] = {}
    for name in NAMES[: draw(dice.integers(1, 3))]:
        found[name] = draw(draw(dice.sampled_from(KINDS))(name))
    if draw(dice.booleans()):
        shared = tuple(name for name in DIMENSIONS if all(name in kpi.dimensions for kpi in found.values()))
        made = referring(tuple(found), tuple(name for name in found if is_plain(found[name])), shared)
        revisions: tuple[Rule, ...] = ()
        if draw(dice.integers(0, 3)) == 0:
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


@dice.composite
def calendars(draw: Draw[Any]) -> ref.Calendar:
    zone = draw(dice.sampled_from(ZONES))
    week_start = draw(dice.sampled_from([0, 0, 6, 5, 2]))
    if draw(dice.booleans()):
        return ref.Calendar(zone, week_start, draw(dice.sampled_from([1, 2, 4, 10, 12])))
    pattern = draw(dice.sampled_from([(4, 4, 5), (4, 5, 4), (5, 4, 4)]))
    retail = ref.RetailYear(
        pattern, draw(dice.sampled_from([5, 6, 4, 0])), draw(dice.sampled_from([1, 12, 6]))
    )
    return ref.Calendar(zone, week_start, retail=retail)


# --- questions


sliced = dice.sampled_from([column("channel"), column("customer.segment"), column("country")])
one_filter = dice.one_of(
    dice.builds(
        Compared,
        dice.sampled_from(["=", "<>"]),
        sliced,
        dice.sampled_from([*CHANNELS, "new", "FR"]).map(Fixed),
    ),
    dice.builds(
        Among,
        sliced,
        dice.lists(dice.sampled_from([*CHANNELS, "old", "DE"]), min_size=1, max_size=3).map(tuple),
    ),
    dice.builds(Missing, sliced | dice.just(column("size"))),
    dice.builds(Compared, signs, dice.just(column("size")), dice.sampled_from([Fixed(0), Fixed(1)])),
)
filters = perhaps(
    dice.one_of(
        one_filter,
        dice.builds(Unless, one_filter),
        dice.builds(Either, one_filter, one_filter),
        dice.builds(Both, one_filter, one_filter),
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


@dice.composite
def questions(draw: Draw[Any], known: dict[str, ref.Kpi], calendar: ref.Calendar) -> ref.Question:
    names = draw(dice.lists(dice.sampled_from(list(known)), min_size=1, max_size=3, unique=True))
    if "made" in known and "made" not in names:
        names.append("made")
    grain = draw(dice.sampled_from(grains_of(known, calendar)))
    length = LENGTHS[grain.removeprefix("fiscal_")]
    change = draw(dice.none() | dice.sampled_from([None, None, None, None, *CLOCK_CHANGES]))
    first = (change or DAY_ZERO) + timedelta(
        days=draw(dice.integers(-40, 20) if change is None else dice.integers(-2, 0))
    )
    end = first + timedelta(days=draw(dice.integers(1, length)))
    middle = first + (end - first) / 2
    as_of = draw(
        dice.sampled_from(
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
    by = draw(dice.lists(dice.sampled_from(shared), max_size=2, unique=True))
    where = draw(filters)
    if where is not None and not all(name in shared for (name,) in ref.paths_in(where)):
        where = None
    return ref.Question(tuple(names), grain, first, end, as_of, tuple(by), where)


@dice.composite
def cases(draw: Draw[Any]) -> tuple[ref.Project, ref.Question]:
    known, calendar = draw(kpis()), draw(calendars())
    return ref.Project(draw(datasets()), known, calendar), draw(questions(known, calendar))
