"""The project's calendar: which days a period holds, what it is called, and what lies a year before it.

Each grain numbers its periods along one endless line, and a period ends where the next one starts: no gaps,
no overlaps. What would leave the years 1 to 9999 is a `ValueError`. Weekdays count from 0, Monday.
"""

import re
from bisect import bisect_right
from calendar import monthrange
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Final, TypeVar
from zoneinfo import ZoneInfo


def last_seen_day(as_of: datetime) -> date:
    """Return the last day of which something is seen: at the first moment of January it is in December."""
    return (as_of - timedelta(microseconds=1)).date()


class Grain(Enum):
    """The length of the periods for which a KPI is read; `ALL` is one range of any length."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    FISCAL_MONTH = "fiscal_month"
    FISCAL_QUARTER = "fiscal_quarter"
    FISCAL_YEAR = "fiscal_year"
    ALL = "all"


class Unit(Enum):
    """The unit of a duration; `PERIOD` is one period of whichever grain is asked."""

    SECOND = "second"
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    FISCAL_MONTH = "fiscal_month"
    FISCAL_QUARTER = "fiscal_quarter"
    FISCAL_YEAR = "fiscal_year"
    PERIOD = "period"


Moment = TypeVar("Moment", date, datetime)
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTH_NAMES: Final = "january february march april may june july august september october november december"
RETAIL_PATTERNS: Final = {"4-4-5": (4, 4, 5), "4-5-4": (4, 5, 4), "5-4-4": (5, 4, 4)}
NAMES: Final = {
    Grain.DAY: "{:04d}-{:02d}-{:02d}",
    Grain.WEEK: "{:04d}-W{:02d}",
    Grain.MONTH: "{:04d}-{:02d}",
    Grain.QUARTER: "{:04d}-Q{}",
    Grain.YEAR: "{:04d}",
    Grain.FISCAL_MONTH: "FY{:04d}-M{:02d}",
    Grain.FISCAL_QUARTER: "FY{:04d}-Q{}",
    Grain.FISCAL_YEAR: "FY{:04d}",
}
GRAINS_BY_SHAPE: Final = {re.sub(r"\{.*?\}", "0", name): grain for grain, name in NAMES.items()}
FINEST_TO_COARSEST: Final = ("second", "minute", "hour", "day", "week", "month", "quarter", "year", "all")
FISCAL: Final = {word for word in (*Grain, *Unit) if word.value.startswith("fiscal_")}
DAYS: Final = {"day": 1, "week": 7}
MONTHS = {"month": 1, "quarter": 3, "year": 12, "fiscal_month": 1, "fiscal_quarter": 3, "fiscal_year": 12}
OUT_OF_RANGE: Final = "The calendar knows the years 1 to 9999 only; choose dates well within them."


class NoSuchPeriod(ValueError):
    """An offset that leads from no period of its grain to another, whichever period it starts from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration:
    """A length of time as the user wrote it; negative is earlier."""

    amount: int
    unit: Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """The local days from `start` up to, but not including, `end`."""

    grain: Grain
    name: str
    start: date
    end: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RetailYear:
    """A fiscal year of 52 or 53 whole weeks: year N ends on the last `weekday` of `month` of N.

    `pattern` gives the weeks of a quarter's months; a 53rd goes to the last. Year N's months count from 12 N.
    """

    pattern: tuple[int, int, int]
    weekday: int
    month: int

    def start(self, number: int) -> date:
        """Return the first day of the month of that number."""
        year, months_before = divmod(number, 12)
        last = date(year - 1, self.month, monthrange(year - 1, self.month)[1])
        beyond = timedelta(days=(last.weekday() - self.weekday) % 7)
        return last - beyond + timedelta(days=1, weeks=sum((self.pattern * 4)[:months_before]))

    def month_holding(self, day: date) -> int:
        """Return the number of the month that holds `day`."""
        first = 12 * (day.year + (day >= self.start(12 * (day.year + 1))))
        weeks = (day - self.start(first)).days // 7
        return first + bisect_right(range(1, 12), weeks, key=lambda months: sum((self.pattern * 4)[:months]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """How a project counts days, weeks and years; `retail` takes the place of `fiscal_year_start`."""

    timezone: str = "UTC"
    week_start: int = 0
    fiscal_year_start: int = 1
    retail: RetailYear | None = None

    def period_holding(self, day: date, grain: Grain) -> Period:
        """Return the one period that holds `day`; the grain is not `ALL`."""
        return self._period(grain, self._number(grain, day))

    def periods(self, grain: Grain, start: date, end: date) -> tuple[Period, ...]:
        """Return the whole periods that cover `[start, end)`; of `ALL` always one, exactly that range."""
        assert start <= end, f"a range cannot end on {end} before it starts on {start}"
        if grain is Grain.ALL:
            return (Period(grain=grain, name="all", start=start, end=end),)
        if start == end:
            return ()
        first, last = self._number(grain, start), self._number(grain, end - timedelta(days=1))
        return tuple(self._period(grain, number) for number in range(first, last + 1))

    def count(self, grain: Grain, start: date, end: date) -> int:
        """Return how many periods `periods` would return, without making them; not for `ALL`."""
        if start >= end:
            return 0
        return self._number(grain, end - timedelta(days=1)) - self._number(grain, start) + 1

    def whole(self, grain: Grain, start: date, end: date) -> int:
        """Return how many periods lie wholly in `[start, end)`, without making them; not for `ALL`."""
        if start >= end:
            return 0
        first = self._number(grain, start)
        begins = start == date.min or self._number(grain, start - timedelta(days=1)) < first
        return max(self._number(grain, end) - first - (not begins), 0)

    def period_named(self, name: str) -> Period | None:
        """Return the period of that name; None if there is none, and for `all`, which names no days."""
        found: Period | None = None
        grain = GRAINS_BY_SHAPE.get(re.sub("[0-9]+", "0", name))
        with suppress(ValueError, OverflowError):
            match grain, [int(digits) for digits in re.findall("[0-9]+", name)]:
                case Grain.DAY, [year, month, day]:
                    found = self.period_holding(date(year, month, day), Grain.DAY)
                case Grain.WEEK, [year, week]:
                    found = self.period_holding(date(year, 1, 4) + timedelta(weeks=week - 1), Grain.WEEK)
                case Grain(), [year, *part]:
                    found = self._period(grain, 12 * year // MONTHS[grain.value] + sum(part or [1]) - 1)
        return found if found and found.name == name else None

    def start_of(self, day: date, unit: Unit) -> date:
        """Return the first day of the unit that holds `day`; a `ValueError` below a day and for `PERIOD`."""
        return self._start(Grain(unit.value), self._number(Grain(unit.value), day))

    def add(self, moment: Moment, duration: Duration) -> Moment:
        """Return `moment` moved on the wall clock; months stop at the last day of the month.

        Raises:
            ValueError: A period, a unit of a retail year, hours added to a day: nothing says where that is.
        """
        unit, amount = duration.unit, duration.amount
        if unit is Unit.PERIOD or (self.retail and unit in FISCAL):
            raise ValueError(f"A `{unit.value}` has no fixed length that could be added; use days or weeks.")
        if unit.value in MONTHS:
            first = self._start(Grain.MONTH, self._number(Grain.MONTH, moment) + amount * MONTHS[unit.value])
            day = min(moment.day, monthrange(first.year, first.month)[1])
            return moment.replace(year=first.year, month=first.month, day=day)
        if unit.value not in DAYS and not isinstance(moment, datetime):
            raise ValueError(f"No `{unit.value}` can be added to a day; use days, or start from a timestamp.")
        try:
            return moment + timedelta(**{f"{unit.value}s": amount})
        except OverflowError as error:
            raise ValueError(OUT_OF_RANGE) from error

    def shift(self, period: Period, duration: Duration) -> Period | None:
        """Return the period of the same grain whose start is the shifted start; a week keeps its number.

        A 53rd week without counterpart is None. A day moves by retail years of 364 days, `ALL` by its length.

        Raises:
            NoSuchPeriod: The offset leads from no period of this grain to another, as 28 days from no month.
        """
        grain, unit, amount = period.grain, duration.unit, duration.amount
        has_length = unit.value in DAYS or (unit.value in MONTHS and not (self.retail and unit in FISCAL))
        match grain:
            case Grain.ALL if unit is Unit.PERIOD:
                days = amount * (period.end - period.start).days
                return self.shift(period, Duration(amount=days, unit=Unit.DAY))
            case Grain.ALL if has_length:
                start, end = self.add(period.start, duration), self.add(period.end, duration)
                return replace(period, start=start, end=end)
            case _ if (steps := self._steps(grain, unit, amount)) is not None:
                return self._period(grain, self._number(grain, period.start) + steps)
            case Grain.DAY if has_length:
                return self.period_holding(self.add(period.start, duration), grain)
            case Grain.WEEK if unit.value in MONTHS and amount * MONTHS[unit.value] % 12 == 0:
                return self._same_week(period, amount * MONTHS[unit.value] // 12, unit)
        offset = f"{abs(amount)} {unit.value}{'' if abs(amount) == 1 else 's'}"
        raise NoSuchPeriod(f"No `{grain.value}` lies {offset} from another; `1 period` is its neighbour.")

    def _steps(self, grain: Grain, unit: Unit, amount: int) -> int | None:
        """Return by how many periods the offset moves every period of `grain`; None if that varies."""
        if unit is Unit.PERIOD:
            return amount
        if self.retail and grain is Grain.DAY and unit is Unit.FISCAL_YEAR:
            return 364 * amount
        lengths = DAYS if grain.value in DAYS else MONTHS
        akin = (unit in FISCAL) == (grain in FISCAL) or (grain in FISCAL and unit is Unit.YEAR)
        if (self.retail and not akin) or unit.value not in lengths or grain.value not in lengths:
            return None
        steps, rest = divmod(amount * lengths[unit.value], lengths[grain.value])
        return None if rest else steps

    def _same_week(self, week: Period, years: int, unit: Unit) -> Period | None:
        """Return the week that stands where `week` stands in its year, counted from the first week."""
        if self.retail and unit in FISCAL:
            year = self._number(Grain.FISCAL_YEAR, week.start)
            own, first, after = (self._start(Grain.FISCAL_YEAR, year + n) for n in (0, years, years + 1))
        else:
            year = self._number(Grain.YEAR, week.start + timedelta(days=3))
            fourths = (self._start(Grain.YEAR, year + n) + timedelta(days=3) for n in (0, years, years + 1))
            own, first, after = (self.start_of(fourth, Unit.WEEK) for fourth in fourths)
        start = first + (week.start - own)
        return self.period_holding(start, week.grain) if start < after else None

    def _number(self, grain: Grain, day: date) -> int:
        """Return the number, on the line of `grain`, of the period that holds `day`."""
        if grain.value in DAYS:
            return (day.toordinal() - 1 - self.week_start) // DAYS[grain.value]
        if self.retail and grain in FISCAL:
            return self.retail.month_holding(day) // MONTHS[grain.value]
        return (12 * day.year + day.month - 1 + self._lead(grain)) // MONTHS[grain.value]

    def _start(self, grain: Grain, number: int) -> date:
        try:
            if grain.value in DAYS:
                return date.fromordinal(number * DAYS[grain.value] + 1 + self.week_start)
            if self.retail and grain in FISCAL:
                return self.retail.start(number * MONTHS[grain.value])
            months = number * MONTHS[grain.value] - self._lead(grain)
            return date(months // 12, months % 12 + 1, 1)
        except (ValueError, OverflowError) as error:
            raise ValueError(OUT_OF_RANGE) from error

    def _lead(self, grain: Grain) -> int:
        """Return by how many months a year starts before the calendar year that it is named after."""
        return (13 - self.fiscal_year_start) % 12 if grain in FISCAL else 0

    def _period(self, grain: Grain, number: int) -> Period:
        start, end = self._start(grain, number), self._start(grain, number + 1)
        if grain is Grain.DAY:
            name = start.isoformat()
        elif grain is Grain.WEEK:
            fourth = start + timedelta(days=3)
            name = NAMES[grain].format(fourth.year, (fourth.timetuple().tm_yday + 6) // 7)
        else:
            year, part = divmod(number, 12 // MONTHS[grain.value])
            name = NAMES[grain].format(year, part + 1)
        return Period(grain=grain, name=name, start=start, end=end)


def is_finer(one: Grain | Unit, other: Grain | Unit) -> bool:
    """Return whether `one` is shorter; fiscal and civil are equal, `PERIOD` is a `ValueError`."""
    if Unit.PERIOD in (one, other):
        raise ValueError("A period has no length of its own to compare; use a unit such as `day`.")
    length, other_length = (FINEST_TO_COARSEST.index(w.value.removeprefix("fiscal_")) for w in (one, other))
    return length < other_length


def retail_year(pattern: str, ends: str) -> RetailYear:
    """Read `4-4-5` and `last saturday of january`; a `ValueError` if either reads otherwise."""
    if pattern not in RETAIL_PATTERNS:
        raise ValueError(f"`{pattern}` is no pattern of a retail year; use {', '.join(RETAIL_PATTERNS)}.")
    match ends.lower().split():
        case ["last", day, "of", month] if day in WEEKDAYS and month in MONTH_NAMES.split():
            weekday, number = WEEKDAYS.index(day), MONTH_NAMES.split().index(month) + 1
            return RetailYear(pattern=RETAIL_PATTERNS[pattern], weekday=weekday, month=number)
    raise ValueError(f"A retail year cannot end on `{ends}`; write it like `last saturday of january`.")


def to_utc(local: datetime, timezone: str) -> datetime:
    """Return what a wall clock in UTC shows when the one in `timezone` shows `local`."""
    return to_zone(local, timezone, "UTC")


def to_zone(local: datetime, from_zone: str, to_zone: str) -> datetime:
    """Return what a wall clock in `to_zone` shows when the one in `from_zone` shows `local`.

    Of a repeated hour the first is meant, a skipped one goes by the clock before. Unknown zone: `ValueError`.
    """
    try:
        instant = local.replace(tzinfo=ZoneInfo(from_zone), fold=0)
        return instant.astimezone(ZoneInfo(to_zone)).replace(tzinfo=None, fold=0)
    except (KeyError, ValueError, OSError, OverflowError) as error:
        raise ValueError(f"{local} in `{from_zone}` is no time in `{to_zone}`: {error}") from error
