"""Real servers for the tests: each started on a free port of this machine, over a data folder that is thrown away.

`python tests/servers.py` starts them by hand and prints their URLs.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

USER: Final = "kpi"
PASSWORD: Final = "p@ss/w:rd"
"""With signs that a URL must encode."""

QUOTED: Final = "p%40ss%2Fw%3Ard"
SECONDS: Final = 60
ZONEINFO: Final = Path("/usr/share/zoneinfo")
ZONES: Final = ("Europe/Berlin", "Europe/London", "America/New_York", "Asia/Kathmandu", "UTC")


class NotHere(Exception):
    """A server that is not installed; says what to install."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server. `kill` ends it as a power cut does."""

    port: int
    process: subprocess.Popen[bytes]
    scheme: str

    def url(self, *, database: str = "kpi", user: str = USER, password: str = QUOTED) -> str:
        return f"{self.scheme}://{user}:{password}@127.0.0.1:{self.port}/{database}"

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@contextmanager
def postgres() -> Iterator[Server]:
    """Start PostgreSQL with the database `kpi` and a user who owns it."""
    home = _found(
        "PostgreSQL", "postgresql", *sorted(Path("/usr/lib/postgresql").glob("*/bin")), name="initdb"
    )
    with _folder(as_user := _not_root("postgres")) as folder:
        secret = folder / "secret"
        secret.write_text(PASSWORD)
        _owned(secret, as_user)
        made = [
            "--username",
            USER,
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--auth=scram-sha-256",
            "--no-sync",
        ]
        initdb = [*as_user.prefix, home / "initdb", "--pgdata", folder / "data", "--pwfile", secret]
        _run([*initdb, *made])
        port = _free_port()
        command = [*as_user.prefix, home / "postgres", "-D", folder / "data", "-p", port, "-h", "127.0.0.1"]
        command += [
            "-k",
            folder,
            "-c",
            "fsync=off",
            "-c",
            "full_page_writes=off",
            "-c",
            "timezone=Asia/Kathmandu",
        ]
        with _serving(command, folder, port) as process:
            server = Server(port, process, "postgresql")
            with _until(lambda: postgres_connection(port, "postgres"), process, folder) as connection:
                connection.execute("CREATE DATABASE kpi")
            yield server


def postgres_connection(port: int, database: str = "kpi") -> Any:
    """Return a connection of the driver, by which a test looks from the side."""
    import psycopg

    return psycopg.connect(
        host="127.0.0.1", port=port, user=USER, password=PASSWORD, dbname=database, autocommit=True
    )


@contextmanager
def mariadb() -> Iterator[Server]:
    """Start MariaDB with the database `kpi`, a user who may do all in it, and the time zones that tests name."""
    server_program = _found("MariaDB", "mariadb-server", Path("/usr/sbin"), name="mariadbd") / "mariadbd"
    with _folder(as_user := _not_root("mysql")) as folder:
        data = ["--no-defaults", f"--datadir={folder / 'data'}"]
        data += [f"--user={as_user.name}"] if as_user.name else []
        _run(["mariadb-install-db", *data, "--auth-root-authentication-method=normal", "--skip-test-db"])
        port = _free_port()
        command = [server_program, *data, f"--port={port}", "--bind-address=127.0.0.1"]
        command += [
            f"--socket={folder / 'sock'}",
            "--innodb-flush-log-at-trx-commit=0",
            "--innodb-flush-method=nosync",
        ]
        with _serving(command, folder, port) as process:
            server = Server(port, process, "mysql")
            with _until(lambda: mariadb_connection(port), process, folder) as connection:
                cursor = connection.cursor()
                for statement in _users():
                    cursor.execute(statement)
            _tell_zones(port)
            yield server


def mariadb_connection(port: int) -> Any:
    """Return a connection of root, by which a test looks from the side."""
    import pymysql

    return pymysql.connect(host="127.0.0.1", port=port, user="root", autocommit=True)


def _users() -> tuple[str, ...]:
    return (
        "CREATE DATABASE kpi CHARACTER SET utf8mb4",
        f"CREATE USER {USER}@'%' IDENTIFIED BY '{PASSWORD}'",
        f"GRANT ALL ON kpi.* TO {USER}@'%'",
        "SET GLOBAL time_zone = '+05:45'",
    )


def _tell_zones(port: int) -> None:
    """Tell MariaDB the zones. It reads the system's files only: those of Python's `tzdata` are too slim for it."""
    if not (ZONEINFO / ZONES[0]).exists():
        raise NotHere("The time zones are not installed: apt-get install tzdata")
    told = [_run(["mariadb-tzinfo-to-sql", ZONEINFO / zone, zone]) for zone in ZONES]
    client = ["mariadb", "--no-defaults", "--host=127.0.0.1", f"--port={port}", "--user=root", "mysql"]
    _run(client, said="\n".join(told))


# --- programs, users, folders, ports


@dataclass(frozen=True, slots=True)
class _User:
    """As whom a server runs: servers refuse to be root. None where that needs no change."""

    name: str | None
    prefix: Sequence[str]


def _not_root(name: str) -> _User:
    return _User(name, ["runuser", "-u", name, "--"]) if os.geteuid() == 0 else _User(None, [])


def _found(title: str, package: str, *folders: Path, name: str) -> Path:
    for folder in reversed(folders):
        if (folder / name).exists():
            return folder
    on_path = shutil.which(name)
    if on_path is None:
        raise NotHere(f"{title} is not installed: apt-get install {package}")
    return Path(on_path).parent


@contextmanager
def _folder(user: _User) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="kpi-server-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        _owned(Path(folder), user)
        yield Path(folder)


def _owned(path: Path, user: _User) -> None:
    if user.name is not None:
        known = pwd.getpwnam(user.name)
        os.chown(path, known.pw_uid, known.pw_gid)


def _free_port() -> int:
    with socket.socket() as some:
        some.bind(("127.0.0.1", 0))
        port: int = some.getsockname()[1]
        return port


def _run(command: Sequence[object], said: str | None = None) -> str:
    words = [str(word) for word in command]
    done = subprocess.run(words, input=said, capture_output=True, text=True, cwd="/")
    assert done.returncode == 0, f"{command[0]}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
    return done.stdout


@contextmanager
def _serving(command: Sequence[object], folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [str(word) for word in command], stdout=log, stderr=log, cwd="/", start_new_session=True
        )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _until(connect: Callable[[], Any], process: subprocess.Popen[bytes], folder: Path) -> Any:
    """Return a connection as soon as the server answers."""
    end = time.monotonic() + SECONDS
    while True:
        try:
            return connect()
        except Exception as error:
            if process.poll() is not None or time.monotonic() > end:
                log = (folder / "log").read_text(errors="replace")[-3000:]
                raise AssertionError(f"the server does not answer: {error}\n{log}") from None
            time.sleep(0.05)


if __name__ == "__main__":
    with postgres() as first, mariadb() as second:
        print(first.url(), second.url(), sep="\n", flush=True)
        with suppress(KeyboardInterrupt):
            signal.pause()
