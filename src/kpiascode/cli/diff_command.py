"""`kpi diff`: what a change does to KPIs and goals, with their numbers, and who has to agree."""

import os
import shlex
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from kpiascode.cli.failures import Exit
from kpiascode.cli.findings import summary
from kpiascode.cli.formats.full import printed
from kpiascode.cli.options import (
    as_of_option,
    connection,
    engine_options,
    found_project,
    moment,
    progress,
    project_option,
)
from kpiascode.cli.recalled import git_of
from kpiascode.cli.restricted import asked_restricted_option, asked_source
from kpiascode.cli.text import safe
from kpiascode.model.changes import GRADES, Change, ChangeClass, Flag, Review, Standard
from kpiascode.model.document import Documents
from kpiascode.pipeline import differing, holding, telling
from kpiascode.pipeline.connection import Connection
from kpiascode.pipeline.home import PROJECT_FILE
from kpiascode.pipeline.restricted import Source

CLASSES = [one.value for one in ChangeClass]
SECONDS = 60.0
"""For a query of definitions that nobody has agreed to yet, where nobody says how long."""


@click.command(epilog="Example: kpi diff main --format markdown")
@click.argument("base")
@click.argument("head", required=False)
@click.option(
    "--format",
    "form",
    type=click.Choice(telling.FORMATS),
    default="text",
    show_default=True,
    help="For a terminal, a pull request, a program, or the readers of scorecards.",
)
@click.option(
    "--fail-on",
    "fail_on",
    type=click.Choice(CLASSES),
    metavar="CLASS",
    help=f"Exit with 1 for a change of this class or a graver one: {', '.join(CLASSES)}.",
)
@click.option(
    "--exact", is_flag=True, help="Compare with BASE itself, not with where the head parted from it."
)
@click.option("--no-values", "values", is_flag=True, flag_value=False, default=True, help="Compute nothing.")
@click.option(
    "--trust-head",
    is_flag=True,
    help="Let the definitions of the head ask the warehouse, and read outside the project; without it only "
    "its data files are read.",
)
@click.option(
    "--key",
    default="kpi diff",
    show_default=True,
    metavar="TEXT",
    help="With --format markdown: by what the comment is found again.",
)
@asked_restricted_option
@as_of_option
@engine_options
@project_option
def command(
    base: str,
    head: str | None,
    form: str,
    fail_on: str | None,
    exact: bool,
    values: bool,
    trust_head: bool,
    key: str,
    restricted: str | None,
    as_of: str | None,
    engine: str | None,
    timeout: float | None,
    memory_limit: str | None,
    folder: str | None,
) -> int:
    """Tell what the HEAD changes: kinds of changes, numbers before and after, goals, and who has to agree.

    BASE and HEAD are revisions of git, folders or archives; without HEAD it is the project as it lies here. A
    revision as BASE means the commit at which the head parted from it.
    """
    _check_key(key)
    home = _home(folder, head)
    try:
        with differing.ends(home, base, head, git_of(home), exactly=exact, with_data=values) as both:
            if both.head.documents.project is None:
                click.echo(printed(both.head.diagnostics, both.head.documents.sources), err=True)
                click.echo(f"\n{summary(both.head.diagnostics)}. Nothing was compared.", err=True)
                return Exit.FINDINGS
            now = moment(as_of, both.head.settings)
            standards = _standards(home, both.head.documents, asked_source(restricted, home), now.date())
            if standards is None:
                return Exit.FINDINGS
            progress("Comparing ...")
            review = differing.reviewed(
                both,
                now,
                *_asked(
                    both,
                    values=values,
                    trust_head=trust_head,
                    engine=engine,
                    timeout=timeout,
                    memory_limit=memory_limit,
                ),
                trusted=trust_head,
                standards=standards,
            )
            flags = {"--exact": exact, "--no-values": not values, "--trust-head": trust_head}
            command_line = _command_line(base, head, flags, review.as_of)
            click.echo(telling.told(review, form, lambda: both.head.project, key, command_line), nl=False)
    except differing.Unavailable as unavailable:
        raise click.UsageError(f"{safe(unavailable.reason)} {safe(unavailable.hint)}") from None
    stopped = _gate(review, fail_on)
    return _held(review) or stopped


def _standards(home: Path, head: Documents, source: Source | None, day: date) -> tuple[Standard, ...] | None:
    """Return what may not be changed; None where nobody can tell, which is said."""
    if source is None:
        return ()
    try:
        return holding.standards(home, head, source, day)
    except holding.CannotTell as refused:
        for one in refused.findings:
            click.echo(safe(f"{one.message} {one.hint or ''}".strip()), err=True)
        click.echo(
            "The restricted folder cannot be read as a whole, so nobody can tell what may not be changed. "
            "`kpi check --restricted` says why. Nothing was compared.",
            err=True,
        )
        return None


def _held(review: Review) -> int:
    for one in review.held:
        click.echo(f"{one.code}: {safe(one.words)}", err=True)
    return Exit.FINDINGS if review.held else Exit.CLEAN


def _home(folder: str | None, head: str | None) -> Path:
    """Return the project folder: of a head that is a folder that one, wherever the command is called."""
    if folder is None and head is not None and (Path(head) / PROJECT_FILE).is_file():
        return Path(os.path.abspath(head))
    return found_project(folder)


def _check_key(key: str) -> None:
    try:
        telling.check_key(key)
    except ValueError as error:
        raise click.UsageError(f"--key {key[:40]!r}: {error}") from None


def _asked(
    both: differing.Ends, *, values: bool, trust_head: bool, **given: Any
) -> tuple[Connection | None, str, str | None]:
    """Return what may be asked, the dialect of the SQL that is shown, and why nothing may be asked."""
    settings = both.head.settings
    named = given["engine"] or settings.default_engine
    declared = settings.engines.get(named) if named else None
    dialect = declared.dialect if declared else "duckdb"
    if not values:
        return None, dialect, "--no-values"
    if named is None:
        return _embedded(given), dialect, None
    if not trust_head:
        if given["engine"] is not None:
            raise click.UsageError(
                "--engine would let definitions ask it that nobody has agreed to. Say --trust-head if you "
                "trust them."
            )
        return None, dialect, f"the engine `{named}` is asked only with --trust-head"
    asked = connection(given["engine"], given["timeout"], given["memory_limit"], settings)
    return asked, dialect, None


def _embedded(given: dict[str, Any]) -> Connection:
    return Connection(timeout_seconds=given["timeout"] or SECONDS, memory_limit=given["memory_limit"])


def _command_line(base: str, head: str | None, flags: dict[str, bool], as_of: datetime) -> str:
    """Return what prints the same; which engine and which folder is no business of its readers."""
    given = [flag for flag, is_given in flags.items() if is_given]
    words = ["kpi", "diff", base, *([head] if head else []), *given]
    day = as_of.date().isoformat() if as_of.time() == datetime.min.time() else as_of.isoformat()
    return shlex.join([*words, "--as-of", day])


def _gate(review: Review, fail_on: str | None) -> int:
    if fail_on is None:
        return Exit.CLEAN
    least = GRADES[ChangeClass(fail_on)]
    stopped = [one for one in review.changes if GRADES[one.weight] >= least and not _is_draft(one)]
    if not stopped:
        return Exit.CLEAN
    noun = "change is" if len(stopped) == 1 else "changes are"
    click.echo(f"{len(stopped)} {noun} {fail_on} or graver (--fail-on).", err=True)
    return Exit.FINDINGS


def _is_draft(change: Change) -> bool:
    """Return whether a change is of a draft on both sides that nothing rests on."""
    return Flag.DRAFT in change.flags and not change.reach.goals and not change.reach.kpis
