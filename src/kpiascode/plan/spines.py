"""From windows to bounds that can be compared with a column: days, wall clocks or UTC moments."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from kpiascode.model.calendar import Calendar, to_utc, to_zone
from kpiascode.model.expression import (
    Call,
    Case,
    Cast,
    Column,
    Constant,
    Expression,
    Local,
    Moved,
    Type,
)
from kpiascode.model.plan import Bound, Bucket, Clock, Spine, Stretch
from kpiascode.plan.windows import Frame, Window


def spine(name: str, frame: Frame, time_column: Expression, calendar: Calendar) -> Spine:
    """Return the frame as bounds for rows that are dated by `time_column`."""
    kind, zone = _dated_by(time_column)
    windows = [(period, window.start, window.cut) for period, window in frame]
    if kind is Type.DATE:
        days = [
            (period, None if start is None else _day_from(start), _day_from(end))
            for period, start, end in windows
        ]
        return _spine(name, Clock.DAY, Bucket.DAY, False, days)
    if kind is Type.INSTANT:
        moments = [
            (
                period,
                None if start is None else to_utc(start, calendar.timezone),
                to_utc(end, calendar.timezone),
            )
            for period, start, end in windows
        ]
        return _spine(name, Clock.INSTANT, _bucket(moments), True, moments)
    if zone is not None and zone != calendar.timezone:
        windows = [
            (
                period,
                None if start is None else to_zone(start, calendar.timezone, zone),
                to_zone(end, calendar.timezone, zone),
            )
            for period, start, end in windows
        ]
    if all(_is_midnight(start) and _is_midnight(end) for _, start, end in windows):
        days = [
            (period, None if start is None else start.date(), end.date()) for period, start, end in windows
        ]
        return _spine(name, Clock.DAY, Bucket.DAY, kind is Type.TIMESTAMP, days)
    return _spine(name, Clock.WALL, _bucket(windows), True, windows)


def until(as_of: datetime, time_column: Expression, calendar: Calendar) -> Spine:
    """Return everything before `as_of` as a spine of one stretch."""
    window = Window(start=None, end=as_of, cut=as_of, period=None)
    return spine("until", (("until", window),), time_column, calendar)


def _spine(
    name: str,
    clock: Clock,
    bucket: Bucket,
    stamped: bool,
    rows: "list[tuple[str, date | None, date]] | list[tuple[str, datetime | None, datetime]]",
) -> Spine:
    return Spine(
        name=name,
        clock=clock,
        bucket=bucket,
        stamped=stamped,
        stretches=tuple(Stretch(period=period, start=start, end=end) for period, start, end in rows),
    )


def _dated_by(node: Expression) -> tuple[Type, str | None]:
    """Return the type of the time, and the zone of its wall clock (None: the calendar's)."""
    match node:
        case Column(_, _, kind, zone):
            return kind, zone
        case Cast(_, kind) | Constant(_, kind):
            return kind, None
        case Local():
            return Type.TIMESTAMP, None
        case Moved(operand, _, is_date):
            return (Type.DATE, None) if is_date else _dated_by(operand)
        case Call(_, arguments):
            return _first_known(arguments)
        case Case(branches, otherwise):
            results = [result for _, result in branches]
            return _first_known(results if otherwise is None else [*results, otherwise])
        case _:
            return Type.UNKNOWN, None


def _first_known(nodes: Iterable[Expression]) -> tuple[Type, str | None]:
    found = [_dated_by(node) for node in nodes]
    return next((one for one in found if one[0] is not Type.UNKNOWN), found[0])


def _is_midnight(moment: datetime | None) -> bool:
    return moment is None or moment.time() == time()


def _day_from(moment: datetime) -> date:
    """Return the first day whose midnight is not before the moment: a day counts as its first moment."""
    return moment.date() if _is_midnight(moment) else moment.date() + timedelta(days=1)


def _bucket(rows: list[tuple[str, datetime | None, datetime]]) -> Bucket:
    bounds: list[Bound | None] = [bound for _, start, end in rows for bound in (start, end)]
    whole = all(
        not isinstance(bound, datetime) or (bound.minute, bound.second, bound.microsecond) == (0, 0, 0)
        for bound in bounds
    )
    return Bucket.HOUR if whole else Bucket.NONE
