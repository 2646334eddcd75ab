"""How much `kpi check` costs, as a ratio to the floor of reading the same files and expressions.

    python benchmarks/check.py [KPIS ...]

The floor is one Python process that imports yaml and sqlglot, loads the files with CSafeLoader and calls
`parse_one` on each expression and `where`. Both are measured as cpu time (user and system) of a child
process, several times in turn; the median counts. The goal for 1,000 KPIs is at most 2.5 times the floor.
"""

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROUNDS = 5
KPIS_IN_A_FILE = 10

FLOOR = """
import sys, glob
import yaml, sqlglot
for path in sorted(glob.glob(sys.argv[1] + "/kpis/*.yaml")):
    with open(path, encoding="utf-8") as text:
        for document in yaml.load_all(text, Loader=yaml.CSafeLoader):
            for key in ("expression", "where"):
                if document and key in document:
                    sqlglot.parse_one(document[key])
"""


def kpi(number: int) -> str:
    """Return one KPI; every fourth refers to others, as in real repositories."""
    expression = (
        f"kpi_{number - 1:05d} / kpi_{number - 2:05d}"
        if number % 4 == 3
        else f"sum(case when region = 'r{number % 7}' then quantity * unit_price * (1 - discount) else 0 end)"
        if number % 4
        else "sum(net_amount) / count(distinct customer_id)"
    )
    unit = "ratio" if number % 4 == 3 else "{currency: EUR}"
    rows = (
        ""
        if number % 4 == 3
        else f"dataset: orders\nwhere: status <> 'cancelled' and channel in ('online', 'c{number % 5}')\n"
    )
    return f"""kind: kpi
name: kpi_{number:05d}
title: Measure number {number}
description: What customers of group {number} paid, without cancelled orders and after discounts.
owner: team_{number % 10}
applies_to: [company]
{rows}expression: {expression}
grain: month
dimensions: [channel]
unit: {unit}
direction: higher
bounds: {{min: 0}}
act: If it falls for three months, look at prices first and at campaigns next.
communication: {{audiences: [company], channels: [site], lag: 5 days}}
"""


def write_project(folder: Path, kpis: int) -> None:
    """Write a project of that many KPIs, ten to a file."""
    (folder / "kpis").mkdir(parents=True)
    (folder / "kpiascode.yaml").write_text("version: 1\nname: big\npaths: [kpis]\n", encoding="utf-8")
    base = ["kind: org_unit\nname: company\ntitle: Company\nlevel: organisation\n"]
    base += [
        f"kind: owner\nname: team_{i}\ntitle: Team {i}\norg_unit: company\ncontact: t{i}@example.com\n"
        for i in range(10)
    ]
    base.append(
        "kind: dataset\nname: orders\nsource: sales.orders\ntime: ordered_on\n"
        "fields:\n  net_amount: quantity * unit_price * (1 - discount)\n"
    )
    (folder / "kpis" / "0_base.yaml").write_text("---\n".join(base), encoding="utf-8")
    for first in range(0, kpis, KPIS_IN_A_FILE):
        some = [kpi(number) for number in range(first, min(first + KPIS_IN_A_FILE, kpis))]
        (folder / "kpis" / f"kpis_{first:05d}.yaml").write_text("---\n".join(some), encoding="utf-8")


def cpu_seconds(command: list[str]) -> float:
    """Return the user and system time of a child process that must succeed."""
    before = os.times()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def main(sizes: list[int]) -> None:
    print(f"{'KPIs':>7} {'floor s':>9} {'check s':>9} {'ratio':>7}")
    for size in sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name) / "project"
            write_project(folder, size)
            floor = [sys.executable, "-c", FLOOR, str(folder)]
            check = [sys.executable, "-m", "kpiascode", "check", "--project", str(folder)]
            cpu_seconds(floor), cpu_seconds(check)
            pairs = [(cpu_seconds(floor), cpu_seconds(check)) for _ in range(ROUNDS)]
            low = statistics.median(one for one, _ in pairs)
            high = statistics.median(other for _, other in pairs)
            ratio = statistics.median(other / one for one, other in pairs)
            print(f"{size:>7,} {low:>9.2f} {high:>9.2f} {ratio:>7.2f}", flush=True)


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or [8, 200, 1000])
