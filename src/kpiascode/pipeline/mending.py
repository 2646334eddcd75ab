"""From findings to texts without them: applies what mends them, and proves that it changes nothing else.

Nothing is written here. A fix is believed only after the whole project was checked with it: its definitions
say the same, the findings that it mends are gone, no other has come, and what comments and the baseline hide
is what they hid before. What cannot be proved stays as it is.
"""

from bisect import bisect_left, insort
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from kpiascode import load
from kpiascode.lint.baseline import PLACES
from kpiascode.load.files import Refusal, read
from kpiascode.load.text import MAX_SIZE
from kpiascode.model.diagnostic import Diagnostic, Edit
from kpiascode.model.document import Plain
from kpiascode.model.project import Kpi, Project
from kpiascode.pipeline import reading

MAX_ROUNDS: Final = 10
"""Fixes that touch each other are applied one round after the other."""

MAX_PROOFS: Final = 32
"""How often a round checks the project at most, to find out which of many fixes is the one that does harm."""

BOM: Final = "\ufeff"

Point: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mended:
    """A project with fixes, none of them written yet.

    Args:
        checked: What is found then.
        texts: By path, the new texts.
        fixed: The findings that are gone.
        left: Findings with a fix that would change something else, so that it was not applied.
    """

    checked: reading.Checked
    texts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    fixed: tuple[Diagnostic, ...] = ()
    left: tuple[Diagnostic, ...] = ()


def mend(checked: reading.Checked, is_wanted: Callable[[str], bool], baseline: Path | None = None) -> Mended:
    """Return the project with every fix that can be proved to be one.

    Args:
        is_wanted: Whether findings in a file are to be mended.
        baseline: As for `reading.check`.
    """
    now = Mended(checked=checked)
    for _ in range(MAX_ROUNDS):
        able = [d for d in _provable(now.checked) if d.fix and is_wanted(d.place.path)]
        after = _with(now, _apart(able), baseline)
        if after is now:
            return Mended(checked=now.checked, texts=now.texts, fixed=now.fixed, left=tuple(able))
        now = after
    return now


def applied(text: str, edits: Iterable[Edit]) -> str:
    """Return a text with edits that do not overlap; what they insert has the line breaks of the text."""
    lines = text.split("\n")
    starts = [0, *accumulate(len(line) + 1 for line in lines)]
    newline = "\r\n" if 2 * text.count("\r\n") > text.count("\n") else "\n"
    pieces, at = [], 0
    for edit in sorted(edits, key=_bounds):
        (line, column), (end_line, end_column) = _bounds(edit)
        start, end = starts[line - 1] + column - 1, starts[end_line - 1] + end_column - 1
        pieces += [text[at:start], edit.text.replace("\n", newline)]
        at = end
    return "".join([*pieces, text[at:]])


def encoded(checked: reading.Checked, path: str, text: str) -> bytes | None:
    """Return a new text of a file as bytes, or None where the file is no longer the one that was checked."""
    data = read(checked.folder, path, MAX_SIZE)
    if isinstance(data, Refusal):
        return None
    mark = BOM.encode() if data.startswith(BOM.encode()) else b""
    same = data.removeprefix(mark) == checked.documents.sources[path].encode()
    return mark + text.encode() if same else None


def _is_whole(checked: reading.Checked) -> bool:
    return checked.documents.project is not None and not checked.documents.broken


def _provable(checked: reading.Checked) -> tuple[Diagnostic, ...]:
    """Return the findings whose fix can be proved: about YAML only, while the project is not known whole."""
    return checked.diagnostics if _is_whole(checked) else checked.documents.diagnostics


def _with(before: Mended, findings: Sequence[Diagnostic], baseline: Path | None) -> Mended:
    """Return the project with the fixes of findings, less those that do harm, which halving finds."""
    accepted: list[Diagnostic] = []
    now, open_parts = before, [findings] if findings else []
    for _ in range(MAX_PROOFS):
        if not open_parts:
            break
        part = open_parts.pop()
        tried = _tried(before, [*accepted, *part], baseline)
        if tried is not None:
            accepted += part
            now = tried
        elif len(part) > 1:
            middle = len(part) // 2
            open_parts += [part[middle:], part[:middle]]
    return now


def _tried(before: Mended, findings: Sequence[Diagnostic], baseline: Path | None) -> Mended | None:
    """Return the project with the fixes of the findings, or None where it is not proved to be the same."""
    sources = before.checked.documents.sources
    edits: defaultdict[str, list[Edit]] = defaultdict(list)
    for finding in findings:
        edits[finding.place.path] += finding.fix
    texts = {path: applied(sources[path], edits[path]) for path in edits}
    if any(_said(path, sources[path]) != _said(path, text) for path, text in texts.items()):
        return None
    new = {**before.texts, **texts}
    checked = reading.check(before.checked.folder, baseline, new)
    if not _is_same(before.checked, checked, findings):
        return None
    return Mended(checked=checked, texts=new, fixed=(*before.fixed, *findings))


def _is_same(before: reading.Checked, after: reading.Checked, mended: Sequence[Diagnostic]) -> bool:
    """Return whether the findings are gone, none has come, and the project is what it was.

    While definitions are broken the rules are not asked and names lead nowhere, so that mending one shows
    what was not looked for. Then only findings about YAML and shape can be compared; that the definitions say
    the same was seen by itself.
    """
    if not _is_whole(before):
        in_part = {d.place.path for d in before.documents.diagnostics if d.code == "more-findings"}
        old, new = (
            _counted(d for d in checked.documents.diagnostics if d.place.path not in in_part)
            for checked in (before, after)
        )
        return new <= old - _counted(mended)
    return (
        _counted(after.diagnostics) <= _counted(before.diagnostics) - _counted(mended)
        and _counted(after.ruling.allowed) == _counted(before.ruling.allowed)
        and _counted(after.ruling.hidden) == _counted(before.ruling.hidden)
        and after.ruling.fixed == before.ruling.fixed
        and _meant(after.project) == _meant(before.project)
    )


def _meant(project: Project) -> Project:
    """Return a project whose KPIs have their expressions on one line, as they are shown to people."""
    return replace(project, kpis={name: _on_one_line(kpi) for name, kpi in project.kpis.items()})


def _on_one_line(kpi: Kpi) -> Kpi:
    return replace(
        kpi,
        text=" ".join(kpi.text.split()),
        where_text=None if kpi.where_text is None else " ".join(kpi.where_text.split()),
        revisions=tuple(replace(one, was=_on_one_line(one.was)) for one in kpi.revisions),
    )


def _counted(findings: Iterable[Diagnostic]) -> Counter[tuple[str, str, str]]:
    """Return how often each finding is there, wherever in its file it stands."""
    return Counter((d.place.path, d.code, PLACES.sub("", d.message)) for d in findings)


def _said(path: str, text: str) -> list[tuple[Any, ...]]:
    """Return what the documents of a file say, whatever the order of their keys and the blanks in texts.

    Blanks are of no meaning in an expression; of other texts the resolved project knows each character.
    """
    return [
        tuple(sorted((key, _plain(value)) for key, value in document.data.items()))
        for document in load.load_text(path, text)[0]
    ]


def _plain(value: Plain) -> str:
    match value:
        case str():
            return repr(" ".join(value.split()))
        case list():
            return f"[{','.join(map(_plain, value))}]"
        case dict():
            return f"{{{','.join(f'{key!r}:{_plain(item)}' for key, item in value.items())}}}"
        case _:
            return repr(value)


def _apart(findings: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return the findings whose fixes do not overlap; of two that do, the first."""
    taken: defaultdict[str, list[tuple[Point, Point]]] = defaultdict(list)
    found = []
    for finding in findings:
        ours, theirs = list(map(_bounds, finding.fix)), taken[finding.place.path]
        if all(_is_free(bounds, theirs) for bounds in ours):
            found.append(finding)
            for bounds in ours:
                insort(theirs, bounds)
    return found


def _is_free(bounds: tuple[Point, Point], taken: Sequence[tuple[Point, Point]]) -> bool:
    number = bisect_left(taken, bounds)
    before, after = taken[max(0, number - 1) : number], taken[number : number + 1]
    return all(end <= bounds[0] for _, end in before) and all(bounds[1] <= start for start, _ in after)


def _bounds(edit: Edit) -> tuple[Point, Point]:
    span = edit.span
    return (span.line, span.column), (span.end_line, span.end_column)
