"""What `kpi check` was asked, and how its answer is told."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from kpiascode.cli.commit import in_repository
from kpiascode.cli.failures import Exit
from kpiascode.cli.findings import summary
from kpiascode.cli.formats.named import FORMATS
from kpiascode.cli.formats.report import Report
from kpiascode.model.diagnostic import Diagnostic, Severity, in_order
from kpiascode.pipeline.remembering import Outcome

NAMED: Final = 5
"""How many entries of a baseline that are found no more are named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The options of the command.

    Args:
        home: The folder of the project.
        wanted: The files and folders whose findings are shown, as findings have them; empty for all.
    """

    home: Path
    wanted: tuple[str, ...]
    form: str
    strict: bool
    data: bool
    as_of: str | None
    fix: bool
    diff: bool
    baseline: str | None
    write_baseline: str | None
    examples: bool
    restricted: str | None
    engine: str | None
    timeout: float | None
    memory_limit: str | None

    @property
    def known(self) -> Path | None:
        """Return the absolute path of `--baseline`."""
        return None if self.baseline is None else Path(os.path.abspath(self.baseline))

    @property
    def is_plain(self) -> bool:
        """Return whether only definitions are looked at, and nothing is written."""
        return not (self.data or self.fix or self.diff or self.write_baseline or self.restricted)

    @property
    def what_matters(self) -> tuple[str, ...]:
        """Return the options on which it depends what is found in the whole project."""
        return (f"examples={self.examples}", f"baseline={self.known or ''}")

    def is_wanted(self, path: str) -> bool:
        """Return whether findings in a file are asked for."""
        return not self.wanted or any(one in (".", path) or path.startswith(f"{one}/") for one in self.wanted)


def tell(
    asked: Asked, found: Outcome, *, of_data: tuple[Diagnostic, ...] = (), said: str = "", blind: str = ""
) -> int:
    """Print what was found in the format that is asked for, and return the exit code.

    Args:
        of_data: What is wrong with the data.
        said: What was looked at there.
        blind: Why it was not looked at, though it should have been; empty where it was.
    """
    ours = (d for d in found.findings if asked.is_wanted(d.place.path) or d in found.about_baseline)
    shown = in_order((*ours, *of_data))
    report = Report(
        findings=shown,
        sources=found.sources,
        files=tuple(filter(asked.is_wanted, found.sources)),
        folder=in_repository(asked.home),
        strict=asked.strict,
    )
    if text := FORMATS[asked.form](report):
        click.echo(text)
    if asked.form == "github":
        from kpiascode.cli.formats.github import github_summary

        _append(github_summary(report), os.environ.get("GITHUB_STEP_SUMMARY"))
    if asked.form == "full":
        sentences = (_how(found, shown), said or blind, _unshown(asked, found))
        click.echo(" ".join(sentence for sentence in sentences if sentence), err=True)
    elif blind:
        click.echo(blind, err=True)
    errors = bool(blind) or any(d.severity is Severity.ERROR for d in shown)
    return Exit.FINDINGS if errors or (asked.strict and shown) else Exit.CLEAN


def _append(text: str, path: str | None) -> None:
    """Add to the page of a job, which is the runner's and may hold what other commands told."""
    if path:
        with open(path, "a", encoding="utf-8", newline="\n") as page:
            page.write(text)


# --- sentences


def _how(found: Outcome, shown: Sequence[Diagnostic]) -> str:
    """Return how it went, in a line."""
    if shown:
        able = sum(1 for d in shown if d.fix)
        mended = f" `kpi check --fix` mends {able:,} of them." if able else ""
        return f"\n{summary(shown)}.{mended}"
    if found.findings:
        return f"Clean there. Elsewhere: {summary(found.findings)}."
    counts = ((found.kpis, "KPI"), (found.goals, "goal"), (found.scorecards, "scorecard"))
    told = ", ".join(f"{count} {noun}{'' if count == 1 else 's'}" for count, noun in counts)
    return f"All clean: {told}."


def _unshown(asked: Asked, found: Outcome) -> str:
    """Return how many findings are not shown, and which of the baseline are found no more."""
    sentences = []
    if allowed := sum(count for path, count in found.allowed.items() if asked.is_wanted(path)):
        sentences.append(f"{_findings(allowed)} allowed by comments.")
    if hidden := sum(count for path, count in found.hidden.items() if asked.is_wanted(path)):
        sentences.append(f"{_findings(hidden)} known by the baseline.")
    if gone := found.gone:
        more = f" and {len(gone) - NAMED} more" if len(gone) > NAMED else ""
        sentences.append(
            f"In the baseline and found no more: {', '.join(gone[:NAMED])}{more}. "
            "Write it again with `--write-baseline`."
        )
    return " ".join(sentences)


def _findings(count: int) -> str:
    return f"{count:,} {'finding' if count == 1 else 'findings'}"
