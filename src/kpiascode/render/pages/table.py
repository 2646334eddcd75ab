"""KPIs as a table: on a scorecard, on the first page, on the page of a unit."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from kpiascode.model.assessment import Assessment, KpiAssessment, ResultAssessment, Trust
from kpiascode.model.calendar import Period
from kpiascode.model.project import Kpi
from kpiascode.model.signals import Behaviour, Hold, Standing
from kpiascode.render.drawings import SPARK, against_target, four_grades, spark, value_range
from kpiascode.render.judged import at_any_time, is_of_current, leading
from kpiascode.render.links import Link, kpi_link, owner_link
from kpiascode.render.numbers import Amount, amount
from kpiascode.render.sentences import distance, last_known, target_note
from kpiascode.render.usual import newest, standing_note
from kpiascode.render.verdicts import verdict_words
from kpiascode.render.words import (
    GRADE,
    STANDING,
    VARIATION,
    Word,
    data_word,
    day_in,
    period,
    plural,
    within,
)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many KPIs stand so."""

    word: Word
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KpiRow:
    """One line of a table of KPIs.

    Args:
        value: Of the last complete period; None when it has none.
        value_note: What must be said of that value: another period, the last known one.
        target: What it is held against; empty without a target.
        standing: The headline.
        note: Why that is the headline, and how far off the last period was.
        variation: How it varies, and `since` when.
    """

    link: Link
    owner: Link
    value: Amount | None
    value_note: str
    bullet: Markup | None
    target: str
    spark: Markup
    reach: str
    standing: Word
    note: str
    variation: Word
    since: str
    grades: Markup
    verdict: str
    verdict_tone: str
    data: Word
    data_reach: str


@dataclass(frozen=True, slots=True)
class Group:
    title: Link
    rows: tuple[KpiRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KpiTable:
    """Groups of rows under one head.

    Args:
        period: Of most of the values; a row of another one says so.
        sparks: How many periods the histories show at most.
    """

    period: str
    sparks: int
    groups: tuple[Group, ...]


def kpi_table(groups: Iterable[tuple[Link, Iterable[str]]], assessment: Assessment) -> KpiTable:
    """Return the table; KPIs that were not assessed and groups without any are left out."""
    known = [(title, [assessment.kpis[n] for n in names if n in assessment.kpis]) for title, names in groups]
    every = [assessed for _, some in known for assessed in some]
    shown = common_period(every)
    return KpiTable(
        period=period(shown) if shown else "",
        sparks=SPARK,
        groups=tuple(
            Group(title, tuple(kpi_row(assessed, assessment, shown) for assessed in some))
            for title, some in known
            if some
        ),
    )


def common_period(some: Iterable[KpiAssessment]) -> Period | None:
    """Return the last complete period that most of them have; of two as frequent ones the later."""
    counts = Counter(assessed.current.period for assessed in some if assessed.current is not None)
    return max(counts, key=lambda found: (counts[found], found.end, found.name), default=None)


def tallies(kpis: Iterable[str], assessment: Assessment) -> tuple[Tally, ...]:
    """Return how they stand, in the order of `Standing`."""
    counts = Counter(assessment.kpis[name].standing for name in kpis if name in assessment.kpis)
    return tuple(Tally(STANDING[standing], counts[standing]) for standing in Standing if counts[standing])


def currency(kpis: Sequence[str], assessment: Assessment) -> str:
    """Return how many KPIs stand on current data, of those whose data was promised to be."""
    known = [assessment.kpis[name] for name in kpis if name in assessment.kpis]
    promised = [assessed for assessed in known if assessed.data.trust is not Trust.UNKNOWN]
    if known and not promised:
        return "nobody promised how new the data is"
    current = sum(assessed.data.trust is Trust.CURRENT for assessed in promised)
    return f"{current} of {plural(len(known), 'KPI')} current"


def kpi_row(assessed: KpiAssessment, assessment: Assessment, page_period: Period | None) -> KpiRow:
    kpi = assessment.project.kpis[assessed.kpi]
    current, judged = assessed.current, leading(assessed, assessment)
    value = current.value if current else None
    latest = assessed.data.latest
    return KpiRow(
        link=kpi_link(assessment, kpi.name),
        owner=owner_link(assessment.project, kpi.owner),
        value=None if value is None else amount(value, kpi.unit),
        value_note=_value_note(kpi, assessed, page_period),
        bullet=against_target(kpi, judged, assessment) if judged else None,
        target=_target(judged, assessed, assessment) if judged else "",
        spark=spark(kpi, assessed, assessment),
        reach=value_range(kpi, assessed),
        standing=STANDING[assessed.standing],
        note=_note(kpi, assessed, judged),
        variation=VARIATION[assessed.behaviour.variation],
        since=_since(assessed.behaviour),
        grades=four_grades(assessed),
        verdict=verdict_words(assessed),
        verdict_tone=GRADE[assessed.verdict].tone,
        data=data_word(assessed.data),
        data_reach=f"to {day_in(latest.date(), assessment.as_of.year)}" if latest else "not dated",
    )


def _note(kpi: Kpi, assessed: KpiAssessment, judged: ResultAssessment | None) -> str:
    """Return why it stands so and, of a value that was held against something, how far off it was."""
    off = distance(judged, kpi) if judged else ""
    return "; ".join(part for part in (standing_note(assessed), off) if part)


def _since(behaved: Behaviour) -> str:
    if behaved.since is not None:
        return f"since {period(behaved.since)}"
    segment = newest(behaved)
    on_trial = segment is not None and segment.limits is not None and segment.limits.hold is Hold.TRIAL
    return "on trial" if on_trial else ""


def _value_note(kpi: Kpi, assessed: KpiAssessment, page_period: Period | None) -> str:
    current = assessed.current
    if current is None:
        return "no complete period yet"
    if current.value is None:
        known = last_known(assessed)
        if known is None or known.value is None:
            return "never had a value"
        return f"last {amount(known.value, kpi.unit)}, {period(known.period)}"
    return "" if current.period == page_period else period(current.period)


def _target(judged: ResultAssessment, assessed: KpiAssessment, assessment: Assessment) -> str:
    kpi = assessment.project.kpis[assessed.kpi]
    note = target_note(judged, kpi, assessment.project.goals)
    if judged.period is None or judged.value is None or is_of_current(judged, assessed):
        return note
    if at_any_time(judged):
        return f"{amount(judged.value, kpi.unit)} {within(judged.period)}; {note}"
    since = day_in(judged.period.start, assessment.as_of.year)
    return f"{amount(judged.value, kpi.unit)} since {since}; {note}"
