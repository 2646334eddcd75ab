"""`kpi build`: the main job, from definitions to a site."""

import os
from pathlib import Path

import click

from kpiascode.cli.commit import commit_of
from kpiascode.cli.failures import Exit
from kpiascode.cli.findings import summary
from kpiascode.cli.formats.full import printed
from kpiascode.cli.options import (
    as_of_option,
    connection,
    counted,
    engine_options,
    found_project,
    moment,
    progress,
    project_option,
    sound,
)
from kpiascode.cli.site import refuse_foreign, write_site
from kpiascode.pipeline import judging, reading


@click.command(epilog="Example: kpi build --as-of 2026-01-01 --output public")
@click.option(
    "--output",
    type=click.Path(file_okay=False),
    metavar="DIR",
    help="The folder of the site; default: site/ beside kpiascode.yaml. No other folder is touched.",
)
@as_of_option
@engine_options
@project_option
def command(
    output: str | None,
    as_of: str | None,
    engine: str | None,
    timeout: float | None,
    memory_limit: str | None,
    folder: str | None,
) -> int:
    """Check the definitions, compute every KPI, judge it, and write the scorecards as a static site.

    The site is made beside the old one and put in its place at once, so a build that fails changes nothing.
    """
    home = found_project(folder)
    target = Path(os.path.abspath(output)) if output else home / "site"
    refuse_foreign(target)
    checked = sound(reading.check(home))
    if checked.diagnostics:
        click.echo(printed(checked.diagnostics, checked.documents.sources), err=True)
        click.echo(f"\n{summary(checked.diagnostics)}.\n", err=True)
    seen_from = moment(as_of, checked.project)
    progress(f"Computing {len(checked.project.kpis)} KPIs ...")
    judged = judging.assessment(
        checked, seen_from, connection(engine, timeout, memory_limit, checked.project), commit_of(home)
    )
    progress("Writing the pages ...")
    pages = judging.pages(judged)
    write_site(target, pages)
    project = checked.project
    click.echo(
        f"{counted(project.scorecards, 'scorecard')}, {counted(project.kpis, 'KPI')}, {len(pages)} files, "
        f"as of {seen_from:%Y-%m-%d}: {target / 'index.html'}"
    )
    return Exit.CLEAN
