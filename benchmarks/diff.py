"""How much `kpi diff` costs, as a ratio to `kpi check` of both sides.

    python benchmarks/diff.py [KPIS] [--changed N] [--rounds N]

The project is that of `benchmarks/check.py`, over a file of rows of two years; the head narrows the filter of
some KPIs, which also changes those that are computed from them. The sides are folders, so git takes no part.
Each is measured as cpu time (user and system) of a child process, in turn; the median counts.

Where both sides are the same, nothing is to be done but reading them: that is held against one process that
loads and validates the two folders, and does nothing else. What is above is the program itself.
"""

import argparse
import os
import random
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import check
from measuring import Line, show

ROUNDS: Final = 5
ROWS: Final = 20_000
FIRST: Final = date(2024, 1, 1)
AS_OF: Final = "2026-01-01"
SEED: Final = 7
HEADER: Final = "ordered_on,status,channel,region,customer_id,quantity,unit_price,discount"
FILTER: Final = "where: status <> 'cancelled'"
NARROWED: Final = "where: quantity > 1 and status <> 'cancelled'"

READ: Final = """
import sys
from pathlib import Path
from kpiascode import load, validate
for folder in sys.argv[1:]:
    validate.validate(load.load(Path(folder)))
"""
IMPORTS: Final = {
    "import": "import kpiascode.cli.diff_command, kpiascode.pipeline.differing",
    "import to read": "from kpiascode import load, validate",
}


def write_rows(file: Path) -> None:
    """Write rows whose numbers are the same on every machine."""
    dice = random.Random(SEED)
    file.parent.mkdir(parents=True)
    lines = [HEADER]
    for number in range(ROWS):
        day = FIRST + timedelta(days=dice.randrange(731))
        status = dice.choice(("paid", "paid", "paid", "cancelled"))
        channel = dice.choice(("online", f"c{dice.randrange(1000)}"))
        lines.append(
            f"{day},{status},{channel},r{dice.randrange(1000)},{number % 997},"
            f"{dice.randrange(1, 9)},{dice.randrange(100, 9900) / 100:.2f},0.{dice.randrange(3)}"
        )
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_sides(folder: Path, kpis: int, changed: int) -> tuple[Path, Path, Path]:
    """Return the base, a copy of it, and the head, in which the filters of some KPIs are narrowed."""
    base, same, head = (folder / name for name in ("base", "same", "head"))
    check.write_project(base, kpis)
    write_rows(base / "data" / "orders.csv")
    datasets = base / "kpis" / "0_base.yaml"
    text = datasets.read_text(encoding="utf-8")
    datasets.write_text(text.replace("source: sales.orders", "source: data/orders.csv"), encoding="utf-8")
    shutil.copytree(base, same)
    shutil.copytree(base, head)
    files = sorted((head / "kpis").glob("kpis_*.yaml"))
    for file in spread(files, changed):
        first, second, *others = file.read_text(encoding="utf-8").split("---\n")
        assert FILTER in second, f"{file} has no filter"
        second = second.replace(FILTER, NARROWED)  # the first of a file is used by no other KPI
        file.write_text("---\n".join([first, second, *others]), encoding="utf-8")
    return base, same, head


def spread(files: list[Path], count: int) -> Iterable[Path]:
    return [files[index * len(files) // count] for index in range(count)]


def measured(folder: Path, kpis: int, changed: int, rounds: int) -> dict[str, float]:
    """Return the median cost of each command."""
    base, same, head = write_sides(folder, kpis, changed)
    os.environ["KPI_CACHE_DIR"] = str(folder / "cache")
    kpi = [sys.executable, "-m", "kpiascode"]
    diff = [*kpi, "diff", "--as-of", AS_OF, "--project", str(head), str(base)]
    commands = {
        **{name: [sys.executable, "-c", program] for name, program in IMPORTS.items()},
        "read": [sys.executable, "-c", READ, str(base), str(same)],
        "same": [*diff, str(same)],
        "check base": [*kpi, "check", "--no-cache", "--project", str(base)],
        "check head": [*kpi, "check", "--no-cache", "--project", str(head)],
        "no values": [*diff, str(head), "--no-values"],
        "values": [*diff, str(head)],
        "markdown": [*diff, str(head), "--format", "markdown"],
    }
    for command in commands.values():
        check.cpu_seconds(command)
    costs = [{name: check.cpu_seconds(command) for name, command in commands.items()} for _ in range(rounds)]
    return {name: statistics.median(one[name] for one in costs) for name in commands}


def _without_imports(found: dict[str, float]) -> tuple[float, float]:
    """Return the cost of a comparison beyond imports, and its ratio to that of reading."""
    alone = found["same"] - found["import"]
    return alone, alone / (found["read"] - found["import to read"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("kpis", nargs="?", type=int, default=1000)
    parser.add_argument("--changed", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        found = measured(Path(name), chosen.kpis, chosen.changed, chosen.rounds)
    both = found["check base"] + found["check head"]
    show(
        f"{chosen.kpis:,} KPIs, {chosen.changed} changed",
        "cpu s",
        [
            Line("check of both sides", both, 1),
            Line("diff --no-values", found["no values"], found["no values"] / both, 1.5),
            Line("diff", found["values"], found["values"] / both, 1.5),
            Line("diff --format markdown", found["markdown"], found["markdown"] / both, 1.5),
        ],
    )
    show(
        f"{chosen.kpis:,} KPIs, both sides the same",
        "cpu s",
        [
            Line("reading both sides", found["read"], 1),
            Line("diff", found["same"], found["same"] / found["read"]),
            Line("diff, but for imports", *_without_imports(found), 1.2),
        ],
    )


if __name__ == "__main__":
    main()
