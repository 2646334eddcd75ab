"""`kpi seed`: the files of a project as tables: types as declared, nulls as nulls, decimals to the last digit."""

import sqlite3
import threading
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
from kpiascode.run.engine import EngineError
from kpiascode.run.engines import Opened, connect
from kpiascode.run.engines.url import read_url
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
    assert "cannot load `things`: its column `amount` holds a decimal of more than 15 digits" in result.stderr


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


# --- beside others, and broken off

COUNTED = "SELECT count(*) FROM things"


def loader(server: Server) -> Opened:
    return connect(read_url(server.url()), timeout_seconds=None, writes=True)


def tables(server: Server) -> set[str]:
    if server.scheme == "mysql":
        found = read(servers.mariadb_connection(server.port), "SHOW TABLES IN kpi")
    else:
        sql = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        found = read(servers.postgres_connection(server.port), sql)
    return {name for (name,) in found}


def left(server: Server) -> set[str]:
    return {name for name in tables(server) if "__loading" in name}


@pytest.mark.parametrize("engine", ["postgres", "mariadb"])
def test_of_two_that_load_at_once_one_is_the_table(engine: str, request: pytest.FixtureRequest) -> None:
    server: Server = request.getfixturevalue(engine)
    sizes = (20_000, 20_001, 20_002)
    refused = []

    def load(rows: int) -> None:
        with closing(loader(server)) as opened:
            try:
                opened.load("things", [("n", "BIGINT")], [(n,) for n in range(rows)], replace=True)
            except EngineError as error:
                refused.append(str(error))

    for _ in range(2):
        at_once = [threading.Thread(target=load, args=(rows,)) for rows in sizes]
        for thread in at_once:
            thread.start()
        for thread in at_once:
            thread.join()

        ((found,),) = READERS[engine](server, COUNTED)
        assert found in sizes
        assert left(server) == set()
    assert len(refused) < 2 * len(sizes) - 1


@pytest.mark.parametrize("engine", ["postgres", "mariadb"])
def test_a_table_of_the_users_own_is_not_taken_for_what_was_left(
    engine: str, request: pytest.FixtureRequest
) -> None:
    server: Server = request.getfixturevalue(engine)
    with closing(loader(server)) as opened:
        opened.load("things__loading", [("precious", "BIGINT")], [(1,), (2,)], replace=True)
        opened.load("things", [("n", "BIGINT")], [(1,)], replace=True)

        assert len(READERS[engine](server, "SELECT * FROM things__loading")) == 2


@pytest.mark.parametrize("engine", ["postgres", "mariadb"])
def test_a_table_that_came_meanwhile_is_not_dropped(
    engine: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    server: Server = request.getfixturevalue(engine)
    with closing(loader(server)) as opened, closing(loader(server)) as other:
        insert = opened._insert  # type: ignore[attr-defined]

        def while_another_loads(table: str, rows: Any, width: int) -> None:
            insert(table, rows, width)
            other.load("things", [("n", "BIGINT")], [(1,), (2,), (3,)], replace=False)

        monkeypatch.setattr(opened, "_insert", while_another_loads)
        with pytest.raises(EngineError, match="there is a table `things` already; --replace drops it"):
            opened.load("things", [("n", "BIGINT")], [(7,)], replace=False)

    assert READERS[engine](server, COUNTED) == [(3,)]
    assert left(server) == set()


@pytest.mark.parametrize("engine", ["postgres", "mariadb"])
@pytest.mark.parametrize("replace", [False, True])
def test_a_load_that_fails_leaves_nothing_and_changes_nothing(
    replace: bool, engine: str, request: pytest.FixtureRequest
) -> None:
    server: Server = request.getfixturevalue(engine)
    with closing(loader(server)) as opened:
        if replace:
            opened.load("things", [("n", "BIGINT")], [(1,), (2,)], replace=False)
        with pytest.raises(EngineError, match="cannot load `things`"):
            opened.load("things", [("n", "BIGINT")], [(1,), ("no number",)], replace=replace)

    assert left(server) == set()
    assert ("things" in tables(server)) is replace
    if replace:
        assert READERS[engine](server, COUNTED) == [(2,)]


@pytest.mark.parametrize("engine", ["postgres", "mariadb"])
def test_a_view_of_that_name_is_left_alone(engine: str, request: pytest.FixtureRequest) -> None:
    server: Server = request.getfixturevalue(engine)
    reader = servers.postgres_connection if engine == "postgres" else servers.mariadb_connection
    place = "" if engine == "postgres" else "kpi."
    with closing(reader(server.port)) as side:
        side.cursor().execute(f"CREATE VIEW {place}things AS SELECT 1 AS n")
    with (
        closing(loader(server)) as opened,
        pytest.raises(EngineError, match="there is a table or a view of that name already"),
    ):
        opened.load("things", [("n", "BIGINT")], [(1,), (2,)], replace=True)
    assert left(server) == set()


def test_sqlite_keeps_its_table_when_a_load_fails(tmp_path: Path) -> None:
    file = tmp_path / "tables.db"
    url = read_url(f"sqlite:///{file}")
    with closing(connect(url, timeout_seconds=None, writes=True)) as opened:
        opened.load("things", [("n", "BIGINT")], [(1,), (2,)], replace=False)
        with pytest.raises(EngineError, match="cannot load `things`"):
            opened.load("things", [("n", "BIGINT")], [(1,), (object(),)], replace=True)
        with pytest.raises(EngineError, match="there is a table `things` already"):
            opened.load("things", [("n", "BIGINT")], [(1,)], replace=False)

    assert read(sqlite3.connect(file), COUNTED) == [(2,)]
    assert read(sqlite3.connect(file), "SELECT name FROM sqlite_master") == [("things",)]


def test_a_folder_of_datafusion_keeps_its_table_when_a_load_fails(tmp_path: Path) -> None:
    pytest.importorskip("datafusion", reason="the driver datafusion is not installed")
    url = read_url(f"datafusion:///{tmp_path}/tables")
    opened = connect(url, timeout_seconds=None, writes=True)
    opened.load("things", [("n", "BIGINT")], [(1,), (2,)], replace=False)
    with pytest.raises(EngineError, match="cannot load `things`"):
        opened.load("things", [("n", "BIGINT")], [(1,), ("no number",)], replace=True)

    assert [file.name for file in (tmp_path / "tables").iterdir()] == ["things.parquet"]


# --- what has no type or no room

EMPTY = """
kind: dataset
name: visits
source: data/visits.csv
time: at
relationships:
  customer: {to: customers, keys: {customer_id: id}}
fields:
  late: at + 3 days
---
kind: kpi
name: long_visits
title: Long visits
description: How long the visits were that were paid for.
owner: sales
applies_to: [shop]
dataset: visits
where: is_paid and place < 'x'
expression: sum(minutes) / count(*)
grain: month
unit: ratio
direction: higher
dimensions: [customer.country]
"""


@pytest.mark.parametrize("engine", ["postgres", "mariadb", "sqlite"])
def test_an_empty_file_can_be_asked_once_it_is_loaded(
    engine: str, request: pytest.FixtureRequest, shop: Path
) -> None:
    url = "sqlite:///tables.db" if engine == "sqlite" else request.getfixturevalue(engine).url()
    (shop / "data" / "visits.csv").write_text("at,customer_id,is_paid,minutes,place,note\n")
    (shop / "kpis" / "visits.yaml").write_text(EMPTY)
    here = kpi("run", "long_visits", "--by", "customer.country", "--as-of", "2026-03-01", "--format", "json")
    assert here.exit_code == 0, here.output

    seeded = kpi("seed", "--engine", url, "--replace")
    there = kpi(
        "run",
        "long_visits",
        "--by",
        "customer.country",
        "--as-of",
        "2026-03-01",
        "--format",
        "json",
        "--engine",
        url,
    )

    assert seeded.exit_code == 0, seeded.output
    assert (there.exit_code, there.stdout) == (0, here.stdout), there.stderr


def test_mariadb_has_room_for_long_texts_and_for_many(mariadb: Server) -> None:
    long = "ü" * 100_000
    many = [(f"t{number}", "VARCHAR") for number in range(40)]
    with closing(loader(mariadb)) as opened:
        opened.load("things", [("n", "BIGINT"), ("t", "VARCHAR")], [(1, long), (2, None)], replace=True)
        assert READERS["mariadb"](mariadb, "SELECT n, t FROM things ORDER BY n") == [(1, long), (2, None)]
        opened.load("things", many, [tuple("x" * 500 for _ in many)], replace=True)
        assert READERS["mariadb"](mariadb, "SELECT t39 FROM things") == [("x" * 500,)]


@pytest.mark.parametrize("moment", ["1969-12-31T23:59:59Z", "2038-01-19T03:14:08Z", "9999-12-31T00:00:00Z"])
def test_mariadb_refuses_moments_without_room(moment: str, mariadb: Server) -> None:
    value = datetime.fromisoformat(moment)
    with (
        closing(loader(mariadb)) as opened,
        pytest.raises(
            EngineError, match="cannot load `things`: its column `at` holds a moment before 1970 or"
        ),
    ):
        opened.load("things", [("at", "TIMESTAMP WITH TIME ZONE")], [(value,)], replace=True)


@pytest.mark.parametrize("engine", ["postgres", "mariadb"])
def test_why_a_table_cannot_be_made_is_told_in_words(engine: str, request: pytest.FixtureRequest) -> None:
    server: Server = request.getfixturevalue(engine)
    twice = [("ab", "VARCHAR"), ("AB" if engine == "mariadb" else "ab", "VARCHAR")]
    with closing(loader(server)) as opened:
        with pytest.raises(EngineError, match=r"cannot load `things` \(two columns have one name there\)"):
            opened.load("things", twice, [("x", "y")], replace=True)
        if engine == "postgres":
            with pytest.raises(EngineError, match="a text holds a sign that it cannot store"):
                opened.load("things", [("a", "VARCHAR")], [("a\0b",)], replace=True)
    assert left(server) == set()


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
