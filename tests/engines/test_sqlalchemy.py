"""Any other database through SQLAlchemy: on real SQLite and PostgreSQL, and what it is told for those that are not here."""

import csv
import json
import shlex
import shutil
import sqlite3
import sys
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

import servers
from kpiascode.cli.main import main
from kpiascode.model.dialect import DIALECTS
from kpiascode.model.expression import Type
from kpiascode.run.engine import EngineError
from kpiascode.run.engines import connect
from kpiascode.run.engines import sqlalchemy as adapter
from kpiascode.run.engines.url import read_url
from servers import PASSWORD, QUOTED, Server

sqlalchemy = pytest.importorskip("sqlalchemy", reason="SQLAlchemy is not installed")
CASE = Path(__file__).parents[1] / "cases" / "ratio_of_sums"


def opened(url: str, **options: Any) -> Any:
    return connect(read_url(url), timeout_seconds=options.pop("timeout", None), **options)


def refusal(url: str, **options: Any) -> EngineError:
    with pytest.raises(EngineError) as caught:
        opened(url, **options)
    assert PASSWORD not in f"{caught.value} {caught.value.detail}"
    return caught.value


def through(server: Server, **parts: str) -> str:
    return server.url(**parts).replace("postgresql://", "sqlalchemy+postgresql+psycopg://")


def orders(source: str = "orders") -> Any:
    return SimpleNamespace(name="orders", source=source, is_file=False)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    found = tmp_path / "shop.db"
    with sqlite3.connect(found) as connection:
        connection.execute(
            "CREATE TABLE Orders (id INTEGER, amount DECIMAL(18,2), paid BOOLEAN, at TIMESTAMP)"
        )
        connection.execute("INSERT INTO Orders VALUES (1, 0.1, 1, '2026-01-31 23:30:00'), (2, 0.2, 0, NULL)")
    return found


def compare(answer: str, expected: Path) -> None:
    """Hold the values of an answer against those that were computed by hand."""
    found = {
        (one["kpi"], one["period"], "|".join("null" if v is None else v for v in one["slice"].values())): one[
            "value"
        ]
        for one in json.loads(answer)
    }
    with expected.open(newline="") as lines:
        by_hand = {(row["kpi"], row["period"], row["slice"]): row["value"] for row in csv.DictReader(lines)}
    assert set(found) == set(by_hand)
    for key, value in by_hand.items():
        if value == "" or found[key] is None:
            assert (value, found[key]) == ("", None), key
        else:
            assert Decimal(found[key]) == pytest.approx(Decimal(value), rel=Decimal("1e-14")), key


def answered(seed_by: str, url: str, folder: Path) -> None:
    """Seed a case by the engine's own adapter, and ask it through SQLAlchemy."""
    case = Path(shutil.copytree(CASE, folder / "case"))
    seeded = CliRunner().invoke(main, ["seed", "--engine", seed_by, "--project", str(case), "--replace"])
    assert seeded.exit_code == 0, seeded.output
    asked = shlex.split((case / "question.txt").read_text())
    result = CliRunner().invoke(
        main, ["run", "--format", "json", "--project", str(case), "--engine", url, *asked]
    )
    assert result.exit_code == 0, result.output
    compare(result.stdout, case / "expected" / "observations.csv")


# --- SQLite


def test_sqlite_through_it_gives_the_values_computed_by_hand(tmp_path: Path) -> None:
    made = tmp_path / "case.db"
    answered(f"sqlite:///{made}", f"sqlalchemy+sqlite:///{made}", tmp_path)


def test_columns_and_values_of_sqlite(file: Path) -> None:
    engine = opened(f"sqlalchemy+sqlite:///{file}")

    table = engine.catalog([orders()]).tables["orders"]
    assert engine.dialect == "sqlite"
    assert table.name == ("Orders",)
    assert dict(table.columns) == {
        "id": Type.INTEGER,
        "amount": Type.DECIMAL,
        "paid": Type.BOOLEAN,
        "at": Type.TIMESTAMP,
    }
    assert engine.select('SELECT SUM("amount"), 7 % 4, \'50%\' FROM "Orders"') == [
        (Decimal("0.300000000000000"), 3, "50%")
    ]
    assert not engine.catalog([orders("nowhere")]).tables
    engine.close()


def test_nothing_is_written(file: Path) -> None:
    engine = opened(f"sqlalchemy+sqlite:///{file}")

    with pytest.raises(EngineError):
        engine.select('DELETE FROM "Orders" RETURNING id')

    assert len(engine.select('SELECT * FROM "Orders"')) == 2
    engine.close()
    assert "tables are not loaded through it" in str(refusal(f"sqlalchemy+sqlite:///{file}", writes=True))


def test_no_file_is_made(tmp_path: Path) -> None:
    missing = tmp_path / "missing.db"

    assert "there is no database file" in str(refusal(f"sqlalchemy+sqlite:///{missing}"))
    assert not missing.exists()


def test_a_missing_table_is_told(file: Path) -> None:
    engine = opened(f"sqlalchemy+sqlite:///{file}")

    with pytest.raises(EngineError, match=r"the query failed \(a table is missing\)"):
        engine.select("SELECT 1 FROM nowhere")
    engine.close()


def test_a_query_that_takes_too_long_is_stopped(file: Path) -> None:
    engine = opened(f"sqlalchemy+sqlite:///{file}", timeout=0.3)
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT COUNT(*) FROM n"

    with pytest.raises(EngineError, match=r"took longer than 0\.3 s and was stopped"):
        engine.select(endless)
    engine.close()


# --- PostgreSQL


def test_postgres_through_it_gives_the_values_computed_by_hand(postgres: Server, tmp_path: Path) -> None:
    answered(postgres.url(), through(postgres), tmp_path)


def test_a_session_of_postgres_is_that_of_our_own_adapter(postgres: Server) -> None:
    engine = opened(through(postgres), timeout=30)
    asked = "SELECT " + ", ".join(
        f"current_setting('{name}')"
        for name in ("TimeZone", "DateStyle", "lock_timeout", "statement_timeout", "transaction_read_only")
    )
    own = connect(read_url(postgres.url()), timeout_seconds=30)

    assert engine.dialect == "postgres"
    assert engine.select("SELECT 7 % 4, '%s'") == [(3, "%s")]
    assert engine.select(asked) == own.select(asked) == [("UTC", "ISO, YMD", "10s", "30s", "on")]
    with pytest.raises(EngineError):
        engine.select("CREATE TABLE written (a INT)")
    engine.close()
    own.close()


def test_columns_of_postgres_are_those_of_our_own_adapter(postgres: Server) -> None:
    with servers.postgres_connection(postgres.port) as side:
        side.execute("CREATE SCHEMA kinds")
        side.execute(
            "CREATE TABLE kinds.kinds (a SMALLINT, b NUMERIC(18,2), c REAL, d DOUBLE PRECISION, e VARCHAR(9), f TEXT, "
            "g DATE, h TIMESTAMP, i TIMESTAMPTZ, j BOOLEAN, k JSONB, l INT[], m BYTEA, n CHAR(3))"
        )
    engine, own = opened(through(postgres)), connect(read_url(postgres.url()), timeout_seconds=None)

    found = engine.catalog([orders("kinds.KINDS")]).tables["orders"]
    expected = own.catalog([orders("kinds.KINDS")]).tables["orders"]

    assert found.name == expected.name == ("kinds", "kinds")
    assert dict(found.columns) == dict(expected.columns)
    assert set(found.unusable) == set(expected.unusable) == {"k", "l", "m"}
    engine.close()
    own.close()


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ({"password": "wr%40ng"}, "the user or the password is wrong"),
        ({"database": "nowhere"}, "there is no such database"),
    ],
)
def test_what_postgres_refuses_is_told(postgres: Server, parts: dict[str, str], told: str) -> None:
    assert str(refusal(through(postgres, **parts))) == f"sqlalchemy: cannot connect ({told})"


def test_a_server_that_is_not_there_is_told() -> None:
    url = f"sqlalchemy+postgresql+psycopg://kpi:{QUOTED}@127.0.0.1:1/kpi"

    assert "nobody answers there" in str(refusal(url))


def test_a_lost_connection_is_tried_once_more(postgres: Server) -> None:
    engine = opened(through(postgres))
    ((process,),) = engine.select("SELECT pg_backend_pid()")
    with servers.postgres_connection(postgres.port) as side:
        side.execute("SELECT pg_terminate_backend(%s)", (process,))

    ((other,),) = engine.select("SELECT pg_backend_pid()")

    assert other != process
    engine.close()


def test_a_query_of_postgres_is_stopped_at_the_server(postgres: Server) -> None:
    engine = opened(through(postgres))
    engine._timeout = 0.5  # of the client alone

    with pytest.raises(EngineError, match="was stopped"):
        engine.select("SELECT pg_sleep(60)")

    with servers.postgres_connection(postgres.port) as side:
        asked = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid()"
        assert side.execute(asked).fetchone() == (0,)


# --- addresses


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("sqlalchemy+nothing://h/d", "it has no dialect `nothing`; its package is missing"),
        ("sqlalchemy+oracle+oracledb://h/d", "the driver that `oracle+oracledb` needs is not installed"),
    ],
)
def test_what_is_not_installed_is_told(url: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "oracledb", None)

    assert str(refusal(url)) == f"sqlalchemy: {told}"


def test_a_dialect_that_no_kpi_is_compiled_for_is_refused_with_the_list(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(adapter, "DIALECTS", {"oracle": "oracle", "mssql": "tsql"})

    told = str(refusal("sqlalchemy+sqlite:///" + str(Path(__file__).resolve())))

    assert told == "sqlalchemy: no KPI is compiled for `sqlite` through it; there are `mssql`, `oracle`"


def test_its_dialects_are_ours() -> None:
    assert set(adapter.DIALECTS.values()) <= set(DIALECTS)


def test_sqlalchemy_itself_is_an_extra(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)

    told = refusal(f"sqlalchemy+sqlite:///{file}")

    assert str(told) == "sqlalchemy: its driver is not installed; install `kpiascode[sqlalchemy]`"


@pytest.mark.parametrize("url", ["sqlalchemy://h/d", "sqlalchemy+://h/d"])
def test_the_command_line_wants_a_driver(url: str, shop: Path) -> None:
    result = CliRunner().invoke(main, ["run", "net_sales", "--as-of", "2026-01-01", "--engine", url])

    assert result.exit_code == 2


# --- types, as the dialects that come with SQLAlchemy have them


def kinds() -> list[tuple[Any, str]]:
    from sqlalchemy import types
    from sqlalchemy.dialects import mssql, mysql, oracle

    return [
        (types.Integer(), "integer"),
        (types.Numeric(18, 2), "decimal"),
        (types.Double(), "double"),
        (types.Text(), "text"),
        (types.Date(), "date"),
        (types.DateTime(), "timestamp"),
        (types.DateTime(timezone=True), "instant"),
        (types.JSON(), "JSON"),
        (types.LargeBinary(), "LargeBinary"),
        (oracle.NUMBER(10, 0), "integer"),
        (oracle.NUMBER(18, 2), "decimal"),
        (oracle.NUMBER(), "decimal"),
        (oracle.DATE(), "timestamp"),
        (oracle.TIMESTAMP(local_timezone=True), "instant"),
        (oracle.BINARY_DOUBLE(), "double"),
        (oracle.VARCHAR2(9), "text"),
        (mssql.BIT(), "boolean"),
        (mssql.DATETIMEOFFSET(), "instant"),
        (mssql.DATETIME2(), "timestamp"),
        (mssql.TIMESTAMP(), "TIMESTAMP"),
        (mysql.TINYINT(display_width=1), "boolean"),
        (mysql.TINYINT(), "integer"),
        (mysql.TIMESTAMP(), "instant"),
        (mysql.DATETIME(), "timestamp"),
    ]


@pytest.mark.parametrize(
    ("kind", "ours"), kinds(), ids=lambda one: one if isinstance(one, str) else repr(one)
)
def test_a_type_of_sqlalchemy_is_one_of_ours(kind: Any, ours: str) -> None:
    assert adapter.kind_of(kind) == ours


# --- what is said to databases that are not here


def spoken(dialect: str) -> Any:
    """Return an engine of a dialect that was never connected."""
    engine = object.__new__(adapter.SQLAlchemy)
    engine.dialect, engine._timeout = dialect, 30
    return engine


def test_oracle_is_set_to_utc_and_to_signs() -> None:
    said = list(spoken("oracle")._session())

    assert "ALTER SESSION SET TIME_ZONE = 'UTC'" in said
    assert "ALTER SESSION SET NLS_COMP = BINARY" in said


def test_each_query_of_oracle_stands_in_a_transaction_that_only_reads() -> None:
    said: list[str] = []

    def note(sql: str) -> Any:
        said.append(sql)
        return SimpleNamespace(fetchall=list)

    engine = spoken("oracle")
    connection = SimpleNamespace(exec_driver_sql=note, rollback=lambda: said.append("(rollback)"))
    engine._connection = SimpleNamespace(execution_options=lambda no_parameters: connection)
    engine._fetch("SELECT 1 FROM t")

    assert said == ["(rollback)", "SET TRANSACTION READ ONLY", "SELECT 1 FROM t", "(rollback)"]


def test_names_of_oracle_are_quoted_as_it_has_them() -> None:
    from sqlalchemy.dialects import oracle

    engine = spoken("oracle")
    engine._connection = SimpleNamespace(dialect=oracle.dialect())

    assert [engine._spelled(name) for name in ("orders", "Mixed")] == ["ORDERS", "Mixed"]


def test_snowflake_is_set_by_statements() -> None:
    said = list(spoken("snowflake")._session())

    assert "ALTER SESSION SET TIMEZONE = 'UTC'" in said
    assert "ALTER SESSION SET QUOTED_IDENTIFIERS_IGNORE_CASE = FALSE" in said
    assert "ALTER SESSION SET STATEMENT_TIMEOUT_IN_SECONDS = 30" in said


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("ORA-01017: invalid credential or not authorized", "the user or the password is wrong"),
        (
            'ORA-00942: table or view "ME"."T" does not exist',
            "a table is missing, or this user may not read it",
        ),
        ("DPY-6005: cannot connect to database", "nobody answers there"),
    ],
)
def test_what_oracle_refuses_is_told(told: str, meant: str) -> None:
    assert spoken("oracle")._reason(Exception(told)) == meant
