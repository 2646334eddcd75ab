"""A KPI at a moment: its series, what changed, whether the data can be trusted, how it stands."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from factories import (
    compiled,
    dataset,
    dimension,
    evidence,
    goal,
    kpi,
    months_before_april,
    period,
    project,
    result,
    scorecard,
    seen,
    target,
    total,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from kpiascode.assess import assess, questions
from kpiascode.model.assessment import Assessment, Criterion, KpiAssessment, Status, Trust
from kpiascode.model.calendar import Grain
from kpiascode.model.observation import Freshness, Observation
from kpiascode.model.project import Direction, Goal, Kpi, Project

APRIL_1 = datetime(2026, 4, 1)
APRIL_15 = datetime(2026, 4, 15, 10, 30)


def judged(
    *observations: Observation, of: Kpi | None = None, goals: tuple[Goal, ...] = (), as_of: datetime = APRIL_1
) -> KpiAssessment:
    margin = of or kpi("margin")
    answer = assess(project(margin, *goals), observations, {}, evidence(), as_of)
    return answer.kpis[margin.name]


# --- over time


def test_the_series_is_the_complete_months_and_then_the_running_one() -> None:
    march, april = seen("margin", "2026-03", "0.4"), seen("margin", "2026-04", "0.1", complete=False)
    february = seen("margin", "2026-02", None)

    found = judged(april, march, february, as_of=APRIL_15)

    assert found.series == (february, march, april)
    assert (found.current, found.part) == (march, april)


def test_what_is_not_complete_is_neither_current_nor_compared() -> None:
    """A cohort of March that is not of age yet."""
    february, march = seen("margin", "2026-02", "0.4"), seen("margin", "2026-03", None, complete=False)

    assert judged(february, march).current == february


def test_without_any_observation_nothing_is_current() -> None:
    found = judged()

    assert (found.series, found.current, found.part) == ((), None, None)
    assert (found.previous, found.last_year) == (None, None)


def test_a_day_of_the_year_before_is_compared_and_part_of_the_series() -> None:
    calls = kpi("calls", grain=Grain.DAY)
    today, last_year = seen("calls", "2026-03-31", "12"), seen("calls", "2025-03-31", "10")

    found = judged(today, last_year, of=calls)

    assert found.series == (last_year, today)
    assert found.last_year is not None
    assert (found.last_year.before, found.last_year.difference) == (last_year, 2)


@pytest.mark.parametrize(
    ("direction", "before", "after", "difference", "relative", "better"),
    [
        pytest.param("higher", "0.40", "0.44", "0.04", "0.1", True, id="up is better"),
        pytest.param("higher", "0.40", "0.36", "-0.04", "-0.1", False, id="down is worse"),
        pytest.param("lower", "0.40", "0.36", "-0.04", "-0.1", True, id="lower is better: down is better"),
        pytest.param("band", "0.40", "0.36", "-0.04", "-0.1", None, id="in a band neither is better"),
        pytest.param("higher", "0.40", "0.40", "0", "0", None, id="equal is neither"),
        pytest.param("higher", "0", "0.4", "0.4", None, True, id="no fraction of nothing exists"),
        pytest.param("higher", "-2", "-1", "1", "0.5", True, id="of a negative value the size counts"),
        pytest.param("higher", None, "0.4", None, None, None, id="no value before"),
        pytest.param("higher", "0.4", None, None, None, None, id="no value now"),
    ],
)
def test_march_against_february(
    direction: str,
    before: str | None,
    after: str | None,
    difference: str | None,
    relative: str | None,
    better: bool | None,
) -> None:
    margin = kpi("margin", direction=Direction(direction))

    found = judged(*months_before_april("margin", before, after), of=margin).previous

    assert found is not None
    assert (found.before.period.name, found.after.period.name) == ("2026-02", "2026-03")
    assert found.difference == (None if difference is None else Decimal(difference))
    assert found.relative == (None if relative is None else Decimal(relative))
    assert found.better is better


def test_a_gap_is_not_jumped_over() -> None:
    assert judged(seen("margin", "2026-01", "0.4"), seen("margin", "2026-03", "0.5")).previous is None


def test_the_same_month_of_the_year_before() -> None:
    found = judged(seen("margin", "2025-03", "0.40"), seen("margin", "2026-03", "0.44")).last_year

    assert found is not None
    assert (found.before.period, found.difference) == (period("2025-03"), Decimal("0.04"))


def test_week_53_has_no_week_of_the_year_before() -> None:
    calls = kpi("calls", grain=Grain.WEEK)

    found = judged(
        seen("calls", "2025-W52", "1"),
        seen("calls", "2026-W53", "2"),
        seen("calls", "2026-W52", "1"),
        of=calls,
        as_of=datetime(2027, 1, 4),
    )

    assert found.last_year is None
    assert found.previous is not None


def test_the_running_month_is_never_compared() -> None:
    march = seen("margin", "2026-03", "0.4")

    found = judged(march, seen("margin", "2026-04", "0.1", complete=False), as_of=APRIL_15)

    assert (found.previous, found.last_year, found.current) == (None, None, march)


# --- slices


def test_the_breakdown_is_of_the_current_month_by_each_dimension_in_the_order_of_the_values() -> None:
    margin = kpi("margin", dimensions=(dimension("channel"), dimension("country")))
    stores = seen("margin", "2026-03", "0.3", (("channel", "stores"),))
    online = seen("margin", "2026-03", "0.5", (("channel", "online"),))
    unknown = seen("margin", "2026-03", "0.1", (("channel", None),))
    others = (
        seen("margin", "2026-02", "0.9", (("channel", "online"),)),
        seen("margin", "2026-03", "0.9", (("channel", "online"), ("country", "DE"))),
        seen("margin", "2026-03", "0.4"),
    )

    found = judged(stores, unknown, online, *others, of=margin)

    assert found.breakdown == {"channel": (online, stores, unknown), "country": ()}


def test_no_breakdown_tells_persons() -> None:
    margin = kpi("margin", dimensions=(dimension("clerk", person=True),))

    found = judged(
        seen("margin", "2026-03", "0.4"), seen("margin", "2026-03", "0.3", (("clerk", "Ann"),)), of=margin
    )

    assert found.breakdown == {}


# --- status


def in_year(year: int, reach: str, **changes: Any) -> Goal:
    start, end = date(year, 1, 1), date(year + 1, 1, 1)
    return goal(f"of_{year}", result("margin", target(reach, start), **changes), during=(start, end))


@pytest.mark.parametrize(
    ("goals", "as_of", "status"),
    [
        pytest.param((), APRIL_1, Status.NO_TARGET, id="nobody asks"),
        pytest.param((in_year(2026, "0.4"),), APRIL_1, Status.MET, id="the goal of this year is met"),
        pytest.param(
            (in_year(2026, "0.4"), goal("strict", result("margin", "0.5"))),
            APRIL_1,
            Status.MISSED,
            id="the worst of two goals counts",
        ),
        pytest.param(
            (in_year(2026, "0.4"), in_year(2025, "0.5")),
            APRIL_1,
            Status.MET,
            id="a goal that is over says nothing of March",
        ),
        pytest.param((in_year(2025, "0.5"),), APRIL_1, Status.NO_TARGET, id="nor when it is the only one"),
        pytest.param(
            (in_year(2025, "0.5"), in_year(2026, "0.4")),
            datetime(2026, 1, 10),
            Status.MISSED,
            id="in January, December is judged by the goal of its year",
        ),
        pytest.param(
            (in_year(2027, "0.5"),), APRIL_1, Status.NOT_DUE, id="a goal to come expects nothing yet"
        ),
        pytest.param(
            (in_year(2026, "0.4"), in_year(2027, "0.5")),
            APRIL_1,
            Status.MET,
            id="which does not hide this year's",
        ),
        pytest.param(
            (in_year(2026, "0.5", slice=(("channel", "online"),)),),
            APRIL_1,
            Status.NO_TARGET,
            id="a target of a slice is none of the total",
        ),
    ],
)
def test_the_status_of_a_kpi_at_44_percent(goals: tuple[Goal, ...], as_of: datetime, status: Status) -> None:
    months = [seen("margin", month, "0.44") for month in ("2025-12", "2026-01", "2026-02", "2026-03")]

    found = judged(*months, of=kpi("margin", dimensions=(dimension("channel"),)), goals=goals, as_of=as_of)

    assert found.status is status
    assert len(found.results) == len(goals)


# --- trust in the data


def state(
    *, promised: timedelta | None, latest: datetime | None, as_of: datetime, dated: bool = True
) -> KpiAssessment:
    orders = dataset("orders", freshness=promised)
    if not dated:
        orders = replace(orders, time=None)
    known = {"orders": Freshness(dataset="orders", latest=latest, rows=0 if latest is None else 9)}
    answer = assess(project(kpi("margin"), orders), (), known, compiled("margin"), as_of)
    return answer.kpis["margin"]


ONE_DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("latest", "as_of", "trust", "late_by"),
    [
        pytest.param("2025-12-31", "2026-01-02T00:00", "current", None, id="a day counts until its end"),
        pytest.param(
            "2025-12-31", "2026-01-02T00:01", "late", timedelta(minutes=1), id="a minute later it is late"
        ),
        pytest.param("2025-12-31T23:40", "2026-01-01T23:40", "current", None, id="a moment counts as it is"),
        pytest.param(
            "2025-12-31T23:40", "2026-01-02T00:00", "late", timedelta(minutes=20), id="and late from then"
        ),
        pytest.param(
            "2026-02-01T08:00", "2026-01-02T00:00", "current", None, id="rows of the future are not late"
        ),
        pytest.param(None, "2026-01-02T00:00", "late", None, id="no row at all breaks the promise"),
    ],
)
def test_a_promise_of_one_day(latest: str | None, as_of: str, trust: str, late_by: timedelta | None) -> None:
    newest = None if latest is None else datetime.fromisoformat(latest)

    found = state(promised=ONE_DAY, latest=newest, as_of=datetime.fromisoformat(as_of)).data

    assert (found.trust, found.late_by, found.latest) == (Trust(trust), late_by, newest)
    assert found.late == (("orders",) if trust == "late" else ())


def test_without_a_promise_nothing_is_known() -> None:
    found = state(promised=None, latest=datetime(2020, 1, 1), as_of=APRIL_1).data

    assert (found.trust, found.latest, found.late) == (Trust.UNKNOWN, datetime(2020, 1, 1), ())


def test_a_promise_of_no_time_at_all_is_a_promise() -> None:
    found = state(promised=timedelta(0), latest=datetime(2026, 3, 31, 12), as_of=APRIL_1, dated=False).data

    assert (found.trust, found.late_by) == (Trust.LATE, timedelta(hours=12))


def of_two(
    products_promise: timedelta | None, *, products_dated: bool, orders_latest: datetime
) -> KpiAssessment:
    """Orders promise one day; products lie beside them."""
    products = dataset("products", freshness=products_promise)
    if not products_dated:
        products = replace(products, time=None)
    answer = assess(
        project(kpi("margin"), dataset("orders", freshness=ONE_DAY), products),
        (),
        {
            "orders": Freshness(dataset="orders", latest=orders_latest, rows=1),
            "products": Freshness(dataset="products", latest=datetime(2026, 3, 30, 9), rows=1),
        },
        compiled("margin", datasets={"margin": ("products", "orders")}),
        APRIL_1,
    )
    return answer.kpis["margin"]


@pytest.mark.parametrize(
    ("promise", "dated", "orders_latest", "trust", "late"),
    [
        pytest.param(None, False, "2026-03-31", "current", (), id="a dataset without time cannot be late"),
        pytest.param(None, True, "2026-03-31", "unknown", (), id="one without a promise leaves it unknown"),
        pytest.param(None, True, "2026-03-01", "late", ("orders",), id="but late is late"),
        pytest.param(ONE_DAY, True, "2026-03-31", "late", ("products",), id="the late one is named"),
        pytest.param(ONE_DAY, True, "2026-03-01", "late", ("orders", "products"), id="or both"),
    ],
)
def test_all_datasets_behind_a_kpi_count(
    promise: timedelta | None, dated: bool, orders_latest: str, trust: str, late: tuple[str, ...]
) -> None:
    found = of_two(promise, products_dated=dated, orders_latest=datetime.fromisoformat(orders_latest)).data

    assert (found.trust, found.late) == (Trust(trust), late)


def test_the_oldest_of_the_newest_rows_is_shown_and_the_longest_delay() -> None:
    found = of_two(ONE_DAY, products_dated=True, orders_latest=datetime(2026, 3, 1)).data

    assert (found.latest, found.late_by) == (datetime(2026, 3, 1), timedelta(days=29))


def test_a_dataset_that_was_not_looked_at_is_unknown() -> None:
    answer = assess(
        project(kpi("margin"), dataset("orders", freshness=ONE_DAY)), (), {}, compiled("margin"), APRIL_1
    )

    assert answer.kpis["margin"].data.trust is Trust.UNKNOWN


# --- together


def company() -> Project:
    return project(
        kpi("sales", dimensions=(dimension("channel"),), expression=total("net_sales")),
        kpi("margin"),
        kpi("calls", grain=Grain.DAY, direction=Direction.LOWER),
        goal("growth", result("sales", "100"), result("sales", "50", slice=(("channel", "online"),))),
        goal("quality", result("margin", "0.4"), result("calls", "3"), parents=("growth",)),
        scorecard("monthly", "sales", "margin"),
    )


def answers(of: Project, as_of: datetime) -> list[Observation]:
    """A value for everything that is asked, and both channels where channels are asked."""
    return [
        seen(
            name,
            asked,
            f"{(len(name) * 7 + asked.start.toordinal() * 31) % 101}",
            tuple((dimension, value) for dimension in question.by),
            complete=asked.end <= as_of.date(),
        )
        for question in questions(of, as_of)
        for name in question.kpis
        for asked in question.periods
        for value in (("online", "stores") if question.by else (None,))
    ]


def whole_answer(observations: list[Observation]) -> Assessment:
    return assess(company(), observations, {}, evidence(), APRIL_15)


@settings(deadline=None)
@given(st.permutations(answers(company(), APRIL_15)))
def test_the_order_of_observations_changes_nothing(shuffled: list[Observation]) -> None:
    assert whole_answer(shuffled) == whole_answer(answers(company(), APRIL_15))


@settings(deadline=None)
@given(st.decimals(-1000, 1000, places=2))
def test_the_running_period_changes_nothing_but_itself(value: Decimal) -> None:
    plain = answers(company(), APRIL_15)
    other = [o if o.complete else replace(o, value=value) for o in plain]

    one, another = whole_answer(plain), whole_answer(other)

    assert one.goals == another.goals
    for name, before in one.kpis.items():
        after = another.kpis[name]
        assert after.part is not None
        assert after.part.value == value
        assert replace(before, part=None, series=()) == replace(after, part=None, series=())


def test_everything_is_in_the_order_of_the_names() -> None:
    answer = whole_answer(answers(company(), APRIL_15))

    assert list(answer.kpis) == ["calls", "margin", "sales"]
    assert list(answer.goals) == ["growth", "quality"]
    assert [c.criterion for c in answer.kpis["sales"].criteria] == list(Criterion)


def test_what_is_asked_is_enough_to_judge_every_result_of_every_goal() -> None:
    answer = whole_answer(answers(company(), APRIL_15))

    assert all(r.value is not None for found in answer.goals.values() for r in found.results)
    assert all(k.current and k.part and k.previous and k.last_year for k in answer.kpis.values())
    assert answer.kpis["sales"].breakdown["channel"]


# --- where the series begins


def series_of(kpi_name: str, *months: tuple[str, str | None], earliest: datetime | None) -> list[str]:
    """Return the periods of the series of a KPI over orders whose first row is of `earliest`."""
    made = kpi(kpi_name)
    known = {"orders": Freshness(dataset="orders", latest=datetime(2026, 3, 31), rows=9, earliest=earliest)}
    everything = project(made)
    evidence = replace(compiled(kpi_name), datasets={kpi_name: ("orders",)})
    observations = [seen(kpi_name, name, value) for name, value in months]
    found = assess(everything, observations, known, evidence, datetime(2026, 4, 1))
    return [o.period.name for o in found.kpis[kpi_name].series]


MONTHS = (("2025-11", "0"), ("2025-12", "0"), ("2026-01", "3"), ("2026-02", "4"), ("2026-03", "5"))


def test_a_count_before_the_first_row_is_no_zero() -> None:
    assert series_of("orders", *MONTHS, earliest=datetime(2026, 1, 1, 8)) == ["2026-01", "2026-02", "2026-03"]


def test_the_month_that_holds_the_first_row_is_left_out_since_it_is_mostly_a_part() -> None:
    assert series_of("orders", *MONTHS, earliest=datetime(2026, 1, 2)) == ["2026-02", "2026-03"]


def test_where_the_first_row_is_not_known_every_month_counts() -> None:
    assert series_of("orders", *MONTHS, earliest=None) == [name for name, _ in MONTHS]
