"""What can go wrong with a server, on real ones: a clear error, exit 3, and nothing that looks like an answer."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import servers
from kpiascode.run.engine import EngineError
from kpiascode.run.engines import connect
from kpiascode.run.engines.url import read_url
from servers import PASSWORD, QUOTED, Server

ASKED = ("run", "net_sales", "--as-of", "2026-01-01")
ANSWER_SECONDS = 30


@dataclass(frozen=True)
class Side:
    """A server and another way to it, by which a test arranges what goes wrong."""

    server: Server
    connect: Callable[[int], Any]
    nap: str
    """An expression that takes a minute."""
    busy: str
    """Whether somebody takes that nap."""

    def do(self, *statements: str) -> list[tuple[Any, ...]]:
        with closing(self.connect(self.server.port)) as connection:
            cursor = connection.cursor()
            if self.server.scheme == "mysql":
                cursor.execute("USE kpi")
            for statement in statements:
                cursor.execute(statement)
            return list(cursor.fetchall()) if cursor.description else []

    def is_busy(self) -> bool:
        return bool(self.do(self.busy)[0][0])


def of_postgres(server: Server) -> Side:
    busy = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid() AND query LIKE '%period_name%'"
    return Side(server, servers.postgres_connection, "(SELECT 1 FROM (SELECT pg_sleep(60)) AS n)", busy)


def of_mariadb(server: Server) -> Side:
    busy = "SELECT count(*) FROM information_schema.processlist WHERE command = 'Query' AND id <> connection_id() AND info LIKE '%period_name%'"
    return Side(server, servers.mariadb_connection, "sleep(60)", busy)


@pytest.fixture(params=["postgres", "mariadb"])
def side(request: pytest.FixtureRequest) -> Side:
    server: Server = request.getfixturevalue(request.param)
    return of_postgres(server) if request.param == "postgres" else of_mariadb(server)


@pytest.fixture(params=["postgres", "mariadb"])
def mortal(request: pytest.FixtureRequest) -> Side:
    server: Server = request.getfixturevalue(f"mortal_{request.param}")
    return of_postgres(server) if request.param == "postgres" else of_mariadb(server)


def started(*arguments: str, **options: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "kpiascode", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    try:
        out, told = process.communicate(timeout=ANSWER_SECONDS)
    finally:
        process.kill()
    assert "Traceback" not in told, told
    for secret in (PASSWORD, QUOTED):
        assert secret not in out + told
    return process.returncode, out, told


def kpi(*arguments: str) -> tuple[int, str, str]:
    return ended(started(*arguments))


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + ANSWER_SECONDS
    while not holds():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.02)


def seeded(side: Side) -> None:
    code, _, told = kpi("seed", "--engine", side.server.url(), "--replace")
    assert code == 0, told


def slow(side: Side) -> None:
    """Make `orders` a view that takes a minute to answer, and says its columns at once."""
    seeded(side)
    side.do(
        "ALTER TABLE orders RENAME TO kept",
        f"CREATE VIEW orders AS SELECT kept.* FROM kept WHERE {side.nap} = 1",
    )


# --- nobody there, or not for this user


@pytest.mark.parametrize(
    ("change", "told"),
    [
        pytest.param({"password": "wrong"}, "cannot connect (the user or the password is wrong)", id="password"),
        pytest.param({"user": "nobody"}, "cannot connect (the user or the password is wrong)", id="user"),
        pytest.param({"database": "none"}, "cannot connect (", id="database"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("shop")
def test_who_may_not_in_is_told_so(side: Side, change: dict[str, str], told: str) -> None:
    code, out, said = kpi(*ASKED, "--engine", side.server.url(**change))

    assert (code, out) == (3, "")
    assert told in said


@pytest.mark.usefixtures("shop")
def test_where_nobody_answers_that_is_said(side: Side) -> None:
    nobody = side.server.url().replace(f":{side.server.port}/", ":1/")

    code, out, said = kpi(*ASKED, "--engine", nobody)

    assert (code, out) == (3, "")
    assert "cannot connect (nobody answers there" in said


# --- tables


def test_a_missing_table_is_a_finding(side: Side, shop: Path) -> None:
    text = (shop / "kpis" / "shop.yaml").read_text()
    (shop / "kpis" / "shop.yaml").write_text(text.replace("data/orders.csv", "sold"))

    code, out, said = kpi(*ASKED, "--engine", side.server.url())

    assert (code, out) == (1, "")
    assert "error[missing-table]: The engine has no table `sold` for dataset `orders`." in said


@pytest.mark.usefixtures("shop")
def test_a_file_that_was_not_loaded_is_told_with_what_loads_it(side: Side) -> None:
    code, out, said = kpi(*ASKED, "--engine", side.server.url())

    assert (code, out) == (1, "")
    assert "The engine has no table `orders` for dataset `orders`." in said
    assert "by `kpi seed`" in said


@pytest.mark.usefixtures("shop")
def test_a_table_that_this_user_may_not_read_is_told_as_that(side: Side) -> None:
    seeded(side)
    guest = {
        "postgresql": ("CREATE ROLE guest LOGIN PASSWORD 'guest'", "GRANT USAGE ON SCHEMA public TO guest"),
        "mysql": ("CREATE USER guest@'%' IDENTIFIED BY 'guest'", "GRANT SELECT ON kpi.customers TO guest@'%'"),
    }[side.server.scheme]  # fmt: skip
    side.do(*guest)
    try:
        code, out, said = kpi(*ASKED, "--engine", side.server.url(user="guest", password="guest"))
    finally:
        side.do(
            "DROP OWNED BY guest; DROP ROLE guest"
            if side.server.scheme == "postgresql"
            else "DROP USER guest@'%'"
        )

    assert (code, out) == (3, "")
    assert "(this user may not read it)" in said


def test_a_column_that_holds_neither_number_nor_time_is_a_finding(side: Side, shop: Path) -> None:
    seeded(side)
    side.do("ALTER TABLE orders DROP COLUMN amount", "ALTER TABLE orders ADD COLUMN amount TIME")

    code, out, said = kpi(*ASKED, "--engine", side.server.url())

    assert (code, out) == (1, "")
    assert (
        "error[unusable-column-type]: Column `amount` of `orders` is used as a number, and holds time" in said
    )


# --- time


@pytest.mark.usefixtures("shop")
def test_a_query_past_its_time_is_stopped_on_the_server_too(side: Side) -> None:
    slow(side)

    code, out, said = kpi(*ASKED, "--engine", side.server.url(), "--timeout", "0.5")

    assert (code, out) == (3, "")
    assert "the query took longer than 0.5 s and was stopped" in said
    until(lambda: not side.is_busy())


@pytest.mark.usefixtures("shop")
def test_ctrl_c_stops_the_query_on_the_server_too(side: Side) -> None:
    slow(side)
    process = started(*ASKED, "--engine", side.server.url())
    until(side.is_busy)

    process.send_signal(signal.SIGINT)

    assert ended(process)[:2] == (130, "")
    until(lambda: not side.is_busy())


@pytest.mark.usefixtures("shop")
def test_a_server_that_says_nothing_any_more_ends_by_the_timeout(mortal: Side) -> None:
    slow(mortal)
    process = started(*ASKED, "--engine", mortal.server.url(), "--timeout", "5")
    until(mortal.is_busy)
    os.killpg(mortal.server.process.pid, signal.SIGSTOP)
    try:
        code, out, said = ended(process)
    finally:
        os.killpg(mortal.server.process.pid, signal.SIGCONT)

    assert (code, out) == (3, "")
    assert "the query took longer than 5 s and was stopped" in said


# --- lost


@pytest.mark.usefixtures("shop")
def test_a_server_killed_in_the_middle_of_a_query_gives_no_part_of_an_answer(
    mortal: Side, tmp_path: Path
) -> None:
    slow(mortal)
    written = tmp_path / "values.csv"
    process = started(*ASKED, "--engine", mortal.server.url(), "--format", "csv", "--output", str(written))
    until(mortal.is_busy)

    mortal.server.kill()

    code, out, said = ended(process)
    assert (code, out) == (3, "")
    assert "the connection was lost, and a second try failed" in said
    assert not written.exists()


def test_a_connection_that_was_lost_is_made_anew_once(side: Side) -> None:
    with connection(side.server.url()) as engine:
        assert engine.select("SELECT 1") == [(1,)]
        end_all_others(side)

        assert engine.select("SELECT 2") == [(2,)]


@contextmanager
def connection(url: str, **options: Any) -> Iterator[Any]:
    with closing(connect(read_url(url), **({"timeout_seconds": None} | options))) as engine:
        yield engine


def end_all_others(side: Side) -> None:
    if side.server.scheme == "postgresql":
        side.do(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND usename = 'kpi'"
        )
        return
    for (number,) in side.do("SELECT id FROM information_schema.processlist WHERE user = 'kpi'"):
        side.do(f"KILL {number}")


# --- a session that changes nothing, and is like all others


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE made (a INT)",
        "INSERT INTO orders SELECT * FROM orders",
        "UPDATE orders SET amount = 1",
        "DELETE FROM orders",
        "DROP TABLE orders",
    ],
)
@pytest.mark.usefixtures("shop")
def test_nothing_can_be_written(side: Side, sql: str) -> None:
    seeded(side)
    before = side.do("SELECT count(*), sum(amount) FROM orders")

    with connection(side.server.url()) as engine, pytest.raises(EngineError, match=r"the query failed"):
        engine.select(sql)

    assert side.do("SELECT count(*), sum(amount) FROM orders") == before


def test_the_clock_is_utc_whatever_the_server_has(side: Side) -> None:
    zone = {"postgresql": "SHOW TimeZone", "mysql": "SELECT @@session.time_zone"}[side.server.scheme]
    with connection(side.server.url()) as engine:
        ((found,),) = engine.select(zone)
    ((at_home,),) = side.do(zone)

    assert found in ("UTC", "+00:00")
    assert at_home not in ("UTC", "+00:00")


def test_letters_blanks_and_accents_tell_texts_apart(side: Side) -> None:
    with connection(side.server.url()) as engine:
        assert engine.select("SELECT 'eu' = 'EU', 'US ' = 'US', 'Union' = 'Ünion'")[0] in [
            (False, False, False),
            (0, 0, 0),
        ]


# --- names


def test_names_are_matched_whatever_their_case(side: Side, shop: Path) -> None:
    seeded(side)
    quote = '"' if side.server.scheme == "postgresql" else "`"
    side.do(
        f"ALTER TABLE orders RENAME COLUMN amount TO {quote}Amount{quote}",
        f"ALTER TABLE orders RENAME TO {quote}Orders{quote}",
    )

    code, out, said = kpi(*ASKED, "--engine", side.server.url(), "--format", "csv")

    assert code == 0, said
    assert out == kpi(*ASKED, "--format", "csv")[1]
