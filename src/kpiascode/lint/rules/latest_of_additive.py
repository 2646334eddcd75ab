"""A goal of a year judges a sum by its last month alone.

`measure: latest`, the default, takes the last complete period of the KPI's grain. Of a KPI that adds up
(a sum or a count of rows, or made of such by `+`, `-` and constant factors) it drops all periods of the
goal but one. Targets that each period is to reach are meant so: `path: maintain`, `path: steps`, a band,
and targets that are each for one period.

Bad:

    kind: goal
    name: sell_more
    results:
      - kpi: net_sales                                      #! latest-of-additive
        target: 1200000

Good:

    kind: goal
    name: sell_more
    results:
      - kpi: net_sales
        measure: to_date
        target: 1200000

Fix: write `measure: to_date` with the target of the whole period, or `path: maintain` with that of one.
"""

from collections.abc import Iterator

from kpiascode.lint.grains import LONGEST
from kpiascode.lint.rule import Finding, Rule
from kpiascode.model.additive import adds_up
from kpiascode.model.diagnostic import Severity
from kpiascode.model.document import Document
from kpiascode.model.place import Place
from kpiascode.model.project import Band, Goal, Kpi, Measured, Path, Project, Result


def check(project: Project) -> Iterator[Finding]:
    """Yield each result that takes `latest` of an additive KPI in a goal longer than one of its periods."""
    for goal in project.goals.values():
        document = project.documents["goal", goal.name]
        for position, result in enumerate(goal.results):
            kpi = project.kpis.get(result.kpi)
            if kpi is None or result.measured is not Measured.LATEST:
                continue
            if _is_for_each_period(document, position, result) or not _is_longer(goal, kpi):
                continue
            if adds_up(kpi.expression, project.kpis):
                yield _finding(kpi, _place(document, position))


def _finding(kpi: Kpi, place: Place) -> Finding:
    grain = kpi.grain.value.replace("_", " ")
    return Finding(
        message=f"`{kpi.name}` adds up over time, and `latest` judges the goal by its last {grain} alone.",
        place=place,
        hint="Write `measure: to_date` with the target of the goal's period, or `path: maintain` with that "
        f"of one {grain}.",
    )


def _is_for_each_period(document: Document, position: int, result: Result) -> bool:
    """Return whether the target is one that every single period is to reach."""
    if result.path in (Path.MAINTAIN, Path.STEPS):
        return True
    if result.path is Path.LINEAR and all(isinstance(target.value, Band) for target in result.targets):
        return True
    entries = document.data_at(("results", position, "targets"))
    return isinstance(entries, list) and all(isinstance(e, dict) and "period" in e for e in entries)


def _is_longer(goal: Goal, kpi: Kpi) -> bool:
    """Return whether the goal is longer than any period of the KPI's grain."""
    return (goal.end - goal.start).days > LONGEST[kpi.grain]


def _place(document: Document, position: int) -> Place:
    measure = ("results", position, "measure")
    return document.place(measure if document.data_at(measure) else ("results", position, "kpi"))


RULE = Rule("latest-of-additive", check, Severity.WARNING)
