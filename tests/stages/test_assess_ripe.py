"""A cohort or a funnel is known later than its period is over, and so is what rests on it."""

from datetime import date, datetime

import pytest
from factories import dataset, dimension, goal, kpi, project, result

from kpiascode.assess.periods import last_known, measured_period
from kpiascode.assess.questions import questions
from kpiascode.model.calendar import Duration, Grain, Unit
from kpiascode.model.expression import Column, Constant, KpiValue, Type
from kpiascode.model.project import Cohort, Funnel, Measured, Project, TargetKpi

AGED = Cohort(
    starts=Column((), "since"),
    rows=Constant(True, Type.BOOLEAN),
    oldest=Duration(amount=90, unit=Unit.DAY),
    way=(),
    home="orders",
    entity=Column((), "customer_id"),
    where=None,
)
CHANNEL = dimension("channel")
TWO_WEEKS = Funnel(within=Duration(amount=2, unit=Unit.WEEK), by_day=True, steps=())


def world() -> Project:
    return project(
        kpi("plain", dimensions=(CHANNEL,)),
        kpi("aged", dimensions=(CHANNEL,), cohort=AGED),
        kpi("stepped", dimensions=(CHANNEL,), funnel=TWO_WEEKS),
        kpi("resting", dimensions=(CHANNEL,), expression=KpiValue("aged")),
    )


@pytest.mark.parametrize(
    ("name", "day", "known"),
    [
        ("plain", date(2026, 5, 1), "2026-04"),
        ("aged", date(2026, 5, 1), "2025-12"),  # 90 days after the end of January is 2 May
        ("aged", date(2026, 5, 2), "2026-01"),
        ("aged", date(2026, 5, 30), "2026-02"),
        ("aged", date(2026, 5, 29), "2026-01"),
        ("stepped", date(2026, 5, 14), "2026-03"),
        ("stepped", date(2026, 5, 15), "2026-04"),
        ("resting", date(2026, 5, 30), "2026-02"),
    ],
)
def test_the_last_period_that_is_known(name: str, day: date, known: str) -> None:
    made = world()
    period = last_known(made, made.kpis[name], day, day)

    assert period is not None
    assert period.name == known


def test_slices_are_asked_of_the_last_known_period() -> None:
    made = world()
    asked = {
        (name, period.name)
        for question in questions(made, datetime(2026, 5, 30))
        if question.by
        for name in question.kpis
        for period in question.periods
    }

    assert asked == {(name, "2026-02") for name in ("aged", "resting")} | {
        ("plain", "2026-04"),
        ("stepped", "2026-04"),
    }


@pytest.mark.parametrize(
    ("day", "measured_to"),
    [
        (date(2026, 1, 15), None),  # no month of the goal's year is over
        (date(2026, 2, 1), date(2026, 2, 1)),
        (date(2026, 2, 10), date(2026, 2, 1)),
        (date(2026, 12, 31), date(2026, 12, 1)),
        (date(2027, 3, 9), date(2027, 1, 1)),
    ],
)
@pytest.mark.parametrize("rests", [False, True])
def test_sales_are_held_against_a_monthly_budget_up_to_the_last_whole_month(
    day: date, measured_to: date | None, rests: bool
) -> None:
    target = "resting" if rests else "budget"
    growth = goal("growth", result("sales", TargetKpi(kpi=target), measured=Measured.TO_DATE))
    made = project(
        dataset("budgets", time_grain=Grain.MONTH),
        kpi("sales"),
        kpi("budget", dataset="budgets"),
        kpi("resting", expression=KpiValue("budget"), dataset=None),
        growth,
    )
    period = measured_period(made, growth, growth.results[0], day)

    assert (None if period is None else period.end) == measured_to


def test_without_such_rows_a_goal_is_measured_to_the_day() -> None:
    growth = goal("growth", result("sales", "10", measured=Measured.TO_DATE))
    made = project(kpi("sales"), growth)
    period = measured_period(made, growth, growth.results[0], date(2026, 2, 10))

    assert period is not None
    assert (period.start, period.end) == (date(2026, 1, 1), date(2026, 2, 10))
