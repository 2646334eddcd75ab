"""What a document is made of. Texts are plain everywhere: who prints a block escapes it."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar, TypeAlias

from markupsafe import Markup

from kpiascode.render.words import Word


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What stands in one place.

    Args:
        word: A judgement, before the text.
        picture: A drawing of ours; its words stand in `text` and `note` as well, for those who do not see it.
        note: In small type beneath.
    """

    text: str = ""
    word: Word | None = None
    picture: Markup | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """`tone`: a class of the style sheet; `soft` for what is said beside."""

    kind: ClassVar[str] = "paragraph"
    text: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """A few named values in a row."""

    kind: ClassVar[str] = "facts"
    facts: tuple[tuple[str, Cell], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A line of a list.

    Args:
        lead: In bold, before the text.
        boxed: Whether it has a box to tick.
    """

    text: str
    lead: str = ""
    word: Word | None = None
    note: str = ""
    boxed: bool = False


@dataclass(frozen=True, slots=True)
class Items:
    """`empty`: what is said where there are none."""

    kind: ClassVar[str] = "items"
    items: tuple[Item, ...]
    empty: str = "None."


@dataclass(frozen=True, slots=True)
class Column:
    """`wide`: its share of the width, beside the shares of the others."""

    name: str
    is_number: bool = False
    wide: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The first cell of a row names it. `empty`: what is said where there is no row."""

    kind: ClassVar[str] = "table"
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    empty: str = "None."

    @property
    def widths(self) -> tuple[int, ...]:
        """Return the widths in per cent, in steps of five: a class of the style sheet each."""
        whole = sum(column.wide for column in self.columns)
        return tuple(5 * max(1, round(20 * column.wide / whole)) for column in self.columns)


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing of ours, and what it shows in words."""

    kind: ClassVar[str] = "picture"
    drawn: Markup
    words: str


@dataclass(frozen=True, slots=True)
class Blank:
    """Room to write. `lines`: how much."""

    kind: ClassVar[str] = "blank"
    label: str
    lines: int = 3
    note: str = ""


Block: TypeAlias = Paragraph | Facts | Items | Table | Picture | Blank


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """`half`: it shares the width with its neighbour, where there is room."""

    title: str
    blocks: tuple[Block, ...]
    half: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """A document.

    Args:
        sort: What it is, in a few words.
        about: Lines beneath the title.
        lead: The sentence that it begins with; empty without one.
        private: Whose it is, as a sentence; empty of what everybody may read.
        until: The first day on which it must be gone; None where it may stay.
        foot: What is said of where it comes from.
    """

    sort: str
    title: str
    about: tuple[str, ...]
    sections: tuple[Section, ...]
    lead: str = ""
    private: str = ""
    until: date | None = None
    foot: tuple[str, ...] = ()
    wide: bool = False
    """Whether it lies across the paper."""
