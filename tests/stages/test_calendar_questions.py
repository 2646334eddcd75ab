"""Questions of the calendar, through the whole product: from `calendar:` in YAML to values.

`test_calendar.py` holds the calendar itself to its word; here rows are counted. Every expectation was found by
hand, with a printed calendar, and the comment beside it says how. Each row carries a power of two, so that a
sum tells which rows are in it.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from kpiascode import resolve
from kpiascode.plan import Unanswerable
from projects import Warehouse, documents, kpi, planned, question, sound

LATER = datetime(2100, 1, 1)
OF = "sum(n)"


def values(
    rows: Mapping[str, int] | Sequence[tuple[Any, int]],
    expression: str,
    days: str,
    grain: str,
    *,
    calendar: str = "{}",
    kind: str = "DATE",
    zone: str | None = None,
    as_of: datetime | date = LATER,
) -> dict[str, Any]:
    """Return the values by period; `days` is `from/to`, a row is dated as ISO 8601 or by a moment."""
    start, end = map(date.fromisoformat, days.split("/"))
    dated = rows.items() if isinstance(rows, Mapping) else rows
    visits = "kind: dataset\nname: visits\nsource: visits\ntime: at"
    if zone is not None:
        visits += f"\ntimezone: {zone}"
    with Warehouse({"visits": (f"at {kind}, n BIGINT", [(moment, n) for moment, n in dated])}) as tables:
        made = documents(
            visits,
            kpi("visited", expression, dataset="visits", grain=grain if grain != "all" else "day"),
            calendar=calendar,
        )
        project = sound(resolve.resolve(made, tables.catalog))
        asked = question(project, ["visited"], start, end, grain=grain, as_of=as_of)
        return {one.period.name: one.value for one in tables.observe(planned(project, asked, tables.catalog))}


# Weeks

AROUND_NEW_YEAR = {"2025-12-27": 1, "2025-12-28": 2, "2025-12-29": 4, "2026-01-03": 8, "2026-01-04": 16}


def test_weeks_from_monday_are_those_of_iso() -> None:
    """28 December 2025 is a Sunday. The week from the 29th has its Thursday, 1 January, in 2026."""
    found = values(AROUND_NEW_YEAR, OF, "2025-12-22/2026-01-12", "week")

    assert found == {"2025-W52": 1 + 2, "2026-W01": 4 + 8 + 16, "2026-W02": None}


def test_weeks_from_sunday() -> None:
    """The week from Sunday 28 December 2025 has its fourth day, the Wednesday, on the 31st: it is 2025's, and
    the 53rd, since 2025 has 53 Wednesdays (1 January to 31 December)."""
    found = values(AROUND_NEW_YEAR, OF, "2025-12-21/2026-01-11", "week", calendar="{week_start: sunday}")

    assert found == {"2025-W52": 1, "2025-W53": 2 + 4 + 8, "2026-W01": 16}


def test_weeks_from_saturday() -> None:
    """The week from Saturday 27 December 2025 has its fourth day on Tuesday the 30th: 2025's 52nd."""
    found = values(AROUND_NEW_YEAR, OF, "2025-12-27/2026-01-10", "week", calendar="{week_start: saturday}")

    assert found == {"2025-W52": 1 + 2 + 4, "2026-W01": 8 + 16}


LONG_YEARS = {"2019-12-30": 1, "2020-12-27": 2, "2020-12-28": 4, "2021-01-03": 8, "2021-12-31": 16}


def test_the_53rd_week_of_iso_has_no_week_a_year_before() -> None:
    """2020 has 53 weeks (28 December 2020 to 3 January 2021), 2019 has 52; 30 December 2019 is in 2020-W01."""
    found = values(LONG_YEARS, f"previous({OF}, 1 year)", "2020-12-21/2021-01-11", "week")

    assert found == {
        "2020-W52": None,  # 2019-W52, 23 to 29 December: no rows
        "2020-W53": None,  # there is no 2019-W53
        "2021-W01": 1,  # 2020-W01, from 30 December 2019
    }


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        pytest.param("previous(count(*), 1 year)", None, id="a count, which is 0 over no rows but not of no week"),
        pytest.param("previous(coalesce(sum(n), 0), 1 year)", None, id="what stands in for no rows is not there"),
        pytest.param("previous(days(), 1 year) + 0 * count(*)", None, id="it has no days"),
        pytest.param("previous(rolling(count(*), 28 days), 1 year)", None, id="nor an end for a window"),
        pytest.param("coalesce(previous(sum(n), 1 year), 0)", 0, id="outside, `coalesce` says otherwise"),
        pytest.param("sum(n) - previous(sum(n), 1 year)", None, id="so there is no change either"),
        pytest.param("previous(sum(n), 5 years)", 32, id="but 2015 had a 53rd week"),
    ],
)  # fmt: skip
def test_what_a_week_without_counterpart_says(expression: str, value: int | None) -> None:
    rows = LONG_YEARS | {"2015-12-28": 32}

    found = values(rows, expression, "2020-12-28/2021-01-04", "week")

    assert found == {"2020-W53": value}


def test_the_year_after_a_53rd_week_compares_by_number() -> None:
    """2021 has 52 weeks: its last takes 2020-W52 (21 to 27 December), and 2020-W53 is nobody's year before."""
    found = values(LONG_YEARS, f"previous({OF}, 1 year)", "2021-12-27/2022-01-10", "week")

    assert found == {"2021-W52": 2, "2022-W01": None}


def test_the_week_before_a_first_week_is_the_53rd() -> None:
    found = values(LONG_YEARS, f"previous({OF}, 1 period)", "2021-01-04/2021-01-11", "week")

    assert found == {"2021-W01": 4 + 8}


# Leap days

LEAP = {"2023-02-28": 1, "2024-02-28": 2, "2024-02-29": 4, "2024-03-01": 8, "2025-02-28": 16}


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        pytest.param("2024-02-28", 1, id="28 February is itself"),
        pytest.param("2024-02-29", 1, id="29 February takes the 28th"),
        pytest.param("2024-03-01", None, id="1 March takes 1 March"),
        pytest.param("2025-02-28", 2, id="28 February takes the 28th and not the leap day"),
        pytest.param("2025-03-01", 8, id="1 March does not take the leap day either"),
    ],
)
def test_a_year_before_a_day_around_a_leap_day(day: str, expected: int | None) -> None:
    after = date.fromisoformat(day) + timedelta(days=1)

    assert values(LEAP, f"previous({OF}, 1 year)", f"{day}/{after}", "day") == {day: expected}


def test_a_leap_day_is_in_its_month_and_its_year() -> None:
    expression = f"previous({OF}, 1 year)"

    assert values(LEAP, expression, "2025-02-01/2025-03-01", "month") == {"2025-02": 2 + 4}
    assert values(LEAP, expression, "2025-01-01/2025-04-01", "quarter") == {"2025-Q1": 2 + 4 + 8}
    assert values(LEAP, "days()  + 0 * count(*)", "2024-02-01/2024-03-01", "month") == {"2024-02": 29}
    assert values(LEAP, "previous(days(), 4 years) + 0 * count(*)", "2028-01-01/2029-01-01", "year") == {
        "2028": 366
    }


def test_a_window_of_12_months_reaches_back_to_the_same_day() -> None:
    """The end is what moves: 29 February 2024 0:00 to the 28th (clamped), 1 March 0:00 to 1 March 2023."""
    expression = f"rolling({OF}, 12 months)"

    assert values(LEAP, expression, "2024-02-28/2024-03-01", "day") == {
        "2024-02-28": 1 + 2,  # from 28 February 2023
        "2024-02-29": 2 + 4,  # from 1 March 2023
    }


# Fiscal years

FISCAL = {
    "2025-03-31": 1,
    "2025-04-01": 2,
    "2025-04-30": 4,
    "2025-05-01": 8,
    "2026-03-31": 16,
    "2026-04-01": 32,
}
APRIL = "{fiscal_year_start: 4}"


@pytest.mark.parametrize(
    ("grain", "days", "expected"),
    [
        pytest.param(
            "fiscal_year",
            "2025-01-01/2027-01-01",
            {"FY2025": 1, "FY2026": 2 + 4 + 8 + 16, "FY2027": 32},
            id="FY2026 ends in 2026",
        ),
        pytest.param(
            "fiscal_quarter",
            "2025-01-01/2025-07-01",
            {"FY2025-Q4": 1, "FY2026-Q1": 2 + 4 + 8},
            id="its first quarter is April to June",
        ),
        pytest.param(
            "fiscal_month",
            "2025-03-01/2025-06-01",
            {"FY2025-M12": 1, "FY2026-M01": 2 + 4, "FY2026-M02": 8},
            id="its first month is April",
        ),
        pytest.param(
            "year", "2025-01-01/2027-01-01", {"2025": 1 + 2 + 4 + 8, "2026": 16 + 32}, id="years stay years"
        ),
        pytest.param(
            "quarter", "2025-01-01/2025-07-01", {"2025-Q1": 1, "2025-Q2": 2 + 4 + 8}, id="quarters stay quarters"
        ),
    ],
)  # fmt: skip
def test_a_fiscal_year_from_april(grain: str, days: str, expected: Mapping[str, int]) -> None:
    assert values(FISCAL, OF, days, grain, calendar=APRIL) == expected


def test_a_fiscal_year_to_date_begins_in_april() -> None:
    found = values(FISCAL, f"to_date({OF}, fiscal_year)", "2025-03-01/2025-06-01", "month", calendar=APRIL)

    assert found == {
        "2025-03": 1,  # from 1 April 2024
        "2025-04": 2 + 4,
        "2025-05": 2 + 4 + 8,
    }


def test_a_fiscal_year_before() -> None:
    """Of a plain fiscal year, years are years: FY2027-M01 (April 2026) takes FY2026-M01 (April 2025)."""
    expression = f"previous({OF}, 1 fiscal_year)"

    assert values(FISCAL, expression, "2026-04-01/2026-05-01", "fiscal_month", calendar=APRIL) == {
        "FY2027-M01": 2 + 4
    }
    assert values(FISCAL, expression, "2026-04-01/2026-05-01", "month", calendar=APRIL) == {"2026-04": 2 + 4}
    assert values(FISCAL, expression, "2026-04-01/2027-04-01", "fiscal_year", calendar=APRIL) == {
        "FY2027": 2 + 4 + 8 + 16
    }


# Retail years. The last Saturdays of January: 27 January 2024, 25 January 2025, 31 January 2026, 30 January 2027.
# So FY2025 is 28 January 2024 to 25 January 2025 (52 weeks), FY2026 is 26 January 2025 to 31 January 2026
# (53 weeks: 371 days), FY2027 is 1 February 2026 to 30 January 2027 (52 weeks).


def retail(pattern: str) -> str:
    return f"{{week_start: sunday, fiscal: {{pattern: {pattern}, ends: last saturday of january}}}}"


EDGES = {
    "2025-01-25": 1,
    "2025-01-26": 2,
    "2025-02-22": 4,
    "2025-02-23": 8,
    "2025-03-01": 16,
    "2025-03-02": 32,
    "2025-03-22": 64,
    "2025-03-23": 128,
    "2025-03-29": 256,
    "2025-03-30": 512,
    "2025-04-26": 1024,
    "2025-04-27": 2048,
}


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        pytest.param(
            "4-4-5",
            {
                "FY2026-M01": 2 + 4,  # 26 January to 22 February
                "FY2026-M02": 8 + 16 + 32 + 64,  # 23 February to 22 March
                "FY2026-M03": 128 + 256 + 512 + 1024,  # 23 March to 26 April, five weeks
            },
            id="4-4-5",
        ),
        pytest.param(
            "4-5-4",
            {
                "FY2026-M01": 2 + 4,  # 26 January to 22 February
                "FY2026-M02": 8 + 16 + 32 + 64 + 128 + 256,  # 23 February to 29 March, five weeks
                "FY2026-M03": 512 + 1024,  # 30 March to 26 April
            },
            id="4-5-4",
        ),
        pytest.param(
            "5-4-4",
            {
                "FY2026-M01": 2 + 4 + 8 + 16,  # 26 January to 1 March, five weeks
                "FY2026-M02": 32 + 64 + 128 + 256,  # 2 to 29 March
                "FY2026-M03": 512 + 1024,  # 30 March to 26 April
            },
            id="5-4-4",
        ),
    ],
)
def test_the_months_of_a_retail_quarter(pattern: str, expected: Mapping[str, int]) -> None:
    months = values(EDGES, OF, "2025-01-26/2025-04-27", "fiscal_month", calendar=retail(pattern))
    quarters = values(EDGES, OF, "2025-01-26/2025-04-28", "fiscal_quarter", calendar=retail(pattern))

    assert months == expected
    assert quarters == {"FY2026-Q1": sum(EDGES.values()) - 1 - 2048, "FY2026-Q2": 2048}


# FY2026's last month begins after 47 weeks (5-4-4 and 4-5-4: after 48), on 21 or 28 December 2025, and takes
# the 53rd week, 25 to 31 January 2026.
ENDS = {"2025-12-20": 1, "2025-12-21": 2, "2025-12-28": 4, "2026-01-24": 8, "2026-01-25": 16, "2026-01-31": 32,
        "2026-02-01": 64}  # fmt: skip


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        pytest.param("4-4-5", {"FY2026-M12": 2 + 4 + 8 + 16 + 32, "FY2027-M01": 64}, id="4-4-6 weeks"),
        pytest.param("4-5-4", {"FY2026-M12": 4 + 8 + 16 + 32, "FY2027-M01": 64}, id="4-5-5 weeks"),
        pytest.param("5-4-4", {"FY2026-M12": 4 + 8 + 16 + 32, "FY2027-M01": 64}, id="5-4-5 weeks"),
    ],
)
def test_the_53rd_week_is_in_the_last_month_of_its_year(pattern: str, expected: Mapping[str, int]) -> None:
    months = values(ENDS, OF, "2025-12-28/2026-02-02", "fiscal_month", calendar=retail(pattern))
    years = values(ENDS, OF, "2025-12-28/2026-02-02", "fiscal_year", calendar=retail(pattern))
    lengths = values(ENDS, "days() + 0 * count(*)", "2025-12-28/2026-02-02", "fiscal_year", calendar=retail(pattern))  # fmt: skip

    assert months == expected
    assert years == {"FY2026": sum(ENDS.values()) - 64, "FY2027": 64}
    assert lengths == {"FY2026": 371, "FY2027": 364}


# Each is the first day of its year, and the days 364 before.
COUNTERPARTS = {
    "2024-01-28": 1,  # FY2025, first day
    "2025-01-26": 2,  # FY2026, first day
    "2025-02-02": 4,  # FY2026, first day of the second week
    "2026-01-25": 8,  # FY2026, first day of the 53rd week
    "2026-02-01": 16,  # FY2027, first day
}


@pytest.mark.parametrize(
    ("grain", "days", "expected"),
    [
        pytest.param("day", "2025-01-26/2025-01-27", {"2025-01-26": 1}, id="a day: 364 days before, the first day"),
        pytest.param("day", "2026-02-01/2026-02-02", {"2026-02-01": 4}, id="after 53 weeks: 364 days before all the same"),
        pytest.param("day", "2026-01-25/2026-01-26", {"2026-01-25": 2}, id="in the 53rd week: a day of the same year"),
        pytest.param("week", "2026-02-01/2026-02-08", {"2026-W05": 2}, id="a week: the same week of the fiscal year"),
        pytest.param("week", "2026-02-08/2026-02-15", {"2026-W06": 4}, id="the second takes the second"),
        pytest.param("week", "2026-01-25/2026-02-01", {"2026-W04": None}, id="the 53rd has no counterpart"),
        pytest.param("fiscal_month", "2026-02-01/2026-02-02", {"FY2027-M01": 2 + 4}, id="a fiscal month"),
        pytest.param("fiscal_quarter", "2026-02-01/2026-02-02", {"FY2027-Q1": 2 + 4}, id="a fiscal quarter"),
        pytest.param("fiscal_year", "2026-02-01/2026-02-02", {"FY2027": 2 + 4 + 8}, id="a year of 52 takes one of 53"),
        pytest.param("fiscal_year", "2026-01-31/2026-02-01", {"FY2026": 1}, id="and one of 53 takes one of 52"),
    ],
)  # fmt: skip
def test_a_retail_year_before(grain: str, days: str, expected: Mapping[str, int | None]) -> None:
    found = values(COUNTERPARTS, f"previous({OF}, 1 fiscal_year)", days, grain, calendar=retail("4-4-5"))

    assert found == expected


def test_a_year_before_a_day_is_by_the_date_even_in_a_retail_calendar() -> None:
    found = values(
        {"2025-02-01": 1, "2025-02-02": 2},
        f"previous({OF}, 1 year)",
        "2026-02-01/2026-02-02",
        "day",
        calendar=retail("4-4-5"),
    )

    assert found == {"2026-02-01": 1}


def test_a_month_has_no_retail_year_before() -> None:
    with pytest.raises(Unanswerable, match="No `month` lies 1 fiscal_year from another"):
        values(EDGES, f"previous({OF}, 1 fiscal_year)", "2026-01-01/2026-02-01", "month", calendar=retail("4-4-5"))  # fmt: skip


def test_a_retail_year_to_date_begins_with_it() -> None:
    found = values(ENDS, f"to_date({OF}, fiscal_year)", "2026-01-31/2026-02-02", "day", calendar=retail("4-4-5"))  # fmt: skip

    assert found == {"2026-01-31": sum(ENDS.values()) - 64, "2026-02-01": 64}


# Days whose clocks change, from instants stored in UTC


def hours(first: datetime, count: int) -> list[tuple[datetime, int]]:
    """Return a row for every hour from `first`, UTC."""
    return [(first.replace(tzinfo=UTC) + timedelta(hours=n), 1) for n in range(count)]


@pytest.mark.parametrize(
    ("zone", "first", "days", "expected"),
    [
        pytest.param(
            "Europe/London",
            datetime(2026, 3, 28),  # midnight in London
            "2026-03-28/2026-03-31",
            {"2026-03-28": 24, "2026-03-29": 23, "2026-03-30": 24},
            id="London, spring: 29 March ends at 23:00 UTC",
        ),
        pytest.param(
            "Europe/London",
            datetime(2026, 10, 23, 23),
            "2026-10-24/2026-10-27",
            {"2026-10-24": 24, "2026-10-25": 25, "2026-10-26": 24},
            id="London, autumn: 25 October is from 23:00 to 24:00 UTC of the next day",
        ),
        pytest.param(
            "America/New_York",
            datetime(2026, 3, 7, 5),
            "2026-03-07/2026-03-10",
            {"2026-03-07": 24, "2026-03-08": 23, "2026-03-09": 24},
            id="New York, spring: 8 March is from 5:00 to 4:00 UTC",
        ),
        pytest.param(
            "America/New_York",
            datetime(2026, 10, 31, 4),
            "2026-10-31/2026-11-03",
            {"2026-10-31": 24, "2026-11-01": 25, "2026-11-02": 24},
            id="New York, autumn: 1 November is from 4:00 to 5:00 UTC",
        ),
        pytest.param(
            "America/Sao_Paulo",
            datetime(2018, 11, 3, 3),
            "2018-11-03/2018-11-06",
            {"2018-11-03": 24, "2018-11-04": 23, "2018-11-05": 24},
            id="Sao Paulo, where the clock skipped midnight: 4 November begins at 1:00",
        ),
        pytest.param(
            "Pacific/Apia",
            datetime(2011, 12, 29, 10),
            "2011-12-29/2012-01-01",
            {"2011-12-29": 24, "2011-12-30": 0, "2011-12-31": 24},
            id="Samoa, which skipped 30 December 2011",
        ),
        pytest.param(
            "Asia/Kolkata",
            datetime(2026, 3, 27, 18, 30),
            "2026-03-28/2026-03-30",
            {"2026-03-28": 24, "2026-03-29": 24},
            id="Kolkata, by half hours and without changes",
        ),
    ],
)
def test_a_local_day_has_the_hours_that_its_clock_shows(
    zone: str, first: datetime, days: str, expected: Mapping[str, int]
) -> None:
    rows = hours(first, sum(expected.values()))

    assert (
        values(rows, "count(*)", days, "day", calendar=f"{{timezone: {zone}}}", kind="TIMESTAMPTZ")
        == expected
    )


@pytest.mark.parametrize("zone", ["Europe/London", "America/New_York"])
def test_a_change_of_clocks_is_no_matter_to_longer_periods_and_to_lengths_in_days(zone: str) -> None:
    """March 2026 has 31 days and one hour less; a window of 7 days reaches to a midnight, not 168 hours."""
    march = hours(datetime(2026, 2, 28), 34 * 24)
    asked: dict[str, Any] = {"calendar": f"{{timezone: {zone}}}", "kind": "TIMESTAMPTZ"}

    by_month = values(march, "count(*)", "2026-03-01/2026-04-01", "month", **asked)
    length = values(march, "days() + 0 * count(*)", "2026-03-01/2026-04-01", "month", **asked)
    window = values(march, "rolling(count(*), 7 days)", "2026-03-10/2026-03-11", "day", **asked)

    assert by_month == {"2026-03": 31 * 24 - 1}
    assert length == {"2026-03": 31}
    assert window == {"2026-03-10": 7 * 24 - (zone == "America/New_York")}  # 4 to 10 March holds the 8th


def test_the_day_of_an_instant_is_the_local_one_in_expressions_too() -> None:
    """23:30 UTC on 30 June is 0:30 on 1 July in London."""
    found = values(
        [(datetime(2026, 6, 30, 23, 30, tzinfo=UTC), 1), (datetime(2026, 6, 30, 22, 30, tzinfo=UTC), 2)],
        "sum(case when cast(at as date) = date '2026-07-01' then n else 0 end)",
        "2026-06-01/2026-08-01",
        "month",
        calendar="{timezone: Europe/London}",
        kind="TIMESTAMPTZ",
    )

    assert found == {"2026-06": 0, "2026-07": 1}


def test_a_date_is_a_local_day_and_never_shifts() -> None:
    rows = {"2026-06-30": 1, "2026-07-01": 2}

    for zone in ("Pacific/Apia", "America/New_York", "UTC"):
        found = values(rows, OF, "2026-06-30/2026-07-02", "day", calendar=f"{{timezone: {zone}}}")
        assert found == {"2026-06-30": 1, "2026-07-01": 2}


# Wall clocks of another zone


@pytest.mark.parametrize(
    ("zone", "calendar", "expected"),
    [
        pytest.param(
            "UTC",
            "Europe/London",
            {"2026-06-29": None, "2026-06-30": 1, "2026-07-01": 2 + 4 + 8},
            id="UTC, read in London: the day begins at 23:00",
        ),
        pytest.param(
            "America/New_York",
            "Europe/London",
            {"2026-06-29": None, "2026-06-30": None, "2026-07-01": 1 + 2 + 4 + 8},
            id="New York, read in London: five hours later, so the day begins at 19:00",
        ),
        pytest.param(
            "Asia/Kolkata",
            "UTC",
            {"2026-06-29": None, "2026-06-30": 1 + 2 + 4, "2026-07-01": 8},
            id="Kolkata, read in UTC: the day begins at 5:30",
        ),
        pytest.param(
            None,
            "Europe/London",
            {"2026-06-29": None, "2026-06-30": 1 + 2, "2026-07-01": 4 + 8},
            id="nothing said: the calendar's own",
        ),
    ],
)
def test_a_dataset_with_a_zone_of_its_own(
    zone: str | None, calendar: str, expected: Mapping[str, int | None]
) -> None:
    rows = {"2026-06-30 22:59": 1, "2026-06-30 23:00": 2, "2026-07-01 05:29": 4, "2026-07-01 05:30": 8}

    found = values(
        rows,
        OF,
        "2026-06-29/2026-07-02",
        "day",
        calendar=f"{{timezone: {calendar}}}",
        kind="TIMESTAMP",
        zone=zone,
    )

    assert found == expected


def test_between_their_changes_new_york_and_london_are_four_hours_apart() -> None:
    """New York changed on 8 March 2026, London on the 29th."""
    rows = {
        "2026-03-07 18:59": 1,  # 23:59 on the 7th in London: five hours
        "2026-03-07 19:00": 2,  # 0:00 on the 8th
        "2026-03-09 19:59": 4,  # 23:59 on the 9th: four hours
        "2026-03-09 20:00": 8,  # 0:00 on the 10th
        "2026-03-29 19:00": 16,  # 0:00 on the 30th: five hours again
    }
    asked: dict[str, Any] = {
        "calendar": "{timezone: Europe/London}",
        "kind": "TIMESTAMP",
        "zone": "America/New_York",
    }

    found = values(rows, OF, "2026-03-07/2026-03-31", "day", **asked)

    assert {day: value for day, value in found.items() if value is not None} == {
        "2026-03-07": 1,
        "2026-03-08": 2,
        "2026-03-09": 4,
        "2026-03-10": 8,
        "2026-03-30": 16,
    }


# Half-open boundaries

MIDNIGHTS = {
    "2026-01-31 23:59:59.999999": 1,
    "2026-02-01 00:00:00": 2,
    "2026-02-28 23:59:59.999999": 4,
    "2026-03-01 00:00:00": 8,
}


@pytest.mark.parametrize("kind", ["TIMESTAMP", "TIMESTAMPTZ"])
def test_a_row_at_midnight_is_of_the_day_that_begins(kind: str) -> None:
    rows = [(datetime.fromisoformat(moment).replace(tzinfo=UTC), n) for moment, n in MIDNIGHTS.items()]
    by_day = values(rows, OF, "2026-01-31/2026-02-02", "day", kind=kind)
    by_month = values(rows, OF, "2026-01-01/2026-04-01", "month", kind=kind)
    window = values(rows, f"rolling({OF}, 28 days)", "2026-02-01/2026-03-01", "month", kind=kind)
    range_of_days = values(rows, OF, "2026-02-01/2026-03-01", "all", kind=kind)

    assert by_day == {"2026-01-31": 1, "2026-02-01": 2}
    assert by_month == {"2026-01": 1, "2026-02": 2 + 4, "2026-03": 8}
    assert window == {"2026-02": 2 + 4}  # 1 February 0:00 is in, 1 March 0:00 is not
    assert range_of_days == {"all": 2 + 4}


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        pytest.param(date(2026, 2, 1), {"2026-01": 1, "2026-02": None}, id="a date is its first moment"),
        pytest.param(datetime(2026, 2, 1, 0, 0, 0, 1), {"2026-01": 1, "2026-02": 2}, id="a microsecond later"),
        pytest.param(datetime(2026, 1, 31, 23, 59, 59, 999999), {"2026-01": None, "2026-02": None}, id="a row at as_of is not seen"),
    ],
)  # fmt: skip
def test_a_row_at_as_of_is_not_seen(as_of: datetime | date, expected: Mapping[str, int | None]) -> None:
    assert values(MIDNIGHTS, OF, "2026-01-01/2026-03-01", "month", kind="TIMESTAMP", as_of=as_of) == expected


def test_a_date_is_seen_from_its_first_moment() -> None:
    """As of noon on 1 February the rows of that date have been, those of the 2nd have not."""
    rows = {"2026-01-31": 1, "2026-02-01": 2, "2026-02-02": 4}
    asked: dict[str, Any] = {"days": "2026-02-01/2026-03-01", "grain": "month"}

    assert values(rows, OF, as_of=datetime(2026, 2, 1, 12), **asked) == {"2026-02": 2}
    assert values(rows, OF, as_of=date(2026, 2, 1), **asked) == {"2026-02": None}


def test_as_of_a_date_is_the_first_moment_of_the_local_day() -> None:
    """1 July 2026 begins in London at 23:00 UTC of 30 June, in New York at 4:00 UTC of 1 July."""
    rows = [
        (datetime(2026, 6, 30, 22, 59, tzinfo=UTC), 1),
        (datetime(2026, 6, 30, 23, 0, tzinfo=UTC), 2),
        (datetime(2026, 7, 1, 3, 59, tzinfo=UTC), 4),
        (datetime(2026, 7, 1, 4, 0, tzinfo=UTC), 8),
    ]

    for zone, expected in {"Europe/London": 1, "UTC": 1 + 2, "America/New_York": 1 + 2 + 4}.items():
        found = values(
            rows,
            f"cumulative({OF})",
            "2026-07-01/2026-08-01",
            "month",
            calendar=f"{{timezone: {zone}}}",
            kind="TIMESTAMPTZ",
            as_of=date(2026, 7, 1),
        )
        assert found == {"2026-07": expected}


def test_half_a_day_is_compared_with_half_a_day() -> None:
    """As of noon on 1 March, the day has 12 hours; so has the day before."""
    rows = {
        "2026-02-28 11:59": 1,
        "2026-02-28 12:00": 2,
        "2026-03-01 00:00": 4,
        "2026-03-01 12:00": 8,
    }
    noon = datetime(2026, 3, 1, 12)

    this = values(rows, OF, "2026-03-01/2026-03-02", "day", kind="TIMESTAMP", as_of=noon)
    before = values(rows, f"previous({OF}, 1 day)", "2026-03-01/2026-03-02", "day", kind="TIMESTAMP", as_of=noon)  # fmt: skip

    assert (this, before) == ({"2026-03-01": 4}, {"2026-03-01": 1})


# One range as one period

SPREAD = {
    "2024-02-28": 1,
    "2024-02-29": 2,
    "2025-01-31": 4,
    "2025-02-27": 8,
    "2025-02-28": 16,
    "2025-03-30": 32,
}


@pytest.mark.parametrize(
    ("days", "offset", "expected"),
    [
        pytest.param("2025-03-01/2025-04-01", "1 period", 4 + 8 + 16, id="31 days back: 29 January to 28 February"),
        pytest.param("2025-03-01/2025-04-01", "1 month", 8 + 16, id="both ends move by a month: all of February"),
        pytest.param("2025-03-31/2025-04-01", "1 month", 16, id="both ends are clamped: 28 February alone"),
        pytest.param("2025-03-30/2025-03-31", "1 month", None, id="and meet there: 28 to 28 February is empty"),
        pytest.param("2025-02-28/2025-03-01", "1 year", 1 + 2, id="28 February to 1 March, a year before: with the leap day"),
        pytest.param("2025-01-01/2025-03-01", "1 year", 1 + 2, id="two months, a year before"),
        pytest.param("2025-03-28/2025-03-31", "28 days", 16, id="28 days back: 28 February to 2 March"),
    ],
)  # fmt: skip
def test_before_a_range_both_ends_move(days: str, offset: str, expected: int | None) -> None:
    assert values(SPREAD, f"previous({OF}, {offset})", days, "all") == {"all": expected}


def test_a_range_in_the_middle_of_things_is_exactly_that_range() -> None:
    """No period is completed around it, and its days are its own."""
    assert values(SPREAD, OF, "2025-02-27/2025-03-30", "all") == {"all": 8 + 16}
    assert values(SPREAD, "days() + 0 * count(*)", "2025-02-27/2025-03-30", "all") == {"all": 31}


def test_part_of_a_range_is_compared_with_the_same_part() -> None:
    """As of 6 March, 5 days of March have passed; the 5 days from 29 January hold one row, 31 January."""
    found = values(
        SPREAD, f"previous({OF}, 1 period)", "2025-03-01/2025-04-01", "all", as_of=date(2025, 3, 6)
    )

    assert found == {"all": 4}
