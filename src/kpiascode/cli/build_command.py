"""`kpi build`: the main job, from definitions to a site."""

import os
from pathlib import Path

import click

from kpiascode.cli.failures import Exit
from kpiascode.cli.judged import judged
from kpiascode.cli.ledgers import refuse_overlap, store_of
from kpiascode.cli.options import (
    as_of_option,
    audience_option,
    counted,
    engine_options,
    for_audience,
    found_project,
    ledger_option,
    progress,
    project_option,
    templates_option,
)
from kpiascode.cli.site import refuse_foreign, write_site
from kpiascode.cli.templates import own_templates
from kpiascode.pipeline import judging, reading


@click.command(epilog="Example: kpi build --as-of 2026-01-01 --output public")
@audience_option
@click.option(
    "--output",
    type=click.Path(file_okay=False),
    metavar="DIR",
    help="The folder of the site; default: site/ beside kpiascode.yaml, and site-UNIT/ with --audience. "
    "No other folder is touched.",
)
@templates_option
@ledger_option
@as_of_option
@engine_options
@project_option
def command(
    audience: str | None,
    output: str | None,
    templates: str | None,
    ledger_folder: str | None,
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
    checked = for_audience(reading.check(home), audience)
    target = Path(os.path.abspath(output)) if output else home / (f"site-{audience}" if audience else "site")
    refuse_foreign(target)
    refuse_overlap(store_of(home, ledger_folder), target)
    own = own_templates(Path(templates)) if templates else {}
    judging.check_templates(own)
    made = judged(
        checked,
        as_of=as_of,
        engine=engine,
        timeout=timeout,
        memory_limit=memory_limit,
        ledger_folder=ledger_folder,
    )
    progress("Writing the pages ...")
    pages = judging.pages(made, own)
    write_site(target, pages)
    project = made.project
    click.echo(
        f"{counted(project.scorecards, 'scorecard')}, {counted(project.kpis, 'KPI')}, {len(pages)} files, "
        f"as of {made.as_of:%Y-%m-%d}: {target / 'index.html'}"
    )
    return Exit.CLEAN
