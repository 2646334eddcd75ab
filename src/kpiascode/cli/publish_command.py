"""`kpi publish`: the site, and in the ledger what was told to whom."""

import hashlib
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import click

from kpiascode.cli.failures import Exit, MachineFailure
from kpiascode.cli.findings import summary
from kpiascode.cli.formats.full import printed
from kpiascode.cli.judged import seen
from kpiascode.cli.ledgers import refuse_overlap, store_of
from kpiascode.cli.options import (
    as_of_option,
    counted,
    engine_options,
    found_project,
    ledger_option,
    progress,
    project_option,
    sound,
    templates_option,
)
from kpiascode.cli.site import refuse_foreign, write_site
from kpiascode.cli.templates import own_templates
from kpiascode.model.diagnostic import did_you_mean, one_of
from kpiascode.model.project import Project
from kpiascode.pipeline import judging, ledger, publishing, reading

_PEOPLE = click.IntRange(min=0, max=10_000_000_000)


def _said(context: click.Context, option: click.Parameter, text: str | None) -> str | None:
    """Take a text for the ledger; a hidden character or a broken one would stay there for ever."""
    if text is not None and (not text.strip() or not publishing.is_sayable(text)):
        raise click.BadParameter("write one line of text, without hidden characters.")
    return text


@click.command(epilog="Example: kpi publish --channel email --recipients 120 --as-of 2026-01-01")
@click.argument("scorecards", nargs=-1, metavar="[SCORECARD]...")
@click.option(
    "--channel",
    type=click.Choice(publishing.CHANNELS),
    default="site",
    show_default=True,
    help="Over what it was told.",
)
@click.option(
    "--audience",
    "audiences",
    multiple=True,
    metavar="UNIT",
    help="Who was told; may be repeated. Default: the audiences of the scorecard.",
)
@click.option("--recipients", type=_PEOPLE, metavar="N", help="How many people it was meant for.")
@click.option("--delivered", type=_PEOPLE, metavar="N", help="How many of them it reached.")
@click.option("--acknowledged", type=_PEOPLE, metavar="N", help="How many opened it, or were there.")
@click.option("--note", callback=_said, metavar="TEXT", help="What was said of changes.")
@click.option(
    "--artefact",
    type=click.Path(exists=True, dir_okay=False),
    metavar="FILE",
    help="What was sent; its hash is recorded.",
)
@click.option(
    "--restate",
    callback=_said,
    metavar="REASON",
    help="Say why closed periods have other values than were published; with --author.",
)
@click.option("--author", callback=_said, metavar="NAME", help="Who restates.")
@click.option(
    "--output",
    type=click.Path(file_okay=False),
    metavar="DIR",
    help="The folder of the site; default: site/ beside kpiascode.yaml. No other folder is touched.",
)
@templates_option
@ledger_option
@as_of_option
@engine_options
@project_option
def command(
    scorecards: tuple[str, ...],
    channel: str,
    audiences: tuple[str, ...],
    recipients: int | None,
    delivered: int | None,
    acknowledged: int | None,
    note: str | None,
    artefact: str | None,
    restate: str | None,
    author: str | None,
    output: str | None,
    templates: str | None,
    ledger_folder: str | None,
    as_of: str | None,
    engine: str | None,
    timeout: float | None,
    memory_limit: str | None,
    folder: str | None,
) -> int:
    """Build the site, and record in the ledger what was published: all KPIs, or those of scorecards.

    A period that is over must have the value that it was published with, or --restate says why it has not.
    Publishing the same again adds nothing.
    """
    home = found_project(folder)
    target = Path(os.path.abspath(output)) if output else home / "site"
    refuse_foreign(target)
    refuse_overlap(store_of(home, ledger_folder), target)
    _check_people(recipients, delivered, acknowledged)
    if (restate is None) != (author is None):
        raise click.UsageError("--restate REASON and --author NAME go together.")
    own = own_templates(Path(templates)) if templates else {}
    judging.check_templates(own)
    checked = sound(reading.check(home))
    announcements = [
        publishing.Announcement(
            scorecard=scorecard,
            channel=channel,
            audiences=_units(audiences, checked.project),
            recipients=recipients,
            delivered=delivered,
            acknowledged=acknowledged,
            artefact=None if artefact is None else _hash_of(artefact),
            note=note or "",
            restatement=None
            if restate is None or author is None
            else publishing.Restatement(reason=restate, author=author),
        )
        for scorecard in _scorecards(scorecards, checked.project)
    ]
    store = store_of(home, ledger_folder)
    ledger.read(store)  # one that is broken is told before anything is computed
    found = seen(checked, as_of=as_of, engine=engine, timeout=timeout, memory_limit=memory_limit)
    progress("Writing the pages ...")
    is_written = False
    try:
        with publishing.publishing(found, store, announcements, own, lambda: datetime.now(UTC)) as made:
            write_site(target, made.pages)
            is_written = True
    except publishing.Refused as refused:
        click.echo(printed(refused.diagnostics, checked.documents.sources), err=True)
        click.echo(f"\n{summary(refused.diagnostics)}. Nothing was published.", err=True)
        return Exit.FINDINGS
    except OSError as error:
        kept = "The site is new, but" if is_written else "The old site is unchanged, and"
        raise MachineFailure(
            f"cannot write {store.folder}: {error.strerror}. {kept} nothing was recorded; publish again."
        ) from error
    _tell(made, store, checked.project, target)
    if restate is not None and not made.changes:
        click.echo("No closed period has changed, so nothing was restated.", err=True)
    return Exit.CLEAN


def _check_people(recipients: int | None, delivered: int | None, acknowledged: int | None) -> None:
    told = (("--recipients", recipients), ("--delivered", delivered), ("--acknowledged", acknowledged))
    known = [(option, number) for option, number in told if number is not None]
    if known and recipients is None:
        raise click.UsageError(f"{known[0][0]} says little without --recipients: how many it was meant for.")
    for (more, of_more), (fewer, of_fewer) in pairwise(known):
        if of_fewer > of_more:
            raise click.UsageError(f"{fewer} {of_fewer:,} is more than {more} {of_more:,}.")


def _units(names: tuple[str, ...], project: Project) -> tuple[str, ...] | None:
    for name in names:
        if name not in project.org_units:
            hint = did_you_mean(name, project.org_units) or f"There are {one_of(project.org_units)}."
            raise click.UsageError(f"There is no org unit `{name[:60]}`. {hint}")
    return tuple(sorted(set(names))) or None


def _scorecards(names: tuple[str, ...], project: Project) -> Sequence[str | None]:
    for name in names:
        if name not in project.scorecards:
            hint = did_you_mean(name, project.scorecards) or f"There are {one_of(project.scorecards)}."
            raise click.UsageError(f"There is no scorecard `{name[:60]}`. {hint}")
    return tuple(dict.fromkeys(names)) or (None,)


def _hash_of(file: str) -> str:
    if not os.path.isfile(file):
        raise click.UsageError("--artefact names no regular file.")
    with open(file, "rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _tell(made: publishing.Published, store: ledger.Store, project: Project, target: Path) -> None:
    click.echo(
        f"{counted(project.scorecards, 'scorecard')}, {counted(project.kpis, 'KPI')}, "
        f"{len(made.pages)} files, as of {made.assessment.as_of:%Y-%m-%d}: {target / 'index.html'}"
    )
    if not made.segments:
        click.echo("Already recorded: the ledger knows all of it.")
    for segment in made.segments:
        one = segment.publication
        restated = sum(value.restates is not None for value in one.values)
        more = f", {restated} of them restated" if restated else ""
        click.echo(
            f"Recorded {counted(one.values, 'value')} of {counted(one.kpis, 'KPI')}{more}: "
            f"{store.folder / segment.path}"
        )
