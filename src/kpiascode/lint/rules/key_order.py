"""A definition does not begin with `kind`, `name`, `title` and `description`, in this order.

Whoever looks through a file of many definitions finds each of them by its first lines. The order of all other
keys is free.

Bad:

    name: orders
    kind: kpi                                               #! key-order
    title: Orders
    description: Orders placed, whatever became of them.
    dataset: order_lines
    expression: count(distinct order_id)

Good:

    kind: kpi
    name: orders
    title: Orders
    description: Orders placed, whatever became of them.
    dataset: order_lines
    expression: count(distinct order_id)

Fix: move the keys up, with what stands below them.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from kpiascode.lint.layout import written
from kpiascode.lint.rule import Finding, Rule
from kpiascode.model.checking import Preset
from kpiascode.model.diagnostic import Edit, Severity
from kpiascode.model.document import Document
from kpiascode.model.place import Span
from kpiascode.model.project import Project

FIRST: Final = ("kind", "name", "title", "description")
ALLOW: Final = re.compile(r"#\s*kpi:\s*allow")


def check(project: Project) -> Iterator[Finding]:
    """Yield each definition whose first keys stand elsewhere, at the one that should be next."""
    for document, lines in written(project):
        keys = list(document.data)
        wanted = [key for key in FIRST if key in document.data]
        late = next((key for key, found in zip(wanted, keys, strict=False) if key != found), None)
        if late is not None:
            yield Finding(
                message=f"`{late}` stands behind other keys.",
                place=document.place_of_key((late,)),
                hint=f"Begin with {', '.join(f'`{key}`' for key in wanted)}, in this order.",
                fix=_moved(document, [*wanted, *(key for key in keys if key not in FIRST)], lines),
            )


def _moved(document: Document, order: Sequence[str], lines: Sequence[str]) -> tuple[Edit, ...]:
    """Return what moves the keys into an order, each with the comments above it.

    What stands above the first key heads the definition and stays. Where it allows a finding, or where keys
    do not begin lines, nothing is moved.
    """
    keys = list(document.data)
    starts = {key: document.keys[(key,)] for key in keys}
    above = _above(starts[keys[0]].line - 1, lines)
    if any(span.column != 1 for span in starts.values()) or any(map(ALLOW.match, above)):
        return ()
    first, end = starts[keys[0]].line - 1, document.place().span.end_line
    begins = [
        first,
        *(starts[key].line - 1 - len(_above(starts[key].line - 1, lines)) for key in keys[1:]),
        end,
    ]
    blocks = {key: lines[begin:stop] for key, (begin, stop) in zip(keys, pairwise(begins), strict=True)}
    text = "\n".join(line for key in order for line in blocks[key])
    return (Edit(Span(first + 1, 1, end, len(lines[end - 1]) + 1), text),)


def _above(number: int, lines: Sequence[str]) -> Sequence[str]:
    """Return the comments directly above a line that begin where it does."""
    begin = number
    while begin > 0 and lines[begin - 1].startswith("#"):
        begin -= 1
    return lines[begin:number]


RULE = Rule("key-order", check, Severity.WARNING, Preset.STRICT, fixable=True)
