"""A KPI is called a variant of another one, and differs in more than which rows count.

`derived_from` promises that the two can be compared: the same formula, over fewer rows. A reader who finds
the online margin beside the margin takes it for that. What may differ is `where` and the `filter` of an
aggregate; the expression, the dataset and the time may not.

Bad:

    kind: kpi
    name: online_return_rate
    dataset: order_lines
    expression: sum(returned) / count(*)                    #! variant-with-other-formula
    where: channel = 'online'
    unit: percent
    derived_from: return_rate

Good:

    kind: kpi
    name: online_return_rate
    dataset: order_lines
    expression: sum(returned) / sum(quantity)
    where: channel = 'online'
    unit: percent
    derived_from: return_rate

Fix: use the same formula, or drop `derived_from`.
"""

from collections.abc import Iterator

from kpiascode.lint.documents import place_of
from kpiascode.lint.rule import Finding, Rule
from kpiascode.model.diagnostic import Severity
from kpiascode.model.project import Project
from kpiascode.model.variant import difference


def check(project: Project) -> Iterator[Finding]:
    """Yield each KPI whose formula, without its filters, is not that of the KPI that it derives from."""
    for kpi in project.kpis.values():
        name = project.documents["kpi", kpi.name].data_at(("derived_from",))
        parent = project.kpis.get(name) if isinstance(name, str) else None
        key = None if parent is None else difference(kpi, parent, project.kpis)
        if parent is not None and key is not None:
            yield Finding(
                message=f"This is called a variant of `{parent.name}`, and its {key} is another one.",
                place=place_of(project, kpi, key),
                hint="Let only `where` and filters differ, or drop `derived_from`.",
                note=f"That of `{parent.name}` is declared at {place_of(project, parent, key)}.",
            )


RULE = Rule("variant-with-other-formula", check, Severity.WARNING)
