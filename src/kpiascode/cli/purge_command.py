"""`kpi purge`: what of persons may not be kept any more, and removing it."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
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
from kpiascode.cli.private import PACKS, left_files, private_files, remove_private
from kpiascode.cli.recalled import git_of
from kpiascode.cli.restricted import restricted_option, source
from kpiascode.cli.text import aligned, safe
from kpiascode.model.diagnostic import Diagnostic
from kpiascode.pipeline import reading, restricted

ARTEFACT: Final = "artefact"
LEFTOVER: Final = "leftover"
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
    """A file whose time is over.

    Args:
        kind: Of its document; or that it is an artefact, or what a killed run left of one.
        until: The first day on which it may not be kept; None of what may never be: of an artefact of which a
            document is gone, and of what was left.
    """

    folder: Path
    path: str
    kind: str
    until: date | None


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
    Where the restricted folder is read, an artefact goes with the first of the documents that it is made of,
    as they say it now. What a killed run left of an artefact goes at once.

    With --remove they are removed. A file that does not say until when it may be kept is told, and never
    removed. Exit with 1 if anything is over and still there, or cannot be told.
    """
    home = found_project(folder)
    documents = source(restricted, home)
    packs = Path(os.path.abspath(output)) if output is not None else home / PACKS
    day = moment(as_of, reading.read(home).project.settings).date()
    expired, unknown, standing = _of_documents(home, documents, day)
    artefacts = tuple(_artefacts(packs, standing, day))
    left = tuple(Expired(folder=packs, path=name, kind=LEFTOVER, until=None) for name in left_files(packs))
    over = (*expired, *artefacts, *left)
    others = {one: _other_names(one) for one in over}
    if remove:
        # What is made of documents goes first: what stops us then leaves those by which the rest is found.
        if artefacts or left:
            remove_private(packs, [one.path for one in artefacts])
        _remove(expired)
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
) -> tuple[tuple[Expired, ...], tuple[Diagnostic, ...], restricted.Standing]:
    if documents is None:
        return (), (), restricted.NOBODY_KNOWS
    found = restricted.retention(home, documents, day)
    over = (
        Expired(folder=documents.folder, path=one.path, kind=one.kind, until=one.until) for one in found.over
    )
    return tuple(over), found.unknown, found.standing


def _artefacts(packs: Path, standing: restricted.Standing, day: date) -> Iterator[Expired]:
    """Yield the artefacts that are over on a day: by their own day, or since a document of theirs is."""
    for name, told in sorted(private_files(packs).items()):
        if told is None:
            continue
        until = standing.until(name, told)
        if until is None or until <= day:
            yield Expired(folder=packs, path=name, kind=ARTEFACT, until=until)


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
            *_why(one, day),
            "removed"[: 7 * removed],
        )
        for one in over
    ]
    click.echo("\n".join(aligned(rows, last_right=False)))
    what = counted(over, "file")
    click.echo(f"{what} removed." if removed else f"{what} may not be kept: `kpi purge --remove`.", err=True)


def _why(one: Expired, day: date) -> tuple[str, str]:
    if one.until is None:
        return ("left by a killed run" if one.kind == LEFTOVER else "its document is gone"), ""
    days = (day - one.until).days
    over = "since today" if not days else f"{days:,} {'day' if days == 1 else 'days'} over"
    return f"until {one.until}", over


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
                "until": None if one.until is None else one.until.isoformat(),
                "days_over": None if one.until is None else (day - one.until).days,
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
