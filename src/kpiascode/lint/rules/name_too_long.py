"""A name has more than 40 characters, or a title more than 60.

Names stand in expressions and titles in the cells of tables. What is longer is cut by somebody, each time
in another place.

Bad:

    kind: kpi
    name: share_of_lines_that_were_returned_within_a_week   #! name-too-long
    dataset: order_lines
    expression: sum(returned) / count(*)
    unit: percent

Good:

    kind: kpi
    name: early_returns
    dataset: order_lines
    expression: sum(returned) / count(*)
    unit: percent

Fix: say the rest in `description`.
"""

from collections.abc import Iterator
from typing import Final

from kpiascode.lint.documents import place_of
from kpiascode.lint.rule import Finding, Rule
from kpiascode.model.checking import Preset
from kpiascode.model.diagnostic import Severity
from kpiascode.model.project import Project

LONGEST_NAME: Final = 40
LONGEST_TITLE: Final = 60


def check(project: Project) -> Iterator[Finding]:
    """Yield each KPI with a long name or a long title; one finding is enough."""
    for kpi in project.kpis.values():
        for key, text, longest in (("name", kpi.name, LONGEST_NAME), ("title", kpi.title, LONGEST_TITLE)):
            if len(text) > longest:
                yield Finding(
                    message=f"The {key} has {len(text)} characters, more than {longest}.",
                    place=place_of(project, kpi, key),
                    hint="Say the rest in `description`.",
                )
                break


RULE = Rule("name-too-long", check, Severity.WARNING, Preset.STRICT)
