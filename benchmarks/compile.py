"""How much compiling costs: one query for each KPI, in projects of 200, 1,000 and 5,000.

The floor is what sqlglot needs to parse and to print again the very text that came out: compiling may cost
at most twice that, and the cost of a KPI may not grow with the project. All is measured as cpu milliseconds
of this process, the least of several rounds in turn; planning and compiling over an even sample of the KPIs
(--sample), resolving over all of them. Growth is told in units of the floor, which a noisy moment hits too.
"""

import argparse
import gc
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import sqlglot
from check import write_project
from measuring import Line, minima, show

from kpiascode import load, resolve, validate
from kpiascode.compile import compile_plan
from kpiascode.model.plan import Plan, Query
from kpiascode.pipeline.asking import Ask, plans
from kpiascode.pipeline.reading import Checked, check

AS_OF: Final = datetime(2026, 11, 1)
DIALECT: Final = "duckdb"
MOST_OVER_SQLGLOT: Final = 2.0
MOST_GROWTH: Final = 1.2
SCORECARD: Final = 50


@dataclass(frozen=True, slots=True)
class Costs:
    """Cpu seconds for each KPI."""

    resolve: float
    plan: float
    compile: float
    together: float
    sqlglot: float
    sqlglot_together: float
    characters: float

    @property
    def alone(self) -> float:
        return self.plan + self.compile


def planned(checked: Checked, groups: Sequence[Sequence[str]]) -> list[Plan]:
    return [plan for group in groups for plan in plans(checked, Ask(kpis=tuple(group), as_of=AS_OF))]


def compiled(made: Sequence[Plan]) -> list[Query]:
    return [compile_plan(plan, DIALECT) for plan in made]


def printed_again(texts: Sequence[str]) -> None:
    for text in texts:
        sqlglot.parse_one(text, dialect=DIALECT).sql(dialect=DIALECT, pretty=True)


def costs(folder: Path, kpis: int, sample: int, rounds: int) -> Costs:
    write_project(folder, kpis)
    checked = check(folder)
    documents = validate.validate(load.load(folder))
    names = list(checked.project.kpis)
    sampled = names[:: max(1, len(names) // sample)][:sample]
    alone = [[name] for name in sampled]
    groups = [sampled[first : first + SCORECARD] for first in range(0, len(sampled), SCORECARD)]
    made = planned(checked, alone)
    texts = [query.text for query in compiled(made)]
    together = [query.text for query in compiled(planned(checked, groups))]
    gc.collect()
    found = minima(
        {
            "resolve": lambda: resolve.resolve(documents),
            "plan": lambda: planned(checked, alone),
            "compile": lambda: compiled(made),
            "together": lambda: compiled(planned(checked, groups)),
            "sqlglot": lambda: printed_again(texts),
            "sqlglot_together": lambda: printed_again(together),
        },
        rounds,
    )
    each = {name: seconds / (kpis if name == "resolve" else len(sampled)) for name, seconds in found.items()}
    return Costs(characters=sum(map(len, texts)) / len(texts), **each)


def tell(kpis: int, found: Costs, smallest: Costs) -> None:
    floor, other = found.sqlglot, found.sqlglot_together
    whole = found.resolve + found.alone
    lines = [
        Line("sqlglot: parse and print the same text", floor * 1000, 1),
        Line("kpi: plan and compile", found.alone * 1000, found.alone / floor, MOST_OVER_SQLGLOT),
        Line(f"sqlglot: {SCORECARD} KPIs in a query", other * 1000, 1),
        Line(
            f"kpi: {SCORECARD} KPIs in a query",
            found.together * 1000,
            found.together / other,
            MOST_OVER_SQLGLOT,
        ),
    ]
    show(f"{kpis:,} KPIs, {found.characters:,.0f} characters of SQL each", "cpu ms/KPI", lines)
    shares = {"resolve": found.resolve, "plan": found.plan, "compile": found.compile}
    told = ", ".join(f"{name} {part * 1000:.2f} ms ({part / whole:.0%})" for name, part in shares.items())
    print(f"of it: {told}")
    if found is not smallest:
        parts = {
            "kpi: plan and compile": (found.alone, smallest.alone),
            "kpi: resolve": (found.resolve, smallest.resolve),
        }
        growth = [
            Line(name, one * 1000, (one / floor) / (least / smallest.sqlglot), MOST_GROWTH)
            for name, (one, least) in parts.items()
        ]
        show("The cost of a KPI against the smallest project", "cpu ms/KPI", growth)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("kpis", type=int, nargs="*", help="sizes of projects (default 200 1000 5000)")
    parser.add_argument("--scale", type=float, default=1.0, help="factor for the sizes (default 1)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of which the least counts (default 3)")
    parser.add_argument("--sample", type=int, default=100, help="KPIs that are compiled (default 100)")
    parser.add_argument("--cache", type=Path, help="folder for the projects (default: a temporary one)")
    options = parser.parse_args()
    sizes = sorted(max(8, int(size * options.scale)) for size in options.kpis or (200, 1000, 5000))
    smallest: Costs | None = None
    for size in sizes:
        with tempfile.TemporaryDirectory(dir=options.cache) as name:
            found = costs(Path(name) / "project", size, options.sample, options.rounds)
        smallest = smallest or found
        tell(size, found, smallest)


if __name__ == "__main__":
    main()
