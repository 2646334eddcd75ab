"""`kpi list`: what is declared."""

import json

import click

from kpiascode.cli.failures import Exit
from kpiascode.cli.options import found_project, project_option, sound
from kpiascode.cli.text import aligned, safe
from kpiascode.model.project import Project
from kpiascode.pipeline import reading

KINDS = ("kpis", "goals", "scorecards", "datasets", "owners", "units")


@click.command(name="list", epilog="Example: kpi list goals")
@click.argument("kind", type=click.Choice([*KINDS, "all"]), default="kpis")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@project_option
def command(kind: str, form: str, folder: str | None) -> int:
    """Show what is declared: KPIs (the default), goals, scorecards, datasets, owners, units or all."""
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
    match kind:
        case "kpis":
            return [
                {
                    "name": kpi.name,
                    "title": kpi.title,
                    "owner": kpi.owner,
                    "grain": kpi.grain.value,
                    "unit": kpi.unit.currency or kpi.unit.name,
                    "place": str(kpi.place),
                }
                for kpi in project.kpis.values()
            ]
        case "goals":
            return [
                {
                    "name": goal.name,
                    "title": goal.title,
                    "unit": goal.org_unit,
                    "period": f"{goal.start} to {goal.end}",
                    "place": str(goal.place),
                }
                for goal in project.goals.values()
            ]
        case "scorecards":
            return [
                {
                    "name": card.name,
                    "title": card.title,
                    "unit": card.org_unit,
                    "kpis": str(len(card.kpis)),
                    "place": str(card.place),
                }
                for card in project.scorecards.values()
            ]
        case "datasets":
            return [
                {"name": data.name, "source": data.source, "place": str(data.place)}
                for data in project.datasets.values()
            ]
        case "owners":
            return [
                {"name": o.name, "title": o.title, "unit": o.org_unit, "place": str(o.place)}
                for o in project.owners.values()
            ]
        case _:
            return [
                {
                    "name": unit.name,
                    "title": unit.title,
                    "level": unit.level.value,
                    "parent": unit.parent or "",
                    "place": str(unit.place),
                }
                for unit in project.org_units.values()
            ]


def _print(rows: list[dict[str, str]]) -> None:
    if not rows:
        click.echo("(none)")
        return
    cells = [list(rows[0]), *([safe(cell) for cell in row.values()] for row in rows)]
    for line in aligned(cells, last_right=False):
        click.echo(line)
