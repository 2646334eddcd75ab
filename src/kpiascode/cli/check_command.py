"""`kpi check`: what is wrong with the definitions, and with the data that they claim something of.

What is unchanged since an earlier check is told here; all else is imported when it is needed.
"""

import os
from pathlib import Path
from typing import Any

import click

from kpiascode.cli import check_options as options
from kpiascode.cli.cache import cache_option, store
from kpiascode.cli.check_report import Asked, tell
from kpiascode.cli.formats.named import FORMATS
from kpiascode.cli.options import engine_options, found_project, project_option
from kpiascode.cli.restricted import asked_restricted_option
from kpiascode.pipeline import remembering


@click.command(epilog="Example: kpi check --format concise kpis/sales.yaml")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMATS)),
    default="full",
    show_default=True,
    help="For people, for programs, or for the pages of a CI system.",
)
@click.option("--strict", is_flag=True, help="Exit with 1 for a warning, too.")
@click.option(
    "--data",
    is_flag=True,
    help="Look at the rows, too: keys, partners, times, how new they are, and the last values.",
)
@click.option(
    "--as-of",
    "as_of",
    metavar="DATE",
    help="With --data: from when it is judged how new rows are, and which periods are over. Default: today.",
)
@options.fix_options
@options.baseline_options
@click.option(
    "--no-examples",
    "examples",
    is_flag=True,
    flag_value=False,
    default=True,
    help="Leave the worked examples uncomputed.",
)
@asked_restricted_option
@cache_option
@engine_options
@project_option
def command(paths: tuple[str, ...], folder: str | None, cache: bool, **given: Any) -> int:
    """Find what is wrong with the definitions: shape, references, expressions, goals, files.

    With PATHs (files or folders) only findings there are shown and mended; everything is read all the same,
    since a mistake in one file can be seen in another. With --data the rows of the datasets and the last
    values of the KPIs there are looked at, too. With --restricted the documents of persons in that folder are
    checked, and nobody of them may be named in the open.
    """
    options.refuse_odd(paths=paths, **given)
    home = found_project(folder)
    asked = Asked(home=home, wanted=tuple(_inside(path, home) for path in paths), **given)
    kept = store(home, used=cache)
    found = remembering.recall(home, asked.what_matters, kept) if asked.is_plain else None
    if found is not None:
        return tell(asked, found)
    from kpiascode.cli import checking

    return checking.check(asked, kept)


def _inside(path: str, home: Path) -> str:
    """Return a path, told from here or from the project folder, as findings have it."""
    for base in (Path.cwd(), home):
        found = Path(os.path.abspath(base / path))
        if os.path.lexists(found) and found.is_relative_to(home):
            return found.relative_to(home).as_posix()
    raise click.UsageError(f"There is no `{path[:80]}` in the project {home}.")
