"""How long the periods of a grain are at most, held against the calendars that there can be."""

from datetime import date

import pytest

from kpiascode.lint.grains import LONGEST
from kpiascode.model.calendar import RETAIL_PATTERNS, Calendar, Grain, retail_year

RETAIL = [
    Calendar(retail=retail_year(pattern, f"{day} of {month}"))
    for pattern in RETAIL_PATTERNS
    for day in ("last saturday", "last sunday")
    for month in ("january", "december")
]


@pytest.mark.parametrize("grain", LONGEST, ids=lambda grain: grain.value)
def test_the_longest_period_of_forty_years_is_as_long_as_that(grain: Grain) -> None:
    found = [
        (period.end - period.start).days
        for calendar in (RETAIL if grain.value.startswith("fiscal") else [Calendar()])
        for period in calendar.periods(grain, date(2000, 1, 1), date(2040, 1, 1))
    ]

    assert max(found) == LONGEST[grain]
