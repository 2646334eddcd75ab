"""`kpi explain`: a KPI in words, with what rests on it, its plan and its SQL."""

import click

from kpiascode.cli.failures import Exit
from kpiascode.cli.options import as_of_option, chosen_kpis, found_project, moment, project_option, sound
from kpiascode.cli.plan_text import told
from kpiascode.cli.text import safe
from kpiascode.model.dialect import DIALECTS
from kpiascode.model.expression import KpiValue, walk
from kpiascode.model.project import Kpi, Project
from kpiascode.pipeline import asking, reading


@click.command(epilog="Example: kpi explain gross_margin")
@click.argument("kpi")
@click.option("--dialect", type=click.Choice(DIALECTS), default="duckdb", show_default=True)
@click.option("--no-sql", is_flag=True, help="Words only, without plan and SQL.")
@as_of_option
@project_option
def command(kpi: str, dialect: str, no_sql: bool, as_of: str | None, folder: str | None) -> int:
    """Say a KPI in words: what it measures, who owns it, which goals rest on it, its plan and its SQL.

    The plan is the one for the last twelve periods: which rows count when, what is read, and how the value is
    made of it.
    """
    checked = sound(reading.read(found_project(folder)))
    (name,) = chosen_kpis((kpi,), checked.project)
    text = _words(checked.project.kpis[name], checked.project) + "\n"
    if not no_sql:
        ask = asking.Ask(kpis=(name,), as_of=moment(as_of, checked.project))
        for query in asking.queries(checked, ask, dialect):
            text += f"\nPlan:\n\n{told(query.plan)}\n\nSQL ({dialect}):\n\n{query.text}"
    click.echo(text, nl=False)
    return Exit.CLEAN


def _words(kpi: Kpi, project: Project) -> str:
    owner = project.owners[kpi.owner]
    units = ", ".join(project.org_units[unit].title for unit in kpi.applies_to)
    dated = f", dated by {_time(kpi, project)}" if kpi.dataset else ""
    formula = [f"  is            {' '.join(kpi.text.split())}"]
    for revision in reversed(kpi.revisions):
        was = revision.was
        rows = f", of rows where {' '.join(was.where_text.split())}" if was.where_text else ""
        changed = f" from {was.dataset}" if was.dataset != kpi.dataset else ""
        formula.append(
            f"  was           until {revision.until}: {' '.join(was.text.split())}{rows}{changed} "
            f"({' '.join(revision.reason.split())})"
        )
    lines = [
        f"{kpi.title} ({kpi.name}), declared at {kpi.place}",
        "",
        " ".join(kpi.description.split()),
        "",
        *formula,
        *_entities(kpi, project),
        *([f"  of rows where {' '.join(kpi.where_text.split())}"] if kpi.where_text else []),
        *([f"  from          {kpi.dataset}{dated}"] if kpi.dataset else []),
        f"  read          by {kpi.grain.value}, in {kpi.unit.currency or kpi.unit.name}; {_better(kpi)}",
        f"  sliced by     {', '.join(d.name for d in kpi.dimensions) or 'nothing'}",
        f"  owned by      {owner.title} ({owner.contact})",
        f"  applies to    {units}",
        f"  refers to     {', '.join(_references(kpi)) or 'no other KPI'}",
        f"  used by       {', '.join(_users(kpi, project)) or 'no other KPI'}",
        f"  goals         {', '.join(_goals(kpi, project)) or 'none'}",
        f"  scorecards    {', '.join(_scorecards(kpi, project)) or 'none'}",
        *([f"  act           {' '.join(kpi.act.split())}"] if kpi.act else []),
    ]
    return "\n".join(map(safe, lines))


def _entities(kpi: Kpi, project: Project) -> list[str]:
    """Return what a cohort or a funnel adds, as it is declared."""
    data = project.documents["kpi", kpi.name].data
    lines = []
    match data.get("cohort"):
        case {"entity": entity, "starts": starts, "age": age, **more}:
            ages = f"from {age['from']} to {age['to']}" if isinstance(age, dict) else f"up to {age}"
            picked = f", of those where {_one_line(more['where'])}" if "where" in more else ""
            lines.append(f"  by age        of {entity} since {starts}, {ages}{picked}")
    match data.get("funnel"):
        case {"entity": entity, "within": within, "steps": list(steps)}:
            lines.append(f"  in steps      of {entity}, all within {within}")
            for number, step in enumerate(steps, 1):
                told = step if isinstance(step, dict) else {}
                rows = f"rows of {told.get('dataset', kpi.dataset)}"
                if "where" in told:
                    rows += f" where {_one_line(told['where'])}"
                lines.append(f"    step({number})     {rows}")
    return lines


def _one_line(text: object) -> str:
    return " ".join(str(text).split())


def _better(kpi: Kpi) -> str:
    return "inside its band is good" if kpi.direction.value == "band" else f"{kpi.direction.value} is better"


def _time(kpi: Kpi, project: Project) -> str:
    document = project.documents["kpi", kpi.name].data.get("time")
    if document is None and kpi.dataset is not None:
        document = project.documents["dataset", kpi.dataset].data.get("time")
    return str(document)


def _references(kpi: Kpi) -> list[str]:
    parts = (node for rule in kpi.rules for node in walk(rule.expression))
    return list(dict.fromkeys(node.kpi for node in parts if isinstance(node, KpiValue)))


def _users(kpi: Kpi, project: Project) -> list[str]:
    return [other.name for other in project.kpis.values() if kpi.name in _references(other)]


def _goals(kpi: Kpi, project: Project) -> list[str]:
    return [goal.title for goal in project.goals.values() if any(r.kpi == kpi.name for r in goal.results)]


def _scorecards(kpi: Kpi, project: Project) -> list[str]:
    return [card.title for card in project.scorecards.values() if kpi.name in card.kpis]
