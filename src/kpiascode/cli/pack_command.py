"""`kpi pack`: documents for a review, a meeting, a plan, a round of feedback, a wall, the end of a cycle."""

from typing import Final

import click

from kpiascode.cli.lazy import LazyGroup

PACKS: Final = {
    "review": "A sheet for each unit of a review: facts, and room for what people say.",
    "one-on-one": "One page for a meeting of two: an agenda, and what is new.",
    "plan": "An improvement plan on one page, with what was before and after.",
    "feedback": "What a round of feedback says, without saying who said it.",
    "recognition": "Thanks of a program, and as CSV for human resources.",
    "close": "What became of the goals of a cycle.",
}


class _Packs(LazyGroup):
    told = PACKS
    module = "kpiascode.cli.pack_{}"
    called = "document"
    before = "kpi pack"


@click.group(cls=_Packs, epilog="Example: kpi pack review q4_2025 --org-unit customer_care")
def command() -> None:
    """Make documents for a meeting, a review, a wall: as HTML to print, and as Markdown.

    They are written to packs/, which git leaves alone, readable by their owner only, and never to the site.
    """
