"""The charts of a KPI and of a goal: which numbers go into them, and what they say aloud."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from markupsafe import Markup

from kpiascode.model.assessment import Assessment, Criterion, Grade, KpiAssessment, ResultAssessment
from kpiascode.model.observation import Observation
from kpiascode.model.project import Band, Kpi, TargetKpi
from kpiascode.render.charts.bars import bar, shared
from kpiascode.render.charts.bullet import bullet
from kpiascode.render.charts.grades import Level as GradeLevel
from kpiascode.render.charts.grades import Mark, grades
from kpiascode.render.charts.lines import Drawing, Level, Notes, Way, line_chart
from kpiascode.render.charts.progress import progress_bar
from kpiascode.render.charts.series import Point
from kpiascode.render.charts.sparkline import sparkline
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
from kpiascode.render.numbers import amount, apart, axis, declared
from kpiascode.render.sentences import distance, target_note
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
    return sparkline(points(series), levels=levels, label=spark_label(kpi, assessed), width=width)


def spark_label(kpi: Kpi, assessed: KpiAssessment) -> str:
    complete = [o for o in recent(assessed, SPARK) if o.complete]
    gaps = sum(o.value is None for o in complete)
    reach = value_range(kpi, assessed) or "no values"
    missing = f", {gaps} without a value" if gaps and gaps < len(complete) else ""
    return f"{kpi.title}, last {plural(len(complete), _grain(kpi, complete))}: {reach}{missing}"


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
        bounds=(kpi.bounds.min, kpi.bounds.max) if at_any_time(judged) else (None, None),
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
    drawing = drawing_of(kpi, assessed, assessment)
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
        way=_way(judged, kpi, series, assessment) if judged else None,
        whole=kpi.unit.name == "count",
        bounds=(kpi.bounds.min, kpi.bounds.max),
    )


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
