"""The line of a KPI over its periods, with what was aimed at, labelled where the lines end."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import Final

from markupsafe import Markup

from kpiascode.render.charts.scale import Scale, extent, kept_apart, ticks, with_zero
from kpiascode.render.charts.series import Point, complete_only, runs, steps
from kpiascode.render.charts.svg import (
    Ink,
    circle,
    line,
    picture,
    polygon,
    polyline,
    rectangle,
    width_of,
    words,
)

SIZE: Final = 12.5  # of all letters
LINE: Final = 17  # from one label to the next below
TOP: Final = 14
BOTTOM: Final = 42
THINNING: Final = (1, 2, 3, 4, 6, 12, 24, 48, 120)
KEY: Final = 44  # of a label beneath the chart: its sample and the space around
DASHED: Final = "7 4"
DOTTED: Final = "2 3"
DOTS: Final = 7  # points closer than this are not marked one by one


@dataclass(frozen=True, slots=True)
class Below:
    """The label of a period under the chart; `place` counts within `year`, from 0."""

    text: str
    year: str
    place: int


@dataclass(frozen=True, slots=True)
class Level:
    """What was aimed at in each period (None: nothing), and its name at the end of the line."""

    values: tuple[Decimal | None, ...]
    name: str


@dataclass(frozen=True, slots=True)
class Way:
    """A straight way from one place to another; positions are those of the points, and may lie between."""

    start: tuple[float, Decimal]
    end: tuple[float, Decimal]
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Natural:
    """What is usual from one place to another: a band around a mean.

    Args:
        names: Of the upper edge, the mean and the lower edge, where they are written at the end of the line;
            empty for an earlier stretch, of which nothing is written.
    """

    start: int
    end: int
    mean: Decimal
    lower: Decimal
    upper: Decimal
    names: tuple[str, ...] = ()


class Sign(Enum):
    """What a point is a sign of; each has a shape and a colour of its own."""

    BETTER = "better"
    WORSE = "worse"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """What is to be drawn; one place in `below` for each point.

    Args:
        axis: Gives the labels of the values on the left.
        last: What is written beside the last complete value.
        part: What is written beside the running period.
        natural: What is usual, stretch by stretch.
        signs: The places of points that are no noise.
        since: Where something was changed, between two points or on one, and what is written there.
        whole: Only whole numbers on the axis.
        bounds: What the values can never pass; the axis does not either.
    """

    points: tuple[Point, ...]
    below: tuple[Below, ...]
    axis: Callable[[Sequence[Decimal]], tuple[str, ...]]
    last: str
    part: str
    levels: tuple[Level, ...] = ()
    way: Way | None = None
    natural: tuple[Natural, ...] = ()
    signs: Mapping[int, Sign] = field(default_factory=dict)
    since: tuple[float, str] | None = None
    whole: bool = False
    bounds: tuple[Decimal | None, Decimal | None] = (None, None)


@dataclass(frozen=True, slots=True)
class Note:
    """A label: what it says, the place that it speaks of, and a sample of what stands there."""

    x: float
    y: float
    text: str
    sample: Callable[[float, float], Markup]
    strong: bool = False


class Notes(Enum):
    """Where the labels stand: where their lines end, or, on a narrow page, as a key beneath."""

    BESIDE = "beside"
    BENEATH = "beneath"


def line_chart(drawing: Drawing, *, label: str, width: int, height: int, kind: str, notes: Notes) -> Markup:
    """Draw it at a width; letters keep their size, so a phone gets its own drawing and not a small copy."""
    marks = _ticks(drawing, height)
    named = drawing.axis(marks)
    left = max(width_of(text, SIZE) for text in named) + 10
    room = max((width_of(text, SIZE) for text in _names(drawing)), default=0.0) + 22
    right = width - (room if notes is Notes.BESIDE else 8)
    first = left + 8
    step = (right - first) / max(1, len(drawing.points) - 1)

    def x(at: float) -> float:
        return min(max(first + at * step, left), right + 4)

    top = TOP if _fits_beside(drawing, x, left, right) else TOP + LINE + 4
    y = Scale(marks[0], marks[-1], height - BOTTOM, top)
    ends = tuple(_ends(drawing, x, y))
    key = _rows(ends, width) if notes is Notes.BENEATH else ()
    shapes = (
        *_usual(drawing, x, y),
        *_grid(marks, named, y, left, right + 4),
        *_labels_below(drawing.below, x, step, height - BOTTOM + 18, width),
        *_aims(drawing, x, y),
        *_trace(drawing.points, x, y, step),
        *_signs(drawing, x, y),
        *(_beside(ends, right + 4, height) if notes is Notes.BESIDE else _beneath(key, height)),
        *_changed(drawing, x, height, left, right),
    )
    return picture(width, height + len(key) * LINE, *shapes, label=label, kind=kind)


def _ticks(drawing: Drawing, height: int) -> tuple[Decimal, ...]:
    """Return the values to write; a bound within reach is where they end."""
    aims = [value for level in drawing.levels for value in level.values if value is not None]
    way = [drawing.way.start[1], drawing.way.end[1]] if drawing.way else []
    values = [point.value for point in drawing.points if point.value is not None]
    usual = [edge for one in drawing.natural for edge in _edges(one, drawing.bounds)]
    known = [*values, *aims, *way, *usual]
    low, high = with_zero(*extent(known))
    least, most = drawing.bounds
    marks = ticks(low, high, max(4, height // 50), whole=drawing.whole)
    inside = tuple(
        mark
        for mark in marks
        if not (least is not None and mark < least <= min(known, default=least))
        and not (most is not None and mark > most >= max(known, default=most))
    )
    return inside if len(inside) > 1 and inside[0] <= low and inside[-1] >= high else marks


def _names(drawing: Drawing) -> Iterator[str]:
    yield drawing.last
    if any(not point.complete and point.value is not None for point in drawing.points):
        yield drawing.part
    yield from (name for one in drawing.natural for name in one.names)
    yield from (level.name for level in drawing.levels)
    if drawing.way:
        yield drawing.way.name


def _edges(one: Natural, bounds: tuple[Decimal | None, Decimal | None]) -> tuple[Decimal, Decimal]:
    """Return the edges as they are drawn: what can never be is not usual either."""
    least, most = bounds
    lower = one.lower if least is None else max(one.lower, min(least, one.mean))
    upper = one.upper if most is None else min(one.upper, max(most, one.mean))
    return lower, upper


def _usual(drawing: Drawing, x: Callable[[float], float], y: Scale) -> Iterator[Markup]:
    for one in drawing.natural:
        left, right = x(one.start - 0.5), x(one.end + 0.5)
        lower, upper = (y(edge) for edge in _edges(one, drawing.bounds))
        yield rectangle(left, upper, right - left, lower - upper, fill=Ink.LIGHT)
        yield line(left, upper, right, upper, stroke=Ink.DARK, dash="4 3")
        yield line(left, lower, right, lower, stroke=Ink.DARK, dash="4 3")
        yield line(left, y(one.mean), right, y(one.mean), stroke=Ink.DARK)


def _signs(drawing: Drawing, x: Callable[[float], float], y: Scale) -> Iterator[Markup]:
    """Yield the marks of points that are no noise: a square, a triangle, a diamond."""
    for at, sign in drawing.signs.items():
        value = drawing.points[at].value
        if value is not None:
            yield sign_mark(x(at), y(value), sign)


def sign_mark(x: float, y: float, sign: Sign, size: float = 4.6) -> Markup:
    match sign:
        case Sign.WORSE:
            return rectangle(x - size, y - size, 2 * size, 2 * size, fill=Ink.ACT)
        case Sign.BETTER:
            return polygon((x - size, y + size), (x, y - size), (x + size, y + size), fill=Ink.GOOD)
        case Sign.CHANGED:
            corners = ((x, y - size), (x + size, y), (x, y + size), (x - size, y))
            return polygon(*corners, fill=Ink.WATCH)


def _grid(
    marks: Sequence[Decimal], named: Sequence[str], y: Scale, left: float, right: float
) -> Iterator[Markup]:
    for mark, text in zip(marks, named, strict=True):
        heavy = mark == 0 and marks[0] < 0
        yield line(left, y(mark), right, y(mark), stroke=Ink.SOFT if heavy else Ink.LINE)
        yield words(left - 8, y(mark) + 4, text, size=SIZE, fill=Ink.SOFT, anchor="end")


def _labels_below(
    labels: Sequence[Below], x: Callable[[float], float], step: float, top: float, width: int
) -> Iterator[Markup]:
    """Yield as many labels as fit, on round places of the year, and the year where it changes."""
    widest = max((width_of(label.text, SIZE) for label in labels), default=0.0) + 10
    thin = next((n for n in THINNING if n * step >= widest), THINNING[-1])
    free, year_free, year = 0.0, 0.0, ""
    for at, label in enumerate(labels):
        if label.place % thin:
            continue
        half, year_half = width_of(label.text, SIZE) / 2, width_of(label.year, SIZE) / 2
        room = max(half, year_half)
        middle = min(max(x(at), room), width - room)
        if middle - half < free:
            continue
        free = middle + half + 6
        yield words(middle, top, label.text, size=SIZE, fill=Ink.SOFT, anchor="middle")
        if label.year != year and middle - year_half >= year_free:
            year, year_free = label.year, middle + year_half + 6
            yield words(middle, top + LINE, label.year, size=SIZE, fill=Ink.SOFT, anchor="middle", weight=600)


def _aims(drawing: Drawing, x: Callable[[float], float], y: Scale) -> Iterator[Markup]:
    for level in drawing.levels:
        for stretch in steps(level.values):
            yield polyline(
                tuple((x(at), y(aim)) for at, aim in stretch), stroke=Ink.INK, width=1.3, dash="7 4"
            )
    if drawing.way:
        (start, before), (end, by_now) = drawing.way.start, drawing.way.end
        yield polyline(((x(start), y(before)), (x(end), y(by_now))), stroke=Ink.SOFT, width=1.3, dash=DOTTED)
        yield line(x(end) - 5, y(by_now), x(end) + 5, y(by_now), stroke=Ink.INK, width=2.6)


def _changed(
    drawing: Drawing, x: Callable[[float], float], height: int, left: float, right: float
) -> Iterator[Markup]:
    """Yield the upright line where something was changed; its name stands beside it, or above the drawing."""
    if drawing.since is None:
        return
    place, name = x(drawing.since[0]), drawing.since[1]
    room = _room(name)
    if _fits_beside(drawing, x, left, right):
        begin, down = (place + 5 if place + 5 + room <= right else place - 5 - room), 0
    else:
        begin, down = max(0.0, min(place - room / 2, right - room)), LINE + 1
    yield line(place, TOP - 4 + down, place, height - BOTTOM, stroke=Ink.INK, width=1.3)
    yield rectangle(begin, TOP - 6, room, LINE, fill=Ink.PAPER)
    yield words(begin + 4, TOP + 7, name, size=SIZE, fill=Ink.INK, weight=600)


def _fits_beside(drawing: Drawing, x: Callable[[float], float], left: float, right: float) -> bool:
    """Return whether a change has its name inside the drawing, on either side, clear of the axis."""
    if drawing.since is None:
        return True
    place, room = x(drawing.since[0]), _room(drawing.since[1])
    return place + 5 + room <= right or place - 5 - room >= left


def _room(name: str) -> float:
    return width_of(name, SIZE) + 8


def _trace(points: Sequence[Point], x: Callable[[float], float], y: Scale, step: float) -> Iterator[Markup]:
    stretches = runs(complete_only(points))
    for run in stretches:
        if len(run) > 1:
            yield polyline(tuple((x(at), y(value)) for at, value in run), stroke=Ink.TRACE, width=2)
        if step >= DOTS or len(run) == 1:
            yield from (circle(x(at), y(value), 2.4, fill=Ink.TRACE) for at, value in run)
    for at, value in stretches[-1][-1:] if stretches else ():
        yield _whole_mark(x(at), y(value))
    for at, point in enumerate(points):
        if not point.complete and point.value is not None:
            yield _part_mark(x(at), y(point.value))


def _ends(drawing: Drawing, x: Callable[[float], float], y: Scale) -> Iterator[Note]:
    """Yield what is written of each line and mark, with its place."""
    stretches = runs(complete_only(drawing.points))
    if stretches and drawing.last:
        at, value = stretches[-1][-1]
        yield Note(x(at), y(value), drawing.last, _whole_mark, strong=True)
    for at, point in enumerate(drawing.points):
        if not point.complete and point.value is not None:
            yield Note(x(at), y(point.value), drawing.part, _part_mark)
    for one in drawing.natural:
        lower, upper = _edges(one, drawing.bounds)
        for name, place in zip(one.names, (upper, one.mean, lower), strict=False):
            yield Note(x(one.end + 0.5), y(place), name, _usual_mark)
    for level in drawing.levels:
        held = [(at, aim) for at, aim in enumerate(level.values) if aim is not None]
        for at, aim in held[-1:]:
            yield Note(x(at + 0.5), y(aim), level.name, _level_mark)
    if drawing.way:
        at_end, by_now = drawing.way.end
        yield Note(x(at_end) + 5, y(by_now), drawing.way.name, _way_mark)


def _whole_mark(x: float, y: float) -> Markup:
    return circle(x, y, 4.6, fill=Ink.INK, stroke=Ink.PAPER)


def _part_mark(x: float, y: float) -> Markup:
    return circle(x, y, 4, fill=Ink.PAPER, stroke=Ink.TRACE)


def _usual_mark(x: float, y: float) -> Markup:
    return line(x - 9, y, x + 9, y, stroke=Ink.DARK, width=3)


def _level_mark(x: float, y: float) -> Markup:
    return line(x - 9, y, x + 9, y, stroke=Ink.INK, width=1.3, dash=DASHED)


def _way_mark(x: float, y: float) -> Markup:
    return line(x - 9, y, x + 9, y, stroke=Ink.SOFT, width=1.3, dash=DOTTED)


def _beside(notes: Sequence[Note], right: float, height: int) -> Iterator[Markup]:
    """Yield the labels, moved apart where they would overlap, each with a thin line to its place."""
    places = kept_apart([note.y for note in notes], LINE, TOP - 4, height - BOTTOM + 4)
    for note, place in zip(notes, places, strict=True):
        if abs(place - note.y) > 3 or right - note.x > 12:
            corners = ((min(note.x + 7, right), note.y), (right, note.y), (right + 11, place))
            yield polyline(corners, stroke=Ink.LINE, width=1)
        yield _note(note, right + 14, place + 4)


def _rows(notes: Sequence[Note], width: int) -> tuple[tuple[Note, ...], ...]:
    """Return the labels in as many rows as they need, all columns as wide as the widest label."""
    if not notes:
        return ()
    widest = max(width_of(note.text, SIZE) for note in notes) + KEY
    columns = max(1, int(width / widest))
    return tuple(tuple(notes[at : at + columns]) for at in range(0, len(notes), columns))


def _beneath(rows: Sequence[Sequence[Note]], top: int) -> Iterator[Markup]:
    widest = max((width_of(note.text, SIZE) for row in rows for note in row), default=0.0) + KEY
    for down, row in enumerate(rows):
        for across, note in enumerate(row):
            left, middle = across * widest, top + down * LINE + 6
            yield note.sample(left + 12, middle)
            yield _note(note, left + 28, middle + 4)


def _note(note: Note, x: float, y: float) -> Markup:
    ink, weight = (Ink.INK, 700) if note.strong else (Ink.SOFT, 400)
    return words(x, y, note.text, size=SIZE, fill=ink, weight=weight)
