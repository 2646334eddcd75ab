"""For people: each finding with the line that it is about, the wrong part underlined."""

from collections.abc import Container, Mapping, Sequence

from kpiascode.cli.formats.cap import for_people
from kpiascode.cli.formats.report import Report, lines_in
from kpiascode.cli.text import safe
from kpiascode.model.diagnostic import Diagnostic


def full(report: Report) -> str:
    """Return the findings with their lines."""
    return printed(report.findings, report.sources)


def printed(diagnostics: Sequence[Diagnostic], sources: Mapping[str, str]) -> str:
    """Return the findings with the line that each is about, the wrong part underlined.

    Where a finding has no hint, its help is where to read more. Of many, some are counted only. A line
    that one finding veils is not shown by another either.

    Args:
        sources: The text of the files, by path; a finding in another file has no snippet.
    """
    lines_of = lines_in(sources)
    veiled = _veiled(diagnostics)
    return "\n\n".join(
        one
        if isinstance(one, str)
        else _one(one, lines_of(one.place.path) if _is_shown(one, sources, veiled) else ())
        for one in for_people(diagnostics)
    )


def _is_shown(one: Diagnostic, sources: Mapping[str, str], veiled: Container[tuple[str, int]]) -> bool:
    return one.place.path in sources and (one.place.path, one.place.span.line) not in veiled


def _veiled(diagnostics: Sequence[Diagnostic]) -> frozenset[tuple[str, int]]:
    """Return the lines that no finding shows, whatever it is about."""
    return frozenset(
        (d.place.path, line)
        for d in diagnostics
        if d.veiled
        for line in range(d.place.span.line, d.place.span.end_line + 1)
    )


def _one(diagnostic: Diagnostic, text: Sequence[str]) -> str:
    place, span = diagnostic.place, diagnostic.place.span
    lines = [f"{diagnostic.severity.value}[{diagnostic.code}]: {safe(diagnostic.message)}"]
    if place.path:
        lines.append(f"  --> {safe(str(place))}")
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
    lines.append(f"  = help: {safe(diagnostic.hint or f'kpi explain {diagnostic.code}')}")
    if diagnostic.fix:
        lines.append("  = help: fixable with `kpi check --fix`")
    return "\n".join(lines)


def _window(source: str, start: int, width: int, room: int = 110) -> tuple[str, int]:
    """Return the part of a long line around its marked piece, and where the piece begins in it."""
    source = source.replace("\t", " ")
    if len(source) <= room:
        return source, start
    first = max(0, min(start - 1 - 20, len(source) - room))
    return source[first : first + room], start - first
