"""What the KPIs over the real data are, worked out the slow and obvious way from the raw files.

Shares nothing with the product. Which accounts belong to a KPI is found by walking the chart of accounts as a
tree, with its operators; first purchases by the first day of each customer. `answer` gives the values of a
KPI by period and slice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple, TypeAlias

from .oracle_adventureworks import ADVENTUREWORKS, AW_TABLES
from .oracle_base import Number, Period, Reach, Slice, Span, Table, View, periods, ratio, table, total
from .oracle_cdnow import CD_TABLES, CDNOW

Answer: TypeAlias = dict[tuple[str, Slice], Number]
KPIS: Final = ADVENTUREWORKS | CDNOW
TABLES: Final = AW_TABLES | CD_TABLES

# --- the answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What `kpi run` is asked. `start` and `end` are moved outward to whole periods, save for `all`."""

    kpi: str
    grain: str
    start: date
    end: date
    as_of: date
    by: tuple[str, ...] = ()

    @property
    def periods(self) -> tuple[Period, ...]:
        return periods(self.grain, self.start, self.end)


def visible(question: Question) -> dict[str, Table]:
    """Return the rows before `as_of` of each table that the KPI reads."""
    return {
        name: table(row for row in TABLES[name]().rows if row.day < question.as_of)
        for name in KPIS[question.kpi].tables
    }


def slices(question: Question, tables: Mapping[str, Table], reads: Sequence[Reach]) -> set[Slice]:
    """Return every combination that any table holds in any of the spans read for any asked period."""
    if not question.by:
        return {()}
    view = View(tables, question.grain, question.as_of)
    spans = {reach(view, period.span) for period in question.periods for reach in reads} - {None}
    return {
        key
        for whole in tables.values()
        for key, part in whole.split(question.by).items()
        if any(span is not None and part.within(span) for span in spans)
    }


def answer(question: Question) -> Answer:
    """Return the value for every asked period and every slice seen in any of them."""
    kpi = KPIS[question.kpi]
    tables = visible(question)
    parts = {name: whole.split(question.by) for name, whole in tables.items()}
    nothing = table(())
    views = {
        key: View({name: parts[name].get(key, nothing) for name in tables}, question.grain, question.as_of)
        for key in slices(question, tables, kpi.reads)
    }
    return {
        (period.name, key): kpi.measure(view, period.span)
        for period in question.periods
        for key, view in views.items()
    }


# --- the goal for 2011


class Standing(NamedTuple):
    """Net sales against the budget. `budget` is of the same days, `budget_of_2011` of the whole year."""

    net_sales: Number
    budget: Number
    attainment: Number
    budget_of_2011: Number


def budget_2011_to_date(as_of_month: date) -> dict[Slice, Standing]:
    """Return where 2011 stands on the first of a month: `()` for all, `(organization,)` for each.

    `as_of_month` is not seen itself: 2011-03-01 gives January and February. The lines of February, April and
    June are dated on the first of the following month, so they count a month late, in sales and budget alike.
    """
    so_far = Span(date(2011, 1, 1), min(as_of_month, date(2012, 1, 1)))
    year = Span(date(2011, 1, 1), date(2012, 1, 1))
    actual, budget = TABLES["net sales"](), TABLES["net sales budget"]()
    of_actual, of_budget = actual.split(["organization"]), budget.split(["organization"])
    nothing = table(())
    pairs: dict[Slice, tuple[Table, Table]] = {(): (actual, budget)}
    pairs |= {
        key: (of_actual.get(key, nothing), of_budget.get(key, nothing)) for key in of_actual | of_budget
    }

    def counted(rows: Table, span: Span) -> Number:
        return total(row.numbers["counted"] for row in rows.within(span))

    return {
        key: Standing(
            counted(sold, so_far),
            counted(planned, so_far),
            ratio(counted(sold, so_far), counted(planned, so_far)),
            counted(planned, year),
        )
        for key, (sold, planned) in pairs.items()
    }
