"""CSV files become typed tables. The type of a column comes from all of its rows by one fixed rule.

Integer, decimal, date, timestamp, boolean, else text. Leading zeros make text, a number with a point is
decimal and never float, and nothing is guessed from the first rows.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from kpiascode.model.project import Dataset
from kpiascode.run.csv_header import BrokenFile, broken_file, header
from kpiascode.run.sql_types import CLOCK, DATE, MAX_WIDTH, ZONE, declared_type, quoted_name, quoted_text

_INTEGER: Final = r"[+-]?(0|[1-9][0-9]{0,37})"
_DECIMAL: Final = r"[+-]?(0|[1-9][0-9]*)?(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?"


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    sql: str


def load_csv(connection: duckdb.DuckDBPyConnection, dataset: Dataset, file: Path) -> None:
    """Read a CSV file into a typed table that is called like the dataset.

    Raises:
        BrokenFile: for what `header` refuses; for a line of the wrong length, an unclosed quote, bytes that
            are not UTF-8, a declared column whose values do not have its type.
    """
    names = header(dataset, file)
    raw = f"{dataset.name}__raw"
    columns = ", ".join(f"{quoted_text(name)}: 'VARCHAR'" for name in names)
    connection.execute(
        f"CREATE TEMP TABLE {quoted_name(raw)} AS SELECT * FROM read_csv({quoted_text(str(file))}, "
        f"auto_detect=false, header={str(dataset.format.header).lower()}, "
        f"delim={quoted_text(dataset.format.delimiter)}, quote='\"', escape='\"', "
        f"nullstr={quoted_text(dataset.format.null_text)}, allow_quoted_nulls=false, null_padding=false, "
        f"strict_mode=true, hive_partitioning=false, columns={{{columns}}})"
        if names
        else f"CREATE TEMP TABLE {quoted_name(raw)} AS SELECT 1 WHERE false"
    )
    samples = _samples(connection, raw, names)
    typed = [_typed(connection, dataset, raw, name, samples[name]) for name in names]
    selected = ", ".join(f"{column.sql} AS {quoted_name(column.name)}" for column in typed) or "*"
    connection.execute(
        f"CREATE TABLE {quoted_name(dataset.name)} AS SELECT {selected} FROM {quoted_name(raw)}"
    )
    connection.execute(f"DROP TABLE {quoted_name(raw)}")


def malformed(dataset: Dataset, error: duckdb.Error) -> BrokenFile | None:
    """Return the finding for an error of DuckDB's CSV reader, without the content of any cell."""
    text = str(error)
    line = re.search(r"CSV Error on Line: ([0-9]+)", text)
    at = int(line[1]) if line else 1
    lengths = re.search(r"Expected Number of Columns: ([0-9]+) Found: ([0-9]+)", text)
    if lengths:
        return broken_file(
            dataset,
            "malformed-csv",
            f"has {lengths[2]} values in line {at}, and its first line names {lengths[1]} columns.",
            at,
            "Quote values that hold the delimiter, and write each row on one line.",
        )
    if "unterminated quote" in text:
        return broken_file(
            dataset,
            "malformed-csv",
            f"has a quoted value in line {at} that does not end with its quote.",
            at,
            'Close the quote; a quote within a quoted value is written twice, as in "say ""hi""".',
        )
    if "invalid state" in text:
        return broken_file(
            dataset,
            "malformed-csv",
            "ends some lines with a carriage return and others without.",
            at,
            "Give all lines the same ending.",
        )
    if "unicode" in text.lower() or "utf-8" in text.lower():
        return broken_file(dataset, "not-utf8", f"is not UTF-8 text in line {at}.", at, "Save it as UTF-8.")
    if line or "CSV" in text:
        return broken_file(dataset, "malformed-csv", f"cannot be read as CSV in line {at}.", at, None)
    return None


def _samples(
    connection: duckdb.DuckDBPyConnection, raw: str, names: tuple[str, ...]
) -> dict[str, str | None]:
    """Return some value of each column, None where it has none."""
    if not names:
        return {}
    wanted = ", ".join(f"any_value({quoted_name(name)})" for name in names)
    row = connection.execute(f"SELECT {wanted} FROM {quoted_name(raw)}").fetchone()
    assert row is not None
    return dict(zip(names, row, strict=True))


def _typed(
    connection: duckdb.DuckDBPyConnection, dataset: Dataset, raw: str, name: str, sample: str | None
) -> _Column:
    declared = dataset.columns.get(name)
    if declared is None:
        kind = _inferred(connection, dataset, raw, name, sample)
    else:
        kind = declared_type(dataset, name, declared)
    column = quoted_name(name)
    if declared is not None:
        _check_declared(connection, dataset, raw, name, kind, declared)
    if kind == "VARCHAR":
        return _Column(name, column)
    return _Column(name, f"CAST({column} AS {kind})")


def _check_declared(
    connection: duckdb.DuckDBPyConnection, dataset: Dataset, raw: str, name: str, kind: str, declared: str
) -> None:
    """Refuse a declared type that some value does not have, or would be rounded to fit."""
    column = quoted_name(name)
    wrong = f"TRY_CAST({column} AS {kind}) IS NULL"
    if kind.startswith("DECIMAL"):
        wrong += f" OR CAST({column} AS DOUBLE) <> CAST(TRY_CAST({column} AS {kind}) AS DOUBLE)"
    if kind == "BIGINT":
        wrong += f" OR NOT regexp_full_match({column}, '{_INTEGER}')"
    first = connection.execute(
        f"SELECT min(line) FROM (SELECT row_number() OVER () AS line, {column} FROM {quoted_name(raw)}) "
        f"WHERE {column} IS NOT NULL AND ({wrong})"
    ).fetchone()
    if first is not None and first[0] is not None:
        at = int(first[0]) + int(dataset.format.header)
        raise broken_file(
            dataset,
            "wrong-column-type",
            f"holds a value in column `{name}`, line {at}, that is no {declared}.",
            at,
            "Correct the value, or declare another type under `columns`.",
        )


def _inferred(
    connection: duckdb.DuckDBPyConnection, dataset: Dataset, raw: str, name: str, sample: str | None
) -> str:
    """Return the type that all values of a column have. Only types that the sample has are looked for."""
    if sample is None:
        return '"NULL"'
    if re.fullmatch(_DECIMAL, sample) and re.match(r"[+-]?[0-9.]", sample):
        return _number_type(connection, dataset, raw, name)
    column = quoted_name(name)
    kinds = [
        ("DATE", f"regexp_full_match({column}, '{DATE}')", DATE),
        ("TIMESTAMP", f"regexp_full_match({column}, '({DATE})|({CLOCK})')", f"({DATE})|({CLOCK})"),
        ("TIMESTAMPTZ", f"regexp_full_match({column}, '{CLOCK}{ZONE}')", f"{CLOCK}{ZONE}"),
        ("BOOLEAN", f"lower({column}) IN ('true', 'false')", "(?i:true|false)"),
    ]
    for kind, condition, pattern in kinds:
        if re.fullmatch(pattern, sample) and _holds(
            connection, raw, name, f"{condition} AND TRY_CAST({column} AS {kind}) IS NOT NULL"
        ):
            return kind
    return "VARCHAR"


def _holds(connection: duckdb.DuckDBPyConnection, raw: str, name: str, condition: str) -> bool:
    row = connection.execute(
        f"SELECT count(*) FROM {quoted_name(raw)} WHERE {quoted_name(name)} IS NOT NULL AND NOT ({condition})"
    ).fetchone()
    return row == (0,)


def _number_type(connection: duckdb.DuckDBPyConnection, dataset: Dataset, raw: str, name: str) -> str:
    column = quoted_name(name)
    if _holds(connection, raw, name, f"regexp_full_match({column}, '{_INTEGER}')"):
        row = connection.execute(
            f"SELECT max(length(ltrim({column}, '+-'))) FROM {quoted_name(raw)}"
        ).fetchone()
        assert row is not None
        return "BIGINT" if row[0] <= 18 else f"DECIMAL({MAX_WIDTH},0)"
    if not _holds(
        connection,
        raw,
        name,
        f"regexp_full_match({column}, '{_DECIMAL}') AND regexp_matches({column}, '^[+-]?[0-9.]')",
    ):
        return "VARCHAR"
    point = f"length(regexp_extract({column}, '\\.([0-9]+)', 1))"
    power = f"CAST(coalesce(nullif(regexp_extract({column}, '[eE]([+-]?[0-9]+)$', 1), ''), '0') AS INTEGER)"
    whole = f"length(ltrim(regexp_extract({column}, '^[+-]?([0-9]*)', 1), '0'))"
    row = connection.execute(
        f"SELECT max({whole} + {power}), max({point} - {power}) FROM {quoted_name(raw)}"
    ).fetchone()
    assert row is not None
    scale = max(int(row[1]), 0)
    width = max(int(row[0]), 0) + scale
    if width > MAX_WIDTH:
        raise broken_file(
            dataset,
            "number-too-wide",
            f"holds a number in column `{name}` with more than {MAX_WIDTH} digits.",
            1,
            "Declare the column as double or text under `columns`.",
        )
    return f"DECIMAL({18 if width <= 18 else MAX_WIDTH},{scale})"
