"""What `kpi init` writes: the smallest repository that shows every kind."""

from typing import Final

from kpiascode import __version__

_PROJECT: Final = """\
# yaml-language-server: $schema=schemas/bundle.schema.json
version: 1
name: my_company
paths: [kpis]
calendar: {timezone: UTC, week_start: monday}
dialects: [duckdb]
"""

_KPIS: Final = """\
# yaml-language-server: $schema=../schemas/bundle.schema.json
kind: org_unit
name: company
title: My company
level: organisation
headcount: 12
---
kind: owner
name: sales_team
title: Sales team
org_unit: company
contact: sales@example.com
---
kind: dataset
name: orders
source: data/orders.csv
primary_key: [order_id]
time: ordered_on
freshness: 5 days
---
kind: kpi
name: net_sales
title: Net sales
description: What customers paid, without cancelled orders.
owner: sales_team
applies_to: [company]
dataset: orders
expression: sum(amount)
where: status <> 'cancelled'
grain: month
dimensions: [channel]
unit: {currency: EUR}
direction: higher
act: If it stays below its target for two months, review prices and campaigns.
examples:
  - given:
      orders:
        - {ordered_on: 2025-12-03, amount: 20, status: paid}
        - {ordered_on: 2025-12-04, amount: 5, status: cancelled}
    expect: {"2025-12": 20}
  - given: {orders: []}
    expect: {"2025-12": null}
---
kind: goal
name: grow
title: Sell more this year than last
org_unit: company
owner: sales_team
period: {from: 2025-01-01, to: 2026-01-01}
results:
  - {kpi: net_sales, measure: to_date, target: 3000, tolerance: 100, path: linear}
---
kind: scorecard
name: company_monthly
title: My company, monthly
org_unit: company
audiences: [company]
grain: month
sections:
  - {title: Money, kpis: [net_sales]}
"""

_WORKFLOW: Final = f"""\
name: kpis
on: [push, pull_request]
permissions: {{}}
jobs:
  check:
    runs-on: ubuntu-latest
    permissions:
      contents: read
    steps:
      - uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2
        with: {{persist-credentials: false}}
      - uses: actions/setup-python@a309ff8b426b58ec0e2a45f0f869d46889d02405 # v6.2.0
        with: {{python-version: "3.12"}}
      - run: pip install kpiascode=={__version__}
      - run: kpi check --format github
      - run: kpi build
"""

# A modeline speaks for the document below it only; these settings, for every document of every file.
_EDITOR: Final = """\
{
  "yaml.schemas": {
    "./schemas/bundle.schema.json": ["/kpiascode.yaml", "/kpis/**/*.yaml", "/kpis/**/*.yml"]
  }
}
"""

_EXTENSIONS: Final = """\
{
  "recommendations": ["redhat.vscode-yaml"]
}
"""


def _orders() -> str:
    """Return two years of orders: the same every time, rising a little, with a quiet summer."""
    lines = ["order_id,ordered_on,channel,status,amount"]
    number = 0
    for year in (2024, 2025):
        for month in range(1, 13):
            quiet = 2 if month in (7, 8) else 0
            for place in range(6 - quiet):
                number += 1
                channel = ("online", "store")[number % 2]
                status = "cancelled" if number % 11 == 0 else "paid"
                amount = 3000 + 17 * (number % 29) + 40 * (year - 2024) * month + 211 * place
                lines.append(
                    f"{number},{year}-{month:02d}-{3 + 4 * place:02d},{channel},{status},"
                    f"{amount // 100}.{amount % 100:02d}"
                )
    return "\n".join(lines) + "\n"


FILES: Final[dict[str, bytes]] = {
    "kpiascode.yaml": _PROJECT.encode(),
    "kpis/company.yaml": _KPIS.encode(),
    "data/orders.csv": _orders().encode(),
    ".github/workflows/kpis.yml": _WORKFLOW.encode(),
    ".vscode/settings.json": _EDITOR.encode(),
    ".vscode/extensions.json": _EXTENSIONS.encode(),
    ".gitignore": b"/packs/\n/restricted/\n/site/\n/site-*/\n",
    ".gitattributes": b"ledger/** -text\n",
}
"""By path, relative to the new repository."""
