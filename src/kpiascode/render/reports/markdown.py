"""A scorecard as Markdown, for a chat or a pull request.

Texts of definitions are shown and never act. On GitHub a text can call people (`@name`) and point at issues
(`#1`), which no backslash prevents, since GitHub looks for them in what Markdown has made.
"""

import re
from collections.abc import Iterator
from typing import Final

from kpiascode.render.pages.scorecard import Card
from kpiascode.render.reports.plain import line, part, passage
from kpiascode.render.reports.summary import Cut, Line, Summary, chosen, fitted, left_out
from kpiascode.render.sentences import Sentence

MOST: Final = 60_000
"""Bytes; a comment on GitHub holds 65,536 characters."""

_BREAK: Final = "\N{ZERO WIDTH SPACE}"
_ACTING: Final = re.compile(r"[\\`*_\[\]{}|~$#!]")
_CALLS: Final = re.compile(r"@|#|(?<=:)//|:(?=[\w+-]+:)|\b(?:www(?=\.)|gh(?=-\d))", re.IGNORECASE)


def markdown(told: Summary) -> str:
    """Return the sentence, what needs attention, and a table; as much as a comment can hold."""
    return fitted(told, lambda cut: "\n".join(_lines(told, cut)), MOST)


def escaped(text: str) -> str:
    """Return a text that is shown as it is, wherever in a line it stands.

    >>> escaped("*a* | <b>")
    '\\\\*a\\\\* \\\\| &lt;b&gt;'
    """
    return _ACTING.sub(lambda match: f"\\{match[0]}", as_html(text))


def as_html(text: str) -> str:
    """Return a text that is shown as it is within HTML, and calls nobody."""
    marked = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _CALLS.sub(lambda match: f"{_BREAK}{match[0]}{_BREAK}", marked)


def _lines(told: Summary, cut: Cut) -> Iterator[str]:
    page = told.page
    yield f"## {_linked(line(page.title), told.address(told.path))}"
    about = [f"Scorecard of {line(page.unit.text)}", page.table.period, page.currency]
    yield ""
    yield escaped(" · ".join(part for part in about if part))
    yield ""
    yield _sentence(told, page.sentence)
    if page.cards:
        yield "\n### Needs attention\n"
        yield from (_card(told, card, cut) for card in page.cards)
        if page.more_cards:
            yield f"- and {page.more_cards} more in the table"
    if cut.rows:
        yield "\n### KPIs\n"
        yield from _table(told, cut)
    if left := left_out(told, cut):
        yield f"\n{escaped(left)}"
    yield f"\n<sub>{escaped(told.provenance)}</sub>\n"


def _sentence(told: Summary, sentence: Sentence) -> str:
    return "".join(
        f"**{_linked(line(piece.text), told.address(piece.path))}**"
        if piece.path
        else escaped(part(piece.text))
        for piece in sentence
    )


def _linked(text: str, address: str) -> str:
    return f"[{escaped(text)}]({address})" if address else escaped(text)


def _card(told: Summary, card: Card, cut: Cut) -> str:
    name = _linked(line(card.link.text), told.address(card.link.path))
    words = " ".join(part for part in (card.sentence, card.late_words) if part)
    value = f" {card.value}." if card.value else ""
    todo = f": {passage(card.act)}" if card.act and cut.acts else ""
    who = escaped(f"{line(card.owner.text)}{todo}")
    stands = escaped(f"{card.standing.shape} {card.standing.text}:{value} {passage(words)}")
    return f"- **{name}** {stands} *{who}*"


def _table(told: Summary, cut: Cut) -> Iterator[str]:
    value = told.page.table.period or "Last value"
    yield f"| KPI | {escaped(value)} | Against target | Status | Variation | Owner |"
    yield "| --- | ---: | --- | --- | --- | --- |"
    for section in chosen(told, cut):
        if section.title:
            yield f"| **{escaped(line(section.title))}** | | | | | |"
        yield from (_row(told, one) for one in section.lines)


def _row(told: Summary, one: Line) -> str:
    row = one.row
    cells = (
        _linked(line(row.link.text), told.address(row.link.path)),
        escaped(_joined(str(row.value) if row.value else "no value", row.value_note)),
        escaped(line(row.target) or "no target"),
        escaped(_joined(f"{row.standing.shape} {row.standing.text}", row.note)),
        escaped(" ".join(part for part in (row.variation.text, row.since) if part)),
        escaped(line(row.owner.text)),
    )
    return f"| {' | '.join(cells)} |"


def _joined(word: str, note: str) -> str:
    return line(f"{word}, {note}" if note else word)
