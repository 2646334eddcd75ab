"""A slow, obvious oracle: what KPIs are, from rows, in plain Python. It knows the language, not the product.

Every value is computed by itself: its window is found, all rows are looked at, and those that count are put
together. Nothing is shared between values, and nothing with the product's planner, compiler or calendar.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from statistics import stdev, variance
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

# --- what can be said, over one row and over values alike


@dataclass(frozen=True)
class Fixed:
    value: Any


@dataclass(frozen=True)
class Field:
    """A column, or the way to one over relationships."""

    path: tuple[str, ...]


@dataclass(frozen=True)
class DayOf:
    """`cast(t as date)`: the local day."""

    operand: Any


@dataclass(frozen=True)
class Calculated:
    sign: str
    left: Any
    right: Any


@dataclass(frozen=True)
class Compared:
    sign: str
    left: Any
    right: Any


@dataclass(frozen=True)
class Both:
    left: Any
    right: Any


@dataclass(frozen=True)
class Either:
    left: Any
    right: Any


@dataclass(frozen=True)
class Unless:
    operand: Any


@dataclass(frozen=True)
class Missing:
    operand: Any


@dataclass(frozen=True)
class Among:
    operand: Any
    options: tuple[Any, ...]


@dataclass(frozen=True)
class Chosen:
    condition: Any
    then: Any
    otherwise: Any


@dataclass(frozen=True)
class FirstOf:
    parts: tuple[Any, ...]


@dataclass(frozen=True)
class Extreme:
    """`greatest` or `least`."""

    which: str
    parts: tuple[Any, ...]


# --- what can only be said over values


@dataclass(frozen=True)
class Aggregated:
    function: str
    argument: Any = None
    distinct: bool = False
    fraction: Decimal | None = None
    condition: Any = None
    entity: Field | None = None


@dataclass(frozen=True)
class Referred:
    kpi: str


@dataclass(frozen=True)
class DayCount:
    pass


@dataclass(frozen=True)
class Previous:
    operand: Any
    amount: int
    unit: str


@dataclass(frozen=True)
class Rolling:
    operand: Any
    amount: int
    unit: str


@dataclass(frozen=True)
class ToDate:
    operand: Any
    unit: str


@dataclass(frozen=True)
class Cumulative:
    operand: Any


@dataclass(frozen=True)
class Closing:
    """Over the rows of the last time, or over the last row of each entity."""

    operand: Any
    entity: Field | None = None


@dataclass(frozen=True)
class Opening:
    """The closing of the interval before."""

    operand: Any
    entity: Field | None = None


@dataclass(frozen=True)
class AverageOver:
    operand: Any
    unit: str


@dataclass(frozen=True)
class Share:
    operand: Any
    dimension: str


@dataclass(frozen=True)
class CohortSize:
    pass


@dataclass(frozen=True)
class Step:
    number: int


Said: TypeAlias = Any
Row: TypeAlias = Mapping[str, Any]
Slice: TypeAlias = tuple[str | None, ...]


def written(node: Said) -> str:
    """Return the node in the language, with a bracket around everything that has parts."""
    match node:
        case Fixed(value):
            return constant(value)
        case Field(path):
            return ".".join(path)
        case DayOf(operand):
            return f"cast({written(operand)} as date)"
        case Calculated(sign, left, right) | Compared(sign, left, right):
            return f"({written(left)} {sign} {written(right)})"
        case Both(left, right):
            return f"({written(left)} and {written(right)})"
        case Either(left, right):
            return f"({written(left)} or {written(right)})"
        case Unless(operand):
            return f"(not {written(operand)})"
        case Missing(operand):
            return f"({written(operand)} is null)"
        case Among(operand, options):
            return f"({written(operand)} in ({', '.join(map(constant, options))}))"
        case Chosen(condition, then, otherwise):
            return f"case when {written(condition)} then {written(then)} else {written(otherwise)} end"
        case FirstOf(parts):
            return f"coalesce({', '.join(map(written, parts))})"
        case Extreme(which, parts):
            return f"{which}({', '.join(map(written, parts))})"
        case Aggregated():
            return _written_aggregate(node)
        case Referred(kpi):
            return kpi
        case DayCount():
            return "days()"
        case Previous(operand, amount, unit):
            return f"previous({written(operand)}, {amount} {unit})"
        case Rolling(operand, amount, unit):
            return f"rolling({written(operand)}, {amount} {unit})"
        case ToDate(operand, unit):
            return f"to_date({written(operand)}, {unit})"
        case Cumulative(operand):
            return f"cumulative({written(operand)})"
        case Closing(operand, entity):
            return f"closing({written(operand)}{_written_per(entity, ', ')})"
        case Opening(operand, entity):
            return f"opening({written(operand)}{_written_per(entity, ', ')})"
        case AverageOver(operand, unit):
            return f"average_over({written(operand)}, {unit})"
        case Share(operand, dimension):
            return f"share({written(operand)}, of {dimension})"
        case CohortSize():
            return "cohort_size()"
        case Step(number):
            return f"step({number})"
    raise AssertionError(node)


def _written_aggregate(node: Aggregated) -> str:
    inside = "*" if node.argument is None else written(node.argument)
    inside = f"distinct {inside}" if node.distinct else inside
    per = _written_per(node.entity, " ")
    fraction = "" if node.fraction is None else f", {node.fraction}"
    kept = "" if node.condition is None else f" filter (where {written(node.condition)})"
    return f"{node.function}({inside}{per}{fraction}){kept}"


def _written_per(entity: Field | None, before: str) -> str:
    return "" if entity is None else f"{before}per {written(entity)}"


def constant(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case str():
            return "'" + value.replace("'", "''") + "'"
        case datetime():
            return f"timestamp '{value}'"
        case date():
            return f"date '{value}'"
        case _:
            return format(value, "f") if isinstance(value, Decimal) else str(value)


# --- projects and questions


@dataclass(frozen=True)
class Link:
    """A relationship: many rows here belong to one row of `to`.

    `keys`: pairs of a column here and the one there that it equals. With `valid_from`, the partner is the row
    that held at the time `at` of the row here: until its `valid_to`, or else until the next of its key.
    """

    to: str
    keys: tuple[tuple[str, str], ...]
    required: bool = False
    at: tuple[str, ...] = ()
    valid_from: str | None = None
    valid_to: str | None = None


@dataclass(frozen=True)
class Dataset:
    """`zone`: of its timestamps without zone; None is the calendar's. `valid`: from where to where rows hold.

    `time_grain`: a row stands for the whole period of that length in which its time lies.
    """

    name: str
    columns: Mapping[str, str]
    rows: Sequence[Row]
    links: Mapping[str, Link] = field(default_factory=dict)
    fields: Mapping[str, Said] = field(default_factory=dict)
    zone: str | None = "UTC"
    valid: tuple[str, str] | None = None
    time_grain: str | None = None


@dataclass(frozen=True)
class Rule:
    """What held until a day, instead of what holds today; None is the same as today."""

    until: date
    expression: Said | None = None
    where: Said | None = None
    dataset: str | None = None
    time: tuple[str, ...] | None = None


Length: TypeAlias = tuple[int, str]


@dataclass(frozen=True)
class Cohort:
    """`starts` and `where` are ways from the KPI's dataset; a row counts from one age up to another."""

    entity: str
    starts: tuple[str, ...]
    age_from: Length
    age_to: Length
    where: Said | None = None


@dataclass(frozen=True)
class Stage:
    """A step of a funnel; what is not said is the KPI's."""

    where: Said | None = None
    dataset: str | None = None
    time: tuple[str, ...] | None = None
    entity: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Funnel:
    entity: tuple[str, ...]
    within: Length
    steps: tuple[Stage, ...]


@dataclass(frozen=True)
class Kpi:
    """`dimensions`: the names by which it can be sliced, and the way to each; empty ways without dataset."""

    name: str
    expression: Said
    dimensions: Mapping[str, tuple[str, ...]]
    dataset: str | None = None
    time: tuple[str, ...] = ()
    where: Said | None = None
    grain: str = "day"
    revisions: tuple[Rule, ...] = ()
    cohort: Cohort | None = None
    funnel: Funnel | None = None


@dataclass(frozen=True)
class RetailYear:
    """Whole weeks: year N ends on the last such weekday of a month of N; `pattern`: a quarter's months."""

    pattern: tuple[int, int, int]
    weekday: int
    month: int


@dataclass(frozen=True)
class Calendar:
    zone: str = "UTC"
    week_start: int = 0
    fiscal_year_start: int = 1
    retail: RetailYear | None = None


@dataclass(frozen=True)
class Project:
    datasets: Mapping[str, Dataset]
    kpis: Mapping[str, Kpi]
    calendar: Calendar = Calendar()


@dataclass(frozen=True)
class Question:
    """From the day `first` to the day before `end`; `where` names dimensions as fields."""

    kpis: tuple[str, ...]
    grain: str
    first: date
    end: date
    as_of: datetime
    by: tuple[str, ...] = ()
    where: Said | None = None


class Meaningless(Exception):
    """A question without answer: a time form that has no meaning at the grain asked, and the like."""


class Broken(Exception):
    """Data for which no right number exists; carries the codes of what is wrong.

    `empty`: no slice is seen, so there is no number that could be wrong either.
    """

    def __init__(self, codes: frozenset[str], empty: bool) -> None:
        super().__init__(", ".join(sorted(codes)))
        self.codes = codes
        self.empty = empty


# --- values, by SQL's rules for null


def value(node: Said, look: Callable[[Said], Any]) -> Any:
    """Return what a node is; `look` says what the leaves are."""
    match node:
        case Fixed(fixed):
            return fixed
        case Calculated(sign, left, right):
            return _calculated(sign, value(left, look), value(right, look))
        case Compared(sign, left, right):
            return _compared(sign, value(left, look), value(right, look))
        case Both(left, right):
            sides = (value(left, look), value(right, look))
            return False if False in sides else None if None in sides else True
        case Either(left, right):
            sides = (value(left, look), value(right, look))
            return True if True in sides else None if None in sides else False
        case Unless(operand):
            found = value(operand, look)
            return None if found is None else not found
        case Missing(operand):
            return value(operand, look) is None
        case Among(operand, options):
            found = value(operand, look)
            return None if found is None else any(_compared("=", found, option) for option in options)
        case Chosen(condition, then, otherwise):
            return value(then, look) if value(condition, look) is True else value(otherwise, look)
        case FirstOf(parts):
            return next((found for part in parts if (found := value(part, look)) is not None), None)
        case Extreme(which, parts):
            values = [value(part, look) for part in parts]
            return None if None in values else (max if which == "greatest" else min)(values)
        case _:
            return look(node)


def _calculated(sign: str, left: Any, right: Any) -> Any:
    if left is None or right is None:
        return None
    if sign == "/":
        return float(left) / float(right) if right else None
    if float in (type(left), type(right)):
        left, right = float(left), float(right)
    if Decimal in (type(left), type(right)):
        left, right = Decimal(left), Decimal(right)
    return {"+": left.__add__, "-": left.__sub__, "*": left.__mul__}[sign](right)


def _compared(sign: str, left: Any, right: Any) -> bool | None:
    if left is None or right is None:
        return None
    if float in (type(left), type(right)):
        left, right = float(left), float(right)
    less, same = left < right, left == right
    more = not (less or same)
    return bool({"=": same, "<>": not same, "<": less, ">=": not less, "<=": not more, ">": more}[sign])


def _aggregate(node: Aggregated, values: list[Any]) -> Any:
    """Return the aggregate of values among which is no null."""
    match node.function:
        case "count":
            return len(set(values)) if node.distinct else len(values)
        case _ if not values:
            return None
        case "sum":
            return sum(values)
        case "min":
            return min(values)
        case "max":
            return max(values)
        case "avg":
            return float(sum(values)) / len(values)
        case "median" | "percentile":
            fraction = Decimal("0.5") if node.fraction is None else node.fraction
            return _percentile(sorted(map(float, values)), float(fraction))
        case "stddev":
            return stdev(map(float, values)) if len(values) > 1 else None
        case "variance":
            return variance(map(float, values)) if len(values) > 1 else None
    raise AssertionError(node.function)


def _percentile(ordered: list[float], fraction: float) -> float:
    place = fraction * (len(ordered) - 1)
    below, above = ordered[math.floor(place)], ordered[math.ceil(place)]
    return below + (above - below) * (place - math.floor(place))


# --- periods: every day is looked at by itself

UNITS = ("day", "week", "month", "quarter", "year")
IN_DAYS = {"day": 1, "week": 7}
IN_MONTHS = {"month": 1, "quarter": 3, "year": 12}
IN_MONTHS |= {f"fiscal_{unit}": months for unit, months in IN_MONTHS.items()}
ONE_DAY = timedelta(days=1)


def length_of(unit: str) -> int:
    """Return a number that is greater for longer units; fiscal ones are as long as civil ones."""
    return UNITS.index(unit.removeprefix("fiscal_"))


def is_fiscal(unit: str) -> bool:
    return unit.startswith("fiscal_")


def starts_on(unit: str, day: date, calendar: Calendar) -> bool:
    """Say whether such a unit starts on that very day."""
    if is_fiscal(unit) and calendar.retail is not None:
        return day in retail_starts(unit, day.year, calendar.retail)
    since = (day.month - calendar.fiscal_year_start) % 12
    match unit:
        case "day":
            return True
        case "week":
            return day.weekday() == calendar.week_start
        case "month" | "fiscal_month":
            return day.day == 1
        case "quarter":
            return day.day == 1 and day.month in (1, 4, 7, 10)
        case "year":
            return day.day == 1 and day.month == 1
        case "fiscal_quarter":
            return day.day == 1 and since in (0, 3, 6, 9)
        case "fiscal_year":
            return day.day == 1 and since == 0
    raise AssertionError(unit)


def retail_end(year: int, retail: RetailYear) -> date:
    """Return the last day of a retail year: from the end of its month back to the weekday."""
    day = date(year + retail.month // 12, retail.month % 12 + 1, 1) - ONE_DAY
    while day.weekday() != retail.weekday:
        day -= ONE_DAY
    return day


@cache
def retail_starts(unit: str, around: int, retail: RetailYear) -> frozenset[date]:
    """Return the days on which a retail month, quarter or year starts, in the years around one."""
    found = set()
    for year in range(around - 1, around + 3):
        day = retail_end(year - 1, retail) + ONE_DAY
        for number, weeks in enumerate(retail.pattern * 4):
            if number % IN_MONTHS[unit] == 0:
                found.add(day)
            day += timedelta(weeks=weeks)
    return frozenset(found)


@cache
def start_of(unit: str, day: date, calendar: Calendar) -> date:
    """Return the first day of the unit that holds a day, walking back."""
    while not starts_on(unit, day, calendar):
        day -= ONE_DAY
    return day


@cache
def next_start(unit: str, start: date, calendar: Calendar) -> date:
    """Return the first day of the next unit, walking on."""
    day = start + ONE_DAY
    while not starts_on(unit, day, calendar):
        day += ONE_DAY
    return day


def moved_by_periods(grain: str, start: date, amount: int, calendar: Calendar) -> date:
    """Return the start of the period that lies so many before."""
    for _ in range(amount):
        start = start_of(grain, start - ONE_DAY, calendar)
    return start


def number_in_year(grain: str, start: date, calendar: Calendar) -> int:
    """Return which fiscal month or quarter of its fiscal year it is."""
    first = start_of("fiscal_year", start, calendar)
    number = 1
    while first < start:
        first = next_start(grain, first, calendar)
        number += 1
    return number


def year_and_week(start: date) -> tuple[int, int]:
    """Return the year of a week's fourth day, and how many weeks have theirs in that year up to this one."""
    fourth = start + timedelta(days=3)
    number, earlier = 0, fourth
    while earlier.year == fourth.year:
        number, earlier = number + 1, earlier - timedelta(weeks=1)
    return fourth.year, number


def name_of(grain: str, start: date, calendar: Calendar) -> str:
    if is_fiscal(grain):
        year = (next_start("fiscal_year", start, calendar) - ONE_DAY).year
        number = number_in_year(grain, start, calendar)
        parts = {"fiscal_month": f"-M{number:02}", "fiscal_quarter": f"-Q{number}", "fiscal_year": ""}
        return f"FY{year}{parts[grain]}"
    match grain:
        case "day":
            return start.isoformat()
        case "week":
            year, week = year_and_week(start)
            return f"{year}-W{week:02}"
        case "month":
            return f"{start:%Y-%m}"
        case "quarter":
            return f"{start.year}-Q{start.month // 3 + 1}"
        case "year":
            return str(start.year)
    raise AssertionError(grain)


def periods(question: Question, calendar: Calendar) -> Iterator[tuple[str, date, date]]:
    """Yield the periods asked: their name, first day and the day after the last."""
    if question.grain == "all":
        yield "all", question.first, question.end
        return
    start = start_of(question.grain, question.first, calendar)
    while start < question.end:
        after = next_start(question.grain, start, calendar)
        yield name_of(question.grain, start, calendar), start, after
        start = after


def midnight(day: date) -> datetime:
    return datetime.combine(day, time())


def back(moment: datetime, amount: int, unit: str) -> datetime:
    """Return the moment so much earlier; months stop at the last day of the month."""
    if unit in IN_DAYS:
        return moment - timedelta(days=amount * IN_DAYS[unit])
    if unit in ("second", "minute", "hour"):
        return moment - amount * timedelta(**{f"{unit}s": 1})
    months = moment.year * 12 + moment.month - 1 - amount * IN_MONTHS[unit]
    first = moment.replace(year=months // 12, month=months % 12 + 1, day=1)
    for day in (moment.day, 30, 29, 28):
        try:
            return first.replace(day=min(day, moment.day))
        except ValueError:
            continue
    raise AssertionError(moment)


def later(moment: datetime, length: Length) -> datetime:
    amount, unit = length
    return back(moment, -amount, unit.removesuffix("s"))


# --- windows


@dataclass(frozen=True)
class Window:
    """Wall-clock time in the calendar's zone. `start` None: from the beginning. `period`: is it one?"""

    start: datetime | None
    end: datetime
    cut: datetime
    period: bool


def window_of(start: date, end: date, as_of: datetime) -> Window:
    return Window(midnight(start), midnight(end), min(midnight(end), as_of), True)


def previous_window(window: Window, amount: int, unit: str, grain: str, calendar: Calendar) -> Window | None:
    """Return the window of `previous`; None: there is no such period."""
    if not window.period or grain == "all":
        return _moved_back(window, amount, unit, calendar)
    assert window.start is not None
    start = _previous_start(window.start.date(), amount, unit, grain, calendar)
    if start is None:
        return None
    first, end = midnight(start), midnight(next_start(grain, start, calendar))
    return Window(first, end, _same_part(window, first, end), True)


def _previous_start(start: date, amount: int, unit: str, grain: str, calendar: Calendar) -> date | None:
    if unit == "period":
        return moved_by_periods(grain, start, amount, calendar)
    if calendar.retail is not None and (is_fiscal(unit) or is_fiscal(grain)):
        return _previous_in_retail(start, amount, unit, grain, calendar)
    days = amount * IN_DAYS.get(unit, 0)
    months = amount * IN_MONTHS.get(unit, 0)
    lands = {
        "day": True,
        "week": days % 7 == 0 and months % 12 == 0,
        "month": unit in IN_MONTHS,
        "quarter": unit in IN_MONTHS and months % 3 == 0,
        "year": unit in IN_MONTHS and months % 12 == 0,
    }
    if not lands[grain.removeprefix("fiscal_")]:
        raise Meaningless
    if grain == "week" and months:
        year, week = year_and_week(start)
        near = start - timedelta(days=round(365.25 * months / 12))
        around = [start_of("week", near, calendar) + timedelta(weeks=n) for n in range(-2, 3)]
        wanted = (year - months // 12, week)
        return next((first for first in around if year_and_week(first) == wanted), None)
    return back(midnight(start), amount, unit).date()


def _previous_in_retail(start: date, amount: int, unit: str, grain: str, calendar: Calendar) -> date | None:
    """Return the start by fiscal units, which in a retail year are whole weeks and no civil months."""
    months = amount * IN_MONTHS.get(unit, 0)
    if is_fiscal(grain) and (is_fiscal(unit) or unit == "year") and months % IN_MONTHS[grain] == 0:
        return moved_by_periods(grain, start, months // IN_MONTHS[grain], calendar)
    if grain == "day" and unit == "fiscal_year":
        return start - timedelta(days=364 * amount)
    if grain == "week" and is_fiscal(unit) and months % 12 == 0:
        year = start_of("fiscal_year", start, calendar)
        wanted = moved_by_periods("fiscal_year", year, months // 12, calendar)
        found = wanted + (start - year)
        return found if found < next_start("fiscal_year", wanted, calendar) else None
    raise Meaningless


def _moved_back(window: Window, amount: int, unit: str, calendar: Calendar) -> Window:
    if is_fiscal(unit) and (calendar.retail is not None or not window.period):
        raise Meaningless
    if unit == "period":
        if not window.period:
            raise Meaningless
        assert window.start is not None
        amount, unit = amount * (window.end - window.start).days, "day"
    start = None if window.start is None else back(window.start, amount, unit)
    end = back(window.end, amount, unit)
    cut = back(window.cut, amount, unit) if start is None else _same_part(window, start, end)
    return Window(start, end, cut, window.period)


def _same_part(window: Window, start: datetime, end: datetime) -> datetime:
    assert window.start is not None
    if window.cut < window.start:  # it has not begun, and `cut` is `as_of`
        return min(start, window.cut)
    return end if window.cut >= window.end else min(end, start + (window.cut - window.start))


def rolling_window(window: Window, amount: int, unit: str) -> Window:
    if unit == "period" or is_fiscal(unit):
        raise Meaningless
    return Window(back(window.cut, amount, unit), window.cut, window.cut, False)


def window_to_date(window: Window, unit: str, grain: str, calendar: Calendar) -> Window:
    last = window.cut - timedelta(microseconds=1)
    if window.start is not None and last < window.start:
        last = window.start
    start = midnight(start_of(unit, last.date(), calendar))
    if grain == "all":
        too_fine = window.start is not None and start > window.start
    else:
        too_fine = window.period and length_of(unit) < length_of(grain)
    if too_fine:
        raise Meaningless
    return Window(start, window.end, window.cut, False)


def window_before(window: Window, grain: str, as_of: datetime, calendar: Calendar) -> Window | None:
    """Return the interval that ends where this one starts: a whole period before a period."""
    if window.start is None:
        return None
    if window.period and grain != "all":
        start = midnight(start_of(grain, window.start.date() - ONE_DAY, calendar))
    else:
        start = window.start - (window.end - window.start)
    return Window(start, window.start, min(window.start, as_of), window.period)


def units_within(window: Window, unit: str, grain: str, calendar: Calendar) -> list[Window]:
    """Return the units of a window that have begun, each a period; the last one may be cut.

    Whether they fit is told by the whole window, so that the answer does not come and go with `as_of`.
    """
    too_long = window.period and grain != "all" and length_of(unit) >= length_of(grain)
    if window.start is None or too_long:
        raise Meaningless
    found: list[Window] = []
    start = window.start
    while start < window.end:
        end = midnight(next_start(unit, start.date(), calendar))
        if midnight(start_of(unit, start.date(), calendar)) != start or end > window.end:
            raise Meaningless
        found.append(Window(start, end, min(end, window.cut), True))
        start = end
    return [one for one in found if one.start is not None and one.start < window.cut]


# --- answers


WHOLE = "whole"
"""The one last time of all rows, where no entity is named."""


@dataclass(frozen=True)
class Sight:
    """What is looked at: an interval, and how.

    `base` and `forms`: the period (or unit) asked, and the time forms that made the window of it. `free`:
    dimensions that do not matter. `last`: only last rows count, of all or of each entity. `standing`: rows
    that hold for a span are read as they stand at the end. `key`: the slice; None is all of them.
    """

    window: Window | None
    base: Window
    grain: str
    forms: tuple[Said, ...] = ()
    free: frozenset[str] = frozenset()
    last: Field | str | None = None
    standing: bool = False
    key: Slice | None = None


def answers(project: Project, question: Question) -> dict[tuple[str, str, Slice], Any]:
    """Return the value of every KPI asked, in every period and slice that it has.

    Raises:
        Meaningless: when the question has no answer, whatever the data.
        Broken: when the data has none.
    """
    oracle = _Oracle(project, question)
    sights = {}
    for period, start, end in periods(question, project.calendar):
        window = window_of(start, end, question.as_of)
        sights[period] = Sight(window, window, question.grain)
    leaves = {
        name: [leaf for sight in sights.values() for leaf in oracle.kpi_leaves(name, sight)]
        for name in question.kpis
    }
    if any(oracle.too_fine(name) for name in question.kpis):
        raise Meaningless
    slices = {
        name: {key for leaf in found for key in oracle.seen(*leaf)} if question.by else {()}
        for name, found in leaves.items()
    }
    broken = frozenset(code for found in leaves.values() for leaf in found for code in oracle.broken(*leaf))
    if broken:
        raise Broken(broken, empty=not any(slices.values()))
    return {
        (name, period, key): oracle.kpi(name, replace(sight, key=key))
        for name in question.kpis
        for period, sight in sights.items()
        for key in slices[name]
    }


class _Oracle:
    def __init__(self, project: Project, question: Question) -> None:
        self.project = project
        self.question = question
        self._cells: dict[tuple[str, int, tuple[str, ...]], Any] = {}
        self._rules: dict[tuple[str, date | None], Kpi] = {}
        self._kept: dict[tuple[int, Sight], list[tuple[Row, Slice]]] = {}

    # --- rows

    def field(self, row: Row, dataset: Dataset, path: tuple[str, ...]) -> Any:
        """Return the value at a path, null where a partner is missing; clocks are local."""
        known = (dataset.name, id(row), path)
        if known not in self._cells:
            self._cells[known] = self._cell(row, dataset, path)
        return self._cells[known]

    def _cell(self, row: Row, dataset: Dataset, path: tuple[str, ...]) -> Any:
        step, *rest = path
        if step in dataset.fields:
            return self.of_row(dataset.fields[step], row, dataset)
        if rest:
            link = dataset.links[step]
            partner = self.partner(row, dataset, link)
            return (
                None if partner is None else self.field(partner, self.project.datasets[link.to], tuple(rest))
            )
        found = row[step]
        if found is None or not dataset.columns[step].startswith("TIMESTAMP"):
            return found
        zone = "UTC" if dataset.columns[step] == "TIMESTAMPTZ" else dataset.zone
        if zone in (None, self.project.calendar.zone):
            return found
        local = found.replace(tzinfo=ZoneInfo(zone)).astimezone(ZoneInfo(self.project.calendar.zone))
        return local.replace(tzinfo=None)

    def partner(self, row: Row, dataset: Dataset, link: Link) -> Row | None:
        """Return the row that a relationship leads to; null leads nowhere."""
        target = self.project.datasets[link.to]
        keys = [(self.field(row, dataset, (here,)), there) for here, there in link.keys]
        same = [
            partner
            for partner in target.rows
            if all(mine is not None and partner[there] == mine for mine, there in keys)
        ]
        if link.valid_from is None:
            return same[0] if same else None
        at = self.moment(row, dataset, link.at)
        if at is None:
            return None
        begun = []
        for partner in same:
            since = self.moment(partner, target, (link.valid_from,))
            until = None if link.valid_to is None else self.moment(partner, target, (link.valid_to,))
            if since is not None and since <= at and (until is None or at < until):
                begun.append((since, partner))
        return max(begun, key=lambda one: one[0])[1] if begun else None

    def wall(self, row: Row, dataset: Dataset, path: tuple[str, ...]) -> datetime | None:
        """Return the local time at a path; a date is its midnight."""
        found = self.field(row, dataset, path)
        return found if found is None or isinstance(found, datetime) else midnight(found)

    def moment(self, row: Row, dataset: Dataset, path: tuple[str, ...]) -> datetime | None:
        found = self.wall(row, dataset, path)
        return None if found is None else self.instant(found)

    def instant(self, wall: datetime) -> datetime:
        """Return the moment at which the local clock shows this, so that repeated hours keep their order."""
        return wall.replace(tzinfo=ZoneInfo(self.project.calendar.zone)).astimezone(UTC)

    def of_row(self, node: Said, row: Row, dataset: Dataset) -> Any:
        def look(leaf: Said) -> Any:
            match leaf:
                case Field(path):
                    return self.field(row, dataset, path)
                case DayOf(operand):
                    moment = self.of_row(operand, row, dataset)
                    return moment.date() if isinstance(moment, datetime) else moment
            raise AssertionError(leaf)

        return value(node, look)

    def holds(self, condition: Said | None, row: Row, dataset: Dataset) -> bool:
        return condition is None or self.of_row(condition, row, dataset) is True

    # --- which rows count

    def rows(self, kpi: Kpi, sight: Sight) -> list[Row]:
        """Return the rows that count: of one slice, or of all where the key is None."""
        return [row for row, key in self.keyed_rows(kpi, sight) if same_slice(key, sight, self.question.by)]

    def keyed_rows(self, kpi: Kpi, sight: Sight) -> list[tuple[Row, Slice]]:
        known = (id(kpi), replace(sight, key=None))
        if known not in self._kept:
            dataset = self.dataset(kpi)
            chosen = self.filter(kpi.dimensions, sight)
            self._kept[known] = [
                (row, self.key(row, dataset, kpi.dimensions))
                for row in self.picked(kpi, sight)
                if self.holds(kpi.where, row, dataset) and self.holds(chosen, row, dataset)
            ]
        return self._kept[known]

    def dataset(self, kpi: Kpi) -> Dataset:
        return self.project.datasets[kpi.dataset or ""]

    def picked(self, kpi: Kpi, sight: Sight) -> list[Row]:
        """Return the rows that time picks, before any condition and slice."""
        dataset = self.dataset(kpi)
        window = self.window(kpi, sight)
        if window is None:
            return []
        if kpi.cohort is not None:
            return [row for row in dataset.rows if self.is_of_cohort(row, kpi, kpi.cohort, window)]
        if is_standing(dataset, sight):
            return [row for row in dataset.rows if self.stands(row, dataset, window.cut)]
        if isinstance(sight.last, Field):
            return [row for rows in self.last_rows(kpi, sight.last, window).values() for row in rows]
        found = [
            (at, row)
            for row in dataset.rows
            if (at := self.moment(row, dataset, kpi.time)) is not None and self.lies_in(at, window)
        ]
        last = max((at for at, _ in found), default=None)
        return [row for at, row in found if sight.last is None or at == last]

    def lies_in(self, at: datetime, window: Window) -> bool:
        begun = window.start is None or at >= self.instant(window.start)
        return begun and at < self.instant(window.cut)

    def stands(self, row: Row, dataset: Dataset, end: datetime) -> bool:
        """Say whether a row holds at the last instant before an end."""
        assert dataset.valid is not None
        since, until = (self.moment(row, dataset, (name,)) for name in dataset.valid)
        return (
            since is not None and since < self.instant(end) and (until is None or until >= self.instant(end))
        )

    def last_rows(self, kpi: Kpi, entity: Field, window: Window) -> dict[Any, list[Row]]:
        """Return the last row of each entity before the end, however old; more than one is broken data."""
        dataset = self.dataset(kpi)
        dated: dict[Any, list[tuple[datetime, Row]]] = {}
        for row in dataset.rows:
            at, own = self.moment(row, dataset, kpi.time), self.of_row(entity, row, dataset)
            if at is not None and own is not None and at < self.instant(window.cut):
                dated.setdefault(own, []).append((at, row))
        last = {own: max(at for at, _ in found) for own, found in dated.items()}
        return {own: [row for at, row in found if at == last[own]] for own, found in dated.items()}

    def is_of_cohort(self, row: Row, kpi: Kpi, cohort: Cohort, window: Window) -> bool:
        dataset = self.dataset(kpi)
        at, starts = self.wall(row, dataset, kpi.time), self.wall(row, dataset, cohort.starts)
        if at is None or starts is None or self.field(row, dataset, (cohort.entity,)) is None:
            return False
        of_age = later(starts, cohort.age_from) <= at < later(starts, cohort.age_to)
        seen = self.instant(at) < self.instant(self.question.as_of)
        in_window = self.lies_in(self.instant(starts), window)
        return of_age and seen and in_window and self.holds(cohort.where, row, dataset)

    def window(self, kpi: Kpi, sight: Sight) -> Window | None:
        """Return the window in which a KPI's own rows lie; None: in none, or it is too early to tell."""
        window = sight.window
        if window is None:
            return None
        if kpi.cohort is not None:
            return window if later(window.end, kpi.cohort.age_to) <= self.question.as_of else None
        if kpi.funnel is not None:
            return window if later(window.end, kpi.funnel.within) <= self.question.as_of else None
        grain = self.dataset(kpi).time_grain if kpi.dataset else None
        return window if grain is None else self.whole_window(sight, grain)

    def whole_window(self, sight: Sight, grain: str) -> Window | None:
        """Return the window as if all were over, for rows that stand for a whole period."""
        window: Window | None = replace(sight.base, cut=sight.base.end)
        for form in sight.forms:
            if window is not None:
                window = self.mapped(form, window, sight.grain, datetime.max)
        if window is not None:
            for bound in (window.start, window.end):
                if (
                    bound is not None
                    and midnight(start_of(grain, bound.date(), self.project.calendar)) != bound
                ):
                    raise Meaningless
        return window

    # --- slices and filters

    def filter(self, ways: Mapping[str, tuple[str, ...]], sight: Sight) -> Said | None:
        """Return the filter of the question over fields, without the parts on dimensions that are free."""
        whole: Said | None = None
        for part in conjuncts(self.question.where):
            names = {name for (name,) in paths_in(part)}
            if names & sight.free:
                if not names <= sight.free:
                    raise Meaningless
                continue
            part = with_fields(part, lambda path: ways[path[0]])
            whole = part if whole is None else Both(whole, part)
        return whole

    def key(self, row: Row, dataset: Dataset, ways: Mapping[str, tuple[str, ...]]) -> Slice:
        return tuple(text(self.field(row, dataset, ways[name])) for name in self.question.by)

    # --- values

    def kpi(self, name: str, sight: Sight) -> Any:
        kpi = self.rule(name, sight)
        return None if self.is_too_early(kpi, sight) else self.value(kpi.expression, kpi, sight)

    def is_too_early(self, kpi: Kpi, sight: Sight) -> bool:
        """Say whether a cohort or a funnel has not had its time yet."""
        return (kpi.cohort is not None or kpi.funnel is not None) and self.window(kpi, sight) is None

    def rule(self, name: str, sight: Sight) -> Kpi:
        """Return the KPI as it was defined at the end of the interval."""
        kpi = self.project.kpis[name]
        inforce = [
            rule
            for rule in kpi.revisions
            if sight.window is not None and midnight(rule.until) >= sight.window.end
        ]
        if not inforce:
            return kpi
        rule = min(inforce, key=lambda rule: rule.until)
        if (name, rule.until) not in self._rules:
            told = {part.name: getattr(rule, part.name) for part in fields(rule) if part.name != "until"}
            self._rules[name, rule.until] = replace(
                kpi, **{part: given for part, given in told.items() if given is not None}
            )
        return self._rules[name, rule.until]

    def value(self, node: Said, kpi: Kpi, sight: Sight) -> Any:
        """Return what a node is; without window: over a period that does not exist."""

        def look(leaf: Said) -> Any:
            window = sight.window
            match leaf:
                case Referred(other):
                    return self.kpi(other, sight)
                case DayCount():
                    if window is None or window.start is None:
                        return None
                    return max((window.cut - window.start).days, 0)
                case Aggregated():
                    return None if self.window(kpi, sight) is None else self.aggregated(leaf, kpi, sight)
                case CohortSize():
                    if self.window(kpi, sight) is None:
                        return None
                    return len(
                        {
                            entity
                            for entity, key in self.entities(kpi, sight)
                            if same_slice(key, sight, self.question.by)
                        }
                    )
                case Step(number):
                    if self.window(kpi, sight) is None:
                        return None
                    return sum(
                        reached >= number
                        for key, reached in self.journeys(kpi, sight)
                        if same_slice(key, sight, self.question.by)
                    )
                case AverageOver(operand):
                    values = [self.value(operand, kpi, unit) for unit in self.inside(leaf, sight)]
                    known = [float(found) for found in values if found is not None]
                    return sum(known) / len(known) if known else None
                case Share(operand, dimension):
                    whole = replace(sight, free=sight.free | {dimension})
                    return _calculated("/", self.value(operand, kpi, sight), self.value(operand, kpi, whole))
                case _:
                    (inner,) = self.inside(leaf, sight)
                    return None if inner.window is None else self.value(leaf.operand, kpi, inner)

        return value(node, look)

    def inside(self, form: Said, sight: Sight) -> list[Sight]:
        """Return what is looked at inside a time form: once, or for each unit."""
        window = sight.window
        match form:
            case Closing(_, entity):
                return [replace(sight, last=entity or WHOLE)]
            case AverageOver(_, unit):
                units = (
                    [] if window is None else units_within(window, unit, sight.grain, self.project.calendar)
                )
                inner = replace(sight, grain=unit, forms=(), standing=True)
                return [replace(inner, window=one, base=replace(one, cut=one.end)) for one in units]
            case _:
                made = None
                if window is not None:
                    made = self.mapped(form, window, sight.grain, self.question.as_of)
                last = (form.entity or WHOLE) if isinstance(form, Opening) else sight.last
                return [replace(sight, window=made, forms=(*sight.forms, form), last=last)]

    def mapped(self, form: Said, window: Window, grain: str, as_of: datetime) -> Window | None:
        calendar = self.project.calendar
        match form:
            case Previous(_, amount, unit):
                return previous_window(window, amount, unit.removesuffix("s"), grain, calendar)
            case Rolling(_, amount, unit):
                return rolling_window(window, amount, unit.removesuffix("s"))
            case ToDate(_, unit):
                return window_to_date(window, unit, grain, calendar)
            case Cumulative():
                return replace(window, start=None, period=False)
            case Opening():
                return window_before(window, grain, as_of, calendar)
        raise AssertionError(form)

    def aggregated(self, node: Aggregated, kpi: Kpi, sight: Sight) -> Any:
        dataset = self.dataset(kpi)
        rows = self.kept(node, self.rows(kpi, sight), dataset)
        if node.entity is None:
            return self.over(node, rows, dataset)
        entities: dict[Any, list[Row]] = {}
        for row in rows:
            entities.setdefault(self.of_row(node.entity, row, dataset), []).append(row)
        entities.pop(None, None)
        inner = [self.of_entity(node.argument, own, dataset) for own in entities.values()]
        return _aggregate(node, [found for found in inner if found is not None])

    def of_entity(self, node: Said, rows: list[Row], dataset: Dataset) -> Any:
        return value(node, lambda leaf: self.over(leaf, self.kept(leaf, rows, dataset), dataset))

    def kept(self, node: Aggregated, rows: list[Row], dataset: Dataset) -> list[Row]:
        return [row for row in rows if self.holds(node.condition, row, dataset)]

    def over(self, node: Aggregated, rows: list[Row], dataset: Dataset) -> Any:
        if node.argument is None:
            return len(rows)
        values = (self.of_row(node.argument, row, dataset) for row in rows)
        return _aggregate(node, [found for found in values if found is not None])

    # --- cohorts

    def entities(self, kpi: Kpi, sight: Sight) -> list[tuple[Any, Slice]]:
        """Return the entities that start in the window, each with its slice, with or without rows."""
        home = self.home(kpi)
        dataset = self.dataset(home)
        window = self.window(kpi, sight)
        assert home.cohort is not None
        if window is None:
            return []
        found = []
        for row in dataset.rows:
            entity = self.field(row, dataset, (home.cohort.entity,))
            at = self.moment(row, dataset, home.cohort.starts)
            if entity is None or at is None or not self.lies_in(at, window):
                continue
            chosen = self.filter(home.dimensions, sight)
            if self.holds(home.cohort.where, row, dataset) and self.holds(chosen, row, dataset):
                found.append((entity, self.key(row, dataset, home.dimensions)))
        return found

    def home(self, kpi: Kpi) -> Kpi:
        """Return a cohort's KPI as seen from the dataset that holds `starts`."""
        assert kpi.cohort is not None
        *way, name = kpi.cohort.starts
        if not way:
            return replace(kpi, where=None, time=kpi.cohort.starts)
        (step,) = way
        link = self.dataset(kpi).links[step]

        def shorter(path: tuple[str, ...]) -> tuple[str, ...]:
            assert path[0] == step
            return path[1:]

        where = None if kpi.cohort.where is None else with_fields(kpi.cohort.where, shorter)
        cohort = replace(kpi.cohort, entity=dict(link.keys)[kpi.cohort.entity], starts=(name,), where=where)
        dimensions = {dimension: shorter(path) for dimension, path in kpi.dimensions.items()}
        return replace(kpi, dataset=link.to, time=(name,), where=None, dimensions=dimensions, cohort=cohort)

    # --- funnels

    def journeys(self, kpi: Kpi, sight: Sight) -> list[tuple[Slice, int]]:
        """Return how many steps each entity reached, with the slice of its first row."""
        window = self.window(kpi, sight)
        if window is None:
            return []
        assert kpi.funnel is not None
        first, *others = kpi.funnel.steps
        begun: dict[Any, list[tuple[datetime, Row]]] = {}
        for entity, at, row in self.steps(kpi, first):
            if self.lies_in(self.instant(at), window):
                begun.setdefault(entity, []).append((at, row))
        dataset = self.dataset(kpi)
        chosen = self.filter(kpi.dimensions, sight)
        found = []
        for entity, rows in begun.items():
            at, row = min(rows, key=lambda one: (self.instant(one[0]), self.by_dimensions(one[1], kpi)))
            if not self.holds(chosen, row, dataset):
                continue
            end = self.instant(later(at, kpi.funnel.within))
            reached, now = 1, self.instant(at)
            for step in others:
                hits = [self.instant(at) for other, at, _ in self.steps(kpi, step) if other == entity]
                hits = [hit for hit in hits if now <= hit < end]
                if not hits:
                    break
                reached, now = reached + 1, min(hits)
            found.append((self.key(row, dataset, kpi.dimensions), reached))
        return found

    def by_dimensions(self, row: Row, kpi: Kpi) -> tuple[tuple[bool, Any], ...]:
        """Return what decides between rows of the same time: the KPI's dimensions, nulls last."""
        values = [self.field(row, self.dataset(kpi), way) for way in kpi.dimensions.values()]
        return tuple((found is None, found) for found in values)

    def steps(self, kpi: Kpi, step: Stage) -> Iterator[tuple[Any, datetime, Row]]:
        """Yield the rows that make a step, with their entity and time."""
        assert kpi.funnel is not None
        dataset = self.project.datasets[step.dataset or kpi.dataset or ""]
        for row in dataset.rows:
            entity = self.field(row, dataset, step.entity or kpi.funnel.entity)
            at = self.wall(row, dataset, step.time or kpi.time)
            own = dataset.name != kpi.dataset or self.holds(kpi.where, row, dataset)
            if entity is not None and at is not None and own and self.holds(step.where, row, dataset):
                yield entity, at, row

    # --- what is looked at, over all

    def too_fine(self, name: str) -> bool:
        grain, own = self.question.grain, self.project.kpis[name].grain
        return grain != "all" and length_of(grain) < length_of(own)

    def kpi_leaves(self, name: str, sight: Sight) -> Iterator[tuple[Said, Kpi, Sight]]:
        kpi = self.rule(name, sight)
        if self.is_too_early(kpi, sight):
            sight = replace(sight, window=None)
        yield from self.leaves(kpi.expression, kpi, sight)

    def leaves(self, node: Said, kpi: Kpi, sight: Sight) -> Iterator[tuple[Said, Kpi, Sight]]:
        """Yield everything that is counted, whatever the values: with its KPI, and what it looks at."""
        match node:
            case Referred(other):
                yield from self.kpi_leaves(other, sight)
            case Aggregated() | CohortSize() | Step():
                self.window(kpi, sight)
                self.filter(kpi.dimensions, sight)
                yield node, kpi, sight
            case Share(operand, dimension):
                yield from self.leaves(operand, kpi, sight)
                yield from self.leaves(operand, kpi, replace(sight, free=sight.free | {dimension}))
            case AverageOver(operand):
                units = self.inside(node, sight)
                for unit in units or [replace(sight, window=None, grain=node.unit, standing=True)]:
                    yield from self.leaves(operand, kpi, unit)
            case Previous() | Rolling() | ToDate() | Cumulative() | Closing() | Opening():
                (inner,) = self.inside(node, sight)
                yield from self.leaves(node.operand, kpi, inner)
            case _:
                for part in parts_of(node):
                    yield from self.leaves(part, kpi, sight)

    def seen(self, node: Said, kpi: Kpi, sight: Sight) -> set[Slice]:
        """Return the slices of all rows that are looked at, filters aside; those of a share in front only."""
        if sight.free:
            return set()
        match node:
            case CohortSize():
                return {key for _, key in self.entities(kpi, sight)}
            case Step():
                return {key for key, _ in self.journeys(kpi, sight)}
            case _:
                if sight.last == WHOLE and self.dataset(kpi).valid is None:
                    sight = replace(sight, last=None)  # what was emptied before the last time was there
                return {key for _, key in self.keyed_rows(kpi, sight)}

    # --- broken data

    def broken(self, node: Said, kpi: Kpi, sight: Sight) -> Iterator[str]:
        """Yield what makes a number impossible: keys that stand twice, partners missing, two last rows."""
        for dataset, link in self.walked(node, kpi, sight):
            if self.is_ambiguous(link):
                yield "key-not-unique" if link.valid_from is None else "validity-overlaps"
            if link.required and any(self.partner(row, dataset, link) is None for row in dataset.rows):
                yield "required-partner-missing"
        window = self.window(kpi, sight)
        if isinstance(sight.last, Field) and window is not None:
            last = self.last_rows(kpi, sight.last, window)
            if any(len(rows) > 1 for rows in last.values()):
                yield "last-row-not-unique"

    def is_ambiguous(self, link: Link) -> bool:
        """Say whether one key (at one time) leads to two rows."""
        target = self.project.datasets[link.to]
        rows = [row for row in target.rows if all(row[there] is not None for _, there in link.keys)]
        pairs = [
            (one, other)
            for position, one in enumerate(rows)
            for other in rows[position + 1 :]
            if all(one[there] == other[there] for _, there in link.keys)
        ]
        return any(link.valid_from is None or self.overlap(one, other, target, link) for one, other in pairs)

    def overlap(self, one: Row, other: Row, target: Dataset, link: Link) -> bool:
        assert link.valid_from is not None
        mine, theirs = (self.moment(row, target, (link.valid_from,)) for row in (one, other))
        if mine is None or theirs is None:
            return False
        if link.valid_to is None:
            return bool(mine == theirs)
        latest = max(mine, theirs)
        ends = (self.moment(row, target, (link.valid_to,)) for row in (one, other))
        return all(end is None or latest < end for end in ends)

    def walked(self, node: Said, kpi: Kpi, sight: Sight) -> Iterator[tuple[Dataset, Link]]:
        """Yield the relationships over which something is reached, whether or not there are rows."""
        own = kpi
        asked = [name for name in self.question.by if name not in sight.free]
        filtered = [name for (name,) in paths_in(self.filter({n: (n,) for n in kpi.dimensions}, sight))]
        if isinstance(node, CohortSize):
            own = self.home(kpi)
        dataset = self.dataset(own)
        paths = [own.dimensions[name] for name in (*asked, *filtered)]
        if own.cohort is not None:
            paths += [own.cohort.starts, (own.cohort.entity,), *paths_in(own.cohort.where)]
        if isinstance(node, Step):
            assert own.funnel is not None
            paths += own.dimensions.values()
            for step in own.funnel.steps:
                at = self.project.datasets[step.dataset or own.dataset or ""]
                used = [step.time or own.time, step.entity or own.funnel.entity, *paths_in(step.where)]
                used += paths_in(own.where) if at.name == own.dataset else []
                yield from self.walked_by(used, at)
        else:
            paths += [*paths_in(node), *paths_in(own.where), *paths_in(sight.last)]
            if not is_standing(dataset, sight):
                paths.append(own.time)
        yield from self.walked_by(paths, dataset)

    def walked_by(self, paths: Iterable[tuple[str, ...]], dataset: Dataset) -> Iterator[tuple[Dataset, Link]]:
        for step, *rest in paths:
            if step in dataset.fields:
                yield from self.walked_by(paths_in(dataset.fields[step]), dataset)
            elif rest:
                link = dataset.links[step]
                yield dataset, link
                if link.at:
                    yield from self.walked_by([link.at], dataset)
                yield from self.walked_by([tuple(rest)], self.project.datasets[link.to])


def is_standing(dataset: Dataset, sight: Sight) -> bool:
    """Say whether rows are read as they stand at the end of the window."""
    return dataset.valid is not None and (sight.last is not None or sight.standing)


def same_slice(key: Slice, sight: Sight, by: tuple[str, ...]) -> bool:
    """Say whether a row of this slice counts; dimensions that are free do not matter."""
    if sight.key is None:
        return True
    return all(
        mine == asked for name, mine, asked in zip(by, key, sight.key, strict=True) if name not in sight.free
    )


# --- the parts of what was said


def parts_of(node: Said) -> tuple[Said, ...]:
    """Return what a node is made of, one level down."""
    if isinstance(node, tuple):
        return node
    if not is_dataclass(node) or isinstance(node, Fixed | Field):
        return ()
    return tuple(getattr(node, part.name) for part in fields(node))


def paths_in(node: Said) -> list[tuple[str, ...]]:
    """Return every field that is named anywhere within."""
    if isinstance(node, Field):
        return [node.path]
    return [path for part in parts_of(node) for path in paths_in(part)]


def with_fields(node: Said, change: Callable[[tuple[str, ...]], tuple[str, ...]]) -> Said:
    """Return the same with every field named otherwise: of dimensions fields, or of fields from elsewhere."""
    if isinstance(node, Field):
        return Field(change(node.path))
    if isinstance(node, tuple):
        return tuple(with_fields(part, change) for part in node)
    if not is_dataclass(node) or isinstance(node, Fixed | type):
        return node
    parts = {part.name: getattr(node, part.name) for part in fields(node)}
    return replace(node, **{name: with_fields(part, change) for name, part in parts.items()})


def conjuncts(node: Said | None) -> list[Said]:
    """Return the and-ed parts."""
    match node:
        case None:
            return []
        case Both(left, right):
            return conjuncts(left) + conjuncts(right)
        case _:
            return [node]


def text(found: Any) -> str | None:
    """Return the value of a slice as text."""
    match found:
        case None:
            return None
        case bool():
            return str(found).lower()
        case datetime():
            return found.isoformat(sep=" ")
        case date():
            return found.isoformat()
        case _:
            return str(found)
