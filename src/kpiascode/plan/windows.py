"""Which interval a time form gives to a period. All of it is our own calendar's work, none an engine's."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, TypeAlias

from kpiascode.model.calendar import Calendar, Duration, Grain, Period, Unit, is_finer
from kpiascode.model.expression import Cumulative, Opening, Previous, Rolling, ToDate

Form: TypeAlias = Previous | Rolling | ToDate | Cumulative | Opening

MAX_UNITS: Final = 100_000
"""Of the intervals that one average is taken over: 270 years of days. Each is a row of the query."""

LONG_UNITS: Final = (Unit.DAY, Unit.WEEK, Unit.MONTH, Unit.QUARTER, Unit.YEAR)


class MisplacedForm(Exception):
    """A time form that has no meaning at the grain asked: a code, a sentence and the next step."""

    def __init__(self, code: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.code = code
        self.hint = hint


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """An interval of wall-clock time in the calendar's zone.

    Args:
        start: None means from the beginning.
        end: Where it ends when it is over.
        cut: Where it ends for now: `end`, or `as_of` where that is earlier, even before the start.
        period: The period that it is, when it is one.
    """

    start: datetime | None
    end: datetime
    cut: datetime
    period: Period | None

    @property
    def days(self) -> int | None:
        """Return the whole days that have passed in it; None when it has no beginning."""
        return None if self.start is None else max((self.cut - self.start).days, 0)


Frame: TypeAlias = tuple[tuple[str, Window], ...]
"""Windows by period name, in order. A period that is missing has no counterpart, and its value is null."""


def midnight(day: date) -> datetime:
    """Return the first moment of a day."""
    return datetime.combine(day, time())


def first_frame(periods: tuple[Period, ...], as_of: datetime) -> Frame:
    """Return each period as its own window, cut at `as_of`."""
    return tuple((period.name, _window_of(period, as_of)) for period in periods)


def _window_of(period: Period, as_of: datetime) -> Window:
    start, end = midnight(period.start), midnight(period.end)
    return Window(start=start, end=end, cut=min(end, as_of), period=period)


def mapped(frame: Frame, form: Form, calendar: Calendar, grain: Grain) -> Frame:
    """Return the frame that a form makes of another.

    Raises:
        MisplacedForm: when the form has no meaning at this grain.
    """
    found = ((name, _mapped(window, form, calendar, grain)) for name, window in frame)
    return tuple((name, window) for name, window in found if window is not None)


def _mapped(window: Window, form: Form, calendar: Calendar, grain: Grain) -> Window | None:
    match form:
        case Previous(_, offset):
            return _previous(window, offset, calendar)
        case Rolling(_, length):
            return _rolling(window, length, calendar)
        case ToDate(_, unit):
            return _to_date(window, unit, calendar, grain)
        case Cumulative():
            return Window(start=None, end=window.end, cut=window.cut, period=None)
        case Opening():
            return _before(window, calendar)


def _previous(window: Window, offset: Duration, calendar: Calendar) -> Window | None:
    back = Duration(amount=-offset.amount, unit=offset.unit)
    if window.period is None:
        return _moved_back(window, back, calendar)
    try:
        earlier = calendar.shift(window.period, back)
    except ValueError as error:
        raise MisplacedForm(
            "offset-lands-nowhere", str(error), "Use an offset that is a whole number of periods."
        ) from None
    if earlier is None:
        return None
    start, end = midnight(earlier.start), midnight(earlier.end)
    return Window(start=start, end=end, cut=_same_part(window, start, end), period=earlier)


def _moved_back(window: Window, back: Duration, calendar: Calendar) -> Window:
    if back.unit not in LONG_UNITS:
        raise MisplacedForm(
            "offset-lands-nowhere",
            f"`previous` cannot go back by a {back.unit.value} from an interval that is no period.",
            "Use days, weeks, months, quarters or years.",
        )
    try:
        start = None if window.start is None else calendar.add(window.start, back)
        end = calendar.add(window.end, back)
        cut = calendar.add(window.cut, back) if start is None else _same_part(window, start, end)
    except ValueError as error:
        raise MisplacedForm("offset-lands-nowhere", str(error), "Use a shorter offset.") from None
    return Window(start=start, end=end, cut=cut, period=None)


def _same_part(window: Window, start: datetime, end: datetime) -> datetime:
    """Return where an earlier window is cut, so that as much of it has passed as of the later one.

    Of one that has not begun nothing has, and nothing at or after `as_of` is seen.
    """
    if window.start is None or window.cut >= window.end:
        return end
    if window.cut < window.start:
        return min(start, window.cut)
    return min(end, start + (window.cut - window.start))


def _before(window: Window, calendar: Calendar) -> Window | None:
    """Return the interval that ends where this one starts, whole: the period before, or one as long."""
    if window.start is None:
        return None
    try:
        start = window.start - (window.end - window.start)
        if window.period is not None:
            earlier = calendar.shift(window.period, Duration(amount=-1, unit=Unit.PERIOD))
            assert earlier is not None
            start = midnight(earlier.start)
    except (ValueError, OverflowError) as error:
        raise MisplacedForm("offset-lands-nowhere", str(error), "Ask for later periods.") from None
    return Window(start=start, end=window.start, cut=min(window.start, window.cut), period=None)


def refuse_many(frame: Frame, unit: Unit, calendar: Calendar) -> None:
    """Refuse an average over more units than a query can hold.

    Raises:
        MisplacedForm: when the windows hold more of them together.
    """
    bounds = ((window.start.date(), window.end.date()) for _, window in frame if window.start is not None)
    if sum(calendar.count(Grain(unit.value), *both) for both in bounds) > MAX_UNITS:
        raise MisplacedForm(
            "unit-does-not-fit",
            f"The average is over more than {MAX_UNITS:,} {unit.value}s.",
            "Take it of shorter or fewer intervals, or use a longer unit.",
        )


def units_of(window: Window, unit: Unit, calendar: Calendar, asked: Grain) -> tuple[Window, ...]:
    """Return the units inside a window that have begun.

    Raises:
        MisplacedForm: when they do not fill it without rest.
    """
    grain = Grain(unit.value)
    if window.start is None:
        raise MisplacedForm(
            "unit-does-not-fit",
            f"An average over {unit.value}s needs an interval with a beginning.",
            "Take it of a rolling window or to date.",
        )
    if window.period is not None and asked is not Grain.ALL and not is_finer(unit, asked):
        raise MisplacedForm(
            "unit-does-not-fit",
            f"An average over {unit.value}s needs a longer interval than the {_called(asked)}.",
            "Ask for a coarser grain, or use a shorter unit.",
        )
    try:
        last = max(window.end - timedelta(microseconds=1), window.start).date()
        found = calendar.periods(grain, window.start.date(), last + timedelta(days=1))
    except (ValueError, OverflowError) as error:
        raise MisplacedForm("unit-does-not-fit", str(error), "Ask for later periods.") from None
    if midnight(found[0].start) != window.start or midnight(found[-1].end) != window.end:
        raise MisplacedForm(
            "unit-does-not-fit",
            f"The interval from {window.start} to {window.end} does not consist of whole {unit.value}s, "
            "so some would be cut in two.",
            "Use a unit that fits, such as day, and an --as-of at midnight.",
        )
    return tuple(
        Window(
            start=midnight(period.start),
            end=midnight(period.end),
            cut=min(midnight(period.end), window.cut),
            period=period,
        )
        for period in found
        if midnight(period.start) < window.cut
    )


def _rolling(window: Window, length: Duration, calendar: Calendar) -> Window:
    if length.unit not in LONG_UNITS:
        raise MisplacedForm(
            "window-without-length",
            f"A window of {length.amount} {length.unit.value}s has no fixed length.",
            "Use days, weeks, months, quarters or years.",
        )
    try:
        start = calendar.add(window.cut, Duration(amount=-length.amount, unit=length.unit))
    except ValueError as error:
        raise MisplacedForm("window-without-length", str(error), "Use a shorter window.") from None
    return Window(start=start, end=window.cut, cut=window.cut, period=None)


def _to_date(window: Window, unit: Unit, calendar: Calendar, grain: Grain) -> Window:
    if unit not in (*LONG_UNITS, Unit.FISCAL_MONTH, Unit.FISCAL_QUARTER, Unit.FISCAL_YEAR):
        raise MisplacedForm(
            "unit-finer-than-grain", f"`to_date` has no unit `{unit.value}`.", "Use month, quarter or year."
        )
    last = max(window.cut, window.start or window.cut) - timedelta(microseconds=1)
    if window.start is not None and window.cut <= window.start:
        last = window.start
    start = midnight(calendar.start_of(last.date(), unit))
    too_fine = (
        window.start is not None and start > window.start
        if grain is Grain.ALL
        else window.period is not None and is_finer(unit, grain)
    )
    if too_fine:
        raise MisplacedForm(
            "unit-finer-than-grain",
            f"`to_date` by {unit.value} is finer than the {_called(grain)}, whose beginning it would drop.",
            "Ask for a finer grain, or use a longer unit.",
        )
    return Window(start=start, end=window.end, cut=window.cut, period=None)


def _called(grain: Grain) -> str:
    return "range asked" if grain is Grain.ALL else f"grain {grain.value}"


def name_of(form: Form) -> str:
    """Return a name for the intervals that a form makes, to be read in SQL."""
    match form:
        case Previous(_, offset):
            return f"previous_{_words(offset)}"
        case Rolling(_, length):
            return f"rolling_{_words(length)}"
        case ToDate(_, unit):
            return f"{unit.value}_to_date"
        case Cumulative():
            return "cumulative"
        case Opening():
            return "before"


def _words(duration: Duration) -> str:
    return f"{duration.amount}_{duration.unit.value}{'s' if duration.amount != 1 else ''}"
