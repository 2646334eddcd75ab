"""A variant is the same measure over fewer rows, or it is another measure.

`derived_from` names the KPI that it is a variant of. The two can be compared if they differ in `where` and
in filters only: not in the expression, the dataset or the time.

Pass: only filters differ.
Partial: more differs, and its title says so by being another one.
Fail: more differs, and its title holds that of the other.
Inconclusive: never; both are declared.
Not applicable: it is no variant.

Fix: use the same formula, or drop `derived_from`.
"""

import re

from kpiascode.assess.probe import Case, Found, Probe, failed, not_applicable, partly, passed
from kpiascode.assess.sentences import quoted
from kpiascode.model.assessment import Criterion
from kpiascode.model.variant import difference


def check(case: Case) -> Found:
    """Return whether the KPI differs by filters only from the one that it derives from."""
    kpis = case.project.kpis
    parent = kpis.get(case.kpi.derived_from or "")
    if parent is None:
        return not_applicable("It is no variant of another KPI.")
    title = quoted(parent.title)
    key = difference(case.kpi, parent, kpis)
    if key is None:
        return passed(f"Differs from {title} by filters only.")
    fix = f"Use the {key} of {title}, or drop `derived_from`."
    if _words(parent.title) <= _words(case.kpi.title):
        return failed(f"Is called as {title} is, and has another {key}.", fix)
    return partly(f"Is called a variant of {title}, and has another {key}.", fix)


def _words(title: str) -> set[str]:
    return set(re.findall(r"\w+", title.casefold()))


PROBE = Probe(name="honest-variant", criterion=Criterion.RELEVANT, weight=2, gate=False, check=check)
