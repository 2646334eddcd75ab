"""A list names the same twice.

On a scorecard the KPI is shown twice; elsewhere the second entry does nothing, and another name was meant,
or it was left behind. Asked are the entries of a list that are nothing but a name or a text. A dimension
that is listed twice is a `duplicate-dimension`.

Bad:

    kind: scorecard
    name: warehouse
    sections:
      - title: Work
        kpis:
          - orders
          - net_sales
          - orders                                          #! repeated-entry

Good:

    kind: scorecard
    name: warehouse
    sections:
      - title: Work
        kpis:
          - orders
          - net_sales

Fix: take the second one out, or write the name that is meant.
"""

from collections.abc import Iterator

from kpiascode.lint.rule import Finding, Rule
from kpiascode.model.diagnostic import Severity
from kpiascode.model.document import Plain, Where
from kpiascode.model.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Yield each text of a list that stands in it before."""
    for document in project.documents.values():
        for where, entries in _lists(document.data, ()):
            seen: dict[str, int] = {}
            for position, entry in enumerate(entries):
                if not isinstance(entry, str):
                    continue
                first = seen.setdefault(entry, position)
                if first != position:
                    yield Finding(
                        message=f"`{entry}` stands twice in this list.",
                        place=document.place((*where, position)),
                        hint="Take it out, or write the name that is meant.",
                        note=f"The first one stands at {document.place((*where, first))}.",
                    )


def _lists(value: Plain, where: Where) -> Iterator[tuple[Where, list[Plain]]]:
    """Yield every list in a value, with the way to it."""
    match value:
        case dict():
            for key, inner in value.items():
                if key != "dimensions":
                    yield from _lists(inner, (*where, key))
        case list():
            yield where, value
            for position, inner in enumerate(value):
                yield from _lists(inner, (*where, position))
        case _:
            pass


RULE = Rule("repeated-entry", check, Severity.WARNING)
