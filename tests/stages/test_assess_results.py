"""A result of a goal, judged. Expected values are worked out by hand."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from factories import evidence, goal, kpi, period, project, result, seen, target, whole
from hypothesis import given, settings
from hypothesis import strategies as st

from kpiascode.assess import assess
from kpiascode.assess.goals import WORST_FIRST
from kpiascode.assess.results import judge, missing_by
from kpiascode.model.assessment import ResultAssessment, Status
from kpiascode.model.calendar import Grain, Period
from kpiascode.model.observation import Observation
from kpiascode.model.project import Band, Direction, Goal, Kpi, Measured, Path, TargetKpi

APRIL_1 = datetime(2026, 4, 1)
Q1_2026 = whole("2026-01-01", "2026-04-01")
number = st.decimals(min_value=-1000, max_value=1000, places=3)
tolerance = st.decimals(min_value=0, max_value=100, places=3)


def judged(
    of: Goal, *observations: Observation, kpis: tuple[Kpi, ...] = (kpi("margin"),), as_of: datetime = APRIL_1
) -> ResultAssessment:
    """The first result of a goal."""
    answer = assess(project(*kpis, of), observations, {}, evidence(), as_of)
    return answer.goals[of.name].results[0]


# --- reached, within tolerance, missed


@pytest.mark.parametrize(
    ("direction", "value", "status", "short_by"),
    [
        pytest.param("higher", "0.45", Status.MET, None, id="above the target is met"),
        pytest.param("higher", "0.44", Status.MET, None, id="exactly on the target is met"),
        pytest.param("higher", "0.435", Status.AT_RISK, "0.005", id="within the tolerance is at risk"),
        pytest.param("higher", "0.43", Status.AT_RISK, "0.01", id="the last tolerated value is at risk"),
        pytest.param("higher", "0.4299", Status.MISSED, "0.0101", id="beyond the tolerance is missed"),
        pytest.param("higher", None, Status.NO_DATA, None, id="no value is no data, never missed"),
        pytest.param("lower", "0.43", Status.MET, None, id="lower is better: below the target is met"),
        pytest.param("lower", "0.44", Status.MET, None, id="lower is better: exactly on the target is met"),
        pytest.param("lower", "0.45", Status.AT_RISK, "0.01", id="lower is better: within the tolerance"),
        pytest.param("lower", "0.46", Status.MISSED, "0.02", id="lower is better: beyond the tolerance"),
    ],
)
def test_a_target_of_44_percent_with_a_tolerance_of_one_point(
    direction: str, value: str | None, status: Status, short_by: str | None
) -> None:
    margin = kpi("margin", direction=Direction(direction))

    found = judged(
        goal("g", result("margin", "0.44", tolerance="0.01")),
        seen("margin", "2026-03", value),
        kpis=(margin,),
    )

    assert found.status is status
    assert found.short_by == (None if short_by is None else Decimal(short_by))


@pytest.mark.parametrize(
    ("value", "status", "short_by"),
    [
        pytest.param("0.95", Status.MET, None, id="the lower end belongs to the band"),
        pytest.param("1.05", Status.MET, None, id="the upper end belongs to the band"),
        pytest.param("0.94", Status.AT_RISK, "0.01", id="just below the band is at risk"),
        pytest.param("1.07", Status.AT_RISK, "0.02", id="the last tolerated value above it is at risk"),
        pytest.param("1.08", Status.MISSED, "0.03", id="beyond the tolerance is missed"),
        pytest.param(None, Status.NO_DATA, None, id="no value is no data"),
    ],
)
def test_a_band_has_an_inside_and_an_outside(value: str | None, status: Status, short_by: str | None) -> None:
    coverage = kpi("coverage", direction=Direction.BAND)
    inside = result("coverage", Band(min=Decimal("0.95"), max=Decimal("1.05")), tolerance="0.02")

    found = judged(goal("g", inside), seen("coverage", "2026-03", value), kpis=(coverage,))

    assert found.status is status
    assert found.short_by == (None if short_by is None else Decimal(short_by))
    assert (found.target_value, found.expected, found.progress, found.expected_progress) == (None,) * 4
    assert found.target is not None


@pytest.mark.parametrize("path", [Path.LINEAR, Path.STEPS, Path.MAINTAIN])
def test_a_band_is_expected_at_once_on_every_path_but_by_end(path: Path) -> None:
    coverage = kpi("coverage", direction=Direction.BAND)
    inside = goal("g", result("coverage", Band(min=Decimal(1), max=Decimal(2)), path=path, baseline="0"))

    assert judged(inside, seen("coverage", "2026-03", "0"), kpis=(coverage,)).status is Status.MISSED


def test_a_band_to_reach_by_the_end_may_be_left_before() -> None:
    coverage = kpi("coverage", direction=Direction.BAND)
    inside = goal("g", result("coverage", Band(min=Decimal(1), max=Decimal(2)), path=Path.BY_END))

    assert judged(inside, seen("coverage", "2026-03", "0"), kpis=(coverage,)).status is Status.NOT_DUE
    assert judged(inside, seen("coverage", "2026-03", "2"), kpis=(coverage,)).status is Status.MET


# --- the measured period


@pytest.mark.parametrize(
    ("as_of", "measured"),
    [
        pytest.param("2026-04-01T00:00", "2026-03", id="at the first moment of April it is March"),
        pytest.param("2026-04-30T23:59", "2026-03", id="until April is over"),
        pytest.param("2026-01-31T23:59", None, id="no month of the goal is over in January"),
        pytest.param("2026-02-01T00:00", "2026-01", id="then the first one is"),
        pytest.param("2027-06-01T00:00", "2026-12", id="after the goal it stays the goal's last month"),
        pytest.param("2025-06-01T00:00", None, id="before the goal there is none"),
    ],
)
def test_latest_is_the_last_complete_month_of_the_goal(as_of: str, measured: str | None) -> None:
    found = judged(goal("g", result("margin", "0.44")), as_of=datetime.fromisoformat(as_of))

    assert found.period == (None if measured is None else period(measured))
    assert (found.status is Status.NOT_DUE) is (measured is None)


def test_a_month_that_began_before_the_goal_is_not_the_goals() -> None:
    midmonth = goal("g", result("margin", "0.44"), during=(date(2026, 3, 15), date(2026, 6, 1)))

    assert judged(midmonth, seen("margin", "2026-03", "0.5")).status is Status.NOT_DUE


def test_a_goal_that_is_over_without_a_whole_period_has_no_data() -> None:
    short = goal("g", result("margin", "0.44"), during=(date(2026, 3, 5), date(2026, 3, 20)))

    assert judged(short).status is Status.NO_DATA


def test_the_running_month_never_decides() -> None:
    found = judged(
        goal("g", result("margin", "0.44")),
        seen("margin", "2026-03", "0.50"),
        seen("margin", "2026-04", "0.10", complete=False),
        as_of=datetime(2026, 4, 20),
    )

    assert (found.value, found.status) == (Decimal("0.50"), Status.MET)


def test_what_was_not_observed_is_no_data() -> None:
    assert judged(goal("g", result("margin", "0.44"))).status is Status.NO_DATA


def test_a_slice_is_judged_by_its_own_value_in_whatever_order_it_is_written() -> None:
    wanted = result("margin", "0.44", slice=(("country", None), ("channel", "online")))

    found = judged(
        goal("g", wanted),
        seen("margin", "2026-03", "0.60"),
        seen("margin", "2026-03", "0.10", (("channel", "stores"), ("country", None))),
        seen("margin", "2026-03", "0.43", (("channel", "online"), ("country", None))),
    )

    assert (found.value, found.status) == (Decimal("0.43"), Status.MISSED)


# --- paths


@pytest.mark.parametrize(
    ("as_of", "days", "expected"),
    [
        pytest.param(
            datetime(2026, 2, 1), 31, "0.4171232876712328767123287671232876712328767123287671", id="January"
        ),
        pytest.param(
            datetime(2026, 4, 15), 90, "0.42116438356164383561643835616438356164383561643836", id="March"
        ),
        pytest.param(datetime(2027, 1, 1), 365, "0.44", id="at the end the target"),
    ],
)
def test_linear_expects_by_days_at_the_end_of_the_measured_month(
    as_of: datetime, days: int, expected: str
) -> None:
    """0.415 + 0.025 * days / 365."""
    found = judged(goal("g", result("margin", "0.44", baseline="0.415", path=Path.LINEAR)), as_of=as_of)

    assert found.period is not None
    assert (found.period.end - date(2026, 1, 1)).days == days
    assert found.expected is not None
    assert abs(found.expected - Decimal(expected)) < Decimal("1e-40")
    assert found.expected_progress is not None
    assert abs(found.expected_progress - Decimal(days) / 365) < Decimal("1e-25")


def test_linear_downwards_expects_less_and_less() -> None:
    """10 + (5 - 10) * 73 / 365 = 9, after 73 of 365 days."""
    rate = kpi("rate", direction=Direction.LOWER, grain=Grain.DAY)
    wanted = goal("g", result("rate", "5", baseline="10", path=Path.LINEAR))

    on_course = judged(wanted, seen("rate", "2026-03-14", "9"), kpis=(rate,), as_of=datetime(2026, 3, 15))
    behind = judged(wanted, seen("rate", "2026-03-14", "9.1"), kpis=(rate,), as_of=datetime(2026, 3, 15))

    assert (on_course.expected, on_course.status, on_course.progress) == (9, Status.MET, Decimal("0.2"))
    assert (behind.short_by, behind.status) == (Decimal("0.1"), Status.MISSED)


def test_linear_without_a_baseline_expects_the_target_of_the_last_month() -> None:
    found = judged(goal("g", result("margin", "0.44", path=Path.LINEAR)), seen("margin", "2026-03", "0.43"))

    assert (found.expected, found.status, found.progress) == (Decimal("0.44"), Status.MISSED, None)


@pytest.mark.parametrize(
    ("path", "way"),
    [
        pytest.param(Path.STEPS, (1, Decimal("0.75")), id="on the way up"),
        pytest.param(Path.MAINTAIN, (None, None), id="what is held has no way, wherever it stood"),
    ],
)
def test_maintain_and_steps_expect_the_target_at_once(path: Path, way: tuple[object, object]) -> None:
    found = judged(
        goal("g", result("margin", "0.44", baseline="0.40", path=path)), seen("margin", "2026-03", "0.43")
    )

    assert found.expected == Decimal("0.44")
    assert (found.expected_progress, found.progress) == way


@pytest.mark.parametrize(
    ("direction", "baseline", "target", "values", "path"),
    [
        pytest.param("lower", "1", "5", ("4", "22"), Path.MAINTAIN, id="no more than five, from one"),
        pytest.param("higher", None, "-100", ("-70", "-170"), Path.BY_END, id="a loss of no more than 100"),
        pytest.param("higher", "80", "27", ("58", "20"), Path.STEPS, id="a plan that lies beneath the start"),
    ],
)
def test_what_goes_wrong_is_no_way_that_is_done(
    direction: str, baseline: str | None, target: str, values: tuple[str, str], path: Path
) -> None:
    """Where the target lies on the worse side of the start, the worse value would be further along."""
    wanted = result("margin", target, baseline=baseline, path=path, measured=Measured.TO_DATE)
    one = goal("g", wanted, during=(date(2026, 1, 1), date(2026, 4, 1)))
    of = kpi("margin", direction=Direction(direction))
    good, bad = (judged(one, seen("margin", Q1_2026, value), kpis=(of,)) for value in values)

    assert (good.status, good.progress, good.expected_progress) == (Status.MET, None, None)
    assert (bad.status, bad.progress, bad.expected_progress) == (Status.MISSED, None, None)


@pytest.mark.parametrize(
    ("as_of", "value", "status", "expected"),
    [
        pytest.param("2026-04-01", "0.43", Status.NOT_DUE, None, id="before the end nothing is expected"),
        pytest.param("2026-04-01", "0.44", Status.MET, None, id="what is reached before is met"),
        pytest.param("2026-04-01", None, Status.NO_DATA, None, id="no data is no data before the end, too"),
        pytest.param("2027-01-01", "0.44", Status.MET, "0.44", id="at the end it is met"),
        pytest.param("2027-01-01", "0.435", Status.AT_RISK, "0.44", id="or within tolerance"),
        pytest.param("2027-01-01", "0.42", Status.MISSED, "0.44", id="or missed"),
        pytest.param("2026-12-31", "0.42", Status.NOT_DUE, None, id="on the last day it is not the end"),
    ],
)
def test_by_end(as_of: str, value: str | None, status: Status, expected: str | None) -> None:
    moment = datetime.fromisoformat(as_of)
    last = {4: "2026-03", 1: "2026-12", 12: "2026-11"}[moment.month]

    found = judged(
        goal("g", result("margin", "0.44", tolerance="0.01", path=Path.BY_END)),
        seen("margin", last, value),
        as_of=moment,
    )

    assert (found.status, found.expected) == (status, None if expected is None else Decimal(expected))
    assert (found.short_by is None) is (expected is None or status is Status.MET)


# --- dated targets


STEPS = (
    target("0.40", date(2026, 1, 1), date(2026, 3, 1)),
    target("0.42", date(2026, 3, 1), date(2026, 4, 1)),
    target("0.44", date(2026, 5, 1)),
)


@pytest.mark.parametrize(
    ("as_of", "in_force"),
    [
        pytest.param("2026-03-01", "0.40", id="February starts before the first step"),
        pytest.param("2026-04-01", "0.42", id="March starts on the day of the step"),
        pytest.param("2026-05-01", None, id="April has no target"),
        pytest.param("2026-07-01", "0.44", id="the last target holds to the end of the goal"),
    ],
)
def test_the_target_that_holds_the_start_of_the_measured_month_is_in_force(
    as_of: str, in_force: str | None
) -> None:
    found = judged(goal("g", result("margin", *STEPS, path=Path.STEPS)), as_of=datetime.fromisoformat(as_of))

    assert found.target_value == (None if in_force is None else Decimal(in_force))
    assert found.status is (Status.NO_DATA if in_force else Status.NOT_DUE)


@pytest.mark.parametrize(
    ("as_of", "in_force"),
    [
        pytest.param("2026-03-01", "0.40", id="the last measured day is the last of February"),
        pytest.param("2026-03-02", "0.42", id="the last measured day is the first of March"),
    ],
)
def test_to_date_takes_the_target_of_the_last_measured_day(as_of: str, in_force: str) -> None:
    found = judged(
        goal("g", result("margin", *STEPS, path=Path.STEPS, measured=Measured.TO_DATE)),
        as_of=datetime.fromisoformat(as_of),
    )

    assert found.target_value == Decimal(in_force)


# --- to date


def test_to_date_starts_from_zero_and_expects_by_days() -> None:
    """365 * 90 / 365 = 90 expected; 80 reached, 10 short; 80 / 365 of the way."""
    sales = result("margin", "365", path=Path.LINEAR, measured=Measured.TO_DATE, tolerance="10")

    found = judged(goal("g", sales), seen("margin", Q1_2026, "80"))

    assert (found.period, found.expected, found.short_by) == (Q1_2026, 90, 10)
    assert (found.status, found.target_value) == (Status.AT_RISK, 365)
    assert found.progress is not None
    assert abs(found.progress - Decimal(80) / 365) < Decimal("1e-25")


@pytest.mark.parametrize("path", Path)
def test_of_what_is_better_lower_the_way_does_not_begin_at_zero(path: Path) -> None:
    """Costs of 80 where 100 are allowed for the year are not four fifths of a way."""
    wanted = result("costs", "100", path=path, measured=Measured.TO_DATE)
    costs = kpi("costs", direction=Direction.LOWER)

    found = judged(goal("g", wanted), seen("costs", Q1_2026, "80"), kpis=(costs,))

    assert (found.value, found.progress, found.expected_progress) == (80, None, None)


def test_what_is_to_be_maintained_has_no_way_to_go() -> None:
    wanted = result("margin", "100", path=Path.MAINTAIN, measured=Measured.TO_DATE)

    found = judged(goal("g", wanted), seen("margin", Q1_2026, "120"))

    assert (found.status, found.progress) == (Status.MET, None)


def test_to_date_with_a_baseline_starts_from_there() -> None:
    """100 + (465 - 100) * 90 / 365 = 190."""
    sales = result("margin", "465", baseline="100", path=Path.LINEAR, measured=Measured.TO_DATE)

    assert judged(goal("g", sales), seen("margin", Q1_2026, "190")).expected == 190


def test_to_date_after_the_goal_is_all_of_it() -> None:
    sales = result("margin", "365", path=Path.LINEAR, measured=Measured.TO_DATE)
    year = whole("2026-01-01", "2027-01-01")

    found = judged(goal("g", sales), seen("margin", year, "364"), as_of=datetime(2028, 2, 3))

    assert (found.period, found.expected, found.status) == (year, 365, Status.MISSED)


# --- another KPI as target


@pytest.mark.parametrize(
    ("value", "budget", "status"),
    [
        pytest.param("100", "100", Status.MET, id="reached"),
        pytest.param("99", "100", Status.AT_RISK, id="within tolerance"),
        pytest.param("98", "100", Status.MISSED, id="missed"),
        pytest.param("98", None, Status.NO_DATA, id="without a budget there is nothing to judge by"),
        pytest.param(None, "100", Status.NO_DATA, id="without a value neither"),
    ],
)
def test_a_target_kpi_says_already_what_is_expected(value: str, budget: str | None, status: Status) -> None:
    sales = result(
        "sales", TargetKpi(kpi="budget"), path=Path.LINEAR, measured=Measured.TO_DATE, tolerance="1"
    )

    found = judged(
        goal("g", sales),
        seen("sales", Q1_2026, value),
        seen("budget", Q1_2026, budget),
        kpis=(kpi("sales"), kpi("budget")),
    )

    assert found.status is status
    assert found.expected == found.target_value == (None if budget is None else Decimal(budget))
    assert (found.target is None) is (budget is None)


def test_a_target_kpi_is_taken_at_the_same_slice() -> None:
    online = (("channel", "online"),)
    sales = result("sales", TargetKpi(kpi="budget"), slice=online)

    found = judged(
        goal("g", sales),
        seen("sales", "2026-03", "5", online),
        seen("budget", "2026-03", "1000"),
        seen("budget", "2026-03", "4", online),
        kpis=(kpi("sales"), kpi("budget")),
    )

    assert (found.target_value, found.status) == (4, Status.MET)


@pytest.mark.parametrize(
    ("value", "status"),
    [
        pytest.param("4", Status.MET, id="exactly as much"),
        pytest.param("5", Status.AT_RISK, id="a tolerated bit more"),
        pytest.param("3", Status.AT_RISK, id="a tolerated bit less"),
        pytest.param("6", Status.MISSED, id="too much"),
        pytest.param("2", Status.MISSED, id="too little"),
    ],
)
def test_in_a_band_a_target_kpi_is_to_be_equalled(value: str, status: Status) -> None:
    found = judged(
        goal("g", result("stock", TargetKpi(kpi="plan"), tolerance="1")),
        seen("stock", "2026-03", value),
        seen("plan", "2026-03", "4"),
        kpis=(kpi("stock", direction=Direction.BAND), kpi("plan")),
    )

    assert found.status is status


def test_by_end_expects_nothing_of_a_target_kpi_before_the_end() -> None:
    sales = result("sales", TargetKpi(kpi="budget"), path=Path.BY_END)

    found = judged(
        goal("g", sales),
        seen("sales", "2026-03", "3"),
        seen("budget", "2026-03", "4"),
        kpis=(kpi("sales"), kpi("budget")),
    )

    assert (found.expected, found.target_value, found.status) == (None, 4, Status.NOT_DUE)


# --- progress


@pytest.mark.parametrize(
    ("baseline", "value", "progress"),
    [
        pytest.param("0.40", "0.42", "0.5", id="half of the way"),
        pytest.param("0.40", "0.48", "2", id="beyond the target is more than one"),
        pytest.param("0.40", "0.38", "-0.5", id="behind the baseline is less than zero"),
        pytest.param(None, "0.42", None, id="without a baseline there is no way to measure"),
        pytest.param("0.44", "0.42", None, id="there is no way from the target to the target"),
        pytest.param("0.40", None, None, id="without a value nothing is known"),
    ],
)
def test_progress_towards_44_percent(baseline: str | None, value: str | None, progress: str | None) -> None:
    found = judged(goal("g", result("margin", "0.44", baseline=baseline)), seen("margin", "2026-03", value))

    assert found.progress == (None if progress is None else Decimal(progress))


def test_arithmetic_is_exact_whatever_the_callers_context() -> None:
    found = judged(
        goal("g", result("margin", "1e30", baseline="0", path=Path.MAINTAIN)),
        seen("margin", "2026-03", "999999999999999999999999999999.999"),
    )

    assert found.short_by == Decimal("0.001")


# --- laws


@given(number, number, number, tolerance, st.sampled_from([Direction.HIGHER, Direction.LOWER]))
def test_a_better_value_never_gets_a_worse_status(
    one: Decimal, other: Decimal, wanted: Decimal, tolerated: Decimal, direction: Direction
) -> None:
    worse, better = sorted([one, other], reverse=direction is Direction.LOWER)

    def rank(value: Decimal) -> int:
        return WORST_FIRST.index(judge(missing_by(value, wanted, direction), tolerated))

    assert rank(worse) <= rank(better)


@settings(deadline=None)
@given(number, number, st.sampled_from(list(Path)), st.sampled_from([Direction.HIGHER, Direction.LOWER]))
def test_a_better_value_never_gets_a_worse_status_on_any_path(
    one: Decimal, other: Decimal, path: Path, direction: Direction
) -> None:
    worse, better = sorted([one, other], reverse=direction is Direction.LOWER)
    baseline, end = ("0", "10") if direction is Direction.HIGHER else ("10", "0")
    wanted = goal("g", result("margin", end, baseline=baseline, path=path, tolerance="1"))
    kpis = (kpi("margin", direction=direction),)

    ranks = [
        WORST_FIRST.index(judged(wanted, seen("margin", "2026-03", str(value)), kpis=kpis).status)
        for value in (worse, better)
    ]

    assert ranks == sorted(ranks)


@given(number, number, number)
def test_what_lies_between_two_values_inside_a_band_is_inside(
    one: Decimal, other: Decimal, third: Decimal
) -> None:
    low, middle, high = sorted([one, other, third])

    assert missing_by(middle, Band(min=low, max=high), Direction.BAND) <= 0


@settings(deadline=None)
@given(st.dates(date(2026, 1, 1), date(2027, 6, 1)))
def test_a_measured_period_lies_within_the_goal_and_before_as_of(day: date) -> None:
    as_of = datetime(day.year, day.month, day.day, 12)
    wanted = goal("g", result("margin", "1"), result("margin", "1", measured=Measured.TO_DATE))

    answer = assess(project(kpi("margin"), wanted), (), {}, evidence(), as_of)

    for found in answer.goals["g"].results:
        measured: Period | None = found.period
        assert measured is None or (wanted.start <= measured.start < measured.end <= min(day, wanted.end))
