"""What a format is given, and what several of them need of it."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from kpiascode.cli.text import safe
from kpiascode.model.diagnostic import Diagnostic


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Findings on their way to a reader.

    Args:
        sources: The text of the files, by path; a finding in another file has no snippet.
        files: What was checked, whether there is a finding or not.
        folder: The way from the root of the repository to the project, since platforms know files by it;
            empty where they are the same.
        strict: Whether a warning fails, too.
    """

    findings: tuple[Diagnostic, ...]
    sources: Mapping[str, str] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    folder: str = ""
    strict: bool = False

    def in_repository(self, path: str) -> str:
        """Return the path of a file as the repository has it; nothing for what stands in no file."""
        return f"{self.folder}/{path}" if self.folder and path else path


def lines_in(sources: Mapping[str, str]) -> Callable[[str], Sequence[str]]:
    """Return a function that gives the lines of a file, as findings count them; each file is cut once."""

    @cache
    def lines(path: str) -> Sequence[str]:
        return sources.get(path, "").replace("\r\n", "\n").split("\n")

    return lines


def said(diagnostic: Diagnostic) -> str:
    """Return message and hint in one line, harmless."""
    return safe(" ".join(part for part in (diagnostic.message, diagnostic.hint) if part))


def fingerprints(report: Report) -> tuple[str, ...]:
    """Return for each finding a name that no other has, and that stays when lines above it come or go.

    It is made of the file, the code and the words of the line; where these are the same, of the count so
    far. The message is no part of it where there is a line, since it may tell numbers that change.
    """
    seen: Counter[tuple[str, str, str]] = Counter()
    lines_of = lines_in(report.sources)
    found = []
    for d in report.findings:
        lines = lines_of(d.place.path)
        line = d.place.span.line
        words = " ".join(lines[line - 1].split()) if 0 < line <= len(lines) else d.message
        key = (report.in_repository(d.place.path), d.code, words)
        seen[key] += 1
        text = json.dumps([*key, seen[key]])
        found.append(hashlib.sha256(text.encode()).hexdigest()[:32])
    return tuple(found)


def ascii_json(value: Any) -> str:
    """Return JSON of ASCII only, in which no log finds a command; a reader gets the value as it is."""
    return json.dumps(value, indent=1).replace("##", "#\\u0023")
