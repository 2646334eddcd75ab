"""Improvement plans: the success test, before and after, and what people say beside what numbers say."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from factories import NOWHERE, dataset, dimension, evidence, kpi, period, project, seen, total

from kpiascode.assess import assess, plan_alone, questions
from kpiascode.assess.plans import asked_of
from kpiascode.model.assessment import PlanAssessment, PlanVerdict
from kpiascode.model.calendar import Calendar, Duration, Grain, Unit
from kpiascode.model.observation import Freshness, Observation
from kpiascode.model.performance import (
    Action,
    ImprovementPlan,
    Outcome,
    Performance,
    PlanResult,
    SubjectOfPlan,
    SuccessTest,
)
from kpiascode.model.project import Cohort, Direction, Kpi, ProcessChange, Project, SignalSettings

WAITING = kpi("waiting", direction=Direction.LOWER)


def success(**changes: Any) -> SuccessTest:
    plain = SuccessTest(kpi="waiting", slice=(), at_least=None, at_most=Decimal(20), periods=3)
    return replace(plain, **changes)


def plan(**changes: Any) -> ImprovementPlan:
    """A plan of the year 2026 for the KPI that is too high."""
    plain = ImprovementPlan(
        name="shorter",
        title="Shorter waiting",
        owner="controller",
        subject=(SubjectOfPlan.KPI, "waiting"),
        opened_on=date(2026, 1, 1),
        ends_on=date(2027, 1, 1),
        trigger="",
        current="Too long.",
        required="Twenty.",
        standard=None,
        actions=(Action(what="Look", who="controller", due=date(2026, 2, 1), done_on=None),),
        support="",
        reviews=(),
        changed_on=None,
        success=success(),
        outcome=None,
        opened_with_employee=None,
        hr_reviewer=None,
        visibility=(),
        keeping=None,
        place=NOWHERE,
    )
    return replace(plain, **changes)


def company(one: ImprovementPlan, of: Kpi = WAITING) -> Project:
    return replace(project(of), performance=Performance(plans={one.name: one}))


def months(*values: str | None, last: str = "2026-06", **changes: Any) -> tuple[Observation, ...]:
    """Totals of months in a row, the last value in `last`."""
    calendar = Calendar()
    end = period(last)
    every = calendar.periods(Grain.MONTH, date(2019, 1, 1), end.end)[-len(values) :]
    return tuple(
        replace(seen("waiting", month, value), **changes) for month, value in zip(every, values, strict=True)
    )


def test_a_plan_that_is_judged_alone_is_judged_as_among_all() -> None:
    """Also by a process that began anew, and by data that begins in the middle of what is looked at."""
    changed = replace(WAITING, process_changes=(ProcessChange(start=date(2025, 7, 1), reason="New shop."),))
    begun = Freshness(dataset="orders", latest=datetime(2026, 7, 1), rows=9, earliest=datetime(2025, 10, 5))
    one, values = plan(changed_on=date(2026, 4, 1)), months(*["9"] * 60)

    for of, freshness in ((WAITING, {}), (WAITING, {"orders": begun}), (changed, {})):
        datasets = {"waiting": ("orders",)}
        alone = plan_alone(company(one, of), one, values, freshness, datasets, datetime(2026, 7, 1))
        assert alone == judged(one, values, of=of, freshness=freshness)
    assert len(alone.before.points) == 9


def judged(
    one: ImprovementPlan,
    observations: Iterable[Observation],
    as_of: str = "2026-07-01",
    of: Kpi = WAITING,
    freshness: dict[str, Freshness] | None = None,
) -> PlanAssessment:
    known = evidence(datasets={"waiting": ("orders",)})
    moment = datetime.fromisoformat(as_of)
    return assess(company(one, of), observations, freshness or {}, known, moment).plans["shorter"]


def outcome(result: PlanResult, day: str) -> Outcome:
    return Outcome(result=result, day=date.fromisoformat(day), note="")


# --- the success test


@pytest.mark.parametrize(
    ("values", "changes", "as_of", "verdict", "tested"),
    [
        pytest.param(
            "30 25 22 20 19 18", {}, "2026-07-01", "passed", "4 5 6", id="there in each of the last three"
        ),
        pytest.param(
            "18 18 18 20 20.01 18", {}, "2026-07-01", "not_yet", "4 5 6", id="one of them is not there"
        ),
        pytest.param(
            "9 9 9 21 21 21", {}, "2026-07-01", "not_yet", "4 5 6", id="there before, and not any more"
        ),
        pytest.param("9 9", {}, "2026-03-01", "too_few", "1 2", id="two of three have ended"),
        pytest.param("9 9 9", {}, "2026-03-31", "too_few", "1 2", id="the running one does not count"),
        pytest.param("9 9 9", {}, "2026-04-01", "passed", "1 2 3", id="on the first day after it does"),
        pytest.param("9 9 - 9", {}, "2026-05-01", "no_data", "2 3 4", id="one has no value"),
        pytest.param(
            "- 9 9 9", {}, "2026-05-01", "passed", "2 3 4", id="an older one without value says nothing"
        ),
        pytest.param(
            "9 9 9 30 30 30",
            {"ends_on": date(2026, 4, 1)},
            "2026-07-01",
            "passed",
            "1 2 3",
            id="after its end nothing counts",
        ),
        pytest.param(
            "9 9 30 9 9 9",
            {"ends_on": date(2026, 4, 1)},
            "2026-07-01",
            "not_passed",
            "1 2 3",
            id="over, and not there",
        ),
        pytest.param(
            "9 9 30 9",
            {"ends_on": date(2026, 4, 15)},
            "2026-05-01",
            "not_passed",
            "1 2 3",
            id="a month that it cuts does not count",
        ),
        pytest.param(
            "9 9 30",
            {"ends_on": date(2026, 4, 1)},
            "2026-03-31",
            "too_few",
            "1 2",
            id="its last day is not over",
        ),
        pytest.param(
            "9 9 9 9 9 9",
            {"ends_on": date(2026, 2, 1)},
            "2026-07-01",
            "too_few",
            "1",
            id="too short for its test",
        ),
        pytest.param(
            "9 9 9 9 9 9",
            {"opened_on": date(2026, 3, 2)},
            "2026-06-01",
            "too_few",
            "4 5",
            id="the month in which it began does not count",
        ),
        pytest.param(
            "30 30 9 9 9 9",
            {"changed_on": date(2026, 3, 1)},
            "2026-06-01",
            "passed",
            "3 4 5",
            id="counted from the change",
        ),
        pytest.param(
            "9 9 9 9 9 9",
            {"changed_on": date(2026, 4, 1)},
            "2026-06-01",
            "too_few",
            "4 5",
            id="before the change nothing counts",
        ),
        pytest.param(
            "9 9 9 30 30 30",
            {"outcome": outcome(PlanResult.SUCCEEDED, "2026-04-01")},
            "2026-07-01",
            "passed",
            "1 2 3",
            id="closed early: what comes then is no part",
        ),
        pytest.param(
            "9 9 30 30",
            {"outcome": outcome(PlanResult.STOPPED, "2026-04-10")},
            "2026-05-01",
            "not_passed",
            "1 2 3",
            id="stopped is over",
        ),
        pytest.param(
            "9 9 30",
            {"outcome": outcome(PlanResult.STOPPED, "2026-04-10")},
            "2026-04-01",
            "not_yet",
            "1 2 3",
            id="an outcome of tomorrow is not known",
        ),
        pytest.param(
            "30 30 30 9",
            {"success": success(periods=1)},
            "2026-05-01",
            "passed",
            "4",
            id="one period is enough where one is asked",
        ),
        pytest.param(
            "20 21 22",
            {"success": success(at_most=None, at_least=Decimal(20))},
            "2026-04-01",
            "passed",
            "1 2 3",
            id="at least, exactly there included",
        ),
        pytest.param(
            "20 19.99 22",
            {"success": success(at_most=None, at_least=Decimal(20))},
            "2026-04-01",
            "not_yet",
            "1 2 3",
            id="at least, and short of it",
        ),
        pytest.param("", {}, "2025-12-01", "too_few", "", id="it has not begun"),
    ],
)
def test_the_success_test(
    values: str, changes: dict[str, Any], as_of: str, verdict: str, tested: str
) -> None:
    """Values of January 2026 and after; what is tested, by month."""
    given = [None if value == "-" else value for value in values.split()]
    observations = months(*given, last=f"2026-{len(given):02d}") if given else ()
    found = judged(plan(**changes), observations, as_of)

    assert found.verdict is PlanVerdict(verdict)
    assert [one.period.start.month for one in found.tested] == [int(month) for month in tested.split()]


def test_a_cohort_that_is_not_old_enough_waits() -> None:
    """Its value of a month is known 90 days later: in April nothing is, in October June is."""
    cohort = Cohort(
        starts=total("x"),
        rows=total("x"),
        oldest=Duration(amount=90, unit=Unit.DAY),
        way=(),
        home="orders",
        entity=total("x"),
        where=None,
    )
    aged = replace(WAITING, cohort=cohort)
    short = plan(ends_on=date(2026, 7, 1))

    assert (
        judged(short, months("9", "9", "30", last="2026-03"), "2026-06-29", aged).verdict
        is PlanVerdict.TOO_FEW
    )
    late = judged(short, months("9", "9", "9", "30", "9", last="2026-06"), "2026-09-01", aged)
    assert (late.verdict, late.over) == (PlanVerdict.NOT_YET, True)
    assert [one.period.name for one in late.tested] == ["2026-03", "2026-04", "2026-05"]
    assert (
        judged(short, months("9", "30", "9", last="2026-06"), "2026-10-01", aged).verdict
        is PlanVerdict.NOT_PASSED
    )


def test_a_slice_is_tested_and_asked_for() -> None:
    of = replace(WAITING, dimensions=(dimension("shop"),))
    one = plan(success=success(slice=(("shop", "north"),)))
    north = tuple(replace(o, slice=(("shop", "north"),)) for o in months("9", "9", "9"))
    south = tuple(replace(o, slice=(("shop", "south"),)) for o in months("99", "99", "99"))

    assert judged(one, (*south, *north, *months("50", "50", "50")), of=of).verdict is PlanVerdict.PASSED
    asked = [q for q in questions(company(one, of), datetime(2026, 7, 1)) if q.of == (("shop", "north"),)]
    assert any(period("2026-06") in q.periods and period("2025-12") in q.periods for q in asked)


def test_whatever_a_plan_is_judged_by_is_asked_for() -> None:
    """Also of one that ended before the time in which signals are looked for."""
    old = plan(opened_on=date(2015, 1, 1), ends_on=date(2016, 1, 1))
    needed = asked_of(company(old), old, date(2026, 7, 1))

    asked = {p for q in questions(company(old), datetime(2026, 7, 1)) for p in q.periods}
    assert set(needed) <= asked
    assert (needed[0].name, needed[-1].name) == ("2013-01", "2016-12")


# --- where the data does not reach


PROMISED = dataset("orders", freshness=timedelta(days=3))
DATA = Freshness(dataset="orders", latest=datetime(2026, 6, 30), rows=9, earliest=datetime(2024, 1, 1))


def reached_by(found: Freshness, values: Iterable[Observation], as_of: str = "2026-07-01") -> PlanAssessment:
    """The plan, alone and among all, over data that promises to be three days old at most."""
    one, moment = plan(), datetime.fromisoformat(as_of)
    known = company(one)
    known = replace(known, datasets={**known.datasets, "orders": PROMISED})
    datasets, told, freshness = {"waiting": ("orders",)}, tuple(values), {"orders": found}
    alone = plan_alone(known, one, told, freshness, datasets, moment)
    assert assess(known, told, freshness, evidence(datasets=datasets), moment).plans["shorter"] == alone
    return alone


def test_the_zeros_of_data_that_is_late_pass_no_test() -> None:
    """Rows end on 27 April: April was in time when it ended, May and June were not."""
    values = months(*["30"] * 24, "9", "0", "0")
    found = reached_by(replace(DATA, latest=datetime(2026, 4, 27)), values)

    assert reached_by(DATA, values).verdict is PlanVerdict.PASSED
    assert found.verdict is PlanVerdict.NO_DATA
    assert [(one.value, one.reached) for one in found.tested] == [(9, True), (None, None), (None, None)]
    assert [point.value for point in found.after.points] == [30, 30, 30, 9, None, None]
    assert found.after.mean == Fraction(99, 4)


def test_the_zeros_before_the_first_row_pass_no_test_and_are_not_usual() -> None:
    """In June the first row comes on the 20th, in May there is none yet."""
    june = replace(DATA, earliest=datetime(2026, 6, 20))
    found = reached_by(june, months(*["0"] * 40))

    assert found.verdict is PlanVerdict.NO_DATA
    assert [one.value for one in found.tested] == [None, None, 0]
    assert (found.before.points, found.before.limits, found.before.mean) == ((), None, None)

    none = Freshness(dataset="orders", latest=None, rows=0)
    for made in (company(plan()), replace(company(plan()), datasets={"orders": PROMISED})):
        zeros, datasets = months(*["0"] * 40, last="2026-05"), {"waiting": ("orders",)}
        alone = plan_alone(made, plan(), zeros, {"orders": none}, datasets, datetime(2026, 6, 1))
        assert alone.verdict is PlanVerdict.NO_DATA
        assert (alone.before.points, alone.after.points, alone.before.limits) == ((), (), None)


# --- what people say beside


@pytest.mark.parametrize(
    ("result", "values", "agrees"),
    [
        pytest.param(PlanResult.SUCCEEDED, "9 9 9", True, id="success, and passed"),
        pytest.param(PlanResult.SUCCEEDED, "9 9 30", False, id="success, and not passed"),
        pytest.param(PlanResult.NOT_REACHED, "9 9 30", True, id="not reached, and not passed"),
        pytest.param(PlanResult.NOT_REACHED, "9 9 9", False, id="not reached, and passed"),
        pytest.param(PlanResult.STOPPED, "9 9 9", None, id="stopped says nothing of the test"),
        pytest.param(PlanResult.SUCCEEDED, "9 - 9", None, id="without data the test cannot tell"),
    ],
)
def test_a_declared_outcome_is_held_against_the_test(
    result: PlanResult, values: str, agrees: bool | None
) -> None:
    given = [None if value == "-" else value for value in values.split()]
    one = plan(ends_on=date(2026, 4, 1), outcome=outcome(result, "2026-04-01"))

    assert judged(one, months(*given, last="2026-03"), "2026-04-01").agrees is agrees
    assert judged(one, months(*given, last="2026-03"), "2026-03-31").agrees is None, "not said yet"


# --- before and after, against an oracle in fractions


def oracle(values: Sequence[str]) -> tuple[Fraction, Fraction, Fraction]:
    """Mean and limits by Wheeler: 2.66 mean moving ranges around the mean of the first 24."""
    numbers = [Fraction(value) for value in values[:24]]
    mean = sum(numbers) / len(numbers)
    ranges = [abs(one - other) for one, other in pairwise(numbers)]
    reach = Fraction("2.66") * sum(ranges) / len(ranges)
    return mean, mean - reach, mean + reach


BEFORE = "31 28 33 30 27 32 29 30 31 34".split()
AFTER = "21 18 19 22 17 18 20".split()


def test_limits_and_means_before_and_after_by_hand() -> None:
    one = plan(opened_on=date(2025, 9, 1), changed_on=date(2025, 12, 1))
    found = judged(one, months(*BEFORE, *AFTER, last="2026-06"))

    for stretch, values in ((found.before, BEFORE), (found.after, AFTER)):
        mean, lower, upper = oracle(values)
        assert [point.value for point in stretch.points] == [Decimal(value) for value in values]
        assert stretch.mean is not None
        assert stretch.limits is not None
        assert abs(Fraction(stretch.mean) - mean) < Fraction(1, 10**20)
        assert abs(Fraction(stretch.limits.mean) - mean) < Fraction(1, 10**20)
        assert abs(Fraction(stretch.limits.lower) - lower) < Fraction(1, 10**20)
        assert abs(Fraction(stretch.limits.upper) - upper) < Fraction(1, 10**20)
    assert (found.better, found.signal, found.cut) == (True, True, date(2025, 12, 1))


def test_the_month_of_the_change_is_of_before() -> None:
    found = judged(plan(changed_on=date(2026, 3, 15)), months(*["9"] * 12))

    assert found.before.points[-1].period.name == "2026-03"
    assert found.after.points[0].period.name == "2026-04"


def test_noise_that_is_a_little_lower_is_no_sign() -> None:
    found = judged(plan(changed_on=date(2026, 4, 1)), months(*BEFORE, "30", "29", "28", last="2026-06"))

    assert (found.better, found.signal) == (True, False)


def test_a_change_to_the_worse_is_told() -> None:
    found = judged(plan(changed_on=date(2026, 4, 1)), months(*BEFORE, "60", "61", "62", last="2026-06"))

    assert (found.better, found.signal) == (False, False)


def test_too_few_points_have_no_limits_and_a_mean_all_the_same() -> None:
    found = judged(plan(changed_on=date(2026, 4, 1)), months("9", "10", "11", "5", "6", "7", last="2026-06"))

    assert (found.before.limits, found.after.limits, found.signal) == (None, None, None)
    assert (found.before.mean, found.after.mean, found.better) == (10, 6, True)


def test_before_is_the_process_that_ran_until_then_and_no_older_one() -> None:
    """At most 24 periods, since the last declared change; what the data does not have from its start is out."""
    changed = replace(WAITING, process_changes=(ProcessChange(start=date(2025, 7, 1), reason="New shop."),))
    one, values = plan(changed_on=date(2026, 4, 1)), months(*["9"] * 60)

    assert len(judged(one, values).before.points) == 24
    assert judged(one, values, of=changed).before.points[0].period.name == "2025-07"
    begun = {
        "orders": Freshness(
            dataset="orders", latest=datetime(2026, 7, 1), rows=9, earliest=datetime(2025, 10, 5)
        )
    }
    assert judged(one, values, freshness=begun).before.points[0].period.name == "2025-11"


def test_after_ends_with_the_next_change_of_the_process() -> None:
    changed = replace(WAITING, process_changes=(ProcessChange(start=date(2026, 6, 1), reason="Moved."),))
    found = judged(plan(changed_on=date(2026, 4, 1)), months(*["9"] * 12), of=changed)

    assert [point.period.name for point in found.after.points] == ["2026-04", "2026-05"]


def test_a_plan_long_over_is_held_against_the_two_years_after_it() -> None:
    old = plan(opened_on=date(2020, 1, 1), ends_on=date(2020, 7, 1))
    found = judged(old, months(*["9"] * 84))

    assert (found.after.points[0].period.name, len(found.after.points)) == ("2020-01", 24)


def test_what_says_nothing_point_by_point_is_not_compared() -> None:
    seasonal = replace(WAITING, signals=SignalSettings(seasonal=True))
    found = judged(plan(changed_on=date(2026, 4, 1)), months(*BEFORE, "5", "6", "7"), of=seasonal)

    assert found.unfit is not None
    assert "seasons" in found.unfit
    assert (found.before.limits, found.better, found.signal) == (None, None, None)


def test_the_test_says_which_side_is_better() -> None:
    one = plan(changed_on=date(2026, 4, 1), success=success(at_most=None, at_least=Decimal(40)))

    assert judged(one, months(*BEFORE, "60", "61", "62")).better is True
