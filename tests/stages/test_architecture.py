"""ARCHITECTURE.md and pyproject.toml describe the tree that there is."""

import ast
import json
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

import kpiascode
from kpiascode.model.document import KINDS
from kpiascode.model.performance import (
    Action,
    CheckIn,
    Competency,
    Deadline,
    FeedbackQuestion,
    FeedbackRound,
    ImprovementPlan,
    Milestone,
    OneOnOneSeries,
    Outcome,
    Person,
    Questions,
    Recognition,
    RecognitionProgram,
    ReviewCycle,
    ReviewTemplate,
    Scale,
    SuccessTest,
    Value,
)
from kpiascode.model.project import (
    Bounds,
    Communication,
    Dataset,
    FileFormat,
    Goal,
    Kpi,
    OrgUnit,
    Owner,
    Result,
    Scorecard,
    Section,
    Waiver,
)

ROOT: Final = Path(__file__).parents[2]
SOURCE: Final = ROOT / "src" / "kpiascode"
PROJECT: Final = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PAGE: Final = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
NOT_STAGES: Final = frozenset({"cli", "conformance", "pipeline", "model"})

HOMES: Final = {
    "PyYAML, pyrage": {"yaml", "pyrage"},
    "jsonschema": {"jsonschema", "referencing"},
    "sqlglot": {"sqlglot"},
    "duckdb and drivers": {
        "duckdb",
        "psycopg",
        "pymysql",
        "clickhouse_connect",
        "chdb",
        "pyspark",
        "snowflake",
        "google",
        "databricks",
        "pyarrow",
        "trino",
        "redshift_connector",
        "mssql_python",
        "sqlalchemy",
        "datafusion",
    },
    "Jinja, WeasyPrint, icalendar": {"jinja2", "markupsafe", "weasyprint", "icalendar"},
    "-": set[str](),
}
"""What the column "home of" calls a library, and the modules that belong to it."""

IMPORTED_WHEN_NEEDED: Final = {
    ("validate/documents.py", "kpiascode.validate.explain"): "jsonschema is slow to import and seldom needed",
    ("run/guarded.py", "kpiascode.run.in_process"): "duckdb is in this process only where there is no child",
    ("pipeline/trial.py", "kpiascode"): "the planner is slow to import and seldom needed",
    (
        "pipeline/differing.py",
        "kpiascode.pipeline.numbering",
    ): "an engine is needed only for what was changed",
    ("run/engines/postgres.py", "psycopg"): "the driver is an extra",
    ("run/engines/mysql.py", "pymysql"): "the driver is an extra",
    ("run/engines/clickhouse.py", "clickhouse_connect"): "the driver is an extra",
    ("run/engines/clickhouse.py", "chdb.session"): "the driver is an extra",
    ("run/engines/spark.py", "pyspark.sql"): "the driver is an extra",
    ("run/engines/datafusion.py", "datafusion"): "the driver is an extra",
    ("run/engines/datafusion.py", "pyarrow"): "the driver is an extra",
    ("run/engines/snowflake.py", "snowflake"): "the driver is an extra",
    ("run/engines/bigquery.py", "google.cloud"): "the driver is an extra",
    ("run/engines/bigquery.py", "google.api_core.exceptions"): "the driver is an extra",
    ("run/engines/bigquery.py", "google.auth.exceptions"): "the driver is an extra",
    ("run/engines/databricks.py", "databricks"): "the driver is an extra",
    ("run/engines/databricks.py", "pyarrow"): "the driver is an extra",
    ("run/engines/trino.py", "trino"): "the driver is an extra",
    ("run/engines/trino.py", "trino.auth"): "the driver is an extra",
    ("run/engines/redshift.py", "redshift_connector"): "the driver is an extra",
    ("run/engines/mssql.py", "mssql_python"): "the driver is an extra",
    ("run/engines/sqlalchemy.py", "sqlalchemy"): "the driver is an extra",
    ("run/engines/sqlalchemy.py", "sqlalchemy.exc"): "the driver is an extra",
    ("run/engines/sqlalchemy.py", "sqlalchemy.pool"): "the driver is an extra",
    ("load/restricted.py", "pyrage"): "what reads age is an extra",
    ("render/reports/pdf.py", "weasyprint"): "what makes PDF is an extra",
    ("render/calendar.py", "icalendar"): "what makes calendar files is an extra",
}
"""Imports inside functions outside cli/, and why."""

READ_BY_ANOTHER_STAGE: Final = {
    "project version": ("schemas", "says which schema is meant"),
    "project paths": ("load", "finds the files"),
    "kpi status.deprecated.replaced_by": ("lint", "rules look into the documents"),
}

OF_LATER_VERSIONS: Final = {
    "kpi status.deprecated": "since when and until when is said for people; that it is deprecated is read",
}
"""Keys with everything below them that the language has and this version does not use."""


# --- the table of stages


def rows() -> list[dict[str, str]]:
    lines = [line for line in PAGE.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    head, _, *body = cells
    return [dict(zip(head, row, strict=True)) | {"stage": row[0].strip("`")} for row in body]


ROWS: Final = rows()
STAGES: Final = [row["stage"] for row in ROWS]
each_stage = pytest.mark.parametrize("row", ROWS, ids=lambda row: row["stage"])


def packages() -> set[str]:
    return {path.parent.name for path in SOURCE.glob("*/__init__.py")}


def contract(name: str) -> dict[str, Any]:
    [found] = [c for c in PROJECT["tool"]["importlinter"]["contracts"] if c["name"].startswith(name)]
    return found


def test_the_table_names_exactly_the_stages() -> None:
    assert set(STAGES) == packages() - NOT_STAGES
    assert len(STAGES) == len(set(STAGES))


def test_table_picture_and_contract_name_the_stages_in_one_order() -> None:
    way = [stage for stage in STAGES if stage != "diff"]
    [picture] = [line for line in PAGE.splitlines() if line.count("->") == len(way)]
    [layer] = [layer for layer in contract("Command line")["layers"] if "|" in layer]

    assert [word.strip() for word in picture.split("->")][:-1] == way
    assert "resolve -> diff -> render" in PAGE
    assert layer.split(" | ") == STAGES


def test_the_command_line_is_forbidden_every_stage() -> None:
    assert contract("The command line")["forbidden_modules"] == [f"kpiascode.{stage}" for stage in STAGES]


def test_the_pure_stages_are_those_that_import_linter_keeps_pure() -> None:
    pure = {f"kpiascode.{row['stage']}" for row in ROWS if row["pure"] == "yes"}

    assert {*pure, "kpiascode.model"} == set(contract("The core is pure")["source_modules"])


# --- imports


@cache
def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def imports(node: ast.AST) -> Iterator[str]:
    """Yield the modules that are imported anywhere inside."""
    for part in ast.walk(node):
        if isinstance(part, ast.Import):
            yield from (alias.name for alias in part.names)
        elif isinstance(part, ast.ImportFrom) and not part.level:
            yield part.module or ""


def libraries(package: str) -> set[str]:
    """Return the top names of what a package imports that is neither ours nor Python's."""
    files = (SOURCE / package).rglob("*.py")
    found = {module.split(".")[0] for file in files for module in imports(tree(file))}
    return found - sys.stdlib_module_names - {"kpiascode"}


@each_stage
def test_a_stage_imports_the_libraries_that_it_is_the_home_of(row: dict[str, str]) -> None:
    assert libraries(row["stage"]) == HOMES[row["home of"]]


def test_beside_the_stages_only_the_command_line_has_a_library() -> None:
    assert {package: libraries(package) for package in NOT_STAGES} == {
        "cli": {"click"},
        "conformance": {"pytest", "duckdb"},
        "pipeline": set(),
        "model": set(),
    }


def test_every_dependency_has_a_home() -> None:
    declared = {re.split(r"[<>=]", line)[0].lower() for line in PROJECT["project"]["dependencies"]}

    # The time zone database is data, which zoneinfo finds by itself.
    assert declared == {"pyyaml", "jsonschema", "jinja2", "sqlglot", "duckdb", "click", "tzdata"}


def test_no_import_is_relative() -> None:
    relative = [
        f"{file.relative_to(SOURCE)}:{part.lineno}"
        for file in sorted(SOURCE.rglob("*.py"))
        for part in ast.walk(tree(file))
        if isinstance(part, ast.ImportFrom) and part.level
    ]
    assert relative == []


def test_imports_stand_at_the_top_outside_the_command_line() -> None:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    found = {
        (file.relative_to(SOURCE).as_posix(), module)
        for file in SOURCE.rglob("*.py")
        if file.relative_to(SOURCE).parts[0] != "cli"
        for part in ast.walk(tree(file))
        if isinstance(part, functions)
        for module in imports(part)
    }
    assert found == set(IMPORTED_WHEN_NEEDED)


def test_only_the_command_line_reads_the_clock_and_the_environment() -> None:
    """Import-linter keeps `os` and `time` out of the core; `datetime.now` needs a look of its own."""
    clocks = {"now", "today", "utcnow", "environ", "getenv"}
    found = [
        f"{file.relative_to(SOURCE)}:{part.lineno}"
        for file in sorted(SOURCE.rglob("*.py"))
        if file.relative_to(SOURCE).parts[0] != "cli"
        for part in ast.walk(tree(file))
        if isinstance(part, ast.Attribute) and part.attr in clocks
    ]
    assert found == []


# --- schemas


@cache
def literals(package: str) -> frozenset[str]:
    """Return every text that stands in the code of a stage."""
    return frozenset(
        part.value
        for file in (SOURCE / package).rglob("*.py")
        for part in ast.walk(tree(file))
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    )


def properties(schema: dict[str, Any], root: dict[str, Any], way: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield the keys of a schema by their ways, such as `communication.lag`."""
    if "$ref" in schema:
        yield from properties(root["$defs"][schema["$ref"].rpartition("/")[2]], root, way)
    for key, inner in schema.get("properties", {}).items():
        yield ".".join((*way, key))
        yield from properties(inner, root, (*way, key))
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            yield from properties(schema[key], root, way)
    for one in schema.get("anyOf", ()):
        yield from properties(one, root, way)


def keys() -> list[str]:
    found = []
    for kind in ("project", *KINDS):
        schema = json.loads((ROOT / "schemas" / f"{kind}.schema.json").read_text(encoding="utf-8"))
        found += [f"{kind} {way}" for way in dict.fromkeys(properties(schema, schema))]
    return found


def is_later(key: str) -> bool:
    return any(key == later or key.startswith(f"{later}.") for later in OF_LATER_VERSIONS)


def test_every_key_of_a_schema_is_read_or_known_to_be_of_a_later_version() -> None:
    unread = [
        key
        for key in keys()
        if key.rpartition(".")[2].rpartition(" ")[2] not in literals("resolve")
        and key not in READ_BY_ANOTHER_STAGE
        and not is_later(key)
    ]
    assert unread == []


def test_the_exceptions_are_keys_of_a_schema() -> None:
    assert {*READ_BY_ANOTHER_STAGE, *OF_LATER_VERSIONS} <= set(keys())


@pytest.mark.parametrize("key", READ_BY_ANOTHER_STAGE)
def test_what_another_stage_reads_it_does_read(key: str) -> None:
    stage, _ = READ_BY_ANOTHER_STAGE[key]
    name = key.rpartition(".")[2].rpartition(" ")[2]

    assert stage == "schemas" or name in literals(stage)


KEPT: Final = dict.fromkeys(("purpose", "lawful_basis", "retention_until"), "keeping")
RENAMED: Final = {
    FeedbackQuestion: {"text": "scale"},
    FeedbackRound: KEPT,
    Goal: {"parent": "parents", **KEPT},
    ImprovementPlan: KEPT,
    OneOnOneSeries: {"from": "first", **KEPT},
    Person: KEPT,
    Scale: {"from": "low", "to": "high"},
    Result: {"measure": "measured", "target": "targets"},
}
SPLIT: Final[dict[type, dict[str, set[str]]]] = {
    FeedbackRound: {"window": {"start", "end"}, "anonymity": {"k", "moderated"}},
    Goal: {"period": {"start", "end"}},
    RecognitionProgram: {"window": {"start", "end"}},
    Recognition: {"to": {"to", "consent_on", "withdrawn_on"}},
    ReviewCycle: {"period": {"start", "end"}},
}
WORKED_OUT: Final = {
    Dataset: {"is_file", "keys", "source_place"},
    Kpi: {"text", "where_text", "edge_examples"},
}
"""What a value of the model has beside what was written."""


@pytest.mark.parametrize(
    ("model", "kind"),
    [
        (Dataset, "dataset"),
        (Kpi, "kpi"),
        (Goal, "goal"),
        (Result, "goal results"),
        (OrgUnit, "org_unit"),
        (Owner, "owner"),
        (Scorecard, "scorecard"),
        (Section, "scorecard sections"),
        (Communication, "kpi communication"),
        (Bounds, "kpi bounds"),
        (Waiver, "kpi waivers"),
        (FileFormat, "dataset format"),
        (Milestone, "goal milestones"),
        (CheckIn, "check_in"),
        (ReviewTemplate, "review_template"),
        (Questions, "review_template sections"),
        (Competency, "review_template competencies"),
        (ReviewCycle, "review_cycle"),
        (Deadline, "review_cycle deadlines"),
        (OneOnOneSeries, "one_on_one_series"),
        (ImprovementPlan, "improvement_plan"),
        (Action, "improvement_plan actions"),
        (SuccessTest, "improvement_plan success"),
        (Outcome, "improvement_plan outcome"),
        (FeedbackRound, "feedback_round"),
        (FeedbackQuestion, "feedback_round questions"),
        (Scale, "feedback_round questions.scale"),
        (RecognitionProgram, "recognition_program"),
        (Value, "recognition_program values"),
        (Recognition, "recognition"),
        (Person, "person"),
    ],
    ids=lambda x: x if isinstance(x, str) else x.__name__,
)
def test_a_value_of_the_model_has_the_keys_of_its_schema(model: type, kind: str) -> None:
    kind, _, way = kind.partition(" ")
    head = f"{kind} {way}." if way else f"{kind} "
    written = {key.removeprefix(head) for key in keys() if key.startswith(head) and not is_later(key)}
    written = {key for key in written if "." not in key} - {"kind"}
    split = SPLIT.get(model, {})
    expected = {RENAMED.get(model, {}).get(key, key) for key in written - set(split)}
    expected |= {name for names in split.values() for name in names} | WORKED_OUT.get(model, set())

    assert {field.name for field in fields(model)} - {"place"} == expected


# --- versions


def test_the_version_of_the_package_is_the_one_that_it_says() -> None:
    assert PROJECT["project"]["version"] == kpiascode.__version__
