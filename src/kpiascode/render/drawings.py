"""The charts of a KPI and of a goal: which numbers go into them, and what they say aloud."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from markupsafe import Markup

from kpiascode.model.assessment import Assessment, Criterion, Grade, KpiAssessment, ResultAssessment
from kpiascode.model.calendar import Period
from kpiascode.model.observation import Observation
from kpiascode.model.project import Band, Kpi, TargetKpi
from kpiascode.model.signals import Basis, Rule, Segment, Signal
from kpiascode.model.signals import Point as WatchedPoint
from kpiascode.render.charts.bars import bar, shared
from kpiascode.render.charts.bullet import bullet
from kpiascode.render.charts.grades import Level as GradeLevel
from kpiascode.render.charts.grades import Mark, grades
from kpiascode.render.charts.lines import Drawing, Level, Natural, Notes, Sign, Way, line_chart
from kpiascode.render.charts.progress import progress_bar
from kpiascode.render.charts.series import Point
from kpiascode.render.charts.sparkline import Usual, sparkline
from kpiascode.render.judged import (
    aim,
    at_any_time,
    has_line,
    is_of_current,
    is_on_a_way,
    leading,
    marks,
    wanted_in,
)
from kpiascode.render.numbers import amount, apart, axis, declared, difference, signed
from kpiascode.render.sentences import distance, target_note
from kpiascode.render.usual import clipped, newest, sign_of
from kpiascode.render.verdicts import progress_words
from kpiascode.render.words import CRITERION, GRADE, GRAIN, STATUS, axis_label, plural, within

SPARK: Final = 24  # complete periods in a line the size of a word
LONGEST: Final = 105  # periods in a line chart; all of them stand in the table below it

LETTERS: Final = {
    Criterion.CRUCIAL: "Cr",
    Criterion.QUANTIFIABLE: "Qu",
    Criterion.COMMUNICATED: "Co",
    Criterion.RELEVANT: "Re",
}

GRADE_LEVEL: Final = {
    Grade.STRONG: GradeLevel.FULL,
    Grade.ADEQUATE: GradeLevel.MOST,
    Grade.NO_EVIDENCE: GradeLevel.UNKNOWN,
    Grade.WEAK: GradeLevel.LITTLE,
    Grade.FAILING: GradeLevel.FAILED,
}


def recent(assessed: KpiAssessment, most: int) -> tuple[Observation, ...]:
    """Return so many complete periods, the newest, and the part one behind them."""
    complete = [o for o in assessed.series if o.complete]
    return (*complete[-most:], *(o for o in assessed.series if not o.complete))


def points(series: Sequence[Observation]) -> tuple[Point, ...]:
    return tuple(Point(o.value, o.complete) for o in series)


# --- in a table


def spark(kpi: Kpi, assessed: KpiAssessment, assessment: Assessment, *, width: int = 140) -> Markup:
    """Draw the last complete periods and the part one, with the target where one holds."""
    series = recent(assessed, SPARK)
    judged = leading(assessed, assessment)
    levels = [level.values for level in wanted(judged, kpi, series, assessment)] if judged else []
    return sparkline(
        points(series),
        levels=levels,
        usual=_usual_of(kpi, assessed, series),
        sign=_sign_now(kpi, assessed),
        label=spark_label(kpi, assessed),
        width=width,
    )


def _usual_of(kpi: Kpi, assessed: KpiAssessment, series: Sequence[Observation]) -> Usual | None:
    """Return the usual range as far as the line shows its segment; None of differences, which it does not."""
    segment = newest(assessed.behaviour)
    if segment is None or segment.limits is None or assessed.behaviour.basis is not Basis.VALUE:
        return None
    shown = {o.period: at for at, o in enumerate(series)}
    places = [shown[point.period] for point in segment.points if point.period in shown]
    return Usual(min(places), *clipped(kpi, segment.limits)) if places else None


def _sign_now(kpi: Kpi, assessed: KpiAssessment) -> Sign | None:
    """Return what the last complete value is a sign of; None of noise."""
    new = assessed.behaviour.new
    last = assessed.current.period if assessed.current else None
    return sign_of(new, kpi.direction) if new is not None and new.last == last else None


def spark_label(kpi: Kpi, assessed: KpiAssessment) -> str:
    complete = [o for o in recent(assessed, SPARK) if o.complete]
    gaps = sum(o.value is None for o in complete)
    reach = value_range(kpi, assessed) or "no values"
    missing = f", {gaps} without a value" if gaps and gaps < len(complete) else ""
    segment = newest(assessed.behaviour)
    usual = ""
    if segment is not None and segment.limits is not None and assessed.behaviour.basis is Basis.VALUE:
        low, high = (amount(edge, kpi.unit) for edge in clipped(kpi, segment.limits))
        usual = f", usual {low} to {high}"
    return f"{kpi.title}, last {plural(len(complete), _grain(kpi, complete))}: {reach}{missing}{usual}"


def _grain(kpi: Kpi, series: Sequence[Observation]) -> str:
    return GRAIN[series[-1].period.grain if series else kpi.grain]


def value_range(kpi: Kpi, assessed: KpiAssessment) -> str:
    """Return `39.9 to 47.2 %` of the complete periods in the sparkline; empty without values."""
    known = [o.value for o in recent(assessed, SPARK) if o.complete and o.value is not None]
    if not known:
        return ""
    low, high = amount(min(known), kpi.unit), amount(max(known), kpi.unit)
    return f"{low.number} to {high}" if low != high else str(high)


def against_target(kpi: Kpi, judged: ResultAssessment, assessment: Assessment) -> Markup:
    """Draw the bullet of a result."""
    value = "no value" if judged.value is None else str(amount(judged.value, kpi.unit))
    held = target_note(judged, kpi, assessment.project.goals)
    off = distance(judged, kpi)
    label = (
        f"{value}, {held}: {', '.join(part for part in (STATUS[judged.status].text.lower(), off) if part)}"
    )
    return bullet(
        judged.value,
        label=label,
        aim=aim(judged, kpi.direction),
        target=marks(judged),
        bounds=(kpi.possible.min, kpi.possible.max) if at_any_time(judged) else (None, None),
    )


def four_grades(assessed: KpiAssessment) -> Markup:
    found = [(c.criterion, c.grade) for c in assessed.criteria]
    label = ", ".join(f"{CRITERION[criterion]}: {GRADE[grade].text.lower()}" for criterion, grade in found)
    return grades([Mark(LETTERS[criterion], GRADE_LEVEL[grade]) for criterion, grade in found], label=label)


def sample(grade: Grade) -> Markup:
    """Draw one mark for the legend."""
    return grades(
        [Mark("Cr", GRADE_LEVEL[grade])], label=f"Sample of the mark for {GRADE[grade].text.lower()}"
    )


def way_done(done: Decimal | None, expected: Decimal | None, title: str, words: str) -> Markup:
    return progress_bar(done, expected, label=f"{title}: {words}")


def result_progress(judged: ResultAssessment, title: str) -> Markup:
    return way_done(judged.progress, judged.expected_progress, title, progress_words(judged))


def slice_bars(slices: Sequence[Observation], kpi: Kpi) -> tuple[Markup, ...]:
    """Draw a bar for each slice, on one scale."""
    reach = shared(o.value for o in slices)
    return tuple(
        bar(o.value, reach, label="no value" if o.value is None else str(amount(o.value, kpi.unit)))
        for o in slices
    )


# --- on the page of a KPI


def history(kpi: Kpi, assessed: KpiAssessment, assessment: Assessment, label: str) -> Markup:
    """Draw the line of a KPI, once for a wide page and once for a narrow one; the style sheet shows one."""
    return _both(drawing_of(kpi, assessed, assessment), label)


def _both(drawing: Drawing, label: str) -> Markup:
    wide = line_chart(drawing, label=label, width=1200, height=340, kind="chart wide", notes=Notes.BESIDE)
    return wide + line_chart(
        drawing, label=label, width=350, height=280, kind="chart narrow", notes=Notes.BENEATH
    )


def drawing_of(kpi: Kpi, assessed: KpiAssessment, assessment: Assessment) -> Drawing:
    series = recent(assessed, LONGEST)
    totals = [r for r in assessed.results if not r.result.slice and at_any_time(r)]
    levels = dict.fromkeys(level for r in totals for level in wanted(r, kpi, series, assessment))
    judged = leading(assessed, assessment)
    known = [o for o in series if o.complete and o.value is not None]
    last = known[-1] if known else None
    part = assessed.part.value if assessed.part else None
    return Drawing(
        points=points(series),
        below=tuple(axis_label(o.period) for o in series),
        axis=lambda ticks: axis(ticks, kpi.unit),
        last=_last_words(last, assessed, judged, kpi) if last else "",
        part="" if part is None else f"so far {amount(part, kpi.unit)}",
        levels=tuple(levels)[:4],
        natural=_natural(kpi, assessed, series),
        signs=_signs(kpi, assessed, [o.period for o in series]),
        way=_way(judged, kpi, series, assessment) if judged else None,
        whole=kpi.unit.name == "count",
        bounds=(kpi.possible.min, kpi.possible.max),
    )


def _natural(kpi: Kpi, assessed: KpiAssessment, series: Sequence[Observation]) -> tuple[Natural, ...]:
    """Return the usual range of each segment that the chart shows, the newest with its numbers."""
    if assessed.behaviour.basis is not Basis.VALUE:
        return ()
    shown = {o.period: at for at, o in enumerate(series)}
    return tuple(
        _stretch(segment, shown, _limit_names(kpi, segment) if at == 0 else ())
        for at, segment in enumerate(reversed(assessed.behaviour.segments))
        if segment.limits is not None and any(point.period in shown for point in segment.points)
    )


def _stretch(segment: Segment, shown: Mapping[Period, int], names: tuple[str, ...]) -> Natural:
    assert segment.limits is not None
    places = [shown[point.period] for point in segment.points if point.period in shown]
    found = segment.limits
    return Natural(
        start=min(places), end=max(places), mean=found.mean, lower=found.lower, upper=found.upper, names=names
    )


def _limit_names(kpi: Kpi, segment: Segment) -> tuple[str, ...]:
    assert segment.limits is not None
    lower, upper = clipped(kpi, segment.limits)
    mean = segment.limits.mean
    return (
        f"usual, at most {amount(upper, kpi.unit)}",
        f"mean {amount(mean, kpi.unit)}",
        f"usual, at least {amount(lower, kpi.unit)}",
    )


def _signs(kpi: Kpi, assessed: KpiAssessment, periods: Sequence[Period]) -> dict[int, Sign]:
    """Return the places of the points that make signals: those on the side of the signal."""
    shown = {period: at for at, period in enumerate(periods)}
    return {
        shown[point.period]: sign_of(signal, kpi.direction)
        for segment in assessed.behaviour.segments
        for signal in segment.signals
        for point in segment.points
        if point.period in shown and _makes(point, signal, segment)
    }


def _makes(point: WatchedPoint, signal: Signal, segment: Segment) -> bool:
    inside = signal.first.start <= point.period.start <= signal.last.start
    if not inside or point.value is None or segment.limits is None:
        return False
    return signal.rule is Rule.TREND or (point.value > segment.limits.mean) is signal.high


def year_differences(kpi: Kpi, assessed: KpiAssessment, label: str) -> Markup | None:
    """Draw how far each value is from the year before, with what is usual; None where that is not judged."""
    if assessed.behaviour.basis is not Basis.YEAR_DIFFERENCE or newest(assessed.behaviour) is None:
        return None
    every = [point for segment in assessed.behaviour.segments for point in segment.points][-LONGEST:]
    shown = {point.period: at for at, point in enumerate(every)}
    stretches = tuple(
        _stretch(segment, shown, _difference_names(kpi, segment) if at == 0 else ())
        for at, segment in enumerate(reversed(assessed.behaviour.segments))
        if segment.limits is not None and any(point.period in shown for point in segment.points)
    )
    known = [point for point in every if point.value is not None]
    last = signed(known[-1].value or Decimal(0), kpi.unit) if known else ""
    drawing = Drawing(
        points=tuple(Point(point.value) for point in every),
        below=tuple(axis_label(point.period) for point in every),
        axis=lambda ticks: tuple(str(signed(tick, kpi.unit)) for tick in ticks),
        last=str(last),
        part="",
        natural=stretches,
        signs=_signs(kpi, assessed, [point.period for point in every]),
    )
    return _both(drawing, label)


def _difference_names(kpi: Kpi, segment: Segment) -> tuple[str, ...]:
    assert segment.limits is not None
    found = segment.limits
    return (
        f"usual, at most {signed(found.upper, kpi.unit)}",
        f"mean {signed(found.mean, kpi.unit)}",
        f"usual, at least {signed(found.lower, kpi.unit)}",
    )


def moving_ranges(kpi: Kpi, assessed: KpiAssessment, label: str) -> Markup | None:
    """Draw the distances between neighbours with their limit; None where nothing is judged."""
    segment = newest(assessed.behaviour)
    if segment is None or segment.limits is None:
        return None
    every = segment.points[-LONGEST:]
    found = segment.limits
    usual = Natural(
        start=0,
        end=len(every) - 1,
        mean=found.range_mean,
        lower=Decimal(0),
        upper=found.range_upper,
        names=(
            f"usual, at most {difference(found.range_upper, kpi.unit)}",
            f"mean {difference(found.range_mean, kpi.unit)}",
        ),
    )
    beyond = {
        at: Sign.CHANGED
        for at, point in enumerate(every)
        if point.range is not None and point.range > found.range_upper
    }
    drawing = Drawing(
        points=tuple(Point(point.range) for point in every),
        below=tuple(axis_label(point.period) for point in every),
        axis=lambda ticks: tuple(str(difference(tick, kpi.unit)) for tick in ticks),
        last="",
        part="",
        natural=(usual,),
        signs=beyond,
        bounds=(Decimal(0), None),
    )
    return _both(drawing, label)


def wanted(
    judged: ResultAssessment, kpi: Kpi, series: Sequence[Observation], assessment: Assessment
) -> tuple[Level, ...]:
    """Return what the target was in each period, as one line or, of a band, two.

    None for `to_date`, nor for a series of another grain: a week's target says nothing of a month.
    """
    if not at_any_time(judged) or any(o.period.grain is not kpi.grain for o in series):
        return ()
    pairs = [_ends_in(judged, o, assessment) for o in series]
    two = any(upper is not None for _, upper in pairs)
    lower = tuple(low for low, _ in pairs)
    levels = (lower, tuple(high for _, high in pairs)) if two else (lower,)
    names = ("at least", "at most") if two else ("target",)
    return tuple(
        Level(values, f"{name} {_last(values, kpi)}")
        for values, name in zip(levels, names, strict=True)
        if any(value is not None for value in values)
    )


def _ends_in(
    judged: ResultAssessment, observed: Observation, assessment: Assessment
) -> tuple[Decimal | None, Decimal | None]:
    target = wanted_in(judged, observed.period)
    match target.value if target else None:
        case Band(min=least, max=most):
            return least, most
        case TargetKpi(kpi=name):
            other = assessment.kpis.get(name)
            series = other.series if other else ()
            return next((o.value for o in series if o.period == observed.period), None), None
        case value:
            return value, None


def _last(values: Sequence[Decimal | None], kpi: Kpi) -> str:
    known = [value for value in values if value is not None]
    exact = declared(known[-1], kpi.unit)
    return str(exact if len(exact.number) < 10 else amount(known[-1], kpi.unit))


def _last_words(last: Observation, assessed: KpiAssessment, judged: ResultAssessment | None, kpi: Kpi) -> str:
    """Return the last value, with as many digits as tell it from its target; and its period, if it is old."""
    value = last.value or Decimal(0)
    against = judged.expected if judged is not None and is_of_current(judged, assessed) else None
    shown = amount(value, kpi.unit) if against is None else apart(value, against, kpi.unit)
    return str(shown) if last == assessed.current else f"{shown} in {axis_label(last.period).text}"


def _way(
    judged: ResultAssessment, kpi: Kpi, series: Sequence[Observation], assessment: Assessment
) -> Way | None:
    """Return the straight way from the baseline to what is expected by now; None where nothing is drawn."""
    goal = assessment.project.goals.get(judged.goal)
    start_value, by_now = judged.result.baseline, judged.expected
    end = next((at for at, o in enumerate(series) if o.period == judged.period), None)
    if goal is None or end is None or start_value is None or by_now is None:
        return None
    if not has_line(judged) or not is_on_a_way(judged):
        return None
    start = next(_positions(goal.start, series), 0.0)
    if start >= end:
        return None
    if start < 0:
        start_value += (by_now - start_value) * Decimal(repr(-start)) / Decimal(repr(end - start))
        start = 0.0
    return Way((start, start_value), (end, by_now), f"expected {amount(by_now, kpi.unit)}")


def _positions(day: date, series: Sequence[Observation]) -> Iterator[float]:
    """Yield where a day lies among points that stand for the ends of their periods."""
    for at, observed in enumerate(series):
        if day < observed.period.end:
            length = (observed.period.end - observed.period.start).days
            yield at - (observed.period.end - day).days / length


def sentence_of_range(kpi: Kpi, assessed: KpiAssessment) -> str:
    """Return what the line chart shows, in words."""
    series = [o for o in recent(assessed, LONGEST) if o.complete]
    known = [o for o in series if o.value is not None]
    if not known:
        return f"There is no value in {plural(len(series), GRAIN[kpi.grain])}."
    least = min(known, key=lambda o: o.value or Decimal(0))
    most = max(known, key=lambda o: o.value or Decimal(0))
    gaps = len(series) - len(known)
    told = (
        f"{plural(len(series), GRAIN[kpi.grain])}: lowest {amount(least.value or Decimal(0), kpi.unit)} "
        f"{within(least.period)}, highest {amount(most.value or Decimal(0), kpi.unit)} "
        f"{within(most.period)}"
    )
    return f"{told}; {gaps} without a value." if gaps else f"{told}."
