"""The project's calendar: periods, their names, and what lies before and after.

Expectations are counted by hand, walked day by day, or taken from `date.isocalendar`; the calendar under
test is never asked what is right.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kpiascode.model.calendar import (
    RETAIL_PATTERNS,
    Calendar,
    Duration,
    Grain,
    NoSuchPeriod,
    Period,
    RetailYear,
    Unit,
    is_finer,
    retail_year,
    to_utc,
    to_zone,
)

DAY = timedelta(days=1)
NAMED = [grain for grain in Grain if grain is not Grain.ALL]
FRIDAY, SATURDAY, SUNDAY = 4, 5, 6

PLAIN = Calendar()
SUNDAY_WEEKS = Calendar(week_start=SUNDAY)
FEBRUARY = Calendar(fiscal_year_start=2)
RETAIL = Calendar(week_start=SUNDAY, retail=retail_year("4-4-5", "last saturday of january"))

days = st.dates(min_value=date(1900, 1, 1), max_value=date(2200, 12, 31))
grains = st.sampled_from(NAMED)
retail_years = st.builds(
    RetailYear,
    pattern=st.sampled_from(list(RETAIL_PATTERNS.values())),
    weekday=st.integers(0, 6),
    month=st.integers(1, 12),
)
calendars = st.builds(
    Calendar,
    week_start=st.integers(0, 6),
    fiscal_year_start=st.integers(1, 12),
    retail=st.none() | retail_years,
)


def last_weekday(weekday: int, month: int, year: int) -> date:
    """Return the last such weekday of a month by walking back from the month after."""
    day = date(year + (month == 12), month % 12 + 1, 1) - DAY
    while day.weekday() != weekday:
        day -= DAY
    return day


def walk(start: date, end: date) -> Iterator[date]:
    while start < end:
        yield start
        start += DAY


def the(calendar: Calendar, name: str) -> Period:
    """Return the period of that name, which the test knows to exist."""
    period = calendar.period_named(name)
    assert period is not None
    return period


def span(grain: Grain, name: str, days: str) -> Period:
    """Return a period from its days, written `2026-01-01/2026-02-01`."""
    start, end = days.split("/")
    return Period(grain=grain, name=name, start=date.fromisoformat(start), end=date.fromisoformat(end))


def duration(text: str) -> Duration:
    """Read `-28 days`."""
    amount, unit = text.split()
    return Duration(amount=int(amount), unit=Unit(unit.removesuffix("s")))


def shifted(calendar: Calendar, name: str, offset: str) -> str | None:
    """Return the name of the shifted period."""
    period = calendar.shift(the(calendar, name), duration(offset))
    return period.name if period else None


# What a day belongs to


@pytest.mark.parametrize(
    ("calendar", "day", "grain", "name", "days"),
    [
        pytest.param(
            PLAIN, "2026-01-05", Grain.DAY, "2026-01-05", "2026-01-05/2026-01-06", id="a day is itself"
        ),
        pytest.param(
            PLAIN, "2026-01-05", Grain.WEEK, "2026-W02", "2026-01-05/2026-01-12", id="a week starts on Monday"
        ),
        pytest.param(
            PLAIN,
            "2027-01-03",
            Grain.WEEK,
            "2026-W53",
            "2026-12-28/2027-01-04",
            id="a week goes to the year of its Thursday",
        ),
        pytest.param(
            PLAIN,
            "2025-12-29",
            Grain.WEEK,
            "2026-W01",
            "2025-12-29/2026-01-05",
            id="and may begin in the year before",
        ),
        pytest.param(
            SUNDAY_WEEKS,
            "2026-01-03",
            Grain.WEEK,
            "2025-W53",
            "2025-12-28/2026-01-04",
            id="a Sunday week goes to the year of its Wednesday",
        ),
        pytest.param(
            SUNDAY_WEEKS,
            "2026-01-04",
            Grain.WEEK,
            "2026-W01",
            "2026-01-04/2026-01-11",
            id="the Sunday week after is the first",
        ),
        pytest.param(
            PLAIN,
            "2024-02-29",
            Grain.MONTH,
            "2024-02",
            "2024-02-01/2024-03-01",
            id="29 February is in February",
        ),
        pytest.param(
            PLAIN,
            "2026-12-31",
            Grain.QUARTER,
            "2026-Q4",
            "2026-10-01/2027-01-01",
            id="the last day is in the last quarter",
        ),
        pytest.param(
            PLAIN,
            "2026-01-01",
            Grain.YEAR,
            "2026",
            "2026-01-01/2027-01-01",
            id="the first day is in its year",
        ),
        pytest.param(
            PLAIN,
            "2026-07-04",
            Grain.FISCAL_YEAR,
            "FY2026",
            "2026-01-01/2027-01-01",
            id="a fiscal year from January is the year",
        ),
        pytest.param(
            FEBRUARY,
            "2026-01-31",
            Grain.FISCAL_YEAR,
            "FY2026",
            "2025-02-01/2026-02-01",
            id="FY2026 ends in 2026",
        ),
        pytest.param(
            FEBRUARY,
            "2026-02-01",
            Grain.FISCAL_YEAR,
            "FY2027",
            "2026-02-01/2027-02-01",
            id="its last day is not the first of the next",
        ),
        pytest.param(
            FEBRUARY,
            "2025-02-15",
            Grain.FISCAL_MONTH,
            "FY2026-M01",
            "2025-02-01/2025-03-01",
            id="the first fiscal month is February",
        ),
        pytest.param(
            FEBRUARY,
            "2026-01-15",
            Grain.FISCAL_MONTH,
            "FY2026-M12",
            "2026-01-01/2026-02-01",
            id="the last fiscal month is January",
        ),
        pytest.param(
            FEBRUARY,
            "2025-12-31",
            Grain.FISCAL_QUARTER,
            "FY2026-Q4",
            "2025-11-01/2026-02-01",
            id="a fiscal quarter crosses the new year",
        ),
        pytest.param(
            RETAIL,
            "2026-01-31",
            Grain.FISCAL_YEAR,
            "FY2026",
            "2025-01-26/2026-02-01",
            id="a retail year ends on the last Saturday of January",
        ),
        pytest.param(
            RETAIL,
            "2025-02-22",
            Grain.FISCAL_MONTH,
            "FY2026-M01",
            "2025-01-26/2025-02-23",
            id="the first retail month has four weeks",
        ),
        pytest.param(
            RETAIL,
            "2025-04-26",
            Grain.FISCAL_MONTH,
            "FY2026-M03",
            "2025-03-23/2025-04-27",
            id="the third has five",
        ),
        pytest.param(
            RETAIL,
            "2026-01-31",
            Grain.FISCAL_MONTH,
            "FY2026-M12",
            "2025-12-21/2026-02-01",
            id="the 53rd week goes to the last month",
        ),
        pytest.param(
            RETAIL,
            "2025-04-27",
            Grain.FISCAL_QUARTER,
            "FY2026-Q2",
            "2025-04-27/2025-07-27",
            id="a retail quarter has thirteen weeks",
        ),
        pytest.param(
            RETAIL,
            "2026-01-31",
            Grain.MONTH,
            "2026-01",
            "2026-01-01/2026-02-01",
            id="a retail year leaves the civil months alone",
        ),
    ],
)
def test_the_period_that_holds_a_day(
    calendar: Calendar, day: str, grain: Grain, name: str, days: str
) -> None:
    assert calendar.period_holding(date.fromisoformat(day), grain) == span(grain, name, days)


@given(calendars, days, grains)
def test_the_period_that_holds_a_day_contains_it(calendar: Calendar, day: date, grain: Grain) -> None:
    period = calendar.period_holding(day, grain)

    assert period.grain is grain
    assert period.start <= day < period.end


@given(calendars, days, grains)
def test_the_first_and_the_last_day_of_a_period_are_held_by_it(
    calendar: Calendar, day: date, grain: Grain
) -> None:
    period = calendar.period_holding(day, grain)

    assert calendar.period_holding(period.start, grain) == period
    assert calendar.period_holding(period.end - DAY, grain) == period


@given(days)
def test_monday_weeks_are_iso_weeks(day: date) -> None:
    year, week, weekday = day.isocalendar()

    period = PLAIN.period_holding(day, Grain.WEEK)

    assert period.name == f"{year:04d}-W{week:02d}"
    assert period.start == day - (weekday - 1) * DAY


@given(st.integers(0, 6), days)
def test_a_week_is_counted_among_the_fourth_days_of_its_year(week_start: int, day: date) -> None:
    start = day
    while start.weekday() != week_start:
        start -= DAY
    fourth = start + 3 * DAY
    number = sum(d.weekday() == fourth.weekday() for d in walk(date(fourth.year, 1, 1), fourth + DAY))

    assert Calendar(week_start=week_start).period_holding(day, Grain.WEEK) == Period(
        grain=Grain.WEEK, name=f"{fourth.year}-W{number:02d}", start=start, end=start + 7 * DAY
    )


@given(st.integers(1, 12), days)
def test_a_fiscal_year_is_named_after_the_year_in_which_it_ends(first_month: int, day: date) -> None:
    fiscal_year = Calendar(fiscal_year_start=first_month).period_holding(day, Grain.FISCAL_YEAR)

    assert fiscal_year.start.month == first_month
    assert fiscal_year.start.day == 1
    assert fiscal_year.name == f"FY{(fiscal_year.end - DAY).year}"


@given(st.integers(1, 12), days)
def test_fiscal_months_are_counted_from_the_start_of_the_fiscal_year(first_month: int, day: date) -> None:
    calendar = Calendar(fiscal_year_start=first_month)
    order = [*range(first_month, 13), *range(1, first_month)]
    position = order.index(day.month)

    assert calendar.period_holding(day, Grain.FISCAL_MONTH).name.endswith(f"-M{position + 1:02d}")
    assert calendar.period_holding(day, Grain.FISCAL_QUARTER).name.endswith(f"-Q{position // 3 + 1}")


# Retail years


@given(retail_years, st.integers(1900, 2200))
def test_a_retail_year_ends_on_the_last_such_weekday_of_its_month(retail: RetailYear, year: int) -> None:
    fiscal_year = the(Calendar(retail=retail), f"FY{year}")

    assert fiscal_year.start == last_weekday(retail.weekday, retail.month, year - 1) + DAY
    assert fiscal_year.end - DAY == last_weekday(retail.weekday, retail.month, year)


@given(retail_years, st.integers(1900, 2200))
def test_a_retail_year_has_52_or_53_weeks_in_the_order_of_its_pattern(retail: RetailYear, year: int) -> None:
    calendar = Calendar(retail=retail)
    fiscal_year = the(calendar, f"FY{year}")
    months = calendar.periods(Grain.FISCAL_MONTH, fiscal_year.start, fiscal_year.end)

    weeks = [(month.end - month.start).days / 7 for month in months]

    assert sum(weeks) in (52, 53)
    assert weeks[:11] == [*retail.pattern, *retail.pattern, *retail.pattern, *retail.pattern][:11]
    assert weeks[11] == retail.pattern[2] + sum(weeks) - 52


def test_fy2026_has_53_weeks_and_its_neighbours_have_52() -> None:
    # The last Saturdays of January: 27 in 2024, 25 in 2025, 31 in 2026, 30 in 2027.
    years = [the(RETAIL, name) for name in ("FY2025", "FY2026", "FY2027")]

    assert [(year.end - year.start).days / 7 for year in years] == [52, 53, 52]


@pytest.mark.parametrize(
    ("pattern", "ends", "expected"),
    [
        pytest.param(
            "4-4-5",
            "last saturday of january",
            RetailYear(pattern=(4, 4, 5), weekday=SATURDAY, month=1),
            id="as the documentation writes it",
        ),
        pytest.param(
            "5-4-4",
            "last Friday of December",
            RetailYear(pattern=(5, 4, 4), weekday=FRIDAY, month=12),
            id="capitals do not matter",
        ),
        pytest.param(
            "4-5-4",
            " last  sunday of june ",
            RetailYear(pattern=(4, 5, 4), weekday=SUNDAY, month=6),
            id="nor do blanks",
        ),
    ],
)
def test_a_retail_year_is_read_from_words(pattern: str, ends: str, expected: RetailYear) -> None:
    assert retail_year(pattern, ends) == expected


@pytest.mark.parametrize(
    ("pattern", "ends", "sentence"),
    [
        pytest.param(
            "4-4-4",
            "last saturday of january",
            "`4-4-4` is no pattern of a retail year; use 4-4-5, 4-5-4, 5-4-4.",
            id="a quarter has thirteen weeks",
        ),
        pytest.param(
            "4-4-5",
            "first saturday of january",
            "A retail year cannot end on `first saturday of january`; write it like `last saturday of january`.",
            id="only the last weekday is known",
        ),
        pytest.param(
            "4-4-5",
            "last caturday of january",
            "A retail year cannot end on `last caturday of january`; write it like `last saturday of january`.",
            id="the weekday exists",
        ),
        pytest.param(
            "4-4-5",
            "last saturday of ja",
            "A retail year cannot end on `last saturday of ja`; write it like `last saturday of january`.",
            id="the month is written out",
        ),
    ],
)
def test_a_retail_year_that_cannot_be_read_is_refused_in_a_sentence(
    pattern: str, ends: str, sentence: str
) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        retail_year(pattern, ends)


# The periods of a range


@pytest.mark.parametrize(
    ("grain", "start", "end", "names"),
    [
        pytest.param(
            Grain.MONTH, "2026-01-01", "2026-04-01", ["2026-01", "2026-02", "2026-03"], id="whole months"
        ),
        pytest.param(
            Grain.MONTH,
            "2026-01-31",
            "2026-02-02",
            ["2026-01", "2026-02"],
            id="part months are moved outward",
        ),
        pytest.param(
            Grain.MONTH, "2026-01-15", "2026-02-01", ["2026-01"], id="the end itself is not in the range"
        ),
        pytest.param(
            Grain.DAY,
            "2026-02-28",
            "2026-03-02",
            ["2026-02-28", "2026-03-01"],
            id="days skip no leap day that is not there",
        ),
        pytest.param(
            Grain.WEEK, "2026-12-31", "2027-01-05", ["2026-W53", "2027-W01"], id="weeks over the new year"
        ),
        pytest.param(Grain.MONTH, "2026-01-01", "2026-01-01", [], id="an empty range has no months"),
        pytest.param(Grain.MONTH, "2026-01-15", "2026-01-15", [], id="not even in the middle of one"),
    ],
)
def test_the_periods_that_cover_a_range(grain: Grain, start: str, end: str, names: list[str]) -> None:
    periods = PLAIN.periods(grain, date.fromisoformat(start), date.fromisoformat(end))

    assert [period.name for period in periods] == names


@pytest.mark.parametrize("end", [date(2026, 1, 15), date(2026, 1, 16), date(2031, 3, 3)])
def test_all_is_one_period_of_exactly_the_range(end: date) -> None:
    start = date(2026, 1, 15)

    assert PLAIN.periods(Grain.ALL, start, end) == (
        Period(grain=Grain.ALL, name="all", start=start, end=end),
    )


@given(calendars, days, st.integers(1, 800), grains)
def test_periods_tile_the_line(calendar: Calendar, start: date, length: int, grain: Grain) -> None:
    end = start + length * DAY

    periods = calendar.periods(grain, start, end)

    assert periods[0].start <= start < periods[0].end
    assert periods[-1].start < end <= periods[-1].end
    assert all(one.end == other.start for one, other in pairwise(periods))
    assert len({period.name for period in periods}) == len(periods)


# Names


@given(calendars, days, grains)
def test_a_period_is_found_again_by_its_name(calendar: Calendar, day: date, grain: Grain) -> None:
    period = calendar.period_holding(day, grain)

    assert calendar.period_named(period.name) == period


@pytest.mark.parametrize(
    ("name", "grain", "days"),
    [
        pytest.param("2026-01-05", Grain.DAY, "2026-01-05/2026-01-06", id="a day"),
        pytest.param("2026-W02", Grain.WEEK, "2026-01-05/2026-01-12", id="a week"),
        pytest.param("2026-W53", Grain.WEEK, "2026-12-28/2027-01-04", id="a 53rd week where there is one"),
        pytest.param("2026-01", Grain.MONTH, "2026-01-01/2026-02-01", id="a month"),
        pytest.param("2026-Q1", Grain.QUARTER, "2026-01-01/2026-04-01", id="a quarter"),
        pytest.param("2026", Grain.YEAR, "2026-01-01/2027-01-01", id="a year"),
        pytest.param("FY2026-M01", Grain.FISCAL_MONTH, "2025-02-01/2025-03-01", id="a fiscal month"),
        pytest.param("FY2026-Q1", Grain.FISCAL_QUARTER, "2025-02-01/2025-05-01", id="a fiscal quarter"),
        pytest.param("FY2026", Grain.FISCAL_YEAR, "2025-02-01/2026-02-01", id="a fiscal year"),
        pytest.param("0001-01-01", Grain.DAY, "0001-01-01/0001-01-02", id="the first day of all"),
        pytest.param("9999-11", Grain.MONTH, "9999-11-01/9999-12-01", id="the last month that has an end"),
    ],
)
def test_a_name_in_a_year_from_february(name: str, grain: Grain, days: str) -> None:
    assert FEBRUARY.period_named(name) == span(grain, name, days)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("2025-W53", id="a 53rd week where there is none"),
        pytest.param("2026-W54", id="a 54th week"),
        pytest.param("2026-W00", id="a week zero"),
        pytest.param("2026-13", id="a 13th month"),
        pytest.param("2026-00", id="a month zero"),
        pytest.param("2026-02-30", id="30 February"),
        pytest.param("2026-02-29", id="29 February of a common year"),
        pytest.param("2026-Q5", id="a fifth quarter"),
        pytest.param("2026-Q0", id="a quarter zero"),
        pytest.param("FY2026-M13", id="a 13th fiscal month"),
        pytest.param("FY2026-Q5", id="a fifth fiscal quarter"),
        pytest.param("FY0001", id="a fiscal year that starts before all years"),
        pytest.param("0000", id="a year zero"),
        pytest.param("9999-12-31", id="a day whose end is after all years"),
        pytest.param("9999", id="a year whose end is after all years"),
        pytest.param("FY9999-Q5", id="a quarter beyond the last year"),
        pytest.param("2026-1", id="a month without its zero"),
        pytest.param("2026-W2", id="a week without its zero"),
        pytest.param("2026-Q01", id="a quarter with a zero"),
        pytest.param("02026", id="a year of five digits"),
        pytest.param("26", id="a year of two digits"),
        pytest.param("2026-w02", id="a small w"),
        pytest.param("fy2026", id="a small fy"),
        pytest.param("FY2026-01", id="a fiscal month without its M"),
        pytest.param("2026-M01", id="a civil month with an M"),
        pytest.param(" 2026", id="a blank before"),
        pytest.param("2026\n", id="a line end behind"),
        pytest.param("20260105", id="no dashes"),
        pytest.param("٢٠٢٦", id="digits of another script"),
        pytest.param("2026-²", id="a superscript"),
        pytest.param("0-0", id="zeros"),
        pytest.param("", id="nothing"),
        pytest.param("all", id="all, which names no days"),
        pytest.param("9" * 5000, id="a number beyond all bounds"),
        pytest.param("2026-W" + "9" * 30, id="a week beyond all bounds"),
        pytest.param("9" * 30 + "-01-01", id="a year beyond all bounds"),
    ],
)
def test_no_period_is_called(name: str) -> None:
    assert FEBRUARY.period_named(name) is None


def test_whether_a_53rd_week_exists_depends_on_the_first_day_of_the_week() -> None:
    assert PLAIN.period_named("2026-W53") is not None
    assert SUNDAY_WEEKS.period_named("2026-W53") is None


@given(calendars, st.text(alphabet="0123456789-WQMFY", max_size=12))
def test_a_found_period_bears_the_name_it_was_asked_by(calendar: Calendar, name: str) -> None:
    period = calendar.period_named(name)

    assert period is None or period.name == name


# The start of a unit


@pytest.mark.parametrize(
    ("calendar", "unit", "start"),
    [
        pytest.param(PLAIN, Unit.DAY, "2026-05-20", id="a day is its own start"),
        pytest.param(PLAIN, Unit.WEEK, "2026-05-18", id="a week starts on Monday"),
        pytest.param(SUNDAY_WEEKS, Unit.WEEK, "2026-05-17", id="or on Sunday"),
        pytest.param(PLAIN, Unit.MONTH, "2026-05-01", id="a month"),
        pytest.param(PLAIN, Unit.QUARTER, "2026-04-01", id="a quarter"),
        pytest.param(PLAIN, Unit.YEAR, "2026-01-01", id="a year"),
        pytest.param(FEBRUARY, Unit.FISCAL_MONTH, "2026-05-01", id="a fiscal month"),
        pytest.param(FEBRUARY, Unit.FISCAL_QUARTER, "2026-05-01", id="a fiscal quarter"),
        pytest.param(FEBRUARY, Unit.FISCAL_YEAR, "2026-02-01", id="a fiscal year"),
        pytest.param(RETAIL, Unit.FISCAL_QUARTER, "2026-05-03", id="a retail quarter"),
    ],
)
def test_the_start_of_the_unit_that_holds_20_may_2026(calendar: Calendar, unit: Unit, start: str) -> None:
    assert calendar.start_of(date(2026, 5, 20), unit) == date.fromisoformat(start)


@pytest.mark.parametrize("unit", [Unit.HOUR, Unit.MINUTE, Unit.SECOND, Unit.PERIOD])
def test_no_day_starts_a_unit_shorter_than_a_day_or_of_no_length(unit: Unit) -> None:
    with pytest.raises(ValueError, match=unit.value):
        PLAIN.start_of(date(2026, 5, 20), unit)


# Adding


@pytest.mark.parametrize(
    ("day", "added", "expected"),
    [
        pytest.param("2026-01-31", "3 months", "2026-04-30", id="31 January and 3 months is 30 April"),
        pytest.param("2026-01-31", "1 month", "2026-02-28", id="months stop at the last day of the month"),
        pytest.param("2024-01-31", "1 month", "2024-02-29", id="which may be a leap day"),
        pytest.param("2026-03-31", "-1 month", "2026-02-28", id="backwards too"),
        pytest.param("2024-02-29", "-1 year", "2023-02-28", id="29 February a year ago was the 28th"),
        pytest.param("2024-02-29", "4 years", "2028-02-29", id="in four years it is the 29th again"),
        pytest.param("1900-02-28", "1 day", "1900-03-01", id="1900 had no leap day"),
        pytest.param("2026-11-30", "1 quarter", "2027-02-28", id="a quarter is three months"),
        pytest.param("2026-01-01", "-12 months", "2025-01-01", id="twelve months are a year"),
        pytest.param("2026-01-01", "-28 days", "2025-12-04", id="days are counted"),
        pytest.param("2026-03-01", "-4 weeks", "2026-02-01", id="weeks are seven days"),
        pytest.param("2026-01-31", "1 fiscal_month", "2026-02-28", id="a plain fiscal month is a month"),
        pytest.param(
            "2026-01-31", "1 fiscal_quarter", "2026-04-30", id="a plain fiscal quarter is a quarter"
        ),
        pytest.param("2026-01-31", "1 fiscal_year", "2027-01-31", id="a plain fiscal year is a year"),
    ],
)
def test_adding_to_a_day(day: str, added: str, expected: str) -> None:
    assert FEBRUARY.add(date.fromisoformat(day), duration(added)) == date.fromisoformat(expected)


@pytest.mark.parametrize(
    ("added", "expected"),
    [
        pytest.param("1 month", "2026-02-28 22:30:15", id="a month keeps the time of the day"),
        pytest.param("1 day", "2026-02-01 22:30:15", id="so does a day"),
        pytest.param("36 hours", "2026-02-02 10:30:15", id="hours"),
        pytest.param("-31 minutes", "2026-01-31 21:59:15", id="minutes, backwards"),
        pytest.param("45 seconds", "2026-01-31 22:31:00", id="seconds"),
    ],
)
def test_adding_to_31_january_half_past_ten(added: str, expected: str) -> None:
    moment = datetime(2026, 1, 31, 22, 30, 15)

    assert PLAIN.add(moment, duration(added)) == datetime.fromisoformat(expected)


@pytest.mark.parametrize(
    ("calendar", "unit", "sentence"),
    [
        pytest.param(
            PLAIN, Unit.PERIOD, "A `period` has no fixed length", id="a period has no length of its own"
        ),
        pytest.param(
            RETAIL, Unit.FISCAL_MONTH, "A `fiscal_month` has no fixed length", id="nor has a retail month"
        ),
        pytest.param(RETAIL, Unit.FISCAL_YEAR, "A `fiscal_year` has no fixed length", id="nor a retail year"),
        pytest.param(PLAIN, Unit.HOUR, "No `hour` can be added to a day", id="a day has no hours"),
    ],
)
def test_what_cannot_be_added_to_a_day_is_refused(calendar: Calendar, unit: Unit, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        calendar.add(date(2026, 1, 31), Duration(amount=1, unit=unit))


@given(days, st.integers(-1200, 1200))
def test_adding_months_lands_in_the_month_on_the_day_or_on_the_last_before_it(day: date, months: int) -> None:
    moved = PLAIN.add(day, Duration(amount=months, unit=Unit.MONTH))

    assert (moved.year - day.year) * 12 + moved.month - day.month == months
    assert moved.day == day.day or (moved.day < day.day and (moved + DAY).day == 1)


# Shifting periods


@pytest.mark.parametrize(
    ("name", "offset", "expected"),
    [
        pytest.param("2026-03-01", "-1 period", "2026-02-28", id="the day before"),
        pytest.param("2026-03-01", "-1 week", "2026-02-22", id="the day a week before"),
        pytest.param("2026-03-31", "-1 month", "2026-02-28", id="the day a month before, clamped"),
        pytest.param("2024-02-29", "-1 year", "2023-02-28", id="29 February becomes 28"),
        pytest.param("2026-03-01", "-1 fiscal_year", "2025-03-01", id="a plain fiscal year is a year"),
        pytest.param("2024-02-28", "1 year", "2025-02-28", id="28 February stays"),
        pytest.param("2026-W01", "-1 period", "2025-W52", id="the week before"),
        pytest.param("2027-W01", "-1 week", "2026-W53", id="the week before a first week"),
        pytest.param("2026-W10", "-28 days", "2026-W06", id="28 days are four weeks"),
        pytest.param("2026-W10", "-1 year", "2025-W10", id="a year before a week is the same number"),
        pytest.param("2026-W10", "-12 months", "2025-W10", id="twelve months are a year"),
        pytest.param("2026-W10", "-1 fiscal_year", "2025-W10", id="so is a plain fiscal year"),
        pytest.param("2027-W01", "-1 year", "2026-W01", id="the first week stays the first"),
        pytest.param("2026-W53", "-1 year", None, id="a 53rd week has no counterpart"),
        pytest.param("2026-W53", "-6 years", "2020-W53", id="unless that year has one too"),
        pytest.param("2026-W53", "0 years", "2026-W53", id="no years, no move"),
        pytest.param("2026-01", "-1 period", "2025-12", id="the month before"),
        pytest.param("2026-01", "-1 quarter", "2025-10", id="the month a quarter before"),
        pytest.param("2026-01", "14 months", "2027-03", id="the month fourteen months later"),
        pytest.param("2026-01", "-2 fiscal_quarters", "2025-07", id="a plain fiscal quarter is three months"),
        pytest.param("2026-Q1", "-1 period", "2025-Q4", id="the quarter before"),
        pytest.param("2026-Q1", "-1 year", "2025-Q1", id="the quarter a year before"),
        pytest.param("2026-Q1", "-6 months", "2025-Q3", id="six months are two quarters"),
        pytest.param("2026", "-1 period", "2025", id="the year before"),
        pytest.param("2026", "-4 quarters", "2025", id="four quarters are a year"),
        pytest.param("FY2026-M01", "-1 period", "FY2025-M12", id="the fiscal month before"),
        pytest.param("FY2026-M01", "-1 fiscal_year", "FY2025-M01", id="the fiscal month a year before"),
        pytest.param("FY2026-Q1", "-1 quarter", "FY2025-Q4", id="a quarter is a plain fiscal quarter"),
        pytest.param("FY2026", "2 years", "FY2028", id="the fiscal year two years later"),
    ],
)
def test_a_shifted_period(name: str, offset: str, expected: str | None) -> None:
    assert shifted(FEBRUARY, name, offset) == expected


@pytest.mark.parametrize(
    ("name", "offset", "expected"),
    [
        pytest.param(
            "2026-02-01", "-1 fiscal_year", "2025-02-02", id="a fiscal year before a day is 364 days"
        ),
        pytest.param("2026-02-01", "-2 fiscal_years", "2024-02-04", id="two are 728"),
        pytest.param(
            "2026-02-01", "-1 year", "2025-02-01", id="a year before a day is by the civil calendar"
        ),
        pytest.param("2026-W10", "-1 year", "2025-W10", id="a year before a week is the same number"),
        pytest.param(
            "2026-W05", "-1 fiscal_year", "2025-W05", id="a fiscal year before it the same fiscal week"
        ),
        pytest.param("2026-W04", "-1 fiscal_year", None, id="the 53rd fiscal week has no counterpart"),
        pytest.param("FY2027-M01", "-1 period", "FY2026-M12", id="the fiscal month before"),
        pytest.param("FY2027-M12", "-1 fiscal_year", "FY2026-M12", id="the same fiscal month a year before"),
        pytest.param("FY2027-M12", "-1 year", "FY2026-M12", id="a year means the fiscal one"),
        pytest.param("FY2027-Q2", "-1 fiscal_year", "FY2026-Q2", id="the same fiscal quarter a year before"),
        pytest.param(
            "FY2027-M01", "-2 fiscal_quarters", "FY2026-M07", id="two fiscal quarters are six fiscal months"
        ),
        pytest.param(
            "FY2027-Q1", "-3 fiscal_months", "FY2026-Q4", id="three fiscal months are a fiscal quarter"
        ),
        pytest.param("FY2027", "-1 year", "FY2026", id="the fiscal year before"),
        pytest.param("2026-01", "-1 year", "2025-01", id="civil months go by civil years"),
    ],
)
def test_a_period_shifted_in_a_retail_calendar(name: str, offset: str, expected: str | None) -> None:
    assert shifted(RETAIL, name, offset) == expected


@pytest.mark.parametrize(
    ("calendar", "name", "offset"),
    [
        pytest.param(PLAIN, "2025-03", "-28 days", id="28 days never shift a month, not even to February"),
        pytest.param(PLAIN, "2026-01", "-4 weeks", id="nor do four weeks"),
        pytest.param(PLAIN, "2026-Q1", "-1 month", id="a quarter does not move by a month"),
        pytest.param(PLAIN, "2026", "-6 months", id="a year does not move by six months"),
        pytest.param(PLAIN, "2026-W10", "-1 month", id="a week does not move by a month"),
        pytest.param(PLAIN, "2026-W10", "-10 days", id="a week does not move by ten days"),
        pytest.param(PLAIN, "2026-W10", "-12 hours", id="a week does not move by hours"),
        pytest.param(PLAIN, "2026-01-05", "-24 hours", id="nor does a day"),
        pytest.param(FEBRUARY, "FY2026", "-1 day", id="nor a fiscal year by a day"),
        pytest.param(RETAIL, "2026-01", "-1 fiscal_year", id="a month does not move by a retail year"),
        pytest.param(RETAIL, "2026-01-05", "1 fiscal_month", id="a day does not move by a retail month"),
        pytest.param(RETAIL, "FY2026-M03", "1 quarter", id="a retail month does not move by a civil quarter"),
        pytest.param(RETAIL, "FY2026-M03", "28 days", id="a retail month does not move by its days"),
    ],
)
def test_an_offset_that_lands_on_no_period_is_refused(calendar: Calendar, name: str, offset: str) -> None:
    with pytest.raises(NoSuchPeriod, match=f"lies {offset.removeprefix('-')} from another"):
        shifted(calendar, name, offset)


def test_the_refusal_of_an_offset_is_a_sentence_with_a_next_step() -> None:
    sentence = "No `quarter` lies 1 month from another; `1 period` is its neighbour."

    with pytest.raises(NoSuchPeriod, match=f"^{sentence}$"):
        shifted(PLAIN, "2026-Q1", "-1 month")


@pytest.mark.parametrize(
    ("offset", "days"),
    [
        pytest.param("-1 year", "2025-03-31/2025-06-30", id="a year before"),
        pytest.param("-1 month", "2026-02-28/2026-05-30", id="both ends are clamped on their own"),
        pytest.param("-28 days", "2026-03-03/2026-06-02", id="28 days before"),
        pytest.param(
            "-1 period", "2025-12-30/2026-03-31", id="the period before is as long and ends where it starts"
        ),
        pytest.param("1 period", "2026-06-30/2026-09-29", id="the period after starts where it ends"),
    ],
)
def test_at_all_both_ends_move(offset: str, days: str) -> None:
    (everything,) = PLAIN.periods(Grain.ALL, date(2026, 3, 31), date(2026, 6, 30))

    assert PLAIN.shift(everything, duration(offset)) == span(Grain.ALL, "all", days)


@pytest.mark.parametrize(
    ("calendar", "unit"),
    [
        pytest.param(PLAIN, Unit.HOUR, id="by hours"),
        pytest.param(RETAIL, Unit.FISCAL_YEAR, id="by a retail year, which has no fixed length"),
    ],
)
def test_a_range_of_days_is_not_moved(calendar: Calendar, unit: Unit) -> None:
    (everything,) = calendar.periods(Grain.ALL, date(2026, 1, 1), date(2026, 6, 30))

    with pytest.raises(NoSuchPeriod, match="No `all` lies 1 "):
        calendar.shift(everything, Duration(amount=1, unit=unit))


@given(calendars, days, grains)
def test_the_neighbours_of_a_period_touch_it(calendar: Calendar, day: date, grain: Grain) -> None:
    period = calendar.period_holding(day, grain)

    before = calendar.shift(period, Duration(amount=-1, unit=Unit.PERIOD))
    after = calendar.shift(period, Duration(amount=1, unit=Unit.PERIOD))

    assert before == calendar.period_holding(period.start - DAY, grain)
    assert after == calendar.period_holding(period.end, grain)


@given(days, st.integers(-600, 600))
def test_a_month_shifted_there_and_back_is_itself(day: date, months: int) -> None:
    month = PLAIN.period_holding(day, Grain.MONTH)

    there = PLAIN.shift(month, Duration(amount=months, unit=Unit.MONTH))

    assert there is not None
    assert PLAIN.shift(there, Duration(amount=-months, unit=Unit.MONTH)) == month


@given(st.integers(0, 6), days, st.integers(-30, 30))
def test_a_week_shifted_by_years_keeps_its_number_or_is_a_53rd(
    week_start: int, day: date, years: int
) -> None:
    calendar = Calendar(week_start=week_start)
    week = calendar.period_holding(day, Grain.WEEK)
    year, number = week.name.split("-W")

    other = calendar.shift(week, Duration(amount=years, unit=Unit.YEAR))

    if other is None:
        assert number == "53"
    else:
        assert other.name == f"{int(year) + years:04d}-W{number}"


@given(retail_years, st.integers(0, 6), days, st.integers(-30, 30))
def test_a_week_keeps_its_place_in_the_retail_year(
    retail: RetailYear, week_start: int, day: date, years: int
) -> None:
    calendar = Calendar(week_start=week_start, retail=retail)
    week = calendar.period_holding(day, Grain.WEEK)
    own = calendar.period_holding(week.start, Grain.FISCAL_YEAR)
    other = calendar.shift(week, Duration(amount=years, unit=Unit.FISCAL_YEAR))
    place = week.start - own.start

    if other is None:
        assert place.days // 7 == 52
    else:
        year = calendar.period_holding(other.start, Grain.FISCAL_YEAR)
        assert other.start - year.start == place
        assert int(year.name[2:]) - int(own.name[2:]) == years


@given(calendars, days, grains, st.sampled_from(list(Unit)), st.integers(-40, 40))
def test_whether_an_offset_leads_to_a_period_depends_on_the_grain_alone(
    calendar: Calendar, day: date, grain: Grain, unit: Unit, amount: int
) -> None:
    def refused(on: date) -> bool:
        try:
            calendar.shift(calendar.period_holding(on, grain), Duration(amount=amount, unit=unit))
        except NoSuchPeriod:
            return True
        return False

    assert refused(day) == refused(date(2026, 3, 4))


# Shorter and longer


def test_lengths_in_order() -> None:
    in_order: list[set[Grain | Unit]] = [
        {Unit.SECOND},
        {Unit.MINUTE},
        {Unit.HOUR},
        {Unit.DAY, Grain.DAY},
        {Unit.WEEK, Grain.WEEK},
        {Unit.MONTH, Grain.MONTH, Unit.FISCAL_MONTH, Grain.FISCAL_MONTH},
        {Unit.QUARTER, Grain.QUARTER, Unit.FISCAL_QUARTER, Grain.FISCAL_QUARTER},
        {Unit.YEAR, Grain.YEAR, Unit.FISCAL_YEAR, Grain.FISCAL_YEAR},
        {Grain.ALL},
    ]

    for shorter, ones in enumerate(in_order):
        for longer, others in enumerate(in_order):
            assert {is_finer(one, other) for one in ones for other in others} == {shorter < longer}


def test_a_period_has_no_length_to_compare() -> None:
    with pytest.raises(ValueError, match="A period has no length of its own"):
        is_finer(Unit.PERIOD, Grain.MONTH)


# The edges of time


@pytest.mark.parametrize(
    ("day", "grain"),
    [
        pytest.param(date(9999, 12, 31), Grain.DAY, id="the last day"),
        pytest.param(date(9999, 12, 31), Grain.WEEK, id="the last week"),
        pytest.param(date(9999, 12, 1), Grain.MONTH, id="the last month"),
        pytest.param(date(9999, 1, 1), Grain.YEAR, id="the last year"),
        pytest.param(date(1, 1, 1), Grain.FISCAL_YEAR, id="a fiscal year that starts before the first"),
    ],
)
def test_a_period_beyond_the_years_is_refused(day: date, grain: Grain) -> None:
    with pytest.raises(ValueError, match="years 1 to 9999"):
        FEBRUARY.period_holding(day, grain)


@pytest.mark.parametrize("day", [date(1, 1, 1), date(9999, 12, 31)])
def test_a_retail_year_beyond_the_years_is_refused(day: date) -> None:
    with pytest.raises(ValueError, match=r"year 0 is out of range|years 1 to 9999"):
        RETAIL.period_holding(day, Grain.FISCAL_YEAR)


@pytest.mark.parametrize("unit", [Unit.MONTH, Unit.QUARTER, Unit.YEAR, Unit.FISCAL_YEAR, Unit.PERIOD])
@pytest.mark.parametrize("amount", [12 * 10**5, -12 * 10**5, 12 * 10**25])
def test_an_offset_beyond_the_years_is_refused(unit: Unit, amount: int) -> None:
    with pytest.raises(ValueError, match="years 1 to 9999"):
        PLAIN.shift(the(PLAIN, "2026"), Duration(amount=amount, unit=unit))


@pytest.mark.parametrize("unit", [unit for unit in Unit if unit is not Unit.PERIOD])
def test_a_sum_beyond_the_years_is_refused(unit: Unit) -> None:
    with pytest.raises(ValueError, match="years 1 to 9999"):
        PLAIN.add(datetime(2026, 1, 1), Duration(amount=10**25, unit=unit))


@given(calendars, days, grains, st.sampled_from(list(Unit)), st.integers(-(10**15), 10**15))
def test_no_offset_however_absurd_is_anything_but_a_period_none_or_a_value_error(
    calendar: Calendar, day: date, grain: Grain, unit: Unit, amount: int
) -> None:
    period = calendar.period_holding(day, grain)

    try:
        moved = calendar.shift(period, Duration(amount=amount, unit=unit))
    except ValueError:
        return

    assert moved is None or moved.grain is grain


# Wall clocks


@pytest.mark.parametrize(
    ("zone", "local", "utc"),
    [
        pytest.param("UTC", "2026-07-01 12:00", "2026-07-01 12:00", id="UTC is itself"),
        pytest.param("Europe/London", "2026-01-01 00:00", "2026-01-01 00:00", id="London in winter"),
        pytest.param("Europe/London", "2026-07-01 00:00", "2026-06-30 23:00", id="London in summer"),
        pytest.param("America/New_York", "2026-01-01 00:00", "2026-01-01 05:00", id="New York"),
        pytest.param("Asia/Kolkata", "2026-01-01 00:00", "2025-12-31 18:30", id="half hours"),
        pytest.param(
            "Europe/London",
            "2026-10-25 01:30",
            "2026-10-25 00:30",
            id="a repeated hour is the first of the two",
        ),
        pytest.param(
            "Europe/London",
            "2026-03-29 01:30",
            "2026-03-29 01:30",
            id="a skipped hour goes by the clock before",
        ),
        pytest.param(
            "America/Sao_Paulo", "2018-11-04 00:00", "2018-11-04 03:00", id="even where midnight is skipped"
        ),
    ],
)
def test_a_wall_clock_in_utc(zone: str, local: str, utc: str) -> None:
    converted = to_utc(datetime.fromisoformat(local), zone)

    assert converted == datetime.fromisoformat(utc)
    assert converted.tzinfo is None


def test_noon_in_new_york_is_half_past_ten_at_night_in_kolkata() -> None:
    noon = datetime(2026, 1, 15, 12)

    assert to_zone(noon, "America/New_York", "Asia/Kolkata") == datetime(2026, 1, 15, 22, 30)


def test_the_mark_of_a_repeated_hour_is_neither_read_nor_left() -> None:
    second = datetime(2026, 10, 25, 1, 30, fold=1)

    assert to_utc(second, "Europe/London") == datetime(2026, 10, 25, 0, 30)
    assert to_zone(datetime(2026, 10, 25, 1, 30), "UTC", "Europe/London").fold == 0


@given(
    st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2030, 1, 1)),
    st.sampled_from(
        ["Europe/London", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "Africa/Casablanca"]
    ),
)
def test_an_instant_seen_from_a_zone_and_back_is_itself_unless_its_hour_is_repeated(
    instant: datetime, zone: str
) -> None:
    local = to_zone(instant, "UTC", zone)
    assume(to_zone(instant - timedelta(hours=1), "UTC", zone) != local)

    assert to_utc(local, zone) == instant


@pytest.mark.parametrize(
    "zone",
    [
        pytest.param("Mars/Olympus", id="a place without clocks"),
        pytest.param("../../etc/passwd", id="a path"),
        pytest.param("Europe", id="a folder of zones"),
        pytest.param("", id="no name"),
    ],
)
def test_an_unknown_zone_is_refused_in_a_sentence(zone: str) -> None:
    with pytest.raises(ValueError, match="is no time in `UTC`"):
        to_utc(datetime(2026, 1, 1), zone)


def test_an_instant_beyond_the_years_is_refused() -> None:
    with pytest.raises(ValueError, match="is no time in `UTC`"):
        to_utc(datetime(1, 1, 1), "Asia/Tokyo")


@given(
    st.sampled_from([Calendar(), Calendar(week_start=SUNDAY), FEBRUARY, RETAIL]),
    st.sampled_from([grain for grain in Grain if grain is not Grain.ALL]),
    st.dates(date(2019, 1, 1), date(2026, 12, 31)),
    st.integers(0, 800),
)
def test_the_whole_periods_of_a_span_are_those_that_begin_and_end_in_it(
    calendar: Calendar, grain: Grain, start: date, days: int
) -> None:
    end = start + timedelta(days=days)
    listed = [p for p in calendar.periods(grain, start, end) if start <= p.start and p.end <= end]

    assert calendar.whole(grain, start, end) == len(listed)


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        pytest.param(date.min, date.max, 12 * 9999 - 1, id="all days but the last"),
        pytest.param(date.min, date(1, 2, 1), 1, id="the first month of all"),
        pytest.param(date(9999, 11, 1), date.max, 1, id="the last two months"),
        pytest.param(date(2026, 3, 1), date(2026, 2, 1), 0, id="backwards"),
    ],
)
def test_whole_periods_are_counted_to_the_ends_of_time(start: date, end: date, months: int) -> None:
    assert Calendar().whole(Grain.MONTH, start, end) == months
