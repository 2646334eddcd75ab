"""Scans that read the same rows are read once. What comes out is the same; here is how it is planned."""

from datetime import date

import pytest

from forms.asking import answer, numbers, series
from kpiascode import resolve
from kpiascode.model.plan import Plan
from projects import catalog_of, documents, kpi, planned, question, sound

LINES = """
kind: dataset
name: lines
source: lines
time: day
"""
CATALOG = catalog_of(
    lines="day DATE, mode VARCHAR, flag VARCHAR, n BIGINT, price DECIMAL(9,2), ordered BIGINT"
)


def plan_of(*kpis: str, start: str = "2026-01-01", end: str = "2026-07-01", by: tuple[str, ...] = ()) -> Plan:
    project = sound(resolve.resolve(documents(LINES, *kpis), CATALOG))
    asked = question(
        project, tuple(project.kpis), date.fromisoformat(start), date.fromisoformat(end), grain="month", by=by
    )
    return planned(project, asked, CATALOG)


def measure(name: str, expression: str, **keys: str) -> str:
    return kpi(name, expression, dataset="lines", grain="month", dimensions="[mode]", **keys)


def many(count: int, *more: str) -> list[str]:
    """Return KPIs that differ in their filter: of a mode, of a flag, of both."""
    asked = [f"mode = 'm{number % 3}' and flag <> 'f{number % 2}'" for number in range(count)]
    functions = ["sum(price)", "count(*)"]
    return [
        *(measure(f"k{n}", functions[n // 6 % 2], where=where) for n, where in enumerate(asked)),
        *more,
    ]


def test_a_few_measures_keep_their_one_scan() -> None:
    made = plan_of(*many(3))

    assert (len(made.scans), made.rollups) == (1, ())


def test_many_filters_are_asked_once_of_each_row() -> None:
    made = plan_of(*many(12))
    (scan,), (rollup,) = made.scans, made.rollups

    assert scan.spine == "periods"
    assert [name for name, _ in scan.dimensions] == ["mode__code", "flag__code"]
    assert [measure.aggregate.function for measure in scan.measures] == ["sum", "count"]
    assert len(rollup.measures) == 12


def test_columns_become_codes_so_that_there_are_few_groups_whatever_they_hold() -> None:
    asked = [measure(f"k{n}", "sum(price)", where=f"ordered = {n % 4}") for n in range(12)]
    asked += [measure(f"c{n}", "count(*)", where=f"ordered in ({n}, {n + 1})") for n in range(12)]
    made = plan_of(*asked)

    assert [name for name, _ in made.scans[0].dimensions] == ["ordered__code"]


def test_windows_and_comparisons_are_made_of_segments() -> None:
    made = plan_of(
        measure("now", "sum(price)"),
        measure("before", "previous(sum(price), 1 year)"),
        measure("rolled", "rolling(sum(price), 3 months)"),
        measure("year", "to_date(sum(price), year)"),
    )
    (scan,) = made.scans

    assert len(made.rollups) == 4
    segments = next(spine for spine in made.spines if spine.name == scan.spine)
    spans = [(str(stretch.start), str(stretch.end)) for stretch in segments.stretches]
    assert spans[:6] == [(f"2025-0{n}-01", f"2025-0{n + 1}-01") for n in range(1, 7)], "the year before"
    assert ("2025-07-01", "2025-10-01") not in spans, "nobody asks for the third quarter"
    assert spans[6:9] == [
        ("2025-11-01", "2025-12-01"),
        ("2025-12-01", "2026-01-01"),
        ("2026-01-01", "2026-02-01"),
    ]


def test_what_cannot_be_put_together_sees_its_rows_itself() -> None:
    made = plan_of(
        measure("now", "median(price) + sum(price)"),
        measure("before", "previous(count(distinct ordered) + sum(price), 1 year)"),
    )
    functions = {scan.name: [m.aggregate.function for m in scan.measures] for scan in made.scans}

    assert functions == {
        "lines_by_period": ["median"],
        "lines_by_period_previous_1_year": ["count"],
        "lines_once": ["sum"],
    }


def test_too_many_different_conditions_stay_in_one_scan() -> None:
    """A condition that is no equality is a key of its own; with many there would be as many groups as rows."""
    made = plan_of(*(measure(f"k{n}", "sum(price)", where=f"price > {n}") for n in range(40)))

    assert (len(made.scans), made.rollups) == (1, ())


def test_slices_share_with_totals_of_them() -> None:
    made = plan_of(measure("part", "share(rolling(sum(price), 3 months), of mode)"), by=("mode",))

    assert [scan.name for scan in made.scans] == ["lines_once"]
    assert [rollup.dimensions for rollup in made.rollups] == [(("mode", "mode"),), ()]


ROWS = [
    ("2026-01-05", "m0", "f0", 1, "1.00", 7),
    ("2026-01-06", "m1", "f0", 2, "2.00", 7),
    ("2026-01-07", None, "f1", None, "4.00", 8),
    ("2026-02-08", "m2", None, 4, "8.00", 9),
    ("2026-02-09", "m0", "f1", 5, None, 9),
    ("2026-03-01", "m1", "f1", 6, "32.00", 9),
]
TABLES = {"lines": ("day DATE, mode TEXT, flag TEXT, n INTEGER, price DECIMAL(9,2), ordered INTEGER", ROWS)}
CONDITIONS = [
    ("mode = 'm0'", 1, None), ("mode <> 'm0'", 2, 8), ("mode is null", 4, None), ("not (mode = 'm1')", 1, 8),
    ("mode in ('m0', 'm2')", 1, 8), ("flag = 'f0'", 3, None), ("flag <> 'f0'", 4, None), ("flag is not null", 7, None),
    ("mode = 'm1' or flag = 'f1'", 6, None), ("not (mode = 'm0' or flag = 'f1')", 2, None),
    ("mode <> 'm9'", 3, 8), ("(mode = 'm2') is null", 4, None),
]  # fmt: skip
"""A condition with the sum of prices in January and February; unknown is not true, and not unknown neither."""


def test_unknown_stays_unknown_in_codes() -> None:
    kpis = [measure(f"k{number}", "sum(price)", where=where) for number, (where, *_) in enumerate(CONDITIONS)]
    kpis += [measure(f"c{number}", "count(*)", where=where) for number, (where, *_) in enumerate(CONDITIONS)]
    assert plan_of(*kpis).rollups, "they are rolled up"
    names = [f"k{number}" for number in range(len(CONDITIONS))]
    found = answer([LINES, *kpis], TABLES, names, "2026-01-01", "2026-03-01")
    together = answer(
        [LINES, *kpis],
        TABLES,
        [*names, *(f"c{n}" for n in range(len(CONDITIONS)))],
        "2026-01-01",
        "2026-03-01",
    )

    for number, (where, *expected) in enumerate(CONDITIONS):
        assert series(found, f"k{number}") == numbers(*expected), where
        assert series(together, f"k{number}") == numbers(*expected), where


@pytest.mark.parametrize(
    "function", ["sum(price)", "count(price)", "count(*)", "min(price)", "max(price)", "avg(price)"]
)
def test_every_function_is_put_together_as_it_is_taken_at_once(function: str) -> None:
    texts = [LINES, measure("one", function), measure("two", f"rolling({function}, 2 months)")]
    rolled = answer(texts, TABLES, ["two"], "2026-02-01", "2026-03-01")
    range_ = answer(texts, TABLES, ["one"], "2026-01-01", "2026-03-01", grain="all")

    assert series(rolled, "two") == series(range_, "one")
