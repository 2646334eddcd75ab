"""The tables of docs/conformance.md, from what the suite said: `python tests/conformance/page.py` writes them."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any, Final

HERE: Final = Path(__file__).parent
PAGE: Final = HERE.parents[1] / "docs" / "conformance.md"
TITLES: Final = {
    "duckdb": "DuckDB",
    "postgres": "PostgreSQL",
    "mariadb": "MariaDB",
    "sqlite": "SQLite",
    "clickhouse": "ClickHouse",
    "datafusion": "DataFusion",
    "spark": "Spark",
}
EMULATED: Final = {"fakesnow": "Snowflake", "zetasql": "BigQuery"}
MARKED: Final = ("never", "notyet", "notimpl")
PART: Final = re.compile(r"(<!-- (\w+) -->\n).*?(\n<!-- end -->)", re.DOTALL)


def kept(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((HERE / "tables" / f"{name}.json").read_text(encoding="utf-8"))
    return found


def counts() -> str:
    """Return a line for each engine: how many cases are equal, and how many are marked."""
    lines = ["| engine | cases | equal | never | notyet | notimpl |", "| --- | --- | --- | --- | --- | --- |"]
    for name, title in TITLES.items():
        words = Counter(kept(name)["cases"].values())
        told = " | ".join(str(words[word]) for word in ("equal", *MARKED))
        lines.append(f"| {title} | {sum(words.values())} | {told} |")
    return "\n".join(lines)


def cases() -> str:
    """Return a line for each case and a column for each engine; the random projects are counted together."""
    found = {name: kept(name)["cases"] for name in TITLES}
    lines = [f"| case | {' | '.join(TITLES.values())} |", "| --- |" + " --- |" * len(TITLES)]
    named = [case for case in found["duckdb"] if not case.startswith("world_")]
    for case in named:
        cells = " | ".join(_short(found[name][case]) for name in TITLES)
        lines.append(f"| `{case}` | {cells} |")
    lines.append(f"| random projects | {' | '.join(_of_worlds(found[name]) for name in TITLES)} |")
    return "\n".join(lines)


def _short(word: str) -> str:
    return "=" if word == "equal" else word


def _of_worlds(words: dict[str, str]) -> str:
    worlds = [word for case, word in words.items() if case.startswith("world_")]
    return f"{worlds.count('equal')} of {len(worlds)}"


def marks() -> str:
    lines = ["| engine | case | | why |", "| --- | --- | --- | --- |"]
    for name, title in TITLES.items():
        for mark in kept(name)["marks"]:
            [kind] = [kind for kind in MARKED if kind in mark]
            lines.append(f"| {title} | `{mark['case']}` | {kind} | {mark[kind]} |")
    return "\n".join(lines)


def company() -> str:
    lines = ["| engine | equal values | refused |", "| --- | --- | --- |"]
    for name, found in kept("example_company").items():
        why = "; ".join(f"`{kpi}`" for kpi in found["refused"]) or "none"
        lines.append(f"| {TITLES[name]} | {found['equal']} | {why} |")
    return "\n".join(lines)


def emulated() -> str:
    """Return the same of the emulators, which `emulated.py` asks by hand."""
    lines = ["| dialect | emulator | cases | equal | never | notyet | notimpl |", "| --- |" + " --- |" * 6]
    reasons = ["| emulator | case | | why |", "| --- | --- | --- | --- |"]
    for name, title in EMULATED.items():
        words = Counter(kept(name)["cases"].values())
        told = " | ".join(str(words[word]) for word in ("equal", *MARKED))
        lines.append(f"| {title} | {name} | {sum(words.values())} | {told} |")
        for mark in kept(name)["marks"]:
            [kind] = [kind for kind in MARKED if kind in mark]
            reasons.append(f"| {name} | `{mark['case']}` | {kind} | {mark[kind]} |")
    return "\n".join([*lines, "", *reasons])


def written(text: str) -> str:
    """Return the page with its tables as they are now."""
    parts = {"counts": counts, "cases": cases, "marks": marks, "company": company, "emulated": emulated}
    return PART.sub(lambda match: match[1] + parts[match[2]]() + match[3], text)


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
