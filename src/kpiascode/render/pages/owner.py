"""The page of an owner: what is mine, and what of it needs me."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from kpiascode.model.assessment import Assessment, Grade, Status, Trust
from kpiascode.model.project import Owner
from kpiascode.render.audience import told_place
from kpiascode.render.links import Link, kpi_link, scorecard_link, unit_link
from kpiascode.render.pages.scorecard import Card, card, needing_attention
from kpiascode.render.pages.table import KpiTable, Tally, kpi_table, tallies
from kpiascode.render.pages.tree import GoalNode, goal_forest
from kpiascode.render.sentences import Piece, Sentence
from kpiascode.render.words import CRITERION, GRADE, Word, data_reach, day, length, listing, plural

CARDS: Final = 6
AHEAD: Final = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Fix:
    """What would make a KPI a better one, first of all."""

    kpi: Link
    word: Word
    criterion: str
    text: str


@dataclass(frozen=True, slots=True)
class WaiverLine:
    """A waiver that ends soon, or that ended."""

    kpi: Link
    probe: str
    reason: str
    approved_by: str
    ends: str
    ended: bool


@dataclass(frozen=True, slots=True)
class LateLine:
    """Data that is later than promised, and the KPIs that wait for it."""

    dataset: str
    reach: str
    late_by: str
    kpis: tuple[Link, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerPage:
    title: str
    unit: Link
    contact: str
    approvers: str
    sentence: Sentence
    tallies: tuple[Tally, ...]
    cards: tuple[Card, ...]
    more_cards: int
    goals: tuple[GoalNode, ...]
    late: tuple[LateLine, ...]
    waivers: tuple[WaiverLine, ...]
    fixes: tuple[Fix, ...]
    table: KpiTable
    scorecards: tuple[Link, ...]
    place: str


def owner_page(owner: Owner, assessment: Assessment) -> OwnerPage:
    project = assessment.project
    own = [name for name, kpi in project.kpis.items() if kpi.owner == owner.name and name in assessment.kpis]
    goals = {name for name, goal in project.goals.items() if goal.owner == owner.name}
    troubled = needing_attention(own, assessment)
    late, waivers = tuple(_late(own, assessment)), tuple(_waivers(own, assessment))
    missed = sum(assessment.goals[name].status is Status.MISSED for name in goals if name in assessment.goals)
    return OwnerPage(
        title=owner.title,
        unit=unit_link(project, owner.org_unit),
        contact=owner.contact,
        approvers=listing(list(owner.approvers)),
        sentence=_sentence(len(own), len(goals), len(troubled), missed, len(late), len(waivers)),
        tallies=tallies(own, assessment),
        cards=tuple(card(assessed, assessment) for assessed in troubled[:CARDS]),
        more_cards=max(0, len(troubled) - CARDS),
        goals=goal_forest(assessment, lambda name: name in goals),
        late=late,
        waivers=waivers,
        fixes=tuple(_fixes(own, assessment)),
        table=kpi_table([(Link(""), own)], assessment),
        scorecards=tuple(
            scorecard_link(project, name)
            for name, shown in project.scorecards.items()
            if owner.org_unit in (shown.org_unit, *shown.audiences) or set(own) & set(shown.kpis)
        ),
        place=told_place(owner.place, project),
    )


def _sentence(own: int, goals: int, troubled: int, missed: int, late: int, waivers: int) -> Sentence:
    """Return how much there is, and how much of it needs somebody."""
    if not own and not goals:
        return (Piece("Owns no KPI and no goal."),)
    owned = listing([plural(n, word) for n, word in ((own, "KPI"), (goals, "goal")) if n])
    needs = [
        f"{plural(troubled, 'KPI needs', 'KPIs need')} attention" if troubled else "",
        f"{plural(missed, 'goal is', 'goals are')} missed" if missed else "",
        f"{plural(late, 'dataset is', 'datasets are')} late" if late else "",
        f"{plural(waivers, 'waiver ends', 'waivers end')} soon" if waivers else "",
    ]
    told = listing([part for part in needs if part])
    tone = "act" if troubled or missed else "watch"
    return (
        Piece(f"Owns {owned}. "),
        Piece(f"{told}.", tone) if told else Piece("Nothing needs attention now."),
    )


def _late(own: Sequence[str], assessment: Assessment) -> Iterator[LateLine]:
    """Yield the late datasets by name, each once."""
    waiting: dict[str, list[str]] = {}
    for name in own:
        if assessment.kpis[name].data.trust is Trust.LATE:
            for dataset in assessment.kpis[name].data.late:
                waiting.setdefault(dataset, []).append(name)
    for dataset, names in sorted(waiting.items()):
        known = assessment.project.datasets.get(dataset)
        states = [assessment.kpis[name].data for name in names]
        alone = next((state for state in states if state.late == (dataset,)), None)
        yield LateLine(
            dataset=known.title if known and known.title else dataset,
            reach=data_reach(alone) if alone else "",
            late_by=length(alone.late_by) if alone and alone.late_by else "",
            kpis=tuple(kpi_link(assessment, name) for name in names),
        )


def _waivers(own: Sequence[str], assessment: Assessment) -> Iterator[WaiverLine]:
    """Yield the waivers that end within `AHEAD`, and those that ended and still stand there, by their end."""
    today = assessment.as_of.date()
    latest = today + AHEAD if date.max - today > AHEAD else date.max
    found = [
        (waiver.expires, name, waiver)
        for name in own
        for waiver in assessment.project.kpis[name].waivers
        if waiver.expires <= latest
    ]
    for expires, name, waiver in sorted(found, key=lambda one: one[:2]):
        yield WaiverLine(
            kpi=kpi_link(assessment, name),
            probe=waiver.probe,
            reason=waiver.reason,
            approved_by=waiver.approved_by,
            ends=day(expires),
            ended=expires < today,
        )


def _fixes(own: Sequence[str], assessment: Assessment) -> Iterator[Fix]:
    """Yield the first fix of each KPI that is weak or failing, for the criterion that makes it so."""
    for name in own:
        assessed = assessment.kpis[name]
        lowest = next(c for c in assessed.criteria if c.criterion is assessed.below)
        if lowest.first_fix and lowest.grade in (Grade.WEAK, Grade.FAILING):
            yield Fix(
                kpi_link(assessment, name),
                GRADE[lowest.grade],
                CRITERION[lowest.criterion].lower(),
                lowest.first_fix,
            )
