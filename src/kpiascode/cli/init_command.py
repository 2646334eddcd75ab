"""`kpi init`: a repository of KPIs that works."""

import os
import shlex
from pathlib import Path
from typing import Final

import click

from kpiascode.cli.failures import Exit
from kpiascode.cli.shipped import example, schemas
from kpiascode.cli.starter import FILES
from kpiascode.pipeline import reading

BUNDLE: Final = "schemas/bundle.schema.json"
"""Where the modelines and the settings of the editor look for it."""


@click.command(epilog="Example: kpi init my-kpis && cd my-kpis && kpi build")
@click.argument("folder", default=".", type=click.Path(file_okay=False))
@click.option("--example", "with_example", is_flag=True, help="The whole example company, with its data.")
def command(folder: str, with_example: bool) -> int:
    """Begin a repository: definitions, a little data, a schema for the editor, a workflow for CI.

    Files that exist are never overwritten: if one is in the way, nothing is written.
    """
    home = Path(os.path.abspath(folder))
    files = dict(FILES)
    if with_example:
        files = {path: text for path, text in files.items() if not path.startswith(("kpis/", "data/"))}
        root = example()
        files[reading.PROJECT_FILE] = (root / reading.PROJECT_FILE).read_bytes()
        files |= {
            file.relative_to(root).as_posix(): file.read_bytes()
            for file in sorted((root / "kpis").rglob("*"))
            if file.is_file() and "__pycache__" not in file.parts
        }
    files[BUNDLE] = (schemas() / Path(BUNDLE).name).read_bytes()
    if taken := [path for path in files if _is_taken(home, path)]:
        raise click.UsageError(
            f"{taken[0]} exists already in {home}; nothing was written. Choose an empty folder."
        )
    for path, content in files.items():
        file = home / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    click.echo(f"Wrote {len(files)} files to {home}.")
    where = "" if folder == "." else f"cd {shlex.quote(folder)} && "
    click.echo(f"Next: {where}kpi check && kpi build --as-of 2026-01-01, and open site/index.html")
    return Exit.CLEAN


def _is_taken(home: Path, path: str) -> bool:
    """Return whether something stands where a file is to be written, or where one of its folders is."""
    folders = [home / folder for folder in Path(path).parents[:-1]]
    return os.path.lexists(home / path) or any(
        folder.is_symlink() or (folder.exists() and not folder.is_dir()) for folder in folders
    )
