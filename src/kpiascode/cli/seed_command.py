"""`kpi seed`: the files of a project as tables of an engine."""

import click

from kpiascode.cli.failures import Exit
from kpiascode.cli.options import connection, counted, found_project, progress, project_option, sound
from kpiascode.model.diagnostic import did_you_mean, one_of
from kpiascode.pipeline import reading


@click.command(epilog="Example: kpi seed --engine postgresql://me@localhost/demo --replace")
@click.argument("datasets", nargs=-1, metavar="[DATASET]...")
@click.option("--engine", required=True, metavar="NAME|URL", help="Where the tables are made.")
@click.option("--replace", is_flag=True, help="Drop tables of the same names first.")
@project_option
def command(datasets: tuple[str, ...], engine: str, replace: bool, folder: str | None) -> int:
    """Load the CSV and Parquet files of the project into an engine, one table a dataset.

    Types are those that `kpi` computes with, nulls stay nulls, and decimals are exact where the engine has
    them. With DATASETs only these are loaded. `kpi run --engine` then answers from the tables.
    """
    checked = sound(reading.check(found_project(folder)))
    target = connection(engine, None, None, checked.project.settings)
    if target.url is None or target.url.scheme == "duckdb":
        raise click.UsageError("Embedded DuckDB reads the files themselves; name another engine.")
    from kpiascode.pipeline import seeding

    files = {dataset.name: dataset for dataset in seeding.files_of(checked)}
    for name in datasets:
        if name not in files:
            hint = did_you_mean(name, files) or f"There are {one_of(files)}."
            raise click.UsageError(f"No dataset `{name[:60]}` is a file. {hint}")
    wanted = [files[name] for name in dict.fromkeys(datasets)] or list(files.values())
    progress(f"Loading {counted(wanted, 'file')} ...")
    for name, rows in seeding.seed(checked, wanted, target, replace=replace):
        click.echo(f"{name}: {rows:,} {'row' if rows == 1 else 'rows'}")
    return Exit.CLEAN
