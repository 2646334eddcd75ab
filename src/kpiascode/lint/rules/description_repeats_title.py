"""A description says what the title says already, and nothing else.

"Net sales." under the title "Net sales" leaves open what everybody argues about: with tax or without,
ordered or paid, before returns or after. Reported is a description of which every word stands in the title
or in the name, apart from words such as "the" and "of".

Bad:

    kind: kpi
    name: shipped_pieces
    title: Shipped pieces
    description: The shipped pieces.                        #! description-repeats-title
    dataset: order_lines
    expression: sum(quantity)
    unit: count

Good:

    kind: kpi
    name: shipped_pieces
    title: Shipped pieces
    description: Pieces that left the warehouse, with those that came back later.
    dataset: order_lines
    expression: sum(quantity)
    unit: count

Fix: say in words what counts and what does not, so that somebody elsewhere would count the same.
"""

import re
from collections.abc import Iterator
from typing import Final

from kpiascode.lint.documents import place_of
from kpiascode.lint.rule import Finding, Rule
from kpiascode.model.diagnostic import Severity
from kpiascode.model.project import Project

WORD: Final = re.compile(r"[^\W_]+")
EMPTY: Final = frozenset({"a", "an", "and", "for", "in", "is", "kpi", "of", "our", "the", "this"})


def check(project: Project) -> Iterator[Finding]:
    """Yield each KPI whose description has no word of its own."""
    for kpi in project.kpis.values():
        if _words(kpi.description) <= _words(kpi.title) | _words(kpi.name) | EMPTY:
            yield Finding(
                message="The description says no more than the title.",
                place=place_of(project, kpi, "description"),
                hint="Say what counts and what does not.",
            )


def _words(text: str) -> frozenset[str]:
    return frozenset(WORD.findall(text.casefold()))


RULE = Rule("description-repeats-title", check, Severity.WARNING)
