"""Engines: a DuckDB file given by URL or environment, and everything that can be wrong with one."""

import hashlib
import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from command_line import NEW_YEAR, Kpi, process, replace

from kpiascode.run.duckdb_engine import EmbeddedDuckDB

SECRET = "s3cr3t-of-nobody"
ASKED = ("net_sales", *NEW_YEAR, "--from", "2025-12-01")
ORDERS = (
    "CREATE TABLE orders (ordered_on DATE, customer_id INTEGER, channel VARCHAR, amount DECIMAL(18, 2))",
    "INSERT INTO orders VALUES ('2025-12-01', 1, 'online', 1234.50)",
)


def view(amount: str, rest: str = "") -> str:
    """Return a view that looks like orders, and computes their amounts."""
    return (
        "CREATE VIEW orders AS SELECT DATE '2025-12-01' AS ordered_on, 1 AS customer_id, 'online' AS channel, "
        f"{amount} AS amount {rest}"
    )


def database(folder: Path, *statements: str) -> Path:
    """Make a DuckDB file that holds the orders of the shop, whose dataset is pointed at it."""
    file = folder / "warehouse.duckdb"
    with duckdb.connect(str(file)) as connection:
        for statement in statements:
            connection.execute(statement)
    replace(folder / "kpis" / "shop.yaml", "source: data/orders.csv", "source: orders")
    return file


def engines(folder: Path, text: str) -> None:
    replace(folder / "kpiascode.yaml", "paths: [kpis]\n", f"paths: [kpis]\nengines:\n  {text}\n")


def value(kpi: Kpi, *arguments: str) -> str | None:
    (found,) = kpi.values(*ASKED, *arguments)
    answer: str | None = found["value"]
    return answer


def test_a_duckdb_file_answers_and_is_not_changed(kpi: Kpi, shop: Path) -> None:
    file = database(shop, *ORDERS)
    before = hashlib.sha256(file.read_bytes()).hexdigest()

    assert value(kpi, "--engine", f"duckdb://{file}") == "1234.50"
    assert value(kpi, "--engine", f"duckdb:///{file.name}") == "1234.50", "a path from here"

    assert hashlib.sha256(file.read_bytes()).hexdigest() == before
    assert sorted(path.name for path in shop.iterdir()) == [
        "data",
        "kpiascode.yaml",
        "kpis",
        "warehouse.duckdb",
    ]


def test_no_file_of_the_project_takes_the_place_of_another(kpi: Kpi, shop: Path) -> None:
    file = database(shop, *ORDERS)
    stands_in = shop / str(file).lstrip("/")
    stands_in.parent.mkdir(parents=True)
    shutil.copyfile(file, stands_in)
    with duckdb.connect(str(stands_in)) as connection:
        connection.execute("UPDATE orders SET amount = 666")

    assert value(kpi, "--engine", f"duckdb://{file}") == "1234.50"


@pytest.mark.parametrize(
    "macro",
    [
        "sum(x) AS 666",
        "count(x) AS 666",
        "coalesce(x, y) AS 666",
        "nullif(x, y) AS 666",
        "date_trunc(x, y) AS NULL",
    ],
)
def test_a_macro_in_the_file_has_no_effect(kpi: Kpi, shop: Path, macro: str) -> None:
    file = database(shop, *ORDERS, f"CREATE MACRO {macro}")

    assert value(kpi, "--engine", f"duckdb://{file}") == "1234.50"


def test_names_are_matched_whatever_their_case(kpi: Kpi, shop: Path) -> None:
    file = database(
        shop, *(statement.replace("orders", "ORDERS").replace("amount", "Amount") for statement in ORDERS)
    )

    assert value(kpi, "--engine", f"duckdb://{file}") == "1234.50"


def test_a_table_of_a_schema(kpi: Kpi, shop: Path) -> None:
    file = database(shop, "CREATE SCHEMA sales", *(s.replace("orders", "sales.orders", 1) for s in ORDERS))
    replace(shop / "kpis" / "shop.yaml", "source: orders", "source: sales.orders")

    assert value(kpi, "--engine", f"duckdb://{file}") == "1234.50"


@pytest.mark.parametrize("source", ["duckdb_settings", "information_schema.tables", "main.sqlite_master"])
def test_what_the_engine_says_of_itself_is_no_table(kpi: Kpi, shop: Path, source: str) -> None:
    file = database(shop, *ORDERS)
    replace(shop / "kpis" / "shop.yaml", "source: orders", f"source: {source}")

    result = kpi("run", *ASKED, "--engine", f"duckdb://{file}")

    assert result.exit_code == 1
    assert "error[missing-table]" in result.stderr


# --- where the URL comes from


def test_the_environment_gives_a_declared_engine_its_url(
    kpi: Kpi, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = database(shop, *ORDERS)
    engines(shop, "default: local\n  local: {dialect: duckdb}\n  warehouse: {dialect: duckdb, timeout: 30s}")
    monkeypatch.setenv("KPI_ENGINE_WAREHOUSE", f"duckdb://{file}")

    assert value(kpi, "--engine", "warehouse") == "1234.50"
    assert kpi("run", *ASKED).exit_code == 1, "the default engine has no such table"

    monkeypatch.setenv("KPI_ENGINE_LOCAL", f"duckdb://{file}")
    assert value(kpi) == "1234.50"


def test_the_environment_declares_no_engine(kpi: Kpi, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = database(shop, *ORDERS)
    monkeypatch.setenv("KPI_ENGINE_LOCAL", f"duckdb://{file}")

    assert kpi("run", *ASKED).exit_code == 1
    assert kpi("run", *ASKED, "--engine", "local").exit_code == 2


def test_a_connection_in_the_repository_is_a_finding(kpi: Kpi, shop: Path) -> None:
    engines(shop, f"local: {{dialect: duckdb, url: 'duckdb:///tmp/{SECRET}.duckdb'}}")

    result = kpi("check")

    assert result.exit_code == 1
    assert "error[unknown-key]" in result.stdout


# --- what can be wrong with it


@pytest.mark.parametrize(
    ("engine", "code", "told"),
    [
        pytest.param("locl", 2, "no engine `locl`. Did you mean `local`?", id="an unknown engine"),
        pytest.param("warehouse", 2, "set KPI_ENGINE_WAREHOUSE to its URL", id="no connection"),
        pytest.param(
            "excel://me@host/db", 2, "There is no engine for `excel`; there are", id="an unsupported scheme"
        ),
        pytest.param("duckdb://data/x.duckdb", 2, "names no file", id="two slashes"),
        pytest.param("duckdb:", 2, "names no file", id="no path"),
        pytest.param(
            "duckdb:///nowhere/x.duckdb", 3, "no database file /nowhere/x.duckdb", id="a missing file"
        ),
        pytest.param("duckdb:///etc", 3, "no database file /etc", id="a folder"),
        pytest.param("duckdb:///dev/zero", 3, "no database file /dev/zero", id="a device"),
        pytest.param("duckdb:kpiascode.yaml", 3, "cannot open the database kpiascode.yaml", id="no database"),
    ],
)
def test_an_engine_that_cannot_be_reached(kpi: Kpi, shop: Path, engine: str, code: int, told: str) -> None:
    engines(shop, "default: local\n  local: {dialect: duckdb}\n  warehouse: {dialect: snowflake}")

    result = kpi("run", *ASKED, "--engine", engine)

    assert (result.exit_code, result.stdout) == (code, "")
    assert told in result.stderr


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://me:{SECRET}@localhost:1/db",
        f"postgres://me:{SECRET}[@host/db",
        f"http://me:{SECRET}\u2100@host/",
        f"duckdb://me:{SECRET}@host/x.duckdb",
        f"me:{SECRET}@host",
        f"snowflake://me:{SECRET}@account/db?password={SECRET}",
        f"motherduck:{SECRET}",
    ],
)
@pytest.mark.parametrize("by", ["option", "environment"])
def test_a_password_is_never_printed(
    kpi: Kpi, shop: Path, url: str, by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engines(shop, "default: local\n  local: {dialect: duckdb}")
    monkeypatch.setenv("KPI_ENGINE_LOCAL", url)

    for command in (["run", *ASKED], ["build", *NEW_YEAR]):
        result = kpi(*command, *(["--engine", url] if by == "option" else []))
        assert (result.exit_code in (2, 3), result.stdout) == (True, "")
        assert SECRET not in result.stderr


def test_a_table_without_an_engine_is_a_finding(kpi: Kpi, shop: Path) -> None:
    database(shop, *ORDERS)

    result = kpi("run", *ASKED)

    assert (result.exit_code, result.stdout) == (1, "")
    assert "error[missing-table]: The engine has no table `orders`" in result.stderr
    assert "20 | source: orders" in result.stderr


@pytest.mark.parametrize(
    ("statements", "told"),
    [
        pytest.param(
            ["CREATE TABLE gone AS SELECT 1 AS amount", view("amount", "FROM gone"), "DROP TABLE gone"],
            "cannot look at `orders` (a table or function is missing)",
            id="a view of what is gone",
        ),
        pytest.param(
            [view("length(content)", "FROM read_text('/etc/passwd')")],
            "cannot look at `orders` (it asks for a file, and only the declared ones are read)",
            id="a view that reads a file",
        ),
        pytest.param([view("CAST(range AS BIGINT)", "FROM range(1000000000000)")], "longer than 0.1 s", id="a view that takes hours"),
        pytest.param([view("uuid()")], "the query failed (Binder)", id="no number"),
        pytest.param(
            [view("CAST(99999999999999999999999999999999999999 AS DECIMAL(38, 0))", "FROM range(9)")],
            "the query failed (a number has more digits than it counts with)",
            id="a sum that is too large",
        ),
    ],
)  # fmt: skip
def test_an_engine_that_fails_is_one_sentence(kpi: Kpi, shop: Path, statements: list[str], told: str) -> None:
    file = database(shop, *statements)

    result = kpi(
        "run", *ASKED, "--engine", f"duckdb://{file}", "--timeout", "0.1" if "longer" in told else "60"
    )

    assert (result.exit_code, result.stdout) == (3, "")
    first, *others = result.stderr.splitlines()
    assert first == f"error: duckdb: {told}." or ("longer" in told and told in first)
    assert len(others) == (0 if "longer" in told else 1)


def test_a_list_in_the_place_of_a_number_is_a_finding(kpi: Kpi, shop: Path) -> None:
    file = database(shop, view("[1]"))

    result = kpi("run", *ASKED, "--engine", f"duckdb://{file}")

    assert (result.exit_code, result.stdout) == (1, "")
    assert "error[unusable-column-type]: Column `amount` of `orders` is used as a number" in result.stderr


@pytest.mark.parametrize("amount", ["CAST('inf' AS DOUBLE)", "CAST('nan' AS FLOAT)"])
def test_a_value_that_is_no_number_is_a_finding(kpi: Kpi, shop: Path, amount: str) -> None:
    file = database(shop, view(amount))

    result = kpi("run", *ASKED, "--engine", f"duckdb://{file}")

    assert (result.exit_code, result.stdout) == (1, "")
    assert "error[not-finite]: KPI `net_sales`" in result.stderr


def test_too_little_memory_is_said(kpi: Kpi, shop: Path) -> None:
    result = kpi("run", *ASKED, "--memory-limit", "1KB")

    assert result.exit_code == 3
    assert "there is not enough memory; --memory-limit sets how much it may take" in result.stderr


# --- what stands in a cell


CANARY = view("CAST(secret AS DECIMAL(18, 2))", f"FROM (SELECT '{SECRET}' AS secret)")


def test_what_stands_in_a_cell_is_not_printed(kpi: Kpi, shop: Path) -> None:
    file = database(shop, CANARY)

    for command in (["run", *ASKED], ["build", *NEW_YEAR]):
        result = kpi(*command, "--engine", f"duckdb://{file}")
        assert (result.exit_code, result.stdout) == (3, "")
        assert SECRET not in result.stderr
        assert "it is shown on a terminal only" in result.stderr


@pytest.mark.parametrize(("environment", "is_shown"), [({}, True), ({"CI": "true"}, False)])
def test_a_terminal_shows_what_the_engine_says(
    shop: Path, environment: dict[str, str], is_shown: bool
) -> None:
    file = database(shop, CANARY)
    terminal, behind = pty.openpty()
    try:
        subprocess.run(
            [sys.executable, "-m", "kpiascode", "run", *ASKED, "--engine", f"duckdb://{file}"],
            stdout=subprocess.DEVNULL,
            stderr=behind,
            env={name: text for name, text in os.environ.items() if name != "CI"} | environment,
            check=False,
        )
        said = os.read(terminal, 10_000).decode()
    finally:
        os.close(terminal)
        os.close(behind)

    assert (f'the engine says: Conversion Error: Could not convert string "{SECRET}"' in said) is is_shown
    assert (SECRET in said) is is_shown


@pytest.mark.parametrize("amount", [SECRET, f'"{SECRET},1"', f"1{SECRET}"])
def test_what_stands_in_a_file_is_not_printed(kpi: Kpi, shop: Path, amount: str) -> None:
    orders = shop / "data" / "orders.csv"
    declared = ["", "columns: {amount: integer}\n", "columns: {amount: date}\n"]
    rows = [
        f"2025-12-01,1,online,{amount}\n",
        f"2025-12-01,1,{amount}\n",
        f"2025-12-01,1,online,x,{amount}\n",
    ]
    definitions = (shop / "kpis" / "shop.yaml").read_text()

    for line in declared:
        (shop / "kpis" / "shop.yaml").write_text(
            definitions.replace("time: ordered_on\n", f"time: ordered_on\n{line}")
        )
        for row in rows:
            orders.write_text(f"ordered_on,customer_id,channel,amount\n{row}")
            for command in (["run", *ASKED], ["build", *NEW_YEAR], ["check"]):
                result = kpi(*command)
                assert result.exit_code in (0, 1)
                assert SECRET not in result.stdout + result.stderr


def test_what_does_not_fit_into_memory_is_never_put_into_the_project(shop: Path) -> None:
    engine = EmbeddedDuckDB([], project=shop, data_roots=[])
    ((folder,),) = engine.select("SELECT current_setting('temp_directory')")

    assert Path(folder).stat().st_mode & 0o777 == 0o700
    assert not Path(folder).is_relative_to(shop)
    engine.close()
    assert not Path(folder).exists()


# --- stopping


def test_ctrl_c_stops_a_long_query(shop: Path) -> None:
    file = database(shop, view("CAST(range AS BIGINT)", "FROM range(1000000000000)"))
    code = f"""
import signal, threading
from kpiascode.cli.main import main
from kpiascode.run.duckdb_engine import EmbeddedDuckDB

def select(engine, sql, unpatched=EmbeddedDuckDB.select):
    threading.Timer(0.2, signal.pthread_kill, [threading.main_thread().ident, signal.SIGINT]).start()
    return unpatched(engine, sql)

EmbeddedDuckDB.select = select
main({["run", *ASKED, "--engine", f"duckdb://{file}"]!r})
"""
    stopped = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )

    assert (stopped.returncode, stopped.stdout) == (130, "")
    assert stopped.stderr.strip() == "Stopped."


def test_a_process_has_the_same_codes(shop: Path) -> None:
    assert process("run", *ASKED, "--engine", "duckdb:///nowhere", folder=shop).returncode == 3
    assert process("run", *ASKED, "--engine", "nowhere", folder=shop).returncode == 2
