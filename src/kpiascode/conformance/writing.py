"""A project of the oracle as files that the product reads: YAML and Parquet."""

import json
from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import UTC, date
from pathlib import Path
from typing import Any, Final

import duckdb

from kpiascode.conformance import reference as ref
from kpiascode.conformance.reference import Link, written
from kpiascode.conformance.worlds import PRIMARY_KEYS

PEOPLE: Final = """kind: org_unit
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
_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS: Final = {1: "january", 6: "june", 12: "december"}


def write_project(project: ref.Project, folder: Path) -> None:
    """Write a project with its data into an empty folder."""
    datasets = [dataset_as_yaml(found, f"data/{found.name}.parquet") for found in project.datasets.values()]
    texts = [PEOPLE, *datasets, *map(kpi_as_yaml, project.kpis.values())]
    settings = (
        f"version: 1\nname: world\npaths: [kpis.yaml]\ncalendar: {calendar_as_yaml(project.calendar)}\n"
    )
    (folder / "kpiascode.yaml").write_text(settings, encoding="utf-8")
    (folder / "kpis.yaml").write_text("\n---\n".join(texts), encoding="utf-8")
    (folder / "data").mkdir()
    with duckdb.connect(":memory:", config={"threads": 1}) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for found in project.datasets.values():
            _write_parquet(connection, found, folder / "data" / f"{found.name}.parquet")


def kpi_as_yaml(found: ref.Kpi) -> str:
    keys: dict[str, Any] = {
        "kind": "kpi",
        "name": found.name,
        "title": found.name,
        "description": f"{found.name}.",
        "expression": written(found.expression),
        "owner": "finance",
        "applies_to": ["acme"],
        "grain": found.grain,
        "unit": "ratio",
        "direction": "higher",
        "dimensions": [_dimension(name, way) for name, way in found.dimensions.items()],
    }
    if found.dataset is not None:
        keys["dataset"] = found.dataset
    if found.time:
        keys["time"] = ".".join(found.time)
    if found.where is not None:
        keys["where"] = written(found.where)
    if found.revisions:
        keys["revisions"] = [{**_told(rule), "reason": "why"} for rule in found.revisions]
    if found.cohort is not None:
        cohort = _told(found.cohort)
        since, until = cohort.pop("age_from"), cohort.pop("age_to")
        keys["cohort"] = {**cohort, "age": until if since == "0 days" else {"from": since, "to": until}}
    if found.funnel is not None:
        steps = [_told(step) for step in found.funnel.steps]
        keys["funnel"] = {**_told(replace(found.funnel, steps=())), "steps": steps}
    return _lines(keys)


def _told(declared: Any) -> dict[str, Any]:
    """Return what a declaration says, as text: paths, durations, days and expressions."""
    found: dict[str, Any] = {}
    for part in fields(declared):
        match getattr(declared, part.name):
            case None | ():
                continue
            case str(text):
                found[part.name] = text
            case date() as day:
                found[part.name] = day.isoformat()
            case (int(amount), str(unit)):
                found[part.name] = f"{amount} {unit}"
            case tuple() as path:
                found[part.name] = ".".join(path)
            case node:
                found[part.name] = written(node)
    return found


def _dimension(name: str, way: Sequence[str]) -> str | dict[str, str]:
    path = ".".join(way)
    return name if path in ("", name) else {name: path}


def dataset_as_yaml(found: ref.Dataset, source: str) -> str:
    keys: dict[str, Any] = {"kind": "dataset", "name": found.name, "source": source}
    if found.name in PRIMARY_KEYS:
        keys["primary_key"] = PRIMARY_KEYS[found.name]
    elif found.valid is None:
        keys["time"] = "day"
    if found.valid is not None:
        keys["valid"] = dict(zip(("from", "to"), found.valid, strict=True))
    if found.time_grain is not None:
        keys["time_grain"] = found.time_grain
    if found.zone is not None:
        keys["timezone"] = found.zone
    if found.fields:
        keys["fields"] = {name: written(node) for name, node in found.fields.items()}
    if found.links:
        keys["relationships"] = {name: _link(link) for name, link in found.links.items()}
    return _lines(keys)


def _link(link: Link) -> dict[str, Any]:
    """Return a relationship; the dataset's own time need not be said."""
    said: dict[str, Any] = {"to": link.to, "keys": dict(link.keys)}
    if link.required:
        said["required"] = True
    if link.valid_from is not None:
        at = {} if link.at == ("day",) else {"at": ".".join(link.at)}
        until = {} if link.valid_to is None else {"valid_to": link.valid_to}
        said["as_of"] = {**at, "valid_from": link.valid_from, **until}
    return said


def calendar_as_yaml(calendar: ref.Calendar) -> str:
    said: dict[str, Any] = {"timezone": calendar.zone, "week_start": _WEEKDAYS[calendar.week_start]}
    if calendar.retail is None:
        said["fiscal_year_start"] = calendar.fiscal_year_start
    else:
        last = f"last {_WEEKDAYS[calendar.retail.weekday]} of {_MONTHS[calendar.retail.month]}"
        said["fiscal"] = {"pattern": "-".join(map(str, calendar.retail.pattern)), "ends": last}
    return json.dumps(said)


def _lines(keys: dict[str, Any]) -> str:
    """Return keys as YAML, which JSON is."""
    return "\n".join(f"{key}: {json.dumps(said)}" for key, said in keys.items())


def _write_parquet(connection: duckdb.DuckDBPyConnection, found: ref.Dataset, file: Path) -> None:
    """Write rows with their types, which CSV has not: there, an empty column is of no type."""
    columns = ", ".join(f'"{name}" {kind}' for name, kind in found.columns.items())
    connection.execute(f"CREATE TABLE {found.name} ({columns})")
    if found.rows:
        row = f"({', '.join('?' for _ in found.columns)})"
        cells = [stored(row[name], kind) for row in found.rows for name, kind in found.columns.items()]
        connection.execute(f"INSERT INTO {found.name} VALUES {', '.join([row] * len(found.rows))}", cells)
    connection.execute(f"COPY {found.name} TO '{file.as_posix()}' (FORMAT parquet)")


def stored(cell: Any, kind: str) -> Any:
    """Return a cell as DuckDB takes it: what the oracle has without zone is an instant in UTC."""
    return cell.replace(tzinfo=UTC) if kind == "TIMESTAMPTZ" and cell is not None else cell
