"""The page of a KPI: its value, its history, what is asked of it, whether it is a good KPI, what it is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from kpiascode.model.assessment import Assessment, CriterionAssessment, KpiAssessment, ResultAssessment
from kpiascode.model.observation import Observation
from kpiascode.model.project import Communication, Kpi, Lifecycle
from kpiascode.model.signals import Variation
from kpiascode.render.audience import told_place, used_elsewhere
from kpiascode.render.changes import Moved, moved
from kpiascode.render.charts.lines import Sign
from kpiascode.render.diary import Entry, check_ins, entries
from kpiascode.render.drawings import history, moving_ranges, sentence_of_range, slice_bars, year_differences
from kpiascode.render.judged import at_any_time, is_on_a_way, leading, target_words
from kpiascode.render.links import Link, goal_link, kpi_link, owner_link, scorecard_link, unit_link
from kpiascode.render.numbers import Amount, amount, apart, declared
from kpiascode.render.pages.results import ResultRow, result_row
from kpiascode.render.pages.table import KpiTable, kpi_table
from kpiascode.render.plans import PlanLine, is_about, plans_shown
from kpiascode.render.sentences import Sentence, kpi_sentence, said
from kpiascode.render.usual import limits_sentence, sign_of, signal_words, standing_note
from kpiascode.render.verdicts import good_kpi_sentence
from kpiascode.render.whatchanged import DayOfChanges, changes_of
from kpiascode.render.words import (
    CRITERION,
    DIRECTION,
    GRADE,
    GRAIN,
    OUTCOME,
    QUESTION,
    STANDING,
    VARIATION,
    Word,
    data_reach,
    data_word,
    day,
    length,
    listing,
    moment,
    period,
    sentence,
    shortened,
)

PUBLISHED: Final = 24  # rows of what was published
SIGNALS: Final = 12
DIARY: Final = 4  # check-ins before the earlier ones are folded
LISTED: Final = 120  # values; the others are in the data of a scorecard
SIGN: Final = {
    Sign.BETTER: VARIATION[Variation.BETTER],
    Sign.WORSE: VARIATION[Variation.WORSE],
    Sign.CHANGED: VARIATION[Variation.CHANGED],
}
GLANCE: Final = 400  # characters of a description before it is folded
SLICES: Final = 12  # rows of a breakdown before it is folded


@dataclass(frozen=True, slots=True)
class Figure:
    """A number at the top, with what it is and a note; a `word` stands in the place of the value."""

    name: str
    value: str
    note: str
    word: Word | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    word: Word
    text: str
    fix: str


@dataclass(frozen=True, slots=True)
class CriterionColumn:
    name: str
    question: str
    grade: Word
    reason: str
    reasons: tuple[Reason, ...]
    first_fix: str


@dataclass(frozen=True, slots=True)
class SliceRow:
    name: str
    value: Amount | None
    bar: Markup


@dataclass(frozen=True, slots=True)
class Breakdown:
    """A KPI by one dimension; `withheld` tells why nothing is shown."""

    dimension: str
    period: str
    rows: tuple[SliceRow, ...]
    folded: tuple[SliceRow, ...]
    withheld: str


@dataclass(frozen=True, slots=True)
class Term:
    """A line of the definition: words, code, or links."""

    name: str
    text: str = ""
    code: str = ""
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Sql:
    dialect: str
    text: str
    refused: str


@dataclass(frozen=True, slots=True)
class Value:
    period: str
    value: Amount | None
    complete: bool


@dataclass(frozen=True, slots=True)
class SignalRow:
    """A signal in words; `fresh` says whether it speaks of the last two periods."""

    words: str
    word: Word
    fresh: bool


@dataclass(frozen=True, slots=True)
class PublishedRow:
    """A value as it was published, or published anew."""

    period: str
    value: str
    on: str
    where: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KpiPage:
    title: str
    lifecycle: str
    owner: Link
    unit: Link | None
    sentence: Sentence
    glance: str
    description: str
    act: str
    figures: tuple[Figure, ...]
    chart: Markup
    chart_words: str
    chart_note: str
    usual: str
    against_last_year: Markup | None
    ranges: Markup | None
    signals: tuple[SignalRow, ...]
    counters: KpiTable
    published: tuple[PublishedRow, ...]
    changes: tuple[DayOfChanges, ...]
    hash: str
    watermark: str
    results: tuple[ResultRow, ...]
    diary: tuple[Entry, ...]
    earlier: tuple[Entry, ...]
    elsewhere: str
    plans: tuple[PlanLine, ...]
    scorecards: tuple[Link, ...]
    good: str
    criteria: tuple[CriterionColumn, ...]
    breakdowns: tuple[Breakdown, ...]
    terms: tuple[Term, ...]
    sql: tuple[Sql, ...]
    values: tuple[Value, ...]
    place: str
    late: str


def kpi_page(kpi: Kpi, assessment: Assessment) -> KpiPage:
    project, assessed = assessment.project, assessment.kpis[kpi.name]
    owner = project.owners.get(kpi.owner)
    opening = kpi_sentence(kpi, assessed, assessment)
    seen = sentence_of_range(kpi, assessed)
    text = kpi.description.strip()
    goals = {judged.goal for judged in assessed.results}
    written = check_ins(assessment, lambda one: one.kpi == kpi.name or one.goal in goals)
    diary = entries(written, assessment, named=True)
    return KpiPage(
        title=kpi.title,
        lifecycle={Lifecycle.DRAFT: "Draft", Lifecycle.DEPRECATED: "Deprecated"}.get(kpi.status, ""),
        owner=owner_link(project, kpi.owner),
        unit=unit_link(project, owner.org_unit) if owner else None,
        sentence=opening,
        glance=shortened(" ".join(text.split()), GLANCE),
        description=text if len(text) > GLANCE else "",
        act=kpi.act or "",
        figures=tuple(_figures(kpi, assessed, assessment)),
        chart=history(kpi, assessed, assessment, f"{said(opening)} {seen}"),
        chart_words=seen,
        chart_note=_chart_note(assessed),
        usual=limits_sentence(kpi, assessed),
        against_last_year=year_differences(
            kpi, assessed, f"{kpi.title} against the year before. {limits_sentence(kpi, assessed)}"
        ),
        ranges=moving_ranges(kpi, assessed, f"Distances between neighbouring values of {kpi.title}"),
        signals=_signals(kpi, assessed),
        counters=kpi_table([(Link(""), kpi.counter_kpis)], assessment),
        published=tuple(_published(kpi, assessment))[:PUBLISHED],
        changes=changes_of({kpi.name}, assessment),
        hash=assessment.evidence.definitions.get(kpi.name, "")[:12],
        watermark=moment(assessed.data.latest) if assessed.data.latest else "",
        results=tuple(result_row(judged, assessment) for judged in assessed.results),
        diary=diary[:DIARY],
        earlier=diary[DIARY:],
        elsewhere=used_elsewhere(kpi.name, project),
        plans=plans_shown(assessment, lambda plan: is_about(plan, project, kpi.name)),
        scorecards=tuple(
            scorecard_link(project, name)
            for name, card in project.scorecards.items()
            if kpi.name in card.kpis
        ),
        good=good_kpi_sentence(assessed),
        criteria=tuple(_column(answer) for answer in assessed.criteria),
        breakdowns=tuple(_breakdowns(kpi, assessed)),
        terms=tuple(_terms(kpi, assessment)),
        sql=tuple(_sql(kpi.name, assessment)),
        values=tuple(
            Value(period(o.period), None if o.value is None else amount(o.value, kpi.unit), o.complete)
            for o in reversed(assessed.series[-LISTED:])
        ),
        place=told_place(kpi.place, project),
        late=listing(assessed.data.late),
    )


def _signals(kpi: Kpi, assessed: KpiAssessment) -> tuple[SignalRow, ...]:
    """Return the newest signals, the newest first."""
    found = [signal for segment in assessed.behaviour.segments for signal in segment.signals]
    rows = (
        SignalRow(signal_words(signal, kpi), SIGN[sign_of(signal, kpi.direction)], signal.new)
        for signal in reversed(found)
    )
    return tuple(rows)[:SIGNALS]


def _published(kpi: Kpi, assessment: Assessment) -> Iterator[PublishedRow]:
    """Yield the totals that were published, the newest publication first."""
    calendar = assessment.project.settings.calendar
    for publication in reversed(assessment.evidence.publications or ()):
        where = (
            ", ".join(unit_link(assessment.project, unit).text for unit in publication.audiences)
            or "everybody"
        )
        for value in reversed(publication.values):
            if value.kpi == kpi.name and not value.slice:
                found = calendar.period_named(value.period)
                yield PublishedRow(
                    period=period(found) if found else value.period,
                    value="no value" if value.value is None else str(amount(value.value, kpi.unit)),
                    on=day(publication.at.date()),
                    where=f"{publication.channel}, to {where}",
                    note=f"Restated: {sentence(value.reason)}" if value.restates and value.reason else "",
                )


def _figures(kpi: Kpi, assessed: KpiAssessment, assessment: Assessment) -> Iterator[Figure]:
    current, part, judged = assessed.current, assessed.part, leading(assessed, assessment)
    if current is not None:
        shown = "No value" if current.value is None else str(amount(current.value, kpi.unit))
        yield Figure(period(current.period), shown, f"the last complete {GRAIN[kpi.grain]}")
    headline = STANDING[assessed.standing]
    yield Figure("Status", headline.text, standing_note(assessed), headline)
    if judged is not None:
        yield _target_figure(judged, kpi, assessment)
    for change in (assessed.previous, assessed.last_year):
        if change is not None:
            yield _moved_figure(moved(change, kpi.unit))
    if part is not None and part.value is not None:
        yield Figure(
            f"{period(part.period)} so far", str(amount(part.value, kpi.unit)), "not complete, not compared"
        )
    data = data_word(assessed.data)
    yield Figure("Data", data.text, data_reach(assessed.data), data)


def _target_figure(judged: ResultAssessment, kpi: Kpi, assessment: Assessment) -> Figure:
    of = goal_link(assessment, judged.goal).text
    words = target_words(judged, kpi)
    by_now = judged.expected if is_on_a_way(judged) else None
    against = judged.value if judged.value is not None else by_now
    expected = "" if by_now is None or against is None else f"{apart(by_now, against, kpi.unit)} by now; "
    return Figure("Target", (words or "not known"), f"{expected}{of}")


def _moved_figure(shown: Moved) -> Figure:
    value = shown.amount or "Not known"
    return Figure(
        f"Since {shown.since}", value[:1].upper() + value[1:], shown.verdict if shown.amount else ""
    )


def _chart_note(assessed: KpiAssessment) -> str:
    """Return what the chart leaves out; empty when nothing."""
    totals = [judged for judged in assessed.results if not judged.result.slice]
    if any(not at_any_time(judged) for judged in totals):
        return "A target for a whole span is not drawn: it cannot be compared with a single period."
    return ""


def _column(answer: CriterionAssessment) -> CriterionColumn:
    return CriterionColumn(
        name=CRITERION[answer.criterion],
        question=QUESTION[answer.criterion],
        grade=GRADE[answer.grade],
        reason=answer.reason,
        reasons=tuple(
            Reason(OUTCOME[finding.outcome], finding.reason, finding.fix or "") for finding in answer.findings
        ),
        first_fix=answer.first_fix or "",
    )


def _breakdowns(kpi: Kpi, assessed: KpiAssessment) -> Iterator[Breakdown]:
    persons = {dimension.name for dimension in kpi.dimensions if dimension.person}
    for name, slices in assessed.breakdown.items():
        when = period(slices[0].period) if slices else ""
        if name in persons:
            yield Breakdown(name, when, (), (), "Not shown, because it identifies persons.")
        elif not slices:
            yield Breakdown(name, when, (), (), "No slice was seen.")
        else:
            rows = tuple(_slice_rows(slices, kpi))
            yield Breakdown(name, when, rows[:SLICES], rows[SLICES:], "")


def _slice_rows(slices: Sequence[Observation], kpi: Kpi) -> Iterator[SliceRow]:
    for observed, drawn in zip(slices, slice_bars(slices, kpi), strict=True):
        names = ["(none)" if value is None else value for _, value in observed.slice]
        value = None if observed.value is None else amount(observed.value, kpi.unit)
        yield SliceRow(", ".join(names), value, drawn)


def _terms(kpi: Kpi, assessment: Assessment) -> Iterator[Term]:
    project = assessment.project
    yield Term("Expression", code=kpi.text)
    if kpi.where_text:
        yield Term("Where", code=kpi.where_text)
    datasets = assessment.evidence.datasets.get(kpi.name, (kpi.dataset,) if kpi.dataset else ())
    yield Term("Data from", text=listing([_dataset(name, assessment) for name in datasets]) or "other KPIs")
    yield Term("One value for each", text=GRAIN[kpi.grain])
    yield Term("Unit", text=kpi.unit.currency or kpi.unit.name)
    yield Term("Direction", text=DIRECTION[kpi.direction])
    bounds = _bounds_words(kpi)
    if bounds:
        yield Term("Possible values", text=bounds)
    if kpi.dimensions:
        yield Term("Can be split by", text=listing([dimension.name for dimension in kpi.dimensions]))
    yield Term("Applies to", links=tuple(unit_link(project, unit) for unit in kpi.applies_to))
    owner = project.owners.get(kpi.owner)
    yield Term("Owner", text=f"{owner.title}, {owner.contact}" if owner else kpi.owner)
    if kpi.counter_kpis:
        yield Term("Must not get worse", links=tuple(kpi_link(assessment, name) for name in kpi.counter_kpis))
    if kpi.leads:
        yield Term("Announces", links=tuple(kpi_link(assessment, lead.kpi) for lead in kpi.leads))
    if kpi.derived_from:
        yield Term("Variant of", links=(kpi_link(assessment, kpi.derived_from),))
    if kpi.process_changes:
        changes = [f"{day(change.start)}: {change.reason.rstrip('.')}" for change in kpi.process_changes]
        yield Term("Changes of the process", text="; ".join(changes))
    yield Term("Told to", text=_promise(kpi.communication, assessment))


def _dataset(name: str, assessment: Assessment) -> str:
    found = assessment.freshness.get(name)
    if found is None or found.latest is None:
        return name
    return f"{name} (to {moment(found.latest)})"


def _promise(promise: Communication | None, assessment: Assessment) -> str:
    if promise is None:
        return "nobody by promise"
    units = listing([unit_link(assessment.project, unit).text for unit in promise.audiences])
    by = f"by {listing(promise.channels)}" if promise.channels else ""
    within = f"within {length(promise.lag)} of the end of a period" if promise.lag is not None else ""
    return ", ".join(part for part in (units, by, within) if part) or "nobody by promise"


def _sql(name: str, assessment: Assessment) -> Iterator[Sql]:
    evidence = assessment.evidence
    for kpi, dialect in sorted({*evidence.sql, *evidence.refused}):
        if kpi == name:
            text = evidence.sql.get((kpi, dialect), "")
            refused = evidence.refused.get((kpi, dialect), "")
            yield Sql(dialect, text, sentence(refused) if refused else "")


def _bounds_words(kpi: Kpi) -> str:
    """Return what can never be true of it; empty without bounds."""
    least, most = kpi.bounds.min, kpi.bounds.max
    low = None if least is None else str(declared(least, kpi.unit))
    high = None if most is None else str(declared(most, kpi.unit))
    if low and high:
        return f"from {low} to {high}"
    return f"at least {low}" if low else f"at most {high}" if high else ""
