"""A KPI that serves no goal that runs now is not crucial to anything.

It serves a goal if one of its results measures it, takes it as target, or measures a KPI that is computed
from it. From that goal the way leads over parents to a root goal whose period holds today.

Pass: the root goal belongs to the organisation.
Partial: only a root goal of a unit below runs.
Fail: no root goal that runs now needs it. This is a gate: crucial then fails.
Inconclusive: never; the goals are declared.

Fix: name the KPI in the results of a goal, or give that goal a parent.
"""

from kpiascode.assess.probe import Case, Found, Probe, failed, partly, passed
from kpiascode.assess.sentences import on_day, quoted
from kpiascode.model.assessment import Criterion
from kpiascode.model.project import Level


def check(case: Case) -> Found:
    """Return whether a way leads from the KPI to a root goal that runs now."""
    units = case.project.org_units
    roots = [stake.root for stake in case.goals.stakes[case.kpi.name]]
    for root in roots:
        if units[root.org_unit].level is Level.ORGANISATION:
            return passed(f"Serves {quoted(root.title)}, a goal of {units[root.org_unit].title}.")
    for root in roots:
        return partly(
            f"Serves {quoted(root.title)}, a goal of {units[root.org_unit].title}, "
            "but no goal of the whole organisation.",
            f"Name a goal of the organisation as parent of {quoted(root.title)}.",
        )
    return _serves_none(case)


def _serves_none(case: Case) -> Found:
    goals = {goal.name: goal for goal, _ in case.goals.needed_by[case.kpi.name]}
    if not goals:
        return failed("No goal needs it.", "Name it in the results of a goal, or retire it.")
    one = goals[min(goals)]
    return failed(
        f"{quoted(one.title)} needs it, but leads to no goal that runs on {on_day(case.last_day)}.",
        "Name it in the results of a goal that runs now, or retire it.",
    )


PROBE = Probe(
    name="serves-a-goal", criterion=Criterion.CRUCIAL, weight=3, gate=True, check=check, looks_around=True
)
