"""Hold the stand-ins of `test_drivers.py` against the drivers themselves, without any server.

`python tests/engines/check_drivers.py` installs the drivers into an environment that is thrown away, and asks them
whether they know the words that our adapters use, and return the types that the tests take for theirs.
"""

import inspect
import json
import subprocess
import sys
import tempfile
import tomllib
import venv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
EXTRAS = ("snowflake", "bigquery", "databricks", "trino", "redshift", "mssql")
ALL_OPTIONS = {
    "snowflake": "authenticator=oauth&token=x&private_key_file=/k&private_key_file_pwd=x",
    "databricks": "auth_type=databricks-oauth",
    "trino": "verify=/ca.pem",
    "redshift": "sslmode=verify-full&iam=true&region=x&profile=x&cluster_identifier=x&is_serverless=true"
    "&serverless_work_group=x",
    "mssql": "encrypt=strict&trust_server_certificate=no&authentication=x&application_intent=ReadOnly",
}


def told() -> dict[str, Any]:
    """Return the keywords that each adapter connects with, every option given."""
    import pytest
    from stand_ins import Server
    from test_drivers import ALL, opened

    found = {}
    for driver in ALL:
        server = Server()
        url = driver.url + ("&" if "?" in driver.url else "?") + ALL_OPTIONS[driver.scheme]
        with pytest.MonkeyPatch.context() as patch:
            opened(driver, server, patch, url=url, timeout=30)
        found[driver.scheme] = server.connections[0]
    return found


def main() -> int:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    wanted = [requirement for extra in EXTRAS for requirement in declared[extra]]
    words = json.dumps(told(), default=str)
    with tempfile.TemporaryDirectory(prefix="kpi-drivers-") as folder:
        venv.create(folder, with_pip=True)
        python = Path(folder) / ("Scripts" if sys.platform == "win32" else "bin") / "python"
        subprocess.run([python, "-m", "pip", "install", "--quiet", *wanted], check=True)
        return subprocess.run([python, __file__, "--inside"], input=words, text=True).returncode


# --- inside, where the drivers are


def knows(function: Callable[..., Any], *keywords: str) -> None:
    parameters = inspect.signature(function).parameters
    assert set(keywords) <= set(parameters), f"{function} has no {set(keywords) - set(parameters)}"


def snowflake(words: dict[str, Any]) -> None:
    from snowflake.connector.connection import DEFAULT_CONFIGURATION, SnowflakeConnection
    from snowflake.connector.converter import SnowflakeConverter
    from snowflake.connector.cursor import SnowflakeCursor
    from snowflake.connector.errors import Error

    assert set(words) <= set(DEFAULT_CONFIGURATION), set(words) - set(DEFAULT_CONFIGURATION)
    for name in ("execute_async", "get_results_from_sfqid", "abort_query", "sfqid"):
        assert hasattr(SnowflakeCursor, name), name
    assert hasattr(SnowflakeConnection, "is_closed")
    assert Error("x", errno=2003, sqlstate="42S02", send_telemetry=False).errno == 2003
    converter = SnowflakeConverter()
    assert converter.to_python_method("FIXED", {"scale": 2})("1.50") == Decimal("1.50")
    assert type(converter.to_python_method("FIXED", {"scale": 0})("3")) is int
    assert converter.to_python_method("DATE", {})("20484") == date(2026, 1, 31)


def databricks(words: dict[str, Any]) -> None:
    import pyarrow
    from databricks.sql import exc
    from databricks.sql.auth import auth
    from databricks.sql.backend.sea.utils.constants import ALLOWED_SESSION_CONF_TO_DEFAULT_VALUES_MAP
    from databricks.sql.client import Connection, Cursor

    texts = inspect.getsource(sys.modules[Connection.__module__]) + inspect.getsource(auth)
    texts += inspect.getsource(sys.modules["databricks.sql.session"])
    named = set(inspect.signature(Connection.__init__).parameters)
    unknown = {word for word in words if word not in named and f'"{word}"' not in texts}
    assert not unknown, unknown
    assert set(words["session_configuration"]) <= set(ALLOWED_SESSION_CONF_TO_DEFAULT_VALUES_MAP)
    knows(Cursor.columns, "catalog_name", "schema_name", "table_name")
    assert hasattr(Cursor, "cancel")
    for name in (
        "RequestError",
        "MaxRetryDurationError",
        "SessionAlreadyClosedError",
        "ServerOperationError",
    ):
        assert hasattr(exc, name), name
    made = pyarrow.array([Decimal("1.50")], pyarrow.decimal128(18, 2)).to_pylist()
    assert made == [Decimal("1.50")]


def trino(words: dict[str, Any]) -> None:
    from trino import dbapi, exceptions
    from trino.auth import BasicAuthentication, JWTAuthentication
    from trino.mapper import RowMapperFactory

    knows(dbapi.Connection.__init__, *words)
    knows(BasicAuthentication, "username", "password")
    knows(JWTAuthentication, "token")
    assert hasattr(dbapi.Cursor, "cancel")
    for name in ("TrinoConnectionError", "Http502Error", "Http503Error", "Http504Error", "HttpError"):
        assert hasattr(exceptions, name), name
    failed = exceptions.TrinoUserError({"errorName": "TABLE_NOT_FOUND"})
    assert failed.error_name == "TABLE_NOT_FOUND"
    kinds = ("decimal", "date", "timestamp", "timestamp with time zone", "bigint", "double")
    number = {"kind": "LONG", "value": 6}
    columns = [{"typeSignature": {"rawType": kind, "arguments": [number]}} for kind in kinds]
    row = ["1.50", "2026-01-31", "2026-01-31 23:30:00.000000", "2026-01-31 23:30:00.000000 UTC", 3, 0.5]
    (made,) = RowMapperFactory().create(columns, False).map([row])
    moment = datetime(2026, 1, 31, 23, 30)
    assert list(made) == [Decimal("1.50"), date(2026, 1, 31), moment, moment.replace(tzinfo=UTC), 3, 0.5]


def redshift(words: dict[str, Any]) -> None:
    import redshift_connector
    from redshift_connector.core import convert_paramstyle

    knows(redshift_connector.connect, *words)
    assert convert_paramstyle("qmark", "SELECT 7 % 4")[0] == "SELECT 7 % 4"
    assert "paramstyle" in inspect.getsource(redshift_connector.Cursor.__init__)
    assert issubclass(redshift_connector.ProgrammingError, redshift_connector.Error)


def mssql(words: dict[str, Any]) -> None:
    import mssql_python
    from mssql_python import ddbc_bindings
    from mssql_python.connection_string_parser import _ConnectionStringParser

    (text,) = words.pop("")
    knows(mssql_python.connect, *words)
    read = _ConnectionStringParser(validate_keywords=True)._parse(text)
    assert {key.lower(): value for key, value in read.items()} == {
        "server": "tcp:db.example,1433",
        "database": "shop",
        "uid": "me",
        "pwd": "p;w}d/%é",
        "encrypt": "strict",
        "trustservercertificate": "no",
        "authentication": "x",
        "applicationintent": "ReadOnly",
    }
    assert isinstance(mssql_python.Connection.timeout, property)
    handles = [one for one in vars(ddbc_bindings).values() if hasattr(one, "_cancel")]
    assert handles, "no handle of a statement can be cancelled"
    failed = mssql_python.OperationalError("Communication link failure", "x")
    assert failed.driver_error == "Communication link failure"


def bigquery(words: dict[str, Any]) -> None:
    from google.api_core import exceptions
    from google.auth import exceptions as of_auth
    from google.cloud import bigquery

    client = bigquery.Client
    knows(client, "project", "location")
    knows(client.query, "job_config")
    knows(client.load_table_from_json, "job_config")
    knows(client.delete_table, "not_found_ok")
    assert hasattr(client, "get_table")
    assert hasattr(client, "list_tables")
    settings = bigquery.QueryJobConfig(use_legacy_sql=False, dry_run=True, use_query_cache=False)
    settings.connection_properties = [bigquery.ConnectionProperty("time_zone", "UTC")]
    settings.default_dataset = "project.dataset"
    settings.maximum_bytes_billed = 1_000
    settings.job_timeout_ms = 1_000
    sent = settings.to_api_repr()
    assert sent["jobTimeoutMs"] == "1000"
    assert sent["query"]["connectionProperties"] == [{"key": "time_zone", "value": "UTC"}]
    assert sent["query"]["defaultDataset"] == {"projectId": "project", "datasetId": "dataset"}
    assert sent["query"]["maximumBytesBilled"] == "1000"
    field = bigquery.SchemaField("a", "NUMERIC")
    assert (field.name, field.field_type, field.mode) == ("a", "NUMERIC", "NULLABLE")
    bigquery.LoadJobConfig(schema=[field], write_disposition="WRITE_EMPTY")
    assert hasattr(bigquery.QueryJob, "cancel")
    assert hasattr(bigquery.QueryJob, "total_bytes_processed")
    row = bigquery.Row((Decimal("1.50"),), {"a": 0})
    assert tuple(row.values()) == (Decimal("1.50"),)
    for name in ("NotFound", "ServiceUnavailable"):
        assert hasattr(exceptions, name), name
    for name in ("TransportError", "DefaultCredentialsError", "RefreshError"):
        assert hasattr(of_auth, name), name
    failed = exceptions.Forbidden("x", errors=[{"reason": "accessDenied"}])
    assert (failed.code, failed.errors) == (403, [{"reason": "accessDenied"}])


@contextmanager
def said(name: str) -> Iterator[list[bool]]:
    """Say whether what is asked of a driver holds."""
    holds: list[bool] = []
    try:
        yield holds
    except Exception as error:
        print(f"{name}: {type(error).__name__}: {error}")
        holds.append(False)
    else:
        print(f"{name}: as the stand-in")


def inside() -> int:
    words = json.load(sys.stdin)
    failures = []
    for check in (snowflake, databricks, trino, redshift, mssql, bigquery):
        with said(check.__name__) as holds:
            check(words.get(check.__name__, {}))
        failures += holds
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(inside() if sys.argv[1:] == ["--inside"] else main())
