"""Commands of a GitHub workflow, which become annotations of files, and a page for the job."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Final

from kpiascode.cli.findings import summary
from kpiascode.cli.formats.report import Report, said
from kpiascode.cli.text import safe
from kpiascode.model.diagnostic import Diagnostic, Severity

SHOWN: Final = 10
"""How many annotations of a severity GitHub shows for a step."""
LARGEST: Final = 1_000_000
"""Bytes of a page; GitHub refuses one of more than a mebibyte."""


def github(report: Report) -> str:
    """Return a line a finding, as many of each severity as are shown, and a line about the others."""
    counted: Counter[Severity] = Counter()
    lines, others = [], []
    for d in report.findings:
        counted[d.severity] += 1
        if counted[d.severity] <= SHOWN:
            lines.append(_command(d, report))
        else:
            others.append(d)
    if others:
        told = f"There are {summary(others)} more. `kpi check` and the summary of the job tell all."
        lines.append(f"::notice title=kpi check::{_data(told)}")
    return "\n".join(lines)


def github_summary(report: Report) -> str:
    """Return all findings as Markdown. What a user wrote stands in code, where nothing is acted on."""
    parts = [f"### kpi check: {summary(report.findings) or 'all clean'}\n"]
    room = LARGEST
    for number, d in enumerate(report.findings):
        where = f" at {_code(_place(d, report))}" if d.place.path else ""
        entry = f"- **{d.severity.value}** {_code(d.code)}{where}: {_code(said(d))}"
        room -= len(entry.encode()) + 1
        if room < 0:
            parts.append(f"\nAnd {summary(report.findings[number:])} more.")
            break
        parts.append(entry)
    return "\n".join(parts) + "\n"


def _command(d: Diagnostic, report: Report) -> str:
    data = "\n".join(safe(part) for part in (d.message, d.note, d.hint) if part)
    properties = ",".join(f"{key}={_property(value)}" for key, value in _properties(d, report).items())
    return f"::{d.severity.value} {properties}::{_data(data)}"


def _properties(d: Diagnostic, report: Report) -> Mapping[str, str]:
    """Return where it is. Columns are told within one line only: GitHub drops others."""
    span = d.place.span
    found = {}
    if d.place.path:
        found["file"] = safe(report.in_repository(d.place.path))
        if span.line > 0:
            found |= {"line": str(span.line), "endLine": str(span.end_line)}
            if span.line == span.end_line:
                found |= {"col": str(span.column), "endColumn": str(span.end_column)}
    return {**found, "title": safe(d.code)}


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _place(d: Diagnostic, report: Report) -> str:
    return safe(f"{report.in_repository(d.place.path)}:{d.place.span.line}:{d.place.span.column}")


def _code(text: str) -> str:
    """Return a code span, fenced by more back-ticks than it holds."""
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    room = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{room}{text}{room}{fence}"
