"""DataFusion in this process, over a folder of Parquet files."""

import os
import re
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from kpiascode.model.catalog import named_like
from kpiascode.model.expression import Type
from kpiascode.run.engine import EngineError
from kpiascode.run.engines.dbapi import Column, DbApiEngine, Row
from kpiascode.run.engines.url import folder_of
from kpiascode.run.sql_types import quoted_name

ENDING: Final = ".parquet"
_TYPES: Final = {
    **dict.fromkeys(("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"), Type.INTEGER),
    **dict.fromkeys(("halffloat", "float", "double"), Type.DOUBLE),
    **dict.fromkeys(("string", "large_string", "string_view"), Type.TEXT),
    "date32[day]": Type.DATE,
    "bool": Type.BOOLEAN,
}
_REASONS: Final = (
    ("table '", "a table is missing"),
    ("Overflow", "a number has more digits than it counts with"),
    ("is too large to store", "a number has more digits than it counts with"),
    ("Cannot cast", "a value does not have the type that it is cast to"),
    ("Resources exhausted", "there is not enough memory"),
)


class DataFusion(DbApiEngine):
    """DataFusion; `datafusion:///folder`, of which each file `name.parquet` is the table `name`."""

    name = "datafusion"
    dialect = "datafusion"
    extra = "datafusion"
    depth = 1

    def _connect(self) -> Any:
        import datafusion

        config = datafusion.SessionConfig().set("datafusion.execution.time_zone", "+00:00")
        context = datafusion.SessionContext(config)
        self._folder = folder_of(self.url, new=self._writes)
        self._files = {file.stem: file for file in sorted(self._folder.glob(f"*{ENDING}"))}
        for name, file in self._files.items():
            context.register_parquet(quoted_name(name), str(file))
        allowed = datafusion.SQLOptions()
        self._only_reads = allowed.with_allow_ddl(False).with_allow_dml(False).with_allow_statements(False)
        return context

    def _prepare(self) -> None:
        """Nothing: the session is in UTC, and only SELECTs are run."""

    def _columns(self, parts: Sequence[str]) -> tuple[tuple[str, ...], Sequence[Column]] | None:
        name = named_like(parts[-1], self._files)
        if name is None:
            return None
        schema = self._connection.table(quoted_name(name)).schema()
        return (name,), [(field.name, str(field.type)) for field in schema]

    def _type(self, kind: str) -> Type:
        if kind.startswith("decimal"):
            return Type.DECIMAL
        if kind.startswith("timestamp"):
            return Type.INSTANT if "tz=" in kind else Type.TIMESTAMP
        return _TYPES.get(kind, Type.UNKNOWN)

    def _declared(self, kind: str) -> str:
        return str(_arrow(kind))

    def _fetch(self, sql: str) -> Sequence[Row]:
        batches = self._connection.sql_with_options(sql, self._only_reads).collect()
        return [row for batch in batches for row in zip(*(c.to_pylist() for c in batch.columns), strict=True)]

    def load(self, name: str, columns: Sequence[Column], rows: Sequence[Row], *, replace: bool) -> None:
        from pyarrow import Table, array, parquet

        file = self._file(name)
        if file.exists() and not replace:
            raise EngineError(self.name, f"there is a table `{name}` already; --replace drops it", "")
        loading = file.with_suffix(f".loading_{secrets.token_hex(4)}")  # of this run alone
        try:
            cells = zip(*rows, strict=True) if rows else ([] for _ in columns)
            made = Table.from_arrays(
                [array(cell, _arrow(kind)) for cell, (_, kind) in zip(cells, columns, strict=True)],
                names=[column for column, _ in columns],
            )
            parquet.write_table(made, loading)
            if replace:
                os.replace(loading, file)
            else:
                os.link(loading, file)
        except FileExistsError:  # since it was looked for
            raise EngineError(
                self.name, f"there is a table `{name}` already; --replace drops it", ""
            ) from None
        except Exception as error:
            raise self._failed(f"cannot load `{name}`", error) from None
        finally:
            loading.unlink(missing_ok=True)

    def drop(self, name: str) -> None:
        self._file(name).unlink(missing_ok=True)

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}{ENDING}"

    def _reason(self, error: Exception) -> str | None:
        return next((why for words, why in _REASONS if words in str(error)), None)

    def close(self) -> None:
        """Nothing is open but files, and each only while it is read."""


def _arrow(kind: str) -> Any:
    """Return Arrow's type for one of DuckDB's."""
    import pyarrow

    if kind.startswith("DECIMAL"):
        return pyarrow.decimal128(*map(int, re.findall(r"\d+", kind)))
    return {
        "BIGINT": pyarrow.int64(),
        "INTEGER": pyarrow.int32(),
        "HUGEINT": pyarrow.decimal128(38, 0),
        "DOUBLE": pyarrow.float64(),
        "DATE": pyarrow.date32(),
        "BOOLEAN": pyarrow.bool_(),
        "TIMESTAMP": pyarrow.timestamp("us"),
        "TIMESTAMP WITH TIME ZONE": pyarrow.timestamp("us", tz="UTC"),
    }.get(kind, pyarrow.string())
