"""Days, periods, spans and lists in words."""

from datetime import date, datetime, timedelta

import pytest

from kpiascode.model.assessment import DataState, Grade, Outcome, Status, Trust
from kpiascode.model.calendar import Calendar, Grain
from kpiascode.render.numbers import NBSP
from kpiascode.render.words import (
    GRADE,
    OUTCOME,
    STATUS,
    STATUS_MEANING,
    axis_label,
    data_word,
    day_in,
    last_day,
    length,
    listing,
    moment,
    period,
    plural,
    sentence,
    shortened,
    span,
    within,
)

CALENDAR = Calendar(fiscal_year_start=2)


def written(text: str) -> str:
    return text.replace(NBSP, " ")


@pytest.mark.parametrize(
    ("name", "words", "sentence_part"),
    [
        ("2026-11-06", "6 November 2026", "on 6 November 2026"),
        ("2026-W05", "week 5 of 2026", "in week 5 of 2026"),
        ("2026-10", "October 2026", "in October 2026"),
        ("2026-Q4", "Q4 2026", "in Q4 2026"),
        ("2026", "2026", "in 2026"),
        ("FY2026-M01", "month 1 of FY2026", "in month 1 of FY2026"),
        ("FY2026-Q2", "Q2 FY2026", "in Q2 FY2026"),
        ("FY2026", "FY2026", "in FY2026"),
    ],
)
def test_a_period_has_words(name: str, words: str, sentence_part: str) -> None:
    found = CALENDAR.period_named(name)
    assert found is not None

    assert (written(period(found)), written(within(found))) == (words, sentence_part)


def test_a_range_names_its_days_and_a_whole_year_only_itself() -> None:
    (part,) = CALENDAR.periods(Grain.ALL, date(2026, 1, 1), date(2026, 11, 1))

    assert written(within(part)) == "from 1 January to 31 October 2026"
    assert span(date(2026, 1, 1), date(2027, 1, 1)) == "2026"
    assert written(span(date(2025, 7, 1), date(2026, 7, 1))) == "1 July 2025 to 30 June 2026"
    assert written(span(date(9999, 1, 1), date(9999, 12, 31))) == "1 January to 30 December 9999"


def test_days_and_moments() -> None:
    assert written(moment(datetime(2026, 11, 6))) == "6 November 2026"
    assert written(moment(datetime(2026, 11, 6, 8, 5))) == "6 November 2026, 08:05"
    assert written(last_day(date(2027, 1, 1))) == "31 December 2026"
    assert [written(day_in(date(2026, 9, 6), year)) for year in (2026, 2027)] == ["6 Sep", "6 Sep 2026"]


@pytest.mark.parametrize(
    ("name", "text", "year", "place"),
    [
        ("2026-11-06", "6 Nov", "2026", 5),
        ("2026-W05", "W05", "2026", 4),
        ("2026-10", "Oct", "2026", 9),
        ("2026-Q4", "Q4", "2026", 3),
        ("2026", "2026", "", 2026),
        ("FY2026-M01", "M01", "FY2026", 0),
    ],
)
def test_a_period_under_a_chart(name: str, text: str, year: str, place: int) -> None:
    found = CALENDAR.period_named(name)
    assert found is not None

    label = axis_label(found)

    assert (label.text.replace(NBSP, " "), label.year, label.place) == (text, year, place)


@pytest.mark.parametrize(
    ("span_of_time", "words"),
    [
        (timedelta(days=34, hours=5), "34 days"),
        (timedelta(days=1), "1 day"),
        (timedelta(hours=5), "5 hours"),
        (timedelta(seconds=61), "1 minute"),
        (timedelta(seconds=3), "less than a minute"),
    ],
)
def test_a_length_of_time_is_in_its_largest_unit(span_of_time: timedelta, words: str) -> None:
    assert written(length(span_of_time)) == words


def test_lists_and_plurals() -> None:
    assert [listing(x) for x in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]
    assert written(plural(1, "KPI")) == "1 KPI"
    assert written(plural(1200, "goal leads", "goals lead")) == "1,200 goals lead"


def test_a_long_text_is_cut_at_a_word_and_says_so() -> None:
    assert shortened("short", 10) == "short"
    assert shortened("one two, three", 9) == "one two …"
    assert shortened("x" * 20, 9) == "x" * 9 + " …"


def test_a_sentence_starts_with_a_capital_and_ends_with_one_stop() -> None:
    assert [sentence(x) for x in ("it is", "Is it?", "Yes.")] == ["It is.", "Is it?", "Yes."]


def test_every_status_grade_and_outcome_has_a_word_and_a_shape() -> None:
    assert set(STATUS) == set(STATUS_MEANING) == set(Status)
    assert set(GRADE) == set(Grade)
    assert set(OUTCOME) == set(Outcome)
    assert len({word.text for word in STATUS.values()}) == len({word.shape for word in STATUS.values()}) == 6


def test_the_words_of_a_status() -> None:
    assert [STATUS[status].text for status in Status] == [
        "On target",
        "Within tolerance",
        "Missed",
        "No data",
        "Not due yet",
        "No target",
    ]


@pytest.mark.parametrize(
    ("trust", "late_by", "words"),
    [
        (Trust.CURRENT, None, "Current"),
        (Trust.LATE, timedelta(days=34), "Late by 34 days"),
        (Trust.LATE, None, "Late"),
        (Trust.UNKNOWN, None, "Not known"),
    ],
)
def test_how_far_data_can_be_relied_on(trust: Trust, late_by: timedelta | None, words: str) -> None:
    state = DataState(trust=trust, latest=None, late_by=late_by, late=())

    assert written(data_word(state).text) == words
