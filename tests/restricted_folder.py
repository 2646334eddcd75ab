"""A small project with a restricted folder beside it, as tests write it."""

import subprocess
from pathlib import Path
from typing import Final

PROJECT: Final = "version: 1\nname: acme\npaths: [kpis]\n"
KPIS: Final = """\
kind: org_unit
name: acme
title: Acme
level: organisation
---
kind: owner
name: head
title: Head of sales
org_unit: acme
contact: sales@example.com
---
kind: owner
name: hr
title: Human resources
org_unit: acme
contact: hr@example.com
---
kind: dataset
name: orders
source: data/orders.csv
time: day
---
kind: kpi
name: sales
title: Sales
description: What customers paid.
owner: head
applies_to: [acme]
dataset: orders
expression: sum(amount)
grain: month
unit: {currency: EUR}
direction: higher
act: Look at prices.
---
kind: goal
name: grow
title: Sell more
org_unit: acme
owner: head
period: {from: 2026-01-01, to: 2027-01-01}
results:
  - {kpi: sales, measure: to_date, target: 100, path: linear}
"""
KEEPING: Final = "purpose: To help.\nlawful_basis: contract\nretention_until: 2127-01-01\n"
PERSON: Final = f"""\
kind: person
name: p17
title: Zoë Quandt
org_unit: acme
contact: zoe.quandt@example.com
{KEEPING}"""
PLAN: Final = f"""\
kind: improvement_plan
name: plan_p17
title: Find back
owner: head
subject: {{person: p17}}
opened_on: 2026-02-01
ends_on: 2026-08-01
opened_with_employee: 2026-01-30
hr_reviewer: hr
current: Answers late.
required: Answers within a day.
standard: {{goal: grow, kpi: sales}}
actions:
  - {{what: Sit together, who: head, due: 2026-03-01}}
support: An hour a week.
success: {{kpi: sales, at_least: 10, periods: 2}}
{KEEPING}"""
SERIES: Final = f"""\
kind: one_on_one_series
name: talks
title: Talks
manager: head
report: {{person: p17}}
every: 2 weeks
from: 2026-01-05
{KEEPING}"""
GOAL: Final = f"""\
kind: goal
name: learn
title: Learn to sell
person: p17
org_unit: acme
owner: head
parent: [grow]
period: {{from: 2026-01-01, to: 2026-07-01}}
results:
  - {{kpi: sales, measure: to_date, target: 50, path: linear}}
{KEEPING}"""
DOCUMENTS: Final = {"p17.yaml": PERSON, "plan.yaml": PLAN, "talks.yml": SERIES, "deep/goal.yaml": GOAL}


def project(folder: Path) -> Path:
    """Write a project into a folder, and return it."""
    write(folder, {"kpiascode.yaml": PROJECT, "kpis/all.yaml": KPIS})
    write(folder, {"data/orders.csv": "day,amount\n2026-01-05,1.00\n2026-02-05,2.00\n"})
    return folder


def restricted(folder: Path, files: dict[str, str] = DOCUMENTS) -> Path:
    """Write restricted documents into a folder that only its owner may look into, and return it."""
    folder.mkdir(mode=0o700)
    write(folder, files)
    return folder


def write(folder: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")


def git(folder: Path, *arguments: str) -> str:
    asked = ["git", "-C", str(folder), "-c", "user.name=t", "-c", "user.email=t@example.com", *arguments]
    return subprocess.run(asked, check=True, capture_output=True, text=True).stdout
