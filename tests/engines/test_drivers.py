"""Engines whose servers cannot be started here: what their drivers are told, and what becomes of what they say."""

import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from stand_ins import NAP, QUOTED, SECRET, Server, error, installed

from kpiascode.cli.main import main
from kpiascode.model.dialect import DIALECTS
from kpiascode.model.expression import Type
from kpiascode.run.engine import EngineError
from kpiascode.run.engines import OWN, Opened, connect, schemes
from kpiascode.run.engines.mssql import braced
from kpiascode.run.engines.url import read_url

TOKEN = "dapi-0123456789"
SELECT = "SELECT 1 % 2 FROM t"
ROWS = [
    (
        Decimal("12345678901234567890.123456789"),
        date(2026, 1, 31),
        datetime(2026, 1, 31, 23, 30),
        datetime(2026, 1, 31, 23, 30, tzinfo=UTC),
        3,
        0.5,
        None,
        True,
    )
]
"""As the drivers themselves return them: converter.py of Snowflake's, mapper.py of Trino's, arrow of Databricks',
pg_types.py of Redshift's, Row of mssql-python's."""


@dataclass(frozen=True)
class Driver:
    """One engine, and how its driver is told of failures.

    Args:
        modules: From a server, the modules of the driver.
        asked: The part of a statement that says which columns there are.
        columns: What it answers, so that `orders` has a column of each type.
        login: What a wrong password raises, at connecting or at the statement `asks_first`.
    """

    scheme: str
    url: str
    extra: str
    module: str
    modules: Callable[[Server], Mapping[str, Mapping[str, Any]]]
    login: Exception
    missing: Exception
    forbidden: Exception
    lost: Exception
    asked: str
    columns: list[Any]
    table: tuple[str, ...]
    asks_first: str = "(connect)"
    beside: Mapping[str, list[Any]] = field(default_factory=dict)


KINDS = ("INTEGER", "DECIMAL", "DOUBLE", "TEXT", "DATE", "TIMESTAMP", "INSTANT", "BOOLEAN")
"""Of the columns, in order."""


def rows_of(schema: str, table: str, kinds: str) -> list[Any]:
    return [(schema, table, f"c{n}", kind.strip()) for n, kind in enumerate(kinds.split("|"))]


SNOWFLAKE = Driver(
    scheme="snowflake",
    url=f"snowflake://me:{QUOTED}@acme-eu1/shop/sales?warehouse=small&role=reader",
    extra="snowflake",
    module="snowflake",
    modules=lambda server: {"snowflake": {}, "snowflake.connector": {"connect": server.connect}},
    login=error(
        "DatabaseError",
        "250001 (08001): Failed to connect: Incorrect username or password was specified.",
        errno=250001,
        sqlstate="08001",
    ),
    missing=error(
        "ProgrammingError", "SQL compilation error: Object 'T' does not exist", errno=2003, sqlstate="42S02"
    ),
    forbidden=error("ProgrammingError", "Insufficient privileges", errno=3001, sqlstate="42501"),
    lost=error("OperationalError", "250003: Failed to execute request", errno=250003, sqlstate="n/a"),
    asked="information_schema.columns",
    columns=rows_of(
        "SALES",
        "ORDERS",
        "INTEGER|NUMBER|FLOAT|TEXT|DATE|TIMESTAMP_NTZ|TIMESTAMP_LTZ|BOOLEAN",
    ),
    table=("SALES", "ORDERS"),
)
DATABRICKS = Driver(
    scheme="databricks",
    url=f"databricks://token:{QUOTED}@dbc-1.cloud.databricks.com/shop/sales?http_path=/sql/1.0/warehouses/ab12",
    extra="databricks",
    module="databricks",
    modules=lambda server: {
        "pyarrow": {},
        "databricks": {},
        "databricks.sql": {"connect": server.connect},
    },
    login=error("RequestError", f"Invalid access token {SECRET}", context={"http-code": 403}),
    missing=error(
        "ServerOperationError", "[TABLE_OR_VIEW_NOT_FOUND] The table or view `t` cannot be found", context={}
    ),
    forbidden=error(
        "ServerOperationError", "[INSUFFICIENT_PERMISSIONS] User does not have SELECT", context={}
    ),
    lost=error("RequestError", "Error during request to server", context={"original-exception": "reset"}),
    asked="(columns)",
    columns=[  # as the metastore answers: a name with `_` is a pattern there
        ("shop", schema, table, column, 0, kind)
        for schema, table, column, kind in [
            *rows_of("sales2", "orders", "STRING"),
            *rows_of(
                "sales", "orders", "BIGINT|DECIMAL(18,2)|DOUBLE|STRING|DATE|TIMESTAMP_NTZ|TIMESTAMP|BOOLEAN"
            ),
            ("sales", "orders2", "c0", "STRING"),
        ]
    ],
    table=("shop", "sales", "orders"),
    beside={"current_timezone": [[("Etc/UTC", "shop", "sales")]]},
)
TRINO = Driver(
    scheme="trino",
    url=f"trino://me:{QUOTED}@trino.example:8443/shop/sales",
    extra="trino",
    module="trino",
    modules=lambda server: {
        "trino": {},
        "trino.dbapi": {"connect": server.connect},
        "trino.auth": {
            "BasicAuthentication": lambda user, password: ("basic", user, password),
            "JWTAuthentication": lambda token: ("jwt", token),
        },
    },
    login=error("HttpError", f"error 401: Unauthorized {SECRET}"),
    asks_first="SELECT 1",
    missing=error(
        "TrinoUserError", "line 1:15: Table 'shop.sales.t' does not exist", error_name="TABLE_NOT_FOUND"
    ),
    forbidden=error("TrinoUserError", "Access Denied: Cannot select", error_name="PERMISSION_DENIED"),
    lost=error("TrinoConnectionError", "failed to fetch: Connection reset"),
    asked="information_schema.columns",
    columns=rows_of(
        "sales",
        "orders",
        "bigint|decimal(18,2)|double|varchar(20)|date|timestamp(6)|timestamp(3) with time zone|boolean",
    ),
    table=("shop", "sales", "orders"),
)
REDSHIFT = Driver(
    scheme="redshift",
    url=f"redshift://me:{QUOTED}@shop.abc.eu-west-1.redshift.amazonaws.com:5439/shop",
    extra="redshift",
    module="redshift_connector",
    modules=lambda server: {"redshift_connector": {"connect": server.connect}},
    login=error("InterfaceError", {"S": "FATAL", "C": "28000", "M": f"password of {SECRET}"}),
    missing=error("ProgrammingError", {"S": "ERROR", "C": "42P01", "M": 'relation "t" does not exist'}),
    forbidden=error("ProgrammingError", {"S": "ERROR", "C": "42501", "M": "permission denied"}),
    lost=error("InterfaceError", "connection is closed"),
    asked="svv_columns",
    columns=rows_of(
        "public",
        "orders",
        "bigint|numeric(18,2)|double precision|character varying(20)|date|timestamp without time zone"
        "|timestamp with time zone|boolean",
    ),
    table=("public", "orders"),
    beside={"pg_backend_pid": [[(4711,)]]},
)
MSSQL = Driver(
    scheme="mssql",
    url=f"mssql://me:{QUOTED}@db.example/shop",
    extra="mssql",
    module="mssql_python",
    modules=lambda server: {"mssql_python": {"connect": server.connect}},
    login=error(
        "ProgrammingError",
        f"Driver Error: Invalid authorization specification; DDBC Error: [SQL Server]Login failed {SECRET}",
        driver_error="Invalid authorization specification",
    ),
    missing=error(
        "ProgrammingError",
        "Driver Error: Base table or view not found; DDBC Error: [SQL Server]Invalid object name 't'.",
        driver_error="Base table or view not found",
    ),
    forbidden=error(
        "ProgrammingError",
        "Driver Error: Syntax error or access violation; DDBC Error: The SELECT permission was denied on the object",
        driver_error="Syntax error or access violation",
    ),
    lost=error("OperationalError", "Communication link failure", driver_error="Communication link failure"),
    asked="INFORMATION_SCHEMA.COLUMNS",
    columns=rows_of("dbo", "Orders", "bigint|money|float|nvarchar|date|datetime2|datetimeoffset|bit"),
    table=("dbo", "Orders"),
)
ALL = (SNOWFLAKE, DATABRICKS, TRINO, REDSHIFT, MSSQL)
each = pytest.mark.parametrize("driver", ALL, ids=lambda driver: driver.scheme)


@pytest.fixture
def server() -> Server:
    return Server()


def opened(
    driver: Driver, server: Server, monkeypatch: pytest.MonkeyPatch, *, url: str | None = None, **options: Any
) -> Opened:
    for part, outcomes in driver.beside.items():
        server.answers.setdefault(part, outcomes)
    installed(monkeypatch, driver.modules(server))
    return connect(read_url(url or driver.url), timeout_seconds=options.pop("timeout", None), **options)


def orders(source: str = "orders") -> Any:
    """Return what an engine sees of a dataset."""
    return SimpleNamespace(name="orders", source=source, is_file=False)


def refusal(act: Callable[[], object]) -> EngineError:
    with pytest.raises(EngineError) as caught:
        act()
    for secret in (SECRET, QUOTED, TOKEN):
        assert secret not in f"{caught.value} {caught.value.detail} {caught.value!r}"
    assert caught.value.__cause__ is None
    return caught.value


# --- what all of them do


@each
def test_its_dialect_is_one_that_kpis_are_compiled_for(
    driver: Driver, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert opened(driver, server, monkeypatch).dialect in DIALECTS
    assert driver.scheme in schemes()


@each
def test_a_missing_driver_is_told_with_the_extra_that_brings_it(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, driver.module, None)

    told = refusal(lambda: connect(read_url(driver.url), timeout_seconds=None))

    assert str(told) == f"{driver.scheme}: its driver is not installed; install `kpiascode[{driver.extra}]`"


@each
def test_a_wrong_password_is_told_and_not_repeated(
    driver: Driver, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.on(driver.asks_first, driver.login)

    told = refusal(lambda: opened(driver, server, monkeypatch))

    assert str(told).startswith(f"{driver.scheme}: cannot connect (the ")
    assert "wrong" in str(told)


@each
def test_a_missing_table_is_told(driver: Driver, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = opened(driver, server, monkeypatch)
    server.on("FROM t", driver.missing)

    assert "the query failed (a table is missing" in str(refusal(lambda: engine.select(SELECT)))


@each
def test_a_missing_permission_is_told(
    driver: Driver, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = opened(driver, server, monkeypatch)
    server.on("FROM t", driver.forbidden)

    assert "may not read it)" in str(refusal(lambda: engine.select(SELECT)))


@each
def test_a_secret_in_the_words_of_a_driver_is_not_repeated(
    driver: Driver, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = opened(driver, server, monkeypatch)
    server.on("FROM t", error("StrangeError", f"at {SECRET} and {QUOTED}", context={}))

    told = refusal(lambda: engine.select(SELECT))

    assert str(told) == f"{driver.scheme}: the query failed (StrangeError)"
    assert told.detail == "at *** and ***"


@each
def test_a_query_that_takes_too_long_is_stopped(
    driver: Driver, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = opened(driver, server, monkeypatch, timeout=0.2)
    server.on("FROM t", NAP)

    told = refusal(lambda: engine.select(SELECT))

    assert str(told) == f"{driver.scheme}: the query took longer than 0.2 s and was stopped"
    assert server.stopped.is_set() or "CANCEL 4711" in server.statements


@each
def test_a_lost_connection_is_tried_once_more(
    driver: Driver, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = opened(driver, server, monkeypatch)
    server.on("FROM t", driver.lost, ROWS)

    assert engine.select(SELECT) == ROWS
    assert len(server.connections) == 2
    assert server.connections[0] == server.connections[1]


@each
def test_a_connection_that_is_lost_twice_is_not_tried_again(
    driver: Driver, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = opened(driver, server, monkeypatch)
    server.on("FROM t", driver.lost)

    told = refusal(lambda: engine.select(SELECT))

    assert "the connection was lost, and a second try failed" in str(told)
    assert [statement for statement in server.statements if statement == SELECT] == [SELECT] * 2
    assert len(server.connections) == 2


@each
def test_what_was_refused_is_not_asked_again(
    driver: Driver, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = opened(driver, server, monkeypatch)
    server.on("FROM t", driver.missing)

    refusal(lambda: engine.select(SELECT))

    assert len(server.connections) == 1


@each
def test_values_come_as_they_are(driver: Driver, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = opened(driver, server, monkeypatch)
    server.on("FROM t", ROWS)

    (row,) = engine.select(SELECT)

    assert row == ROWS[0]
    assert [type(cell) for cell in row] == [type(cell) for cell in ROWS[0]]


@each
def test_the_query_is_said_as_it_is(driver: Driver, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = opened(driver, server, monkeypatch)
    server.scans = driver is REDSHIFT

    engine.select(SELECT)

    assert server.said[-1] == (SELECT, None)


@each
def test_columns_have_our_types_and_the_table_its_own_name(
    driver: Driver, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = opened(driver, server, monkeypatch)
    server.on(driver.asked, driver.columns)

    table = engine.catalog([orders()]).tables["orders"]

    assert table.name == driver.table
    assert dict(table.columns) == {f"c{n}": Type[kind] for n, kind in enumerate(KINDS)}


@each
def test_a_table_that_is_not_there_is_not_in_the_catalog(
    driver: Driver, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = opened(driver, server, monkeypatch)
    server.on(driver.asked, [])

    assert not engine.catalog([orders()]).tables


@each
def test_names_are_bound_and_never_written_into_the_question(
    driver: Driver, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = opened(driver, server, monkeypatch)

    engine.catalog([orders("evil'schema.o'clock")])

    statement, values = server.said[-1]
    assert "'clock" not in statement
    bound = values.values() if isinstance(values, dict) else values
    assert {"o'clock", "evil'schema"} <= set(bound)


@each
def test_an_option_that_means_nothing_is_refused_and_not_repeated(
    driver: Driver, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = driver.url + ("&" if "?" in driver.url else "?") + f"{TOKEN}=1"

    assert "an option that it does not know" in str(
        refusal(lambda: opened(driver, server, monkeypatch, url=url))
    )
    assert not server.connections


@each
def test_a_table_is_filled_under_another_name_first(
    driver: Driver, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = opened(driver, server, monkeypatch, writes=True)
    server.said.clear()
    server.on("SELECT COUNT(*)", [(2,)])

    engine.load(
        "t", [("a", "VARCHAR"), ("b", "DECIMAL(18,2)")], [("x", Decimal("1.50")), ("y", None)], replace=True
    )

    said = server.statements
    order = [next(n for n, one in enumerate(said) if part in one) for part in ("CREATE TABLE", "INSERT", "t")]
    assert order[0] < order[1] < len(said) - 1
    (made,) = set(re.findall(r"t__loading_[0-9a-f]{8}", " ".join(said)))
    assert made in said[order[0]]
    assert "RENAME TO" in said[-1] or said[-1] == f"EXEC sp_rename '\"{made}\"', 't'"
    bound = [cell for statement, values in server.said if statement.startswith("INSERT") for cell in values]
    assert bound == ["x", Decimal("1.50"), "y", None]


@each
@pytest.mark.parametrize(
    ("part", "outcome"),
    [("INSERT", error("Full", "no room")), ("SELECT COUNT(*)", [(3,)])],
    ids=["broken off", "of another number of rows"],
)
def test_a_table_that_is_not_whole_is_dropped_and_no_other_is(
    part: str, outcome: object, driver: Driver, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = opened(driver, server, monkeypatch, writes=True)
    server.said.clear()
    server.on(part, outcome)

    refusal(lambda: engine.load("t", [("a", "VARCHAR")], [("x",), ("y",)], replace=True))

    dropped = [statement for statement in server.statements if "DROP" in statement]
    assert len(dropped) == 1
    assert re.search(r"DROP TABLE .t__loading_[0-9a-f]{8}.", dropped[0])


@each
def test_a_table_that_is_there_is_not_filled(
    driver: Driver, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = opened(driver, server, monkeypatch, writes=True)
    server.on(driver.asked, driver.columns)

    told = refusal(lambda: engine.load("orders", [("a", "VARCHAR")], [("x",)], replace=False))

    assert "there is a table `orders` already" in str(told)
    assert not any("CREATE" in statement for statement in server.statements)


def test_every_scheme_has_an_adapter_that_says_its_dialect_and_extra() -> None:
    from importlib import import_module

    for module, name in OWN.values():
        adapter = getattr(import_module(f"kpiascode.run.engines.{module}"), name)
        assert adapter.dialect in DIALECTS


# --- Snowflake


def test_snowflake_is_connected_to_by_account_and_path(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(SNOWFLAKE, server, monkeypatch, timeout=30)

    (told,) = server.connections
    session = told.pop("session_parameters")
    assert told == {
        "account": "acme-eu1",
        "user": "me",
        "password": SECRET,
        "database": "shop",
        "schema": "sales",
        "warehouse": "small",
        "role": "reader",
        "validate_default_parameters": True,
        "login_timeout": 30,
        "application": "kpiascode",
    }
    assert session["TIMEZONE"] == "UTC"
    assert session["TIMESTAMP_TYPE_MAPPING"] == "TIMESTAMP_NTZ"
    assert session["QUOTED_IDENTIFIERS_IGNORE_CASE"] is False
    assert session["STATEMENT_TIMEOUT_IN_SECONDS"] == 30
    assert session["CLIENT_TELEMETRY_ENABLED"] is False


def test_snowflake_takes_a_key_instead_of_a_password(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"snowflake://me@acme/shop?private_key_file=/keys/me.p8&private_key_file_pwd={QUOTED}"
    opened(SNOWFLAKE, server, monkeypatch, url=url)

    (told,) = server.connections
    assert told["authenticator"] == "SNOWFLAKE_JWT"
    assert told["private_key_file"] == "/keys/me.p8"
    assert told["private_key_file_pwd"] == SECRET
    assert "password" not in told
    assert "schema" not in told


def test_snowflake_tells_what_a_query_reads(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = opened(SNOWFLAKE, server, monkeypatch)
    server.on("EXPLAIN USING JSON", [('{"GlobalStats": {"partitionsTotal": 9, "bytesAssigned": 4096}}',)])

    assert engine.estimate(SELECT) == 4096
    assert server.statements == [f"EXPLAIN USING JSON {SELECT}"]

    server.on("EXPLAIN USING JSON", [('{"GlobalStats": {}}',)])
    assert engine.estimate(SELECT) is None


def test_snowflake_finds_a_table_of_another_database(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = opened(SNOWFLAKE, server, monkeypatch)
    server.on(SNOWFLAKE.asked, SNOWFLAKE.columns)
    server.on("information_schema.databases", [("SHOP",), ("Old",)])

    found = engine.catalog([orders("old.sales.orders")]).tables["orders"]

    assert found.name == ("Old", "SALES", "ORDERS")
    assert 'FROM "Old".information_schema.columns' in server.statements[-1]
    assert not engine.catalog([orders("other.sales.orders")]).tables


# --- Databricks


@pytest.mark.parametrize(
    ("path", "session"),
    [
        ("/sql/1.0/warehouses/ab12", {"TIMEZONE": "UTC", "ANSI_MODE": "true", "STATEMENT_TIMEOUT": "30"}),
        (
            "sql/protocolv1/o/6789/12abc567",
            {"spark.sql.session.timeZone": "UTC", "spark.sql.ansi.enabled": "true"},
        ),
    ],
)
def test_databricks_has_its_session_by_the_names_of_warehouse_or_cluster(
    server: Server, monkeypatch: pytest.MonkeyPatch, path: str, session: dict[str, str]
) -> None:
    url = f"databricks://token:{TOKEN}@dbc-1.cloud.databricks.com/shop?http_path={path}"
    opened(DATABRICKS, server, monkeypatch, url=url, timeout=30)

    assert server.connections == [
        {
            "server_hostname": "dbc-1.cloud.databricks.com",
            "http_path": path,
            "access_token": TOKEN,
            "catalog": "shop",
            "session_configuration": session,
            "user_agent_entry": "kpiascode",
            "enable_telemetry": False,
        }
    ]


def test_databricks_in_another_zone_is_refused(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.on("current_timezone", [("Europe/Berlin", "shop", "sales")])

    assert "cannot be set to the time zone UTC" in str(
        refusal(lambda: opened(DATABRICKS, server, monkeypatch))
    )


def test_databricks_without_arrow_is_refused(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, DATABRICKS.modules(server))
    monkeypatch.setitem(sys.modules, "pyarrow", None)

    told = refusal(lambda: connect(read_url(DATABRICKS.url), timeout_seconds=None))

    assert "install `kpiascode[databricks]`" in str(told)


# --- Trino


def test_trino_has_https_where_there_is_a_password(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(TRINO, server, monkeypatch, timeout=1.5)

    assert server.connections == [
        {
            "host": "trino.example",
            "port": 8443,
            "user": "me",
            "source": "kpiascode",
            "catalog": "shop",
            "schema": "sales",
            "http_scheme": "https",
            "auth": ("basic", "me", SECRET),
            "verify": True,
            "timezone": "UTC",
            "session_properties": {"query_max_run_time": "1500ms"},
        }
    ]


@pytest.mark.parametrize(
    ("url", "scheme", "port", "auth"),
    [
        ("trino://me@here/shop", "http", 8080, None),
        ("trino://me@here:8443/shop", "https", 8443, None),
        (f"trino://me@here/shop?token={TOKEN}", "https", 443, ("jwt", TOKEN)),
    ],
)
def test_trino_never_sends_a_secret_in_the_clear(
    server: Server, monkeypatch: pytest.MonkeyPatch, url: str, scheme: str, port: int, auth: object
) -> None:
    opened(TRINO, server, monkeypatch, url=url)

    (told,) = server.connections
    assert (told["http_scheme"], told["port"], told["auth"]) == (scheme, port, auth)


def test_trino_does_not_guess_how_much_is_read(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    assert opened(TRINO, server, monkeypatch).estimate(SELECT) is None


# --- Redshift


def test_redshift_has_its_session(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(REDSHIFT, server, monkeypatch, timeout=30)

    assert server.connections == [
        {
            "user": "me",
            "password": SECRET,
            "host": "shop.abc.eu-west-1.redshift.amazonaws.com",
            "port": 5439,
            "database": "shop",
            "application_name": "kpiascode",
        }
    ]
    assert server.statements == [
        "SET timezone TO 'UTC'",
        "SET datestyle TO 'ISO, YMD'",
        "SET enable_case_sensitive_identifier TO true",
        "SET query_group TO 'kpiascode'",
        "SET statement_timeout TO 30000",
        "SELECT pg_backend_pid()",
    ]


def test_redshift_by_iam_has_no_password(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    url = "redshift://me@/shop?iam=true&cluster_identifier=shop&region=eu-west-1&profile=reader"
    opened(REDSHIFT, server, monkeypatch, url=url)

    (told,) = server.connections
    assert told["iam"] is True
    assert told["db_user"] == "me"
    assert told["cluster_identifier"] == "shop"
    assert "password" not in told


# --- SQL Server


def test_mssql_ends_no_value_at_a_sign_of_its_own(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(MSSQL, server, monkeypatch, url=f"{MSSQL.url}?encrypt=strict", timeout=30)

    (told,) = server.connections
    ((text,), autocommit, timeout) = told[""], told["autocommit"], told["timeout"]
    assert text == (
        "Server={tcp:db.example,1433};Database={shop};UID={me};PWD={"
        + SECRET.replace("}", "}}")
        + "};Encrypt={strict}"
    )
    assert (autocommit, timeout) == (True, 10)


@pytest.mark.parametrize("value", ["a", "a;b", "}", "a}};PWD={x", "{", "é", "=;{}"])
def test_a_braced_value_reads_back(value: str) -> None:
    written = braced(value)

    assert written[0] == "{"
    assert written[-1] == "}"
    inner = written[1:-1]
    assert "}" not in inner.replace("}}", "")
    assert inner.replace("}}", "}") == value


def test_mssql_has_its_session(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(MSSQL, server, monkeypatch)

    (said,) = server.statements
    for setting in (
        "QUOTED_IDENTIFIER ON",
        "ANSI_NULLS ON",
        "ARITHABORT ON",
        "DATEFIRST 1",
        "LOCK_TIMEOUT 10000",
    ):
        assert f"SET {setting}" in said


# --- BigQuery, which has jobs and no cursors


@dataclass
class Job:
    cloud: "Cloud"
    sql: str
    settings: Any
    total_bytes_processed: int | None = 4096

    def result(self) -> list[dict[str, Any]]:
        rows = self.cloud.server.answer(self.sql)
        return [{f"c{n}": cell for n, cell in enumerate(row)} for row in rows]

    def cancel(self) -> None:
        self.cloud.server.stopped.set()


@dataclass
class Thing:
    """Whatever is made of keywords only."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.arguments = arguments
        vars(self).update(options)


@dataclass
class Cloud:
    """A stand-in for google.cloud.bigquery and for its Client."""

    server: Server
    tables: dict[str, list[Thing]] = field(default_factory=dict)
    jobs: list[Job] = field(default_factory=list)
    loads: list[tuple[Any, ...]] = field(default_factory=list)

    def query(self, sql: str, *, job_config: Any) -> Job:
        self.jobs.append(Job(self, sql, job_config))
        return self.jobs[-1]

    def get_table(self, path: str) -> Thing:
        self.server.answer(f"(table {path})")
        if path not in self.tables:
            raise NOT_FOUND("404 Not found: Table")
        return Thing(table_id=path.rpartition(".")[2], schema=self.tables[path])

    def list_tables(self, path: str) -> list[Thing]:
        return [Thing(table_id=one.rpartition(".")[2]) for one in self.tables if one.startswith(f"{path}.")]

    def load_table_from_json(self, rows: Any, path: str, *, job_config: Any) -> Job:
        self.loads.append((rows, path, job_config))
        return Job(self, "(load)", job_config)

    def delete_table(self, path: str, *, not_found_ok: bool) -> None:
        assert not_found_ok
        del self.tables[path]

    def close(self) -> None:
        pass


def google(name: str, code: int, reason: str | None) -> type[Exception]:
    """Return a class as google.api_core.exceptions has it."""
    return type(name, (Exception,), {"code": code, "errors": [{"reason": reason}]})


NOT_FOUND = google("NotFound", 404, "notFound")
FORBIDDEN = google("Forbidden", 403, "accessDenied")
UNAVAILABLE = google("ServiceUnavailable", 503, None)
BAD_REQUEST = google("BadRequest", 400, "bytesBilledLimitExceeded")
NO_CREDENTIALS = type("DefaultCredentialsError", (Exception,), {})
BIGQUERY = "bigquery://acme-shop/sales?location=EU&maximum_bytes_billed=1000000"


@pytest.fixture
def cloud(server: Server, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    made = Cloud(server)

    def client(**options: Any) -> Cloud:
        server.connect(**options)
        return made

    installed(
        monkeypatch,
        {
            "google": {},
            "google.cloud": {},
            "google.cloud.bigquery": {
                "Client": client,
                "QueryJobConfig": Thing,
                "LoadJobConfig": Thing,
                "SchemaField": Thing,
                "ConnectionProperty": lambda key, value: (key, value),
            },
            "google.api_core": {},
            "google.api_core.exceptions": {"NotFound": NOT_FOUND, "ServiceUnavailable": UNAVAILABLE},
            "google.auth": {},
            "google.auth.exceptions": {"TransportError": type("TransportError", (Exception,), {})},
        },
    )
    return made


def bigquery(url: str = BIGQUERY, **options: Any) -> Any:
    return connect(read_url(url), timeout_seconds=options.pop("timeout", None), **options)


def columns_of(kinds: str) -> list[Thing]:
    return [Thing(name=f"c{n}", field_type=kind, mode="NULLABLE") for n, kind in enumerate(kinds.split("|"))]


def test_every_job_of_bigquery_carries_its_settings(cloud: Cloud, server: Server) -> None:
    engine = bigquery(timeout=30)
    server.on("FROM t", ROWS)

    assert engine.select(SELECT) == ROWS
    assert engine.dialect == "bigquery"
    assert server.connections == [{"project": "acme-shop", "location": "EU"}]
    settings = vars(cloud.jobs[0].settings)
    assert settings == {
        "arguments": (),
        "use_legacy_sql": False,
        "connection_properties": [("time_zone", "UTC")],
        "default_dataset": "acme-shop.sales",
        "maximum_bytes_billed": 1_000_000,
        "job_timeout_ms": 30_000,
    }


def test_bigquery_tells_what_a_query_reads_by_a_dry_run(cloud: Cloud) -> None:
    assert bigquery().estimate(SELECT) == 4096
    assert cloud.jobs[0].settings.dry_run is True
    assert cloud.jobs[0].settings.use_query_cache is False


def test_bigquery_takes_the_exact_name_before_one_of_another_case(cloud: Cloud) -> None:
    kinds = "INTEGER|BIGNUMERIC|FLOAT|STRING|DATE|DATETIME|TIMESTAMP|BOOLEAN"
    cloud.tables = {
        "acme-shop.sales.orders": columns_of(kinds),
        "acme-shop.sales.ORDERS": columns_of("STRING"),
    }
    engine = bigquery()

    found = engine.catalog([orders()]).tables["orders"]
    assert found.name == ("acme-shop", "sales", "orders")
    assert dict(found.columns) == {f"c{n}": Type[kind] for n, kind in enumerate(KINDS)}

    del cloud.tables["acme-shop.sales.orders"]
    assert engine.catalog([orders()]).tables["orders"].name == ("acme-shop", "sales", "ORDERS")

    cloud.tables["acme-shop.sales.Orders"] = columns_of("STRING")
    assert not engine.catalog([orders()]).tables, "it may be either"


def test_what_bigquery_repeats_in_a_cell_is_no_value(cloud: Cloud) -> None:
    cloud.tables = {"other.sales.orders": [Thing(name="tags", field_type="STRING", mode="REPEATED")]}

    found = bigquery().catalog([orders("other.sales.orders")]).tables["orders"]

    assert found.name == ("other", "sales", "orders")
    assert found.columns["tags"] is Type.UNKNOWN
    assert found.unusable == {"tags": "ARRAY"}


@pytest.mark.parametrize(
    ("raised", "told"),
    [
        (NOT_FOUND("404"), "a table is missing"),
        (FORBIDDEN("403"), "this user may not read it"),
        (BAD_REQUEST("400"), "it would read more than `maximum_bytes_billed`"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_what_bigquery_refuses_is_told(cloud: Cloud, server: Server, raised: Exception, told: str) -> None:
    server.on("FROM t", raised)

    assert str(refusal(lambda: bigquery().select(SELECT))) == f"bigquery: the query failed ({told})"


def test_bigquery_without_credentials_says_how_to_get_some(cloud: Cloud, server: Server) -> None:
    server.on("(connect)", NO_CREDENTIALS("Your default credentials were not found."))

    assert "gcloud auth application-default login" in str(refusal(bigquery))


def test_bigquery_stops_a_job_that_takes_too_long(cloud: Cloud, server: Server) -> None:
    engine = bigquery(timeout=0.2)
    server.on("FROM t", NAP)

    assert "took longer than 0.2 s" in str(refusal(lambda: engine.select(SELECT)))
    assert server.stopped.is_set()


def test_bigquery_is_tried_once_more(cloud: Cloud, server: Server) -> None:
    engine = bigquery()
    server.on("FROM t", UNAVAILABLE("503"), ROWS)
    assert engine.select(SELECT) == ROWS

    server.on("FROM t", UNAVAILABLE("503"))
    refusal(lambda: engine.select(SELECT))
    assert len(server.connections) == 3


def test_bigquery_is_loaded_by_a_job_with_decimals_as_texts(cloud: Cloud) -> None:
    columns = [
        ("a", "DECIMAL(18,2)"),
        ("b", "DECIMAL(38,12)"),
        ("c", "DATE"),
        ("d", "TIMESTAMP WITH TIME ZONE"),
    ]
    row = (Decimal("1.50"), Decimal("1E+3"), date(2026, 1, 31), datetime(2026, 1, 31, tzinfo=UTC))
    engine = bigquery(writes=True)

    engine.load("t", columns, [row], replace=False)

    rows, path, settings = cloud.loads[0]
    assert rows == [{"a": "1.50", "b": "1000", "c": "2026-01-31", "d": "2026-01-31T00:00:00+00:00"}]
    assert path == "acme-shop.sales.t"
    assert settings.write_disposition == "WRITE_EMPTY"
    assert [one.arguments[1] for one in settings.schema] == ["NUMERIC", "BIGNUMERIC", "DATE", "TIMESTAMP"]

    engine.load("t", columns, [row], replace=True)
    assert cloud.loads[1][2].write_disposition == "WRITE_TRUNCATE"

    cloud.tables = {"acme-shop.sales.t": []}
    assert "already" in str(refusal(lambda: engine.load("t", columns, [row], replace=False)))
    engine.drop("t")
    assert not cloud.tables


def test_a_missing_client_of_bigquery_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "google.cloud", None)

    assert "install `kpiascode[bigquery]`" in str(refusal(bigquery))


@pytest.mark.parametrize(
    "url", ["bigquery:///sales", "snowflake:///shop", "databricks://h/c", "trino:///c", "mssql:///d"]
)
def test_a_url_without_its_place_is_told(
    url: str, cloud: Cloud, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver = next((one for one in ALL if url.startswith(one.scheme)), None)
    if driver is not None:
        installed(monkeypatch, driver.modules(server))

    assert "the URL names no " in str(refusal(lambda: connect(read_url(url), timeout_seconds=None)))


# --- at the command line


def test_the_command_line_tells_a_failure_without_its_secret(
    shop: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed(monkeypatch, TRINO.modules(server))
    server.on("SELECT 1", TRINO.login)

    result = CliRunner().invoke(main, ["run", "net_sales", "--as-of", "2026-01-01", "--engine", TRINO.url])

    told = f"{result.output} {result.exception}"
    assert result.exit_code != 0
    assert SECRET not in told
    assert QUOTED not in told
