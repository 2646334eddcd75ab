"""Tables that `kpi seed` did not make: how times are written, how texts are ordered, where a table stands."""

import json
import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import servers
from kpiascode.cli.main import main
from servers import Server

PROJECT = """
kind: org_unit
name: shop
title: Shop
level: organisation
---
kind: owner
name: team
title: Team
org_unit: shop
contact: team@example.com
---
kind: dataset
name: facts
source: {source}
time: at
{more}
---
kind: kpi
name: asked
title: Asked
description: Of the test.
owner: team
applies_to: [shop]
dataset: facts
expression: {expression}
grain: month
unit: count
direction: higher
"""
MONTHS = ["--from", "2025-01-01", "--to", "2025-04-01", "--as-of", "2025-05-01"]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))

    def write(expression: str = "count(*)", *, source: str = "facts", more: str = "") -> Path:
        (tmp_path / "kpiascode.yaml").write_text("version: 1\nname: test\npaths: [kpis.yaml]\n")
        (tmp_path / "kpis.yaml").write_text(
            PROJECT.format(expression=expression, source=source, more=more), encoding="utf-8"
        )
        return tmp_path

    return write


def kpi(*arguments: str) -> Result:
    result = CliRunner().invoke(main, list(arguments))
    assert "Traceback" not in result.stderr, result.stderr
    return result


def values(engine: str, *more: str) -> list[str | None]:
    """Return the values of three months."""
    result = kpi("run", "asked", "--engine", engine, "--format", "json", *MONTHS, *more)
    assert result.exit_code == 0, result.stderr
    found = [one["value"] for one in json.loads(result.stdout)]
    return [None if value is None else f"{Decimal(value).normalize():f}" for value in found]


def refusal(engine: str) -> str:
    result = kpi("run", "asked", "--engine", engine, *MONTHS)
    assert (result.exit_code, result.stdout) == (1, ""), result.output
    return result.stderr


# --- SQLite: a time is a text


def sqlite(folder: Path, *statements: str) -> str:
    with closing(sqlite3.connect(folder / "tables.db")) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    return f"sqlite:///{folder}/tables.db"


def rows_of(times: list[Any], declared: str) -> list[str]:
    listed = ", ".join(f"({time!r})" for time in times)
    return [f"CREATE TABLE facts (at {declared})", f"INSERT INTO facts VALUES {listed}"]


@pytest.mark.parametrize(
    ("declared", "times"),
    [
        ("TIMESTAMP WITH TIME ZONE", ["2025-01-01 00:00:00+00:00", "2025-02-01 00:30:00+00:00", "2025-03-01 00:59:59.999999+00:00"]),
        ("DATETIME", ["2025-01-01 00:00:00+00:00", "2025-02-01 00:30:00+00:00", "2025-03-31 23:30:00+00:00"]),
        ("TIMESTAMP", ["2025-01-01 00:00:00", "2025-02-01 00:00:00.000001", "2025-03-31 23:59:59.999999"]),
        ("DATETIME", ["2025-01-01", "2025-02-28", "2025-03-01"]),
        ("DATE", ["2025-01-01 00:00:00", "2025-02-28 23:59:59", "2025-03-01 00:00:00"]),
        ("", ["2025-01-01", "2025-02-28", "2025-03-01"]),
    ],
)  # fmt: skip
def test_a_column_of_sqlite_is_what_its_texts_are(
    declared: str, times: list[Any], project: Callable[..., Path]
) -> None:
    engine = sqlite(project(), *rows_of(times, declared))

    assert values(engine) == ["1", "1", "1"]


@pytest.mark.parametrize("declared", ["DATE", "DATETIME", "TIMESTAMP WITH TIME ZONE", ""])
@pytest.mark.parametrize(
    "odd",
    ["2025-02-28T08:00:00", "2025-02-28 08:00", 1740700000, 2460734.5, "2025-02-28 08:00:00.000",
     "2025-02-28 08:00:00.000000", "2025-02-28 08:00:00Z", "2025-02-28 08:00:00+02:00", "28.02.2025"],
)  # fmt: skip
def test_a_time_of_sqlite_that_would_be_lost_is_refused(
    odd: object, declared: str, project: Callable[..., Path]
) -> None:
    engine = sqlite(project(), *rows_of(["2025-01-01 08:00:00", odd, "2025-03-01 08:00:00"], declared))

    told = refusal(engine)

    assert "unusable-column-type" in told
    assert "times of which not all are written as `2025" not in told
    assert "Column `at` of `facts`" in told


def test_days_among_clocks_are_refused_and_a_view_mends_it(project: Callable[..., Path]) -> None:
    folder = project()
    engine = sqlite(folder, *rows_of(["2025-01-01T08:00:00", "2025-02-28", "2025-03-01 08:00"], "TIMESTAMP"))
    assert "unusable-column-type" in refusal(engine)

    sqlite(folder, "CREATE VIEW good AS SELECT datetime(at) AS at FROM facts")
    project(source="good")

    assert values(engine) == ["1", "1", "1"]


def test_what_is_no_time_may_be_anything(project: Callable[..., Path]) -> None:
    engine = sqlite(
        project("sum(x)"),
        "CREATE TABLE facts (at DATE, x, odd TIMESTAMP)",
        "INSERT INTO facts VALUES ('2025-01-01', 1, 'T'), ('2025-02-01', 2.5, 7)",
    )

    assert values(engine) == ["1", "2.5", None]


def test_times_through_sqlalchemy_are_seen_alike(project: Callable[..., Path]) -> None:
    pytest.importorskip("sqlalchemy", reason="the driver sqlalchemy is not installed")
    folder = project()
    engine = "sqlalchemy+" + sqlite(folder, *rows_of(["2025-01-01", "2025-02-28", "2025-03-01"], "DATETIME"))
    assert values(engine) == ["1", "1", "1"]

    sqlite(folder, "INSERT INTO facts VALUES ('2025-03-01T08:00:00')")

    assert "unusable-column-type" in refusal(engine)


@pytest.mark.parametrize(("as_of", "is_stale"), [("2025-03-03", False), ("2025-03-09", True)])
@pytest.mark.parametrize("newest", ["2025-03-01", "2025-03-01 12:00:00", "2025-03-01 12:00:00+00:00"])
def test_freshness_of_sqlite_is_that_of_its_texts(
    newest: str, as_of: str, is_stale: bool, project: Callable[..., Path]
) -> None:
    engine = sqlite(project(more="freshness: 3 days"), *rows_of([newest], "TIMESTAMP"))

    result = kpi("check", "--data", "--engine", engine, "--as-of", as_of)

    assert ("stale-data" in result.output) == is_stale
    assert ("has its newest row on 2025-03-01" in result.output) == is_stale


def test_sqlite_has_a_remainder_of_integers_only(project: Callable[..., Path]) -> None:
    folder = project("sum(n % 4)")
    engine = sqlite(
        folder,
        "CREATE TABLE facts (at DATE, n INTEGER, x DECIMAL(9,2), w DOUBLE)",
        "INSERT INTO facts VALUES ('2025-01-01', 7, 7.5, 7.5), ('2025-02-01', -7, -7.5, -7.5)",
    )
    assert values(engine) == ["3", "-3", None]

    for expression, of in (("sum(x % 4)", "decimals"), ("sum(7 % w)", "doubles")):
        project(expression)
        result = kpi("run", "asked", "--engine", engine, *MONTHS)
        assert result.exit_code != 0
        assert f"it has no `%` of {of}" in result.stderr


def test_a_table_of_another_database_is_not_taken_from_this_one(project: Callable[..., Path]) -> None:
    engine = sqlite(project(source="other.facts"), *rows_of(["2025-01-01"], "DATE"))
    assert "The engine has no table `other.facts`" in refusal(engine)

    project(source="main.facts")

    assert values(engine) == ["1", "0", "0"]


# --- PostgreSQL


@pytest.fixture
def sales(postgres: Server) -> Iterator[Any]:
    with closing(servers.postgres_connection(postgres.port)) as connection:
        connection.execute("CREATE SCHEMA sales")
        yield connection


WORDS = (
    "('2025-01-01', 'a'), ('2025-01-02', 'B'), ('2025-01-03', 'ä'), ('2025-02-01', 'Z'), ('2025-02-01', NULL)"
)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("count(*) filter (where word < 'b')", ["2", "1", "0"]),
        ("count(*) filter (where 'b' <= word)", ["1", "0", "0"]),
        ("count(*) filter (where word between 'A' and 'Z')", ["1", "1", "0"]),
        ("count(*) filter (where greatest(word, 'a') = 'a')", ["2", "1", "0"]),
        ("case when min(word) < 'Z' then 1 else 0 end", ["1", "0", "0"]),
        ("case when max(word) = 'ä' then 1 else 0 end", ["1", "0", "0"]),
        ("count(distinct word)", ["3", "1", "0"]),
    ],
)
def test_texts_of_postgres_are_ordered_by_their_codes(
    expression: str, expected: list[str], postgres: Server, sales: Any, project: Callable[..., Path]
) -> None:
    """By the collation of the column `a < B < Z < ä`."""
    sales.execute('CREATE TABLE sales.facts (at date, word text COLLATE "en-x-icu")')
    sales.execute(f"INSERT INTO sales.facts VALUES {WORDS}")
    project(expression, source="sales.facts")

    assert values(postgres.url()) == expected


@pytest.mark.parametrize("kind", ["citext", "folded", 'text COLLATE "ignoring"', "sales.word"])
def test_texts_that_postgres_holds_equal_are_refused(
    kind: str, postgres: Server, sales: Any, project: Callable[..., Path]
) -> None:
    sales.execute("CREATE EXTENSION IF NOT EXISTS citext")
    sales.execute("SET search_path = sales, public")
    sales.execute("CREATE DOMAIN folded AS citext")
    sales.execute(
        "CREATE COLLATION ignoring (provider = icu, locale = 'und-u-ks-level2', deterministic = false)"
    )
    sales.execute("CREATE DOMAIN sales.word AS text COLLATE ignoring")
    sales.execute(f"CREATE TABLE sales.facts (at date, word {kind}, n int)")
    project("count(distinct word)", source="sales.facts")

    told = refusal(postgres.url())

    assert "unusable-column-type" in told
    assert "Column `word` of `facts` holds " in told
    project("sum(n)", source="sales.facts")
    assert values(postgres.url()) == [None, None, None]


@pytest.mark.parametrize(
    ("source", "is_there"),
    [("kpi.sales.facts", True), ("SALES.FACTS", True), ("other.sales.facts", False), ("sale.facts", False)],
)
def test_a_table_of_postgres_is_where_it_is_said_to_be(
    source: str, is_there: bool, postgres: Server, sales: Any, project: Callable[..., Path]
) -> None:
    sales.execute("CREATE TABLE sales.facts (at date)")
    project(source=source)

    if is_there:
        assert values(postgres.url()) == ["0", "0", "0"]
    else:
        assert f"The engine has no table `{source}`" in refusal(postgres.url())


def test_truth_becomes_one_and_zero(postgres: Server, sales: Any, project: Callable[..., Path]) -> None:
    sales.execute("CREATE TABLE sales.facts (at date, flag boolean)")
    sales.execute(
        "INSERT INTO sales.facts VALUES ('2025-01-01', true), ('2025-02-01', false), ('2025-03-01', NULL)"
    )
    for kind in ("integer", "decimal", "double"):
        project(f"sum(cast(flag as {kind}))", source="sales.facts")

        assert values(postgres.url()) == ["1", "0", None]


def test_a_table_that_postgres_lacks_is_told_with_what_helps_there(
    postgres: Server, project: Callable[..., Path]
) -> None:
    project(source="nowhere")

    assert "Name it as it is called there, as in `schema.table`" in refusal(postgres.url())


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ("sslmode=require", "the server has no TLS, and `sslmode` wants it"),
        ("sslmode=never", "`sslmode` is no mode of libpq, such as `verify-full`"),
    ],
)
def test_what_postgres_lacks_of_tls_is_told(
    options: str, why: str, postgres: Server, project: Callable[..., Path]
) -> None:
    project()

    result = kpi("run", "asked", "--engine", f"{postgres.url()}?{options}", *MONTHS)

    assert (result.exit_code, result.stdout) == (3, "")
    assert f"cannot connect ({why})" in result.stderr
    assert any(isinstance(one, logging.NullHandler) for one in logging.getLogger("psycopg").handlers)
