"""The adapters of two warehouses, but an emulator of each answers; no connection leaves the machine.

Types are declared and told as by the adapters themselves. `fakesnow:///folder` and `zetasql:///folder` name the
environment that the emulator is installed in.
"""

import atexit
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from emulators.wire import Child

from kpiascode.run.engine import EngineError
from kpiascode.run.engines.bigquery import BigQuery
from kpiascode.run.engines.dbapi import Column, DbApiEngine, Row
from kpiascode.run.engines.snowflake import Snowflake


def python_of(environment: Path) -> str:
    """Return the Python of a virtual environment."""
    return str(environment / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python"))


@cache
def running(environment: Path, emulator: str) -> Child:
    """Return the emulator, which is started once: that takes long, and its tables are in its memory."""
    child = Child(python_of(environment), f"emulators.{emulator}_child")
    atexit.register(child.stop)
    return child


class Emulated(DbApiEngine):
    """What answers instead of a warehouse."""

    def _connect(self) -> Child:
        return running(Path("/" + self.url.path), self.name)

    def _prepare(self) -> None:
        """Nothing: the emulator is in UTC from its start."""

    def _columns(self, parts: Sequence[str]) -> tuple[tuple[str, ...], Sequence[Column]] | None:
        found = self._connection.asked("columns", name=parts[-1])
        return None if found is None else ((parts[-1],), [(column, kind) for column, kind in found])

    def _fetch(self, sql: str) -> Sequence[Row]:
        return [tuple(row) for row in self._connection.asked("select", sql=sql)]

    def estimate(self, sql: str) -> int | None:
        """Return None: an emulator bills nothing."""
        return None

    def load(self, name: str, columns: Sequence[Column], rows: Sequence[Row], *, replace: bool) -> None:
        try:
            if not replace and self._columns((name,)) is not None:
                raise EngineError(self.name, f"there is a table `{name}` already; --replace drops it", "")
            declared = [(column, self._declared(kind)) for column, kind in columns]
            self._connection.asked("load", name=name, columns=declared, rows=rows)
        except EngineError:
            raise
        except Exception as error:
            raise self._failed(f"cannot load `{name}`", error) from None

    def drop(self, name: str) -> None:
        try:
            self._connection.asked("drop", name=name)
        except Exception as error:
            raise self._failed(f"cannot drop `{name}`", error) from None

    def _is_lost(self, error: Exception) -> bool:
        return False

    def close(self) -> None:
        """Leave the emulator for the next question."""


class FakeSnow(Emulated, Snowflake):
    name = "fakesnow"


class ZetaSQL(Emulated, BigQuery):
    name = "zetasql"
