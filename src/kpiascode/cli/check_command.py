"""`kpi check`: what is wrong with the definitions."""

import os
from pathlib import Path

import click

from kpiascode.cli import findings
from kpiascode.cli.failures import Exit
from kpiascode.cli.options import counted, found_project, project_option
from kpiascode.model.diagnostic import Diagnostic
from kpiascode.pipeline import reading


@click.command(epilog="Example: kpi check --format concise kpis/sales.yaml")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option(
    "--format", "form", type=click.Choice(["full", "concise", "json"]), default="full", show_default=True
)
@click.option("--strict", is_flag=True, help="Exit with 1 for a warning, too.")
@project_option
def command(paths: tuple[str, ...], form: str, strict: bool, folder: str | None) -> int:
    """Find what is wrong with the definitions: shape, references, expressions, goals, files.

    With PATHs (files or folders) only findings there are shown; everything is read all the same, since a
    mistake in one file can be seen in another.
    """
    home = found_project(folder)
    wanted = tuple(_inside(path, home) for path in paths)
    checked = reading.check(home)
    shown = tuple(d for d in checked.diagnostics if not paths or _lies_under(d, wanted))
    match form:
        case "json":
            click.echo(findings.as_json(shown))
        case "concise" if shown:
            click.echo(findings.concise(shown))
        case "full" if shown:
            click.echo(findings.printed(shown, checked.documents.sources))
    if form == "full":
        click.echo(_told(checked, shown), err=True)
    errors = any(d.severity.value == "error" for d in shown)
    return Exit.FINDINGS if errors or (strict and shown) else Exit.CLEAN


def _told(checked: reading.Checked, shown: tuple[Diagnostic, ...]) -> str:
    """Return how it went, in a line."""
    if shown:
        return f"\n{findings.summary(shown)}."
    if checked.diagnostics:
        return f"Clean there. Elsewhere: {findings.summary(checked.diagnostics)}."
    project = checked.project
    return (
        f"All clean: {counted(project.kpis, 'KPI')}, {counted(project.goals, 'goal')}, "
        f"{counted(project.scorecards, 'scorecard')}."
    )


def _inside(path: str, home: Path) -> str:
    """Return a path, told from here or from the project folder, as findings have it."""
    for base in (Path.cwd(), home):
        found = Path(os.path.abspath(base / path))
        if os.path.lexists(found) and found.is_relative_to(home):
            return found.relative_to(home).as_posix()
    raise click.UsageError(f"There is no `{path[:80]}` in the project {home}.")


def _lies_under(diagnostic: Diagnostic, wanted: tuple[str, ...]) -> bool:
    place = diagnostic.place.path
    return any(path in (".", place) or place.startswith(f"{path}/") for path in wanted)
