"""From checked definitions to what their numbers mean, as the commands ask for it that show that."""

from dataclasses import replace

import click

from kpiascode.cli.commit import commit_of
from kpiascode.cli.findings import summary
from kpiascode.cli.formats.full import printed
from kpiascode.cli.ledgers import store_of
from kpiascode.cli.options import connection, keeping_day, moment, progress, sound
from kpiascode.cli.recalled import recalled
from kpiascode.model.assessment import Assessment
from kpiascode.pipeline import judging, ledger, reading
from kpiascode.pipeline.audience import agreed


def judged(
    checked: reading.Checked,
    *,
    as_of: str | None,
    engine: str | None,
    timeout: float | None,
    memory_limit: str | None,
    ledger_folder: str | None = None,
) -> Assessment:
    """Return what the numbers of all KPIs mean; warnings are shown, with errors it ends with exit code 1."""
    published = ledger.publications(store_of(checked.folder, ledger_folder))
    found = seen(checked, as_of=as_of, engine=engine, timeout=timeout, memory_limit=memory_limit)
    return judging.judged(found, published)


def seen(
    checked: reading.Checked,
    *,
    as_of: str | None,
    engine: str | None,
    timeout: float | None,
    memory_limit: str | None,
) -> judging.Seen:
    """Return what is known of all KPIs, not judged yet; warnings and errors as above.

    Who does not agree to be named any more is not in it, also as of a day on which they agreed.
    """
    warn(checked)
    settings = checked.project.settings
    seen_from = moment(as_of, settings)
    progress(f"Computing {len(checked.project.kpis)} KPIs ...")
    found = judging.seen(
        checked,
        seen_from,
        connection(engine, timeout, memory_limit, settings),
        commit_of(checked.folder),
        recalled(checked),
    )
    return replace(found, project=agreed(found.project, keeping_day(as_of, settings)))


def warn(checked: reading.Checked) -> None:
    """Show the warnings; with errors end with exit code 1."""
    sound(checked)
    if checked.diagnostics:
        click.echo(printed(checked.diagnostics, checked.documents.sources), err=True)
        click.echo(f"\n{summary(checked.diagnostics)}.\n", err=True)
