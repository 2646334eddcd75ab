"""`kpi check`: what is wrong with the definitions."""

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

    With PATHs (files or folders, relative to the project) only findings there are shown; everything is read
    all the same, since a mistake in one file can be seen in another.
    """
    checked = reading.check(found_project(folder))
    shown = tuple(d for d in checked.diagnostics if not paths or _lies_under(d, paths))
    match form:
        case "json":
            click.echo(findings.as_json(shown))
        case "concise" if shown:
            click.echo(findings.concise(shown))
        case "full" if shown:
            click.echo(findings.printed(shown, checked.documents.sources))
    found = findings.summary(shown)
    if form == "full":
        project = checked.project
        told = (
            f"\n{found}."
            if shown
            else f"All clean: {counted(project.kpis, 'KPI')}, {counted(project.goals, 'goal')}, "
            f"{counted(project.scorecards, 'scorecard')}."
        )
        click.echo(told, err=True)
    errors = any(d.severity.value == "error" for d in shown)
    return Exit.FINDINGS if errors or (strict and shown) else Exit.CLEAN


def _lies_under(diagnostic: Diagnostic, paths: tuple[str, ...]) -> bool:
    wanted = [path.removeprefix("./").rstrip("/") for path in paths]
    return any(
        path in ("", ".") or diagnostic.place.path == path or diagnostic.place.path.startswith(f"{path}/")
        for path in wanted
    )
