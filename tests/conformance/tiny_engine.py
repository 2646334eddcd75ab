"""The smallest engine: a file of DuckDB, as somebody else's package would bring it."""

from pathlib import Path

import duckdb

from kpiascode.model.catalog import Catalog, Table
from kpiascode.model.expression import Type
from kpiascode.run.engine import EngineError

TYPES = {
    "BIGINT": Type.INTEGER,
    "DOUBLE": Type.DOUBLE,
    "VARCHAR": Type.TEXT,
    "DATE": Type.DATE,
    "TIMESTAMP": Type.TIMESTAMP,
    "TIMESTAMP WITH TIME ZONE": Type.INSTANT,
    "BOOLEAN": Type.BOOLEAN,
}


class Tiny:
    """What `tiny:///path` opens."""

    dialect = "duckdb"

    def __init__(self, url, *, timeout_seconds=None, writes=False):
        self.connection = duckdb.connect(Path("/" + url.path), read_only=not writes)
        self.connection.execute("SET TimeZone = 'UTC'")

    def catalog(self, datasets):
        tables = {}
        for dataset in datasets:
            name = dataset.name if dataset.is_file else dataset.source
            columns = {column: type_of(kind) for column, kind in self._rows(f'DESCRIBE "{name}"')}
            tables[dataset.name] = Table(name=(name,), columns=columns)
        return Catalog(tables)

    def select(self, sql):
        return self._rows(sql)

    def estimate(self, sql):
        return None

    def load(self, name, columns, rows, *, replace):
        typed = ", ".join(f'"{column}" {kind}' for column, kind in columns)
        self._run(f'CREATE {"OR REPLACE " if replace else ""}TABLE "{name}" ({typed})')
        if rows:
            self.connection.executemany(
                f"INSERT INTO {name} VALUES ({', '.join('?' for _ in columns)})", rows
            )

    def drop(self, name):
        self._run(f'DROP TABLE IF EXISTS "{name}"')

    def close(self):
        self.connection.close()

    def _rows(self, sql):
        rows = self._run(sql).fetchall()
        return [row[:2] for row in rows] if sql.startswith("DESCRIBE") else rows

    def _run(self, sql):
        try:
            return self.connection.execute(sql)
        except duckdb.Error as error:
            raise EngineError("tiny", "the query failed", str(error)) from error


def type_of(kind):
    return Type.DECIMAL if kind.startswith("DECIMAL") else TYPES.get(kind, Type.UNKNOWN)
