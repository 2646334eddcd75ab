"""A scorecard shows a KPI more often than its data is renewed.

A weekly page over data that may be five weeks old shows four times in five what it has shown before, or an
empty week. Compared are the period of the page, or the `grain` of the KPI where that is coarser, and the
`freshness` of the datasets: it may be up to twice that period, and up to four days on a daily page, for
long weekends.

Bad:

    kind: dataset
    name: order_lines
    source: sales.order_lines
    time: ordered_on
    freshness: 35 days
    ---
    kind: kpi
    name: pieces
    dataset: order_lines
    expression: sum(quantity)
    grain: day
    unit: count
    ---
    kind: scorecard
    name: warehouse
    grain: week
    sections:
      - {title: Work, kpis: [pieces]}                       #! cadence-faster-than-data

Good:

    kind: dataset
    name: order_lines
    source: sales.order_lines
    time: ordered_on
    freshness: 35 days
    ---
    kind: kpi
    name: pieces
    dataset: order_lines
    expression: sum(quantity)
    grain: day
    unit: count
    ---
    kind: scorecard
    name: warehouse
    grain: month
    sections:
      - {title: Work, kpis: [pieces]}

Fix: give the page, or the KPI, a coarser `grain`; or renew the data more often, and correct `freshness`.
"""

from collections.abc import Iterator
from typing import Final

from kpiascode.lint.documents import uses
from kpiascode.lint.grains import LONGEST
from kpiascode.lint.rule import Finding, Rule
from kpiascode.model.calendar import Grain, is_finer
from kpiascode.model.diagnostic import Severity
from kpiascode.model.expression import KpiValue, walk
from kpiascode.model.project import Dataset, Project

LONG_WEEKEND: Final = 4


def check(project: Project) -> Iterator[Finding]:
    """Yield each entry of a scorecard whose data may be much older than the period that it shows."""
    oldest: dict[str, Dataset | None] = {}
    for use in uses(project, "scorecard"):
        card, kpi = project.scorecards.get(use.name), project.kpis.get(use.kpi)
        if card is None or kpi is None:
            continue
        grain = kpi.grain if is_finer(card.grain, kpi.grain) else card.grain
        dataset = _oldest(kpi.name, project, oldest)
        if dataset is None or dataset.freshness is None or dataset.freshness.days <= _longest(grain):
            continue
        promise = project.documents["dataset", dataset.name]
        yield Finding(
            message=f"`{kpi.name}` is shown by {grain.value.replace('_', ' ')}, and the data of "
            f"`{dataset.name}` may be {promise.data_at(('freshness',))} old.",
            place=use.place,
            hint="Give the page or the KPI a coarser `grain`, or renew the data more often.",
            note=f"`freshness` is declared at {promise.place(('freshness',))}.",
        )


def _longest(grain: Grain) -> int:
    return max(2 * LONGEST[grain], LONG_WEEKEND)


def _oldest(name: str, project: Project, known: dict[str, Dataset | None]) -> Dataset | None:
    """Return the dataset with the longest `freshness` of those that a KPI, and those in it, count rows of."""
    if name not in known:
        known[name] = None
        kpi = project.kpis.get(name)
        if kpi is not None:
            steps = () if kpi.funnel is None else kpi.funnel.steps
            names = dict.fromkeys((kpi.dataset or "", *(step.dataset for step in steps)))
            found = [project.datasets[one] for one in names if one in project.datasets]
            others = {node.kpi: None for node in walk(kpi.expression) if isinstance(node, KpiValue)}
            found += [one for other in others if (one := _oldest(other, project, known)) is not None]
            promised = [(one.freshness, one) for one in found if one.freshness is not None]
            known[name] = max(promised, key=lambda pair: pair[0])[1] if promised else None
    return known[name]


RULE = Rule("cadence-faster-than-data", check, Severity.WARNING)
