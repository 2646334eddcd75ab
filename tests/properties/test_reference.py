"""The oracle itself, form by form: tiny tables, and numbers that were worked out by hand."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from kpiascode.conformance.reference import (
    Aggregated,
    AverageOver,
    Both,
    Broken,
    Calculated,
    Calendar,
    Chosen,
    Closing,
    Cohort,
    CohortSize,
    Compared,
    Cumulative,
    Dataset,
    DayCount,
    Either,
    Field,
    Fixed,
    Funnel,
    Kpi,
    Link,
    Meaningless,
    Opening,
    Previous,
    Project,
    Question,
    Referred,
    RetailYear,
    Rolling,
    Rule,
    Said,
    Share,
    Stage,
    Step,
    ToDate,
    answers,
    name_of,
    next_start,
    periods,
    start_of,
    written,
)

JAN, FEB, MAR, APR, MAY = (date(2026, month, 1) for month in range(1, 6))
LATER = datetime(2030, 1, 1)
CIVIL = Calendar()


def field(path: str) -> Field:
    return Field(tuple(path.split(".")))


def total(path: str) -> Aggregated:
    return Aggregated("sum", field(path))


ROWS = Aggregated("count")


def table(name: str, columns: str, *rows: tuple[Any, ...], **more: Any) -> Dataset:
    """Return a dataset: `table("stock", "day DATE, item TEXT", (date(...), "a"))`."""
    kinds = dict(column.split(" ") for column in columns.split(", "))
    found = [dict(zip(kinds, row, strict=True)) for row in rows]
    return Dataset(name, kinds, found, **more)


def kpi(expression: Said, dataset: str | None = "data", name: str = "k", **more: Any) -> Kpi:
    given: dict[str, Any] = {"time": ("day",) if dataset else (), "dimensions": {}}
    return Kpi(name, expression, dataset=dataset, **{**given, **more})


def project(found: Kpi | Iterable[Kpi], *tables: Dataset, calendar: Calendar = CIVIL) -> Project:
    kpis = [found] if isinstance(found, Kpi) else found
    return Project({one.name: one for one in tables}, {one.name: one for one in kpis}, calendar)


def ask(
    made: Project, grain: str, first: date, end: date, as_of: datetime = LATER, **more: Any
) -> dict[Any, Any]:
    """Return the values of `k` by period, and by slice where it is sliced."""
    found = answers(made, Question(("k",), grain, first, end, as_of, **more))
    return {(period, *key) if key else period: value for (_, period, key), value in found.items()}


# --- closing and opening

STOCK = table(
    "data",
    "day DATE, item TEXT, level INT",
    (date(2026, 1, 10), "a", 5),
    (date(2026, 1, 10), "b", 7),
    (date(2026, 1, 20), "a", 3),
    (date(2026, 2, 5), "b", 4),
    (None, "a", 100),
)
BY_ITEM = {"item": ("item",)}


def test_closing_takes_the_rows_of_the_last_time() -> None:
    made = project(kpi(Closing(total("level"))), STOCK)

    # January: the 20th, 3. February: the 5th, 4. March: no rows.
    assert ask(made, "month", JAN, APR) == {"2026-01": 3, "2026-02": 4, "2026-03": None}


def test_the_last_time_is_found_before_where_filters_and_slices() -> None:
    only_b = Compared("=", field("item"), Fixed("b"))
    condition = project(kpi(Closing(ROWS), where=only_b), STOCK)
    filtered = project(kpi(Closing(Aggregated("count", condition=only_b))), STOCK)
    sliced = project(kpi(Closing(total("level")), dimensions=BY_ITEM), STOCK)

    # On 20 January, the last day with rows, there is no b.
    assert ask(condition, "month", JAN, FEB) == {"2026-01": 0}
    assert ask(filtered, "month", JAN, FEB) == {"2026-01": 0}
    # b is seen in February, so it is there in January, with nothing.
    assert ask(sliced, "month", JAN, MAR, by=("item",)) == {
        ("2026-01", "a"): 3,
        ("2026-01", "b"): None,
        ("2026-02", "a"): None,
        ("2026-02", "b"): 4,
    }
    # It was there on the 10th, too, and is gone on the 20th.
    assert ask(sliced, "month", JAN, FEB, by=("item",)) == {("2026-01", "a"): 3, ("2026-01", "b"): None}
    assert ask(sliced, "month", JAN, FEB, where=only_b) == {"2026-01": None}


def test_closing_sees_nothing_from_as_of_on() -> None:
    made = project(kpi(Closing(total("level"))), STOCK)

    # Before the 20th the last time is the 10th: 5 + 7.
    assert ask(made, "month", JAN, FEB, datetime(2026, 1, 20)) == {"2026-01": 12}
    assert ask(made, "month", JAN, FEB, datetime(2026, 1, 20, 1)) == {"2026-01": 3}


def test_closing_of_each_entity_takes_its_last_row_however_old() -> None:
    made = project(kpi(Closing(total("level"), field("item"))), STOCK)

    # End of January: a 3 (20th), b 7 (10th). End of February: a still 3, b 4.
    assert ask(made, "month", JAN, APR) == {"2026-01": 10, "2026-02": 7, "2026-03": 7}
    assert ask(made, "month", date(2025, 12, 1), JAN) == {"2025-12": None}


def test_two_last_rows_of_an_entity_are_broken_data_once_they_are_taken() -> None:
    twice = replace(STOCK, rows=[*STOCK.rows, {"day": date(2026, 1, 20), "item": "a", "level": 1}])
    made = project(kpi(Closing(total("level"), field("item"))), twice)

    with pytest.raises(Broken) as error:
        ask(made, "month", JAN, FEB)
    assert error.value.codes == {"last-row-not-unique"}
    # By 19 January they are not there yet: 5 + 7.
    assert ask(made, "day", date(2026, 1, 19), date(2026, 1, 20)) == {"2026-01-19": 12}


def test_closing_of_other_kpis_finds_the_last_time_of_each() -> None:
    other = table("other", "at DATE, n INT", (date(2026, 1, 3), 1), (date(2026, 1, 4), 2))
    parts = [kpi(total("level"), name="one"), kpi(total("n"), "other", name="two", time=("at",))]
    both = kpi(Closing(Calculated("+", Referred("one"), Referred("two"))), None)

    # 3 on the 20th here, 2 on the 4th there.
    assert ask(project([*parts, both], STOCK, other), "month", JAN, FEB) == {"2026-01": 5}


def test_opening_is_the_closing_of_the_interval_before() -> None:
    made = project(kpi(Opening(total("level"))), STOCK)
    each = project(kpi(Opening(total("level"), field("item"))), STOCK)
    rolled = project(kpi(Rolling(Opening(total("level")), 10, "days")), STOCK)
    ever = project(kpi(Cumulative(Opening(total("level")))), STOCK)

    assert ask(made, "month", JAN, APR) == {"2026-01": None, "2026-02": 3, "2026-03": 4}
    # Of a part period the whole one before: January again.
    assert ask(made, "month", FEB, MAR, datetime(2026, 2, 2)) == {"2026-02": 3}
    # Of the days 21 to 30 January (10 of them) those before: 11 to 20, whose last is the 20th.
    assert ask(made, "all", date(2026, 1, 21), date(2026, 1, 31)) == {"all": 3}
    assert ask(each, "month", FEB, MAR) == {"2026-02": 10}
    # On 24 January the window is 15 to 24; the ten days before hold the 10th: 12.
    assert ask(rolled, "day", date(2026, 1, 24), date(2026, 1, 25)) == {"2026-01-24": 12}
    assert ask(ever, "month", JAN, FEB) == {"2026-01": None}


def test_last_times_are_told_apart_where_the_clock_repeats_an_hour() -> None:
    # 00:30 UTC is 02:30 in Berlin, and 01:10 UTC is 02:10, an hour later by the sun.
    rows = (datetime(2025, 10, 26, 0, 30), 1), (datetime(2025, 10, 26, 1, 10), 2)
    data = table("data", "day TIMESTAMPTZ, n INT", *rows)
    made = project(kpi(Closing(total("n"))), data, calendar=Calendar("Europe/Berlin"))

    assert ask(made, "day", date(2025, 10, 26), date(2025, 10, 27)) == {"2025-10-26": 2}


# --- rows that hold for a span

STAFF = table(
    "data",
    "since DATE, until DATE, team TEXT",
    (date(2026, 1, 10), None, "a"),
    (date(2026, 1, 1), date(2026, 1, 31), "a"),
    (date(2026, 1, 1), date(2026, 2, 1), "b"),
    (None, None, "b"),
    (date(2026, 2, 1), date(2026, 2, 10), "b"),
    valid=("since", "until"),
)


def test_rows_that_hold_count_as_they_stand_just_before_the_end() -> None:
    made = project(kpi(Closing(ROWS), time=(), dimensions={"team": ("team",)}), STAFF)

    # End of January: the first, and the third, which ends as February begins; the second ended a day before.
    assert ask(made, "month", JAN, APR) == {"2026-01": 2, "2026-02": 1, "2026-03": 1}
    assert ask(made, "month", FEB, MAR, datetime(2026, 2, 5)) == {"2026-02": 2}
    assert ask(made, "month", JAN, FEB, by=("team",)) == {("2026-01", "a"): 1, ("2026-01", "b"): 1}


def test_the_opening_of_rows_that_hold_is_how_they_stood_before() -> None:
    made = project(kpi(Opening(ROWS), time=()), STAFF)

    assert ask(made, "month", JAN, APR) == {"2026-01": 0, "2026-02": 2, "2026-03": 1}


def test_outside_these_forms_rows_that_hold_are_dated_by_the_time_of_the_kpi() -> None:
    made = project(kpi(ROWS, time=("since",)), STAFF)

    assert ask(made, "month", JAN, MAR) == {"2026-01": 3, "2026-02": 1}


def test_an_average_over_units_reads_rows_that_hold_at_the_end_of_each() -> None:
    made = project(kpi(AverageOver(ROWS, "day"), time=("since",)), STAFF)

    # 29 January: all three; 30 January: three, as the second holds until the 31st begins; 31 January: two.
    assert ask(made, "all", date(2026, 1, 29), date(2026, 2, 1)) == {"all": 8 / 3}


# --- average_over

SALES = table(
    "data",
    "day DATE, who TEXT, n INT, channel TEXT, region TEXT",
    (date(2026, 1, 1), "x", 6, "web", "n"),
    (date(2026, 1, 1), "y", 4, "shop", "n"),
    (date(2026, 1, 3), "x", 5, "web", "s"),
    (date(2026, 2, 1), "z", 0, "shop", None),
    (date(2026, 2, 2), "z", 8, "web", None),
)
WAYS = {"channel": ("channel",), "region": ("region",)}


def test_an_average_over_units_leaves_out_nulls_and_keeps_zeros() -> None:
    made = project(kpi(AverageOver(total("n"), "day")), SALES)
    counted = project(kpi(AverageOver(ROWS, "day")), SALES)

    # January: 10 and 5, and 29 days without; February: 0 and 8; March: nothing.
    assert ask(made, "month", JAN, APR) == {"2026-01": 7.5, "2026-02": 4, "2026-03": None}
    assert ask(counted, "month", JAN, FEB) == {"2026-01": 3 / 31}


def test_units_from_as_of_on_do_not_exist() -> None:
    counted = project(kpi(AverageOver(ROWS, "day")), SALES)

    # Four days have begun by noon of the 4th.
    assert ask(counted, "month", JAN, FEB, datetime(2026, 1, 4, 12)) == {"2026-01": 3 / 4}
    assert ask(counted, "month", FEB, MAR, datetime(2026, 1, 4)) == {"2026-02": None}


def test_inside_an_average_a_period_is_a_unit() -> None:
    made = project(kpi(AverageOver(Previous(total("n"), 1, "period"), "day")), SALES)
    running = project(kpi(AverageOver(Cumulative(total("n")), "day")), SALES)

    # 2 and 4 January have a day with sales before them.
    assert ask(made, "month", JAN, FEB) == {"2026-01": 7.5}
    # 10, 10, 15
    assert ask(running, "all", JAN, date(2026, 1, 4)) == {"all": 35 / 3}


def test_units_lie_within_the_interval_and_are_finer_than_the_grain() -> None:
    def made(form: Said) -> Project:
        return project(kpi(form), SALES)

    weekly = made(AverageOver(total("n"), "week"))
    with pytest.raises(Meaningless):
        ask(weekly, "month", JAN, FEB)
    # 5 to 18 January are two whole weeks.
    assert ask(weekly, "all", date(2026, 1, 5), date(2026, 1, 19)) == {"all": None}
    # In February 2026, which begins on a Sunday and has four weeks, they fit.
    sundays = project(kpi(AverageOver(total("n"), "week")), SALES, calendar=Calendar(week_start=6))
    assert ask(sundays, "month", FEB, MAR) == {"2026-02": 8}
    for form in (AverageOver(total("n"), "month"), Cumulative(AverageOver(total("n"), "day"))):
        with pytest.raises(Meaningless):
            ask(made(form), "month", JAN, FEB)
    with pytest.raises(Meaningless):
        ask(
            made(Rolling(AverageOver(total("n"), "day"), 3, "days")),
            "month",
            JAN,
            FEB,
            datetime(2026, 1, 5, 9),
        )
    # 2 to 4 January: only the 3rd has sales.
    rolled = made(Rolling(AverageOver(total("n"), "day"), 3, "days"))
    assert ask(rolled, "month", JAN, FEB, datetime(2026, 1, 5)) == {"2026-01": 5}


# --- share


def test_a_share_is_of_the_same_rows_with_the_dimension_left_free() -> None:
    made = project(kpi(Share(total("n"), "channel"), dimensions=WAYS), SALES)

    assert ask(made, "month", JAN, FEB) == {"2026-01": 1}
    # January: web 11 of 15, shop 4 of 15.
    assert ask(made, "month", JAN, FEB, by=("channel",)) == {
        ("2026-01", "web"): 11 / 15,
        ("2026-01", "shop"): 4 / 15,
    }
    # North: web 6 of 10, shop 4 of 10. South: web 5 of 5; there is no shop in the south.
    assert ask(made, "month", JAN, FEB, by=("channel", "region")) == {
        ("2026-01", "web", "n"): 0.6,
        ("2026-01", "shop", "n"): 0.4,
        ("2026-01", "web", "s"): 1,
    }


def test_filters_on_the_free_dimension_do_not_reach_the_denominator() -> None:
    made = project(kpi(Share(total("n"), "channel"), dimensions=WAYS), SALES)
    web = Compared("=", field("channel"), Fixed("web"))
    north = Compared("=", field("region"), Fixed("n"))

    assert ask(made, "month", JAN, FEB, where=web) == {"2026-01": 11 / 15}
    assert ask(made, "month", JAN, FEB, where=Both(web, north)) == {"2026-01": 0.6}
    # Only slices that the numerator sees.
    assert ask(made, "month", JAN, FEB, by=("channel",), where=web) == {("2026-01", "web"): 11 / 15}
    with pytest.raises(Meaningless):
        ask(made, "month", JAN, FEB, where=Either(web, north))


def test_a_share_of_nothing_is_null() -> None:
    made = project(kpi(Share(total("n"), "channel"), dimensions=WAYS), SALES)

    # On 1 February all is zero.
    assert ask(made, "day", FEB, date(2026, 2, 2)) == {"2026-02-01": None}


# --- revisions


def test_a_value_is_by_the_rule_at_the_end_of_its_interval() -> None:
    rules = (
        Rule(date(2026, 3, 1), expression=Aggregated("max", field("n"))),
        Rule(FEB, where=Compared("=", field("who"), Fixed("x"))),
    )
    made = project(kpi(total("n"), revisions=rules), SALES)

    # January ends on 1 February, so the rule until then is the earliest not before: x has 6 + 5.
    # February: the largest, 8. March: today's rule, over no rows.
    assert ask(made, "month", JAN, APR) == {"2026-01": 11, "2026-02": 8, "2026-03": None}
    # A quarter ends after both; in a part month the end is still that of the month.
    assert ask(made, "quarter", JAN, APR) == {"2026-Q1": 23}
    assert ask(made, "month", FEB, MAR, datetime(2026, 2, 2)) == {"2026-02": 0}


def test_a_revision_may_take_other_rows_by_another_time() -> None:
    old = table("old", "at DATE, n INT", (date(2026, 1, 9), 70))
    rule = Rule(FEB, dataset="old", time=("at",))
    one = kpi(total("n"), name="one", revisions=(rule,))
    made = project([one, kpi(Previous(Referred("one"), 1, "month"), None)], SALES, old)

    # Seen from February, January is still by the rule of January.
    assert ask(made, "month", FEB, APR) == {"2026-02": 70, "2026-03": 8}


# --- partners that held at a time

DEALS = table(
    "data",
    "day DATE, money TEXT, branch INT, n INT",
    (date(2026, 1, 1), "EUR", 1, 1),
    (date(2026, 1, 5), "EUR", 1, 10),
    (date(2026, 1, 9), "EUR", 1, 100),
    (date(2026, 1, 9), "USD", 1, 1000),
    (None, "EUR", 1, 10000),
    links={
        "rate": Link("rates", (("money", "money"), ("branch", "branch")), at=("day",), valid_from="since")
    },
)
RATES = table(
    "rates",
    "money TEXT, branch INT, since DATE, until DATE, r INT",
    ("EUR", 1, date(2026, 1, 5), date(2026, 1, 8), 2),
    ("EUR", 1, date(2026, 1, 2), date(2026, 1, 5), 3),
    ("EUR", 2, date(2026, 1, 1), None, 50),
    ("USD", None, date(2026, 1, 1), None, 70),
    ("EUR", 1, None, None, 90),
)
WORTH = Aggregated("sum", Calculated("*", field("n"), field("rate.r")))


def test_a_partner_holds_until_the_next_of_its_key() -> None:
    made = project(kpi(WORTH), DEALS, RATES)

    # The first deal lies before all rates; then 10 * 2 and 100 * 2; USD has no rate at branch 1.
    assert ask(made, "month", JAN, FEB) == {"2026-01": 220}


def test_a_partner_holds_until_its_end_is_reached() -> None:
    link = replace(DEALS.links["rate"], valid_to="until")
    made = project(kpi(WORTH), replace(DEALS, links={"rate": link}), RATES)

    # On the 9th nothing holds any more.
    assert ask(made, "month", JAN, FEB) == {"2026-01": 20}


@pytest.mark.parametrize(
    ("valid_to", "row", "broken"),
    [
        (None, ("EUR", 1, date(2026, 1, 5), None, 1), True),
        (None, ("EUR", 1, date(2026, 1, 4), date(2027, 1, 1), 1), False),
        ("until", ("EUR", 1, date(2026, 1, 4), date(2026, 1, 5), 1), True),
        ("until", ("EUR", 1, date(2026, 1, 8), None, 1), False),
        ("until", ("EUR", 1, date(2026, 1, 1), None, 1), True),
        ("until", ("EUR", None, date(2026, 1, 1), None, 1), False),
    ],
)
def test_partners_that_overlap_are_broken_data(
    valid_to: str | None, row: tuple[Any, ...], broken: bool
) -> None:
    link = replace(DEALS.links["rate"], valid_to=valid_to)
    rates = replace(RATES, rows=[*RATES.rows, dict(zip(RATES.columns, row, strict=True))])
    tables = replace(DEALS, links={"rate": link}), rates

    if broken:
        with pytest.raises(Broken) as error:
            ask(project(kpi(WORTH), *tables), "month", JAN, FEB)
        assert error.value.codes == {"validity-overlaps"}
    else:
        ask(project(kpi(WORTH), *tables), "month", JAN, FEB)
    # Where nobody goes, nothing is broken.
    assert ask(project(kpi(ROWS), *tables), "month", JAN, FEB) == {"2026-01": 4}


def test_a_key_that_stands_twice_is_broken_data_where_it_is_walked() -> None:
    people = table("people", "id TEXT, team TEXT", ("q", "a"), ("q", "b"), (None, "c"), (None, "d"))
    links = {"who": Link("people", (("who", "id"),))}
    sales = replace(SALES, links=links, columns={**SALES.columns})
    sliced = kpi(ROWS, dimensions={"team": ("who", "team")})
    made = project(sliced, sales, people)

    assert ask(made, "month", JAN, FEB) == {"2026-01": 3}
    for more in ({"by": ("team",)}, {"where": Compared("=", field("team"), Fixed("a"))}):
        with pytest.raises(Broken) as error:
            ask(made, "month", JAN, FEB, **more)
        assert error.value.codes == {"key-not-unique"}
    alone = replace(people, rows=people.rows[1:])
    assert ask(project(sliced, sales, alone), "month", JAN, FEB, by=("team",)) == {("2026-01", None): 3}
    must = replace(sales, links={"who": replace(links["who"], required=True)})
    with pytest.raises(Broken) as error:
        ask(project(sliced, must, alone), "month", JAN, FEB, by=("team",))
    assert error.value.codes == {"required-partner-missing"}


# --- rows that stand for a month

BUDGET = table("data", "day DATE, n INT", (date(2026, 1, 1), 31), (date(2026, 2, 20), 28), time_grain="month")


def test_a_row_that_stands_for_a_month_counts_whole_in_a_part_of_it() -> None:
    made = project(kpi(total("n")), BUDGET)
    as_of = datetime(2026, 2, 3)

    assert ask(made, "month", JAN, APR, as_of) == {"2026-01": 31, "2026-02": 28, "2026-03": None}
    assert ask(made, "quarter", JAN, APR, as_of) == {"2026-Q1": 59}
    spent = project(kpi(ToDate(total("n"), "year")), BUDGET)
    assert ask(spent, "month", FEB, MAR, as_of) == {"2026-02": 59}
    assert ask(project(kpi(Previous(total("n"), 1, "month")), BUDGET), "month", FEB, MAR, as_of) == {
        "2026-02": 31
    }
    assert ask(project(kpi(Cumulative(total("n"))), BUDGET), "month", FEB, MAR, as_of) == {"2026-02": 59}


def test_an_interval_that_cuts_a_month_has_no_budget() -> None:
    made = project(kpi(total("n")), BUDGET)

    for grain, first, end in (("week", JAN, FEB), ("day", JAN, FEB), ("all", JAN, date(2026, 2, 2))):
        with pytest.raises(Meaningless):
            ask(made, grain, first, end)
    with pytest.raises(Meaningless):
        ask(project(kpi(Rolling(total("n"), 28, "days")), BUDGET), "month", JAN, FEB)
    # 28 days before the end of February is its beginning.
    assert ask(project(kpi(Rolling(total("n"), 28, "days")), BUDGET), "month", FEB, MAR) == {"2026-02": 28}


# --- cohorts

PEOPLE = table(
    "people",
    "id TEXT, since DATE, team TEXT",
    ("x", date(2026, 1, 31), "a"),
    ("y", date(2026, 1, 10), "b"),
    ("z", date(2026, 2, 10), "a"),
    ("w", None, "a"),
)
VISITS = table(
    "data",
    "day DATE, who TEXT, n INT",
    (date(2026, 1, 30), "x", 1000),
    (date(2026, 1, 31), "x", 1),
    (date(2026, 2, 27), "x", 10),
    (date(2026, 2, 28), "x", 100),
    (date(2026, 2, 9), "y", 2),
    (date(2026, 2, 10), "y", 20),
    (date(2026, 2, 10), None, 5000),
    (date(2026, 2, 11), "w", 6000),
    links={"person": Link("people", (("who", "id"),))},
)


def of_age(since: tuple[int, str], until: tuple[int, str], where: Said | None = None) -> Cohort:
    return Cohort("who", ("person", "since"), since, until, where)


MONTH_OLD = of_age((0, "days"), (1, "month"))
TEAMS = {"team": ("person", "team")}


def test_a_cohort_counts_rows_by_age_where_their_entity_starts() -> None:
    made = project(kpi(total("n"), cohort=MONTH_OLD, dimensions=TEAMS), VISITS, PEOPLE)

    # x from 31 January until a month later, which is 28 February: 1 + 10. y: 2. z has none.
    assert ask(made, "month", JAN, APR) == {"2026-01": 13, "2026-02": None, "2026-03": None}
    assert ask(made, "month", JAN, FEB, by=("team",)) == {("2026-01", "a"): 11, ("2026-01", "b"): 2}
    second = of_age((1, "month"), (2, "months"))
    # From 28 February on (x), and from 10 February on (y).
    assert ask(project(kpi(total("n"), cohort=second), VISITS, PEOPLE), "month", JAN, FEB) == {"2026-01": 120}


def test_the_size_of_a_cohort_counts_entities_with_or_without_rows() -> None:
    made = project(kpi(CohortSize(), cohort=MONTH_OLD, dimensions=TEAMS), VISITS, PEOPLE)

    assert ask(made, "month", JAN, APR) == {"2026-01": 2, "2026-02": 1, "2026-03": 0}
    assert ask(made, "month", FEB, MAR, by=("team",)) == {("2026-02", "a"): 1}
    in_a = Compared("=", field("person.team"), Fixed("a"))
    only_a = of_age((0, "days"), (1, "month"), in_a)
    assert ask(project(kpi(CohortSize(), cohort=only_a), VISITS, PEOPLE), "month", JAN, FEB) == {"2026-01": 1}
    small = Compared("<", field("n"), Fixed(5))
    # The rows are fewer by `where`, the entities are not: (1 + 2) / 2.
    ratio = kpi(Calculated("/", total("n"), CohortSize()), cohort=MONTH_OLD, where=small)
    assert ask(project(ratio, VISITS, PEOPLE), "month", JAN, FEB) == {"2026-01": 1.5}


def test_a_cohort_has_no_value_until_its_last_entity_is_old_enough() -> None:
    parts = Chosen(Compared(">", ROWS, Fixed(0)), total("n"), CohortSize())
    made = project(kpi(parts, cohort=MONTH_OLD), VISITS, PEOPLE)

    # January ends on 1 February, and a month later is 1 March.
    assert ask(made, "month", JAN, FEB, datetime(2026, 2, 28, 23)) == {"2026-01": None}
    assert ask(made, "month", JAN, FEB, datetime(2026, 3, 1)) == {"2026-01": 13}


def test_a_cohort_may_start_in_its_own_dataset() -> None:
    data = table(
        "data",
        "day DATE, who TEXT, born DATE",
        (date(2026, 1, 5), "x", date(2026, 1, 5)),
        (date(2026, 1, 6), "x", date(2026, 1, 5)),
        (date(2026, 3, 6), "y", date(2026, 1, 5)),
    )
    cohort = Cohort("who", ("born",), (0, "days"), (7, "days"))
    made = project(kpi(Calculated("/", ROWS, CohortSize()), cohort=cohort), data)

    # Two rows of x in the first week; x and y started.
    assert ask(made, "month", JAN, FEB) == {"2026-01": 1}


# --- funnels

EVENTS = table(
    "data",
    "day TIMESTAMP, who TEXT, what TEXT, channel TEXT",
    (datetime(2026, 1, 1, 9), "x", "visit", "web"),
    (datetime(2026, 1, 2, 9), "x", "visit", "shop"),
    (datetime(2026, 1, 1, 9), "x", "order", "shop"),
    (datetime(2026, 1, 1, 8), "y", "order", "web"),
    (datetime(2026, 1, 1, 10), "y", "visit", "web"),
    (datetime(2026, 1, 31, 9), "z", "visit", None),
    (datetime(2026, 1, 31, 9), "z", "visit", "web"),
    (datetime(2026, 2, 7, 8, 59), "z", "order", "web"),
    (datetime(2026, 1, 9), None, "visit", "web"),
)
PAYMENTS = table(
    "payments",
    "at TIMESTAMP, payer TEXT",
    (datetime(2026, 1, 1, 8), "x"),
    (datetime(2026, 1, 3, 9), "x"),
    (datetime(2026, 2, 7, 9), "z"),
)


def event(what: str) -> Said:
    return Compared("=", field("what"), Fixed(what))


FUNNEL = Funnel(
    ("who",),
    (7, "days"),
    (Stage(event("visit")), Stage(event("order")), Stage(None, "payments", ("at",), ("payer",))),
)


def through(number: int, **more: Any) -> Project:
    made = kpi(Step(number), funnel=FUNNEL, dimensions={"channel": ("channel",)}, **more)
    return project(made, EVENTS, PAYMENTS)


def test_steps_count_the_entities_that_reach_them_in_order_and_in_time() -> None:
    # All three visit. x orders at the same moment; y ordered before; z a minute before the week is over,
    # beyond the month. x pays two days later; z pays when the week is over, which is too late.
    for number, reached in ((1, 3), (2, 2), (3, 1)):
        assert ask(through(number), "month", JAN, FEB) == {"2026-01": reached}
    assert ask(through(1), "month", FEB, MAR) == {"2026-02": 0}


def test_slices_are_those_of_the_first_row_and_do_not_choose_it() -> None:
    # z visits twice at the same moment, and the channel that is known comes first.
    assert ask(through(1), "month", JAN, FEB, by=("channel",)) == {("2026-01", "web"): 3}
    shop = Compared("=", field("channel"), Fixed("shop"))
    # The later visit of x in the shop is not its first.
    assert ask(through(1), "month", JAN, FEB, where=shop) == {"2026-01": 0}
    assert ask(through(1, where=shop), "month", JAN, FEB) == {"2026-01": 1}


def test_a_funnel_has_no_value_until_everybody_had_the_time() -> None:
    assert ask(through(1), "month", JAN, FEB, datetime(2026, 2, 7, 23)) == {"2026-01": None}
    assert ask(through(1), "month", JAN, FEB, datetime(2026, 2, 8)) == {"2026-01": 3}


def test_within_one_day_the_next_day_is_another_start() -> None:
    # On 2 January only x visits, in the shop, and does not order again.
    assert ask(through(1), "day", date(2026, 1, 2), date(2026, 1, 3)) == {"2026-01-02": 1}
    assert ask(through(2), "day", date(2026, 1, 2), date(2026, 1, 3)) == {"2026-01-02": 0}


# --- calendars

RETAIL = Calendar(week_start=6, retail=RetailYear((4, 4, 5), 5, 1))
"""Its year 2026 ends on Saturday, 31 January 2026."""


def spans(grain: str, first: date, end: date, calendar: Calendar) -> list[tuple[str, date, date]]:
    return list(periods(Question((), grain, first, end, LATER), calendar))


def test_weeks_begin_when_the_calendar_says_and_belong_to_the_year_of_their_fourth_day() -> None:
    sundays = Calendar(week_start=6)

    # The week from Sunday 28 December 2025 has its fourth day on Wednesday the 31st.
    assert spans("week", date(2025, 12, 28), date(2026, 1, 5), sundays) == [
        ("2025-W53", date(2025, 12, 28), date(2026, 1, 4)),
        ("2026-W01", date(2026, 1, 4), date(2026, 1, 11)),
    ]
    assert name_of("week", date(2025, 12, 29), Calendar()) == "2026-W01"


def test_a_fiscal_year_is_named_after_the_year_in_which_it_ends() -> None:
    february = Calendar(fiscal_year_start=2)

    assert spans("fiscal_year", JAN, MAR, february) == [
        ("FY2026", date(2025, 2, 1), FEB),
        ("FY2027", FEB, date(2027, 2, 1)),
    ]
    assert [name for name, *_ in spans("fiscal_quarter", JAN, MAR, february)] == ["FY2026-Q4", "FY2027-Q1"]
    assert [name for name, *_ in spans("fiscal_month", JAN, MAR, february)] == ["FY2026-M12", "FY2027-M01"]
    assert name_of("fiscal_year", JAN, Calendar()) == "FY2026"


def test_a_retail_year_is_of_whole_weeks_by_its_pattern() -> None:
    # The last Saturdays of January: 25 in 2025, 31 in 2026, 30 in 2027. So FY2026 has 53 weeks.
    assert spans("fiscal_year", date(2025, 1, 26), date(2026, 2, 1), RETAIL) == [
        ("FY2026", date(2025, 1, 26), FEB)
    ]
    months = spans("fiscal_month", date(2025, 1, 26), FEB, RETAIL)
    assert [(end - start).days // 7 for _, start, end in months] == [4, 4, 5, 4, 4, 5, 4, 4, 5, 4, 4, 6]
    assert [name for name, *_ in spans("fiscal_quarter", date(2026, 1, 31), date(2026, 2, 2), RETAIL)] == [
        "FY2026-Q4",
        "FY2027-Q1",
    ]
    assert start_of("fiscal_quarter", date(2026, 5, 2), RETAIL) == FEB
    assert next_start("fiscal_quarter", FEB, RETAIL) == date(2026, 5, 3)


def test_in_a_retail_year_periods_are_counted_and_not_measured() -> None:
    data = table("data", "day DATE, n INT", (date(2025, 1, 26), 1), (date(2026, 1, 31), 2), (FEB, 4))

    def ago(amount: int, unit: str) -> Project:
        return project(kpi(Previous(total("n"), amount, unit)), data, calendar=RETAIL)

    assert ask(ago(1, "fiscal_year"), "fiscal_month", FEB, date(2026, 2, 2)) == {"FY2027-M01": 1}
    assert ask(ago(1, "year"), "fiscal_month", FEB, date(2026, 2, 2)) == {"FY2027-M01": 1}
    assert ask(ago(1, "period"), "fiscal_quarter", FEB, date(2026, 2, 2)) == {"FY2027-Q1": 2}
    # 364 days before 1 February 2026 is 2 February 2025.
    assert ask(ago(1, "fiscal_year"), "day", FEB, date(2026, 2, 2)) == {"2026-02-01": None}
    # The 53rd week of FY2026 has no counterpart in FY2025; the first week of FY2027 has.
    assert ask(ago(1, "fiscal_year"), "week", date(2026, 1, 25), date(2026, 2, 2)) == {
        "2026-W04": None,
        "2026-W05": 1,
    }
    for unit, grain in (("month", "fiscal_month"), ("fiscal_month", "month"), ("fiscal_month", "day")):
        with pytest.raises(Meaningless):
            ask(ago(1, unit), grain, FEB, MAR)


def test_to_date_knows_fiscal_years() -> None:
    data = table("data", "day DATE, n INT", (date(2026, 1, 31), 2), (FEB, 4), (date(2026, 4, 2), 8))
    made = project(kpi(ToDate(total("n"), "fiscal_year")), data, calendar=Calendar(fiscal_year_start=2))

    assert ask(made, "month", JAN, MAY) == {"2026-01": 2, "2026-02": 4, "2026-03": 4, "2026-04": 12}


def test_clocks_without_zone_are_those_of_their_dataset() -> None:
    at = datetime(2026, 1, 31, 23, 30)

    def counted(zone: str | None) -> dict[Any, Any]:
        data = table("data", "day TIMESTAMP", (at,), zone=zone)
        made = project(kpi(ROWS), data, calendar=Calendar("Europe/Berlin"))
        return ask(made, "month", JAN, MAR)

    # 23:30 in Berlin or in Berlin's morning of February, when it is that late in London.
    assert counted(None) == {"2026-01": 1, "2026-02": 0}
    assert counted("Europe/Berlin") == {"2026-01": 1, "2026-02": 0}
    assert counted("Europe/London") == {"2026-01": 0, "2026-02": 1}


# --- how it is written


@pytest.mark.parametrize(
    ("node", "text"),
    [
        (Closing(total("n")), "closing(sum(n))"),
        (Opening(total("n"), field("a.b")), "opening(sum(n), per a.b)"),
        (AverageOver(ROWS, "day"), "average_over(count(*), day)"),
        (Share(Referred("x"), "a.b"), "share(x, of a.b)"),
        (Calculated("/", Step(2), CohortSize()), "(step(2) / cohort_size())"),
        (Aggregated("avg", total("n"), entity=field("who")), "avg(sum(n) per who)"),
        (Calculated("*", DayCount(), Fixed(Decimal("0.50"))), "(days() * 0.50)"),
    ],
)
def test_forms_are_written_as_in_the_language(node: Said, text: str) -> None:
    assert written(node) == text
