"""A scorecard as plain text: what stands beside the HTML of a mail, for who reads or hears no HTML."""

from collections.abc import Iterator
from textwrap import wrap
from typing import Final

from kpiascode.render.reports.plain import line, passage
from kpiascode.render.reports.summary import Cut, Line, Summary, chosen, fitted, left_out
from kpiascode.render.sentences import said

WIDTH: Final = 76
MOST: Final = 60_000


def text(told: Summary) -> str:
    return fitted(told, lambda cut: "\n".join(_lines(told, cut)) + "\n", MOST)


def _lines(told: Summary, cut: Cut) -> Iterator[str]:
    page = told.page
    title = line(page.title)
    yield from _wrapped(title)
    yield "=" * min(len(title), WIDTH)
    about = (line(page.unit.text), page.table.period, page.currency)
    yield from _wrapped(", ".join(part for part in about if part))
    yield ""
    yield from _wrapped(passage(said(page.sentence)))
    if page.cards:
        yield from ("", "NEEDS ATTENTION")
        for card in page.cards:
            value = f" {card.value}." if card.value else ""
            words = " ".join(part for part in (card.sentence, card.late_words) if part)
            yield from _item(f"{line(card.link.text)}: {card.standing.text}.{value} {passage(words)}")
            todo = f": {passage(card.act)}" if card.act and cut.acts else ""
            yield from _wrapped(f"{line(card.owner.text)}{todo}", "  ")
        if page.more_cards:
            yield from _item(f"and {page.more_cards} more below")
    for section in chosen(told, cut):
        yield from ("", line(section.title).upper() or "KPIS")
        for one in section.lines:
            yield from _kpi(told, one)
    yield ""
    if left := left_out(told, cut):
        yield from _wrapped(left)
    if address := told.address(told.path):
        yield address
    yield from _wrapped(told.provenance)


def _kpi(told: Summary, one: Line) -> Iterator[str]:
    row = one.row
    value = f"{row.value}" if row.value else "no value"
    note = f" ({line(row.value_note)})" if row.value_note else ""
    yield from _item(f"{line(row.link.text)}: {value}{note}; {line(row.target) or 'no target'}")
    why = f", {line(row.note)}" if row.note else ""
    varies = " ".join(part for part in (row.variation.text, row.since) if part)
    yield from _wrapped(f"{row.standing.text}{why}. {varies}. {line(row.owner.text)}", "  ")
    if one.spark:
        yield f"  {one.spark} {row.reach}"


def _item(words: str) -> Iterator[str]:
    yield from wrap(words, WIDTH, initial_indent="- ", subsequent_indent="  ")


def _wrapped(words: str, indent: str = "") -> Iterator[str]:
    yield from wrap(words, WIDTH, initial_indent=indent, subsequent_indent=indent)
