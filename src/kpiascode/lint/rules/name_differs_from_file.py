"""A file holds one definition, and is called otherwise.

Who knows the name looks for the file, and finds another one. A file with several definitions may have any
name, and `goals.yaml` may hold one goal; `-` is as good as `_`, and what stands behind a dot, as in
`net_sales.kpi.yaml`, is no part of it. The examples stand in a file `kpis.yaml`.

Bad:

    kind: goal
    name: sell_more                                         #! name-differs-from-file
    results:
      - {kpi: net_sales, measure: to_date, target: 900000}

Good:

    kind: goal
    name: sell_more
    results:
      - {kpi: net_sales, measure: to_date, target: 900000}
    ---
    kind: kpi
    name: pieces
    dataset: order_lines
    expression: sum(quantity)
    unit: count

Fix: rename the file, or the definition where nothing refers to it yet.
"""

from collections import Counter
from collections.abc import Iterator

from kpiascode.lint.rule import Finding, Rule
from kpiascode.model.checking import Preset
from kpiascode.model.diagnostic import Severity
from kpiascode.model.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Yield each definition that is alone in a file of another name."""
    held = Counter(document.path for document in project.documents.values())
    for (kind, name), document in project.documents.items():
        file = document.path.rpartition("/")[2]
        called = file.partition(".")[0].replace("-", "_")
        if held[document.path] == 1 and called not in (name, kind, f"{kind}s"):
            yield Finding(
                message=f"The file `{file}` holds the {kind} `{name}` and nothing else.",
                place=document.place(("name",)),
                hint=f"Call it `{name}.yaml`.",
            )


RULE = Rule("name-differs-from-file", check, Severity.WARNING, Preset.STRICT)
