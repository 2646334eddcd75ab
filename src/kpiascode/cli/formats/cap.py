"""How many findings are told. Nobody reads thousands, and a hostile repository can have millions."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Final

from kpiascode.cli.findings import MORE, summary
from kpiascode.cli.formats.report import Report
from kpiascode.cli.text import safe
from kpiascode.model.diagnostic import Diagnostic, Severity

OF_A_FILE: Final = 50
IN_ALL: Final = 500
"""For people. What is more is counted."""

FOR_MACHINES: Final = 10_000


def for_people(findings: Sequence[Diagnostic]) -> Iterator[Diagnostic | str]:
    """Yield the first findings of each file, and in a line how many more it has; then of all others."""
    told = shown_so_far = 0
    for path, group in groupby(findings, lambda d: d.place.path):
        if shown_so_far == IN_ALL:
            yield _more(findings[told:])
            return
        ours = list(group)
        shown = ours[: min(OF_A_FILE, IN_ALL - shown_so_far)]
        yield from shown
        if rest := ours[len(shown) :]:
            yield _more(rest, f" in {safe(path)}" if path else "")
        told += len(ours)
        shown_so_far += len(shown)


def _more(rest: Sequence[Diagnostic], where: str = "") -> str:
    are = "is" if len(rest) == 1 else "are"
    all_of_them = "more" if any(d.code == MORE for d in rest) else "all"
    return f"There {are} {summary(rest)} more{where}. `--format json` tells {all_of_them}."


def for_machines(form: Callable[[Report], str]) -> Callable[[Report], str]:
    """Return the format over at most ten thousand findings, and one that counts the rest."""
    return lambda report: form(replace(report, findings=_bounded(report.findings)))


def _bounded(findings: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
    if len(findings) <= FOR_MACHINES:
        return findings
    rest = findings[FOR_MACHINES:]
    least = "at least " if any(d.code == MORE for d in rest) else ""
    others = Diagnostic(
        code=MORE,
        message=f"There are {least}{len(rest):,} more findings.",
        place=rest[0].place,
        severity=min((d.severity for d in rest), key=list(Severity).index),
        hint="Correct those above first.",
    )
    return (*findings[:FOR_MACHINES], others)
