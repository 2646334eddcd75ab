"""`kpi codeowners`: who approves what, for git hosts."""

import os
from pathlib import Path

import click

from kpiascode.cli.failures import Exit
from kpiascode.cli.findings import summary
from kpiascode.cli.formats.full import printed
from kpiascode.cli.options import found_project, project_option, sound
from kpiascode.cli.text import safe
from kpiascode.cli.writing import replace_file
from kpiascode.pipeline import owning, reading


@click.command(epilog="Example: kpi codeowners --write")
@click.option(
    "--write", "writes", is_flag=True, help="Write them into the file; all other lines stay as they are."
)
@click.option("--check", "checks", is_flag=True, help="Exit with 1 if the file says anything else.")
@click.option(
    "--file",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="The file; default: the one that your git host reads, else .github/CODEOWNERS.",
)
@project_option
def command(writes: bool, checks: bool, file: str | None, folder: str | None) -> int:
    """Print who approves a change of which file, as lines of a CODEOWNERS file for GitHub or GitLab.

    They are the `approvers` of the owners of what a file defines; without any, the `contact` where it is an
    account or an e-mail address.
    """
    if writes and checks:
        raise click.UsageError("--check writes nothing: leave out --write.")
    checked = sound(reading.read(found_project(folder)))
    owned = owning.owning(checked, None if file is None else _inside(file, checked.folder))
    difference = owned.difference
    findings = (*owned.findings, *((difference,) if checks and difference is not None else ()))
    if findings:
        texts = {} if owned.held is None else {owned.told_as: owned.held.decode("utf-8", "replace")}
        click.echo(printed(findings, {**checked.documents.sources, **texts}), err=True)
        click.echo(f"\n{summary(findings)}.", err=True)
    if checks:
        if difference is not None:
            return Exit.FINDINGS
        click.echo(f"{safe(owned.told_as)} says what the definitions do.", err=True)
    elif not writes:
        click.echo(owned.block, nl=False)
    elif difference is None:
        click.echo(f"{safe(owned.told_as)} says so already.", err=True)
    else:
        target = owned.top / owned.path
        target.parent.mkdir(parents=True, exist_ok=True)
        replace_file(owned.top, target, owned.wanted)
        click.echo(f"Wrote {safe(owned.told_as)}.", err=True)
    return Exit.CLEAN


def _inside(file: str, folder: Path) -> str:
    """Return the way from the top of the repository to a file, or end where it is none of a repository."""
    top = owning.top_of(folder.resolve())
    path = Path(os.path.abspath(file))
    if path.name != owning.NAME:
        raise click.UsageError(f"{safe(file)} is not read by a git host; the file is called {owning.NAME}.")
    for above in reversed(path.parents):
        if above.exists() and above.samefile(top):
            return path.relative_to(above).as_posix()
    raise click.UsageError(f"{safe(file)} lies outside the repository, whose top is {safe(str(top))}.")
