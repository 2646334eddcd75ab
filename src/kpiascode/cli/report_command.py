"""`kpi report`: one scorecard for a chat, a mail, a program, on paper."""

import re

import click

from kpiascode.cli.failures import Exit, MachineFailure
from kpiascode.cli.judged import judged
from kpiascode.cli.ledgers import refuse_overlap, store_of
from kpiascode.cli.options import (
    as_of_option,
    audience_option,
    engine_options,
    for_audience,
    found_project,
    ledger_option,
    project_option,
    sound,
)
from kpiascode.cli.writing import chosen_file, refuse_data, replace_file
from kpiascode.model.diagnostic import did_you_mean, one_of
from kpiascode.model.project import Project
from kpiascode.model.report import Form
from kpiascode.pipeline import reading, reporting


def _site(context: click.Context, option: click.Parameter, text: str | None) -> str | None:
    """Take an address that may stand in any form: nothing in it could end a link or lead to a script."""
    if text is None:
        return None
    if not re.fullmatch(r"https://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?", text):
        raise click.BadParameter("write an address such as https://kpis.example.com/site/.")
    return f"{text.rstrip('/')}/"


@click.command(epilog="Example: kpi report company_monthly --format markdown --as-of 2026-01-01")
@click.argument("scorecard", required=False)
@audience_option
@click.option(
    "--format",
    "form",
    type=click.Choice([form.value for form in Form]),
    default=Form.MARKDOWN.value,
    show_default=True,
)
@click.option(
    "--site",
    metavar="URL",
    callback=_site,
    help="Where the site can be read (https): names become links to it.",
)
@click.option("--output", type=click.Path(dir_okay=False), metavar="FILE", help="Write there (for pdf).")
@ledger_option
@as_of_option
@engine_options
@project_option
def command(
    scorecard: str | None,
    audience: str | None,
    form: str,
    site: str | None,
    output: str | None,
    ledger_folder: str | None,
    as_of: str | None,
    engine: str | None,
    timeout: float | None,
    memory_limit: str | None,
    folder: str | None,
) -> int:
    """Print one scorecard in another form than its page; without a name the only one there is.

    It says what the page says, as far as there is room; what is left out is told.
    """
    home = found_project(folder)
    wanted = Form(form)
    if wanted is Form.PDF and output is None:
        raise click.UsageError("PDF is written to a file: add --output scorecard.pdf.")
    target = chosen_file(output, "report")
    if target is not None:
        refuse_overlap(store_of(home, ledger_folder), target)
    checked = for_audience(sound(reading.check(home)), audience)
    if target is not None:
        refuse_data(home, checked.project, target)
    name = _chosen(scorecard, checked.project)
    made = judged(
        checked,
        as_of=as_of,
        engine=engine,
        timeout=timeout,
        memory_limit=memory_limit,
        ledger_folder=ledger_folder,
    )
    try:
        told = reporting.report(made, name, wanted, site)
    except reporting.NoPdf as missing:
        raise MachineFailure(str(missing)) from None
    if target is None:
        click.echo(told.decode(), nl=False)
    else:
        replace_file(home, target, told)
    return Exit.CLEAN


def _chosen(name: str | None, project: Project) -> str:
    if name in project.scorecards:
        return str(name)
    if name is not None:
        hint = did_you_mean(name, project.scorecards) or f"There are {one_of(project.scorecards)}."
        raise click.UsageError(f"There is no scorecard `{name[:60]}`. {hint}")
    if len(project.scorecards) == 1:
        return next(iter(project.scorecards))
    if not project.scorecards:
        raise click.UsageError("The project has no scorecard. Declare one with `kind: scorecard`.")
    raise click.UsageError(f"Name one of the scorecards: {one_of(project.scorecards)}.")
