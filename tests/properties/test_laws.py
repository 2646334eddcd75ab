"""Laws that hold for every project, data and question: no oracle is needed to see that they are broken.

Each is tried on the same examples every time, and on a few that nobody has seen before (KPI_SEED repeats them).
"""

import os
import random
from calendar import isleap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from math import isclose
from typing import Any, TypeAlias

import pytest
from hypothesis import HealthCheck, assume, given, note, seed, settings
from hypothesis import strategies as st

from kpiascode import resolve
from kpiascode.load import load_text
from kpiascode.model.calendar import Period
from kpiascode.model.catalog import Catalog
from kpiascode.model.diagnostic import Diagnostic
from kpiascode.model.document import Document, Documents
from kpiascode.validate import validate
from projects import PEOPLE, Warehouse, in_words, kpi, planned, question, sound

# Each example holds up to four KPIs, so that a law is tried on some 45 of them.
EXAMPLES = int(os.environ.get("KPI_EXAMPLES", "18"))
SEED = int(os.environ.get("KPI_SEED", random.SystemRandom().randrange(10**9)))
USUAL = settings(deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])

Law: TypeAlias = Callable[..., None]


def law(*cases: st.SearchStrategy[Any]) -> Callable[[Law], Law]:
    """Try a law on cases: on known ones, then on fresh ones."""

    def tried(holds: Law) -> Law:
        known = settings(USUAL, max_examples=EXAMPLES * 2 // 3, derandomize=True)(given(*cases)(holds))
        fresh = seed(SEED)(settings(USUAL, max_examples=EXAMPLES // 3)(given(*cases)(holds)))

        @pytest.mark.parametrize("examples", [known, fresh], ids=["known", "fresh"])
        def test(examples: Law) -> None:
            print(f"KPI_SEED={SEED}")
            examples()

        test.__doc__ = holds.__doc__
        return test

    return tried


Row: TypeAlias = tuple[datetime | None, str | None, int | None, Decimal | None, int | None, int | None]
Kpis: TypeAlias = list[tuple[str, str | None]]
Answers: TypeAlias = dict[tuple[str, str, tuple[str | None, ...]], Decimal | None]

# --- the world: sales of a shop to customers, and what can be asked of them

CHANNELS = [None, "", "a", "b"]
KINDS = ["DATE", "TIMESTAMP", "TIMESTAMPTZ"]
SEGMENTS = [None, "new", "old"]
DIMENSIONS = ["channel", "size", "segment"]

CALENDARS = [
    "{}",
    "{timezone: Europe/London, week_start: sunday}",
    "{timezone: America/New_York, fiscal_year_start: 4}",
    "{week_start: sunday, fiscal: {pattern: 4-5-4, ends: last saturday of january}}",
]

ADDITIVE = [
    "count(*)",
    "count(amount)",
    "sum(amount)",
    "sum(qty)",
    "sum(qty * amount)",
    "sum(net)",
    "sum(amount) filter (where channel = 'a')",
    "count(*) filter (where customer.segment = 'new')",
    "sum(case when amount > 0 then qty else 0 end)",
]
PLAIN = [
    *ADDITIVE,
    "avg(amount)",
    "median(amount)",
    "percentile(amount, 0.9)",
    "min(amount)",
    "max(qty)",
    "stddev(qty)",
    "count(distinct customer_id)",
    "sum(amount) / count(*)",
    "avg(sum(amount) per customer_id)",
    "sum(case when count(*) > 1 then 1 else 0 end per customer_id)",
]
FORMS = [
    "previous({}, 1 year)",
    "previous({}, 1 period)",
    "{} / days()",
    "rolling({}, 28 days)",
    "rolling({}, 3 months)",
    "to_date({}, year)",
    "cumulative({})",
    "previous(to_date({}, year), 1 year)",
    "rolling(previous({}, 1 year), 7 days)",
    "closing({})",
    "opening({})",
    "previous(closing({}), 1 year)",
]
WHERES = [None, None, "channel = 'a'", "size > 0", "not (channel in ('a', 'b'))", "customer.segment <> 'new'"]

additive = st.sampled_from(ADDITIVE)
plain = st.sampled_from(PLAIN)
formed = st.builds(lambda form, x: form.format(x), st.sampled_from(FORMS), plain)
wheres = st.sampled_from(WHERES)


def several(expressions: st.SearchStrategy[str]) -> st.SearchStrategy[Kpis]:
    return st.lists(st.tuples(expressions, wheres), min_size=1, max_size=4)


sums, values, anything = several(additive), several(plain), several(plain | formed)
conditions = st.sampled_from(
    [
        "channel = 'a'",
        "channel <> ''",
        "channel in ('a', 'b')",
        "size >= 1",
        "segment = 'new'",
        "channel = 'a' or size = 0",
        "not (size < 1 and segment = 'old')",
    ]
)
grains = st.sampled_from(
    ["day", "week", "month", "quarter", "year", "fiscal_month", "fiscal_quarter", "fiscal_year"]
)
slicing = st.lists(st.sampled_from(DIMENSIONS), max_size=2, unique=True)
LENGTHS = {"day": 6, "week": 30, "month": 100, "quarter": 300, "year": 700, "fiscal_month": 100, "fiscal_quarter": 300,
           "fiscal_year": 700}  # fmt: skip

# Most rows and most questions are of a few days, so that they meet: around leap days, changes of clocks, the ends
# of years and what lies a year before and after them.
DAYS = [
    *(date(2024, 2, 26) + timedelta(days=n) for n in range(8)),
    *(date(2023, 2, 26) + timedelta(days=n) for n in range(4)),
    *(date(2025, 2, 26) + timedelta(days=n) for n in range(4)),
    *(date(2024, 12, 28) + timedelta(days=n) for n in range(6)),
    *(date(year, 3, day) for year in (2023, 2024, 2025) for day in (9, 10, 26, 30, 31)),
    *(date(year, month, 31) for year in (2023, 2024) for month in (1, 3, 10, 12)),
]
days = st.sampled_from(DAYS) | st.sampled_from(DAYS) | st.dates(date(2022, 11, 1), date(2026, 3, 1))
CLOCKS = [time(0), time(0), time(4), time(5), time(12, 30), time(23), time(23, 59, 59, 999999)]
moments = st.just(datetime(2050, 1, 1)) | st.builds(datetime.combine, days, st.sampled_from(CLOCKS))
chances = st.randoms(use_true_random=False)


def some_rows(number: int, beginning: int) -> list[Row]:
    """Return so many rows; fewer are the first of more, so that a counterexample can be made smaller."""
    chance = random.Random(beginning)
    return [some_row(chance) for _ in range(number)]


def some_row(chance: random.Random) -> Row:
    day = chance.choice([chance.choice(DAYS), date(2022, 11, 1) + timedelta(days=chance.randint(0, 1200))])
    at = datetime.combine(day, chance.choice(CLOCKS))
    return (
        chance.choice([at] * 19 + [None]),
        chance.choice(CHANNELS),
        chance.choice([None, 0, 1, 2]),
        chance.choice([Decimal(chance.randint(-500, 2000)) / 100] * 5 + [None]),
        chance.choice([None, -3, 0, 1, 2, 5]),
        chance.choice([None, 1, 2, 3, 9]),
    )


DATASETS = """
kind: dataset
name: sales
source: sales
time: at
timezone: UTC
fields:
  net: amount - coalesce(qty, 0)
relationships:
  customer: {to: customers, keys: {customer_id: id}}
---
kind: dataset
name: customers
source: customers
primary_key: [id]
"""


@dataclass(frozen=True)
class World:
    """Data and the calendar that it is read by. `kind` is the type of the time of a sale."""

    calendar: str
    kind: str
    sales: Sequence[Row]
    segments: Mapping[int, str | None]
    friends: Sequence[int] = ()

    def warehouse(self) -> tuple[Warehouse, Catalog]:
        """Return the one of its kind, with the rows of this world and no others."""
        found, catalog = warehouses(self.kind)
        found.connection.execute("DELETE FROM sales; DELETE FROM customers; DELETE FROM friends")
        fill(found, "sales", [(self._stored(at), *rest) for at, *rest in self.sales])
        fill(found, "customers", list(self.segments.items()))
        fill(found, "friends", [(friend, "ann") for friend in self.friends])
        return found, catalog

    def _stored(self, at: datetime | None) -> datetime | date | None:
        if at is None:
            return None
        return {"DATE": at.date(), "TIMESTAMP": at, "TIMESTAMPTZ": at.replace(tzinfo=UTC)}[self.kind]


@cache
def warehouses(kind: str) -> tuple[Warehouse, Catalog]:
    sales = f"at {kind}, channel VARCHAR, size BIGINT, amount DECIMAL(18,2), qty BIGINT, customer_id BIGINT"
    empty = Warehouse(
        {
            "sales": (sales, []),
            "customers": ("id BIGINT, segment VARCHAR", []),
            "friends": ("id BIGINT, name VARCHAR", []),
        }
    )
    return empty, empty.catalog


def fill(warehouse: Warehouse, table: str, cells: Sequence[tuple[Any, ...]]) -> None:
    if cells:
        row = f"({', '.join('?' for _ in cells[0])})"
        values = [value for one in cells for value in one]
        warehouse.connection.execute(f"INSERT INTO {table} VALUES {', '.join([row] * len(cells))}", values)


@pytest.fixture(scope="module", autouse=True)
def close() -> Iterator[None]:
    yield
    for kind in KINDS:
        warehouses(kind)[0].connection.close()
    warehouses.cache_clear()


worlds = st.builds(
    World,
    st.sampled_from(CALENDARS),
    st.sampled_from(KINDS),
    st.builds(some_rows, st.sampled_from([10, 40, 80, 120]), st.integers(0, 10**6)),
    st.fixed_dictionaries({id_: st.sampled_from(SEGMENTS) for id_ in (1, 2, 3)}),
)


def definition(name: str, expression: str, where: str | None = None) -> str:
    keys = {"dataset": "sales", "dimensions": "[channel, size, {segment: customer.segment}]"}
    return kpi(name, f'"{expression}"', **keys, **({} if where is None else {"where": f'"{where}"'}))


def defined(kpis: Sequence[tuple[str, str | None]], name: str = "k") -> dict[str, str]:
    """Return the definitions by name: k0, k1 and so on."""
    return {f"{name}{number}": definition(f"{name}{number}", *one) for number, one in enumerate(kpis)}


def referring(name: str, expression: str) -> str:
    return kpi(name, expression, dimensions=f"[{', '.join(DIMENSIONS)}]")


def made(files: Iterable[Iterable[str]], calendar: str) -> Documents:
    """Return what files of documents declare."""
    settings_text = "version: 1\nname: test\npaths: [kpis]\n"
    (project,), _ = load_text(
        "kpiascode.yaml", settings_text + ("" if calendar == "{}" else f"calendar: {calendar}\n")
    )
    items: list[Document] = []
    findings: list[Diagnostic] = []
    for number, texts in enumerate(files):
        found, wrong = load_text(f"kpis/{number}.yaml", "\n---\n".join(text.strip("\n") for text in texts))
        items += found
        findings += wrong
    checked = validate(Documents(project=project, items=tuple(items), diagnostics=tuple(findings)))
    assert checked.diagnostics == (), in_words(checked.diagnostics)
    return checked


FAR = datetime(2050, 1, 1)


@dataclass
class Asked:
    """A world with definitions, to which questions are put; one at a time."""

    world: World
    definitions: Mapping[str, str]
    datasets: str = DATASETS
    files: Iterable[Iterable[str]] | None = None

    def __post_init__(self) -> None:
        self.warehouse, self.catalog = self.world.warehouse()
        documents = made(
            self.files or [[self.datasets, PEOPLE, *self.definitions.values()]], self.world.calendar
        )
        self.project = sound(resolve.resolve(documents, self.catalog))
        for one in self.definitions.values():
            note(one)

    def periods(self, grain: str, first: date, end: date) -> tuple[Period, ...]:
        return question(self.project, [], first, end, grain=grain).periods

    def __call__(
        self,
        grain: str,
        first: date,
        end: date,
        by: Sequence[str] = (),
        where: str | None = None,
        as_of: datetime = FAR,
        kpis: Iterable[str] = (),
    ) -> Answers:
        """Return the values of these KPIs, or of all, by KPI, period and slice."""
        names = [*kpis] or [*self.definitions]
        asked = question(self.project, names, first, end, grain=grain, as_of=as_of, by=by, where=where)
        found = self.warehouse.observe(planned(self.project, asked, self.catalog))
        return {
            (one.kpi, one.period.name, tuple(value for _, value in one.slice)): one.value for one in found
        }


def whole(parts: Iterable[Decimal | None]) -> Decimal | None:
    """Return the sum of what is there; nothing is no sum."""
    there = [part for part in parts if part is not None]
    return sum(there, Decimal(0)) if there else None


def same(one: Decimal | None, other: Decimal | None) -> bool:
    """Say whether values are equal; what a mean makes of another order of rows is."""
    if one is None or other is None:
        return one is other
    return one == other or isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)


def assert_same(one: Mapping[Any, Decimal | None], other: Mapping[Any, Decimal | None]) -> None:
    assert set(one) == set(other)
    assert {key: (one[key], other[key]) for key in one if not same(one[key], other[key])} == {}


def renamed(found: Answers, name: str) -> Answers:
    """Return the answers of the KPIs `name0`, `name1` and so on as those of k0, k1."""
    return {
        ("k" + key[0].removeprefix(name), *key[1:]): v for key, v in found.items() if key[0].startswith(name)
    }


def end_after(first: date, grain: str, share: float = 1.0) -> date:
    return first + timedelta(days=max(1, round(LENGTHS[grain] * share)))


# --- sums


PAIRS = [
    ("day", "week"),
    ("day", "month"),
    ("day", "fiscal_month"),
    ("day", "all"),
    ("week", "all"),
    ("month", "quarter"),
    ("month", "year"),
    ("month", "all"),
    ("quarter", "year"),
    ("fiscal_month", "fiscal_quarter"),
    ("fiscal_month", "fiscal_year"),
    ("fiscal_quarter", "fiscal_year"),
    ("year", "all"),
]


@law(worlds, sums, st.sampled_from(PAIRS), days, moments)
def test_the_parts_of_a_longer_period_add_up_to_it(
    world: World, kpis: Kpis, pair: tuple[str, str], first: date, as_of: datetime
) -> None:
    """Days, months, quarters, years, everything: the same rows. Also where `as_of` cuts a period."""
    finer, coarser = pair
    ask = Asked(world, defined(kpis))
    around = ask.periods(finer if coarser == "all" else coarser, first, end_after(first, finer))
    start, end = around[0].start, around[-1].end
    parts = ask(finer, start, end, as_of=as_of)
    inside = {
        outer.name: [
            part.name for part in ask.periods(finer, start, end) if outer.start <= part.start < outer.end
        ]
        for outer in ask.periods(coarser, start, end)
    }

    assert sum(map(len, inside.values())) * len(kpis) == len(parts)
    assert ask(coarser, start, end, as_of=as_of) == {
        (name, outer, ()): whole(parts[name, part, ()] for part in found)
        for name in ask.definitions
        for outer, found in inside.items()
    }


@law(worlds, sums, slicing, grains, days, moments)
def test_the_slices_of_a_sum_add_up_to_the_total(
    world: World, kpis: Kpis, by: list[str], grain: str, first: date, as_of: datetime
) -> None:
    ask = Asked(world, defined(kpis))
    end = end_after(first, grain)
    slices = ask(grain, first, end, by=by or ["channel"], as_of=as_of)

    for (name, period, _), total in ask(grain, first, end, as_of=as_of).items():
        added = whole(value for key, value in slices.items() if key[:2] == (name, period))
        assert (added or 0) == (total or 0)  # where no slice was ever seen, a count of 0 has no parts


@law(worlds, sums, conditions, grains, days)
def test_a_condition_its_opposite_and_the_unknown_are_everything(
    world: World, kpis: Kpis, condition: str, grain: str, first: date
) -> None:
    """As a filter of the question, of the KPI and of the aggregate, with one and the same answer."""
    kpis = [(expression, where) for expression, where in kpis if "filter" not in expression] or [
        ("count(*)", None)
    ]
    thirds = [condition, f"not ({condition})", f"({condition}) is null"]
    definitions = defined(kpis)
    for third, asked_for in enumerate(thirds):
        one = asked_for.replace("segment", "customer.segment")
        kept = [(x, one if where is None else f"({where}) and ({one})") for x, where in kpis]
        filtered = [(f"{x} filter (where {one})", where) for x, where in kpis]
        definitions |= defined(kept, f"kept_{third}_") | defined(filtered, f"filtered_{third}_")
    ask = Asked(world, definitions)
    end, names = end_after(first, grain), [f"k{number}" for number in range(len(kpis))]
    found = ask(grain, first, end)
    by_question = [ask(grain, first, end, where=one, kpis=names) for one in thirds]

    assert [renamed(found, f"kept_{third}_") for third in range(3)] == by_question
    assert [renamed(found, f"filtered_{third}_") for third in range(3)] == by_question
    everything = {key: value for key, value in found.items() if key[0] in names}
    assert everything == {key: whole(part[key] for part in by_question) for key in everything}


# --- what has nothing to do with a value does not change it


@law(worlds, anything, slicing, grains, days, st.lists(st.sampled_from([1, 1, 2, 9]), max_size=4))
def test_a_relationship_that_is_not_walked_changes_nothing(
    world: World, kpis: Kpis, by: list[str], grain: str, first: date, friends: list[int]
) -> None:
    """Though its keys are doubled, and though a dimension could walk it."""
    datasets = f"{DATASETS}---\nkind: dataset\nname: friends\nsource: friends\nprimary_key: [id]\n"
    datasets = datasets.replace(
        "relationships:", "relationships:\n  friend: {to: friends, keys: {customer_id: id}}", 1
    )
    without = defined(kpis)
    related = {
        name: one.replace("[channel,", "[{friend: friend.name}, channel,") for name, one in without.items()
    }
    end = end_after(first, grain)
    alone = Asked(world, without)(grain, first, end, by)

    assert_same(Asked(replace(world, friends=friends), related, datasets)(grain, first, end, by), alone)


@law(worlds, anything, slicing, st.none() | conditions, grains, days, moments, chances)
def test_kpis_asked_together_are_the_kpis_asked_one_by_one(
    world: World,
    kpis: Kpis,
    by: list[str],
    where: str | None,
    grain: str,
    first: date,
    as_of: datetime,
    chance: random.Random,
) -> None:
    """In whatever order, with whatever slices and filter."""
    ask = Asked(world, defined(kpis))
    end, names = end_after(first, grain, 0.5), list(ask.definitions)
    alone: Answers = {}
    for name in names:
        alone |= ask(grain, first, end, by, where, as_of, kpis=[name])

    chance.shuffle(names)
    assert_same(ask(grain, first, end, by, where, as_of, kpis=names), alone)


@law(worlds, anything, anything, slicing, grains, days)
def test_another_kpi_changes_no_value(
    world: World, kpis: Kpis, others: Kpis, by: list[str], grain: str, first: date
) -> None:
    """Neither by being defined, nor by being asked, nor by using this one."""
    end = end_after(first, grain)
    names = [f"k{number}" for number in range(len(kpis))]
    alone = Asked(world, defined(kpis))(grain, first, end, by)
    more = {"ratio": referring("ratio", "k0 / a0"), "sooner": referring("sooner", "previous(k0, 1 year)")}
    ask = Asked(world, defined(others, "a") | defined(kpis) | more)

    assert_same(ask(grain, first, end, by, kpis=names), alone)
    beside = ask(grain, first, end, by)
    assert_same({key: value for key, value in beside.items() if key[0] in names}, alone)


@law(worlds, anything, slicing, grains, days, chances)
def test_the_order_of_documents_files_and_rows_means_nothing(
    world: World, kpis: Kpis, by: list[str], grain: str, first: date, chance: random.Random
) -> None:
    definitions = defined(kpis) | {"ratio": referring("ratio", "previous(k0, 1 period) / k0")}
    texts = [*DATASETS.split("---"), *PEOPLE.split("---"), *definitions.values()]
    sales, segments = list(world.sales), list(world.segments.items())
    for things in (texts, sales, segments):
        chance.shuffle(things)
    cut = chance.randint(1, len(texts) - 1)
    end = end_after(first, grain, 0.5)
    found = Asked(world, definitions)(grain, first, end, by)
    shuffled = replace(world, sales=sales, segments=dict(segments))

    assert_same(Asked(shuffled, definitions, files=[texts[:cut], texts[cut:]])(grain, first, end, by), found)


@law(worlds, anything, slicing, grains, days, st.integers(0, 40), st.integers(0, 40), moments)
def test_a_narrower_range_gives_the_same_values(
    world: World,
    kpis: Kpis,
    by: list[str],
    grain: str,
    first: date,
    later: int,
    earlier: int,
    as_of: datetime,
) -> None:
    """A slice that it has not seen is left out; all others, and every total, are what they were."""
    ask = Asked(world, defined(kpis))
    wide = ask.periods(grain, first, end_after(first, grain))
    narrow = wide[later % len(wide) :]
    narrow = narrow[: len(narrow) - earlier % len(narrow)]
    names = {period.name for period in narrow}
    more = ask(grain, wide[0].start, wide[-1].end, by, as_of=as_of)
    less = ask(grain, narrow[0].start, narrow[-1].end, by, as_of=as_of)

    if not by:
        assert set(less) == {(name, period, ()) for name in ask.definitions for period in names}
    assert_same(less, {key: more[key] for key in less})
    assert not any(value for key, value in more.items() if key[1] in names and key not in less)


@law(worlds, anything, slicing, grains, days, st.integers(0, 400))
def test_a_complete_period_stays_as_it_is(
    world: World, kpis: Kpis, by: list[str], grain: str, first: date, after: int
) -> None:
    """Seen from its end or from any later day: rows of the future are not seen, and would not count."""
    ask = Asked(world, defined(kpis))
    (period,) = ask.periods(grain, first, first + timedelta(days=1))
    then = datetime.combine(period.end, time())

    at_once = ask(grain, first, period.end, by, as_of=then)
    assert_same(ask(grain, first, period.end, by, as_of=then + timedelta(days=after)), at_once)


# --- slices and filters are one thing, and so are a reference and what it refers to


@law(worlds, anything, st.sampled_from(DIMENSIONS), grains, days)
def test_a_slice_is_what_a_filter_on_it_gives(
    world: World, kpis: Kpis, dimension: str, grain: str, first: date
) -> None:
    ask = Asked(world, defined(kpis))
    end = end_after(first, grain)
    slices = ask(grain, first, end, [dimension])

    for value in {key[2] for key in slices}:
        constant = value[0] if dimension == "size" else f"'{value[0]}'"
        only = f"{dimension} is null" if value[0] is None else f"{dimension} = {constant}"
        filtered = ask(grain, first, end, where=only)
        own = {key[:2]: found for key, found in slices.items() if key[2] == value}
        assert_same({key: filtered[*key, ()] for key in own}, own)


@law(worlds, values, st.sampled_from([*FORMS, "{}"]), slicing, grains, days)
def test_a_reference_is_what_it_refers_to(
    world: World, kpis: Kpis, form: str, by: list[str], grain: str, first: date
) -> None:
    """`previous(x, 1 year)` is the expression of x in place of x: evaluated from rows, not from values."""
    definitions = defined(kpis, "x")
    written_out = defined([(form.format(f"({expression})"), where) for expression, where in kpis])
    references = {f"r{n}": referring(f"r{n}", form.format(f"x{n}")) for n in range(len(kpis))}
    found = Asked(world, definitions | written_out | references)(grain, first, end_after(first, grain), by)

    assert_same(renamed(found, "r"), renamed(found, "k"))


# --- time forms


@law(worlds, st.integers(-9, 9), st.sampled_from(["1 period", "1 year", "2 years"]), grains, days)
def test_a_constant_was_the_same_before(
    world: World, constant: int, offset: str, grain: str, first: date
) -> None:
    ask = Asked(world, defined([(f"previous({constant} + 0 * count(*), {offset})", None)]))

    for (_, period, _), value in ask(grain, first, end_after(first, grain)).items():
        assert value == constant or (value is None and period.endswith("-W53"))


def a_year_before(period: str) -> str:
    """Return the name of the period a year before; that of a 53rd week may be nobody's."""
    fiscal = "FY" if period.startswith("FY") else ""
    year, rest = int(period.removeprefix("FY")[:4]) - 1, period.removeprefix("FY")[4:]
    return f"{fiscal}{year}{'-02-28' if rest == '-02-29' and not isleap(year) else rest}"


@law(worlds, anything, slicing, grains, days)
def test_previous_by_a_year_is_what_was_asked_a_year_before(
    world: World, kpis: Kpis, by: list[str], grain: str, first: date
) -> None:
    definitions = defined(kpis)
    before = {f"b{n}": referring(f"b{n}", f"previous(k{n}, 1 year)") for n in range(len(kpis))}
    ask = Asked(world, definitions | before)
    end = end_after(first, grain, 0.5)
    found = renamed(ask(grain, first, end, by, kpis=list(before)), "b")
    then = ask(grain, first - timedelta(days=400), end - timedelta(days=330), by, kpis=list(definitions))

    assert_same(found, {key: then.get((key[0], a_year_before(key[1]), key[2])) for key in found})


@law(worlds, values, slicing, days, st.integers(1, 90), st.integers(1, 40))
def test_previous_of_a_range_is_the_range_before(
    world: World, kpis: Kpis, by: list[str], first: date, length: int, back: int
) -> None:
    """At `all` both ends move: by the length of the range, or by the days said."""
    definitions = defined(kpis)
    for offset, name in {"1 period": "p", f"{back} days": "d"}.items():
        definitions |= {
            f"{name}{n}": referring(f"{name}{n}", f"previous(k{n}, {offset})") for n in range(len(kpis))
        }
    ask = Asked(world, definitions)
    end = first + timedelta(days=length)
    found = ask("all", first, end, by)

    for name, days_back in {"p": length, "d": back}.items():
        moved = timedelta(days=days_back)
        then = ask("all", first - moved, end - moved, by)
        assert_same(renamed(found, name), renamed(then, "k"))


WINDOWS = [
    ("rolling({}, 1 day)", "day"),
    ("rolling({}, 7 days)", "week"),
    ("rolling({}, 1 week)", "week"),
    ("rolling({}, 1 month)", "month"),
    ("rolling({}, 3 months)", "quarter"),
    ("rolling({}, 1 quarter)", "quarter"),
    ("rolling({}, 12 months)", "year"),
    ("rolling({}, 1 year)", "year"),
    ("rolling({}, 1 year)", "fiscal_year"),
    ("to_date({}, day)", "day"),
    ("to_date({}, week)", "week"),
    ("to_date({}, month)", "month"),
    ("to_date({}, quarter)", "quarter"),
    ("to_date({}, year)", "year"),
    ("to_date({}, fiscal_month)", "fiscal_month"),
    ("to_date({}, fiscal_quarter)", "fiscal_quarter"),
    ("to_date({}, fiscal_year)", "fiscal_year"),
]


@law(worlds, values, st.sampled_from(WINDOWS), slicing, days)
def test_a_window_that_is_as_long_as_its_period_is_the_period(
    world: World, kpis: Kpis, window: tuple[str, str], by: list[str], first: date
) -> None:
    """A month of any length: before 1 March 0:00 a month reaches to 1 February 0:00, so nothing is clamped."""
    form, grain = window
    assume(grain != "fiscal_year" or form.startswith("to_date") or "pattern" not in world.calendar)
    windowed = {f"w{n}": referring(f"w{n}", form.format(f"k{n}")) for n in range(len(kpis))}
    found = Asked(world, defined(kpis) | windowed)(grain, first, end_after(first, grain), by)

    assert_same(renamed(found, "w"), renamed(found, "k"))


@law(
    worlds,
    values,
    st.sampled_from(["week", "month", "quarter", "year", "fiscal_month"]),
    slicing,
    days,
    moments,
)
def test_a_unit_to_date_is_the_unit_so_far(
    world: World, kpis: Kpis, unit: str, by: list[str], first: date, as_of: datetime
) -> None:
    """Its value on the last day, read by day, is that of the unit; and of a part unit that of the part."""
    so_far = {f"s{n}": referring(f"s{n}", f"to_date(k{n}, {unit})") for n in range(len(kpis))}
    ask = Asked(world, defined(kpis) | so_far)
    (period,) = ask.periods(unit, first, first + timedelta(days=1))
    found = ask(unit, first, period.end, by, as_of=as_of)
    last_day = renamed(ask("day", period.end - timedelta(days=1), period.end, by), "s")

    assert_same(renamed(found, "s"), renamed(found, "k"))
    whole_unit = ask(unit, first, period.end, by, kpis=[f"k{n}" for n in range(len(kpis))])
    assert_same(
        {(n, key): v for (n, _, key), v in last_day.items()},
        {(n, key): v for (n, _, key), v in whole_unit.items()},
    )


@law(worlds, sums, grains, days)
def test_what_was_added_since_the_period_before_is_the_period(
    world: World, kpis: Kpis, grain: str, first: date
) -> None:
    definitions = defined([(f"coalesce({expression}, 0)", where) for expression, where in kpis])
    for n in range(len(kpis)):
        definitions |= {
            f"c{n}": kpi(f"c{n}", f"cumulative(k{n})"),
            f"a{n}": kpi(f"a{n}", f"c{n} - previous(c{n}, 1 period)"),
        }
    found = Asked(world, definitions)(grain, first, end_after(first, grain))

    assert renamed(found, "a") == renamed(found, "k")


@law(worlds, sums, days, st.integers(1, 60))
def test_a_rolling_sum_is_the_sum_of_its_days(world: World, kpis: Kpis, day: date, length: int) -> None:
    """28 days are 28 local days, whatever the clocks do."""
    windows = {f"w{n}": kpi(f"w{n}", f"rolling(k{n}, {length} days)") for n in range(len(kpis))}
    ask = Asked(world, defined(kpis) | windows)
    after = day + timedelta(days=1)
    by_day = ask("day", after - timedelta(days=length), after, kpis=[f"k{n}" for n in range(len(kpis))])

    for (name, _, _), value in renamed(ask("day", day, after), "w").items():
        assert value == whole(part for key, part in by_day.items() if key[0] == name)


# --- balances, means and shares


@law(worlds, values, slicing, grains, days)
def test_an_opening_is_the_closing_of_the_period_before(
    world: World, kpis: Kpis, by: list[str], grain: str, first: date
) -> None:
    closings = defined([(f"previous(closing({expression}), 1 period)", where) for expression, where in kpis])
    openings = defined([(f"opening({expression})", where) for expression, where in kpis], "o")
    found = Asked(world, closings | openings)(grain, first, end_after(first, grain), by)

    assert_same(renamed(found, "o"), renamed(found, "k"))


@law(worlds, values, st.sampled_from(["week", "month", "fiscal_month"]), days, moments)
def test_a_mean_over_days_is_the_mean_of_the_days_that_have_a_value(
    world: World, kpis: Kpis, grain: str, first: date, as_of: datetime
) -> None:
    """Nulls do not count, zeros do, and days after `as_of` do not exist."""
    means = {f"m{n}": kpi(f"m{n}", f"average_over(k{n}, day)") for n in range(len(kpis))}
    ask = Asked(world, defined(kpis) | means)
    (period,) = ask.periods(grain, first, first + timedelta(days=1))
    by_day = ask("day", period.start, period.end, as_of=as_of, kpis=[f"k{n}" for n in range(len(kpis))])

    for (name, _, _), mean in renamed(ask(grain, first, period.end, as_of=as_of), "m").items():
        there = [
            value
            for (of, day, _), value in by_day.items()
            if of == name and value is not None and datetime.fromisoformat(day) < as_of
        ]
        assert same(mean, sum(there, Decimal(0)) / len(there) if there else None)


@law(worlds, sums, slicing, grains, days)
def test_a_share_is_the_slice_over_the_whole(
    world: World, kpis: Kpis, by: list[str], grain: str, first: date
) -> None:
    """Over all channels, for each of the other slices; and 1 of a whole that is not cut by channel."""
    others = [dimension for dimension in by if dimension != "channel"]
    shares = {f"s{n}": referring(f"s{n}", f"share(k{n}, of channel)") for n in range(len(kpis))}
    ask = Asked(world, defined(kpis) | shares)
    end = end_after(first, grain)
    sliced = ask(grain, first, end, ["channel", *others])
    whole_of = ask(grain, first, end, others)

    for (name, period, key), value in renamed(sliced, "s").items():
        part, total = sliced[name, period, key], whole_of[name, period, key[1:]]
        assert same(value, part / total if part is not None and total else None)
    for at, value in renamed(whole_of, "s").items():
        assert same(value, Decimal(1) if whole_of[at] else None)
