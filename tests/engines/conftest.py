"""Real servers, a small shop, and the command line to ask it there.

What is not installed is a skip with its reason; where CI runs, such a skip fails.
"""

import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing
from pathlib import Path

import pytest

import servers
from servers import Server

SHOP = Path(__file__).parents[1] / "cli" / "shop"


def _started(server: AbstractContextManager[Server], driver: str) -> Iterator[Server]:
    pytest.importorskip(driver, reason=f"the driver {driver} is not installed")
    try:
        started = server.__enter__()
    except servers.NotHere as missing:
        pytest.skip(str(missing))
    try:
        yield started
    finally:
        server.__exit__(None, None, None)


@pytest.fixture(scope="session")
def running_postgres() -> Iterator[Server]:
    yield from _started(servers.postgres(), "psycopg")


@pytest.fixture(scope="session")
def running_mariadb() -> Iterator[Server]:
    yield from _started(servers.mariadb(), "pymysql")


@pytest.fixture
def postgres(running_postgres: Server) -> Server:
    """The server that all tests of this process ask, with nothing in it that an earlier one left."""
    with closing(servers.postgres_connection(running_postgres.port, "postgres")) as side:
        side.execute("DROP DATABASE IF EXISTS kpi WITH (FORCE)")
        side.execute("CREATE DATABASE kpi")
    return running_postgres


@pytest.fixture
def mariadb(running_mariadb: Server) -> Server:
    """As `postgres` is. What an earlier test still asks is ended, since no table can be dropped while it is read."""
    with closing(servers.mariadb_connection(running_mariadb.port)) as side, side.cursor() as cursor:
        cursor.execute(f"KILL USER {servers.USER}")
        cursor.execute("DROP DATABASE IF EXISTS kpi")
        cursor.execute("CREATE DATABASE kpi CHARACTER SET utf8mb4")
    return running_mariadb


@pytest.fixture
def mortal_postgres() -> Iterator[Server]:
    """One that a test may kill."""
    yield from _started(servers.postgres(), "psycopg")


@pytest.fixture
def mortal_mariadb() -> Iterator[Server]:
    yield from _started(servers.mariadb(), "pymysql")


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the shop, which is the working folder. Nothing of the user's own is seen."""
    folder = Path(shutil.copytree(SHOP, tmp_path / "shop"))
    monkeypatch.chdir(folder)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in ("KPI_ENGINE_LOCAL", "KPI_ENGINE_WAREHOUSE", "CI"):
        monkeypatch.delenv(name, raising=False)
    return folder
