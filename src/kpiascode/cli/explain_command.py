"""`kpi explain`: a KPI in words, with what rests on it, its plan and its SQL; or what a finding means."""

import textwrap
from pathlib import Path

import click

from kpiascode.cli.failures import Exit
from kpiascode.cli.options import as_of_option, found_project, moment, project_option, sound
from kpiascode.cli.plan_text import told
from kpiascode.cli.text import safe
from kpiascode.model.diagnostic import did_you_mean, one_of
from kpiascode.model.dialect import DIALECTS
from kpiascode.model.expression import KpiValue, walk
from kpiascode.model.project import Kpi, Project
from kpiascode.pipeline import asking, explaining, reading


@click.command(epilog="Example: kpi explain gross_margin")
@click.argument("name", metavar="KPI|CODE")
@click.option("--dialect", type=click.Choice(DIALECTS), default="duckdb", show_default=True)
@click.option("--no-sql", is_flag=True, help="Words only, without plan and SQL.")
@as_of_option
@project_option
def command(name: str, dialect: str, no_sql: bool, as_of: str | None, folder: str | None) -> int:
    """Say a KPI in words: what it measures, who owns it, which goals rest on it, its plan and its SQL.

    The plan is the one for the last twelve periods: which rows count when, what is read, and how the value is
    made of it. With the CODE of a finding, say what it means and how to mend it.
    """
    if told_code := _of_code(name):
        click.echo(told_code)
        return Exit.CLEAN
    checked = _project_for(name, folder)
    text = _words(checked.project.kpis[name], checked.project) + "\n"
    if not no_sql:
        ask = asking.Ask(kpis=(name,), as_of=moment(as_of, checked.project.settings))
        for query in asking.queries(asking.with_file_types(checked, ask), ask, dialect):
            text += f"\nPlan:\n\n{told(query.plan)}\n\nSQL ({dialect}):\n\n{query.text}"
    click.echo(text, nl=False)
    return Exit.CLEAN


def _of_code(code: str) -> str | None:
    """Return what a finding means; of a rule with definitions that it finds and that it does not."""
    told = explaining.explanation(code)
    if told is None:
        return None
    if told.severity is not None:
        return f"{code} ({told.severity.value}, a rule of `kpi check`)\n\n{told.text}"
    return f"{code}\n\n{textwrap.fill(told.text, 100, break_on_hyphens=False, break_long_words=False)}"


def _project_for(name: str, folder: str | None) -> reading.Checked:
    """Return the project that has a KPI of this name, or end with the nearest name of a KPI or a finding.

    A name with a hyphen can only be that of a finding, so a project that is broken, or none, does not hide
    that there is none such.
    """
    is_code = "-" in name
    home = (
        None if is_code and folder is None and not reading.find_project(Path.cwd()) else found_project(folder)
    )
    checked = None if home is None else reading.read(home)
    kpis = () if checked is None else tuple(checked.project.kpis)
    if checked is not None and not is_code:
        sound(checked)
    if checked is None or name not in kpis:
        near = did_you_mean(name, (*kpis, *explaining.known_codes()))
        hint = near or (f"There are {one_of(kpis)}." if kpis else "Codes are told by `kpi check`.")
        raise click.UsageError(f"There is no KPI and no code of a finding `{name[:60]}`. {hint}")
    return checked


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
