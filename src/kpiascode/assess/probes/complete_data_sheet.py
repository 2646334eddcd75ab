"""The data sheet of a measure: what it is, in what, how often, from where, whose, and what follows from it.

The language demands most of it: formula, unit, direction, grain, owner. The rest is easily left out, and
is what readers ask first: by when is it told, what can never be true, who does what when it is off.

Pass: all entries are there.
Partial: at least 85 % of them.
Fail: fewer.
Inconclusive: never; the definition is declared.

Fix: add the entries that are named.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Final

from kpiascode.assess.probe import Case, Found, Probe, failed, partly, passed
from kpiascode.assess.sentences import listed
from kpiascode.model.assessment import Criterion

NEARLY: Final = Decimal("0.85")


def _has_bounds(case: Case) -> bool:
    return case.kpi.bounds.min is not None or case.kpi.bounds.max is not None


def _has_target(case: Case) -> bool:
    """Return whether a goal has one; where goals are left out, it cannot be said that none has."""
    goals = case.project.goals.values()
    return case.is_used_elsewhere or any(
        result.kpi == case.kpi.name for goal in goals for result in goal.results
    )


def _has_lag(case: Case) -> bool:
    return case.kpi.communication is not None and case.kpi.communication.lag is not None


def _has_promise(case: Case) -> bool:
    names = case.evidence.datasets.get(case.kpi.name, ())
    datasets = [case.project.datasets[name] for name in names if name in case.project.datasets]
    return all(d.freshness is not None for d in datasets if d.time is not None)


DEMANDED: Final = (
    "title",
    "description",
    "owner",
    "applies_to",
    "expression",
    "time",
    "unit",
    "direction",
    "grain",
)
"""What no definition lacks, because the language demands it."""

LEFT_OUT: Final[tuple[tuple[str, str, Callable[[Case], bool]], ...]] = (
    ("how new its data is", "`freshness` to its datasets", _has_promise),
    ("what can never be true", "`bounds`", _has_bounds),
    ("what is wanted", "a goal with a target for it", _has_target),
    ("by when it is told", "`communication` with a `lag`", _has_lag),
    ("what is done when it is off", "`act`", lambda case: bool((case.kpi.act or "").strip())),
)
"""What a reader then misses, what to add, and whether it is there."""


def check(case: Case) -> Found:
    """Return which entries of the data sheet are missing."""
    entries = len(DEMANDED) + len(LEFT_OUT)
    missing = [(words, key) for words, key, is_there in LEFT_OUT if not is_there(case)]
    if not missing:
        return passed(f"All {entries} entries of its data sheet are there.")
    reason = f"Does not say {listed([words for words, _ in missing])}."
    fix = f"Add {listed([key for _, key in missing])}."
    there = Decimal(entries - len(missing)) / entries
    return partly(reason, fix) if there >= NEARLY else failed(reason, fix)


PROBE = Probe(name="complete-data-sheet", criterion=Criterion.QUANTIFIABLE, weight=3, gate=False, check=check)
