"""`kpi serve`: the site while one works on it."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import click

from kpiascode.cli.failures import Exit, told
from kpiascode.cli.judged import judged
from kpiascode.cli.options import (
    as_of_option,
    audience_option,
    counted,
    engine_options,
    for_audience,
    found_project,
    ledger_option,
    project_option,
    templates_option,
)
from kpiascode.cli.serving import Server
from kpiascode.cli.templates import own_templates
from kpiascode.model.assessment import Assessment
from kpiascode.pipeline import judging, reading, watching

EVERY: Final = 1.0
"""Seconds between two looks at the files."""

SETTLING: Final = 0.25
"""Seconds without a change after which what was written is whole."""


@click.command(epilog="Example: kpi serve --port 8000 --as-of 2026-01-01")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    metavar="PORT",
    help="Where this machine listens; 0 takes any port that is free.",
)
@audience_option
@templates_option
@ledger_option
@as_of_option
@engine_options
@project_option
def command(
    port: int,
    audience: str | None,
    templates: str | None,
    ledger_folder: str | None,
    as_of: str | None,
    engine: str | None,
    timeout: float | None,
    memory_limit: str | None,
    folder: str | None,
) -> int:
    """Show the site in a browser of this machine, and build it again when a file of the project changes.

    Nothing is written, and no other machine can read it. What is broken is told here; the last site stays.
    """

    def assess(checked: reading.Checked) -> Assessment:
        return judged(
            for_audience(checked, audience),
            as_of=as_of,
            engine=engine,
            timeout=timeout,
            memory_limit=memory_limit,
            ledger_folder=ledger_folder,
        )

    work = Work(found_project(folder), Path(templates) if templates else None, assess)
    with Server(port) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        click.echo(f"Serving {server.address} until Ctrl-C.")
        try:
            _keep_up(server, work)
        except KeyboardInterrupt:
            server.shutdown()
    return Exit.CLEAN


@dataclass(frozen=True, slots=True)
class Work:
    """What is built: the project's folder, one of templates, and how definitions become an assessment."""

    home: Path
    templates: Path | None
    assess: Callable[[reading.Checked], Assessment]


@dataclass(frozen=True, slots=True)
class Build:
    """What came of building once: the files as they were before, and whether there is a new site."""

    seen: watching.Seen
    is_whole: bool


def _keep_up(server: Server, work: Work) -> None:
    """Build, and again after each change, until Ctrl-C."""
    while True:
        server.status = replace(server.status, state="building")
        build = _build(server, work)
        done = server.status
        server.status = (
            replace(done, state="built", built=done.built + 1)
            if build.is_whole
            else replace(done, state="broken", broken=done.broken + 1)
        )
        _wait_for_a_change(work, build.seen)


def _build(server: Server, work: Work) -> Build:
    """Show a new site, or say why there is none."""
    seen = watching.Seen(watching.definitions(work.home, work.templates), {})
    try:
        own = own_templates(work.templates) if work.templates else {}
        checked = reading.check(work.home)
        seen = watching.Seen(seen.definitions, watching.data(checked))
        made = work.assess(checked)
        server.show(judging.pages(made, own))
    except Exception as failure:
        told(failure)
        click.echo("The site stays as it was. It is built again when a file changes.", err=True)
        return Build(seen, False)
    project = made.project
    click.echo(
        f"Built {counted(project.scorecards, 'scorecard')} and {counted(project.kpis, 'KPI')} "
        f"as of {made.as_of:%Y-%m-%d}: reload the page."
    )
    return Build(seen, True)


def _wait_for_a_change(work: Work, seen: watching.Seen) -> None:
    """Return once the files are others than those that were seen, and nobody writes to them any more."""
    while (now := watching.now(work.home, work.templates, seen)) == seen:
        time.sleep(EVERY)
    before = seen
    while now != before:
        time.sleep(SETTLING)
        before, now = now, watching.now(work.home, work.templates, now)
