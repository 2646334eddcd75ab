"""`kpi check --fix` and `--diff`: what mends findings, written to the files or shown."""

import difflib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import click

from kpiascode.cli.failures import Exit
from kpiascode.cli.options import counted
from kpiascode.cli.text import safe
from kpiascode.cli.writing import replace_file
from kpiascode.model.diagnostic import Diagnostic
from kpiascode.pipeline import mending, reading

BOM: Final = "\N{ZERO WIDTH NO-BREAK SPACE}"


def fix(checked: reading.Checked, is_wanted: Callable[[str], bool], baseline: Path | None) -> reading.Checked:
    """Mend the files, say what was done, and return what is found now."""
    mended = mending.mend(checked, is_wanted, baseline)
    changed = []
    for path, text in mended.texts.items():
        data = mending.encoded(checked, path, text)
        if data is None:
            changed.append(path)
        else:
            replace_file(checked.folder, checked.folder / path, data)
    fixed = [finding for finding in mended.fixed if finding.place.path not in changed]
    click.echo(_told("Fixed", fixed, mended.left), err=True)
    for path in changed:
        click.echo(
            f"{safe(path)} has just changed, so it was left as it is. Run the command again.", err=True
        )
    now = reading.check(checked.folder, baseline) if changed else mended.checked
    left = set(mended.left)
    return replace(now, diagnostics=tuple(replace(d, fix=()) if d in left else d for d in now.diagnostics))


def diff(checked: reading.Checked, is_wanted: Callable[[str], bool], baseline: Path | None) -> int:
    """Show what `fix` would do, as a diff that `patch -p1` takes in the project folder."""
    mended = mending.mend(checked, is_wanted, baseline)
    for path, text in sorted(mended.texts.items()):
        data = mending.encoded(checked, path, text) or b""
        mark = BOM if data.startswith(BOM.encode()) else ""
        for line in _diff(path, checked.documents.sources[path], text, mark):
            click.echo(line, nl=False)
    click.echo(_told("Would fix", mended.fixed, mended.left), err=True)
    return Exit.FINDINGS if mended.fixed else Exit.CLEAN


def _told(done: str, fixed: Sequence[Diagnostic], left: Sequence[Diagnostic]) -> str:
    files = {finding.place.path for finding in fixed}
    told = f"{done} {counted(fixed, 'finding')} in {counted(files, 'file')}." if fixed else "Nothing to fix."
    return (
        f"{told} Left as they are: {counted(left, 'fix')} that would change something else." if left else told
    )


def _diff(path: str, before: str, after: str, mark: str) -> Iterator[str]:
    """Yield the lines of a diff, harmless; `mark` is the byte order mark that the file has, or empty."""
    old, new = ((mark + text).splitlines(keepends=True) for text in (before, after))
    for line in difflib.unified_diff(old, new, f"a/{path}", f"b/{path}"):
        body = line.rstrip("\r\n")
        sign, rest = body[:1], body[1:]
        marked = mark if mark and rest.startswith(mark) else ""
        shown = sign + marked + "\t".join(map(safe, rest.removeprefix(marked).split("\t")))
        yield (
            f"{shown}{line[len(body) :]}"
            if line.endswith("\n")
            else f"{shown}\n\\ No newline at end of file\n"
        )
