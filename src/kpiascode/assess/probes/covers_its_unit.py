"""A KPI that has no number for a unit says nothing about it.

Looked for: a dimension whose values are names or titles of org units. The units that the KPI applies to,
and those beneath them of a level that the dimension tells apart, should each have a value in the last
complete period.

Pass: at least 95 % of them have one.
Partial: at least 80 %.
Fail: fewer.
Inconclusive: no dimension tells units apart.

Fix: add a dimension that tells units apart, or load the rows of the unit that is missing.
"""

import re
from decimal import Decimal
from typing import Final

from kpiascode.assess.probe import Case, Found, Probe, failed, partly, passed, unknown
from kpiascode.assess.sentences import listed
from kpiascode.model.assessment import Criterion
from kpiascode.model.project import OrgUnit

NEARLY_ALL: Final = Decimal("0.95")
MOST: Final = Decimal("0.80")


def check(case: Case) -> Found:
    """Return how many of the units that the KPI applies to have a value of their own."""
    for dimension in case.breakdown:
        covered = _covered(case, dimension)
        levels = {unit.level for unit in covered}
        expected = [
            unit
            for name, unit in case.project.org_units.items()
            if name in case.units_and_below and unit.level in levels
        ]
        if expected:
            return _judged(dimension, expected, {unit.name for unit, has in covered.items() if has})
    return unknown(
        "No dimension of it tells units apart, so whether it covers them is not known.",
        "Add a dimension whose values are the names or titles of org units.",
    )


def _covered(case: Case, dimension: str) -> dict[OrgUnit, bool]:
    """Return the units that the dimension has a slice for, and whether that slice has a value."""
    units = case.project.org_units.values()
    known = {_plain(text): unit for unit in units for text in (unit.name, unit.title)}
    slices = {value: o.value is not None for o in case.breakdown[dimension] for _, value in o.slice if value}
    return {known[_plain(value)]: has for value, has in slices.items() if _plain(value) in known}


def _judged(dimension: str, expected: list[OrgUnit], covered: set[str]) -> Found:
    missing = [unit.title for unit in expected if unit.name not in covered]
    share = Decimal(len(expected) - len(missing)) / len(expected)
    if not missing:
        return passed(f"By `{dimension}` it has a value for {listed([unit.title for unit in expected])}.")
    reason = f"By `{dimension}` it has no value for {listed(missing)}."
    fix = f"Load the rows of {listed(missing)}, or take them out of `applies_to`."
    if share >= NEARLY_ALL:
        return passed(reason)
    return partly(reason, fix) if share >= MOST else failed(reason, fix)


def _plain(text: str) -> str:
    return re.sub(r"\W+", "_", text.casefold())


PROBE = Probe(name="covers-its-unit", criterion=Criterion.RELEVANT, weight=3, gate=False, check=check)
