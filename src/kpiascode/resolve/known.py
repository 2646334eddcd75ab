"""The names of everything that is declared, so that a reference which leads nowhere is found."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from kpiascode.model.diagnostic import did_you_mean, one_of
from kpiascode.resolve.reader import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The names of everything that exists, of whatever shape, by kind.

    Args:
        unsure: Kinds of which not all could be read, so that no name of theirs can be called unknown.
    """

    names: Mapping[str, frozenset[str]]
    unsure: frozenset[str] = frozenset()

    def with_names(self, names: Mapping[str, Iterable[str]]) -> "Known":
        """Return the same with more names."""
        return replace(self, names={**self.names, **{k: self.names[k].union(names[k]) for k in names}})

    def check(self, reader: Reader, kind: str, *where: str | int) -> None:
        """Report each reference at `where` (a name or a list of names) that leads nowhere."""
        if kind == "person" and not reader.restricted:
            return  # it may not be named there at all, which is told
        given = reader.get(*where)
        for position, name in enumerate(reader.texts(*where)):
            if name not in self.names[kind]:
                self.report(reader, kind, name, (*where, position) if isinstance(given, list) else where)

    def report(self, reader: Reader, kind: str, name: str, where: tuple[str | int, ...]) -> None:
        if kind in self.unsure:
            reader.broken = True
            return
        called = "KPI" if kind == "kpi" else kind.replace("_", " ")
        known = self.names[kind]
        article = "an" if called[0] in "aeiou" else "a"
        reader.report(
            f"unknown-{kind.replace('_', '-')}",
            f"`{name}` is not declared as {article} {called}.",
            where,
            did_you_mean(name, known)
            or (f"Declared are {one_of(known)}." if known else f"No {called} is declared yet."),
        )
