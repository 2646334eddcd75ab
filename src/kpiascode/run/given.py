"""The types of given rows, and the cells as the engine takes them.

A cell is what YAML says it is: a number, true or false, or a text. Whether a text is a date is told by the
rule for CSV files. A column has one type in all examples.
"""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from math import isfinite
from typing import Any, Final

from kpiascode.model.document import Plain
from kpiascode.model.exact import EXACT
from kpiascode.model.expression import Type
from kpiascode.run.sql_types import CLOCK, DATE, MAX_WIDTH, ZONE

NULL: Final = '"NULL"'
"""DuckDB's type of a column without any value: it fits wherever it is used."""

FITTING: Final = {
    Type.INTEGER: "BIGINT",
    Type.DOUBLE: "DOUBLE",
    Type.TEXT: "VARCHAR",
    Type.DATE: "DATE",
    Type.TIMESTAMP: "TIMESTAMP",
    Type.INSTANT: "TIMESTAMPTZ",
    Type.BOOLEAN: "BOOLEAN",
}
_SAFE_DIGITS: Final = 18
_MOMENT: Final = re.compile(f"{DATE}|{CLOCK}({ZONE})?")


class Misfit(Exception):
    """A cell that does not have the type of its column."""


class Kind(Enum):
    """What a cell looks like by itself."""

    NUMBER = "a number"
    TIME = "a date or timestamp"
    TRUTH = "true or false"
    TEXT = "a text"


def kind_of(cell: Plain) -> Kind:
    match cell:
        case bool():
            return Kind.TRUTH
        case int() | Decimal():
            return Kind.NUMBER
        case str() if _moment(cell) is not None:
            return Kind.TIME
        case _:
            return Kind.TEXT


def type_of_cells(known: Type, cells: Sequence[Plain], *, is_time: bool, is_number: bool) -> str:
    """Return the type of a column in DuckDB's words: the known one, or by its use, or by its cells.

    An integer column takes decimals: that a file has none so far promises nothing.

    Args:
        known: What a field or a file tells of it; unknown where nothing does.
        cells: Without nulls, of all examples.
        is_time: Whether it is used as a time, so that a cell that is none is the wrong one.
        is_number: The same for numbers.
    """
    kinds: dict[Kind, list[Plain]] = {kind: [] for kind in Kind}
    for cell in cells:
        kinds[kind_of(cell)].append(cell)
    if known is Type.DECIMAL or (known is Type.INTEGER and kinds[Kind.NUMBER]):
        return _number_type(kinds[Kind.NUMBER], decimal=known is Type.DECIMAL)
    if known is not Type.UNKNOWN:
        return FITTING[known]
    if is_time:
        return _time_type(kinds[Kind.TIME])
    if not cells:
        return NULL
    if len(cells) == len(kinds[Kind.NUMBER]) or (is_number and kinds[Kind.NUMBER]):
        return _number_type(kinds[Kind.NUMBER])
    if len(cells) == len(kinds[Kind.TIME]):
        return _time_type(cells)
    return "BOOLEAN" if len(cells) < 2 * len(kinds[Kind.TRUTH]) else "VARCHAR"


def _time_type(cells: Sequence[Plain]) -> str:
    texts = [cell for cell in cells if isinstance(cell, str)]
    if not texts:
        return "TIMESTAMP"
    if all(re.fullmatch(DATE, text) for text in texts):
        return "DATE"
    return "TIMESTAMPTZ" if all(re.fullmatch(f"{CLOCK}{ZONE}", text) for text in texts) else "TIMESTAMP"


def _number_type(cells: Sequence[Plain], *, decimal: bool = False) -> str:
    numbers = [Decimal(cell) for cell in cells if isinstance(cell, int | Decimal)]
    scale = max((_decimals(number) for number in numbers), default=0)
    whole = max((number.adjusted() + 1 for number in numbers if number), default=0)
    if not decimal and scale == 0 and whole <= _SAFE_DIGITS:
        return "BIGINT"
    width = max(whole, 0) + scale
    if width > MAX_WIDTH:
        return "DOUBLE"
    return f"DECIMAL({_SAFE_DIGITS if width <= _SAFE_DIGITS else MAX_WIDTH},{scale})"


def _decimals(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)
    return max(-exponent, 0)


def fitted(cell: Plain, kind: str) -> Any:
    """Return a cell as a parameter for a column of that type.

    Raises:
        Misfit: when it does not have the type, or would have to be rounded.
    """
    if cell is None:
        return None
    if kind.startswith("DECIMAL"):
        return _fitted_decimal(cell, kind)
    match kind, cell:
        case "VARCHAR", bool():
            return str(cell).lower()
        case "VARCHAR", str() | int():
            return str(cell)
        case "VARCHAR", Decimal():
            return format(cell, "f")
        case "BOOLEAN", bool():
            return cell
        case "BIGINT", int() if not isinstance(cell, bool) and -(2**63) <= cell < 2**63:
            return cell
        case "BIGINT", Decimal() if cell == cell.to_integral_value() and abs(cell) < 2**63:
            return int(cell)
        case "DOUBLE", int() | Decimal() if not isinstance(cell, bool) and isfinite(float(cell)):
            return float(cell)
        case "DATE" | "TIMESTAMP" | "TIMESTAMPTZ", str():
            return _fitted_time(cell, kind)
    raise Misfit


def _fitted_decimal(cell: Plain, kind: str) -> Decimal:
    width, scale = (int(digits) for digits in re.findall("[0-9]+", kind))
    if isinstance(cell, bool) or not isinstance(cell, int | Decimal):
        raise Misfit
    number = Decimal(cell)
    if number and number.adjusted() + 1 > width - scale:
        raise Misfit
    if number != number.quantize(Decimal(1).scaleb(-scale), context=EXACT):
        raise Misfit
    return number


def _fitted_time(cell: str, kind: str) -> date | datetime:
    moment = _moment(cell)
    zoned = moment is not None and moment.tzinfo is not None
    if moment is None or (kind == "DATE" and not re.fullmatch(DATE, cell)) or (kind == "TIMESTAMP" and zoned):
        raise Misfit
    if kind == "DATE":
        return moment.date()
    return moment if kind == "TIMESTAMP" or zoned else moment.replace(tzinfo=UTC)


def _moment(text: str) -> datetime | None:
    if not _MOMENT.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def in_words(kind: str) -> str:
    """Return what a column of a type holds."""
    name = kind.partition("(")[0]
    return {
        "BIGINT": "whole numbers",
        "DECIMAL": "numbers" if kind.startswith("DECIMAL(38") else "numbers of at most 18 digits",
        "DOUBLE": "numbers",
        "VARCHAR": "texts",
        "DATE": "dates",
        "TIMESTAMP": "dates or timestamps without zone",
        "TIMESTAMPTZ": "timestamps with zone",
        "BOOLEAN": "true or false",
    }.get(name, "no values")
