"""Findings for people and for machines."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping

from kpiascode.cli.text import safe
from kpiascode.model.diagnostic import Diagnostic, Severity


def printed(diagnostics: Iterable[Diagnostic], sources: Mapping[str, str]) -> str:
    """Return the findings with the line that each is about, the wrong part underlined.

    Args:
        sources: The text of the files, by path; a finding in another file has no snippet.
    """
    return "\n\n".join(_full(diagnostic, sources) for diagnostic in diagnostics)


def _full(diagnostic: Diagnostic, sources: Mapping[str, str]) -> str:
    place, span = diagnostic.place, diagnostic.place.span
    lines = [f"{diagnostic.severity.value}[{diagnostic.code}]: {safe(diagnostic.message)}"]
    if place.path:
        lines.append(f"  --> {safe(str(place))}")
    text = sources.get(place.path, "").splitlines()
    if 0 < span.line <= len(text):
        source = text[span.line - 1]
        gutter = " " * len(str(span.line))
        end = span.end_column if span.end_line == span.line else len(source) + 1
        start = min(span.column, len(source) + 1)
        width = max(1, min(end, len(source) + 1) - start)
        shown, start = _window(source, start, width)
        lines += [
            f"{gutter} |",
            f"{span.line} | {safe(shown)}",
            f"{gutter} | {' ' * (start - 1)}{'^' * min(width, len(shown) - start + 2)}",
        ]
    if diagnostic.note:
        lines.append(f"  = note: {safe(diagnostic.note)}")
    if diagnostic.hint:
        lines.append(f"  = help: {safe(diagnostic.hint)}")
    return "\n".join(lines)


def _window(source: str, start: int, width: int, room: int = 110) -> tuple[str, int]:
    """Return the part of a long line around its marked piece, and where the piece begins in it."""
    source = source.replace("\t", " ")
    if len(source) <= room:
        return source, start
    first = max(0, min(start - 1 - 20, len(source) - room))
    return source[first : first + room], start - first


def concise(diagnostics: Iterable[Diagnostic]) -> str:
    """Return one line a finding: path, line, column, code, message, hint."""
    return "\n".join(
        safe(f"{d.place}: {d.code}: {d.message}" + (f" ({d.hint})" if d.hint else "")) for d in diagnostics
    )


def as_json(diagnostics: Iterable[Diagnostic]) -> str:
    """Return the findings by the contract of `schemas/output/check.schema.json`."""
    return json.dumps(
        [
            {
                "code": d.code,
                "severity": d.severity.value,
                "message": d.message,
                "path": d.place.path,
                "line": d.place.span.line,
                "column": d.place.span.column,
                "end_line": d.place.span.end_line,
                "end_column": d.place.span.end_column,
                "hint": d.hint,
            }
            for d in diagnostics
        ],
        indent=1,
        ensure_ascii=False,
    )


def summary(diagnostics: Iterable[Diagnostic]) -> str:
    """Return how many errors and warnings there are, in words."""
    counts = Counter(d.severity for d in diagnostics)
    parts = [
        f"{counts[severity]} {severity.value}{'' if counts[severity] == 1 else 's'}"
        for severity in Severity
        if counts[severity]
    ]
    return " and ".join(parts)
