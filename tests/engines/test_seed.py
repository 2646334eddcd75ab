"""`kpi seed`: the files of a project as tables: types as declared, nulls as nulls, decimals to the last digit."""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import servers
from kpiascode.cli.main import main
from servers import Server

DATASET = """
kind: dataset
name: things
source: data/things.csv
time: day
columns:
  id: integer
  word: text
  amount: decimal(38,9)
  weight: double
  open: boolean
  day: date
  at: timestamp
"""
HEAD = "id,word,amount,weight,open,day,at,moment"
ROWS = (
    '9223372036854775807,"Ü""\'\\\\;%s ",12345678901234567890123456789.123456789,0.1,true,2026-01-31,'
    "2026-01-31 23:59:59.999999,2026-07-01T00:30:00+02:00",
    ',"",-0.000000001,-2.5,false,1900-01-01,1900-01-01 00:00:00,1999-12-31T23:59:59Z',
    "3,,,,,,,",
)
EXACT = (
    (
        9223372036854775807, "Ü\"'\\\\;%s ", Decimal("12345678901234567890123456789.123456789"), 0.1, True,
        date(2026, 1, 31), datetime(2026, 1, 31, 23, 59, 59, 999999), datetime(2026, 6, 30, 22, 30),
    ),
    (
        None, "", Decimal("-0.000000001"), -2.5, False,
        date(1900, 1, 1), datetime(1900, 1, 1), datetime(1999, 12, 31, 23, 59, 59),
    ),
    (3, None, None, None, None, None, None, None),
)  # fmt: skip
"""As the rows are meant; an instant is the clock of UTC here."""


@pytest.fixture
def things(shop: Path) -> Path:
    (shop / "data" / "things.csv").write_text("\n".join([HEAD, *ROWS]) + "\n", encoding="utf-8")
    (shop / "kpis" / "things.yaml").write_text(DATASET, encoding="utf-8")
    return shop


def kpi(*arguments: str) -> Result:
    result = CliRunner().invoke(main, list(arguments))
    assert "Traceback" not in result.stderr, result.stderr
    return result


def in_utc(value: Any) -> Any:
    return value.astimezone(UTC).replace(tzinfo=None) if getattr(value, "tzinfo", None) else value


def read(connection: Any, sql: str) -> list[tuple[Any, ...]]:
    with closing(connection) as opened:
        cursor = opened.cursor()
        cursor.execute(sql)
        return [tuple(map(in_utc, row)) for row in cursor.fetchall()]


def from_postgres(server: Server, sql: str) -> list[tuple[Any, ...]]:
    return read(servers.postgres_connection(server.port), sql)


def from_mariadb(server: Server, sql: str) -> list[tuple[Any, ...]]:
    return read(servers.mariadb_connection(server.port), f"{sql.replace('FROM ', 'FROM kpi.')}")


READERS: dict[str, Callable[[Server, str], Sequence[tuple[Any, ...]]]] = {
    "postgres": from_postgres,
    "mariadb": from_mariadb,
}
SELECTED = "SELECT * FROM things ORDER BY amount IS NULL, amount DESC"


@pytest.mark.parametrize("engine", ["postgres", "mariadb"])
@pytest.mark.usefixtures("things")
def test_what_is_in_the_file_is_in_the_table(engine: str, request: pytest.FixtureRequest) -> None:
    server: Server = request.getfixturevalue(engine)

    result = kpi("seed", "things", "--engine", server.url(), "--replace")

    assert (result.exit_code, result.output) == (0, "things: 3 rows\n")
    rows = READERS[engine](
        server, SELECTED.replace("SELECT *", "SELECT id, word, amount, weight, open, day, at, moment")
    )
    in_the_zone_of_mariadb = 0 if engine == "postgres" else 5 * 3600 + 45 * 60
    for row, exact in zip(rows, EXACT, strict=True):
        if row[7] is not None:
            assert (row[7] - exact[7]).total_seconds() == in_the_zone_of_mariadb
        assert row[:7] == exact[:7]


def test_sqlite_takes_no_decimal_that_it_would_round(things: Path) -> None:
    result = kpi("seed", "things", "--engine", "sqlite:///new.db")

    assert (result.exit_code, result.stdout) == (3, "")
    assert "15 digits" in result.stderr


def test_sqlite_has_texts_for_times_and_doubles_for_decimals(tmp_path: Path, things: Path) -> None:
    file = tmp_path / "new.db"
    csv = things / "data" / "things.csv"
    csv.write_text(csv.read_text().replace("12345678901234567890123456789.123456789", "12345.123456789"))

    result = kpi("seed", "things", "--engine", f"sqlite:///{file}")

    assert (result.exit_code, result.output) == (0, "things: 3 rows\n")
    assert read(sqlite3.connect(file), SELECTED) == [
        (
            *(9223372036854775807, "Ü\"'\\\\;%s ", 12345.123456789, 0.1, 1),
            *("2026-01-31", "2026-01-31 23:59:59.999999", "2026-06-30 22:30:00+00:00"),
        ),
        (None, "", -1e-09, -2.5, 0, "1900-01-01", "1900-01-01 00:00:00", "1999-12-31 23:59:59+00:00"),
        (3, None, None, None, None, None, None, None),
    ]


@pytest.mark.parametrize("engine", ["postgres", "mariadb"])
@pytest.mark.usefixtures("shop")
def test_a_table_is_replaced_only_when_that_is_said(engine: str, request: pytest.FixtureRequest) -> None:
    server: Server = request.getfixturevalue(engine)
    assert kpi("seed", "customers", "--engine", server.url(), "--replace").exit_code == 0
    Path("data/customers.csv").write_text("id,country\n7,FR\n")

    refused = kpi("seed", "customers", "--engine", server.url())
    assert (refused.exit_code, refused.stdout) == (3, "")
    assert "there is a table `customers` already; --replace drops it" in refused.stderr
    assert len(READERS[engine](server, "SELECT * FROM customers")) == 3

    assert kpi("seed", "customers", "--engine", server.url(), "--replace").exit_code == 0
    assert READERS[engine](server, "SELECT * FROM customers") == [(7, "FR")]


@pytest.mark.parametrize("engine", ["postgres", "mariadb"])
def test_a_file_that_cannot_be_read_changes_no_table(
    engine: str, request: pytest.FixtureRequest, shop: Path
) -> None:
    server: Server = request.getfixturevalue(engine)
    assert kpi("seed", "--engine", server.url(), "--replace").exit_code == 0
    (shop / "data" / "orders.csv").write_text("ordered_on,customer_id,channel,amount\n2026-01-01,1\n")

    result = kpi("seed", "--engine", server.url(), "--replace")

    assert (result.exit_code, result.stdout) == (1, "")
    assert len(READERS[engine](server, "SELECT * FROM orders")) == 10


@pytest.mark.usefixtures("shop")
def test_an_empty_file_is_an_empty_table(postgres: Server) -> None:
    Path("data/customers.csv").write_text("id,country\n")

    result = kpi("seed", "customers", "--engine", postgres.url(), "--replace")

    assert (result.exit_code, result.output) == (0, "customers: 0 rows\n")
    assert READERS["postgres"](postgres, "SELECT * FROM customers") == []


# --- wrong usage


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--engine", "duckdb:///x.duckdb"], "Embedded DuckDB reads the files themselves"),
        (["nothing", "--engine", "sqlite:///x.db"], "No dataset `nothing` is a file. There are `customers`, `orders`."),
        (["ordrs", "--engine", "sqlite:///x.db"], "Did you mean `orders`?"),
        (["--engine", "excel://host/x"], "There is no engine for `excel`"),
        ([], "Missing option '--engine'"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("shop")
def test_what_cannot_be_loaded_is_told(arguments: list[str], told: str) -> None:
    result = kpi("seed", *arguments)

    assert (result.exit_code, result.stdout) == (2, "")
    assert told in result.stderr
    assert not Path("x.db").exists()
