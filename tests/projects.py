"""Small projects written down in a test: YAML and rows in, findings, SQL or values out, all in this process."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Any
from unittest.mock import patch

import duckdb

from kpiascode import compile, plan, resolve
from kpiascode.compile.dialects import DIALECTS
from kpiascode.load import load_text
from kpiascode.model.calendar import Grain
from kpiascode.model.catalog import UNKNOWN, Catalog, Table
from kpiascode.model.diagnostic import Diagnostic
from kpiascode.model.document import Documents
from kpiascode.model.observation import Observation, Question
from kpiascode.model.plan import Plan
from kpiascode.model.project import Project
from kpiascode.resolve import Resolution
from kpiascode.run.answers import observations
from kpiascode.run.sql_types import type_of
from kpiascode.validate import validate

PEOPLE = """
kind: org_unit
name: acme
title: Acme
level: organisation
---
kind: owner
name: finance
title: Finance
org_unit: acme
contact: finance@example.com
"""


def kpi(name: str, expression: str, **keys: str) -> str:
    """Return a KPI as YAML; keys are YAML too, and what is not said has a harmless default."""
    given = {
        "title": name,
        "description": f"{name}.",
        "owner": "finance",
        "applies_to": "[acme]",
        "grain": "day",
        "unit": "ratio",
        "direction": "higher",
    } | keys
    lines = ["kind: kpi", f"name: {name}", f"expression: {expression}"]
    return "\n".join([*lines, *(f"{key}: {value}" for key, value in given.items())])


def documents(*texts: str, calendar: str = "{}") -> Documents:
    """Return what the texts declare, one `---` between them, after checking that it has the right shape."""
    text = "\n---\n".join([*(text.strip("\n") for text in texts), PEOPLE.strip("\n")])
    settings = "version: 1\nname: test\npaths: [kpis]\n"
    if calendar != "{}":
        settings += f"calendar: {calendar}\n"
    (project,), _ = load_text("kpiascode.yaml", settings)
    items, findings = load_text("kpis.yaml", text)
    checked = validate(Documents(project=project, items=items, diagnostics=findings))
    assert checked.diagnostics == (), in_words(checked.diagnostics)
    return checked


def resolution(*texts: str, catalog: Catalog = UNKNOWN, calendar: str = "{}") -> Resolution:
    return resolve.resolve(documents(*texts, calendar=calendar), catalog)


def findings(*texts: str, catalog: Catalog = UNKNOWN, calendar: str = "{}") -> tuple[Diagnostic, ...]:
    return resolution(*texts, catalog=catalog, calendar=calendar).diagnostics


def catalog_of(**tables: str) -> Catalog:
    """Return a catalogue: `catalog_of(orders="id BIGINT, day DATE")`."""
    columns = {name: [column.split(" ", 1) for column in text.split(", ")] for name, text in tables.items()}
    return Catalog(
        {
            name: Table(name=(name,), columns={column: type_of(kind) for column, kind in found})
            for name, found in columns.items()
        }
    )


@dataclass(slots=True)
class Warehouse:
    """Tables on a DuckDB connection: by name the columns (`id BIGINT, day DATE`) and the rows."""

    tables: Mapping[str, tuple[str, Sequence[tuple[Any, ...]]]]
    connection: duckdb.DuckDBPyConnection = field(init=False)

    def __post_init__(self) -> None:
        self.connection = duckdb.connect(":memory:", config={"threads": 1})
        self.connection.execute("SET TimeZone = 'UTC'")
        for name, (columns, rows) in self.tables.items():
            cells = (column.split(" ", 1) for column in columns.split(", "))
            typed = ", ".join(f'"{column}" {kind}' for column, kind in cells)
            self.connection.execute(f"CREATE TABLE {name} ({typed})")
            if rows:
                row = f"({', '.join('?' for _ in rows[0])})"
                values = [value for cells in rows for value in cells]
                self.connection.execute(f"INSERT INTO {name} VALUES {', '.join([row] * len(rows))}", values)

    @property
    def catalog(self) -> Catalog:
        found = {}
        for name in self.tables:
            described = self.connection.execute(f"DESCRIBE {name}").fetchall()
            found[name] = Table(name=(name,), columns={c: type_of(kind) for c, kind, *_ in described})
        return Catalog(found)

    def __enter__(self) -> "Warehouse":
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def observe(self, made: Plan, *, ranked: bool = False) -> tuple[Observation, ...]:
        """Return the answer; `ranked` takes percentiles by rank, as for engines that have no exact one."""
        dialect = replace(DIALECTS["duckdb"], exact_percentile=not ranked)
        with patch.dict(DIALECTS, duckdb=dialect):
            query = compile.compile_plan(made, "duckdb")
        return observations(query, self.connection.execute(query.text).fetchall())


def in_words(diagnostics: Iterable[Diagnostic]) -> str:
    return "\n".join(f"{d.place} {d.code} {d.message}" for d in diagnostics)


def sound(found: Resolution) -> Project:
    assert found.diagnostics == (), in_words(found.diagnostics)
    return found.project


def question(
    project: Project,
    kpis: Iterable[str],
    start: date,
    end: date,
    *,
    grain: str = "day",
    as_of: date | datetime | None = None,
    by: Iterable[str] = (),
    where: str | None = None,
) -> Question:
    names = tuple(kpis)
    moment = datetime.combine(end, time()) if as_of is None else as_of
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time())
    dimensions = {dimension.name for name in names for dimension in project.kpis[name].dimensions}
    return Question(
        kpis=names,
        grain=Grain(grain),
        periods=project.settings.calendar.periods(Grain(grain), start, end),
        as_of=moment,
        by=tuple(by),
        where=None if where is None else resolve.filter_over(where, dimensions),
    )


def planned(project: Project, asked: Question, catalog: Catalog = UNKNOWN) -> Plan:
    return plan.plan(project, asked, catalog)
