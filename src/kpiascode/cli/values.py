"""Observations as a table for people, and as CSV and JSON by the contract."""

import json
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Final

from kpiascode.cli.text import aligned, safe, width
from kpiascode.model.exact import EXACT
from kpiascode.model.observation import Observation
from kpiascode.model.project import Measure, Project

COLUMNS: Final = ("kpi", "grain", "period", "from", "to", "value", "complete")
"""Of CSV and Parquet, beside one column a dimension."""

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
    lines = [",".join(("kpi", "grain", "period", "from", "to", *map(cell, dimensions), "value", "complete"))]
    for o in observations:
        of = dict(o.slice)
        cells = (
            o.kpi,
            o.period.grain.value,
            o.period.name,
            o.period.start.isoformat(),
            o.period.end.isoformat(),
            *(cell(of.get(name)) for name in dimensions),
            "" if o.value is None else digits(o.value),
            str(o.complete).lower(),
        )
        lines.append(",".join(cells))
    return "\n".join(lines) + "\n"


def cell(value: str | None) -> str:
    """Return a text as a field of CSV: in quotes, null empty, what a spreadsheet would compute disarmed."""
    if value is None:
        return ""
    disarmed = f"'{value}" if value.startswith(_FORMULA_STARTS) else value
    return '"' + disarmed.replace('"', '""') + '"'


def as_table(observations: Sequence[Observation], project: Project) -> str:
    """Return a table a KPI: a row a period and slice, as people read it."""
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
                *("(none)" if value is None else safe(value) for _, value in o.slice),
                shown(o.value, definition.unit, places),
            )
            for o in mine
        ]
        title = f"{definition.title} ({definition.unit.currency or definition.unit.name})"
        first, *others = aligned([head, *rows], last_right=True)
        blocks.append("\n".join([safe(title), first, _rule([head, *rows]), *others]) + "\n")
    star = "\n* not complete yet\n" if any(not o.complete for o in observations) else ""
    return "\n".join(blocks) + star


def _rule(rows: Sequence[Sequence[str]]) -> str:
    return "  ".join("-" * max(map(width, column)) for column in zip(*rows, strict=True))


def _places(observations: Sequence[Observation]) -> int:
    """Return how many decimals the values of a column need, at most four."""
    normal = [o.value.normalize(EXACT) for o in observations if o.value is not None]
    exponents = [int(value.as_tuple().exponent) for value in normal]
    return min(4, max([0, *(-exponent for exponent in exponents)]))


def shown(value: Decimal | None, unit: Measure, places: int) -> str:
    """Return a value for reading: percent as percent, money with cents, others as exact as needed."""
    if value is None:
        return NO_VALUE
    match unit.name:
        case "percent":
            return f"{_rounded(EXACT.multiply(value, Decimal(100)), 2):,f} %"
        case "currency":
            return f"{_rounded(value, 2):,f}"
        case _:
            return f"{_rounded(value, places):,f}"


def _rounded(value: Decimal, places: int) -> Decimal:
    rounded = value.quantize(Decimal(1).scaleb(-places), context=EXACT)
    return rounded if rounded else abs(rounded)
