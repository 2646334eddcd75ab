"""A slow, obvious oracle: what KPIs are, from rows, in plain Python. It knows the language, not the product.

Every value is computed by itself: its window is found, all rows are looked at, and those that count are put
together. Nothing is shared between values, and nothing with the product's planner, compiler or calendar.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
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
    raise AssertionError(node)


def _written_aggregate(node: Aggregated) -> str:
    inside = "*" if node.argument is None else written(node.argument)
    inside = f"distinct {inside}" if node.distinct else inside
    per = "" if node.entity is None else f" per {written(node.entity)}"
    fraction = "" if node.fraction is None else f", {node.fraction}"
    kept = "" if node.condition is None else f" filter (where {written(node.condition)})"
    return f"{node.function}({inside}{per}{fraction}){kept}"


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
class Dataset:
    """`links`: by relationship the dataset that it leads to, the column here and the one there."""

    name: str
    columns: Mapping[str, str]
    rows: Sequence[Row]
    links: Mapping[str, tuple[str, str, str]] = field(default_factory=dict)
    fields: Mapping[str, Said] = field(default_factory=dict)


@dataclass(frozen=True)
class Kpi:
    """`dimensions`: the names by which it can be sliced, and the way to each; empty ways without dataset."""

    name: str
    expression: Said
    dimensions: Mapping[str, tuple[str, ...]]
    dataset: str | None = None
    time: tuple[str, ...] = ()
    where: Said | None = None


@dataclass(frozen=True)
class Project:
    datasets: Mapping[str, Dataset]
    kpis: Mapping[str, Kpi]
    zone: str = "UTC"


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
    """A time form that has no meaning at the grain asked."""


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
    answers = {"=": same, "<>": not same, "<": less, ">=": not less}
    return {**answers, "<=": less or same, ">": not (less or same)}[sign]


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


# --- periods and windows


@dataclass(frozen=True)
class Window:
    """Wall-clock time in the calendar's zone. `start` None: from the beginning. `period`: is it one?"""

    start: datetime | None
    end: datetime
    cut: datetime
    period: bool


UNITS = ("day", "week", "month", "quarter", "year")
IN_DAYS = {"day": 1, "week": 7}
IN_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def start_of(unit: str, day: date) -> date:
    match unit:
        case "day":
            return day
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
        case "year":
            return date(day.year, 1, 1)
    raise AssertionError(unit)


def next_start(unit: str, start: date) -> date:
    return start_of(
        unit, start + timedelta(days={"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}[unit])
    )


def name_of(grain: str, start: date) -> str:
    match grain:
        case "day":
            return start.isoformat()
        case "week":
            year, week, _ = start.isocalendar()
            return f"{year}-W{week:02}"
        case "month":
            return f"{start:%Y-%m}"
        case "quarter":
            return f"{start.year}-Q{start.month // 3 + 1}"
        case "year":
            return str(start.year)
    raise AssertionError(grain)


def periods(question: Question) -> Iterator[tuple[str, date, date]]:
    """Yield the periods asked: their name, first day and the day after the last."""
    if question.grain == "all":
        yield "all", question.first, question.end
        return
    start = start_of(question.grain, question.first)
    while start < question.end:
        after = next_start(question.grain, start)
        yield name_of(question.grain, start), start, after
        start = after


def midnight(day: date) -> datetime:
    return datetime.combine(day, time())


def back(moment: datetime, amount: int, unit: str) -> datetime:
    """Return the moment so much earlier; months stop at the last day of the month."""
    if unit in IN_DAYS:
        return moment - timedelta(days=amount * IN_DAYS[unit])
    months = moment.year * 12 + moment.month - 1 - amount * IN_MONTHS[unit]
    first = moment.replace(year=months // 12, month=months % 12 + 1, day=1)
    for day in (moment.day, 30, 29, 28):
        try:
            return first.replace(day=min(day, moment.day))
        except ValueError:
            continue
    raise AssertionError(moment)


def previous_window(window: Window, amount: int, unit: str, grain: str) -> Window | None:
    """Return the window of `previous`; None: there is no such period."""
    if not window.period or grain == "all":
        return _moved_back(window, amount, unit)
    assert window.start is not None
    start: date | None = _previous_start(window.start.date(), amount, unit, grain)
    if start is None:
        return None
    first, end = midnight(start), midnight(next_start(grain, start))
    return Window(first, end, _same_part(window, first, end), True)


def _previous_start(start: date, amount: int, unit: str, grain: str) -> date | None:
    if unit == "period":
        unit = grain
    days = amount * IN_DAYS.get(unit, 0)
    months = amount * IN_MONTHS.get(unit, 0)
    lands = {
        "day": True,
        "week": days % 7 == 0 and months % 12 == 0,
        "month": unit in IN_MONTHS,
        "quarter": unit in IN_MONTHS and months % 3 == 0,
        "year": unit in IN_MONTHS and months % 12 == 0,
    }
    if not lands[grain]:
        raise Meaningless
    if grain == "week" and months:
        year, week, _ = start.isocalendar()
        wanted = (year - months // 12, week)
        near = start - timedelta(days=round(365.25 * months / 12))
        around = [start_of("week", near) + timedelta(weeks=n) for n in range(-2, 3)]
        return next((monday for monday in around if monday.isocalendar()[:2] == wanted), None)
    return back(midnight(start), amount, unit).date()


def _moved_back(window: Window, amount: int, unit: str) -> Window:
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
    return end if window.cut >= window.end else min(end, start + (window.cut - window.start))


def rolling_window(window: Window, amount: int, unit: str) -> Window:
    if unit == "period":
        raise Meaningless
    return Window(back(window.cut, amount, unit), window.cut, window.cut, False)


def window_to_date(window: Window, unit: str, grain: str) -> Window:
    last = window.cut - timedelta(microseconds=1)
    if window.start is not None and last < window.start:
        last = window.start
    start = midnight(start_of(unit, last.date()))
    if grain == "all":
        too_fine = window.start is not None and start > window.start
    else:
        too_fine = window.period and UNITS.index(unit) < UNITS.index(grain)
    if too_fine:
        raise Meaningless
    return Window(start, window.end, window.cut, False)


# --- answers


def answers(project: Project, question: Question) -> dict[tuple[str, str, Slice], Any]:
    """Return the value of every KPI asked, in every period and slice that it has."""
    found: dict[tuple[str, str, Slice], Any] = {}
    for name in question.kpis:
        oracle = _Oracle(project, question)
        windows = {
            period: Window(midnight(start), midnight(end), min(midnight(end), question.as_of), True)
            for period, start, end in periods(question)
        }
        slices = {key for window in windows.values() for key in oracle.seen(name, window)}
        for period, window in windows.items():
            for key in slices if question.by else {()}:
                found[name, period, key] = oracle.kpi(name, window, key)
    return found


class _Oracle:
    def __init__(self, project: Project, question: Question) -> None:
        self.project = project
        self.question = question

    # --- rows

    def field(self, row: Row, dataset: Dataset, path: tuple[str, ...]) -> Any:
        """Return the value at a path, null where a partner is missing; clocks are local."""
        step, *rest = path
        if step in dataset.fields:
            return self.of_row(dataset.fields[step], row, dataset)
        if not rest:
            found = row[step]
            if dataset.columns[step].startswith("TIMESTAMP") and found is not None:
                local = found.replace(tzinfo=UTC).astimezone(ZoneInfo(self.project.zone))
                return local.replace(tzinfo=None)
            return found
        to, here, there = dataset.links[step]
        target = self.project.datasets[to]
        for partner in target.rows:
            if row[here] is not None and partner[there] == row[here]:
                return self.field(partner, target, tuple(rest))
        return None

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

    def rows(self, kpi: Kpi, window: Window, key: Slice | None) -> Iterator[Row]:
        """Yield the rows that count in a window: of one slice, or of all where `key` is None."""
        assert kpi.dataset is not None
        dataset = self.project.datasets[kpi.dataset]
        for row in dataset.rows:
            at = self.field(row, dataset, kpi.time)
            if at is None:
                continue
            at = at if isinstance(at, datetime) else midnight(at)
            if at >= min(window.cut, self.question.as_of) or (window.start is not None and at < window.start):
                continue
            if kpi.where is not None and self.of_row(kpi.where, row, dataset) is not True:
                continue
            if self.question.where is not None:
                chosen = renamed(self.question.where, kpi.dimensions)
                if self.of_row(chosen, row, dataset) is not True:
                    continue
            if key is None or self.key(kpi, row) == key:
                yield row

    def key(self, kpi: Kpi, row: Row) -> Slice:
        dataset = self.project.datasets[kpi.dataset or ""]
        return tuple(text(self.field(row, dataset, kpi.dimensions[name])) for name in self.question.by)

    # --- values

    def kpi(self, name: str, window: Window | None, key: Slice) -> Any:
        kpi = self.project.kpis[name]
        return self.value(kpi.expression, kpi, window, key)

    def value(self, node: Said, kpi: Kpi, window: Window | None, key: Slice) -> Any:
        """Return what a node is over a window; None as window: over a period that does not exist."""

        def look(leaf: Said) -> Any:
            match leaf:
                case Referred(other):
                    return self.kpi(other, window, key)
                case DayCount():
                    if window is None or window.start is None:
                        return None
                    return max((window.cut - window.start).days, 0)
                case Aggregated():
                    return None if window is None else self.aggregated(leaf, kpi, window, key)
                case _:
                    made = None if window is None else self.mapped(leaf, window)
                    return self.value(leaf.operand, kpi, made, key)

        return value(node, look)

    def mapped(self, form: Said, window: Window) -> Window | None:
        match form:
            case Previous(_, amount, unit):
                return previous_window(window, amount, unit.removesuffix("s"), self.question.grain)
            case Rolling(_, amount, unit):
                return rolling_window(window, amount, unit.removesuffix("s"))
            case ToDate(_, unit):
                return window_to_date(window, unit, self.question.grain)
            case Cumulative():
                return replace(window, start=None, period=False)
        raise AssertionError(form)

    def aggregated(self, node: Aggregated, kpi: Kpi, window: Window, key: Slice) -> Any:
        dataset = self.project.datasets[kpi.dataset or ""]
        rows = [
            row
            for row in self.rows(kpi, window, key)
            if node.condition is None or self.of_row(node.condition, row, dataset) is True
        ]
        if node.entity is None:
            return self.over(node, rows, dataset)
        entities: dict[Any, list[Row]] = {}
        for row in rows:
            entities.setdefault(self.of_row(node.entity, row, dataset), []).append(row)
        entities.pop(None, None)
        inner = [
            value(
                node.argument, lambda leaf, own=own: self.over(leaf, self.kept(leaf, own, dataset), dataset)
            )  # type: ignore[misc]
            for own in entities.values()
        ]
        return _aggregate(node, [found for found in inner if found is not None])

    def kept(self, node: Aggregated, rows: list[Row], dataset: Dataset) -> list[Row]:
        return [
            row for row in rows if node.condition is None or self.of_row(node.condition, row, dataset) is True
        ]

    def over(self, node: Aggregated, rows: list[Row], dataset: Dataset) -> Any:
        if node.argument is None:
            return len(rows)
        values = (self.of_row(node.argument, row, dataset) for row in rows)
        return _aggregate(node, [found for found in values if found is not None])

    # --- slices

    def seen(self, name: str, window: Window | None) -> Iterable[Slice]:
        """Yield the slices of all rows that the KPI looks at, filters of its aggregates aside."""
        kpi = self.project.kpis[name]
        yield from self.seen_by(kpi.expression, kpi, window)

    def seen_by(self, node: Said, kpi: Kpi, window: Window | None) -> Iterator[Slice]:
        match node:
            case Referred(other):
                yield from self.seen(other, window)
            case Aggregated():
                if window is not None:
                    yield from (self.key(kpi, row) for row in self.rows(kpi, window, None))
            case Previous() | Rolling() | ToDate() | Cumulative():
                made = None if window is None else self.mapped(node, window)
                yield from self.seen_by(node.operand, kpi, made)
            case _:
                for part in parts_of(node):
                    yield from self.seen_by(part, kpi, window)


def parts_of(node: Said) -> tuple[Said, ...]:
    match node:
        case Calculated(_, left, right) | Compared(_, left, right) | Both(left, right) | Either(left, right):
            return (left, right)
        case Unless(operand) | Missing(operand) | Among(operand):
            return (operand,)
        case Chosen(condition, then, otherwise):
            return (condition, then, otherwise)
        case FirstOf(parts) | Extreme(_, parts):
            return parts
        case _:
            return ()


def renamed(node: Said, dimensions: Mapping[str, tuple[str, ...]]) -> Said:
    """Return a filter over dimensions as a condition over fields."""
    match node:
        case Field((name,)):
            return Field(dimensions[name])
        case Compared(sign, left, right):
            return Compared(sign, renamed(left, dimensions), renamed(right, dimensions))
        case Both(left, right):
            return Both(renamed(left, dimensions), renamed(right, dimensions))
        case Either(left, right):
            return Either(renamed(left, dimensions), renamed(right, dimensions))
        case Unless(operand):
            return Unless(renamed(operand, dimensions))
        case Missing(operand):
            return Missing(renamed(operand, dimensions))
        case Among(operand, options):
            return Among(renamed(operand, dimensions), options)
        case _:
            return node


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
