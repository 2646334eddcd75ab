"""Where the keys of a rule stand in a document: a revision has some of its own and shares the rest."""

from dataclasses import dataclass

from kpiascode.resolve.reader import Reader


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one rule. `revision`: its position in the document; None is today's rule."""

    reader: Reader
    revision: int | None = None

    def at(self, key: str) -> tuple[str | int, ...]:
        """Return where the key stands that is in force."""
        if self.revision is not None and self.reader.has("revisions", self.revision, key):
            return ("revisions", self.revision, key)
        return (key,)

    def has(self, key: str) -> bool:
        return self.reader.has(*self.at(key))
