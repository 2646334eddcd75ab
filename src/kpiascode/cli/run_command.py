"""`kpi run`: the values of KPIs."""

import json
from collections.abc import Sequence
from pathlib import Path

import click

from kpiascode.cli import values
from kpiascode.cli.failures import Exit
from kpiascode.cli.options import (
    GRAINS,
    as_of_option,
    chosen_kpis,
    connection,
    counted,
    day,
    engine_options,
    found_project,
    moment,
    project_option,
    sound,
)
from kpiascode.model.calendar import Grain
from kpiascode.pipeline import asking, reading


@click.command(epilog="Example: kpi run gross_margin --by channel --from 2025-01-01 --format csv")
@click.argument("kpis", nargs=-1, metavar="[KPI]...")
@click.option("--from", "start", metavar="DATE", help="First day; moved back to the start of its period.")
@click.option(
    "--to", "end", metavar="DATE", help="The day after the last; moved on to the end of its period."
)
@click.option("--grain", type=click.Choice(GRAINS), help="Length of the periods; default: each KPI's own.")
@click.option("--by", multiple=True, metavar="DIMENSION", help="Slice by a dimension; may be repeated.")
@click.option("--where", metavar="CONDITION", help="Keep slices only, such as \"channel = 'online'\".")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "json", "parquet"]),
    default="table",
    show_default=True,
)
@click.option("--output", type=click.Path(dir_okay=False), metavar="FILE", help="Write there (for parquet).")
@click.option(
    "--dry-run",
    is_flag=True,
    help="Print the statements that the engine would be asked, and the bytes they would read where it tells.",
)
@as_of_option
@engine_options
@project_option
def command(
    kpis: tuple[str, ...],
    start: str | None,
    end: str | None,
    grain: str | None,
    by: tuple[str, ...],
    where: str | None,
    form: str,
    output: str | None,
    dry_run: bool,
    as_of: str | None,
    engine: str | None,
    timeout: float | None,
    memory_limit: str | None,
    folder: str | None,
) -> int:
    """Print the values of KPIs (all without names), computed from the rows.

    Without --from: the twelve complete periods before --as-of, and its own. Values that are undefined are
    empty, never zero.
    """
    checked = sound(reading.read(found_project(folder)))
    if form == "parquet" and output is None:
        raise click.UsageError("Parquet is written to a file: add --output values.parquet.")
    ask = asking.Ask(
        kpis=chosen_kpis(kpis, checked.project),
        as_of=moment(as_of, checked.project.settings),
        grain=None if grain is None else Grain(grain),
        start=day("--from", start),
        end=day("--to", end),
        by=tuple(dict.fromkeys(by)),
        where=where,
    )
    if dry_run and (form not in ("table", "json") or output is not None):
        raise click.UsageError("--dry-run prints SQL, or JSON with --format json.")
    if form in ("csv", "parquet"):
        _check_columns(by)
    chosen = connection(engine, timeout, memory_limit, checked.project.settings)
    if dry_run:
        _show_statements(asking.statements(checked, ask, chosen), form)
        return Exit.CLEAN
    answer = asking.answer(checked, ask, chosen)
    match form:
        case "json":
            text = values.as_json(answer)
        case "csv":
            text = values.as_csv(answer)
        case "table":
            text = values.as_table(answer, checked.project)
        case _:
            asking.write_parquet(answer, Path(str(output)))
            return Exit.CLEAN
    if form == "table" and not answer:
        click.echo("No row of the data fits, so there is no slice to show.", err=True)
    if output is None:
        click.echo(text, nl=False)
    else:
        Path(output).write_text(text, encoding="utf-8", newline="")
    return Exit.CLEAN


def _show_statements(statements: Sequence[asking.Statement], form: str) -> None:
    if form == "json":
        listed = [
            {
                "kpis": list(one.query.kpis),
                "dialect": one.dialect,
                "bytes": one.bytes_read,
                "sql": one.query.text,
            }
            for one in statements
        ]
        click.echo(json.dumps(listed, indent=1, ensure_ascii=False))
        return
    for one in statements:
        reads = "" if one.bytes_read is None else f", reads {one.bytes_read:,} bytes"
        click.echo(f"-- {one.dialect}: {counted(one.query.kpis, 'KPI')}{reads}\n{one.query.text.rstrip()};")


def _check_columns(by: tuple[str, ...]) -> None:
    for name in by:
        if name in values.COLUMNS:
            raise click.UsageError(
                f"The answer has a column `{name}` of its own. "
                "Ask for --format json, or name the dimension otherwise."
            )
