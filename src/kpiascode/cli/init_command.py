"""`kpi init`: a repository of KPIs that works."""

import os
from pathlib import Path

import click

from kpiascode.cli.failures import Exit
from kpiascode.cli.shipped import example, schemas
from kpiascode.cli.starter import FILES
from kpiascode.pipeline import reading


@click.command(epilog="Example: kpi init my-kpis && cd my-kpis && kpi build")
@click.argument("folder", default=".", type=click.Path(file_okay=False))
@click.option("--example", "with_example", is_flag=True, help="The whole example company, with its data.")
def command(folder: str, with_example: bool) -> int:
    """Begin a repository: definitions, a little data, schemas for the editor, a workflow for CI.

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
    files |= {f"schemas/{file.name}": file.read_bytes() for file in sorted(schemas().glob("*.schema.json"))}
    taken = [path for path in files if (home / path).exists() or (home / path).is_symlink()]
    if taken:
        raise click.UsageError(
            f"{taken[0]} exists already in {home}{f' (and {len(taken) - 1} more)' if len(taken) > 1 else ''}; "
            "nothing was written. Choose an empty folder."
        )
    for path, content in files.items():
        file = home / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    click.echo(f"Wrote {len(files)} files to {home}.")
    where = "" if folder == "." else f"cd {folder} && "
    as_of = " --as-of 2026-01-01"
    click.echo(f"Next: {where}kpi check, then {where}kpi build{as_of} and open site/index.html")
    return Exit.CLEAN
