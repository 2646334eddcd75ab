"""All publications held against each other: each names those that it knew, so that none can vanish."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from heapq import heappop, heappush
from typing import Final, TypeAlias

from kpiascode.model.diagnostic import Diagnostic
from kpiascode.model.ledger import Publication, PublishedValue
from kpiascode.model.observation import SliceKey
from kpiascode.record.segments import broken, run_of

Key: TypeAlias = tuple[str, str, str, SliceKey]
"""What makes a value the only one of its kind: KPI, grain, period, slice."""

SHOWN: Final = 8
"""Digits of a hash that are shown to people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Two publications that did not know of each other told different values."""

    one: PublishedValue
    other: PublishedValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """What was told, whole.

    Args:
        publications: The oldest first, each after those that it knew.
        heads: Hashes of those that no other one knew yet.
        latest: When the last one was made; None without any.
        told: The value that was told last, by what it is of.
        repeats: Hashes of publications that were made in two places at once; they are not among the others.
        conflicts: Those that no later restatement has settled.
    """

    publications: tuple[Publication, ...] = ()
    heads: tuple[str, ...] = ()
    latest: datetime | None = None
    told: Mapping[Key, PublishedValue]
    repeats: tuple[str, ...] = ()
    conflicts: tuple[Conflict, ...] = ()


def key_of(value: PublishedValue) -> Key:
    return value.kpi, value.grain, value.period, value.slice


def chained(found: Mapping[str, Publication]) -> tuple[Ledger, tuple[Diagnostic, ...]]:
    """Return the ledger that publications make, and what is wrong with it.

    Args:
        found: By the path of the file, as findings name it.
    """
    paths = {publication.hash: path for path, publication in found.items()}
    known = {publication.hash: publication for publication in found.values()}
    findings = [
        broken(
            paths[one.hash],
            1,
            f"It follows the publication {parent[:SHOWN]}, whose file is missing.",
        )
        for one in known.values()
        for parent in one.parents
        if parent not in known
    ]
    if findings:
        return Ledger(told={}), tuple(findings)
    chain = _Chain(known)
    for publication in chain.order:
        findings += [broken(paths[publication.hash], line, told) for line, told in chain.take(publication)]
    if len(chain.order) < len(known):
        lost = min(paths[name] for name in known.keys() - {one.hash for one in chain.order})
        findings.append(broken(lost, 1, "Publications follow each other in a circle."))
    return chain.ledger(), tuple(findings)


class _Chain:
    """Publications, taken in order."""

    def __init__(self, known: Mapping[str, Publication]) -> None:
        self._known = known
        self.order = _in_order(known)
        self._told: dict[Key, PublishedValue] = {}
        self._teller: dict[Key, str] = {}
        self._lines: defaultdict[str, list[tuple[str, Key]]] = defaultdict(list)
        self._runs: defaultdict[str, list[str]] = defaultdict(list)
        self._repeats: list[str] = []
        self._conflicts: dict[Key, Conflict] = {}

    def take(self, one: Publication) -> list[tuple[int, str]]:
        """Take the next publication; return what is wrong with it, by line."""
        found = []
        if late := [p for p in one.parents if self._known[p].at > one.at]:
            found.append((1, f"It is older than the publication {late[0][:SHOWN]}, which it follows."))
        if self._is_repeat(one):
            self._repeats.append(one.hash)
        for line, value in enumerate(one.values, 2 + len(one.kpis)):
            if wrong := self._wrong(one, value):
                found.append((line, wrong))
        for value in one.values:
            key = key_of(value)
            self._told[key], self._teller[key] = value, one.hash
            self._lines[value.hash].append((one.hash, key))
        self._runs[run_of(one)].append(one.hash)
        return found

    def _wrong(self, one: Publication, value: PublishedValue) -> str | None:
        key = key_of(value)
        before = self._told.get(key)
        if value.restates is not None:
            tellers = [teller for teller, of in self._lines.get(value.restates, ()) if of == key]
            if not any(self._knew(one, teller) for teller in tellers):
                return f"It restates the value {value.restates[:SHOWN]}, which was not told before."
            self._conflicts.pop(key, None)
        elif before is not None and not same_number(before, value):
            if self._knew(one, self._teller[key]):
                return "A value differs from the one that was told before, and does not say so."
            self._conflicts[key] = Conflict(one=before, other=value)
        return None

    def _is_repeat(self, one: Publication) -> bool:
        """Return whether the same was told elsewhere at once, so that neither knew of the other."""
        return any(
            not self._knew(one, twin)
            and all(
                (before := self._told.get(key_of(value))) is not None and same_number(before, value)
                for value in one.values
            )
            for twin in self._runs.get(run_of(one), ())
        )

    def _knew(self, one: Publication, earlier: str) -> bool:
        waiting, seen = list(one.parents), set[str]()
        while waiting:
            name = waiting.pop()
            if name == earlier:
                return True
            if name not in seen:
                seen.add(name)
                waiting += self._known[name].parents
        return False

    def ledger(self) -> Ledger:
        parents = {parent for one in self.order for parent in one.parents}
        repeats = set(self._repeats)
        return Ledger(
            publications=tuple(one for one in self.order if one.hash not in repeats),
            heads=tuple(sorted(self._known.keys() - parents)),
            latest=max((one.at for one in self.order), default=None),
            told=self._told,
            repeats=tuple(self._repeats),
            conflicts=tuple(self._conflicts[key] for key in sorted(self._conflicts, key=str)),
        )


def same_number(one: PublishedValue, other: PublishedValue) -> bool:
    """Return whether two values say the same of their period, to the last digit."""
    return (one.value, one.unit) == (other.value, other.unit)


def _in_order(known: Mapping[str, Publication]) -> list[Publication]:
    """Return the publications, each after its parents, and else by time; without those in a circle."""
    children: defaultdict[str, list[str]] = defaultdict(list)
    open_parents = {name: len(one.parents) for name, one in known.items()}
    for name, one in known.items():
        for parent in one.parents:
            children[parent].append(name)
    ready = [(one.at, name) for name, one in known.items() if not one.parents]
    ready.sort()
    found = []
    while ready:
        _, name = heappop(ready)
        found.append(known[name])
        for child in children[name]:
            open_parents[child] -= 1
            if not open_parents[child]:
                heappush(ready, (known[child].at, child))
    return found


def extended(ledger: Ledger, publication: Publication) -> Ledger:
    """Return the ledger with one more publication, which knew all of it."""
    return replace(
        ledger,
        publications=(*ledger.publications, publication),
        heads=(publication.hash,),
        latest=publication.at,
        told={**ledger.told, **{key_of(value): value for value in publication.values}},
    )
