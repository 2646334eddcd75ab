"""A document as Markdown. Texts are those of strangers: they are shown and never act."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final, assert_never

from kpiascode.model.project import Settings
from kpiascode.render.packs.blocks import (
    Blank,
    Block,
    Cell,
    Facts,
    Item,
    Items,
    Pack,
    Paragraph,
    Picture,
    Table,
)
from kpiascode.render.reports.markdown import escaped
from kpiascode.render.reports.plain import line
from kpiascode.render.site import logo
from kpiascode.render.words import day, moment

LONGEST: Final = 5_000
"""How long one text may be: longer than any that a definition may hold."""

OPENS: Final = re.compile(r"^([0-9]+(?=[.)](?: |$))|(?=[-+=]))(.)")
"""What begins a list, a rule or a heading where it opens a line."""

BLANK: Final = "&nbsp;"
BREAK: Final = "<br>"


def markdown(pack: Pack, settings: Settings, as_of: datetime, *, version: str) -> str:
    """Return the document; what is drawn is told in words."""
    return "\n".join(_lines(pack, settings, as_of, version)) + "\n"


def _lines(pack: Pack, settings: Settings, as_of: datetime, version: str) -> Iterator[str]:
    yield f"# {_shown(pack.title)}"
    yield ""
    yield _shown(f"{logo(settings)} · {pack.sort} · as of {moment(as_of)}")
    for about in pack.about:
        yield ""
        yield _shown(about)
    if pack.private:
        yield ""
        yield f"> **{_shown(pack.private)}**{f' Delete by {_shown(day(pack.until))}.' if pack.until else ''}"
    if pack.lead:
        yield ""
        yield f"**{_shown(pack.lead)}**"
    for section in pack.sections:
        yield ""
        yield f"## {_shown(section.title)}"
        for block in section.blocks:
            yield ""
            yield from _block(block)
    yield ""
    yield "---"
    yield ""
    for text in (*pack.foot, f"As of {moment(as_of)} · made by kpiascode {version}"):
        yield f"<sub>{_shown(text)}</sub>"
        yield ""


def _block(block: Block) -> Iterator[str]:
    match block:
        case Paragraph(text):
            yield from _paragraphs(text)
        case Facts(facts):
            for name, cell in facts:
                yield f"- {_shown(name)}: {_cell(cell)}"
        case Items(items, empty):
            yield from (_item(item) for item in items)
            if not items:
                yield _shown(empty)
        case Table():
            yield from _table(block)
        case Picture(words=words):
            yield from _paragraphs(words)
        case Blank(label, lines, note):
            if label:
                yield f"**{_shown(label)}**{f' {_shown(note)}' if note else ''}"
                yield ""
            yield from (f"> {BLANK}" for _ in range(lines))
        case _:
            assert_never(block)


def _paragraphs(text: str) -> Iterator[str]:
    """Yield each line of a text as a paragraph of its own."""
    for number, part in enumerate(part for part in text.splitlines() if part.strip()):
        if number:
            yield ""
        yield _shown(part)


def _item(item: Item) -> str:
    box = "[ ] " if item.boxed else ""
    word = f"{_shown(f'{item.word.shape} {item.word.text}')} " if item.word else ""
    lead = f"**{_shown(item.lead)}** " if item.lead else ""
    note = f" _({_shown(item.note)})_" if item.note else ""
    return f"- {box}{word}{lead}{_shown(item.text)}{note}".rstrip()


def _table(table: Table) -> Iterator[str]:
    if not table.rows:
        yield _shown(table.empty)
        return
    yield f"| {' | '.join(_shown(column.name) for column in table.columns)} |"
    yield f"| {' | '.join('---:' if column.is_number else '---' for column in table.columns)} |"
    for row in table.rows:
        yield f"| {' | '.join(_cell(cell) for cell in row)} |"


def _cell(cell: Cell) -> str:
    word = f"{cell.word.shape} {cell.word.text}" if cell.word else ""
    text = " ".join(part for part in (word, cell.text) if part)
    return BREAK.join(_shown(part) for part in (text, cell.note) if part) or BLANK


def _shown(text: str) -> str:
    """Return a text of somebody as one line that does nothing, wherever in a line it stands."""
    return OPENS.sub(r"\1\\\2", escaped(line(text, LONGEST)))
