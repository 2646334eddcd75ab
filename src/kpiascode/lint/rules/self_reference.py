"""A KPI names itself as another one: as its counter KPI, as what it derives from, leads to or is replaced by.

Nothing comes of it: a KPI does not watch over itself, and whoever looks for the replacement of a KPI that is
on its way out finds the KPI. Nearly always it was copied from another one. An expression that refers to its
own KPI is a `kpi-cycle`.

Bad:

    kind: kpi
    name: lines
    dataset: order_lines
    expression: count(*)
    unit: count
    counter_kpis: [lines]                                   #! self-reference

Good:

    kind: kpi
    name: lines
    dataset: order_lines
    expression: count(*)
    unit: count
    counter_kpis: [return_rate]

Fix: name the KPI that is meant, or take the entry out.
"""

from collections.abc import Iterator

from kpiascode.lint.documents import positions
from kpiascode.lint.rule import Finding, Rule
from kpiascode.model.checking import Preset
from kpiascode.model.document import Document, Where
from kpiascode.model.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Yield each place where a KPI names itself."""
    for (kind, name), document in project.documents.items():
        for where, role in _references(document) if kind == "kpi" else ():
            if document.data_at(where) == name:
                yield Finding(
                    message=f"`{name}` names itself as {role}.",
                    place=document.place(where),
                    hint="Name the KPI that is meant, or take it out.",
                )


def _references(document: Document) -> Iterator[tuple[Where, str]]:
    yield ("derived_from",), "the KPI that it derives from"
    yield ("status", "deprecated", "replaced_by"), "its replacement"
    for position in positions(document, "counter_kpis"):
        yield ("counter_kpis", position), "its counter KPI"
    for position in positions(document, "leads"):
        yield ("leads", position, "kpi"), "a KPI that it leads to"


RULE = Rule("self-reference", check, preset=Preset.MINIMAL)
