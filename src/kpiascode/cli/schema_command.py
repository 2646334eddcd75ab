"""`kpi schema`: the schemas by which editors complete definitions and tell what is wrong in them."""

import json
import os
import shlex
from pathlib import Path
from typing import Final

import click

from kpiascode import __version__
from kpiascode.cli.failures import Exit
from kpiascode.cli.shipped import schemas
from kpiascode.cli.text import safe
from kpiascode.cli.writing import json_with, replace_file
from kpiascode.model.document import KINDS

BUNDLE: Final = "bundle"
NAMES: Final = (BUNDLE, "project", *KINDS)


@click.command(epilog="Example: kpi schema --output schemas/bundle.schema.json")
@click.argument("kind", type=click.Choice(NAMES), default=BUNDLE, metavar="[KIND]")
@click.option(
    "--output",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="Write there, in the place of an older copy.",
)
@click.option(
    "--check",
    "copy",
    type=click.Path(exists=True, dir_okay=False),
    metavar="FILE",
    help="Exit with 1 if FILE is not the schema of this version.",
)
def command(kind: str, output: str | None, copy: str | None) -> int:
    """Print the JSON Schema that editors use: of everything (the default), or of one KIND.

    KIND is bundle, project, or what a definition can be, such as kpi or goal. The bundle holds the others,
    and tells by `kind` what a document is.
    """
    if output is not None and copy is not None:
        raise click.UsageError("--check writes nothing: leave out --output.")
    content = (schemas() / f"{kind}.schema.json").read_bytes()
    if copy is not None:
        return _compared(content, copy, kind)
    if output is None:
        click.echo(content.decode(), nl=False)
        return Exit.CLEAN
    file = Path(os.path.abspath(output))
    replace_file(file.parent, file, content, over=json_with(b'"$schema"'))
    click.echo(f"Wrote {safe(output)}.", err=True)
    return Exit.CLEAN


def _compared(content: bytes, copy: str, kind: str) -> int:
    """Say whether a copy means the same: a formatter may have laid it out anew."""
    if _read(Path(copy).read_bytes()) == json.loads(content):
        click.echo(f"{safe(copy)} is the schema of kpiascode {__version__}.", err=True)
        return Exit.CLEAN
    named = "" if kind == BUNDLE else f"{kind} "
    click.echo(
        f"{safe(copy)} is not the schema of kpiascode {__version__}. "
        f"Renew it: kpi schema {named}--output {safe(shlex.quote(copy))}"
    )
    return Exit.FINDINGS


def _read(content: bytes) -> object:
    """Return what a file holds, or nothing where it is no JSON."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None
