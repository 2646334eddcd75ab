"""Observations as a table for people, and as CSV and JSON by the contract."""

import json
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import groupby
from typing import Final

from kpiascode.model.observation import Observation
from kpiascode.model.project import Measure, Project

_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\0", "\r")
NO_VALUE: Final = "-"


def as_json(observations: Iterable[Observation]) -> str:
    """Return one array, one object an observation (`schemas/output/run.schema.json`)."""
    lines = [
        json.dumps(
            {
                "kpi": o.kpi,
                "grain": o.period.grain.value,
                "period": o.period.name,
                "from": o.period.start.isoformat(),
                "to": o.period.end.isoformat(),
                "slice": dict(o.slice),
                "value": None if o.value is None else digits(o.value),
                "complete": o.complete,
            },
            ensure_ascii=False,
        )
        for o in observations
    ]
    return "[" + ",\n ".join(lines) + "]\n"


def digits(value: Decimal) -> str:
    """Return the exact decimal, never with an exponent."""
    return format(value, "f") if value else format(abs(value), "f")


def as_csv(observations: Sequence[Observation]) -> str:
    """Return a line an observation. Text is quoted, null is empty, formulas are disarmed by a quote."""
    dimensions = tuple(dict.fromkeys(name for o in observations for name, _ in o.slice))
    lines = [",".join(("kpi", "grain", "period", "from", "to", *map(_cell, dimensions), "value", "complete"))]
    for o in observations:
        of = dict(o.slice)
        cells = (
            o.kpi,
            o.period.grain.value,
            o.period.name,
            o.period.start.isoformat(),
            o.period.end.isoformat(),
            *(_cell(of.get(name)) for name in dimensions),
            "" if o.value is None else digits(o.value),
            str(o.complete).lower(),
        )
        lines.append(",".join(cells))
    return "\n".join(lines) + "\n"


def _cell(value: str | None) -> str:
    if value is None:
        return ""
    safe = f"'{value}" if value.startswith(_FORMULA_STARTS) else value
    return '"' + safe.replace('"', '""') + '"'


def as_table(observations: Sequence[Observation], project: Project) -> str:
    """Return a table a KPI: a row a slice, the periods as columns where they fit, else below each other."""
    blocks = []
    for kpi, group in groupby(observations, key=lambda o: o.kpi):
        mine = list(group)
        definition = project.kpis[kpi]
        dimensions = tuple(name for name, _ in mine[0].slice)
        places = _places(mine)
        head = ("period", *dimensions, kpi)
        rows = [
            (
                o.period.name + ("" if o.complete else " *"),
                *("(none)" if value is None else value for _, value in o.slice),
                shown(o.value, definition.unit, places),
            )
            for o in mine
        ]
        blocks.append(_aligned(f"{definition.title} ({_unit(definition.unit)})", head, rows))
    star = "\n* not complete yet\n" if any(not o.complete for o in observations) else ""
    return "\n".join(blocks) + star


def _aligned(title: str, head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]

    def line(row: tuple[str, ...]) -> str:
        texts = [cell.ljust(width) for cell, width in zip(row[:-1], widths, strict=False)]
        return "  ".join([*texts, row[-1].rjust(widths[-1])]).rstrip()

    rule = "  ".join("-" * width for width in widths)
    return "\n".join([title, line(head), rule, *map(line, rows)]) + "\n"


def _unit(unit: Measure) -> str:
    return unit.currency or unit.name


def _places(observations: Sequence[Observation]) -> int:
    """Return how many decimals the values of a column need, at most four."""
    exponents = [int(o.value.normalize().as_tuple().exponent) for o in observations if o.value is not None]
    return min(4, max([0, *(-exponent for exponent in exponents)]))


def shown(value: Decimal | None, unit: Measure, places: int) -> str:
    """Return a value for reading: percent as percent, money with cents, others with the decimals they need."""
    if value is None:
        return NO_VALUE
    match unit.name:
        case "percent":
            return f"{_rounded(value * 100, 2):,f} %"
        case "currency":
            return f"{_rounded(value, 2):,f}"
        case _:
            return f"{_rounded(value, places):,f}"


def _rounded(value: Decimal, places: int) -> Decimal:
    rounded = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN)
    return rounded if rounded else abs(rounded)
