"""How much `kpi check` costs, as a ratio to the floor of reading the same files and expressions.

    python benchmarks/check.py [--examples] [KPIS ...]

The floor is one Python process that imports yaml and sqlglot, loads the files with CSafeLoader and calls
`parse_one` on each expression and `where`. Both are measured as cpu time (user and system) of a child
process, several times in turn; the median counts. The goal is at most twice the floor at every size; `again`
is a second check of the same files, which goes by what was remembered of the first.

With --examples each KPI carries two worked examples, and all of them come out. Then the ratios are those of
seconds on the wall (since they are computed in a second process) to `--no-examples`: when all are computed,
when one KPI has changed since, and when nothing has.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 5
KPIS_IN_A_FILE = 10
KPIS_ON_A_CARD = 20

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
        else f"sum(case when region = 'r{number}' then quantity * unit_price * (1 - discount) else 0 end)"
        if number % 4
        else "sum(net_amount) / count(distinct customer_id)"
    )
    unit = "ratio" if number % 4 == 3 else "{currency: EUR}"
    rows = (
        ""
        if number % 4 == 3
        else f"dataset: orders\nwhere: status <> 'cancelled' and channel in ('online', 'c{number}')\n"
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


def examples(number: int) -> str:
    """Return two worked examples; what they come to is worked out here, by hand."""
    own, other = (number - 1, number - 2) if number % 4 == 3 else (number, None)
    quantities = [(own, one) for one in (1, 2, 3, 4)]
    if other is not None:
        quantities += [(other, one) for one in (1, 2)]
    rows = "".join(
        f"        - {{ordered_on: 2026-01-0{day}, status: paid, channel: online, region: r{of}, "
        f"quantity: {quantity}, unit_price: 10, discount: 0.1, customer_id: {day}}}\n"
        for day, (of, quantity) in enumerate(quantities, 1)
    )
    value = {0: "22.5", 1: "90", 2: "90", 3: "3.333"}[number % 4]  # 90 / 4, 9 * (1 + 2 + 3 + 4), 90 / 27
    return (
        f'examples:\n  - given:\n      orders:\n{rows}    expect: {{"2026-01": {value}}}\n'
        '  - given: {orders: []}\n    expect: {"2026-01": null}\n'
    )


def write_project(folder: Path, kpis: int, *, with_examples: bool = False) -> None:
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
    for first in range(0, kpis, KPIS_ON_A_CARD):
        names = ", ".join(f"kpi_{n:05d}" for n in range(first, min(first + KPIS_ON_A_CARD, kpis)))
        card = f"kind: scorecard\nname: card_{first}\ntitle: Card {first}\norg_unit: company\n"
        card += f"audiences: [company]\nsections:\n  - title: All\n    kpis: [{names}]\n"
        (folder / "kpis" / f"card_{first:05d}.yaml").write_text(card, encoding="utf-8")
    for first in range(0, kpis, KPIS_IN_A_FILE):
        some = [
            kpi(number) + (examples(number) if with_examples else "")
            for number in range(first, min(first + KPIS_IN_A_FILE, kpis))
        ]
        (folder / "kpis" / f"kpis_{first:05d}.yaml").write_text("---\n".join(some), encoding="utf-8")


def cpu_seconds(command: list[str], folder: Path | None = None) -> float:
    """Return the user and system time of a child process that must succeed."""
    before = os.times()
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def wall_seconds(command: list[str], cache: Path) -> float:
    """Return how long a child process takes that must succeed, with a cache folder of its own."""
    began = time.perf_counter()
    environment = {**os.environ, "KPI_CACHE_DIR": str(cache)}
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - began


def change(folder: Path) -> None:
    """Change what one KPI means to a reader, as a commit does."""
    file = sorted((folder / "kpis").glob("kpis_*.yaml"))[0]
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("title: Measure", "title: New measure", 1), encoding="utf-8")


def of_examples(size: int, count: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder, cache = Path(name) / "project", Path(name) / "cache"
        write_project(folder, size, with_examples=True)
        check = [sys.executable, "-m", "kpiascode", "check", "--project", str(folder)]
        rounds: list[list[float]] = []
        wall_seconds([*check, "--no-examples"], cache)
        for _ in range(count):
            without = wall_seconds([*check, "--no-examples", "--no-cache"], cache)
            cold = wall_seconds([*check, "--no-cache"], cache)
            wall_seconds(check, cache)
            change(folder)
            rounds.append([without, cold, wall_seconds(check, cache), wall_seconds(check, cache)])
        without, *others = (statistics.median(column) for column in zip(*rounds, strict=True))
        told = "".join(f" {one:>9.2f} {one / without:>7.2f}" for one in others)
        print(f"{size:>7,} {without:>9.2f}{told}", flush=True)


def of_reading(size: int, count: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "project"
        write_project(folder, size)
        os.environ["KPI_CACHE_DIR"] = str(Path(name) / "cache")
        kpi = [sys.executable, "-m", "kpiascode"]
        check = [*kpi, "check", "--project", str(folder)]
        commands = {
            "floor": [sys.executable, "-c", FLOOR, str(folder)],
            "check": [*check, "--no-cache"],
            "unchanged": check,
            "version": [*kpi, "--version"],
        }
        for command in commands.values():
            cpu_seconds(command)
        rounds = [{name: cpu_seconds(c) for name, c in commands.items()} for _ in range(count)]
        cells = [f"{size:>7,}"]
        for name in commands:
            cells.append(f"{statistics.median(one[name] for one in rounds):>9.2f}")
            if name in ("check", "unchanged"):
                cells.append(f"{statistics.median(one[name] / one['floor'] for one in rounds):>7.2f}")
        print(" ".join(cells), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("kpis", nargs="*", type=int, default=[8, 200, 1000, 5000, 20000])
    parser.add_argument("--examples", action="store_true", help="measure worked examples")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    chosen = parser.parse_args()
    if chosen.examples:
        names = "".join(f" {name + ' s':>9} {'ratio':>7}" for name in ("all", "one", "none"))
        print(f"{'KPIs':>7} {'without s':>9}{names}")
    else:
        print(
            f"{'KPIs':>7} {'floor s':>9} {'check s':>9} {'ratio':>7} "
            f"{'again s':>9} {'ratio':>7} {'--version':>9}"
        )
    for size in chosen.kpis:
        (of_examples if chosen.examples else of_reading)(size, chosen.rounds)


if __name__ == "__main__":
    main()
