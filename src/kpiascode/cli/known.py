"""The findings that are not shown, since they are allowed or known: written to a file, and told in a line."""

import os
from dataclasses import replace
from pathlib import Path

import click

from kpiascode.cli.text import safe
from kpiascode.cli.writing import json_with, replace_file
from kpiascode.model.diagnostic import Severity, in_order
from kpiascode.pipeline import reading


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
    text = reading.baseline_of(checked, kept)
    replace_file(checked.folder, Path(os.path.abspath(file)), text.encode(), over=json_with(b'"known"'))
    left = ruling.open if baseline is not None else ()
    now = replace(ruling, open=left, hidden=kept, fixed=(), about_baseline=())
    click.echo(f"Wrote {_findings(len(kept))} to {safe(file)}.", err=True)
    return replace(checked, ruling=now, diagnostics=in_order((*others, *left)))


def _findings(count: int) -> str:
    return f"{count:,} {'finding' if count == 1 else 'findings'}"
