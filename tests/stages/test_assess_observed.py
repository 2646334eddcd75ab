"""Where the data does not reach, an observation has no value: before the first row, and where it is late."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from factories import compiled, dataset, dimension, goal, kpi, period, project, result, seen, total, whole
from hypothesis import given
from hypothesis import strategies as st

from kpiascode.assess import assess
from kpiascode.assess.observed import observed
from kpiascode.assess.series import first_day
from kpiascode.assess.trust import data_state
from kpiascode.model.assessment import Assessment, Status, Trust
from kpiascode.model.calendar import Calendar, Duration, Grain, Period, Unit
from kpiascode.model.expression import Column, KpiValue
from kpiascode.model.observation import Freshness, Observation
from kpiascode.model.project import Cohort, Kpi, Measured, Project, TargetKpi
from kpiascode.model.signals import Standing, Variation

FEBRUARY, APRIL_1, APRIL_15 = period("2026-02"), datetime(2026, 4, 1), datetime(2026, 4, 15)
THREE_DAYS = timedelta(days=3)
MARGIN = kpi("margin")


def known(name: str, *, latest: str | None = None, earliest: str | None = None, rows: int = 9) -> Freshness:
    moments = [None if text is None else datetime.fromisoformat(text) for text in (latest, earliest)]
    return Freshness(dataset=name, latest=moments[0], rows=rows, earliest=moments[1])


def has_value(
    *datasets: Freshness,
    of: Project | None = None,
    read: Iterable[str] = ("orders",),
    when: Period = FEBRUARY,
    as_of: datetime = APRIL_15,
) -> bool:
    """Return whether what was observed of the margin, total and slice, still has its value."""
    everything = of or project(MARGIN, dataset("orders", freshness=THREE_DAYS))
    told = [seen("margin", when, "3"), seen("margin", when, "3", (("unit", "stores"),))]
    found = observed(told, everything, {"margin": read}, {one.dataset: one for one in datasets}, as_of)
    values = {found.value("margin", when), found.value("margin", when, (("unit", "stores"),))}
    assert len(values) == 1
    return values != {None}


# --- data that is late


@pytest.mark.parametrize(
    ("latest", "there"),
    [
        pytest.param("2026-02-25", True, id="three days before the end, the day of the row not counted"),
        pytest.param("2026-02-24", False, id="four days before it"),
        pytest.param("2026-02-26T00:01", True, id="a moment counts as it is"),
        pytest.param("2026-02-25T23:59", False, id="a minute more than three days"),
        pytest.param("2026-03-20", True, id="in time at the end of February, late only later"),
        pytest.param(None, False, id="without any row the promise is broken"),
    ],
)
def test_february_has_a_value_if_its_data_was_in_time_when_it_ended(latest: str | None, there: bool) -> None:
    assert has_value(known("orders", latest=latest)) is there


def test_the_running_period_has_none_where_the_data_is_late_today() -> None:
    """On 15 April at noon: rows of the 11th at noon are four days old, those of the 12th at noon three."""
    noon, april = datetime(2026, 4, 15, 12), period("2026-04")

    assert not has_value(known("orders", latest="2026-04-11T12:00"), when=april, as_of=noon)
    assert has_value(known("orders", latest="2026-04-12T12:00"), when=april, as_of=noon)


def test_without_a_promise_nothing_is_late() -> None:
    assert has_value(known("orders", latest="2020-01-01"), of=project(MARGIN))


def test_one_late_dataset_of_two_is_enough() -> None:
    refunds = dataset("refunds", freshness=THREE_DAYS)
    both = (known("orders", latest="2026-04-14"), known("refunds", latest="2026-02-01"))

    assert not has_value(*both, of=project(MARGIN, refunds), read=("orders", "refunds"))
    assert has_value(*both, of=project(MARGIN, refunds)), "which it does not read"


@given(
    promised=st.none() | st.timedeltas(timedelta(0), timedelta(days=40)),
    latest=st.datetimes(datetime(2025, 1, 1), datetime(2026, 5, 1)),
    as_of=st.datetimes(datetime(2026, 1, 2), datetime(2026, 4, 30)),
)
def test_data_that_is_not_late_has_all_its_values(
    promised: timedelta | None, latest: datetime, as_of: datetime
) -> None:
    of = project(MARGIN, dataset("orders", freshness=promised))
    freshness = {"orders": Freshness(dataset="orders", latest=latest, rows=1)}
    days = Calendar().periods(Grain.WEEK, date(2025, 6, 1), as_of.date())
    told = [seen("margin", day, "3") for day in days]
    found = observed(told, of, {"margin": ("orders",)}, freshness, as_of)
    values = [found.value("margin", day) is not None for day in days]

    assert values == sorted(values, reverse=True), "once it is late, it stays so"
    if data_state(of, ("orders",), freshness, as_of).trust is not Trust.LATE:
        assert all(values)


# --- before the first row


@pytest.mark.parametrize(
    ("earliest", "there"),
    [
        pytest.param("2026-03-01", False, id="the first row lies exactly at the end"),
        pytest.param("2026-02-28T23:59", True, id="or a minute before it"),
        pytest.param("2026-02-01", True, id="or at the start"),
        pytest.param("2027-01-01", False, id="or long after"),
        pytest.param(None, True, id="nothing is known of it"),
    ],
)
def test_february_has_a_value_if_data_begins_within_it_or_before(earliest: str | None, there: bool) -> None:
    assert has_value(known("orders", latest="2026-04-14", earliest=earliest), of=project(MARGIN)) is there


def test_without_any_row_there_is_no_value() -> None:
    nothing = known("orders", rows=0)

    assert not has_value(nothing, of=project(MARGIN))
    assert first_day(["orders"], {"orders": nothing}) == date.max
    assert first_day(["orders"], {}) is None


def net(*parts: Kpi) -> Project:
    """Sales without refunds, each counted over rows of its own."""
    return project(
        kpi("margin", dataset=None, time=None, expression=KpiValue("sales")),
        kpi("sales", expression=KpiValue("refunds")),
        kpi("refunds", dataset="refunds"),
        dataset("refunds"),
        *parts,
    )


@pytest.mark.parametrize(
    ("orders", "refunds", "there"),
    [
        pytest.param("2025-01-01", "2026-03-05", True, id="months before the first refund are known"),
        pytest.param("2026-03-02", "2026-03-05", False, id="those before the first of all are not"),
        pytest.param("2026-03-02", "2025-01-01", True, id="whichever comes first"),
        pytest.param("2026-03-02", None, True, id="of one of them it is not known"),
    ],
)
def test_a_kpi_over_two_datasets_begins_with_the_first(orders: str, refunds: str | None, there: bool) -> None:
    both = (known("orders", earliest=orders), known("refunds", earliest=refunds))

    assert has_value(*both, of=net(), read=("orders", "refunds")) is there


def test_a_dataset_without_any_row_does_not_hide_the_other() -> None:
    empty = known("refunds", rows=0)

    assert has_value(known("orders", earliest="2025-01-01"), empty, of=net(), read=("orders", "refunds"))
    assert not has_value(known("orders", rows=0), empty, of=net(), read=("orders", "refunds"))
    assert has_value(empty, of=net(), read=("orders", "refunds")), "of orders nothing is known"


def test_a_kpi_that_dates_its_rows_by_another_time_may_begin_earlier() -> None:
    """Its own time, or that of one beneath it, or one that a rule had before."""
    other = {"time": Column((), "promised_on")}
    begins = known("orders", earliest="2026-03-02")

    assert not has_value(begins, of=project(MARGIN))
    assert has_value(begins, of=project(kpi("margin", **other)))
    rests = kpi("margin", dataset=None, time=None, expression=KpiValue("sales"))
    assert not has_value(begins, of=project(rests, kpi("sales")))
    assert has_value(begins, of=project(rests, kpi("sales", **other)))


def test_a_cohort_is_dated_by_when_its_entities_start() -> None:
    """It counts rows of orders, in the month in which its customer came."""

    def of(starts: Column, **changes: Any) -> Project:
        cohort = Cohort(
            starts=starts,
            rows=total("x"),
            oldest=Duration(amount=90, unit=Unit.DAY),
            way=("customer",),
            home="customers",
            entity=total("x"),
            where=None,
        )
        customers = dataset("customers", time=Column((), "came_on"))
        return project(kpi("margin", cohort=cohort, **changes), customers)

    both = (known("orders", earliest="2026-03-09"), known("customers", earliest="2026-03-02"))
    read = ("orders", "customers")

    assert not has_value(*both, of=of(Column(("customer",), "came_on")), read=read)
    assert has_value(*both, of=of(Column(("customer",), "born_on")), read=read)


# --- and whatever is judged by it


def judged(*told: Observation, freshness: Freshness, as_of: datetime = APRIL_1) -> Assessment:
    """Goals of 2026 for the margin, of the last month and to date, of a slice, and against another KPI."""
    unit = {"dimensions": (dimension("unit"),)}
    budget = kpi("budget", **unit)
    stores = (("unit", "stores"),)
    everything = project(
        kpi("margin", **unit),
        budget,
        dataset("orders", freshness=THREE_DAYS),
        goal("of_month", result("margin", "1")),
        goal("to_date", result("margin", "1", measured=Measured.TO_DATE)),
        goal("of_stores", result("margin", "1", slice=stores)),
        goal("of_budget", result("margin", TargetKpi(kpi="budget"))),
    )
    known_of = compiled("margin", "budget")
    return assess(everything, told, {"orders": freshness}, known_of, as_of)


def year(value: str) -> tuple[Observation, ...]:
    """Twelve months until March 2026, with the slice of the last, the quarter so far, and a budget."""
    months = Calendar().periods(Grain.MONTH, date(2025, 4, 1), date(2026, 4, 1))
    return (
        *(seen("margin", month, str(at % 3 + 5)) for at, month in enumerate(months[:-2])),
        *(seen("margin", month, value) for month in months[-2:]),
        seen("margin", "2026-03", value, (("unit", "stores"),)),
        seen("margin", whole("2026-01-01", "2026-04-01"), value),
        seen("budget", "2026-03", "1"),
    )


def test_zeros_and_records_of_late_data_meet_no_goal_and_are_no_signal() -> None:
    """The data ends with January: the values of February and March, whatever they are, say nothing."""
    late = known("orders", latest="2026-01-31", earliest="2025-01-01")
    fresh = replace(late, latest=datetime(2026, 3, 31))

    for value in ("0", "50"):
        found, in_time = judged(*year(value), freshness=late), judged(*year(value), freshness=fresh)
        margin = found.kpis["margin"]
        assert {name: one.status for name, one in found.goals.items()} == dict.fromkeys(
            ("of_budget", "of_month", "of_stores", "to_date"), Status.NO_DATA
        )
        assert {one.results[0].value for one in found.goals.values()} == {None}
        assert Status.NO_DATA not in {one.status for one in in_time.goals.values()}
        assert [one.value for one in margin.series[-2:]] == [None, None]
        assert [one.value for one in margin.breakdown["unit"]] == [None]
        assert (margin.standing, margin.current and margin.current.value) == (Standing.NO_VERDICT, None)
        assert margin.behaviour.variation is Variation.NOT_JUDGED
        assert not [s for one in margin.behaviour.segments for s in one.signals if s.new]
        assert in_time.kpis["margin"].behaviour.variation in (Variation.BETTER, Variation.WORSE)


def test_on_a_day_before_the_first_row_zeros_are_not_usual() -> None:
    months = Calendar().periods(Grain.MONTH, date(2024, 4, 1), date(2026, 4, 1))
    zeros = [seen("margin", month, "0") for month in months]
    found = judged(*zeros, freshness=known("orders", rows=0)).kpis["margin"]

    assert {one.value for one in found.series} == {None}
    assert (found.behaviour.variation, found.behaviour.segments) == (Variation.TOO_FEW, ())
