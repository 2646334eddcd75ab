"""What a unit looks at in a review: facts of the time, and room for what people say. Nobody is rated."""

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Final

from kpiascode.model.assessment import Assessment, Criterion, KpiAssessment
from kpiascode.model.performance import ImprovementPlan, ReviewCycle
from kpiascode.model.project import Project
from kpiascode.model.visibility import may_see
from kpiascode.render.links import Link, owner_title, unit_link
from kpiascode.render.overview import overview
from kpiascode.render.packs.blocks import Blank, Cell, Column, Item, Items, Pack, Paragraph, Section, Table
from kpiascode.render.packs.parts import (
    check_in_table,
    check_ins_of,
    goal_table,
    percent,
    plan_table,
    result_table,
    steps,
)
from kpiascode.render.pages.table import KpiRow, kpi_table
from kpiascode.render.plans import is_about, is_of_unit
from kpiascode.render.sentences import said
from kpiascode.render.whatchanged import changes_of
from kpiascode.render.words import CRITERION, GRADE, day, span

CODE: Final = re.compile("`([^`]*)`")
A_DAY: Final = timedelta(days=1)


def review_pack(cycle: ReviewCycle, unit: str, assessment: Assessment) -> Pack:
    """Return the sheet of one unit."""
    project = assessment.project
    template = project.performance.templates[cycle.template]
    goals = goals_of(cycle, unit, project)
    kpis = kpis_of(cycle, unit, project)
    until = min(cycle.end, assessment.as_of.date())
    diary = check_ins_of(project, goals, kpis, cycle.start, until)
    return Pack(
        sort="Review",
        title=f"{unit_link(project, unit).text}: {cycle.title}",
        about=(
            f"{span(cycle.start, cycle.end)} · run by {owner_title(project, cycle.owner)}",
            *((template.description.strip(),) if template.description else ()),
        ),
        lead=said(overview(kpis, assessment)) if kpis else "",
        sections=(
            *((_deadlines(cycle),) if cycle.deadlines else ()),
            Section(
                title="Goals",
                blocks=(
                    goal_table(goals, assessment, f"Goals of {unit_link(project, unit).text}"),
                    *((result_table(goals, assessment, "What they ask for"),) if goals else ()),
                ),
            ),
            Section(title="KPIs", blocks=(_kpis(kpis, assessment),)),
            Section(title="Are they good KPIs?", blocks=(_grades(kpis, assessment),)),
            Section(
                title="Check-ins and decisions",
                blocks=(check_in_table(diary, project, "Nobody checked in."),),
            ),
            Section(
                title="Improvement plans",
                blocks=(plan_table(plans_of(cycle, unit, kpis, assessment), assessment),),
            ),
            Section(title="What changed", blocks=tuple(_changes(cycle, goals, kpis, assessment))),
            *(
                Section(title=part.title, blocks=tuple(Blank(question, 3) for question in part.questions))
                for part in template.sections
            ),
            *((_competencies(cycle, project),) if template.competencies else ()),
        ),
        foot=(
            "Facts are computed; what is written into the boxes is not kept by kpiascode. Nobody is rated.",
        ),
    )


def goals_of(cycle: ReviewCycle, unit: str, project: Project) -> tuple[str, ...]:
    """Return the goals of the unit that ran in the cycle, by their end."""
    found = [
        goal
        for goal in project.goals.values()
        if goal.org_unit == unit
        and goal.start < cycle.end
        and cycle.start < goal.end
        and may_see(project, goal.visibility, unit)
    ]
    return tuple(goal.name for goal in sorted(found, key=lambda one: (one.end, one.start, one.name)))


def kpis_of(cycle: ReviewCycle, unit: str, project: Project) -> tuple[str, ...]:
    """Return the KPIs of its goals, of its scorecards, and those that every unit looks at, each once.

    What its people may not see is left out.
    """
    of_goals = (
        result.kpi for name in goals_of(cycle, unit, project) for result in project.goals[name].results
    )
    of_cards = (kpi for card in project.scorecards.values() if card.org_unit == unit for kpi in card.kpis)
    found = dict.fromkeys((*of_goals, *of_cards, *cycle.kpis))
    return tuple(name for name in found if may_see(project, project.kpis[name].visibility, unit))


def plans_of(
    cycle: ReviewCycle, unit: str, kpis: Iterable[str], assessment: Assessment
) -> tuple[ImprovementPlan, ...]:
    """Return the plans of the unit, or about its KPIs, that ran in the cycle."""
    project, today = assessment.project, assessment.as_of.date()
    names = set(kpis)
    found = [
        plan
        for plan in project.performance.plans.values()
        if plan.opened_on < min(cycle.end, today)
        and cycle.start < _end(plan)
        and may_see(project, plan.visibility, unit)
        and may_see(project, project.kpis[plan.success.kpi].visibility, unit)
        and (is_of_unit(plan, project, unit) or any(is_about(plan, project, kpi) for kpi in names))
    ]
    return tuple(sorted(found, key=lambda plan: (plan.ends_on, plan.name)))


def _end(plan: ImprovementPlan) -> date:
    return plan.ends_on if plan.outcome is None else max(plan.opened_on, min(plan.ends_on, plan.outcome.day))


def _deadlines(cycle: ReviewCycle) -> Section:
    items = (Item(lead=day(one.due), text=one.title, boxed=True) for one in cycle.deadlines)
    return Section(title="Deadlines", blocks=(Items(tuple(items)),))


def _kpis(names: Iterable[str], assessment: Assessment) -> Table:
    shown = kpi_table([(Link(""), tuple(names))], assessment)
    rows = [row for group in shown.groups for row in group.rows]
    return Table(
        caption="KPIs",
        columns=(
            Column("KPI", wide=4),
            Column(shown.period or "Last value", is_number=True, wide=3),
            Column("Target", wide=4),
            Column(f"Last {shown.sparks} periods", wide=4),
            Column("Status", wide=5),
        ),
        rows=tuple(
            (
                Cell(text=row.link.text, note=row.owner.text),
                Cell(text=str(row.value) if row.value else "no value", note=row.value_note),
                Cell(text=row.target or "no target"),
                Cell(picture=row.spark, text=row.reach or "no values"),
                Cell(
                    word=row.standing,
                    note=_behaviour(row),
                ),
            )
            for row in rows
        ),
        empty="No goal and no scorecard of it looks at a KPI.",
    )


def _behaviour(row: KpiRow) -> str:
    """Return why it stands so and what is unusual, nothing of it twice."""
    unusual = row.variation.text.lower()
    since = f"{unusual} {row.since}".rstrip()
    if unusual in row.note:
        return row.note.replace(unusual, since)
    return f"{row.note}; {since}" if row.note else since


def _grades(names: Iterable[str], assessment: Assessment) -> Table:
    known = [assessment.kpis[name] for name in names if name in assessment.kpis]
    return Table(
        caption="Evidence that they are good KPIs",
        columns=(
            Column("KPI", wide=4),
            *(Column(CRITERION[one], wide=3) for one in Criterion),
            Column("First fix", wide=5),
        ),
        rows=tuple(
            (
                Cell(text=assessment.project.kpis[one.kpi].title),
                *(Cell(word=GRADE[answer.grade]) for answer in one.criteria),
                Cell(text=_fix(one) or "–"),
            )
            for one in known
        ),
    )


def _fix(one: KpiAssessment) -> str:
    """Return what would help first, where it is held back; what is code in it stands in quotes."""
    lowest = next(answer for answer in one.criteria if answer.criterion is one.below)
    return CODE.sub(r"“\1”", lowest.first_fix or "")


def _changes(
    cycle: ReviewCycle, goals: Iterable[str], kpis: Iterable[str], assessment: Assessment
) -> Iterator[Items | Table | Paragraph]:
    """Yield what changed in definitions and numbers since the cycle began, and in targets."""
    evidence = assessment.evidence
    found = changes_of(set(kpis), assessment, since=cycle.start - A_DAY)
    items = tuple(
        Item(
            lead=line.about.text,
            text=line.text,
            word=line.word,
            note=f"{one.day}{f', {line.source}' if line.source else ''}",
        )
        for one in found
        for line in one.lines
    )
    yield Items(items, "Nothing is known to have changed in definitions.")
    if evidence.history is None and evidence.publications is None:
        yield Paragraph("There is no git repository and no ledger that could tell what changed.", "soft")
    yield steps(goals, assessment, cycle.start)


def _competencies(cycle: ReviewCycle, project: Project) -> Section:
    template = project.performance.templates[cycle.template]
    return Section(
        title="What the unit is to be good at",
        blocks=tuple(
            Blank(f"{one.title}, {percent(one.weight)}", 2, one.description) for one in template.competencies
        ),
    )
