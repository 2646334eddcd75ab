"""`kpi list`: what is declared."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

import click

from kpiascode.cli.failures import Exit
from kpiascode.cli.options import found_project, project_option, sound
from kpiascode.cli.text import aligned, safe
from kpiascode.model.project import Project
from kpiascode.pipeline import reading

_Told: TypeAlias = Callable[[Any], dict[str, str]]


def _titled(**more: Callable[[Any], str]) -> _Told:
    """Return what tells the title of a thing, and more of it."""
    return lambda one: {"title": one.title, **{key: said(one) for key, said in more.items()}}


_KINDS: Final[Mapping[str, tuple[Callable[[Project], Mapping[str, Any]], _Told]]] = {
    "kpis": (
        lambda project: project.kpis,
        _titled(
            owner=lambda kpi: kpi.owner,
            grain=lambda kpi: kpi.grain.value,
            unit=lambda kpi: kpi.unit.currency or kpi.unit.name,
        ),
    ),
    "goals": (
        lambda project: project.goals,
        _titled(org_unit=lambda goal: goal.org_unit, period=lambda goal: f"{goal.start} to {goal.end}"),
    ),
    "scorecards": (
        lambda project: project.scorecards,
        _titled(org_unit=lambda card: card.org_unit, kpis=lambda card: str(len(card.kpis))),
    ),
    "datasets": (lambda project: project.datasets, lambda data: {"source": data.source}),
    "owners": (lambda project: project.owners, _titled(org_unit=lambda owner: owner.org_unit)),
    "org_units": (
        lambda project: project.org_units,
        _titled(level=lambda unit: unit.level.value, parent=lambda unit: unit.parent or ""),
    ),
    "check_ins": (
        lambda project: project.performance.check_ins,
        lambda one: {"about": one.goal or one.kpi, "as_of": str(one.as_of), "by": one.by},
    ),
    "review_cycles": (
        lambda project: project.performance.cycles,
        _titled(period=lambda cycle: f"{cycle.start} to {cycle.end}", template=lambda cycle: cycle.template),
    ),
    "review_templates": (lambda project: project.performance.templates, _titled()),
    "one_on_one_series": (
        lambda project: project.performance.series,
        _titled(manager=lambda series: series.manager, report=lambda series: series.report),
    ),
    "improvement_plans": (
        lambda project: project.performance.plans,
        _titled(about=lambda plan: plan.subject[1], ends_on=lambda plan: str(plan.ends_on)),
    ),
    "feedback_rounds": (
        lambda project: project.performance.rounds,
        _titled(about=lambda found: found.about, window=lambda found: f"{found.start} to {found.end}"),
    ),
    "recognition_programs": (
        lambda project: project.performance.programs,
        _titled(owner=lambda program: program.owner),
    ),
    "recognitions": (
        lambda project: project.performance.recognitions,
        lambda one: {"program": one.program, "day": str(one.day), "by": one.by},
    ),
}
KINDS: Final = tuple(_KINDS)


@click.command(name="list", epilog="Example: kpi list goals")
@click.argument("kind", type=click.Choice([*KINDS, "all"]), default="kpis", metavar="[KIND]")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@project_option
def command(kind: str, form: str, folder: str | None) -> int:
    """Show what is declared: KPIs, or what else KIND says. What stands in the restricted folder is not told.

    KIND is kpis (the default), goals, scorecards, datasets, owners, org_units, check_ins, review_cycles,
    review_templates, one_on_one_series, improvement_plans, feedback_rounds, recognition_programs,
    recognitions or all.
    """
    project = sound(reading.read(found_project(folder))).project
    kinds = KINDS if kind == "all" else (kind,)
    if form == "json":
        listed = [{"kind": each, **row} for each in kinds for row in _rows(project, each)]
        click.echo(json.dumps(listed, indent=1, ensure_ascii=False))
        return Exit.CLEAN
    for position, each in enumerate(kinds):
        rows = _rows(project, each)
        if kind == "all":
            click.echo(f"{'' if position == 0 else chr(10)}{each} ({len(rows)})")
        _print(rows)
    return Exit.CLEAN


def _rows(project: Project, kind: str) -> list[dict[str, str]]:
    things, told = _KINDS[kind]
    return [{"name": one.name, **told(one), "place": str(one.place)} for one in things(project).values()]


def _print(rows: list[dict[str, str]]) -> None:
    if not rows:
        click.echo("(none)")
        return
    cells = [list(rows[0]), *([safe(cell) for cell in row.values()] for row in rows)]
    for line in aligned(cells, last_right=False):
        click.echo(line)
