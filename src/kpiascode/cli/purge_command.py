"""`kpi purge`: what of persons may not be kept any more, and removing it."""

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import click

from kpiascode.cli.failures import Exit, MachineFailure
from kpiascode.cli.findings import summary
from kpiascode.cli.formats.full import printed
from kpiascode.cli.options import counted, found_project, moment, project_option
from kpiascode.cli.private import PACKS, private_files, remove_private
from kpiascode.cli.recalled import git_of
from kpiascode.cli.restricted import restricted_option, source
from kpiascode.cli.text import aligned, safe
from kpiascode.model.diagnostic import Diagnostic
from kpiascode.pipeline import reading, restricted

ARTEFACT: Final = "artefact"
HISTORY: Final = (
    "The history of the git repository around the restricted folder still holds what is removed. Commit the "
    "removal, rewrite the history with `git filter-repo --invert-paths --path FILE`, push it by force, and "
    "let everybody clone anew: clones, forks and backups hold it, too."
)
OTHER_NAMES: Final = (
    "{what} stood or stands under other names as well (hard links), and what it says stays there. Such names "
    "are found by `find / -samefile FILE` before anything is removed; afterwards nobody knows them."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expired:
    """A file whose time is over. `kind`: of its document, or that it is an artefact."""

    folder: Path
    path: str
    kind: str
    until: date


@click.command(epilog="Example: kpi purge --as-of 2027-01-01")
@click.option(
    "--as-of", "as_of", metavar="DATE", help="The day on which it is judged what is over. Default: today."
)
@click.option("--remove", is_flag=True, help="Remove the files that are over.")
@click.option(
    "--output",
    type=click.Path(file_okay=False),
    metavar="DIR",
    help="Where `kpi pack` wrote. Default: packs/ beside kpiascode.yaml.",
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@restricted_option
@project_option
def command(
    as_of: str | None,
    remove: bool,
    output: str | None,
    form: str,
    restricted: str | None,
    folder: str | None,
) -> int:
    """List what belongs to persons and may not be kept any more: documents and artefacts.

    A document says so by `retention_until`, an artefact by the list that `kpi pack` keeps of what it wrote.
    With --remove they are removed. A file that does not say until when it may be kept is told, and never
    removed. Exit with 1 if anything is over and still there, or cannot be told.
    """
    home = found_project(folder)
    documents = source(restricted, home)
    packs = Path(os.path.abspath(output)) if output is not None else home / PACKS
    day = moment(as_of, reading.read(home).project.settings).date()
    expired, unknown = _of_documents(home, documents, day)
    artefacts = [
        Expired(folder=packs, path=name, kind=ARTEFACT, until=until)
        for name, until in sorted(private_files(packs).items())
        if until is not None and until <= day
    ]
    over = (*expired, *artefacts)
    others = {one: _other_names(one) for one in over}
    if remove:
        _remove(expired)
        if artefacts:
            remove_private(packs, [one.path for one in artefacts])
    in_history = bool(expired) and documents is not None and _is_tracked(documents.folder)
    if form == "json":
        click.echo(_as_json(over, others, unknown, home, day, removed=remove, in_history=in_history))
    else:
        _tell(over, home, day, removed=remove)
    if unknown:
        click.echo(printed(unknown, {}), err=True)
        click.echo(f"\n{summary(unknown)}. What cannot be told is not removed.", err=True)
    if in_history and form == "text":
        click.echo(HISTORY, err=True)
    if linked := [one for one in over if others[one]] if form == "text" else []:
        click.echo(OTHER_NAMES.format(what=counted(linked, "file")), err=True)
    return Exit.FINDINGS if unknown or (over and not remove) else Exit.CLEAN


def _of_documents(
    home: Path, documents: restricted.Source | None, day: date
) -> tuple[tuple[Expired, ...], tuple[Diagnostic, ...]]:
    if documents is None:
        return (), ()
    found = restricted.retention(home, documents, day)
    return tuple(
        Expired(folder=documents.folder, path=one.path, kind=one.kind, until=one.until) for one in found.over
    ), found.unknown


def _remove(expired: Sequence[Expired]) -> None:
    for one in expired:
        file = one.folder / one.path
        try:
            file.unlink(missing_ok=True)
        except OSError as error:
            reason = error.strerror or "unknown reason"
            raise MachineFailure(f"cannot remove {safe(str(file))}: {reason}.") from error


def _other_names(one: Expired) -> int:
    """Return under how many other names a file stands on its disk."""
    with suppress(OSError):
        return os.lstat(one.folder / one.path).st_nlink - 1
    return 0


def _is_tracked(folder: Path) -> bool:
    """Return whether git tracks anything in a folder, so that its history holds what was there."""
    git = git_of(folder)
    return git is not None and bool(git.tracked("."))


# --- what is told


def _tell(over: Sequence[Expired], home: Path, day: date, *, removed: bool) -> None:
    if not over:
        click.echo(f"Nothing that says until when it may be kept is over on {day}.")
        return
    rows = [
        (
            safe(_shown(one, home)),
            one.kind,
            f"until {one.until}",
            _over(one.until, day),
            "removed"[: 7 * removed],
        )
        for one in over
    ]
    click.echo("\n".join(aligned(rows, last_right=False)))
    what = counted(over, "file")
    click.echo(f"{what} removed." if removed else f"{what} may not be kept: `kpi purge --remove`.", err=True)


def _over(until: date, day: date) -> str:
    days = (day - until).days
    return "since today" if not days else f"{days:,} {'day' if days == 1 else 'days'} over"


def _shown(one: Expired, home: Path) -> str:
    file = one.folder / one.path
    return (file.relative_to(home) if file.is_relative_to(home) else file).as_posix()


def _as_json(
    over: Sequence[Expired],
    others: Mapping[Expired, int],
    unknown: Sequence[Diagnostic],
    home: Path,
    day: date,
    *,
    removed: bool,
    in_history: bool,
) -> str:
    told = {
        "as_of": day.isoformat(),
        "expired": [
            {
                "path": _shown(one, home),
                "kind": one.kind,
                "until": one.until.isoformat(),
                "days_over": (day - one.until).days,
                "removed": removed,
                "other_names": others[one],
            }
            for one in over
        ],
        "unknown": [
            {"path": finding.place.path, "code": finding.code, "message": finding.message}
            for finding in unknown
        ],
        "in_history": in_history,
    }
    return json.dumps(told, indent=1, ensure_ascii=False)
