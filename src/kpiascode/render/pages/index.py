"""The first page: one sentence, the scorecards, the goal tree, all KPIs, the organisation."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from kpiascode.model.assessment import Assessment
from kpiascode.model.project import Scorecard
from kpiascode.render.links import Link, kpi_link, scorecard_link, unit_link
from kpiascode.render.numbers import Amount, amount
from kpiascode.render.overview import overview
from kpiascode.render.pages.scorecard import needing_attention
from kpiascode.render.pages.table import KpiTable, Tally, common_period, currency, kpi_table, tallies
from kpiascode.render.pages.tree import GoalNode, goal_forest
from kpiascode.render.sentences import Sentence
from kpiascode.render.words import GRAIN, LEVEL, STANDING, Word, period, plural

MANY: Final = 60
"""Of more KPIs than this, the first page has one line for each, folded by unit."""


@dataclass(frozen=True, slots=True)
class ScorecardLine:
    link: Link
    about: str
    sentence: Sentence
    tallies: tuple[Tally, ...]


@dataclass(frozen=True, slots=True)
class ShortRow:
    """A KPI in one line, without pictures."""

    link: Link
    value: Amount | None
    period: str
    standing: Word


@dataclass(frozen=True, slots=True)
class Fold:
    """The KPIs of a unit, folded away; `needing` of them need attention."""

    unit: Link
    number: str
    needing: int
    tallies: tuple[Tally, ...]
    rows: tuple[ShortRow, ...]


@dataclass(frozen=True, slots=True)
class UnitNode:
    link: Link
    level: str
    kpis: int
    depth: int
    children: tuple["UnitNode", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexPage:
    """The first page.

    Args:
        table: All KPIs; None where there are so many that `folds` has them instead, by unit.
    """

    title: str
    sentence: Sentence
    currency: str
    tallies: tuple[Tally, ...]
    scorecards: tuple[ScorecardLine, ...]
    goals: tuple[GoalNode, ...]
    table: KpiTable | None
    folds: tuple[Fold, ...]
    units: tuple[UnitNode, ...]


def index_page(assessment: Assessment) -> IndexPage:
    project = assessment.project
    names = tuple(assessment.kpis)
    are_many = len(names) > MANY
    return IndexPage(
        title=project.settings.name,
        sentence=overview(names, assessment),
        currency=currency(names, assessment),
        tallies=tallies(names, assessment),
        scorecards=tuple(_scorecard(card, assessment) for card in project.scorecards.values()),
        goals=goal_forest(assessment, lambda _: True),
        table=None if are_many else kpi_table(_by_unit(assessment), assessment),
        folds=tuple(_folds(assessment)) if are_many else (),
        units=_units(assessment),
    )


def _scorecard(scorecard: Scorecard, assessment: Assessment) -> ScorecardLine:
    assessment = assessment.read_by(scorecard.grain)
    last = common_period(assessment.kpis[name] for name in scorecard.kpis if name in assessment.kpis)
    about = (
        unit_link(assessment.project, scorecard.org_unit).text,
        f"by {GRAIN[scorecard.grain]}",
        period(last) if last else "",
    )
    return ScorecardLine(
        link=scorecard_link(assessment.project, scorecard.name),
        about=" · ".join(part for part in about if part),
        sentence=overview(scorecard.kpis, assessment),
        tallies=tallies(scorecard.kpis, assessment),
    )


def _folds(assessment: Assessment) -> Iterator[Fold]:
    for unit, named in _by_unit(assessment):
        names = [name for name in named if name in assessment.kpis]
        if names:
            yield Fold(
                unit,
                plural(len(names), "KPI"),
                len(needing_attention(names, assessment)),
                tallies(names, assessment),
                tuple(_short_row(name, assessment) for name in names),
            )


def _short_row(name: str, assessment: Assessment) -> ShortRow:
    assessed = assessment.kpis[name]
    current = assessed.current
    return ShortRow(
        kpi_link(assessment, name),
        None
        if current is None or current.value is None
        else amount(current.value, assessment.project.kpis[name].unit),
        period(current.period) if current else "no complete period yet",
        STANDING[assessed.standing],
    )


def _by_unit(assessment: Assessment) -> list[tuple[Link, list[str]]]:
    """Return the KPIs by the unit of their owner, in the order of the organisation."""
    project = assessment.project
    by_unit: dict[str, list[str]] = {}
    for name, kpi in project.kpis.items():
        owner = project.owners.get(kpi.owner)
        by_unit.setdefault(owner.org_unit if owner else "", []).append(name)
    order = [node.link for root in _units(assessment) for node in _walked(root)]
    groups = [
        (unit_link(project, unit) if unit else Link("Nobody"), names) for unit, names in by_unit.items()
    ]
    return sorted(groups, key=lambda group: order.index(group[0]) if group[0] in order else len(order))


def _units(assessment: Assessment) -> tuple[UnitNode, ...]:
    project = assessment.project

    def node(name: str, depth: int) -> UnitNode:
        children = tuple(node(n, depth + 1) for n, u in project.org_units.items() if u.parent == name)
        applying = sum(name in kpi.applies_to for kpi in project.kpis.values())
        unit = project.org_units[name]
        return UnitNode(unit_link(project, name), LEVEL[unit.level], applying, min(depth, 5), children)

    roots = [n for n, u in project.org_units.items() if u.parent not in project.org_units]
    return tuple(node(name, 0) for name in roots)


def _walked(node: UnitNode) -> tuple[UnitNode, ...]:
    return (node, *(below for child in node.children for below in _walked(child)))
