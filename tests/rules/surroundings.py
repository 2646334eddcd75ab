"""A small company around what a rule is tested on: definitions as YAML in, a project and findings out."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import yaml

from kpiascode.lint import lint
from kpiascode.lint.rule import Rule
from kpiascode.load import load_text
from kpiascode.model.catalog import UNKNOWN, Catalog
from kpiascode.model.checking import Checking, Preset
from kpiascode.model.diagnostic import Diagnostic
from kpiascode.model.document import Documents
from kpiascode.model.project import Project
from kpiascode.resolve import Resolution, resolve
from kpiascode.validate import validate

SCHEMAS = frozenset({"schemas/bundle.schema.json"})
MARK = re.compile(r"#! (?P<code>[a-z-]+)")

COMPANY = """
kind: org_unit
name: acme
title: Acme
level: organisation
---
kind: owner
name: finance
title: Finance
org_unit: acme
contact: finance@example.com
---
kind: dataset
name: order_lines
source: sales.order_lines
time: ordered_on
relationships:
  ship_to: {to: places, keys: {ship_place_id: id}}
  bill_to: {to: places, keys: {bill_place_id: id}}
  agent: {to: agents, keys: {agent_id: id}}
---
kind: dataset
name: places
source: sales.places
primary_key: [id]
---
kind: dataset
name: agents
source: sales.agents
primary_key: [id]
---
kind: kpi
name: net_sales
dataset: order_lines
expression: sum(net_amount)
unit: {currency: EUR}
---
kind: kpi
name: sales_tax
dataset: order_lines
expression: sum(tax_amount)
unit: {currency: EUR}
---
kind: kpi
name: sales_in_dollars
dataset: order_lines
expression: sum(amount_in_dollars)
unit: {currency: USD}
---
kind: kpi
name: orders
dataset: order_lines
expression: count(distinct order_id)
unit: count
---
kind: kpi
name: return_rate
dataset: order_lines
expression: sum(returned) / sum(quantity)
unit: percent
direction: lower
---
kind: kpi
name: delivery_time
dataset: order_lines
expression: avg(days_on_the_way)
unit: days
direction: lower
---
kind: kpi
name: reply_time
dataset: order_lines
expression: avg(reply_hours)
unit: hours
direction: lower
---
kind: scorecard
name: company
sections:
  - title: Everything
    kpis: [net_sales, sales_tax, sales_in_dollars, orders, return_rate, delivery_time, reply_time]
"""

LEFT_OUT: Mapping[str, Mapping[str, str]] = {
    "dataset": {},
    "org_unit": {},
    "owner": {},
    "kpi": {
        "title": "{name}",
        "description": "What is asked of {name}.",
        "owner": "finance",
        "applies_to": "[acme]",
        "grain": "month",
        "unit": "ratio",
        "direction": "higher",
    },
    "goal": {
        "title": "{name}",
        "org_unit": "acme",
        "owner": "finance",
        "period": "{{from: 2026-01-01, to: 2027-01-01}}",
        "results": "[{{kpi: orders, measure: to_date, target: 1}}]",
    },
    "scorecard": {"title": "{name}", "org_unit": "acme"},
    "check_in": {"by": "finance"},
    "improvement_plan": {
        "title": "{name}",
        "owner": "finance",
        "opened_on": "2026-01-01",
        "ends_on": "2026-07-01",
        "current": "Slow.",
        "required": "Fast.",
        "actions": "[{{what: Run, who: finance, due: 2026-02-01}}]",
    },
    "recognition_program": {
        "title": "{name}",
        "owner": "finance",
        "values": "[{{name: care, title: Care}}]",
    },
    "recognition": {
        "to": "{{owner: finance}}",
        "by": "finance",
        "day": "2026-02-01",
        "value": "care",
        "reason": "Well done.",
    },
}
"""By kind, the required keys that a test may leave out."""


@dataclass(frozen=True, slots=True)
class Case:
    """A project around the definitions of a test.

    Args:
        text: The file as it was read: what was given first, with what was left out added after each document;
            without the company, where that stands in a file of its own.
        resolution: What came of it.
    """

    text: str
    resolution: Resolution

    @property
    def project(self) -> Project:
        return self.resolution.project

    @property
    def marked(self) -> list[tuple[str, int]]:
        """Return the rules and lines of the marks in the text."""
        return [
            (mark["code"], number)
            for number, line in enumerate(self.text.splitlines(), 1)
            for mark in MARK.finditer(line)
        ]

    def under(self, diagnostic: Diagnostic) -> str:
        """Return the characters that the finding underlines, of its first line."""
        span = diagnostic.place.span
        line = self.text.splitlines()[span.line - 1]
        return line[span.column - 1 : span.end_column - 1 if span.end_line == span.line else None]


def case(
    given: str,
    catalog: Catalog = UNKNOWN,
    *,
    company: str = COMPANY,
    sound: bool = True,
    apart: bool = False,
) -> Case:
    """Return the project of the given definitions; they take the place of the company's of the same name.

    Args:
        apart: The company stands in a file of its own, and not behind what is given.
    """
    own = _documents(given)
    names = {(found["kind"], found["name"]) for _, found in own}
    others = [
        (text, found) for text, found in _documents(company) if (found["kind"], found["name"]) not in names
    ]
    files = {"kpis.yaml": own, "company.yaml": others} if apart else {"kpis.yaml": [*own, *others]}
    sources = {
        path: "---\n".join(_completed(text, found) for text, found in found_there)
        for path, found_there in files.items()
        if found_there
    }
    loaded = [load_text(path, text) for path, text in sources.items()]
    given_texts = Documents(
        project=None,
        items=tuple(item for items, _ in loaded for item in items),
        diagnostics=tuple(diagnostic for _, found in loaded for diagnostic in found),
        sources=sources,
        schemas=SCHEMAS,
    )
    documents = validate(given_texts)
    resolution = resolve(documents, catalog)
    if sound:
        told = [f"{d.place} {d.code} {d.message}" for d in (*documents.diagnostics, *resolution.diagnostics)]
        assert told == [], told
    return Case(sources["kpis.yaml"], resolution)


def findings(rule: Rule, made: Case) -> list[Diagnostic]:
    return list(rule.diagnostics(made.project))


def reported(rule: Rule, given: str, catalog: Catalog = UNKNOWN) -> list[str]:
    """Return what the findings of a rule underline, in the order in which they are found."""
    made = case(given, catalog)
    return [made.under(diagnostic) for diagnostic in findings(rule, made)]


def all_findings(made: Case) -> list[tuple[str, int]]:
    """Return the rules and lines of all findings in the first file, by line; all rules are asked."""
    settings = replace(made.project.settings, check=Checking(preset=Preset.STRICT))
    found = lint(replace(made.project, settings=settings))
    here = [(d.code, d.place.span.line) for d in found if d.place.path == "kpis.yaml"]
    return sorted(here, key=lambda pair: pair[1])


def kpi(expression: str, unit: str = "ratio", name: str = "asked", **keys: str) -> str:
    """Return a KPI over the company's order lines, and with the other keys given, as YAML."""
    lines = [
        "kind: kpi",
        f"name: {name}",
        "dataset: order_lines",
        f"expression: {expression}",
        f"unit: {unit}",
    ]
    return "\n".join([*lines, *(f"{key}: {value}" for key, value in keys.items())])


def goal(*results: str, period: str = "{from: 2026-01-01, to: 2027-01-01}") -> str:
    """Return a goal with these results, each in flow style."""
    return "\n".join(
        ["kind: goal", "name: aim", f"period: {period}", "results:", *(f"  - {r}" for r in results)]
    )


def together(*definitions: str) -> str:
    return "\n---\n".join(definitions)


def _documents(text: str) -> list[tuple[str, dict[str, Any]]]:
    parts = re.split(r"^---\n", text.strip("\n") + "\n", flags=re.MULTILINE)
    return [(part, yaml.safe_load(part)) for part in parts]


def _completed(text: str, found: Mapping[str, Any]) -> str:
    missing = {key: value for key, value in LEFT_OUT[found["kind"]].items() if key not in found}
    return text + "".join(f"{key}: {value.format(name=found['name'])}\n" for key, value in missing.items())
