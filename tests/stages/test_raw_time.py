"""What is read of a fact is bounded on its raw time column, so that partitions, and what is kept of blocks, are left out.

A half-open range of constants on the column itself, uncast, in every SELECT that reads the fact for its rows. Where
that cannot be, it stands in `UNBOUNDED` with the reason, and in docs/scale.md. Proofs of keys are not about time.
"""

import argparse
import shlex
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Final

import pytest
import sqlglot
from sqlglot import exp
from test_cases import CASES

from kpiascode import compile
from kpiascode.compile.dialects import DIALECTS
from kpiascode.model.calendar import Grain
from kpiascode.model.expression import Column
from kpiascode.model.plan import Plan
from kpiascode.pipeline import asking, reading
from projects import catalog_of, kpi, planned, question, resolution, sound

ROOT: Final = Path(__file__).parents[2]
UNBOUNDED: Final = {
    "time_forms": {"orders_calendar_orders_segments", "orders_once"},  # cumulative: from the beginning
    "balances_and_means": {"stock_moments", "stock_by_period_2"},  # the last row of each key, however old
    "cohort_and_funnel": {
        "conversion_funnel_step_2"
    },  # a later step of a funnel, up to `within` after the first
    "open_receivables": {
        "receivables_by_period"
    },  # held from a moment to a day, so the moment is made a clock
}
"""By case or KPI the steps that read more than a range of time."""

each_dialect = pytest.mark.parametrize("dialect", DIALECTS)


@cache
def plans() -> dict[str, Plan]:
    """Return a plan for each case, and for each KPI of the example company by its first dimension."""
    found = {}
    for case in CASES:
        checked, ask = reading.read(case), asked((case / "question.txt").read_text())
        (found[case.name],) = asking.plans(asking.with_file_types(checked, ask), ask)
    checked = reading.read(ROOT)
    for one in checked.project.kpis.values():
        by = tuple(dimension.name for dimension in one.dimensions[:1])
        ask = asking.Ask(kpis=(one.name,), as_of=datetime(2026, 1, 1), by=by)
        (found[one.name],) = asking.plans(asking.with_file_types(checked, ask), ask)
    return found


def asked(text: str) -> asking.Ask:
    words = argparse.ArgumentParser()
    words.add_argument("kpis", nargs="*")
    words.add_argument("--by", action="append", default=[])
    for name in ("--grain", "--from", "--to", "--as-of"):
        words.add_argument(name)
    said = vars(words.parse_args(shlex.split(text)))
    return asking.Ask(
        kpis=tuple(said["kpis"]),
        as_of=datetime.fromisoformat(said["as_of"]),
        grain=None if said["grain"] is None else Grain(said["grain"]),
        start=date.fromisoformat(said["from"]),
        end=date.fromisoformat(said["to"]),
        by=tuple(said["by"]),
    )


def reading_steps(plan: Plan, sql: str, dialect: str) -> Iterator[tuple[str, bool]]:
    """Yield the steps that read a fact for its rows, and whether each is bounded on both sides on its raw time."""
    times: dict[str, set[tuple[str, str]]] = {}
    for scan in (*plan.scans, *plan.funnels):
        found = times.setdefault(scan.dataset.lower(), set())
        if isinstance(scan.time, Column):
            found.add(("__".join((scan.dataset, *scan.time.path)).lower(), scan.time.column.lower()))
    for select in sqlglot.parse_one(sql, dialect=DIALECTS[dialect].printer).find_all(exp.Select):
        source = select.args.get("from_")
        fact = "" if source is None else source.this.alias_or_name.lower()
        step = select.find_ancestor(exp.CTE)
        if (
            fact in times
            and isinstance(source.this, exp.Table)
            and step is not None
            and step.alias != "proofs"
        ):
            yield step.alias, is_bounded(select, times[fact])


def is_bounded(select: exp.Select, times: set[tuple[str, str]]) -> bool:
    """Return whether the conditions hold a half-open range of constants on one of the columns themselves."""
    where = select.args.get("where")
    conditions = (
        []
        if where is None
        else list(where.this.flatten())
        if isinstance(where.this, exp.And)
        else [where.this]
    )
    nested = [part for one in conditions if isinstance(one, exp.And) for part in one.flatten()]
    bounds = {
        type(one): (one.this.table.lower(), one.this.name.lower())
        for one in (*conditions, *nested)
        if isinstance(one, exp.GTE | exp.LT)
        and isinstance(one.this, exp.Column)
        and one.expression.find(exp.Column) is None
    }
    return exp.GTE in bounds and bounds[exp.GTE] == bounds.get(exp.LT) and bounds[exp.GTE] in times


@each_dialect
def test_every_fact_is_bounded_on_its_raw_time(dialect: str) -> None:
    unbounded: dict[str, set[str]] = {}
    expected, seen = {}, 0
    for name, plan in plans().items():
        with suppress(compile.CannotCompile):
            sql = compile.compile_plan(plan, dialect).text
            steps = list(reading_steps(plan, sql, dialect))
            seen += len(steps)
            if loose := {step for step, bounded in steps if not bounded}:
                unbounded[name] = loose
            if name in UNBOUNDED:
                expected[name] = UNBOUNDED[name]

    assert unbounded == expected
    assert seen > 50


@each_dialect
@pytest.mark.parametrize(
    "kind", ["DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE"], ids=["day", "clock", "moment"]
)
def test_a_column_of_any_type_is_bounded_as_it_is(kind: str, dialect: str) -> None:
    """A moment in another zone than the calendar's, too: its bounds are moved, not the column."""
    dataset = "kind: dataset\nname: events\nsource: shop.events\ntime: at\n"
    catalog = catalog_of(events=f"at {kind}, amount DECIMAL(12,2)")
    texts = (dataset, kpi("sales", "sum(amount)", dataset="events", grain="month"))
    project = sound(resolution(*texts, catalog=catalog, calendar="{timezone: Europe/Berlin}"))
    plan = planned(
        project, question(project, ["sales"], date(2026, 1, 1), date(2026, 4, 1), grain="month"), catalog
    )
    try:
        sql = compile.compile_plan(plan, dialect).text
    except compile.CannotCompile:
        assert (dialect, kind) in {
            ("sqlite", "TIMESTAMP WITH TIME ZONE"),
            ("tsql", "TIMESTAMP WITH TIME ZONE"),
        }
        return

    steps = list(reading_steps(plan, sql, dialect))

    assert [bounded for _, bounded in steps] == [True] * len(steps)
    assert len(steps) == 2


@pytest.mark.parametrize(
    ("where", "bounded"),
    [
        pytest.param("e.at >= DATE '2026-01-01' AND e.at < DATE '2026-02-01'", True, id="half-open"),
        pytest.param(
            "(e.at >= DATE '2026-01-01' AND e.at < DATE '2026-02-01') AND e.a = 1", True, id="and more"
        ),
        pytest.param(
            "CAST(e.at AS DATE) >= DATE '2026-01-01' AND e.at < DATE '2026-02-01'", False, id="a cast"
        ),
        pytest.param("e.at >= DATE '2026-01-01'", False, id="no end"),
        pytest.param("e.at < DATE '2026-02-01'", False, id="no beginning"),
        pytest.param("e.at >= DATE '2026-01-01' AND e.at <= DATE '2026-02-01'", False, id="closed"),
        pytest.param("e.at >= DATE '2026-01-01' OR e.at < DATE '2026-02-01'", False, id="either"),
        pytest.param("e.at >= p.starts_at AND e.at < p.ends_at", False, id="bounds of a table"),
        pytest.param(
            "e.seen >= DATE '2026-01-01' AND e.seen < DATE '2026-02-01'", False, id="another column"
        ),
        pytest.param("e.a = 1", False, id="no bound"),
    ],
)
def test_what_is_no_range_on_the_raw_column_is_found(where: str, bounded: bool) -> None:
    select = sqlglot.parse_one(f"SELECT 1 FROM events AS e WHERE {where}", dialect="duckdb")

    assert isinstance(select, exp.Select)
    assert is_bounded(select, {("e", "at")}) is bounded
