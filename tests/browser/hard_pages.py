"""A project that makes pages as hard as definitions and data can: long, odd, many, empty, huge, from right to left."""

from pathlib import Path
from typing import Final

import yaml

LONG: Final = "x" * 10_000
SCRIPT: Final = (
    "<script>document.title='run'</script><svg onload=\"document.title='run'\"><img src=x onerror=alert(1)>"
)
TEMPLATE: Final = "{{ 7 * 7 }}{% include 'x' %}${7*7}<%= 7 %>"
ADDRESS: Final = "javascript:alert(1)"
RIGHT_TO_LEFT: Final = "نسبة المرتجعات من المبيعات الصافية, שיעור ההחזרות"
WORDLESS: Final = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 2
MANY: Final = 300
MONTHS: Final = [f"{year}-{month:02}" for year in (2023, 2024, 2025) for month in range(1, 13)]
PLACES: Final = (LONG, SCRIPT, TEMPLATE, RIGHT_TO_LEFT, "Linz")

KPIS: Final = {
    "long": (WORDLESS[:200], "sum(amount)", "count", {"description": ("word " * 790).strip(), "act": "a" * 1000}),
    "script": (SCRIPT, "sum(amount) * -1", "count", {"description": SCRIPT}),
    "template": (TEMPLATE, "sum(amount) / 1000000", "percent", {"description": TEMPLATE}),
    "right_to_left": (RIGHT_TO_LEFT, "sum(amount)", {"currency": "JPY"}, {"description": RIGHT_TO_LEFT}),
    "address": (ADDRESS, "sum(amount)", "ratio", {"description": f"[here]({ADDRESS}) data:text/html,x"}),
    "huge": ("Huge", "sum(amount) * 1000000000000000", {"currency": "EUR"}, {}),
    "tiny": ("Tiny", "sum(amount) / 1000000000000.0", "ratio", {}),
    "nothing": ("Nothing", "sum(amount) filter (where place = 'nowhere')", "count", {}),
    "gaps": ("Gaps", "sum(amount) filter (where amount > 1500)", "count", {}),
    "zero": ("Zero", "sum(amount) * 0", "percent", {}),
    "swinging": ("From far below zero to far above", "sum(amount - 1250) * 1000000", {"currency": "EUR"}, {}),
    "beyond": ("Beyond all", "sum(amount) / 7", "percent", {"direction": "lower"}),
}  # fmt: skip
"""By name: title, expression, unit, and further keys."""


def write(folder: Path) -> None:
    """Write the project into a folder."""
    parts = folder / "kpis"
    parts.mkdir()
    settings = {"version": 1, "name": "hostile", "paths": ["kpis"], "calendar": {"timezone": "Europe/Vienna"}}
    (folder / "kpiascode.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    everything = [*_people(), _dataset(), *_kpis(), *_goals(), *_scorecards()]
    text = yaml.safe_dump_all(everything, allow_unicode=True, width=1_000_000, sort_keys=False)
    (parts / "all.yaml").write_text(text, encoding="utf-8")
    rows = ["day,place,amount"]
    for number, month in enumerate(MONTHS):
        for place in PLACES:
            quoted = place.replace('"', '""')
            rows.append(f'{month}-15,"{quoted}",{100 + 700 * (number * 7 % 12) + len(place) % 97}')
    (parts / "rows.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")


def _people() -> list[dict[str, object]]:
    titles = (SCRIPT, WORDLESS[:200], RIGHT_TO_LEFT, TEMPLATE, ADDRESS)
    levels = ("organisation", "line_of_business", "department", "team", "team")
    units: list[dict[str, object]] = [
        {"kind": "org_unit", "name": f"unit_{number}", "title": title, "level": level, "description": SCRIPT}
        | ({"parent": f"unit_{number - 1}"} if number else {})
        for number, (title, level) in enumerate(zip(titles, levels, strict=True))
    ]
    owners: list[dict[str, object]] = [
        {"kind": "owner", "name": f"owner_{n}", "title": title, "org_unit": f"unit_{n}", "contact": ADDRESS}
        for n, title in enumerate(titles)
    ]
    return units + owners


def _dataset() -> dict[str, object]:
    return {
        "kind": "dataset",
        "name": "rows",
        "title": SCRIPT,
        "source": "kpis/rows.csv",
        "time": "day",
        "columns": {"amount": "decimal(38,2)"},
    }


def _kpi(name: str, title: str, expression: str, unit: object, number: int) -> dict[str, object]:
    return {
        "kind": "kpi",
        "name": name,
        "title": title,
        "description": "One of many.",
        "owner": f"owner_{number % 5}",
        "applies_to": [f"unit_{number % 5}"],
        "dataset": "rows",
        "expression": expression,
        "grain": "month",
        "unit": unit,
        "direction": "higher",
    }


def _kpis() -> list[dict[str, object]]:
    odd = [
        _kpi(name, title, expression, unit, number) | {"dimensions": ["place"]} | more
        for number, (name, (title, expression, unit, more)) in enumerate(KPIS.items())
    ]
    many = [
        _kpi(f"many_{n:03}", f"Number {n} of very many", f"sum(amount) * {n + 1}", "count", n)
        for n in range(MANY - len(odd))
    ]
    return odd + many


def _goals() -> list[dict[str, object]]:
    def goal(number: int, title: str, results: list[dict[str, object]]) -> dict[str, object]:
        return {
            "kind": "goal",
            "name": f"goal_{number}",
            "title": title,
            "description": SCRIPT,
            "org_unit": f"unit_{number % 5}",
            "owner": f"owner_{number % 5}",
            "period": {"from": "2025-01-01", "to": "2026-01-01"},
            "results": results,
        } | ({"parent": f"goal_{number - 1}"} if number else {})

    targets = {"huge": 10**17, "tiny": 1e-9, "nothing": 5, "gaps": 3, "zero": 0.5, "script": 10**12}
    results: list[list[dict[str, object]]] = [
        [{"kpi": name, "baseline": 0, "target": target, "path": "linear"}] for name, target in targets.items()
    ]
    everything: list[dict[str, object]] = [
        {"kpi": name, "target": 1000} for name in KPIS if name not in targets
    ]
    titles = (SCRIPT, WORDLESS[:200], RIGHT_TO_LEFT, TEMPLATE, ADDRESS, "Six deep", "Seven deep")
    return [
        goal(n, title, found)
        for n, (title, found) in enumerate(zip(titles, [*results, everything], strict=True))
    ]


def _scorecards() -> list[dict[str, object]]:
    def scorecard(name: str, title: str, sections: list[dict[str, object]]) -> dict[str, object]:
        return {
            "kind": "scorecard",
            "name": name,
            "title": title,
            "description": SCRIPT,
            "org_unit": "unit_0",
            "audiences": [f"unit_{n}" for n in range(5)],
            "grain": "month",
            "sections": sections,
        }

    return [
        scorecard("odd", SCRIPT, [{"title": SCRIPT, "kpis": list(KPIS)}]),
        scorecard("alone", WORDLESS[:200], [{"title": RIGHT_TO_LEFT, "kpis": ["nothing"]}]),
        scorecard(
            "many",
            RIGHT_TO_LEFT,
            [{"title": TEMPLATE, "kpis": [f"many_{n:03}" for n in range(60)]}],
        ),
    ]
