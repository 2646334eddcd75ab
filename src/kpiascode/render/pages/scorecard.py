"""The page of a scorecard: one sentence, what needs attention, the goals, every KPI."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from markupsafe import Markup

from kpiascode.model.assessment import Assessment, KpiAssessment, Trust
from kpiascode.model.project import Scorecard
from kpiascode.model.signals import Standing, Variation
from kpiascode.render.drawings import spark
from kpiascode.render.judged import is_of_current, leading
from kpiascode.render.links import Link, data_file, kpi_link, owner_link, unit_link
from kpiascode.render.numbers import Amount, amount
from kpiascode.render.overview import overview, worst_first
from kpiascode.render.pages.table import KpiTable, Tally, currency, kpi_table, tallies
from kpiascode.render.pages.tree import GoalNode, goal_forest
from kpiascode.render.sentences import Sentence, last_known, verdict_clause
from kpiascode.render.usual import assurance_sentence, cost_sentence, variation_sentence
from kpiascode.render.whatchanged import DayOfChanges, changes_of, last_issue
from kpiascode.render.words import (
    GRAIN,
    STANDING,
    Word,
    data_reach,
    data_word,
    day,
    listing,
    period,
    sentence,
    within,
)

CARDS: Final = 5
DAYS: Final = 8  # of changes; all of them stand on a page of their own
UNISSUED: Final = timedelta(days=62)
"""How far back changes are told where no issue is recorded."""
EARLY: Final = date(1, 12, 31)
ATTENTION: Final = (
    Standing.ACT,
    Standing.CANNOT,
    Standing.AT_A_COST,
    Standing.NO_VERDICT,
    Standing.IMPROVING,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A KPI that needs somebody.

    Args:
        late: How late the data is; None when it is not.
        late_words: Which data that is.
        act: What was declared to be done; empty when nothing was.
    """

    link: Link
    standing: Word
    value: Amount | None
    spark: Markup
    sentence: str
    late: Word | None
    late_words: str
    owner: Link
    act: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorecardPage:
    """A scorecard.

    Args:
        since: The day of the last issue; empty where none is recorded.
        changes: What a reader must know since then, or of the last months.
    """

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
    since: str
    changes: tuple[DayOfChanges, ...]
    data: str


def scorecard_page(scorecard: Scorecard, assessment: Assessment) -> ScorecardPage:
    project = assessment.project
    names = scorecard.kpis
    issued = last_issue(scorecard.name, assessment)
    recent = assessment.as_of.date() - UNISSUED if assessment.as_of.date() > EARLY else None
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
        cards=tuple(card(assessed, assessment) for assessed in troubled[:CARDS]),
        more_cards=max(0, len(troubled) - CARDS),
        goals=_goals(scorecard, assessment),
        table=kpi_table(((Link(section.title), section.kpis) for section in scorecard.sections), assessment),
        since="" if issued is None else day(issued),
        changes=changes_of(names, assessment, since=issued or recent)[:DAYS],
        data=data_file(scorecard.name),
    )


def needing_attention(names: Sequence[str], assessment: Assessment) -> list[KpiAssessment]:
    """Return those on which somebody must act, the worst first, then those that say nothing.

    One that hits and misses by chance is not among them: acting on noise makes a process worse.
    """
    every = [assessment.kpis[name] for name in names]
    return [
        assessed
        for standing in ATTENTION
        for assessed in worst_first((k for k in every if k.standing is standing), assessment)
    ]


def _is_late(assessed: KpiAssessment) -> bool:
    return assessed.data.trust is Trust.LATE


def card(assessed: KpiAssessment, assessment: Assessment) -> Card:
    kpi = assessment.project.kpis[assessed.kpi]
    current = assessed.current
    value = current.value if current else None
    return Card(
        link=kpi_link(assessment, kpi.name),
        standing=STANDING[assessed.standing],
        value=None if value is None else amount(value, kpi.unit),
        spark=spark(kpi, assessed, assessment),
        sentence=" ".join(
            part
            for part in (
                _card_sentence(assessed, assessment),
                _card_variation(assessed),
                assurance_sentence(assessed.behaviour) if assessed.standing is Standing.CANNOT else "",
                cost_sentence(assessed, [kpi_link(assessment, name).text for name in assessed.cost]),
            )
            if part
        ),
        late=data_word(assessed.data) if _is_late(assessed) else None,
        late_words=_late_words(assessed),
        owner=owner_link(assessment.project, kpi.owner),
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


def _card_variation(assessed: KpiAssessment) -> str:
    """Return how it varies, where that is why it stands here."""
    told = assessed.behaviour.variation in (Variation.WORSE, Variation.BETTER, Variation.CHANGED)
    return variation_sentence(assessed.behaviour) if told else ""


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
