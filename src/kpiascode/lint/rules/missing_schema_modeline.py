"""A file does not tell editors its schema, though the project has the schemas in its folder `schemas`.

With the line an editor completes keys, explains them and underlines what is wrong while it is written.
`kpi init` writes the schemas and the lines. A project without that folder has no such findings.

Bad:

    kind: kpi                                               #! missing-schema-modeline
    name: orders
    dataset: order_lines
    expression: count(distinct order_id)

Good:

    # yaml-language-server: $schema=schemas/bundle.schema.json
    kind: kpi
    name: orders
    dataset: order_lines
    expression: count(distinct order_id)

Fix: put the line at the top of the file; its path begins at the file's own folder.
"""

import re
from collections.abc import Iterator
from typing import Final

from kpiascode.lint.layout import lines_of
from kpiascode.lint.rule import Finding, Rule
from kpiascode.model.checking import Preset
from kpiascode.model.diagnostic import Edit, Severity
from kpiascode.model.place import Place, Span
from kpiascode.model.project import Project

PROJECT_FILE: Final = "kpiascode.yaml"
MODELINE: Final = re.compile(r"#\s*(yaml-language-server:\s*\$schema\s*=|\$schema\s*:)", re.IGNORECASE)
"""The second is how JetBrains' editors have it."""


def check(project: Project) -> Iterator[Finding]:
    """Yield each file without a line for editors, at its first line that is no comment."""
    for path in sorted(project.sources):
        schema = f"schemas/{'project' if path == PROJECT_FILE else 'bundle'}.schema.json"
        lines = lines_of(project.sources, path)
        first = next(
            (n for n, line in enumerate(lines, 1) if line.strip() and not line.lstrip().startswith("#")), 0
        )
        if schema not in project.schemas or not first or any(map(MODELINE.match, map(str.lstrip, lines))):
            continue
        modeline = f"# yaml-language-server: $schema={'../' * path.count('/')}{schema}"
        yield Finding(
            message="The file does not tell editors its schema.",
            place=Place(path, Span(first, 1, first, len(lines[first - 1]) + 1)),
            hint=f"Put `{modeline}` at its top.",
            fix=(Edit(Span(1, 1, 1, 1), f"{modeline}\n"),),
        )


RULE = Rule("missing-schema-modeline", check, Severity.WARNING, Preset.STRICT, fixable=True)
