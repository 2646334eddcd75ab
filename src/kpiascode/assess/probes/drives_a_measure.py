"""The link test: does the KPI move what the goal measures?

What a measured KPI is computed from moves it by arithmetic; no statistics are needed. Correlations are not
searched for: who searches finds.

Pass: a KPI that a running goal measures is computed from it.
Not applicable: otherwise, as long as no lead is declared.

Fix: none is needed.
"""

from kpiascode.assess.probe import Case, Found, Probe, not_applicable, passed
from kpiascode.assess.sentences import quoted
from kpiascode.model.assessment import Criterion


def check(case: Case) -> Found:
    """Return whether a KPI that serves a running goal is computed from this one."""
    day = case.as_of.date()
    for goal, result in case.goals.needed_by[case.kpi.name]:
        measured = case.project.kpis[result.kpi]
        computed = measured.name != case.kpi.name and case.kpi.name in case.goals.behind[measured.name]
        if computed and goal.start <= day < goal.end:
            return passed(f"{quoted(goal.title)} measures {quoted(measured.title)}, computed from it.")
    return not_applicable("No other KPI that a running goal measures is computed from it.")


PROBE = Probe(name="drives-a-measure", criterion=Criterion.CRUCIAL, weight=2, gate=False, check=check)
