"""How much validating the same KPIs costs here and in other tools, all measured in one run.

    python benchmarks/peers.py [--envs FOLDER] [KPIS ...]

Each tool gets the measures of `check.py` in its own language: sums with a condition and quotients. The other
tools are installed from the package index into environments of their own below `--envs` (a temporary folder
unless told, so that they can be kept). A tool that cannot be installed, or does not accept its project, is
left out with the reason. What is told is the least cpu time (user and system) of a child process in three
rounds, in turn, and its ratio to `kpi check`.
"""

import argparse
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from check import cpu_seconds, write_project

ROUNDS = 3
DBT = ("dbt-core>=1.10,<1.11", "dbt-duckdb<1.11", "dbt-metricflow")
"""Later versions download a part of themselves while they are installed."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A tool: what to install, what writes its project, and the commands that are measured there."""

    name: str
    packages: tuple[str, ...]
    write: Callable[[Path, int], None]
    commands: tuple[tuple[str, tuple[str, ...]], ...]


# --- the same KPIs in other languages


def measures(kpis: int) -> Iterator[tuple[str, str, str | None]]:
    """Yield a name, what is summed and its condition; every fourth KPI is a quotient of two of them."""
    for number in range(kpis):
        if number % 4 != 3:
            what = f"case when region = 'r{number}' then quantity * unit_price * (1 - discount) else 0 end"
            yield f"kpi_{number:05d}", what, f"status <> 'cancelled' and channel in ('online', 'c{number}')"


def quotients(kpis: int) -> Iterator[tuple[str, str, str]]:
    for number in range(3, kpis, 4):
        yield f"kpi_{number:05d}", f"kpi_{number - 1:05d}", f"kpi_{number - 2:05d}"


def write_sidemantic(folder: Path, kpis: int) -> None:
    folder.mkdir(parents=True)
    lines = [
        "models:",
        "  - name: orders",
        "    table: sales.orders",
        "    primary_key: order_id",
        "    dimensions:",
        "      - {name: channel, type: categorical, sql: channel}",
        "      - {name: ordered_on, type: time, sql: ordered_on, granularity: day}",
        "    metrics:",
    ]
    for name, what, condition in measures(kpis):
        lines.append(f'      - {{name: {name}, agg: sum, sql: "{what}", filters: ["{condition}"]}}')
    lines.append("metrics:" if kpis > 3 else "")
    for name, above, below in quotients(kpis):
        lines.append(
            f"  - {{name: {name}, type: ratio, numerator: orders.{above}, denominator: orders.{below}}}"
        )
    (folder / "orders.yml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_dbt(folder: Path, kpis: int) -> None:
    (folder / "models").mkdir(parents=True)
    (folder / "dbt_project.yml").write_text(
        "name: big\nversion: '1.0'\nprofile: big\nmodel-paths: [models]\n"
        "flags: {send_anonymous_usage_stats: false, partial_parse: false}\n"
    )
    (folder / "profiles.yml").write_text(
        "big: {target: dev, outputs: {dev: {type: duckdb, path: ':memory:'}}}\n", encoding="utf-8"
    )
    columns = "order_id quantity unit_price discount region channel status".split()
    selected = ", ".join(f"1 as {column}" for column in columns)
    (folder / "models" / "orders.sql").write_text(f"select date '2026-01-01' as ordered_on, {selected}\n")
    (folder / "models" / "days.sql").write_text("select date '2026-01-01' as day\n")
    lines = [
        "models:",
        "  - name: days",
        "    time_spine: {standard_granularity_column: day}",
        "    columns: [{name: day, granularity: day}]",
        "semantic_models:",
        "  - name: orders",
        "    model: ref('orders')",
        "    defaults: {agg_time_dimension: ordered_on}",
        "    entities: [{name: order_key, type: primary, expr: order_id}]",
        "    dimensions:",
        "      - {name: channel, type: categorical}",
        "      - {name: status, type: categorical}",
        "      - {name: ordered_on, type: time, type_params: {time_granularity: day}}",
        "    measures:",
    ]
    lines += [f'      - {{name: m_{name}, agg: sum, expr: "{what}"}}' for name, what, _ in measures(kpis)]
    lines.append("metrics:")
    for name, _, _ in measures(kpis):
        kept = "{{ Dimension('order_key__status') }} <> 'cancelled'"
        of = f"type: simple, type_params: {{measure: m_{name}}}"
        lines.append(f'  - {{name: {name}, label: {name}, {of}, filter: "{kept}"}}')
    for name, above, below in quotients(kpis):
        of = f"type: ratio, type_params: {{numerator: {above}, denominator: {below}}}"
        lines.append(f"  - {{name: {name}, label: {name}, {of}}}")
    (folder / "models" / "orders.yml").write_text("\n".join(lines) + "\n", encoding="utf-8")


PEERS = (
    Peer("Sidemantic", ("sidemantic",), write_sidemantic, (("validate", ("sidemantic", "validate", ".")),)),
    Peer(
        "dbt",
        DBT,
        write_dbt,
        (
            ("parse", ("dbt", "--quiet", "parse", "--no-partial-parse", "--profiles-dir", ".")),
            ("mf validate", ("mf", "validate-configs", "--skip-dw")),
        ),
    ),
)


# --- measuring


def installed(peer: Peer, envs: Path) -> Path | str:
    """Return the folder of a peer's programs, or why it has none."""
    folder = envs / peer.name.lower()
    programs = folder / "bin"
    wanted = {command[0] for _, command in peer.commands}
    if all((programs / name).exists() for name in wanted):
        return programs
    print(f"installing {peer.name} ...", file=sys.stderr)
    venv.create(folder, with_pip=True)
    done = subprocess.run(
        [str(programs / "python"), "-m", "pip", "install", "--quiet", *peer.packages],
        capture_output=True,
        text=True,
    )
    if done.returncode:
        return f"it does not install: {(done.stderr.strip().splitlines() or ['no reason given'])[-1]}"
    return programs


def least(commands: dict[str, tuple[Sequence[str], Path]]) -> dict[str, float | str]:
    """Return the least cost of each command by its name, or why there is none."""
    found: dict[str, float | str] = {}
    for _ in range(ROUNDS):
        for name, (command, folder) in commands.items():
            before = found.get(name, float("inf"))
            if isinstance(before, str):
                continue
            try:
                found[name] = min(before, cpu_seconds(list(command), folder))
            except subprocess.CalledProcessError as error:
                found[name] = f"it ended with {error.returncode}"
    return found


def measured(size: int, envs: Path, folder: Path) -> dict[str, float | str]:
    ours = folder / "kpiascode"
    write_project(ours, size)
    kpi = [sys.executable, "-m", "kpiascode"]
    commands: dict[str, tuple[Sequence[str], Path]] = {
        "kpi check": ([*kpi, "check", "--no-cache"], ours),
        "kpi check, nothing changed": ([*kpi, "check"], ours),
        "kpi --version": ([*kpi, "--version"], ours),
    }
    reasons: dict[str, float | str] = {}
    for peer in PEERS:
        programs = installed(peer, envs)
        if isinstance(programs, str):
            reasons[peer.name] = programs
            continue
        theirs = folder / peer.name.lower()
        peer.write(theirs, size)
        for name, (program, *words) in peer.commands:
            commands[f"{peer.name} {name}"] = ([str(programs / program), *words], theirs)
    subprocess.run([*kpi, "check"], cwd=ours, check=True, capture_output=True)
    return {**least(commands), **reasons}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("kpis", nargs="*", type=int, default=[8, 200, 1000, 5000])
    parser.add_argument("--envs", type=Path, help="where the other tools are installed, and kept")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        envs = (chosen.envs or Path(scratch) / "envs").absolute()
        envs.mkdir(parents=True, exist_ok=True)
        for size in chosen.kpis:
            found = measured(size, envs, Path(scratch) / str(size))
            base = found["kpi check"]
            print(f"\n{size:,} KPIs{'':<26}{'cpu s':>8} {'ratio':>7}")
            for name, seconds in found.items():
                if isinstance(seconds, str) or isinstance(base, str):
                    print(f"{name:<34}{seconds}")
                else:
                    print(f"{name:<34}{seconds:>8.2f} {seconds / base:>7.2f}")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
