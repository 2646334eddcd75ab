"""`kpi check`: what is wrong with the definitions, and with the data that they claim something of."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import click

from kpiascode.cli import findings, known
from kpiascode.cli.commit import in_repository
from kpiascode.cli.failures import Exit
from kpiascode.cli.formats.github import github_summary
from kpiascode.cli.formats.named import FORMATS
from kpiascode.cli.formats.report import Report
from kpiascode.cli.options import (
    connection,
    counted,
    engine_options,
    found_project,
    moment,
    progress,
    project_option,
)
from kpiascode.model.diagnostic import Diagnostic, in_order
from kpiascode.pipeline import reading

EXAMPLES: Final = 3
"""How many of the keys that are wrong are told."""


BLIND: Final = "The data was not looked at, since the definitions have errors."


@click.command(epilog="Example: kpi check --format concise kpis/sales.yaml")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMATS)),
    default="full",
    show_default=True,
    help="For people, for programs, or for the pages of a CI system.",
)
@click.option("--strict", is_flag=True, help="Exit with 1 for a warning, too.")
@click.option(
    "--data", is_flag=True, help="Look at the rows, too: keys, partners, times, and how new they are."
)
@click.option(
    "--as-of",
    "as_of",
    metavar="DATE",
    help="With --data: from when it is judged how new the rows are. Default: today.",
)
@known.baseline_options
@click.option(
    "--no-examples",
    "examples",
    is_flag=True,
    flag_value=False,
    default=True,
    help="Leave the worked examples uncomputed.",
)
@engine_options
@project_option
def command(
    paths: tuple[str, ...],
    form: str,
    strict: bool,
    data: bool,
    as_of: str | None,
    baseline: str | None,
    write_baseline: str | None,
    examples: bool,
    engine: str | None,
    timeout: float | None,
    memory_limit: str | None,
    folder: str | None,
) -> int:
    """Find what is wrong with the definitions: shape, references, expressions, goals, files.

    With PATHs (files or folders) only findings there are shown; everything is read all the same, since a
    mistake in one file can be seen in another. With --data the rows of the datasets there are looked at, too.
    """
    _only_with_data(data, as_of=as_of, engine=engine, timeout=timeout, memory_limit=memory_limit)
    known.refuse_part(write_baseline, paths)
    home = found_project(folder)
    wanted = tuple(_inside(path, home) for path in paths)
    checked = known.write(reading.check(home, known.path_of(baseline)), write_baseline, baseline)
    ours = checked.ruling.about_baseline
    shown = tuple(
        d for d in checked.diagnostics if not paths or _lies_under(d.place.path, wanted) or d in ours
    )
    if examples:
        shown = in_order((*shown, *_of_examples(checked, wanted)))
    blind = data and checked.has_errors
    said = BLIND if blind else ""
    if data and not blind:
        datasets = [
            dataset.name
            for dataset in checked.project.datasets.values()
            if not paths or _lies_under(dataset.place.path, wanted)
        ]
        of_data, said = _look(checked, datasets, as_of, (engine, timeout, memory_limit))
        shown = in_order((*shown, *of_data))
    report = Report(
        findings=shown,
        sources=checked.documents.sources,
        files=tuple(p for p in checked.documents.sources if not paths or _lies_under(p, wanted)),
        folder=in_repository(home),
        strict=strict,
    )
    if text := FORMATS[form](report):
        click.echo(text)
    if form == "github":
        _append(github_summary(report), os.environ.get("GITHUB_STEP_SUMMARY"))
    if form == "full":
        click.echo(
            _line(
                _told(checked, shown),
                said,
                known.told(checked, lambda p: not paths or _lies_under(p, wanted)),
            ),
            err=True,
        )
    elif blind:
        click.echo(said, err=True)
    errors = blind or any(d.severity.value == "error" for d in shown)
    return Exit.FINDINGS if errors or (strict and shown) else Exit.CLEAN


def _line(*sentences: str) -> str:
    return " ".join(sentence for sentence in sentences if sentence)


def _append(text: str, path: str | None) -> None:
    """Add to the page of a job, which is the runner's and may hold what other commands told."""
    if path:
        with open(path, "a", encoding="utf-8", newline="\n") as page:
            page.write(text)


def _only_with_data(data: bool, **options: Any) -> None:
    for name, value in options.items():
        if value is not None and not data:
            raise click.UsageError(f"--{name.replace('_', '-')} is about the data: add --data.")


def _look(
    checked: reading.Checked,
    datasets: Sequence[str],
    as_of: str | None,
    engine: tuple[str | None, float | None, str | None],
) -> tuple[tuple[Diagnostic, ...], str]:
    """Return what is wrong with the data of the datasets, and in a sentence what was looked at."""
    asked = (moment(as_of, checked.project), connection(*engine, checked.project))
    if not datasets:
        return (), "No dataset is declared there, so no data was looked at."
    from kpiascode.pipeline import proving

    progress(f"Looking at {counted(datasets, 'dataset')} ...")
    proved = proving.prove(checked, datasets, *asked, shown=0 if "CI" in os.environ else EXAMPLES)
    if proved.facts is None:
        return proved.diagnostics, "The data could not be looked at."
    rows = sum(facts.rows for facts in proved.facts)
    return (
        proved.diagnostics,
        f"Looked at {rows:,} {'row' if rows == 1 else 'rows'} in {counted(datasets, 'dataset')}.",
    )


def _of_examples(checked: reading.Checked, wanted: tuple[str, ...]) -> tuple[Diagnostic, ...]:
    """Return what is wrong with the worked examples there. Without any, no engine is loaded."""
    kpis = [
        kpi.name
        for kpi in checked.project.kpis.values()
        if kpi.examples and (not wanted or _lies_under(kpi.place.path, wanted))
    ]
    if not kpis:
        return ()
    from kpiascode.pipeline import exampling

    progress(f"Computing the examples of {counted(kpis, 'KPI')} ...")
    return exampling.compute(checked, kpis).diagnostics


def _told(checked: reading.Checked, shown: tuple[Diagnostic, ...]) -> str:
    """Return how it went, in a line."""
    if shown:
        return f"\n{findings.summary(shown)}."
    if checked.diagnostics:
        return f"Clean there. Elsewhere: {findings.summary(checked.diagnostics)}."
    project = checked.project
    return (
        f"All clean: {counted(project.kpis, 'KPI')}, {counted(project.goals, 'goal')}, "
        f"{counted(project.scorecards, 'scorecard')}."
    )


def _inside(path: str, home: Path) -> str:
    """Return a path, told from here or from the project folder, as findings have it."""
    for base in (Path.cwd(), home):
        found = Path(os.path.abspath(base / path))
        if os.path.lexists(found) and found.is_relative_to(home):
            return found.relative_to(home).as_posix()
    raise click.UsageError(f"There is no `{path[:80]}` in the project {home}.")


def _lies_under(place: str, wanted: tuple[str, ...]) -> bool:
    return any(path in (".", place) or place.startswith(f"{path}/") for path in wanted)
