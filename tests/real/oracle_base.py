"""What an answer is made of: numbers that may be undefined, periods, rows, and measures over them.

Nothing of the product is used here: numbers are `Decimal`, days are `date`, files are read with `csv`.
"""

import csv
import os
from bisect import bisect_left
from calendar import monthrange
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

DATA: Final = Path(os.environ.get("KPI_SHARED_DATA") or Path(__file__).parents[3] / "shared" / "data")

Number: TypeAlias = Decimal | None
Slice: TypeAlias = tuple[str | None, ...]

# --- numbers: None is undefined, never zero


def total(values: Iterable[Decimal]) -> Number:
    found = list(values)
    return sum(found, Decimal(0)) if found else None


def add(*numbers: Number) -> Number:
    known = [number for number in numbers if number is not None]
    return sum(known, Decimal(0)) if len(known) == len(numbers) else None


def negative(number: Number) -> Number:
    return None if number is None else -number


def ratio(top: Number, bottom: Number) -> Number:
    return None if top is None or bottom is None or bottom == 0 else top / bottom


def or_zero(number: Number) -> Decimal:
    return Decimal(0) if number is None else number


def mean(values: Sequence[Decimal]) -> Number:
    return ratio(total(values), Decimal(len(values)))


def percentile(values: Iterable[Decimal], fraction: Decimal) -> Number:
    """Return the continuous percentile: linear between the two values next to the place asked."""
    ordered = sorted(values)
    if not ordered:
        return None
    place = fraction * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def sample_deviation(values: Sequence[Decimal]) -> Number:
    if len(values) < 2:
        return None
    middle = sum(values, Decimal(0)) / len(values)
    squares = sum(((value - middle) ** 2 for value in values), Decimal(0))
    return (squares / (len(values) - 1)).sqrt()


# --- the calendar: months of the Gregorian year, weeks from Monday, fiscal years from July


class Span(NamedTuple):
    """Days from `start` to before `end`."""

    start: date
    end: date


class Period(NamedTuple):
    name: str
    span: Span


BEGINNING: Final = date.min
MONTHS: Final = {"month": 1, "quarter": 3, "year": 12, "fiscal_quarter": 3, "fiscal_year": 12}
FIRST_FISCAL_MONTH: Final = 7


def months_later(day: date, months: int) -> date:
    """Return the same day of the month, `months` away; the last of that month where it is shorter."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def fiscal_year(day: date) -> int:
    """Return the year in which the fiscal year of the day ends."""
    return day.year + (day.month >= FIRST_FISCAL_MONTH)


def period_of(day: date, grain: str) -> Period:
    """Return the period of the grain that holds the day."""
    if grain == "day":
        return Period(day.isoformat(), Span(day, day + timedelta(days=1)))
    if grain == "week":
        monday = day - timedelta(days=day.weekday())
        year, week, _ = day.isocalendar()
        return Period(f"{year}-W{week:02d}", Span(monday, monday + timedelta(days=7)))
    since = (day.month - FIRST_FISCAL_MONTH) % 12 if grain.startswith("fiscal") else day.month - 1
    start = months_later(day.replace(day=1), -(since % MONTHS[grain]))
    names = {
        "month": f"{day:%Y-%m}",
        "quarter": f"{day.year}-Q{since // 3 + 1}",
        "year": f"{day.year}",
        "fiscal_quarter": f"FY{fiscal_year(day)}-Q{since // 3 + 1}",
        "fiscal_year": f"FY{fiscal_year(day)}",
    }
    return Period(names[grain], Span(start, months_later(start, MONTHS[grain])))


def periods(grain: str, start: date, end: date) -> tuple[Period, ...]:
    """Return the whole periods that `[start, end)` touches; for `all` the range itself."""
    if grain == "all":
        return (Period("all", Span(start, end)),)
    found = [period_of(start, grain)]
    while found[-1].span.end < end:
        found.append(period_of(found[-1].span.end, grain))
    return tuple(found)


# --- rows


@dataclass(frozen=True, slots=True)
class Row:
    day: date
    labels: Mapping[str, str | None]
    numbers: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows in the order of their days."""

    rows: Sequence[Row]
    days: Sequence[date] = field(repr=False)

    def within(self, span: Span) -> Sequence[Row]:
        return self.rows[bisect_left(self.days, span.start) : bisect_left(self.days, span.end)]

    def split(self, by: Sequence[str]) -> dict[Slice, "Table"]:
        parts: defaultdict[Slice, list[Row]] = defaultdict(list)
        for row in self.rows:
            parts[tuple(row.labels[label] for label in by)].append(row)
        return {key: table(rows) for key, rows in parts.items()}


def table(rows: Iterable[Row]) -> Table:
    ordered = sorted(rows, key=lambda row: row.day)
    return Table(ordered, [row.day for row in ordered])


def read(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_by(key: str, name: str) -> dict[str, dict[str, str]]:
    return {line[key]: line for line in read(name)}


def day_of_key(key: str) -> date:
    return date(int(key[:4]), int(key[4:6]), int(key[6:]))


# --- measures: a number from what a slice holds, over a span


@dataclass(frozen=True, slots=True)
class View:
    """What one slice holds before `as_of`, looked at by one grain."""

    tables: Mapping[str, Table]
    grain: str
    as_of: date

    def rows(self, name: str, span: Span) -> Sequence[Row]:
        return self.tables[name].within(span)

    def numbers(self, name: str, span: Span, column: str) -> list[Decimal]:
        return [row.numbers[column] for row in self.rows(name, span)]

    def elapsed(self, span: Span) -> Span:
        """Return the part of the span that lies before `as_of`."""
        return Span(span.start, max(span.start, min(span.end, self.as_of)))


Measure: TypeAlias = Callable[[View, Span], Number]


def sum_of(name: str, column: str) -> Measure:
    return lambda view, span: total(view.numbers(name, span, column))


def count_of(name: str) -> Measure:
    return lambda view, span: Decimal(len(view.rows(name, span)))


def distinct(name: str, label: str) -> Measure:
    return lambda view, span: Decimal(len({row.labels[label] for row in view.rows(name, span)}))


def per(name: str, label: str, column: str) -> Callable[[View, Span], list[Decimal]]:
    """Return a function that gives the sum of the column for each entity with rows in the span."""

    def sums(view: View, span: Span) -> list[Decimal]:
        found: defaultdict[str | None, Decimal] = defaultdict(Decimal)
        for row in view.rows(name, span):
            found[row.labels[label]] += row.numbers[column]
        return list(found.values())

    return sums


def divided(top: Measure, bottom: Measure) -> Measure:
    return lambda view, span: ratio(top(view, span), bottom(view, span))


def difference(first: Measure, *others: Measure) -> Measure:
    return lambda view, span: add(first(view, span), *(negative(other(view, span)) for other in others))


# --- spans that time forms read


Reach: TypeAlias = Callable[[View, Span], Span | None]


def the_span(view: View, span: Span) -> Span:
    return span


def last_months(months: int) -> Reach:
    """Reach back from the end of the span, or from `as_of` in a part period, to the same day."""

    def reach(view: View, span: Span) -> Span:
        end = view.elapsed(span).end
        return Span(months_later(end, -months), end)

    return reach


def last_days(days: int) -> Reach:
    def reach(view: View, span: Span) -> Span:
        end = view.elapsed(span).end
        return Span(end - timedelta(days=days), end)

    return reach


def year_to_date(view: View, span: Span) -> Span:
    end = view.elapsed(span).end
    return Span((end - timedelta(days=1)).replace(month=1, day=1), end)


def same_length(view: View, span: Span, before: Span) -> Span:
    """Return `before`, cut to as many days as have elapsed of a part period."""
    now = view.elapsed(span)
    return before if now == span else Span(before.start, before.start + (now.end - now.start))


def moved(view: View, span: Span, move: Callable[[date], date]) -> Span:
    """Return the period of the same grain whose start is the moved start; of `all` both ends move."""
    if view.grain == "all":
        return Span(move(span.start), move(span.end))
    start = move(span.start)
    before = period_of(start, view.grain).span
    assert before.start == start, f"no {view.grain} begins on {start}"
    return same_length(view, span, before)


def year_before(view: View, span: Span) -> Span | None:
    """Return the same period of the year before; None for a week 53 that the year before does not have."""
    if view.grain != "week":
        return moved(view, span, lambda day: months_later(day, -12))
    year, week, _ = span.start.isocalendar()
    if week > date(year - 1, 12, 28).isocalendar().week:
        return None
    return moved(view, span, lambda _: date.fromisocalendar(year - 1, week, 1))


def week_before(view: View, span: Span) -> Span:
    return moved(view, span, lambda day: day - timedelta(days=7))


def until_the_end(view: View, span: Span) -> Span:
    return Span(BEGINNING, span.end)


def until_the_start(view: View, span: Span) -> Span:
    return Span(BEGINNING, span.start)


def over(reach: Reach, measure: Measure) -> Measure:
    def value(view: View, span: Span) -> Number:
        reached = reach(view, span)
        return None if reached is None else measure(view, reached)

    return value


def growth(measure: Measure) -> Measure:
    against = divided(measure, over(year_before, measure))
    return lambda view, span: add(against(view, span), Decimal(-1))


def days(view: View, span: Span) -> Number:
    now = view.elapsed(span)
    return Decimal((now.end - now.start).days)


# --- a KPI


@dataclass(frozen=True, slots=True)
class Kpi:
    """How a KPI is worked out.

    Args:
        tables: The rows that it and the KPIs it refers to read; they decide which slices exist.
        exact: Sums, counts and extremes, to the last digit; else division was involved.
        reads: The spans from which rows are read, where a time form reads others than the period's own.
    """

    measure: Measure
    tables: tuple[str, ...]
    exact: bool = True
    reads: tuple[Reach, ...] = (the_span,)
