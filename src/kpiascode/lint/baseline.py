"""Findings that are known: as text to be read and reviewed, and as what is taken away from new ones.

A finding is told apart by its rule, its definition, the text that it underlines and its message. Lines and
files are no part of it, so that a definition can be moved.
"""

import hashlib
import json
import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from kpiascode.model.codes import CODES
from kpiascode.model.diagnostic import Diagnostic
from kpiascode.model.document import Document
from kpiascode.model.place import Place

VERSION: Final = 1
MAX_SIZE: Final = 8_388_608
MAX_COUNT: Final = 100_000
SHAPES: Final = {
    "rule": re.compile(r"[a-z][a-z0-9-]{0,63}"),
    "kind": re.compile(r"[a-z_]{1,20}|"),
    "name": re.compile(r"[a-z][a-z0-9_]{0,62}|"),
    "fingerprint": re.compile(r"[0-9a-f]{16}"),
}
PLACES: Final = re.compile(r"(?<!\S)\S{1,500}:[0-9]{1,9}:[0-9]{1,9}\b")
HINT: Final = (
    "Write it again with `kpi check --write-baseline FILE`, or take the version of your main branch."
)


class BrokenBaseline(Exception):
    """The text is no baseline; carries why, as a sentence."""


@dataclass(frozen=True, slots=True, order=True)
class Known:
    """A known finding. `message` is there to be read; it has no part in what is equal."""

    kind: str
    name: str
    rule: str
    fingerprint: str
    message: str = field(default="", compare=False)

    def __str__(self) -> str:
        return f"`{self.rule}` of {self.kind} `{self.name}`" if self.name else f"`{self.rule}`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Findings held against those that are known; `fixed` are known ones that are found no more."""

    shown: tuple[Diagnostic, ...]
    hidden: tuple[Diagnostic, ...]
    fixed: tuple[Known, ...]


class Fingerprints:
    """Tells the findings of a project apart."""

    def __init__(self, documents: Mapping[tuple[str, str], Document], sources: Mapping[str, str]) -> None:
        by_path: defaultdict[str, list[tuple[int, int, str, str]]] = defaultdict(list)
        for (kind, name), document in documents.items():
            span = document.place().span
            by_path[document.path].append((span.line, span.end_line, kind, name))
        self._documents = {path: sorted(found) for path, found in by_path.items()}
        self._sources = sources
        self._lines: dict[str, list[str]] = {}

    def known(self, finding: Diagnostic) -> Known:
        """Return a finding as it is kept."""
        kind, name = self._definition(finding.place)
        message = PLACES.sub("(place)", finding.message)
        text = "\0".join([finding.code, kind, name, message, self._underlined(finding.place)])
        fingerprint = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]
        return Known(kind, name, finding.code, fingerprint, message)

    def _definition(self, place: Place) -> tuple[str, str]:
        found = self._documents.get(place.path, [])
        number = bisect_right(found, place.span.line, key=lambda document: document[0]) - 1
        return found[number][2:] if number >= 0 and place.span.line <= found[number][1] else ("", "")

    def _underlined(self, place: Place) -> str:
        """Return what a finding underlines, of its first line, with single blanks."""
        if place.path not in self._lines:
            self._lines[place.path] = self._sources.get(place.path, "").split("\n")
        lines, span = self._lines[place.path], place.span
        line = lines[span.line - 1] if 0 < span.line <= len(lines) else ""
        end = span.end_column - 1 if span.end_line == span.line else None
        return " ".join(line[span.column - 1 : end].split())


def compare(known: Counter[Known], findings: Sequence[Diagnostic], fingerprints: Fingerprints) -> Compared:
    """Part findings into new ones and known ones; each entry hides as many as it counts."""
    left = Counter(known)
    shown: list[Diagnostic] = []
    hidden: list[Diagnostic] = []
    for finding in findings:
        same = fingerprints.known(finding)
        (hidden if left[same] > 0 else shown).append(finding)
        left[same] -= 1
    fixed = tuple(sorted(one for one, count in left.items() if count > 0))
    return Compared(shown=tuple(shown), hidden=tuple(hidden), fixed=fixed)


def written(findings: Iterable[Diagnostic], fingerprints: Fingerprints) -> str:
    """Return findings as the text of a baseline: one line each, sorted, so that git can merge it."""
    counts = Counter(fingerprints.known(finding) for finding in findings)
    lines = [
        json.dumps(
            {
                "rule": one.rule,
                "kind": one.kind,
                "name": one.name,
                "count": counts[one],
                "fingerprint": one.fingerprint,
                "message": one.message,
            },
            ensure_ascii=False,
        )
        for one in sorted(counts)
    ]
    listed = "".join(f"\n  {line}," for line in lines).removesuffix(",")
    return f'{{\n "version": {VERSION},\n "known": [{listed}{chr(10) + " " if lines else ""}]\n}}\n'


def read(data: bytes) -> Counter[Known]:
    """Return what a baseline knows, and how often.

    Raises:
        BrokenBaseline: The text is none. Nothing of it is repeated but names of rules.
    """
    if len(data) > MAX_SIZE:
        raise BrokenBaseline(f"is larger than {MAX_SIZE:,} bytes")
    try:
        found = json.loads(data.decode("utf-8"))
    except UnicodeDecodeError:
        raise BrokenBaseline("is no UTF-8") from None
    except json.JSONDecodeError as error:
        raise BrokenBaseline(f"is no JSON: reading stopped at line {error.lineno}") from None
    except (ValueError, RecursionError):
        raise BrokenBaseline("is no JSON of a baseline") from None
    if not isinstance(found, dict) or not isinstance(found.get("known"), list):
        raise BrokenBaseline("has no list `known`")
    if found.get("version") != VERSION:
        raise BrokenBaseline(f"is not of version {VERSION}")
    counts: Counter[Known] = Counter()
    for number, entry in enumerate(found["known"], 1):
        counts[_entry(entry, number)] += _count(entry, number)
    return counts


def _entry(entry: Any, number: int) -> Known:
    if not isinstance(entry, dict):
        raise BrokenBaseline(f"has an entry, the {number}., that is no mapping")
    for key, shape in SHAPES.items():
        value = entry.get(key)
        if not isinstance(value, str) or not shape.fullmatch(value):
            raise BrokenBaseline(f"has an entry, the {number}., without a proper `{key}`")
    if entry["rule"] in CODES:
        raise BrokenBaseline(f"has an entry, the {number}., of `{entry['rule']}`, which cannot be hidden")
    return Known(entry["kind"], entry["name"], entry["rule"], entry["fingerprint"])


def _count(entry: dict[str, Any], number: int) -> int:
    count = entry.get("count")
    if type(count) is not int or not 0 < count <= MAX_COUNT:
        raise BrokenBaseline(f"has an entry, the {number}., without a proper `count`")
    return count
