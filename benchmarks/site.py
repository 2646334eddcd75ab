"""How much a site of a thousand KPIs costs: pages against computing, bytes of each kind of page, same twice.

    python benchmarks/site.py [--kpis 1000] [--output DIR]

The KPIs are monthly sums over three years of rows, by a channel, with goals, owners and scorecards; each is
drawn on its own page and in three tables. The goal: making the pages takes at most twice as long as computing
what is on them, both as cpu seconds of this process, and a second site of the same assessment is the same,
byte by byte. The rows are few, so that this is the most that pages can weigh.
"""

import argparse
import random
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Final

from measuring import Line, cpu_seconds, peak_megabytes, show

from kpiascode.model.page import Page
from kpiascode.pipeline import judging, reading
from kpiascode.pipeline.connection import Connection

AS_OF: Final = datetime(2026, 1, 1)
FIRST: Final = date(2023, 1, 1)
DAYS: Final = (AS_OF.date() - FIRST).days
UNITS: Final = 20
GROUPS: Final = 100
CHANNELS: Final = ("online", "store", "partner")
ON_A_CARD: Final = 50
IN_A_FILE: Final = 100
MOST_OVER_COMPUTING: Final = 2.0


def write_project(folder: Path, kpis: int) -> None:
    (folder / "kpis").mkdir(parents=True)
    (folder / "data").mkdir()
    (folder / "kpiascode.yaml").write_text("version: 1\nname: thousand\npaths: [kpis]\n", encoding="utf-8")
    for name, documents in (
        ("base", base()),
        *((f"kpis_{n}", map(kpi, range(n, min(n + IN_A_FILE, kpis)))) for n in range(0, kpis, IN_A_FILE)),
        ("goals", goals(kpis)),
        ("cards", cards(kpis)),
    ):
        (folder / "kpis" / f"{name}.yaml").write_text("---\n".join(documents), encoding="utf-8")
    dice = random.Random(1)
    with (folder / "data" / "orders.csv").open("w", encoding="utf-8") as out:
        out.write("day,region,channel,amount\n")
        for number in range(GROUPS * 36 * 4):
            day = FIRST + timedelta(days=number * 7919 % DAYS)
            out.write(f"{day},r{number % GROUPS},{dice.choice(CHANNELS)},{dice.gauss(100, 20):.2f}\n")


def base() -> Iterator[str]:
    yield "kind: org_unit\nname: company\ntitle: Company\nlevel: organisation\n"
    for number in range(UNITS):
        yield (
            f"kind: org_unit\nname: unit_{number}\ntitle: Unit {number}\nlevel: department\nparent: company\n"
        )
        yield (
            f"kind: owner\nname: owner_{number}\ntitle: Owner {number}\norg_unit: unit_{number}\n"
            f"contact: owner{number}@example.com\n"
        )
    yield (
        "kind: dataset\nname: orders\ntitle: Orders\ndescription: One row an order.\n"
        "source: data/orders.csv\ntime: day\nfreshness: 3 days\n"
    )


def kpi(number: int) -> str:
    return f"""kind: kpi
name: kpi_{number:04d}
title: Sales of group {number}
description: What customers of group {number} paid for what they ordered, without what they sent back.
owner: owner_{number % UNITS}
applies_to: [unit_{number % UNITS}]
dataset: orders
where: region = 'r{number % GROUPS}'
expression: sum(amount) + {number}
grain: month
dimensions: [channel]
unit: {{currency: EUR}}
direction: higher
bounds: {{min: 0}}
act: If it is worse than usual, look at prices first and at campaigns next.
communication: {{audiences: [unit_{number % UNITS}], channels: [site], lag: 5 days}}
"""


def goals(kpis: int) -> Iterator[str]:
    for first in range(0, kpis, 10):
        results = "".join(
            f"  - {{kpi: kpi_{number:04d}, target: {380 + number}, tolerance: 20, path: maintain}}\n"
            for number in range(first, min(first + 10, kpis))
        )
        yield (
            f"kind: goal\nname: goal_{first:04d}\ntitle: Goal of ten groups from {first} on\n"
            f"org_unit: unit_{first // 10 % UNITS}\nowner: owner_{first // 10 % UNITS}\n"
            f"period: {{from: 2025-01-01, to: 2026-01-01}}\ncommitment: committed\nresults:\n{results}"
        )


def cards(kpis: int) -> Iterator[str]:
    for first in range(0, kpis, ON_A_CARD):
        names = ", ".join(f"kpi_{number:04d}" for number in range(first, min(first + ON_A_CARD, kpis)))
        yield (
            f"kind: scorecard\nname: card_{first}\ntitle: Card {first}\norg_unit: company\n"
            f"audiences: [company]\nsections:\n  - title: All\n    kpis: [{names}]\n"
        )


def sizes(pages: Sequence[Page]) -> dict[str, list[int]]:
    """Return the bytes of each page by its kind, which is its folder."""
    found: dict[str, list[int]] = defaultdict(list)
    for page in pages:
        found[page.path.partition("/")[0]].append(len(page.text.encode()))
    return found


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--kpis", type=int, default=1000)
    options.add_argument("--output", type=Path, help="where the pages are written, to look at them")
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made) / "project"
        write_project(folder, asked.kpis)
        checked = reading.check(folder)
        broken = [one for one in checked.diagnostics if one.severity.value == "error"]
        assert not broken, broken[:3]
        began = cpu_seconds()
        assessment = judging.assessment(checked, AS_OF, Connection(), None)
        computing = cpu_seconds() - began
        began = cpu_seconds()
        pages = judging.pages(assessment)
        making = cpu_seconds() - began
        again = judging.pages(assessment)
    ratio = making / computing
    show(
        f"{asked.kpis:,} KPIs",
        "cpu s",
        [
            Line("computing and judging", computing, 1.0),
            Line(f"making {len(pages):,} files", making, ratio, MOST_OVER_COMPUTING),
        ],
    )
    largest = sizes(pages)
    total = sum(map(sum, largest.values()))
    show(
        "size of a page, the median of its kind; the ratio is the largest to it",
        "kB",
        [Line(kind, median(found) / 1000, max(found) / median(found)) for kind, found in largest.items()],
    )
    print(f"\nall together {total / 1e6:.1f} MB; peak of memory {peak_megabytes():.0f} MB")
    same = pages == again
    print("the second site is the same, byte by byte" if same else "THE SECOND SITE IS ANOTHER")
    for page in pages if asked.output else ():
        file = asked.output / page.path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(page.text, encoding="utf-8")
    return 0 if same and ratio <= MOST_OVER_COMPUTING else 1


if __name__ == "__main__":
    sys.exit(main())
