"""Stand-ins for drivers whose servers cannot be started here: they note what they are told, and answer as told.

What they look like is read from the drivers themselves; `check_drivers.py` compares the names with installed ones.
"""

import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import pytest

SECRET = "p;w}d/%é"
"""A password with signs that a URL and a connection string must encode."""

QUOTED = "p%3Bw%7Dd%2F%25%C3%A9"
WAITS_SECONDS = 20


@dataclass
class Server:
    """What a driver was told, and what it answers.

    Args:
        scans: Whether the driver looks for places of values in every statement, as Redshift's does.
        answers: By a part of a statement, its rows or what is raised; the last of several is told again and again.
    """

    scans: bool = False
    answers: dict[str, list[Any]] = field(default_factory=dict)
    connections: list[dict[str, Any]] = field(default_factory=list)
    said: list[tuple[str, Any]] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)

    def on(self, part: str, *outcomes: Any) -> None:
        self.answers.pop(part, None)
        self.answers = {part: list(outcomes), **self.answers}

    def answer(self, statement: str, values: Any = None) -> list[Any]:
        self.said.append((statement, values))
        known = next((part for part in self.answers if part in statement), None)
        if known is None:
            return []
        outcomes = self.answers[known]
        outcome = outcomes.pop(0) if len(outcomes) > 1 else outcomes[0]
        if outcome is NAP:
            assert self.stopped.wait(WAITS_SECONDS), "nobody stopped it"
            return []
        if isinstance(outcome, Exception):
            raise outcome
        found: list[Any] = outcome
        return found

    def connect(self, *arguments: Any, **options: Any) -> "Connection":
        self.connections.append({"": arguments, **options} if arguments else options)
        self.answer("(connect)")
        return Connection(self)

    @property
    def statements(self) -> list[str]:
        return [" ".join(statement.split()) for statement, _ in self.said if statement != "(connect)"]


NAP = object()
"""An outcome: nothing, until the query is stopped."""


class Connection:
    def __init__(self, server: Server) -> None:
        self.server = server

    def cursor(self) -> "Cursor":
        return Cursor(self.server)

    def is_closed(self) -> bool:
        return False

    def close(self) -> None:
        pass


class Cursor:
    """What the cursors of all of them have, DB-API 2.0 and beyond."""

    paramstyle = "format"
    sfqid = "01b2-c3"

    def __init__(self, server: Server) -> None:
        self.server = server
        self.rows: list[Any] = []
        self.hstmt = self

    def execute(self, statement: str, values: Any = None) -> None:
        if self.server.scans and self.paramstyle == "format":
            assert "%" not in statement, "it would be taken for the place of a value"
        self.rows = self.server.answer(statement, values)

    def executemany(self, statement: str, rows: Any) -> None:
        for values in rows:
            self.server.answer(statement, values)

    def execute_async(self, statement: str) -> None:
        self.asked = statement

    def get_results_from_sfqid(self, query: str) -> None:
        assert query == self.sfqid
        self.execute(self.asked)

    def columns(self, **names: str) -> None:
        self.rows = self.server.answer("(columns)", names)

    def fetchall(self) -> list[Any]:
        return self.rows

    def abort_query(self, query: str) -> None:
        assert query == self.sfqid
        self.server.stopped.set()

    def cancel(self) -> None:
        self.server.stopped.set()

    _cancel = cancel

    def close(self) -> None:
        pass


def installed(monkeypatch: pytest.MonkeyPatch, modules: Mapping[str, Mapping[str, Any]]) -> None:
    """Let modules be importable by their dotted names, with what is in them."""
    for name, content in modules.items():
        module = ModuleType(name)
        vars(module).update(content)
        monkeypatch.setitem(sys.modules, name, module)
    for name in modules:
        outer, _, inner = name.rpartition(".")
        if outer in modules:
            monkeypatch.setattr(sys.modules[outer], inner, sys.modules[name], raising=False)


def error(name: str, told: object, **fields: Any) -> Exception:
    """Return an exception of a class of that name, as a driver has it."""
    made: Callable[..., Exception] = type(name, (Exception,), {})
    found = made(told)
    vars(found).update(fields)
    return found
