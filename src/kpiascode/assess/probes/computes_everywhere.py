"""What cannot be computed is not quantified.

Pass: the KPI compiles for every dialect that the project declares, and the engine gave values.
Fail: a dialect refuses it, or it ran and never gave a value. This is a gate: quantifiable then fails.
Inconclusive: it was not compiled or not run.

Fix: rewrite what the dialect refuses, or load the rows that are missing.
"""

from kpiascode.assess.probe import Case, Found, Probe, failed, passed, unknown
from kpiascode.assess.sentences import counted, listed, noun
from kpiascode.model.assessment import Criterion


def check(case: Case) -> Found:
    """Return whether the KPI compiles for all declared dialects and gave values."""
    kpi, dialects = case.kpi, case.project.settings.dialects
    refused = [dialect for dialect in dialects if (kpi.name, dialect) in case.evidence.refused]
    if refused:
        why = case.evidence.refused[kpi.name, refused[0]]
        return failed(
            f"Does not compile for {listed(refused)}: {why.rstrip('.')}.",
            f"Rewrite its expression for {listed(refused)}, or drop that from `dialects`.",
        )
    missing = [d for d in dialects if d not in case.evidence.compiled.get(kpi.name, ())]
    if missing:
        return unknown(f"Was not compiled for {listed(missing)}.", "Run `kpi build`, which compiles it.")
    if not case.series:
        return unknown("Was not run for any complete period.", "Run `kpi build` against an engine.")
    given = sum(observation.value is not None for observation in case.series)
    asked = counted(len(case.series), noun(kpi.grain))
    if not given:
        return failed(
            f"Gave no value in any of the last {asked}.",
            "Load the rows that it needs, or check its `where` and its time.",
        )
    return passed(f"Compiles for {listed(dialects)} and gave values for {given} of {asked}.")


PROBE = Probe(name="computes-everywhere", criterion=Criterion.QUANTIFIABLE, weight=3, gate=True, check=check)
