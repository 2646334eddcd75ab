"""The lower bound lies above the upper one, so that no value can be true.

Bad:

    kind: kpi
    name: margin
    dataset: order_lines
    expression: sum(margin_amount) / sum(net_amount)
    bounds: {min: 1, max: -1}                               #! inverted-bounds

Good:

    kind: kpi
    name: margin
    dataset: order_lines
    expression: sum(margin_amount) / sum(net_amount)
    bounds: {min: -1, max: 1}

Fix: swap the two.
"""

from collections.abc import Iterator

from kpiascode.lint.documents import place_of
from kpiascode.lint.rule import Finding, Rule
from kpiascode.model.checking import Preset
from kpiascode.model.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Yield each KPI whose `min` is greater than its `max`."""
    for kpi in project.kpis.values():
        low, high = kpi.bounds.min, kpi.bounds.max
        if low is not None and high is not None and low > high:
            yield Finding(
                message=f"No value lies above {low} and below {high}.",
                place=place_of(project, kpi, "bounds", "min"),
                hint="Swap `min` and `max`.",
            )


RULE = Rule("inverted-bounds", check, preset=Preset.MINIMAL)
