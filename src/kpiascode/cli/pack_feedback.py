"""`kpi pack feedback`: what may be told of a feedback round, from the export of a form tool."""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import click

from kpiascode.cli.failures import Exit
from kpiascode.cli.options import as_of_option, moment, named, sound
from kpiascode.cli.packing import output_options, place_of, with_persons, write
from kpiascode.cli.private import private_files
from kpiascode.cli.recalled import git_of
from kpiascode.cli.restricted import restricted_option, source
from kpiascode.cli.text import safe
from kpiascode.model.performance import FeedbackRound
from kpiascode.pipeline import feedback, reading
from kpiascode.pipeline.packing import BOTH, HTML, MARKDOWN

STDIN: Final = "-"
ENDINGS: Final = {HTML: (".html",), MARKDOWN: (".md",), BOTH: (".html", ".md")}


@click.command(epilog="Example: kpi pack feedback care_autumn --responses export.csv --as-of 2026-01-01")
@click.argument("feedback_round", metavar="ROUND")
@click.option(
    "--responses",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True),
    required=True,
    metavar="FILE",
    help="The export: CSV in UTF-8 with a header; - reads standard input.",
)
@click.option(
    "--delimiter",
    type=click.Choice(feedback.DELIMITERS),
    default=feedback.DELIMITERS[0],
    show_default=True,
    help="What parts its columns.",
)
@click.option(
    "--ignore-column",
    "ignored",
    multiple=True,
    metavar="NAME",
    help="A column that is not read; can be given again. Any other that is not known is refused.",
)
@as_of_option
@restricted_option
@output_options
def command(
    feedback_round: str,
    responses: str,
    delimiter: str,
    ignored: tuple[str, ...],
    as_of: str | None,
    restricted: str | None,
    form: str,
    output: str | None,
    folder: str | None,
) -> int:
    """Sum up a feedback round: how many gave each answer, by group.

    A group is told from as many answers on as the round says, and what fewer have said can be found by no
    subtraction. Nothing is told before the window of the round has closed.
    """
    place = place_of(folder, output)
    checked = _checked(place.home, restricted, as_of)
    asked = _round(checked, feedback_round)
    _refuse_open(asked, checked, as_of)
    _refuse_needed(asked, ignored)
    _warn_of(responses, place.home)
    made = feedback.summed(
        checked,
        asked,
        _export(responses),
        path="standard input" if responses == STDIN else os.path.basename(responses),
        delimiter=delimiter,
        ignored=ignored,
    )
    _refuse_second(asked, place.target, made.packed.files)
    if made.withheld:
        click.echo(
            f"Answers in words that are not told, since they may name somebody: {made.withheld:,}.", err=True
        )
    wanted = {name: text for name, text in made.packed.files.items() if name.endswith(ENDINGS[form])}
    write(place, replace(made.packed, files=wanted))
    return Exit.CLEAN


def _checked(home: Path, given: str | None, as_of: str | None) -> reading.Checked:
    """Return the project, and what belongs to persons as long as it may be kept: their names are not told."""
    where = source(given, home)
    if where is None:
        return sound(reading.check(home))
    return with_persons(home, where, as_of)


def _round(checked: reading.Checked, name: str) -> FeedbackRound:
    known = {**checked.project.performance.rounds, **checked.restricted.performance.rounds}
    more = (
        ""
        if checked.restricted.documents
        else "One about a person needs the restricted folder: --restricted DIR."
    )
    return named(name, known, "feedback round", more)


def _refuse_open(asked: FeedbackRound, checked: reading.Checked, as_of: str | None) -> None:
    """Refuse a round that takes answers still: two summaries would differ by those who came between."""
    settings = checked.project.settings
    day = min(moment(as_of, settings), moment(None, settings)).date()
    if day < asked.end:
        raise click.UsageError(
            f"`{asked.name}` takes answers until {asked.end}, that day not included. Nothing is told before: "
            "who reads two summaries could subtract one from the other."
        )


def _refuse_needed(asked: FeedbackRound, ignored: tuple[str, ...]) -> None:
    for name in ignored:
        if name in feedback.columns(asked):
            raise click.UsageError(f"--ignore-column: the round needs the column `{name}`.")


def _warn_of(responses: str, home: Path) -> None:
    """Warn of an export that lies in the repository of the project and is, or may come, into its history."""
    git = git_of(home)
    if responses == STDIN or git is None:
        return
    file = os.path.realpath(responses)
    tracked = git.tracked(file)
    if tracked or (tracked is not None and not git.ignores(file)):
        click.echo(
            "The export lies in the repository, where answers never belong. Keep it elsewhere, and remove it "
            "once it is summed up.",
            err=True,
        )


def _export(responses: str) -> bytes:
    """Return the export, or a byte more of it than is read."""
    with click.open_file(responses, "rb") as file:
        data: bytes = file.read(feedback.MAX_BYTES + 1)
    return data


def _refuse_second(asked: FeedbackRound, target: Path, files: Mapping[str, str]) -> None:
    """Refuse to tell a round anew from other answers."""
    there = private_files(target)
    for name, text in files.items():
        if name in there and (target / name).read_bytes() != text.encode():
            raise click.UsageError(
                f"{safe(str(target / name))} tells `{asked.name}` already, from other answers or another "
                "definition. Who has both could subtract one from the other. Remove it if nobody has read it."
            )
