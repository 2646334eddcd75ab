"""The page of an organisational unit: where it belongs, who is in it, what it reads and wants."""

from dataclasses import dataclass

from kpiascode.model.assessment import Assessment
from kpiascode.model.project import OrgUnit
from kpiascode.render.audience import told_place
from kpiascode.render.links import Link, kpi_link, owner_link, scorecard_link, unit_link
from kpiascode.render.numbers import whole
from kpiascode.render.overview import overview
from kpiascode.render.pages.table import KpiTable, Tally, kpi_table, tallies
from kpiascode.render.pages.tree import GoalNode, goal_forest
from kpiascode.render.plans import PlanLine, is_of_unit, plans_shown
from kpiascode.render.sentences import Sentence
from kpiascode.render.words import LEVEL, STANDING, Word


@dataclass(frozen=True, slots=True)
class OwnerLine:
    link: Link
    contact: str
    kpis: int


@dataclass(frozen=True, slots=True)
class Inherited:
    """A KPI of a unit above, and how it is there."""

    link: Link
    status: Word


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitPage:
    """A unit.

    Args:
        applying: KPIs that name this unit.
        from_above: KPIs that name a unit to which this one belongs, and not this one.
    """

    title: str
    description: str
    level: str
    headcount: str
    above: tuple[Link, ...]
    children: tuple[Link, ...]
    owners: tuple[OwnerLine, ...]
    scorecards: tuple[Link, ...]
    goals: tuple[GoalNode, ...]
    sentence: Sentence
    tallies: tuple[Tally, ...]
    applying: KpiTable
    from_above: tuple[Inherited, ...]
    plans: tuple[PlanLine, ...]
    place: str


def unit_page(unit: OrgUnit, assessment: Assessment) -> UnitPage:
    project = assessment.project
    above = project.unit_and_above(unit.name)[1:]
    own = [name for name, kpi in project.kpis.items() if unit.name in kpi.applies_to]
    inherited = [
        name
        for name, kpi in project.kpis.items()
        if name not in own and any(higher in kpi.applies_to for higher in above)
    ]
    return UnitPage(
        title=unit.title,
        description=unit.description.strip(),
        level=LEVEL[unit.level],
        headcount="" if unit.headcount is None else f"{whole(unit.headcount)} people",
        above=tuple(unit_link(project, name) for name in reversed(above)),
        children=tuple(
            unit_link(project, n) for n, other in project.org_units.items() if other.parent == unit.name
        ),
        owners=tuple(
            OwnerLine(
                owner_link(project, name),
                owner.contact,
                sum(kpi.owner == name for kpi in project.kpis.values()),
            )
            for name, owner in project.owners.items()
            if owner.org_unit == unit.name
        ),
        scorecards=tuple(
            scorecard_link(project, name)
            for name, card in project.scorecards.items()
            if unit.name == card.org_unit or unit.name in card.audiences
        ),
        goals=goal_forest(assessment, lambda name: project.goals[name].org_unit == unit.name),
        sentence=overview(own, assessment),
        tallies=tallies(own, assessment),
        applying=kpi_table([(Link(""), own)], assessment),
        from_above=tuple(
            Inherited(kpi_link(assessment, name), STANDING[assessment.kpis[name].standing])
            for name in inherited
            if name in assessment.kpis
        ),
        plans=plans_shown(assessment, lambda plan: is_of_unit(plan, project, unit.name)),
        place=told_place(unit.place, project),
    )
