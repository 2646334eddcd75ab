"""What a repository remembers of the KPIs: when they came, what of them was changed, who decided by them."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final, TypeAlias

from kpiascode.load.files import inside
from kpiascode.load.git import Commit, Git
from kpiascode.load.project import PROJECT_FILE
from kpiascode.load.text import load_text
from kpiascode.model.document import Plain
from kpiascode.model.ledger import DefinitionChange, History, Mention

COMMITS: Final = 500
DECISIONS: Final = 1_000
FORMULA: Final = (
    *("expression", "where", "dataset", "time", "grain", "unit"),
    *("cohort", "funnel", "revisions"),
)
WANTED: Final = ("slice", "target", "targets", "tolerance", "measure", "path")
"""What of a goal's result a reader would want to be told."""

DECISION: Final = re.compile(r"^[ \t]*decision:[ \t]*(\S.*)$", re.IGNORECASE | re.MULTILINE)
WORD: Final = re.compile(r"(?<![\w/.-])[a-z][a-z0-9_]*(?![\w/-]|\.\w)")
DOCUMENT: Final = re.compile(r"^(?=---(?:[ \t\r\n]|$))", re.MULTILINE)
LONGEST: Final = 300

Compared: TypeAlias = "str | bool | Decimal | tuple[Compared, ...] | None"


@dataclass(slots=True)
class Definitions:
    """What documents define: by KPI its formula and owner, by KPI and goal what is wanted of it."""

    formulas: dict[str, Compared] = field(default_factory=dict)
    owners: dict[str, Compared] = field(default_factory=dict)
    wants: dict[str, dict[str, Compared]] = field(default_factory=dict)

    def add(self, *others: "Definitions | None") -> None:
        for other in others:
            if other is None:
                continue
            self.formulas |= other.formulas
            self.owners |= other.owners
            for kpi, by_goal in other.wants.items():
                self.wants.setdefault(kpi, {}).update(by_goal)


def read_history(git: Git, paths: Iterable[str], kpis: Collection[str]) -> History | None:
    """Return what the repository remembers; None where there is none, or none of the definitions.

    Args:
        paths: What the project file lists today. What it listed before is found on the way.
        kpis: The names that a decision may refer to.
    """
    shallow = git.is_shallow()
    if shallow is None:
        return None
    listed = {PROJECT_FILE, *paths}
    while True:
        commits = git.changes(sorted(listed), COMMITS + 1)
        if not commits:
            return None
        texts = git.texts(_blobs(commits))
        before = {path for text in _project_files(commits, texts) for path in _paths(text)}
        if before <= listed:
            break
        listed |= before
    known = _readable(commits[:COMMITS], texts)
    beginning = len(known) == len(commits) and not (shallow and known[-1].is_root)
    found = _Comparison(texts)
    for commit in reversed(known):
        found.compare(commit, is_first=shallow and commit.is_root)
    mentions = _mentions(git.messages("decision:", DECISIONS), frozenset(kpis))
    return History(
        since=None if beginning or not known else known[-1].on,
        released=found.released,
        changes=tuple(reversed(found.changes)),
        mentions=tuple(mentions),
    )


def _blobs(commits: Iterable[Commit]) -> Iterator[str]:
    for commit in commits:
        for change in commit.changes:
            yield from (name for name in (change.after, change.before) if name is not None)


def _readable(commits: tuple[Commit, ...], texts: Mapping[str, str | None]) -> list[Commit]:
    """Return the commits up to the first whose files are beyond what is read of all together."""
    found = []
    for commit in commits:
        if not all(name in texts for name in _blobs([commit])):
            break
        found.append(commit)
    return found


def _project_files(commits: Iterable[Commit], texts: Mapping[str, str | None]) -> Iterator[str]:
    for commit in commits:
        for change in commit.changes:
            if change.path == PROJECT_FILE and change.before is not None:
                yield texts.get(change.before) or ""


def _paths(text: str) -> Iterator[str]:
    """Yield the paths inside the project that a project file lists."""
    documents, _ = load_text(PROJECT_FILE, text)
    listed = documents[0].data.get("paths") if documents else None
    for entry in listed if isinstance(listed, list) else ():
        path = inside(entry) if isinstance(entry, str) else None
        if isinstance(path, str):
            yield path


class _Comparison:
    """Goes through commits from the oldest to the newest. Definitions are found by name, not by file."""

    def __init__(self, texts: Mapping[str, str | None]) -> None:
        self.released: dict[str, date] = {}
        self.changes: list[DefinitionChange] = []
        self._texts = texts
        self._read: dict[str, Definitions | None] = {}
        self._last: dict[str, frozenset[str] | None] = {}

    def compare(self, commit: Commit, *, is_first: bool) -> None:
        """Add what a commit changed.

        Args:
            is_first: Whether it only seems to bring everything, as what lies before it is not there.
        """
        before, after = Definitions(), Definitions()
        for change in commit.changes:
            if change.path == PROJECT_FILE:
                continue
            then = self._last.get(change.path, self._parts(change.before))
            now = self._parts(change.after)
            gone = [self._of(part) for part in (then or frozenset()) - (now or frozenset())]
            new = [self._of(part) for part in (now or frozenset()) - (then or frozenset())]
            if now is None or None in new:  # it cannot be read: until it can, what was there before holds
                self._last[change.path] = then
                continue
            self._last[change.path] = now
            if then is not None and None not in gone:
                before.add(*gone)
                after.add(*new)
        if is_first:
            return
        for kpi in after.formulas.keys() - before.formulas.keys():
            self.released.setdefault(kpi, commit.on)
        self.changes += sorted(_changed(commit, before, after), key=lambda one: one.kpi, reverse=True)

    def _parts(self, blob: str | None) -> frozenset[str] | None:
        """Return the documents of a file, each as its text; None where it is no text."""
        text = "" if blob is None else self._texts.get(blob)
        return None if text is None else frozenset(DOCUMENT.split(text.removeprefix("\ufeff")))

    def _of(self, part: str) -> Definitions | None:
        """Return what a document defines. Most stay as they are from commit to commit, and are read once."""
        if part not in self._read:
            self._read[part] = _definitions(part)
        return self._read[part]


def _changed(commit: Commit, before: Definitions, after: Definitions) -> Iterator[DefinitionChange]:
    brought = after.formulas.keys() - before.formulas.keys()
    gone = before.formulas.keys() - after.formulas.keys()
    for kpi in {*after.formulas, *before.wants, *after.wants} - brought - gone:
        compared = (
            ("formula", before.formulas.get(kpi), after.formulas.get(kpi)),
            ("target", before.wants.get(kpi, {}), after.wants.get(kpi, {})),
            ("owner", before.owners.get(kpi), after.owners.get(kpi)),
        )
        if what := tuple(name for name, then, now in compared if then != now):
            yield DefinitionChange(
                kpi=kpi, on=commit.on, commit=commit.name[:7], what=what, subject=_line(commit.message)
            )


def _definitions(text: str) -> Definitions | None:
    """Return what a document defines; None where it is no YAML of ours."""
    documents, findings = load_text("", text)
    if findings and not documents:
        return None
    found = Definitions()
    for document in documents:
        data = document.data
        name = data.get("name")
        if not isinstance(name, str):
            continue
        if data.get("kind") == "kpi":
            found.formulas[name] = _compared({key: data.get(key) for key in FORMULA})
            found.owners[name] = _compared(data.get("owner"))
        elif data.get("kind") == "goal":
            for kpi, wants in _wants(data.get("results")):
                found.wants.setdefault(kpi, {})[name] = wants
    return found


def _wants(results: Plain) -> Iterator[tuple[str, Compared]]:
    """Yield each KPI that a goal measures, with what it wants of it."""
    by_kpi: dict[str, list[Compared]] = {}
    for result in results if isinstance(results, list) else ():
        kpi = result.get("kpi") if isinstance(result, dict) else None
        if isinstance(kpi, str) and isinstance(result, dict):
            by_kpi.setdefault(kpi, []).append(_compared({key: result.get(key) for key in WANTED}))
    yield from ((kpi, tuple(wants)) for kpi, wants in by_kpi.items())


def _compared(value: Plain) -> Compared:
    """Return a value so that what means the same is equal: 0.40 and 0.4, other order, other spaces."""
    match value:
        case dict():
            return tuple((key, _compared(value[key])) for key in sorted(value))
        case list():
            return tuple(_compared(item) for item in value)
        case str():
            return _spaced(value)
        case bool() | None:
            return value
        case int() | Decimal():
            return Decimal(value).normalize()


def _spaced(text: str) -> str:
    """Return an expression without the spaces that mean nothing; those in quotes do.

    >>> _spaced("sum( a )  /\\n sum(b)"), _spaced("x = 'a  b'")
    ('sum(a)/sum(b)', "x='a  b'")
    """
    parts = text.split("'")
    for position in range(0, len(parts), 2):
        single = " ".join(f" {parts[position]} ".split())
        parts[position] = re.sub(r"(?<!\w) | (?!\w)", "", single)
    return "'".join(parts)


def _mentions(commits: Iterable[Commit], kpis: frozenset[str]) -> Iterator[Mention]:
    for commit in commits:
        decision = DECISION.search(commit.message)
        named = kpis.intersection(WORD.findall(commit.message)) if decision else ()
        for kpi in sorted(named):
            assert decision is not None
            yield Mention(kpi=kpi, on=commit.on, commit=commit.name[:7], decision=_line(decision[1]))


def _line(text: str) -> str:
    """Return the first line of a text, without what cannot be shown."""
    plain = "".join(character if character.isprintable() else " " for character in text.strip()[:LONGEST])
    return " ".join(plain.split())
