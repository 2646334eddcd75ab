"""Types of columns in the words of DuckDB and in ours, and how names and texts are quoted there."""

import re
from typing import Final

from kpiascode.model.diagnostic import Diagnostic, one_of
from kpiascode.model.expression import Type
from kpiascode.model.project import Dataset
from kpiascode.run.csv_header import BrokenFile

MAX_WIDTH: Final = 38
_DECLARED: Final = re.compile(r"decimal\(([0-9]{1,2}),\s*([0-9]{1,2})\)|[a-z]+")
_SIMPLE: Final = {
    "integer": "BIGINT",
    "decimal": "DECIMAL(38,9)",
    "double": "DOUBLE",
    "text": "VARCHAR",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
    "instant": "TIMESTAMPTZ",
    "boolean": "BOOLEAN",
}
_NEITHER: Final = {
    "ARRAY", "BIT", "BLOB", "INTERVAL", "LIST", "MAP", "STRUCT", "TIME", "TIME WITH TIME ZONE", "UNION",
}  # fmt: skip
DATE: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
CLOCK: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"
ZONE: Final = r"(Z|[+-][0-9]{2}(:?[0-9]{2})?)"


def declared_type(dataset: Dataset, name: str, declared: str) -> str:
    """Return DuckDB's type for one that is declared under `columns`.

    Raises:
        BrokenFile: for what is no type of the language.
    """
    match = _DECLARED.fullmatch(declared.strip().lower())
    if match is not None and match[1] is not None and int(match[2]) <= int(match[1]) <= MAX_WIDTH:
        return f"DECIMAL({match[1]},{match[2]})"
    if match is not None and match[0] in _SIMPLE:
        return _SIMPLE[match[0]]
    raise BrokenFile(
        Diagnostic(
            code="unknown-type",
            message=f"`{declared[:40]}` of column `{name}` is no type of the language.",
            place=dataset.place,
            hint=f"There are {one_of(_SIMPLE)} and decimal(18,2).",
        )
    )


def type_of(sql: str) -> Type:
    """Return our type for one of DuckDB's."""
    name = sql.upper()
    if name.startswith("DECIMAL"):
        return Type.DECIMAL
    return {
        "TINYINT": Type.INTEGER,
        "SMALLINT": Type.INTEGER,
        "INTEGER": Type.INTEGER,
        "BIGINT": Type.INTEGER,
        "HUGEINT": Type.INTEGER,
        "UTINYINT": Type.INTEGER,
        "USMALLINT": Type.INTEGER,
        "UINTEGER": Type.INTEGER,
        "UBIGINT": Type.INTEGER,
        "FLOAT": Type.DOUBLE,
        "DOUBLE": Type.DOUBLE,
        "VARCHAR": Type.TEXT,
        "DATE": Type.DATE,
        "TIMESTAMP": Type.TIMESTAMP,
        "TIMESTAMP_S": Type.TIMESTAMP,
        "TIMESTAMP_MS": Type.TIMESTAMP,
        "TIMESTAMP_NS": Type.TIMESTAMP,
        "TIMESTAMP WITH TIME ZONE": Type.INSTANT,
        "BOOLEAN": Type.BOOLEAN,
    }.get(name, Type.UNKNOWN)


def is_unusable(sql: str) -> bool:
    """Return whether one of DuckDB's types is neither a time nor a number nor a text.

    >>> [is_unusable(kind) for kind in ("INTEGER[]", "STRUCT(a DATE)", "UUID", "DECIMAL(9,2)")]
    [True, True, False, False]
    """
    name = sql.upper()
    return name.endswith("]") or name.partition("(")[0] in _NEITHER


def quoted_name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def quoted_text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
