"""A worked example says what a definition means, and fails when it comes to mean something else.

Rows in, a number out, checked by `kpi check`. The period without rows is where definitions differ most.

Pass: at least two examples, one of them with an empty period.
Partial: at least one example.
Fail: none.
Inconclusive: never; the examples are declared.

Fix: add `examples` with a few rows and what they come to.
"""

from kpiascode.assess.probe import Case, Found, Probe, failed, partly, passed
from kpiascode.assess.sentences import counted
from kpiascode.model.assessment import Criterion


def check(case: Case) -> Found:
    """Return how many worked examples the KPI carries."""
    examples, empty = case.kpi.examples, case.kpi.edge_examples
    if not examples:
        return failed(
            "Carries no worked example.",
            "Add `examples`: a few rows and what they come to, and a period without rows.",
        )
    if examples >= 2 and empty:
        return passed(f"Carries {examples} worked examples, {empty} with an empty period.")
    if not empty:
        return partly(
            f"Carries {counted(examples, 'worked example')}, none with an empty period.",
            "Add an example of a period without rows.",
        )
    return partly("Carries one worked example, of an empty period.", "Add an example with a few rows.")


PROBE = Probe(name="worked-examples", criterion=Criterion.QUANTIFIABLE, weight=2, gate=False, check=check)
