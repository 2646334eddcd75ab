"""How much computing costs: fifty monthly KPIs over order lines, and how it grows with KPIs and with rows.

The goals are ratios taken in one run: the cpu seconds (all threads) of `kpi` against the same numbers by SQL
written by hand, the least of several rounds in turn. Either side opens a DuckDB of its own each time; what
`kpi` does after it has read the project counts, so planning, compiling and checking too. That the numbers are
the same is checked. The lines are like those of TPC-H and made here; --lines takes the real ones.
"""

import argparse
import json
import math
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import duckdb
from lines import (
    AFTER_LAST,
    FIRST,
    REVENUE,
    ROWS_AT_SCALE_1,
    Measure,
    load_lines,
    measures,
    one_query_each,
    one_scan,
    pre_aggregated,
    write_lines,
    write_project,
)
from measuring import Line, minima, peak_megabytes, show

from kpiascode.model.calendar import Grain
from kpiascode.model.observation import Observation
from kpiascode.pipeline.asking import Ask, answer
from kpiascode.pipeline.connection import Connection
from kpiascode.pipeline.reading import Checked, read

MOST_OVER_BY_HAND: Final = 1.2
MOST_OF_200_OVER_20: Final = 2.0
MOST_MEMORY_GROWTH: Final = 1.5
FORMS: Final = {
    "now": "{}",
    "before": "previous({}, 1 year)",
    "rolled": "rolling({}, 12 months)",
    "so_far": "to_date({}, year)",
}


# --- the product


def checked_project(folder: Path, kpis: Sequence[tuple[str, str, str]], parquet: Path | None) -> Checked:
    write_project(folder, kpis, parquet)
    checked = read(folder)
    if checked.has_errors:
        raise SystemExit("\n".join(str(finding) for finding in checked.diagnostics))
    return checked


def as_kpis(asked: Sequence[Measure]) -> list[tuple[str, str, str]]:
    return [(f"m{number}", m.expression, m.where) for number, m in enumerate(asked)]


def observed(checked: Checked, database: Path | None) -> tuple[Observation, ...]:
    """Return all KPIs of all months: what `kpi run` does after it has read the project."""
    ask = Ask(
        kpis=tuple(checked.project.kpis),
        as_of=datetime.fromisoformat(AFTER_LAST),
        grain=Grain.MONTH,
        start=date.fromisoformat(FIRST),
        end=date.fromisoformat(AFTER_LAST),
    )
    return answer(checked, ask, Connection(database=database))


# --- by hand


def connected(parquet: Path, database: Path | None) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    if database is None:
        connection.execute(f"CREATE VIEW lineitem AS FROM read_parquet('{parquet}')")
    else:
        connection.execute(f"ATTACH '{database}' AS source (READ_ONLY)")
        connection.execute("USE source")
    return connection


def check_same(found: Sequence[Observation], rows: Sequence[tuple[Any, ...]], asked: int) -> None:
    """Stop unless every value of the product is that of the query by hand."""
    by_hand = {(f"m{number}", f"{row[0]:%Y-%m}"): row[number + 1] for row in rows for number in range(asked)}
    for one in found:
        other = by_hand.get((one.kpi, one.period.name))
        if not _alike(one.value, other):
            raise SystemExit(f"{one.kpi} of {one.period.name} is {one.value}, and by hand {other}")


def _alike(one: Any, other: Any) -> bool:
    return math.isclose(float(one or 0), float(other or 0), rel_tol=1e-9)


# --- tables


def plans(work: Path, parquet: Path, database: Path | None, rounds: int) -> None:
    """Fifty KPIs, against three plans by hand."""
    asked = measures(50)
    kind = "parquet" if database is None else "duckdb"
    checked = checked_project(work / f"fifty_{kind}", as_kpis(asked), parquet if database is None else None)

    def by_hand(*texts: str) -> list[tuple[Any, ...]]:
        with connected(parquet, database) as connection:
            return [connection.execute(text).fetchall() for text in texts][-1]

    best = pre_aggregated(asked)
    check_same(observed(checked, database), by_hand(best), len(asked))
    found = minima(
        {
            "by hand: group by month and filter columns, then pivot": partial(by_hand, best),
            "by hand: one scan, fifty FILTER aggregates": partial(by_hand, one_scan(asked)),
            "by hand: fifty queries": partial(by_hand, *one_query_each(asked)),
            "kpi": partial(observed, checked, database),
        },
        rounds,
    )
    floor = next(iter(found.values()))
    lines = [
        Line(name, seconds, seconds / floor, MOST_OVER_BY_HAND if name == "kpi" else None)
        for name, seconds in found.items()
    ]
    show(f"Fifty monthly KPIs, lines as {kind}", "cpu s", lines)


def growth(work: Path, parquet: Path, database: Path, rounds: int) -> None:
    """From few KPIs to many, and each KPI over several stretches of time."""
    variants: dict[str, Callable[[], object]] = {}
    for count in (1, 20, 50, 200):
        checked = checked_project(work / f"kpis_{count}", as_kpis(measures(count)), None)
        variants[f"{count} KPIs"] = partial(observed, checked, database)
    found = minima(variants, rounds)
    floor = found["20 KPIs"]
    lines = [
        Line(name, seconds, seconds / floor, MOST_OF_200_OVER_20 if name == "200 KPIs" else None)
        for name, seconds in found.items()
    ]
    show("Growth with the number of KPIs, against 20", "cpu s", lines)


def forms(work: Path, database: Path, rounds: int) -> None:
    """The month, the year before, twelve months rolling and the year so far, of one and of ten measures."""
    variants: dict[str, Callable[[], object]] = {}
    for count in (1, 10):
        for label, chosen in (("month", ["now"]), ("four stretches", list(FORMS))):
            kpis = [
                (f"m{number}_{form}", FORMS[form].format(m.expression), m.where)
                for number, m in enumerate((Measure("sum", REVENUE, ()), *measures(10)[1:])[:count])
                for form in chosen
            ]
            checked = checked_project(work / f"forms_{count}_{len(chosen)}", kpis, None)
            variants[f"{count} measures, {label}"] = partial(observed, checked, database)
    found = minima(variants, rounds)
    lines = [
        Line(name, seconds, seconds / found[f"{name.split(',')[0]}, month"])
        for name, seconds in found.items()
    ]
    show("Several stretches of time at once, against the month alone", "cpu s", lines)


def memory(work: Path, sizes: Sequence[int]) -> None:
    """The peak of a process of its own for each number of rows."""
    peaks = {}
    for rows in sizes:
        parquet = lines_file(work, rows)
        command = [sys.executable, __file__, "--child", str(parquet), "--cache", str(work)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        peaks[rows] = float(json.loads(done.stdout.splitlines()[-1]))
    floor = peaks[sizes[0]]
    lines = [
        Line(f"{rows:>12,} rows", peak, peak / floor, MOST_MEMORY_GROWTH if rows == sizes[-1] else None)
        for rows, peak in peaks.items()
    ]
    show("Peak memory, fifty KPIs over Parquet, against the fewest rows", "MB", lines)


def child(work: Path, parquet: Path) -> None:
    checked = checked_project(work / f"memory_{parquet.stem}", as_kpis(measures(50)), parquet)
    observed(checked, None)
    print(json.dumps(peak_megabytes()))


# --- data


def lines_file(work: Path, rows: int) -> Path:
    file = work / f"lines_{rows}.parquet"
    if not file.exists():
        write_lines(rows, file)
    return file


def database_file(parquet: Path, work: Path) -> Path:
    file = work / f"{parquet.stem}.duckdb"
    if not file.exists():
        load_lines(parquet, file)
    return file


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0, help="1: six million lines (default)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of which the least counts (default 3)")
    parser.add_argument("--lines", type=Path, help="TPC-H lineitem as a Parquet file, instead of made lines")
    parser.add_argument("--cache", type=Path, help="folder for the data (default: a temporary one)")
    parser.add_argument(
        "--sizes",
        type=int,
        nargs="*",
        default=[100_000, 1_000_000, 10_000_000],
        help="numbers of rows for the memory table; none: leave it out",
    )
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def measured(options: argparse.Namespace, work: Path) -> None:
    parquet = options.lines or lines_file(work, int(options.scale * ROWS_AT_SCALE_1))
    database = database_file(parquet.resolve(), work)
    plans(work, parquet.resolve(), database, options.rounds)
    plans(work, parquet.resolve(), None, options.rounds)
    growth(work, parquet.resolve(), database, options.rounds)
    forms(work, database, options.rounds)
    if options.sizes:
        memory(work, sorted(options.sizes))


def main() -> None:
    options = arguments()
    if options.child is not None:
        child(options.cache, options.child)
    elif options.cache is not None:
        options.cache.mkdir(parents=True, exist_ok=True)
        measured(options, options.cache.resolve())
    else:
        with tempfile.TemporaryDirectory() as name:
            measured(options, Path(name).resolve())


if __name__ == "__main__":
    main()
