"""A KPI is relevant to a line of business whose own people answer for it.

Pass: the unit of the owner is one that the KPI applies to, or lies beneath or above one of them.
Fail: it lies elsewhere. This is a gate: relevant then fails.
Inconclusive: never; units and owners are declared.

Fix: give it an owner from the unit, or add the owner's unit to `applies_to`.
"""

from kpiascode.assess.probe import Case, Found, Probe, failed, passed
from kpiascode.assess.sentences import listed
from kpiascode.model.assessment import Criterion


def check(case: Case) -> Found:
    """Return whether the owner's unit stands in line with a unit that the KPI applies to."""
    project = case.project
    owner = project.owners[case.kpi.owner]
    home = project.org_units[owner.org_unit].title
    in_line = {*project.unit_and_above(owner.org_unit), *project.unit_and_below(owner.org_unit)}
    for unit in case.units:
        if unit.name == owner.org_unit:
            return passed(f"Applies to {unit.title}, where its owner, {owner.title}, belongs.")
    for unit in case.units:
        if unit.name in in_line:
            return passed(f"Applies to {unit.title}; its owner, {owner.title}, belongs to {home}.")
    units = [unit.title for unit in case.units] or ["no unit"]
    return failed(
        f"Applies to {listed(units)}, but its owner, {owner.title}, belongs to {home}.",
        f"Give it an owner from {listed(units, 'or')}, or add `{owner.org_unit}` to `applies_to`.",
    )


PROBE = Probe(name="belongs-to-its-unit", criterion=Criterion.RELEVANT, weight=2, gate=True, check=check)
