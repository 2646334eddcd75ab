"""The page of the rules, made from the docstrings: `python -m kpiascode.lint.docs > docs/rules.md`.

A docstring says, in this order: what is found, in one sentence; why it matters; `Bad:` and `Good:`, each
a block of definitions; `Fix:`. In a bad block the reported line ends in `#! <code>`.
"""

import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from textwrap import dedent
from typing import Final

from kpiascode.lint.elsewhere import ELSEWHERE
from kpiascode.lint.rule import Rule
from kpiascode.lint.rules import RULES

SHAPE: Final = re.compile(
    r"(?P<what>[^\n]+)\n\n(?P<why>.*?)\n?Bad:\n\n(?P<bad>.*?)\n\nGood:\n\n(?P<good>.*?)\n\nFix: (?P<fix>.*)",
    re.DOTALL,
)
HEAD: Final = """\
# The rules of `kpi check`

<!-- Made from the rules themselves: python -m kpiascode.lint.docs > docs/rules.md -->

`kpi check` asks two things. *Is this a definition at all?* Keys, types, names and expressions: such
findings say in their own words what is expected. *Is it a good one?* That is what the rules below ask. An
**error** makes `kpi check` exit with 1; a **warning** does so with `--strict` only.

Each rule is in a preset: `minimal`, `standard` (the default) or `strict`, and each of them holds the one
before. Which rules are asked, and what may stay as it is, [is a choice](commands.md#which-rules-are-asked).

Where a line ends in *Fixable.*, `kpi check --fix` [mends the findings](commands.md#findings-that-are-mended).

A rule reports what can be decided from the definitions alone. What is not known (the unit of a column, the
type of a column in a warehouse) gives no finding.

"""
FIXABLE: Final = " `kpi check --fix` does it, where nothing else changes."
EXAMPLES: Final = """\
In the examples, the reported line ends in `#!` and the name of the rule. What does not matter is left out:
titles, owners, the dataset `order_lines`, the KPIs `net_sales` in EUR and `orders`.
"""
NO_RULES: Final = """\
## Checks that are no rules

What one may look for here and not find. A code such as `unknown-kpi` is a finding that cannot be turned off;
[`kpi explain CODE`](commands.md#kpi-explain) says more. A *probe* is a question that
[the site](criteria.md) answers for each KPI.

"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Documentation:
    """The parts of a rule's docstring; `bad` and `good` are YAML."""

    what: str
    why: str
    bad: str
    good: str
    fix: str


def documentation(rule: Rule) -> Documentation:
    """Return what the docstring of the rule's module says."""
    text = (sys.modules[rule.check.__module__].__doc__ or "").strip()
    match = SHAPE.fullmatch(text)
    assert match, f"the docstring of {rule.code} has another shape"
    return Documentation(
        what=match["what"],
        why=match["why"].strip(),
        bad=dedent(match["bad"]),
        good=dedent(match["good"]),
        fix=match["fix"] + (FIXABLE if rule.fixable else ""),
    )


def page(rules: Iterable[Rule] = RULES) -> str:
    """Return the page, as Markdown."""
    told = [(rule, documentation(rule)) for rule in rules]
    rows = [
        f"| [`{rule.code}`](#{rule.code}) | {rule.severity.value} | {rule.preset.value} | {said.what}"
        f"{' *Fixable.*' if rule.fixable else ''} |"
        for rule, said in told
    ]
    table = "\n".join(["| rule | | preset | finds |", "| --- | --- | --- | --- |", *rows])
    sections = "\n".join(section(rule) for rule, _ in told)
    return f"{HEAD}{table}\n\n{EXAMPLES}\n{sections}\n{NO_RULES}{_elsewhere()}"


def _elsewhere() -> str:
    """Return what takes the place of other checks, as a table."""
    rows = [
        line
        for topic, checks in ELSEWHERE
        for line in (f"| **{topic}** | |", *(f"| {asked} | {answer} |" for asked, answer in checks))
    ]
    return "\n".join(["| looked for | here |", "| --- | --- |", *rows]) + "\n"


def section(rule: Rule) -> str:
    """Return what the page says of a rule, as Markdown."""
    said = documentation(rule)
    parts = [
        f"## {rule.code}",
        f"*{rule.severity.value.capitalize()}, {rule.preset.value}.* {said.what}",
        said.why,
        f"Bad:\n\n```yaml\n{said.bad}\n```",
        f"Good:\n\n```yaml\n{said.good}\n```",
        f"Fix: {said.fix}",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


if __name__ == "__main__":
    sys.stdout.write(page())
