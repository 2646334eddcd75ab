"""A KPI is sliced by what is one person's alone, and the dimension is not marked.

Each slice by `email` is a number about one person, and without the mark it is published. Reported are
columns and names that say so: a mail address, a telephone number, a full name, a date of birth, the number
of a passport, of an account or of social security.

Bad:

    kind: kpi
    name: lines
    dataset: order_lines
    expression: count(*)
    dimensions:
      - agent.email                                         #! unmarked-person-dimension
    unit: count

Good:

    kind: kpi
    name: lines
    dataset: order_lines
    expression: count(*)
    dimensions:
      - agent.team
      - {agent: agent.email, person: true}
    unit: count

Fix: slice by a team or a unit, or mark the dimension: `{agent: agent.email, person: true}`.
"""

import re
from collections.abc import Iterator
from typing import Final

from kpiascode.lint.dimensions import reached
from kpiascode.lint.documents import place_of_dimension
from kpiascode.lint.rule import Finding, Rule
from kpiascode.model.diagnostic import Severity
from kpiascode.model.expression import Column
from kpiascode.model.project import Dimension, Project

PERSONAL: Final = re.compile(
    r"(.+_)?("
    r"e_?mail(_address)?|phone(_number)?|telephone(_number)?|mobile(_number)?|"
    r"(first|last|full)_?name|surname|"
    r"birth_?da(te|y)|date_of_birth|"
    r"ssn|social_security_(number|no)|passport_(number|no)|iban"
    r")"
)


def check(project: Project) -> Iterator[Finding]:
    """Yield each dimension that is called by what one person has, and that no KPI marks."""
    marked = {
        reached(dimension, kpi, project)
        for kpi in project.kpis.values()
        for dimension in kpi.dimensions
        if dimension.person
    }
    for kpi in project.kpis.values():
        for position, dimension in enumerate(kpi.dimensions):
            if dimension.person or not _is_personal(dimension) or reached(dimension, kpi, project) in marked:
                continue
            yield Finding(
                message=f"The dimension `{dimension.name}` tells persons apart, and is published.",
                place=place_of_dimension(project, kpi, position),
                hint=f"Leave it out, or mark it: {{{dimension.name.rpartition('.')[2]}: {dimension.path}, "
                "person: true}.",
            )


def _is_personal(dimension: Dimension) -> bool:
    """Return whether a column is called so. What is computed of it, such as a domain, is something else."""
    if not isinstance(dimension.expression, Column):
        return False
    names = (dimension.expression.column, dimension.path.rpartition(".")[2])
    return any(PERSONAL.fullmatch(name.lower()) for name in names)


RULE = Rule("unmarked-person-dimension", check, Severity.WARNING)
