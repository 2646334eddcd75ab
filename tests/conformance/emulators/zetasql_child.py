"""BigQuery's language as its reference implementation has it: GoogleSQL, formerly ZetaSQL."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from emulators.wire import serve
from google.protobuf.timestamp_pb2 import Timestamp
from zetasql.api import CatalogBuilder, PreparedQuery, TableBuilder
from zetasql.types import (
    AnalyzerOptions,
    ErrorMessageMode,
    LanguageFeature,
    LanguageOptions,
    ProductMode,
    TableContent,
    TableData,
    TypeKind,
    Value,
    ZetaSQLBuiltinFunctionOptions,
)

KINDS = {
    "INT64": TypeKind.TYPE_INT64,
    "NUMERIC": TypeKind.TYPE_NUMERIC,
    "BIGNUMERIC": TypeKind.TYPE_BIGNUMERIC,
    "FLOAT64": TypeKind.TYPE_DOUBLE,
    "STRING": TypeKind.TYPE_STRING,
    "BOOL": TypeKind.TYPE_BOOL,
    "DATE": TypeKind.TYPE_DATE,
    "DATETIME": TypeKind.TYPE_DATETIME,
    "TIMESTAMP": TypeKind.TYPE_TIMESTAMP,
}
FINER = (LanguageFeature.FEATURE_TIMESTAMP_NANOS, LanguageFeature.FEATURE_TIMESTAMP_PICOS)
"""What BigQuery has not: its clocks end with microseconds."""
DIGITS = {TypeKind.TYPE_NUMERIC: 9, TypeKind.TYPE_BIGNUMERIC: 38}
EPOCH = date(1970, 1, 1)
FIELDS = ((26, 0), (22, 0xF), (17, 0x1F), (12, 0x1F), (6, 0x3F), (0, 0x3F))
"""Where year, month, day, hour, minute and second of a DATETIME stand in its number."""


class ZetaSQL:
    """A catalog in memory."""

    def __init__(self) -> None:
        language = LanguageOptions.maximum_features()
        language.product_mode = ProductMode.PRODUCT_EXTERNAL
        language.enabled_language_features = [
            feature for feature in language.enabled_language_features if feature not in FINER
        ]
        self._functions = ZetaSQLBuiltinFunctionOptions(language_options=language)
        self._options = AnalyzerOptions(
            language_options=language,
            default_timezone="UTC",
            error_message_mode=ErrorMessageMode.ERROR_MESSAGE_ONE_LINE,
        )
        self._columns: dict[str, Sequence[tuple[str, str]]] = {}
        self._contents: dict[str, TableContent] = {}

    def load(self, name: str, columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[Any]]) -> None:
        kinds = [KINDS[kind] for _, kind in columns]
        lines = [TableData.Row(cell=list(map(encoded, row, kinds))) for row in rows]
        self._contents[name] = TableContent(table_data=TableData(row=lines))
        self._columns[name] = columns

    def columns(self, name: str) -> Sequence[tuple[str, str]] | None:
        return self._columns.get(name)

    def select(self, sql: str) -> list[list[Any]]:
        prepared = (
            PreparedQuery.builder()
            .set_sql(sql)
            .set_analyzer_options(self._options)
            .set_catalog(self._catalog())
            .set_table_content(self._contents)
            .prepare()
        )
        with prepared as query:
            kinds = [TypeKind(column.type.type_kind) for column in query.columns]
            found = query.execute().content.table_data.row
        return [[decoded(cell, kind) for cell, kind in zip(row.cell, kinds, strict=True)] for row in found]

    def drop(self, name: str) -> None:
        self._columns.pop(name, None)
        self._contents.pop(name, None)

    def _catalog(self) -> Any:
        catalog = CatalogBuilder("emulated").with_builtin_functions(self._functions)
        for name, columns in self._columns.items():
            table = TableBuilder(name)
            for column, kind in columns:
                table.add_column(column, KINDS[kind])
            catalog.add_table(table.build())
        return catalog.build()


def encoded(cell: Any, kind: TypeKind) -> Value:
    """Return a cell as its protocol has it."""
    match kind:
        case _ if cell is None:
            return Value()
        case TypeKind.TYPE_INT64:
            return Value(int64_value=int(cell))
        case TypeKind.TYPE_NUMERIC:
            return Value(numeric_value=scaled(cell, DIGITS[kind]))
        case TypeKind.TYPE_BIGNUMERIC:
            return Value(bignumeric_value=scaled(cell, DIGITS[kind]))
        case TypeKind.TYPE_DOUBLE:
            return Value(double_value=float(cell))
        case TypeKind.TYPE_STRING:
            return Value(string_value=cell)
        case TypeKind.TYPE_BOOL:
            return Value(bool_value=cell)
        case TypeKind.TYPE_DATE:
            return Value(date_value=(cell - EPOCH).days)
        case TypeKind.TYPE_DATETIME:
            fields = cell.timetuple()[: len(FIELDS)]
            packed = sum(field << shift for field, (shift, _) in zip(fields, FIELDS, strict=True))
            nanos = cell.microsecond * 1000
            return Value(datetime_value=Value.Datetime(bit_field_datetime_seconds=packed, nanos=nanos))
        case TypeKind.TYPE_TIMESTAMP:
            moment = Timestamp()
            moment.FromDatetime(cell)
            return Value(timestamp_value=moment)


def decoded(cell: Value, kind: TypeKind) -> Any:
    """Return a cell of its protocol as Python has it, and None for null."""
    match kind:
        case TypeKind.TYPE_INT64:
            return cell.int64_value
        case TypeKind.TYPE_NUMERIC:
            return unscaled(cell.numeric_value, DIGITS[kind])
        case TypeKind.TYPE_BIGNUMERIC:
            return unscaled(cell.bignumeric_value, DIGITS[kind])
        case TypeKind.TYPE_DOUBLE:
            return cell.double_value
        case TypeKind.TYPE_STRING:
            return cell.string_value
        case TypeKind.TYPE_BOOL:
            return cell.bool_value
        case TypeKind.TYPE_DATE:
            return None if cell.date_value is None else EPOCH + timedelta(cell.date_value)
        case TypeKind.TYPE_DATETIME:
            return None if cell.datetime_value is None else civil(cell.datetime_value)
        case _:  # its package gives a TIMESTAMP without its content, and no value of a KPI is one
            raise TypeError(f"a column of {kind.name}")


def scaled(number: Decimal | int, digits: int) -> bytes:
    """Return a decimal as a whole number of its last digit, in as few bytes as hold it."""
    sign, found, exponent = Decimal(number).as_tuple()
    whole = int("".join(map(str, found))) * 10 ** (digits + int(exponent))
    whole = -whole if sign else whole
    return whole.to_bytes((whole.bit_length() + 8) // 8, "little", signed=True)


def unscaled(number: bytes | None, digits: int) -> Decimal | None:
    if number is None:
        return None
    return Decimal(f"{int.from_bytes(number, 'little', signed=True)}E-{digits}")


def civil(packed: Any) -> datetime:
    number = packed.bit_field_datetime_seconds
    first, *others = ((number >> shift) & mask if mask else number >> shift for shift, mask in FIELDS)
    return datetime(first, *others, microsecond=packed.nanos // 1000)


if __name__ == "__main__":
    serve(ZetaSQL)
