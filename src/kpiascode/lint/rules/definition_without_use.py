"""Nothing uses a dataset or an owner.

What is left over looks as if it counted. A dataset is used by a KPI that counts its rows or by a
relationship that leads there; an owner by a KPI, a goal or a waiver.

Bad:

    kind: owner
    name: old_team                                          #! definition-without-use
    title: The old team
    org_unit: acme
    contact: old@example.com
    ---
    kind: dataset
    name: old_orders                                        #! definition-without-use
    source: sales.old_orders
    time: ordered_on

Good:

    kind: owner
    name: finance
    title: Finance
    org_unit: acme
    contact: finance@example.com

Fix: delete it, or use it.
"""

from collections.abc import Iterator

from kpiascode.lint.documents import positions
from kpiascode.lint.rule import Finding, Rule
from kpiascode.model.checking import Preset
from kpiascode.model.diagnostic import Severity
from kpiascode.model.document import Where
from kpiascode.model.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Yield each dataset and each owner that no definition names, sound or not."""
    used = frozenset(_used(project))
    for (kind, name), document in project.documents.items():
        if kind in ("dataset", "owner") and (kind, name) not in used:
            yield Finding(
                message=f"Nothing uses the {kind} `{name}`.",
                place=document.place(("name",)),
                hint="Delete it, or use it.",
            )


def _used(project: Project) -> Iterator[tuple[str, str]]:
    for (kind, name), document in project.documents.items():
        steps = positions(document, "funnel", "steps")
        ways: list[tuple[str, Where]] = [("owner", ("owner",)), ("dataset", ("dataset",))]
        ways += [("owner", ("waivers", n, "approved_by")) for n in positions(document, "waivers")]
        ways += [("dataset", ("revisions", n, "dataset")) for n in positions(document, "revisions")]
        ways += [("dataset", ("funnel", "steps", n, "dataset")) for n in steps]
        relationships = document.data_at(("relationships",))
        if isinstance(relationships, dict):
            ways += [("dataset", ("relationships", key, "to")) for key in relationships]
        for used, where in ways:
            found = document.data_at(where)
            if isinstance(found, str) and (kind, name) != (used, found):
                yield used, found


RULE = Rule("definition-without-use", check, Severity.WARNING, Preset.STRICT)
