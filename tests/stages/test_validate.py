"""What shape documents have, and what is said of those that have another."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from copy import deepcopy
from decimal import Decimal
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from referencing import Registry

from kpiascode.load import load_text
from kpiascode.model.calendar import RETAIL_PATTERNS, WEEKDAYS, Grain
from kpiascode.model.diagnostic import Diagnostic, did_you_mean
from kpiascode.model.dialect import DIALECTS
from kpiascode.model.document import Document, Documents
from kpiascode.model.expression import Type
from kpiascode.model.place import Span, TextSpan
from kpiascode.model.project import Commitment, Direction, Level, Lifecycle, Measured
from kpiascode.model.project import Path as TargetPath
from kpiascode.validate import KINDS, schema_folder, validate
from kpiascode.validate.bundle import bundle
from kpiascode.validate.explain import explain, validator_for, validator_of
from kpiascode.validate.formats import pattern
from kpiascode.validate.gate import KEYWORDS, NOTES, gate_of, test_of
from kpiascode.validate.hints import example as hint_of
from kpiascode.validate.messages import SAY
from kpiascode.validate.schemas import schema_of

test_of.__test__ = False  # type: ignore[attr-defined] # the gate's, not pytest's

ALL = (*KINDS, "project")

# The documents of the language's own page.
PROJECT = """
version: 1
name: acme
paths: [kpis]
calendar: {timezone: Europe/London, week_start: monday, fiscal_year_start: 2}
dialects: [duckdb, postgres, snowflake, bigquery]
data_roots: [data]
engines:
  default: local
  local: {dialect: duckdb}
  warehouse: {dialect: snowflake, timeout: 60s}
"""
DATASET = """
kind: dataset
name: order_lines
source: sales.order_lines
primary_key: [order_id, line]
time: ordered_at
timezone: UTC
fields:
  net_sales: quantity * unit_price * (1 - discount)
  margin: {expression: net_sales - quantity * unit_cost, description: "Before overheads", type: decimal}
  list_price: {column: "List Price"}
relationships:
  product: {to: products, keys: {product_id: id}}
  rate: {to: fx_rates, keys: {currency: currency}, required: true, as_of: {valid_from: day}}
freshness: 1 day
format: {delimiter: ";", header: false, null_text: "NULL"}
columns: {amount: "decimal(18,2)", "List Price": double}
quoted: true
"""
KPI = """
kind: kpi
name: gross_margin
title: Gross margin
description: Share of net sales left after the cost of the goods sold.
owner: finance
applies_to: [acme, retail]
dataset: order_lines
time: shipped_at
expression: sum(margin) / sum(net_sales)
where: status <> 'cancelled'
grain: month
dimensions: [channel, {category: product.category}, {customer: customer.id, person: true}]
unit: percent
direction: higher
bounds: {min: -1, max: 1}
counter_kpis: [return_rate]
act: If it falls below 40 % for a month, review discounts within ten days.
communication: {audiences: [acme, retail], channels: [site, email], lag: 5 days}
status: active
revisions:
  - {until: 2026-01-01, expression: sum(margin) / sum(gross_sales), reason: "Returns counted from 2026"}
examples:
  - given: {order_lines: [{ordered_at: 2026-01-05, quantity: 2, unit_price: 10.5, status: paid, "List Price": null}]}
    expect: {"2026-01": 0.40}
  - {given: {order_lines: []}, expect: {"2026-01": null}}
  - {given: {order_lines: []}, by: channel, expect: {"2026-W02": {online: 0.4, "(none)": null}}}
cohort: {entity: customer_id, starts: customer.acquired_at, age: {from: 30 days, to: 31 days}, where: "country = 'DE'"}
funnel: {entity: visitor_id, within: 7 days, steps: [{where: "event = 'visit'"}, {dataset: orders, time: t, entity: c}]}
process_changes: [{from: 2026-03-01, reason: New checkout}]
leads: [{kpi: repeat_rate, lag: 2 months, sign: positive}]
derived_from: margin
waivers: [{probe: QD4, reason: No history, approved_by: cfo, expires: 2026-12-31}]
"""
GOAL = """
kind: goal
name: profitable_growth
title: Grow without buying growth
org_unit: acme
owner: cfo
parent: null
period: {from: 2026-01-01, to: 2027-01-01}
commitment: committed
milestones: [{title: Open, due: 2026-03-31, done_on: 2026-03-20, weight: 0.5}]
check_in_every: 2 weeks
visibility: [board]
person: p_104
purpose: Goals.
lawful_basis: contract
retention_until: 2027-01-01
results:
  - {kpi: gross_margin, baseline: 0.415, target: 0.44, tolerance: 0.01, path: linear, weight: 2}
  - {kpi: clv_12m, slice: {channel: online, region: null}, target: 180, path: by_end}
  - {kpi: net_sales, measure: to_date, target: {kpi: net_sales_budget}, path: linear}
  - {kpi: uptime, target: {min: 0.95, max: 1.05}, path: maintain}
  - kpi: net_sales
    targets: [{from: 2026-01-01, value: 5}, {from: 2026-07-01, value: {kpi: b}, reason: Budget}, {period: "2026-Q1", value: 1}]
"""
OTHERS = """
kind: org_unit
name: retail
title: Retail
level: line_of_business
parent: acme
headcount: 140
---
kind: owner
name: finance
title: Finance team
org_unit: finance_department
contact: finance@example.com
approvers: ["@acme/finance"]
---
kind: scorecard
name: retail_monthly
title: Retail, monthly
org_unit: retail
audiences: [retail, acme]
grain: month
visibility: [retail]
sections:
  - {title: Money, kpis: [gross_margin, net_sales]}
---
kind: check_in
name: margin_march
goal: profitable_growth
as_of: 2026-04-01
by: cfo
confidence: 7
note: Good.
decision: Go on.
blockers: [Ice]
---
kind: review_template
name: quarterly
title: Quarterly
description: An hour.
sections: [{title: Learnt, questions: ["Why?"]}]
competencies: [{title: Planning, description: Forecasts come true., weight: 100}]
---
kind: review_cycle
name: q1
title: First quarter
owner: cfo
period: {from: 2026-01-01, to: 2026-04-01}
template: quarterly
org_units: [retail]
kpis: [net_margin]
deadlines: [{title: Written, due: 2026-04-10}]
visibility: [board]
---
kind: one_on_one_series
name: two
title: Two
manager: cfo
report: {person: p_104}
every: 2 weeks
from: 2026-01-12
met_on: [2026-01-12]
sections: [Needs]
goals: [full_shelves]
kpis: [stock_out_rate]
purpose: Meetings.
lawful_basis: contract
retention_until: 2027-01-01
---
kind: improvement_plan
name: better
title: Better
owner: cfo
subject: {person: p_104}
opened_on: 2026-01-12
ends_on: 2026-07-01
trigger: Missed.
current: Slow.
required: Quick.
standard: {goal: quick_answers, kpi: first_reply_hours}
actions: [{what: Help, who: {person: p_104}, due: 2026-02-01, done_on: 2026-01-28}]
support: A trainer.
reviews: [2026-03-02]
changed_on: 2026-02-01
success: {kpi: first_reply_hours, slice: {channel: null}, at_most: 24, periods: 3}
outcome: {result: succeeded, day: 2026-07-02, note: Learnt.}
opened_with_employee: 2026-01-12
hr_reviewer: people_partner
visibility: [retail]
---
kind: feedback_round
name: spring
title: Spring
owner: cfo
about: {person: p_104}
window: {from: 2026-03-01, to: 2026-03-15}
groups: [peers, reports]
questions: [{name: a, title: A, scale: {from: 1, to: 2, labels: [low, high]}}, {name: b, title: B, text: true}]
anonymity: {k: 5, free_text: moderated}
---
kind: recognition_program
name: thanks
title: Thanks
owner: cfo
description: Thanks.
values: [{name: care, title: Care, description: Help.}]
window: {from: 2026-01-01, to: 2027-01-01}
budget_note: Lunch.
kpis: [nps]
---
kind: recognition
name: lamps
program: thanks
to: {person: "@robin", consent_on: 2026-03-02, withdrawn_on: 2026-05-01}
by: cfo
day: 2026-03-04
value: care
reason: Help.
goals: [quick_answers]
kpis: [nps]
check_ins: [margin_march]
visibility: [retail]
---
kind: person
name: p_104
title: Robin Example
org_unit: retail
role: finance
contact: robin@example.com
purpose: Meetings.
lawful_basis: consent
retention_until: 2027-01-01
"""
ALL_KINDS = "Kinds are " + ", ".join(f"`{kind}`" for kind in KINDS) + "."
MINIMAL = {
    "dataset": "kind: dataset\nname: d\nsource: data/d.csv\n",
    "kpi": "kind: kpi\nname: k\ntitle: K\ndescription: D\nowner: o\napplies_to: [u]\nexpression: a / b\n"
    "grain: day\nunit: {currency: EUR}\ndirection: band\n",
    "goal": "kind: goal\nname: g\ntitle: G\norg_unit: u\nowner: o\nperiod: {from: 2026-01-01, to: 2026-02-01}\n"
    "results: [{kpi: k, target: 1}]\n",
    "org_unit": "kind: org_unit\nname: u\ntitle: U\nlevel: team\n",
    "owner": "kind: owner\nname: o\ntitle: O\norg_unit: u\ncontact: Room 5\n",
    "scorecard": "kind: scorecard\nname: s\ntitle: S\norg_unit: u\nsections: [{title: T, kpis: [k]}]\n",
    "check_in": "kind: check_in\nname: c\nkpi: k\nas_of: 2026-01-01\nby: o\n",
    "review_template": "kind: review_template\nname: t\ntitle: T\nsections: [{title: S, questions: [Q]}]\n",
    "review_cycle": "kind: review_cycle\nname: c\ntitle: C\nowner: o\nperiod: {from: 2026-01-01, to: 2026-02-01}\n"
    "template: t\n",
    "one_on_one_series": "kind: one_on_one_series\nname: s\ntitle: S\nmanager: o\nreport: p\nevery: 1 week\n"
    "from: 2026-01-01\n",
    "improvement_plan": "kind: improvement_plan\nname: p\ntitle: P\nowner: o\nsubject: {kpi: k}\nopened_on: 2026-01-01\n"
    "ends_on: 2026-02-01\ncurrent: C\nrequired: R\nactions: [{what: W, who: o, due: 2026-01-10}]\n"
    "success: {kpi: k, at_least: 1, periods: 1}\n",
    "feedback_round": "kind: feedback_round\nname: f\ntitle: F\nowner: o\nabout: {org_unit: u}\n"
    "window: {from: 2026-01-01, to: 2026-02-01}\ngroups: [peers]\nquestions: [{name: a, title: A, text: true}]\n",
    "recognition_program": "kind: recognition_program\nname: r\ntitle: R\nowner: o\nvalues: [{name: v, title: V}]\n",
    "recognition": "kind: recognition\nname: r\nprogram: p\nto: {owner: o}\nby: o\nday: 2026-01-01\nvalue: v\n"
    "reason: R\n",
    "person": "kind: person\nname: p\ntitle: P\norg_unit: u\n",
}


def documents_of(text: str, project: str = PROJECT) -> Documents:
    items, findings = load_text("a.yaml", text)
    projects, others = load_text("kpiascode.yaml", project)
    return Documents(project=projects[0], items=items, diagnostics=findings + others)


def findings_of(text: str) -> list[str]:
    return [
        f"{one.place.span.line}:{one.place.span.column} {one.code}: {one.message}"
        for one in validate(documents_of(text)).diagnostics
    ]


def finding_of(text: str, project: str = PROJECT) -> Diagnostic:
    findings = validate(documents_of(text, project)).diagnostics
    assert len(findings) == 1, findings
    return findings[0]


def with_line(document: str, line: str) -> str:
    """Return the document with a top-level key replaced or added, at its end."""
    key = line.split(":")[0]
    return re.sub(rf"^{key}:.*\n(?:[ ].*\n)*", "", document, flags=re.MULTILINE).rstrip("\n") + f"\n{line}\n"


# --- good documents


@pytest.mark.parametrize("text", [DATASET, KPI, GOAL, OTHERS], ids=["dataset", "kpi", "goal", "others"])
def test_the_documents_of_the_language_page_are_sound(text: str) -> None:
    documents = validate(documents_of(text))

    assert documents.diagnostics == ()
    assert (len(documents.items), documents.broken) == (text.count("kind:"), ())
    assert documents.project is not None


@pytest.mark.parametrize("kind", KINDS)
def test_little_is_required(kind: str) -> None:
    assert findings_of(MINIMAL[kind]) == []


@pytest.mark.parametrize("kind", KINDS)
def test_each_required_key_is_missed_alone(kind: str) -> None:
    for key in schema_of(kind)["required"]:
        without = "".join(
            line for line in MINIMAL[kind].splitlines(keepends=True) if not line.startswith(f"{key}:")
        )
        finding = finding_of(without)
        if key == "kind":
            assert finding.code == "missing-kind"
        else:
            assert finding.code == "missing-key"
            assert f"lacks `{key}`" in finding.message
            assert re.match(f"Add (for example )?`{key}:.*`[.] [A-Z]", str(finding.hint))


@pytest.mark.parametrize(
    ("document", "line"),
    [
        ("kpi", "status: draft"),
        ("kpi", "status: deprecated"),
        ("kpi", "status: {deprecated: {since: 2026-01-01, sunset: 2026-12-31, replaced_by: net_margin}}"),
        ("kpi", "unit: days"),
        ("kpi", "cohort: {entity: c, starts: c.s, age: 12 months}"),
        ("kpi", "bounds: {min: 0}"),
        ("kpi", "examples: []"),
        (
            "kpi",
            'examples: [{given: {d: []}, expect: {"2026": 1, FY2026: 2, FY2026-M12: 3, 2026-01-31: 4, 2026-Q4: 5}}]',
        ),
        ("goal", "parent: other"),
        ("goal", "parent: {goal: other, weight: 0.5}"),
        ("goal", "parent: [a, {goal: b, weight: 2}]"),
        ("goal", "commitment: aspirational"),
        ("org_unit", "parent: null"),
        ("dataset", "valid: {from: started_on, to: ended_on}"),
        ("dataset", "time_grain: month"),
        ("dataset", "time: date.full_date"),
        ("dataset", "description: A row is an order."),
    ],
)
def test_other_forms(document: str, line: str) -> None:
    assert findings_of(with_line(MINIMAL[document], line)) == []


@pytest.mark.parametrize(
    "line",
    [
        "calendar: {fiscal: {pattern: 4-4-5, ends: last saturday of january}}",
        "kind: project",
        "paths: [kpis, goals.yaml]",
        "engines: {warehouse: {dialect: postgres, timeout: 5m}}",
    ],
)
def test_other_forms_of_the_project(line: str) -> None:
    assert validate(documents_of("", with_line(PROJECT, line))).diagnostics == ()


# --- what is said


@pytest.mark.parametrize(
    ("text", "place", "code", "message", "hint"),
    [
        pytest.param(
            "name: x\n", "1:1", "missing-kind", "The document does not say its `kind`.",
            ALL_KINDS, id="no kind",
        ),
        pytest.param(
            "name: x\nkind: KPIs\n", "2:7", "unknown-kind", "`kind` cannot be `KPIs`.", "Did you mean `kpi`?", id="misspelt kind",
        ),
        pytest.param(
            "kind: 5\n", "1:7", "unknown-kind", "`kind` cannot be the number 5.",
            ALL_KINDS, id="a number as kind",
        ),
        pytest.param(
            MINIMAL["owner"] + "contct: x\n", "6:1", "unknown-key", "`contct` is no key of an owner.",
            "Allowed: `approvers`.", id="unknown key whose meaning is taken",
        ),
        pytest.param(
            MINIMAL["owner"] + "aprovers: x\n", "6:1", "unknown-key", "`aprovers` is no key of an owner.",
            "Did you mean `approvers`?", id="misspelt key",
        ),
        pytest.param(
            MINIMAL["owner"].replace("contact:", "contacts:"), "5:1", "unknown-key", "`contacts` is no key of an owner.",
            "Did you mean `contact`?", id="a misspelt key that is required is one finding",
        ),
        pytest.param(
            MINIMAL["owner"].replace("title: O\n", ""), "1:1", "missing-key", "The owner `o` lacks `title`.",
            "Add for example `title: Finance team`. What people call it.", id="missing key",
        ),
        pytest.param(
            MINIMAL["goal"].replace("to: 2026-02-01", ""), "6:1", "missing-key", "`period` lacks `to`.",
            'Add for example `to: "2027-01-01"`. The first day after.', id="missing key further in",
        ),
        pytest.param(
            MINIMAL["owner"].replace("title: O", "title: 42"), "3:8", "wrong-type",
            "`title` should be a text on one line, but it is the number 42.", 'Put it in quotes: `"42"`.', id="number for text",
        ),
        pytest.param(
            MINIMAL["owner"].replace("title: O", "title: 1.10"), "3:8", "wrong-type",
            "`title` should be a text on one line, but it is the number 1.10.", 'Put it in quotes: `"1.10"`.', id="a version keeps its zero",
        ),
        pytest.param(
            MINIMAL["owner"].replace("title: O", "title: true"), "3:8", "wrong-type",
            "`title` should be a text on one line, but it is `true`.", 'Put it in quotes: `"true"`.', id="truth value for text",
        ),
        pytest.param(
            MINIMAL["owner"].replace("title: O", "title:"), "3:7", "wrong-type",
            "`title` is empty; it should be a text on one line.", "Write a value, or remove the key.", id="nothing",
        ),
        pytest.param(
            MINIMAL["kpi"].replace("[u]", "u"), "6:13", "wrong-type",
            "`applies_to` should be a list, but it is a text.", "Write a list: `[u]`.", id="text for list",
        ),
        pytest.param(
            with_line(MINIMAL["org_unit"], "headcount: many"), "5:12", "wrong-type",
            "`headcount` should be a whole number, but it is a text.", "Write digits, without quotes and without a unit.", id="text for number",
        ),
        pytest.param(
            with_line(MINIMAL["org_unit"], "headcount: 1.5"), "5:12", "wrong-type",
            "`headcount` should be a whole number, but it is the number 1.5.", None, id="decimal for whole number",
        ),
        pytest.param(
            with_line(MINIMAL["dataset"], "quoted: 1"), "4:9", "wrong-type",
            "`quoted` should be `true` or `false`, but it is the number 1.", None, id="number for truth value",
        ),
        pytest.param(
            with_line(MINIMAL["kpi"], "bounds: wide"), "11:9", "wrong-type",
            "`bounds` should be a mapping, but it is a text.", "Its keys are `max`, `min`.", id="text for mapping",
        ),
        pytest.param(
            with_line(MINIMAL["goal"], "results: [{kpi: k, target: 44 %}]"), "7:28", "wrong-type",
            "`target` in item 1 of `results` should be a number, `{min, max}` or `{kpi}`, but it is `44 %`.",
            "Write the fraction, such as 0.44 for 44 %.", id="percentage",
        ),
        pytest.param(
            with_line(MINIMAL["goal"], "parent: 5"), "8:9", "wrong-type",
            "`parent` should be a goal, `{goal, weight}`, a list of these, or `null`, but it is the number 5.", None, id="none of several forms",
        ),
        pytest.param(
            with_line(MINIMAL["goal"], "parent: {goal: x, weigth: 2}"), "8:19", "unknown-key",
            "`weigth` is no key of `parent`.", "Did you mean `weight`?", id="the one form that fits the type explains itself",
        ),
        pytest.param(
            with_line(MINIMAL["kpi"], "direction: hgher"), "10:12", "invalid-value",
            "`direction` cannot be `hgher`.", "Did you mean `higher`? Allowed: `band`, `higher`, `lower`.", id="misspelt word",
        ),
        pytest.param(
            with_line(MINIMAL["kpi"], "unit: EUR"), "10:7", "invalid-value", "`unit` cannot be `EUR`.",
            "It is a unit, or `{currency: EUR}`: `count`, `days`, `hours`, `minutes`, `percent`, `points`, `ratio`, `seconds`.", id="currency as unit",
        ),
        pytest.param(
            with_line(MINIMAL["kpi"], "unit: {currency: eur}"), "10:18", "invalid-value",
            "`currency` of `unit` should be a currency such as `EUR`, but it is `eur`.", None, id="currency in small letters",
        ),
        pytest.param(
            with_line(MINIMAL["kpi"], "grain: all"), "10:8", "invalid-value", "`grain` cannot be `all`.",
            "Allowed: `day`, `fiscal_month`, `fiscal_quarter`, `fiscal_year`, `month`, `quarter`, `week`, `year`.", id="a grain that is only asked",
        ),
        pytest.param(
            with_line(MINIMAL["org_unit"], "headcount: -1"), "5:12", "invalid-value", "`headcount` must be at least 0.", None, id="too small",
        ),
        pytest.param(
            with_line(MINIMAL["goal"], "results: [{kpi: k, target: 1, weight: 0}]"), "7:39", "invalid-value",
            "`weight` in item 1 of `results` must be more than 0.", None, id="not above",
        ),
        pytest.param(
            with_line(MINIMAL["kpi"], "applies_to: []"), "10:13", "invalid-value", "`applies_to` is empty.", None, id="empty list",
        ),
        pytest.param(
            with_line(MINIMAL["kpi"], "title: " + "x" * 201), "10:8", "invalid-value", "`title` is longer than 200 characters.", None, id="long title",
        ),
        pytest.param(
            with_line(MINIMAL["kpi"], 'title: "a\\nb"'), "10:8", "invalid-value",
            "`title` should be a text on one line, but it is `a b`.", None, id="title on two lines",
        ),
        pytest.param(
            with_line(MINIMAL["kpi"], "owner: Finance Team"), "10:8", "invalid-name", "`owner` is no name: it holds `F`.",
            "Names are lower-case letters, digits and `_`, and begin with a letter. For example `finance_team`.", id="capital in a name",
        ),
        pytest.param(
            with_line(MINIMAL["kpi"], "owner: r\u0435venue"), "10:8", "invalid-name",
            "`owner` is no name: it holds U+0435 CYRILLIC SMALL LETTER IE.",
            "Names are lower-case letters, digits and `_`, and begin with a letter. For example `r_venue`.", id="a letter that looks like another",
        ),
        pytest.param(
            with_line(MINIMAL["kpi"], 'owner: "finance\\n"'), "10:8", "invalid-name",
            "`owner` is no name: it holds U+000A LINE BREAK OR TAB.",
            "Names are lower-case letters, digits and `_`, and begin with a letter. For example `finance`.", id="a line break behind a name",
        ),
        pytest.param(
            with_line(MINIMAL["kpi"], "owner: " + "x" * 64), "10:8", "invalid-name", "`owner` is no name: it has 64 characters.",
            "Names are lower-case letters, digits and `_`, and begin with a letter.", id="a long name",
        ),
        pytest.param(
            with_line(MINIMAL["dataset"], "fields: {Net Sales: a}"), "4:10", "invalid-name",
            "A key of `fields` is no name: it holds `N`.",
            "Names are lower-case letters, digits and `_`, and begin with a letter. For example `net_sales`.", id="a key that is no name",
        ),
        pytest.param(
            with_line(MINIMAL["goal"], "period: {from: 2026-02-30, to: 2027-01-01}"), "7:16", "invalid-date",
            "`from` of `period` is `2026-02-30`, which is no day of the calendar.", None, id="a day that does not exist",
        ),
        pytest.param(
            with_line(MINIMAL["goal"], "period: {from: January, to: 2027-01-01}"), "7:16", "invalid-date",
            "`from` of `period` should be a day such as `2026-01-31`, but it is `January`.", None, id="no day",
        ),
        pytest.param(
            with_line(MINIMAL["kpi"], "examples: [{given: {d: []}, expect: {2026-13: 1}}]"), "11:38", "invalid-value",
            "A key of `expect` in item 1 of `examples` should be a period such as `2026-01`, `2026-Q1` or `FY2026`, but it is `2026-13`.", None, id="no period",
        ),
        pytest.param(
            with_line(MINIMAL["org_unit"], 'headcount: "42"'), "5:12", "wrong-type",
            "`headcount` should be a whole number, but it is a text.", "Remove the quotes.", id="a number in quotes",
        ),
        pytest.param(
            with_line(MINIMAL["org_unit"], "headcount: 3,000"), "5:12", "wrong-type",
            "`headcount` should be a whole number, but it is a text.", "Write `3000`.", id="a comma for thousands",
        ),
        pytest.param(
            with_line(MINIMAL["owner"], 'contact: "  "'), "5:10", "invalid-value",
            "`contact` should be a text on one line, but it is blank.", None, id="a blank text",
        ),
        pytest.param(
            with_line(MINIMAL["kpi"], "examples: [{given: {d: []}}]"), "11:13", "missing-key",
            "Item 1 of `examples` lacks `expect`.", 'Add for example `expect: {"2026-01": 0.4}`. Values by period.', id="an example without values",
        ),
        pytest.param(
            with_line(MINIMAL["goal"], 'results: [{kpi: k, target: "3000"}]'), "7:28", "wrong-type",
            "`target` in item 1 of `results` should be a number, `{min, max}` or `{kpi}`, but it is `3000`.", "Remove the quotes.", id="a target in quotes",
        ),
        pytest.param(
            with_line(MINIMAL["kpi"], "communication: {lag: 5d}"), "11:22", "invalid-value",
            "`lag` of `communication` should be a duration such as `5 days`, but it is `5d`.", None, id="no duration",
        ),
        pytest.param(
            with_line(MINIMAL["kpi"], "dimensions: [{a: b, c: d}]"), "11:14", "wrong-type",
            "Item 1 of `dimensions` should be `{name: path}` or `{name: path, person: true}`.", None, id="two dimensions in one",
        ),
        pytest.param(
            with_line(MINIMAL["kpi"], "revisions: [{until: 2026-01-01, reason: x}]"), "11:14", "missing-key",
            "Item 1 of `revisions` lacks `expression` or `where` or `dataset` or `time`.", "Add one of them.", id="a revision of nothing",
        ),
        pytest.param(
            with_line(MINIMAL["goal"], "results: [{kpi: k}]"), "7:12", "missing-key",
            "Item 1 of `results` lacks `target` or `targets`.", "Add one of them.", id="neither of two keys",
        ),
        pytest.param(
            with_line(MINIMAL["goal"], "results: [{kpi: k, target: 1, targets: [{from: 2026-01-01, value: 1}]}]"), "7:12", "invalid-value",
            "Item 1 of `results` has `target` and `targets` at once.", "Keep one of them.", id="both of two keys",
        ),
        pytest.param(
            with_line(with_line(MINIMAL["dataset"], "time: t"), "valid: {from: a, to: b}"), "1:1", "invalid-value",
            "The dataset `d` has `time` and `valid` at once.", "Keep one of them.", id="time and span",
        ),
        pytest.param(
            with_line(MINIMAL["dataset"], "columns: {a: decimal(18.2)}"), "4:14", "invalid-value",
            "`a` of `columns` should be a type such as `decimal(18,2)`, but it is `decimal(18.2)`.", None, id="no type",
        ),
    ],
)  # fmt: skip
def test_what_is_said(text: str, place: str, code: str, message: str, hint: str | None) -> None:
    finding = finding_of(text)

    assert f"{finding.place.span.line}:{finding.place.span.column}" == place
    assert (finding.code, finding.message, finding.hint) == (code, message, hint)


@pytest.mark.parametrize(
    ("line", "place", "code", "message"),
    [
        ("version: 2", "10:10", "invalid-value", "`version` cannot be the number 2."),
        ("paths: kpis", "10:8", "wrong-type", "`paths` should be a list, but it is a text."),
        (
            "calendar: {fiscal_year_start: 13}",
            "10:31",
            "invalid-value",
            "`fiscal_year_start` of `calendar` must be at most 12.",
        ),
        (
            "dialects: [duckdb, teradata]",
            "10:20",
            "invalid-value",
            "Item 2 of `dialects` cannot be `teradata`.",
        ),
        ("connections: {x: z}", "11:1", "unknown-key", "`connections` is no key of a project file."),
    ],
)
def test_what_is_said_of_the_project_file(line: str, place: str, code: str, message: str) -> None:
    project = with_line(PROJECT.strip() + "\n", line)
    finding = finding_of("", project)

    assert str(finding.place) == f"kpiascode.yaml:{place}"
    assert (finding.code, finding.message) == (code, message)
    assert validate(documents_of("", project)).project is None


@pytest.mark.parametrize(
    "engine",
    [
        *[
            f"{{dialect: duckdb, {key}: hunter2}}"
            for key in ("url", "host", "password", "user", "dsn", "token")
        ],
        '"postgres://u:hunter2@h/d"',
        '{dialect: "postgres://u:hunter2@h/d"}',
        '{dialect: duckdb, timeout: "postgres://u:hunter2@h/d"}',
    ],
)
def test_connections_never_stand_in_the_repository_and_are_not_repeated(engine: str) -> None:
    finding = finding_of("", with_line(PROJECT, f"engines: {{warehouse: {engine}}}"))

    assert "hunter2" not in repr(finding)
    if finding.code == "unknown-key" or not engine.startswith("{"):
        assert "Connections never stand in the repository" in str(finding.hint)


def test_the_value_of_an_unknown_key_is_not_repeated() -> None:
    assert "hunter2" not in repr(finding_of(MINIMAL["owner"] + "pasword: hunter2\n"))


def test_long_values_and_keys_are_cut() -> None:
    long = "x" * 1000
    findings = validate(
        documents_of(with_line(MINIMAL["kpi"], f"direction: {long}") + f"{long}: 1\n")
    ).diagnostics

    assert all(len(f"{one.message}{one.hint}") < 300 for one in findings)
    assert {one.code for one in findings} == {"invalid-value", "unknown-key"}


def test_every_finding_of_a_document_is_told_at_once_and_in_order() -> None:
    text = "kind: org_unit\nname: A B\ntitle: 1\nlevel: teem\nhedcount: 5\nparent: [x]\n"

    assert [finding.split(":")[0] + finding.split(" ")[1] for finding in findings_of(text)] == [
        "2invalid-name:",
        "3wrong-type:",
        "4invalid-value:",
        "5unknown-key:",
        "6wrong-type:",
    ]


# --- documents


def test_definitions_of_the_wrong_shape_move_to_the_broken_ones() -> None:
    documents = validate(documents_of(MINIMAL["owner"] + "---\nkind: owner\nname: p\n---\nkind: nothing\n"))

    assert [item.data["name"] for item in documents.items] == ["o"]
    assert [item.data.get("name") for item in documents.broken] == ["p", None]


def test_a_name_is_given_once_for_each_kind() -> None:
    text = (
        MINIMAL["owner"] + "---\n" + MINIMAL["kpi"].replace("name: k", "name: o") + "---\n" + MINIMAL["owner"]
    )
    documents = validate(documents_of(text))

    assert [(str(one.place), one.code) for one in documents.diagnostics] == [
        ("a.yaml:19:7", "duplicate-name")
    ]
    assert documents.diagnostics[0].note == "It was first defined at a.yaml:2:7."
    assert (len(documents.items), len(documents.broken)) == (2, 1)


def test_a_broken_definition_keeps_its_name() -> None:
    documents = validate(documents_of("kind: owner\nname: o\n---\n" + MINIMAL["owner"]))

    assert documents.items == ()
    assert "duplicate-name" in {one.code for one in documents.diagnostics}


@pytest.mark.parametrize(
    ("line", "codes"),
    [
        pytest.param("contact: no", ["ambiguous-scalar"], id="a guessed text"),
        pytest.param("approvers: no", ["ambiguous-scalar"], id="a guessed text where a list should be"),
        pytest.param("on: x", ["ambiguous-scalar"], id="a guessed key"),
        pytest.param("contact: x\ncontact: 5", ["duplicate-key", "wrong-type"], id="a key that stands twice"),
        pytest.param("contact: x\n<<: {a: b}", ["unsupported-yaml"], id="a merge"),
        pytest.param('contact: "\\e[0m"', ["forbidden-character"], id="an escape"),
    ],
)
def test_of_a_value_that_was_guessed_no_more_is_said(line: str, codes: list[str]) -> None:
    documents = validate(documents_of(with_line(MINIMAL["owner"], line) + "---\n" + MINIMAL["kpi"]))

    assert [one.code for one in documents.diagnostics] == codes
    assert [item.data["kind"] for item in documents.items] == ["kpi"]
    assert [item.data["kind"] for item in documents.broken] == ["owner"]


def test_a_thousand_findings_to_a_file_are_enough() -> None:
    documents = validate(documents_of("".join(f"---\nkind: k{number}\n" for number in range(1_010))))

    assert len(documents.diagnostics) == 1_001
    assert len(documents.broken) == 1_010
    assert documents.diagnostics[-1].code == "more-findings"
    assert documents.diagnostics[-1].message == "There are at least 10 more findings in `a.yaml`."
    assert str(documents.diagnostics[-1].place) == "a.yaml:2000:7"


def _properties(schema: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(schema, dict):
        for key, below in schema.get("properties", {}).items():
            if isinstance(below, dict) and "examples" in below:
                yield key, below
    for part in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from _properties(part)


@pytest.mark.parametrize("kind", ALL)
def test_what_a_hint_says_to_add_is_accepted(kind: str) -> None:
    schema = schema_of(kind)
    for key, below in _properties(schema):
        written = re.match(r"Add for example `(.*)`\. ", hint_of(key, below))
        if written:
            (document,), findings = load_text("a.yaml", written[1] + "\n")
            assert not findings, written[1]
            assert test_of(below, schema)(document.data[key]), written[1]


def test_a_merge_may_have_been_meant_to_bring_a_key() -> None:
    text = "".join(line for line in MINIMAL["kpi"].splitlines(True) if not line.startswith("grain"))

    assert [one.code for one in validate(documents_of(text + "<<: {grain: month}\n")).diagnostics] == [
        "unsupported-yaml"
    ]


def test_beyond_a_thousand_findings_a_sound_definition_is_kept() -> None:
    wrong = "".join(f"kind: k{number}\n---\n" for number in range(1_000))
    documents = validate(documents_of(wrong + MINIMAL["owner"]))

    assert len(documents.diagnostics) == 1_000
    assert [item.data["kind"] for item in documents.items] == ["owner"]


def test_thousands_of_wrong_definitions_do_not_take_long() -> None:
    documents = documents_of("---\n".join(f"kind: kpi\nnme: x{number}\n" for number in range(5_000)))
    start = process_time()
    findings = validate(documents).diagnostics

    assert process_time() - start < 5
    assert len(findings) == 1_001


def test_a_thousand_mistakes_in_one_list_are_told_shortly() -> None:
    steps = ", ".join("{nmae: x}" for _ in range(190))
    documents = validate(documents_of(with_line(MINIMAL["goal"], f"results: [{steps}]")))

    assert len(documents.diagnostics) == 571


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("".join(f"ky{number}: 1\n" for number in range(24_000)), id="keys"),
        pytest.param(f"applies_to: [{'X, ' * 45_000}]", id="items"),
        pytest.param(f"dimensions: [{'{A: B}, ' * 9_000}]", id="mappings"),
        pytest.param(f"examples: [{'{given: {d: [{a: [1]}]}}, ' * 2_500}]", id="nested mappings"),
        pytest.param("\n".join(f"{'x' * 900}{number}: 1" for number in range(1_000)), id="long keys"),
        pytest.param(f"revisions: [{'{where: 5, until: x}, ' * 5_000}]", id="missing keys"),
    ],
)
def test_many_mistakes_do_not_take_long(line: str) -> None:
    documents = documents_of(with_line(MINIMAL["kpi"], line))
    start = process_time()
    findings = validate(documents).diagnostics

    assert process_time() - start < 2
    assert 51 < len(findings) <= 1_001


def test_without_a_project_file_definitions_are_checked_all_the_same() -> None:
    items, _ = load_text("a.yaml", "kind: owner\n")
    documents = validate(Documents(project=None, items=items))

    assert documents.project is None
    assert len(documents.diagnostics) == 4


def test_jsonschema_is_only_needed_to_explain() -> None:
    code = (
        "import sys; from kpiascode.load import load_text; from kpiascode.validate import validate\n"
        "from kpiascode.model.document import Documents\n"
        f"items, _ = load_text('a.yaml', {MINIMAL['owner']!r})\n"
        "assert validate(Documents(project=None, items=items)).items\n"
        "assert 'jsonschema' not in sys.modules\n"
        "validate(Documents(project=None, items=(load_text('a.yaml', 'kind: owner')[0])))\n"
        "assert 'jsonschema' in sys.modules\n"
    )
    path = str(Path(__file__).parents[2] / "src")

    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": path})


# --- the gate agrees with jsonschema

DOCUMENTS = {
    "project": [PROJECT],
    "dataset": [DATASET, MINIMAL["dataset"]],
    "kpi": [KPI, MINIMAL["kpi"]],
    "goal": [GOAL, MINIMAL["goal"]],
    **{
        kind: [*(one for one in OTHERS.split("---") if f"kind: {kind}\n" in one), MINIMAL[kind]]
        for kind in KINDS
        if kind not in ("dataset", "goal", "kpi")
    },
}
SPECIMENS: list[Any] = [
    *(
        None,
        True,
        False,
        0,
        1,
        -1,
        13,
        10**10,
        Decimal("0.5"),
        Decimal("1.0"),
        "",
        " ",
        "x",
        "X",
        "a.b",
        "a b",
        "x\n",
    ),
    *(
        "2026-01-31",
        "2026-02-30",
        "2026-01",
        "2026-01-31\n",
        "5 days",
        "5 d",
        "60s",
        "x" * 64,
        "x" * 5000,
        "٣",
        "EUR",
    ),
    *(
        [],
        ["x"],
        ["x", 1],
        [None],
        {},
        {"x": "y"},
        {"min": 1, "max": 2},
        {"kpi": "x"},
        {"x": {}},
        {"person": True, "a": "b"},
    ),
    *(
        {"currency": "EUR"},
        {"goal": "x"},
        [{"goal": "x"}],
        {"from": "2026-01-01", "to": "2026-01-01"},
        "active",
        "month",
    ),
]


def places(value: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield above
    children = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for step, child in children:
        yield from places(child, (*above, step))


@st.composite
def changed_documents(draw: st.DrawFn) -> tuple[str, Any]:
    """Draw a sound document with up to three values replaced, removed or added."""
    kind = draw(st.sampled_from(ALL))
    text = draw(st.sampled_from(DOCUMENTS[kind]))
    holder = {"root": deepcopy(load_text("a.yaml", text)[0][0].data)}
    for _ in range(draw(st.integers(0, 3))):
        where = draw(st.sampled_from([where for where in places(holder) if where]))
        parent: Any = holder
        for step in where[:-1]:
            parent = parent[step]
        match draw(st.sampled_from(["replace", "replace", "remove", "add", "repeat"])):
            case "replace":
                parent[where[-1]] = deepcopy(draw(st.sampled_from(SPECIMENS)))
            case "remove" if len(where) > 1:
                del parent[where[-1]]
            case "add" if isinstance(parent[where[-1]], dict):
                key = draw(
                    st.sampled_from(
                        [
                            "x",
                            "X",
                            "person",
                            "target",
                            "targets",
                            "from",
                            "period",
                            "time",
                            "valid",
                            "2026-01",
                        ]
                    )
                )
                parent[where[-1]][key] = deepcopy(draw(st.sampled_from(SPECIMENS)))
            case "repeat" if isinstance(parent[where[-1]], list):
                parent[where[-1]] *= draw(st.sampled_from([2, 300]))
    return kind, holder["root"]


@settings(max_examples=400, deadline=None)
@given(changed_documents())
@example(("kpi", {"dimensions": [{"a": "b", "person": []}]}))
def test_the_gate_agrees_with_jsonschema(changed: tuple[str, Any]) -> None:
    kind, data = changed

    assert gate_of(kind)(data) is validator_of(kind).is_valid(data)


@settings(max_examples=200, deadline=None)
@given(changed_documents())
def test_whatever_the_gate_refuses_is_explained(changed: tuple[str, Any]) -> None:
    kind, data = changed
    if not isinstance(data, dict) or gate_of(kind)(data):
        return
    document = Document(path="a.yaml", data=data, keys={}, values={(): TextSpan(Span(1, 1, 1, 1))})
    findings = list(explain(document, kind))

    assert findings
    for finding in findings:
        assert finding.message[0].isupper() or finding.message[0] == "`"
        assert finding.message.endswith(".")
        assert len(finding.message) < 500


# --- the schemas


def parts(schema: Any, where: str = "#") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield every schema inside a schema, with its place."""
    if not isinstance(schema, dict):
        return
    yield where, schema
    for key in ("properties", "$defs"):
        for name, part in schema.get(key, {}).items():
            yield from parts(part, f"{where}/{key}/{name}")
    for key in ("items", "additionalProperties", "propertyNames", "not", "if", "then"):
        yield from parts(schema.get(key), f"{where}/{key}")
    for key in ("anyOf", "allOf"):
        for number, part in enumerate(schema.get(key, [])):
            yield from parts(part, f"{where}/{key}/{number}")


def all_parts() -> list[Any]:
    return [
        pytest.param(part, id=f"{path.stem.split('.')[0]}{where[1:]}")
        for path in sorted(schema_folder().glob("*.schema.json"))
        if path.name != "bundle.schema.json"
        for where, part in parts(json.loads(path.read_text()))
    ]


@pytest.mark.parametrize("path", sorted(schema_folder().rglob("*.json")), ids=lambda path: path.name)
def test_every_file_is_a_schema_with_its_own_address(path: Path) -> None:
    schema = json.loads(path.read_text(encoding="utf-8"))

    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"https://kpiascode.dev/schemas/{path.relative_to(schema_folder()).as_posix()}"
    references = {part["$ref"] for _, part in parts(schema) if "$ref" in part}
    assert all(reference.startswith("#/$defs/") for reference in references)


@pytest.mark.parametrize("part", all_parts())
def test_every_part_is_closed_and_bounded(part: Mapping[str, Any]) -> None:
    assert part.keys() <= KEYWORDS | NOTES
    kinds = part.get("type", [])
    if "object" in kinds:
        assert part["additionalProperties"] is False or part["maxProperties"]
    if "array" in kinds:
        assert part["maxItems"]
    if "string" in kinds and "enum" not in part:
        assert part["maxLength"]
    for name, value in part.get("properties", {}).items():
        assert value["description"].endswith("."), name
        assert value["examples"], name
    if "pattern" in part:
        assert part["pattern"].startswith("^")
        assert part["pattern"].endswith("$")


def test_no_pattern_takes_long() -> None:
    patterns = {
        (part["pattern"], part["maxLength"])
        for kind in ALL
        for _, part in parts(schema_of(kind))
        if "pattern" in part
    }
    for text, longest in patterns:
        for piece in ("a", "A", "0", "a.", "0-", " ", "last ", "(", "_", "é"):
            hostile = (piece * longest)[:longest] + "!"
            start = process_time()
            assert not pattern(text).fullmatch(hostile) or "[^" in text
            assert process_time() - start < 0.05, (text, piece)


@pytest.mark.parametrize("kind", ALL)
def test_the_examples_of_every_key_are_valid(kind: str) -> None:
    root = schema_of(kind)
    for where, part in parts(root):
        for name, value in part.get("properties", {}).items():
            for one in value["examples"]:
                whole = {**value, "$defs": root.get("$defs", {})}
                assert validator_for(whole).is_valid(one), f"{where}/{name}"
                assert test_of(value, root)(one), f"{where}/{name}"


def test_every_keyword_that_can_fail_has_words() -> None:
    silent = {"$ref", "properties", "items", "propertyNames"}

    assert KEYWORDS - silent <= SAY.keys()
    used = {key for kind in ALL for _, part in parts(schema_of(kind)) for key in part}
    assert KEYWORDS - used == set()


def test_the_schemas_say_the_words_of_the_model() -> None:
    kpi, goal, dataset, project = (schema_of(kind) for kind in ("kpi", "goal", "dataset", "project"))
    result = goal["properties"]["results"]["items"]["properties"]
    grains = [grain.value for grain in Grain if grain is not Grain.ALL]
    calendar = project["properties"]["calendar"]["properties"]
    field = dataset["$defs"]["field"]["anyOf"][1]["properties"]

    assert kpi["properties"]["grain"]["enum"] == grains
    assert dataset["properties"]["time_grain"]["enum"] == grains
    assert schema_of("scorecard")["properties"]["grain"]["enum"] == grains
    assert kpi["properties"]["direction"]["enum"] == [one.value for one in Direction]
    assert kpi["properties"]["status"]["anyOf"][0]["enum"] == [one.value for one in Lifecycle]
    assert goal["properties"]["commitment"]["enum"] == [one.value for one in Commitment]
    assert sorted(result["path"]["enum"]) == sorted(one.value for one in TargetPath)
    assert result["measure"]["enum"] == [one.value for one in Measured]
    assert schema_of("org_unit")["properties"]["level"]["enum"] == [one.value for one in Level]
    assert tuple(project["properties"]["dialects"]["items"]["enum"]) == DIALECTS
    assert tuple(calendar["week_start"]["enum"]) == WEEKDAYS
    assert calendar["fiscal"]["properties"]["pattern"]["enum"] == list(RETAIL_PATTERNS)
    assert set(field["type"]["enum"]) == {one.value for one in Type} - {"instant", "unknown"}


def test_the_bundle_is_made_of_the_schemas() -> None:
    schemas = {kind: json.loads((schema_folder() / f"{kind}.schema.json").read_text()) for kind in ALL}
    committed = json.loads((schema_folder() / "bundle.schema.json").read_text())

    assert bundle(schemas) == committed, "run tests/editors/test_schemas.py with KPI_UPDATE_GOLDEN=1"


@settings(max_examples=100, deadline=None)
@given(changed_documents())
def test_the_bundle_agrees_with_the_schema_of_the_kind(changed: tuple[str, Any]) -> None:
    kind, data = changed
    if not isinstance(data, dict) or data.get("kind") != kind:
        return

    assert BUNDLE.is_valid(data) is validator_of(kind).is_valid(data)


BUNDLE = validator_for(json.loads((schema_folder() / "bundle.schema.json").read_text()))


def test_the_bundle_wants_a_known_kind() -> None:
    assert not BUNDLE.is_valid({"name": "x"})
    assert not BUNDLE.is_valid({"kind": "nothing"})
    assert BUNDLE.is_valid({"kind": "project", "version": 1, "name": "x", "paths": ["x"]})


def test_no_schema_is_ever_fetched() -> None:
    remote = validator_for({"$ref": "http://127.0.0.1:9/x.json"})

    with pytest.raises(Exception, match="Unresolvable"):
        remote.is_valid({})


VALUE = {
    "kpi": "gross_margin",
    "grain": "month",
    "period": "2026-01",
    "from": "2026-01-01",
    "to": "2026-02-01",
    "slice": {"channel": "online", "region": None},
    "value": "0.4312",
    "complete": True,
}
FINDING = {
    "code": "unknown-key",
    "severity": "error",
    "message": "A.",
    "path": "a.yaml",
    "line": 1,
    "column": 1,
    "end_line": 1,
    "end_column": 2,
    "hint": None,
    "fix": [{"line": 1, "column": 1, "end_line": 2, "end_column": 1, "text": ""}],
}
QUERY = {"kpi": "gross_margin", "dialect": "duckdb", "sql": "select 1"}


@pytest.mark.parametrize(("name", "sample"), [("run", VALUE), ("check", FINDING), ("compile", QUERY)])
def test_the_schemas_of_the_output(name: str, sample: dict[str, Any]) -> None:
    schema = json.loads((schema_folder() / "output" / f"{name}.schema.json").read_text())
    output = Draft202012Validator(schema, registry=Registry())

    assert output.is_valid([])
    assert output.is_valid([sample, sample])
    assert not output.is_valid([{**sample, "more": 1}])
    for key in sample:
        assert not output.is_valid([{other: value for other, value in sample.items() if other != key}])
        assert not output.is_valid([{**sample, key: 1.5}])


def test_the_schemas_are_found_in_a_wheel_and_in_a_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (schema_folder() / "kpi.schema.json").is_file()
    (tmp_path / "src/kpiascode").mkdir(parents=True)
    monkeypatch.setattr("kpiascode.validate.schemas.PACKAGE", tmp_path / "src/kpiascode")

    assert schema_folder() == tmp_path / "schemas"
    (tmp_path / "src/kpiascode/_shipped/schemas").mkdir(parents=True)
    assert schema_folder() == tmp_path / "src/kpiascode/_shipped/schemas"


def test_an_empty_name_among_those_that_are_known_is_no_crash() -> None:
    """Found by `tests/fuzz`: a definition whose name is `""`."""
    assert did_you_mean("net_sale", ["", "net_sales"]) == "Did you mean `net_sales`?"
    assert did_you_mean("", ["", "net_sales"]) in (None, "Did you mean ``?")
