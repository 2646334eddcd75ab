"""The findings that are not shown, since they are allowed or known: written to a file, and told in a line."""

import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from kpiascode.cli.failures import MachineFailure
from kpiascode.cli.text import safe
from kpiascode.model.diagnostic import Severity, in_order
from kpiascode.pipeline import reading

_Command = TypeVar("_Command", bound=Callable[..., Any])

NAMED: Final = 5
"""How many entries of a baseline that are found no more are named."""


def baseline_options(command: _Command) -> _Command:
    command = click.option(
        "--write-baseline",
        metavar="FILE",
        help="Write what the rules find to FILE, so that it is known from now on.",
    )(command)
    return click.option(
        "--baseline",
        metavar="FILE",
        help="Hide the findings of rules that FILE knows; fail on new ones only.",
    )(command)


def path_of(baseline: str | None) -> Path | None:
    """Return the absolute path of `--baseline`."""
    return None if baseline is None else Path(os.path.abspath(baseline))


def refuse_part(write: str | None, paths: tuple[str, ...]) -> None:
    """Refuse to write a baseline of a part of the project."""
    if write is not None and paths:
        raise click.UsageError("--write-baseline is about the whole project: leave out the paths.")


def write(checked: reading.Checked, file: str | None, baseline: str | None) -> reading.Checked:
    """Write a baseline where one is asked for, say so, and return what remains to be shown.

    With `--baseline`, too, only what that one knows is kept, so that it can only shrink.
    """
    if file is None:
        return checked
    ruling = checked.ruling
    wrong = ruling.about_baseline if baseline is not None else ()
    others = set(checked.diagnostics) - set(ruling.open) - set(ruling.about_baseline)
    if wrong or not ruling.asked or any(d.severity is Severity.ERROR for d in others):
        click.echo(f"{safe(file)} was not written, since there are errors that it cannot hold.", err=True)
        return checked
    kept = ruling.hidden if baseline is not None else in_order((*ruling.hidden, *ruling.open))
    _replace(checked.folder, Path(os.path.abspath(file)), reading.baseline_of(checked, kept))
    left = ruling.open if baseline is not None else ()
    now = replace(ruling, open=left, hidden=kept, fixed=(), about_baseline=())
    click.echo(f"Wrote {_findings(len(kept))} to {safe(file)}.", err=True)
    return replace(checked, ruling=now, diagnostics=in_order((*others, *left)))


def told(checked: reading.Checked, is_wanted: Callable[[str], bool]) -> str:
    """Return how many findings are not shown, and what is fixed.

    Args:
        is_wanted: Whether findings in a file are asked for.
    """
    ruling = checked.ruling
    allowed = sum(is_wanted(finding.place.path) for finding in ruling.allowed)
    hidden = sum(is_wanted(finding.place.path) for finding in ruling.hidden)
    sentences = []
    if allowed:
        sentences.append(f"{_findings(allowed)} allowed by comments.")
    if hidden:
        sentences.append(f"{_findings(hidden)} known by the baseline.")
    if ruling.fixed:
        names = ", ".join(str(one) for one in ruling.fixed[:NAMED])
        more = f" and {len(ruling.fixed) - NAMED} more" if len(ruling.fixed) > NAMED else ""
        sentences.append(
            f"In the baseline and found no more: {names}{more}. Write it again with `--write-baseline`."
        )
    return " ".join(sentences)


def _findings(count: int) -> str:
    return f"{count:,} {'finding' if count == 1 else 'findings'}"


def _replace(home: Path, file: Path, text: str) -> None:
    """Write a file at once or not at all; no link leads it to another place."""
    parent = file.parent
    if file.is_relative_to(home) and not parent.resolve().is_relative_to(home.resolve()):
        raise MachineFailure(f"{safe(str(parent))} leads out of the project by a symbolic link.")
    if file.is_symlink() or (file.exists() and not file.is_file()):
        raise MachineFailure(f"{safe(str(file))} is no regular file, so it was not replaced.")
    handle, name = tempfile.mkstemp(dir=parent, prefix=".baseline-", suffix=".json")
    try:
        with open(handle, "w", encoding="utf-8", newline="\n") as out:
            out.write(text)
        os.chmod(name, 0o644)
        os.replace(name, file)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise
