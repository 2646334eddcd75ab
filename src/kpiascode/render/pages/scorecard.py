"""The page of a scorecard: one sentence, what needs attention, the goals, every KPI."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from kpiascode.model.assessment import Assessment, KpiAssessment, Status, Trust
from kpiascode.model.project import Scorecard
from kpiascode.render.drawings import spark
from kpiascode.render.judged import is_of_current, leading
from kpiascode.render.links import Link, data_file, kpi_link, owner_title, unit_link
from kpiascode.render.numbers import Amount, amount
from kpiascode.render.overview import overview, worst_first
from kpiascode.render.pages.table import KpiTable, Tally, currency, kpi_table, tallies
from kpiascode.render.pages.tree import GoalNode, goal_forest
from kpiascode.render.sentences import Sentence, last_known, verdict_clause
from kpiascode.render.words import (
    GRAIN,
    STATUS,
    Word,
    data_reach,
    data_word,
    listing,
    period,
    sentence,
    within,
)

CARDS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A KPI that needs somebody.

    Args:
        late: How late the data is; None when it is not.
        late_words: Which data that is.
        act: What was declared to be done; empty when nothing was.
    """

    link: Link
    status: Word
    value: Amount | None
    spark: Markup
    sentence: str
    late: Word | None
    late_words: str
    owner: str
    act: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorecardPage:
    title: str
    description: str
    unit: Link
    audiences: str
    grain: str
    sentence: Sentence
    currency: str
    tallies: tuple[Tally, ...]
    cards: tuple[Card, ...]
    more_cards: int
    goals: tuple[GoalNode, ...]
    table: KpiTable
    data: str


def scorecard_page(scorecard: Scorecard, assessment: Assessment) -> ScorecardPage:
    project = assessment.project
    names = scorecard.kpis
    troubled = needing_attention([name for name in names if name in assessment.kpis], assessment)
    return ScorecardPage(
        title=scorecard.title,
        description=scorecard.description,
        unit=unit_link(project, scorecard.org_unit),
        audiences=listing([unit_link(project, unit).text for unit in scorecard.audiences]),
        grain=GRAIN[scorecard.grain],
        sentence=overview(names, assessment),
        currency=currency(names, assessment),
        tallies=tallies(names, assessment),
        cards=tuple(_card(assessed, assessment) for assessed in troubled[:CARDS]),
        more_cards=max(0, len(troubled) - CARDS),
        goals=_goals(scorecard, assessment),
        table=kpi_table(((Link(section.title), section.kpis) for section in scorecard.sections), assessment),
        data=data_file(scorecard.name),
    )


def needing_attention(names: Sequence[str], assessment: Assessment) -> list[KpiAssessment]:
    """Return those that missed, the worst first; those without data or late; those within tolerance."""
    every = [assessment.kpis[name] for name in names]
    missed = worst_first((k for k in every if k.status is Status.MISSED), assessment)
    silent = [k for k in every if k not in missed and (k.status is Status.NO_DATA or _is_late(k))]
    close = worst_first((k for k in every if k.status is Status.AT_RISK and k not in silent), assessment)
    return [*missed, *silent, *close]


def _is_late(assessed: KpiAssessment) -> bool:
    return assessed.data.trust is Trust.LATE


def _card(assessed: KpiAssessment, assessment: Assessment) -> Card:
    kpi = assessment.project.kpis[assessed.kpi]
    current = assessed.current
    value = current.value if current else None
    return Card(
        link=kpi_link(assessment, kpi.name),
        status=STATUS[assessed.status],
        value=None if value is None else amount(value, kpi.unit),
        spark=spark(kpi, assessed, assessment),
        sentence=_card_sentence(assessed, assessment),
        late=data_word(assessed.data) if _is_late(assessed) else None,
        late_words=_late_words(assessed),
        owner=owner_title(assessment.project, kpi.owner),
        act=kpi.act or "",
    )


def _card_sentence(assessed: KpiAssessment, assessment: Assessment) -> str:
    kpi = assessment.project.kpis[assessed.kpi]
    current, judged = assessed.current, leading(assessed, assessment)
    if current is None or current.value is None:
        when = period(current.period) if current else "any period"
        known = last_known(assessed)
        if known is None or known.value is None:
            return f"No value for {when}, nor before."
        return (
            f"No value for {when}. The last is {amount(known.value, kpi.unit)}, for {period(known.period)}."
        )
    if judged is None:
        return "No goal asks for its total."
    clause = verdict_clause(judged, kpi, assessment)
    if judged.value is not None and judged.period is not None and not is_of_current(judged, assessed):
        return sentence(f"{amount(judged.value, kpi.unit)} {within(judged.period)}{clause.joint}{clause}")
    return sentence(str(clause))


def _late_words(assessed: KpiAssessment) -> str:
    if not _is_late(assessed):
        return ""
    late = listing(assessed.data.late)
    return f"Late: {late} ({data_reach(assessed.data)})." if late else ""


def _goals(scorecard: Scorecard, assessment: Assessment) -> tuple[GoalNode, ...]:
    """Return the goals of its unit, above and below, that ask something of its KPIs."""
    project = assessment.project
    units = {*project.unit_and_above(scorecard.org_unit), *project.unit_and_below(scorecard.org_unit)}
    kpis = set(scorecard.kpis)

    def keep(name: str) -> bool:
        goal = project.goals[name]
        return goal.org_unit in units and any(result.kpi in kpis for result in goal.results)

    return goal_forest(assessment, keep)
