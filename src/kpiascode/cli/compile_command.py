"""`kpi compile`: the SQL of KPIs."""

import json
from dataclasses import replace

import click

from kpiascode.cli.failures import Exit
from kpiascode.cli.options import (
    GRAINS,
    as_of_option,
    chosen_kpis,
    day,
    found_project,
    moment,
    project_option,
    sound,
)
from kpiascode.model.calendar import Grain
from kpiascode.model.dialect import DIALECTS
from kpiascode.pipeline import asking, reading


@click.command(name="compile", epilog="Example: kpi compile net_sales --dialect snowflake --by channel")
@click.argument("kpis", nargs=-1, metavar="[KPI]...")
@click.option(
    "--dialect",
    type=click.Choice([*DIALECTS, "all"]),
    default="duckdb",
    show_default=True,
    help="`all`: every dialect that the project declares.",
)
@click.option("--from", "start", metavar="DATE", help="First day; moved back to the start of its period.")
@click.option(
    "--to", "end", metavar="DATE", help="The day after the last; moved on to the end of its period."
)
@click.option("--grain", type=click.Choice(GRAINS), help="Length of the periods; default: each KPI's own.")
@click.option("--by", multiple=True, metavar="DIMENSION", help="Slice by a dimension; may be repeated.")
@click.option("--where", metavar="CONDITION", help="Keep slices only, such as \"channel = 'online'\".")
@click.option("--together", is_flag=True, help="One query for all KPIs instead of one each.")
@click.option("--format", "form", type=click.Choice(["sql", "json"]), default="sql", show_default=True)
@as_of_option
@project_option
def command(
    kpis: tuple[str, ...],
    dialect: str,
    start: str | None,
    end: str | None,
    grain: str | None,
    by: tuple[str, ...],
    where: str | None,
    together: bool,
    form: str,
    as_of: str | None,
    folder: str | None,
) -> int:
    """Print readable SQL for KPIs (all without names). Nothing is run, and no warehouse is needed."""
    checked = sound(reading.read(found_project(folder)))
    names = chosen_kpis(kpis, checked.project)
    dialects = checked.project.settings.dialects if dialect == "all" else (dialect,)
    whole = asking.Ask(
        kpis=names,
        as_of=moment(as_of, checked.project.settings),
        grain=None if grain is None else Grain(grain),
        start=day("--from", start),
        end=day("--to", end),
        by=tuple(dict.fromkeys(by)),
        where=where,
    )
    typed = asking.with_file_types(checked, whole)
    found = []
    for group in (names,) if together else tuple((name,) for name in names):
        ask = replace(whole, kpis=group)
        for each in dialects:
            found += [(query.kpis, each, query.text) for query in asking.queries(typed, ask, each)]
    if form == "json":
        listed = [{"kpi": " ".join(kpi), "dialect": each, "sql": text} for kpi, each, text in found]
        click.echo(json.dumps(listed, indent=1, ensure_ascii=False))
    else:
        heads = [f"-- dialect: {each}\n" if len(dialects) > 1 else "" for _, each, _ in found]
        click.echo(
            "\n".join(f"{head}{text.rstrip()};\n" for head, (_, _, text) in zip(heads, found, strict=True)),
            nl=False,
        )
    return Exit.CLEAN
