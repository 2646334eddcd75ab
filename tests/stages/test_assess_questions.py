"""What must be asked of the engine."""

from datetime import date, datetime

import pytest
from factories import dimension, goal, kpi, period, project, result, target, whole

from kpiascode.assess import questions
from kpiascode.model.calendar import Calendar, Grain
from kpiascode.model.observation import Question
from kpiascode.model.project import Measured, TargetKpi

APRIL_15 = datetime(2026, 4, 15, 10, 30)
APRIL_1 = datetime(2026, 4, 1)


def names(question: Question) -> list[str]:
    return [p.name for p in question.periods]


# --- totals over time


def test_a_monthly_kpi_is_asked_for_five_years_of_whole_months_and_the_running_one() -> None:
    [question] = questions(project(kpi("margin")), APRIL_15)

    assert (question.kpis, question.grain, question.by) == (("margin",), Grain.MONTH, ())
    assert (names(question)[0], names(question)[-2:], len(question.periods)) == (
        "2021-01",
        ["2026-03", "2026-04"],
        5 * 12 + 4,
    )
    assert question.as_of == APRIL_15


def test_the_first_moment_of_a_month_has_no_running_month() -> None:
    [question] = questions(project(kpi("margin")), APRIL_1)

    assert names(question)[-1] == "2026-03"
    assert len(question.periods) == 5 * 12 + 3


def test_a_moment_later_the_month_runs() -> None:
    [question] = questions(project(kpi("margin")), datetime(2026, 4, 1, 0, 0, 1))

    assert names(question)[-1] == "2026-04"


def test_days_are_asked_from_the_first_of_january_of_the_year_before() -> None:
    [question] = questions(project(kpi("calls", grain=Grain.DAY)), APRIL_1)

    assert (names(question)[0], names(question)[-1]) == ("2025-01-01", "2026-03-31")
    assert len(question.periods) == 365 + 31 + 28 + 31


def test_weeks_are_asked_from_the_first_that_starts_three_years_ago() -> None:
    [question] = questions(project(kpi("calls", grain=Grain.WEEK)), datetime(2026, 3, 30))

    assert (names(question)[0], names(question)[-1]) == ("2023-W01", "2026-W13")
    assert len(question.periods) == 3 * 52 + 13


def test_week_53_has_no_counterpart_to_ask_for() -> None:
    [question] = questions(project(kpi("calls", grain=Grain.WEEK)), datetime(2027, 1, 4))

    assert (names(question)[-1], len(question.periods)) == ("2026-W53", 2 * 52 + 53)


def test_nothing_is_asked_of_years_before_the_first() -> None:
    [question] = questions(project(kpi("crops", grain=Grain.YEAR)), datetime(4, 1, 1))

    assert names(question) == ["0001", "0002", "0003"]


def test_fiscal_periods_follow_the_calendar_of_the_project() -> None:
    fiscal = Calendar(fiscal_year_start=2)

    [question] = questions(project(kpi("margin", grain=Grain.FISCAL_QUARTER), calendar=fiscal), APRIL_15)

    assert names(question)[-2:] == ["FY2026-Q4", "FY2027-Q1"]


def test_kpis_of_one_grain_are_asked_together_in_the_order_of_their_names() -> None:
    both = questions(project(kpi("zeal"), kpi("margin"), kpi("calls", grain=Grain.DAY)), APRIL_15)

    assert [q.kpis for q in both] == [("calls",), ("margin", "zeal")]


# --- breakdowns


def test_each_dimension_is_asked_once_for_the_last_complete_month() -> None:
    channel, country = dimension("channel"), dimension("country")

    asked = questions(
        project(kpi("margin", dimensions=(channel, country)), kpi("sales", dimensions=(channel,))), APRIL_15
    )

    assert [(q.by, q.kpis, names(q)) for q in asked if q.by] == [
        (("channel",), ("margin", "sales"), ["2026-03"]),
        (("country",), ("margin",), ["2026-03"]),
    ]


def test_a_dimension_that_tells_a_person_is_never_asked_for() -> None:
    margin = kpi("margin", dimensions=(dimension("clerk", person=True),))
    of_a_clerk = result("margin", "0.4", slice=(("clerk", "Ann"),))

    asked = questions(project(margin, goal("g", of_a_clerk)), APRIL_15)

    assert not [q for q in asked if q.by]


# --- goals


def test_the_total_of_a_goal_is_among_what_is_asked_anyway() -> None:
    assert len(questions(project(kpi("margin"), goal("g", result("margin", "0.4"))), APRIL_15)) == 1


def test_a_goal_long_over_is_asked_for_its_last_month() -> None:
    old = goal(
        "g", result("margin", target("0.4", date(2019, 1, 1))), during=(date(2019, 1, 1), date(2020, 1, 1))
    )

    asked = questions(project(kpi("margin"), old), APRIL_15)

    assert [names(q) for q in asked if len(q.periods) == 1] == [["2019-12"]]


def test_a_slice_is_asked_for_its_period_and_looked_for_in_what_is_watched() -> None:
    """Whatever else is asked: else a goal would have a value by what another document asks for."""
    margin = kpi("margin", dimensions=(dimension("channel"),))
    of_online = result("margin", "0.4", slice=(("channel", "online"),))

    asked = questions(project(margin, goal("g", of_online)), APRIL_15)

    [question] = [q for q in asked if q.of]
    assert (names(question), question.of, question.by) == (["2026-03"], (("channel", "online"),), ())
    assert question.seen_in == next(q for q in asked if not q.of and not q.by).periods


def test_the_order_in_which_slices_are_written_makes_no_second_question() -> None:
    margin = kpi("margin", dimensions=(dimension("channel"), dimension("country")))
    one = result("margin", "0.4", slice=(("channel", "online"), ("country", None)))
    other = result("margin", "0.5", slice=(("country", None), ("channel", "online")))

    asked = questions(project(margin, goal("g", one, other)), APRIL_15)

    assert [q.of for q in asked if q.of] == [(("channel", "online"), ("country", None))]


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        pytest.param("2026-01-01T00:00", None, id="at the start of the goal nothing can be measured"),
        pytest.param("2025-12-31T12:00", None, id="before the goal nothing is asked"),
        pytest.param("2026-01-01T08:00", None, id="the first day is not over"),
        pytest.param("2026-01-02T00:00", ("2026-01-01", "2026-01-02"), id="the first day is over"),
        pytest.param("2026-04-15T10:30", ("2026-01-01", "2026-04-15"), id="within the goal, whole days only"),
        pytest.param("2027-03-01T00:00", ("2026-01-01", "2027-01-01"), id="after the goal, all of it"),
    ],
)
def test_to_date_asks_for_the_period_of_the_goal_so_far_as_one(
    as_of: str, expected: tuple[str, str] | None
) -> None:
    sales = result("sales", "100", measured=Measured.TO_DATE)

    asked = questions(project(kpi("sales"), goal("g", sales)), datetime.fromisoformat(as_of))

    assert [q.periods for q in asked if q.grain is Grain.ALL] == ([(whole(*expected),)] if expected else [])


def test_a_target_kpi_is_asked_at_the_same_period_and_slice_together_with_it() -> None:
    by_channel = {"dimensions": (dimension("channel"),)}
    sales = result(
        "sales", TargetKpi(kpi="budget"), slice=(("channel", "online"),), measured=Measured.TO_DATE
    )

    asked = questions(
        project(kpi("sales", **by_channel), kpi("budget", **by_channel), goal("g", sales)), APRIL_15
    )

    assert [(q.kpis, q.of) for q in asked if q.grain is Grain.ALL] == [
        (("budget", "sales"), (("channel", "online"),))
    ]


def test_a_target_kpi_of_finer_grain_is_asked_at_the_grain_of_what_it_is_for() -> None:
    asked = questions(
        project(
            kpi("sales"), kpi("budget", grain=Grain.DAY), goal("g", result("sales", TargetKpi(kpi="budget")))
        ),
        APRIL_15,
    )

    assert [q.periods for q in asked if q.kpis == ("budget",) and q.grain is Grain.MONTH] == [
        (period("2026-03"),)
    ]


def test_a_target_kpi_of_coarser_grain_is_not_asked_what_it_cannot_answer() -> None:
    asked = questions(
        project(
            kpi("sales"), kpi("budget", grain=Grain.YEAR), goal("g", result("sales", TargetKpi(kpi="budget")))
        ),
        APRIL_15,
    )

    assert [q.grain for q in asked if "budget" in q.kpis] == [Grain.YEAR]


def test_a_goal_that_has_not_begun_asks_nothing() -> None:
    later = goal(
        "g", result("margin", target("0.4", date(2028, 1, 1))), during=(date(2028, 1, 1), date(2029, 1, 1))
    )

    assert len(questions(project(kpi("margin"), later), APRIL_15)) == 1


def test_no_question_agrees_with_another_in_grain_periods_and_slices() -> None:
    margin = kpi("margin", dimensions=(dimension("channel"),))
    goals = [
        goal(
            name,
            result("margin", "0.4", slice=(("channel", name),)),
            result("margin", "3", measured=Measured.TO_DATE),
        )
        for name in ("online", "stores")
    ]

    asked = questions(project(margin, kpi("sales"), *goals), APRIL_15)

    assert len({(q.grain, q.periods, q.by, q.of) for q in asked}) == len(asked)


def test_the_same_project_asks_the_same_in_the_same_order() -> None:
    things = (kpi("a", dimensions=(dimension("x"),)), kpi("b", grain=Grain.DAY), kpi("c"))

    assert questions(project(*things), APRIL_15) == questions(project(*reversed(things)), APRIL_15)
