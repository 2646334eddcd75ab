"""A result goes its way in a straight line, and nothing says where the line begins.

`path: linear`, the default, expects more from month to month, from `baseline` to the target. Without a
baseline there is no line: the whole target is expected from the first day, and no progress can be told.
With `measure: to_date` the line begins at 0, and a target that is another KPI is a line of its own. Of a
KPI that adds up over time nothing is said here: its goal is mostly one of `to_date`.

Bad:

    kind: goal
    name: fewer_returns
    results:
      - {kpi: return_rate, target: 0.03}                    #! missing-baseline

Good:

    kind: goal
    name: fewer_returns
    results:
      - {kpi: return_rate, baseline: 0.05, target: 0.03}

Fix: add `baseline`, where the KPI stood when the goal began; or say `path: maintain`, if the target holds
from the first day, or `path: by_end`, if it is due at the end only.
"""

from collections.abc import Iterator
from decimal import Decimal

from kpiascode.lint.rule import Finding, Rule
from kpiascode.model.additive import adds_up
from kpiascode.model.diagnostic import Severity
from kpiascode.model.project import Measured, Path, Project, Result


def check(project: Project) -> Iterator[Finding]:
    """Yield each result with a linear path, a number as target and no beginning."""
    for goal in project.goals.values():
        document = project.documents["goal", goal.name]
        for position, result in enumerate(goal.results):
            kpi = project.kpis.get(result.kpi)
            if kpi is not None and _has_no_beginning(result) and not adds_up(kpi.expression, project.kpis):
                yield Finding(
                    message=f"Nothing says where `{result.kpi}` stood, so the whole target is expected from "
                    "the first day.",
                    place=document.place(("results", position, "kpi")),
                    hint="Add `baseline`, or say `path: maintain` or `path: by_end`.",
                )


def _has_no_beginning(result: Result) -> bool:
    return (
        result.path is Path.LINEAR
        and result.measured is Measured.LATEST
        and result.baseline is None
        and any(isinstance(target.value, Decimal) for target in result.targets)
    )


RULE = Rule("missing-baseline", check, Severity.WARNING)
