"""`kpi serve`: a process of its own, asked over its socket."""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from command_line import NEW_YEAR, SHOP, replace

PATIENCE: Final = 60.0


class Served:
    """A server that runs."""

    def __init__(self, process: subprocess.Popen[str], shop: Path) -> None:
        self.process = process
        self.shop = shop
        assert process.stdout is not None
        told = process.stdout.readline()
        found = re.fullmatch(r"Serving (http://127\.0\.0\.1:([0-9]+)/) until Ctrl-C\.\n", told)
        assert found, told
        self.port = int(found[2])

    def ask(
        self, path: str, method: str = "GET", host: str | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        """Ask for a path as it is written; nothing makes it plain on the way."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        connection.putrequest(method, path, skip_host=True)
        connection.putheader("Host", f"127.0.0.1:{self.port}" if host is None else host)
        connection.endheaders()
        answer = connection.getresponse()
        found = answer.status, dict(answer.getheaders()), answer.read()
        connection.close()
        return found

    def raw(self, request: bytes) -> bytes:
        """Send bytes and return what comes back until the server closes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as opened:
            opened.sendall(request)
            parts = []
            while part := opened.recv(65536):
                parts.append(part)
        return b"".join(parts)

    def page(self, path: str = "/") -> str:
        status, _, content = self.ask(path)
        assert status == 200
        return content.decode()

    @property
    def status(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.page("/status.json"))
        return found

    def until(self, is_so: Callable[[dict[str, Any]], bool]) -> None:
        """Wait for a state, at most so long."""
        end = time.monotonic() + PATIENCE
        while not is_so(self.status):
            assert time.monotonic() < end, self.status
            assert self.process.poll() is None
            time.sleep(0.05)

    def until_built(self, number: int) -> None:
        self.until(lambda status: status["built"] == number and status["state"] == "built")

    def stop(self) -> tuple[int, str]:
        """Press Ctrl-C; return the exit code and what was said to standard error."""
        self.process.send_signal(signal.SIGINT)
        _, said = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, said


@contextmanager
def serving(shop: Path, *arguments: str) -> Iterator[Served]:
    process = subprocess.Popen(
        [sys.executable, "-m", "kpiascode", "serve", "--port", "0", *NEW_YEAR, *arguments],
        cwd=shop,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    try:
        yield Served(process, shop)
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def served(shop: Path) -> Iterator[Served]:
    with serving(shop) as found:
        found.until_built(1)
        yield found


@pytest.fixture(scope="module")
def unchanged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Return a server for tests that change nothing."""
    with serving(Path(shutil.copytree(SHOP, tmp_path_factory.mktemp("served") / "shop"))) as found:
        found.until_built(1)
        yield found


def files_of(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def test_a_change_of_a_definition_or_of_data_is_seen_and_a_broken_one_keeps_the_last_site(
    served: Served,
) -> None:
    definitions, orders = served.shop / "kpis" / "shop.yaml", served.shop / "data" / "orders.csv"
    before = files_of(served.shop)
    first = served.page("/kpis/net_sales.html")

    replace(definitions, "title: Net sales", "title: Salami")
    served.until_built(2)
    second = served.page("/kpis/net_sales.html")
    assert "Salami" in second
    assert "Salami" not in first

    replace(definitions, "kind: owner\nname: sales", "kind: owner\nname: nobody")
    served.until(lambda status: status["state"] == "broken")
    assert served.page("/kpis/net_sales.html") == second

    replace(definitions, "kind: owner\nname: nobody", "kind: owner\nname: sales")
    served.until_built(3)
    with orders.open("a") as file:
        file.write("2025-12-30,1,online,1000.00\n")
    served.until_built(4)
    assert served.page("/kpis/net_sales.html") != second

    (served.shop / "kpis" / "more.yaml").write_text(
        "kind: owner\nname: more\ntitle: A new file\norg_unit: shop\ncontact: more@example.com\n"
    )
    served.until_built(5)
    assert "A new file" in served.page("/owners/more.html")

    code, said = served.stop()
    assert code == 0
    assert "unknown-owner" in said
    assert "The site stays as it was." in said
    assert "Traceback" not in said
    assert files_of(served.shop) == before | {"kpis/more.yaml"}, "nothing is written"


def test_a_project_that_is_broken_at_first_is_shown_once_it_is_mended(shop: Path) -> None:
    replace(shop / "kpis" / "shop.yaml", "kind: owner\nname: sales", "kind: owner\nname: nobody")
    with serving(shop) as served:
        served.until(lambda status: status["broken"] == 1)
        assert served.ask("/")[0] == 404
        assert b"the terminal says why" in served.ask("/")[2]

        replace(shop / "kpis" / "shop.yaml", "kind: owner\nname: nobody", "kind: owner\nname: sales")
        served.until_built(1)
        assert "The shop, monthly" in served.page()


def test_own_templates_are_used_and_watched(shop: Path) -> None:
    (shop / "own").mkdir()
    sheet = shop / "own" / "style.css"
    sheet.write_text("body { color: #111111; }\n")
    with serving(shop, "--templates", "own") as served:
        served.until_built(1)
        assert "#111111" in served.page()

        sheet.write_text("body { color: #222222; }\n")
        served.until_built(2)
        assert "#222222" in served.page()


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_pages_are_served_with_their_types_and_never_kept(unchanged: Served, method: str) -> None:
    types = {
        "/": "text/html; charset=utf-8",
        "/index.html?x=1": "text/html; charset=utf-8",
        "/scorecards/shop_monthly.html": "text/html; charset=utf-8",
        "/data/shop_monthly.csv": "text/csv; charset=utf-8",
        "/status.json": "application/json",
    }
    for path, kind in types.items():
        status, headers, content = unchanged.ask(path, method)
        assert (status, headers["Content-Type"]) == (200, kind)
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert bool(content) == (method == "GET")
        assert int(headers["Content-Length"]) > 0
        assert "Python" not in headers["Server"]


def test_nothing_but_the_site_can_be_read(unchanged: Served) -> None:
    (unchanged.shop / "kpis" / "link.html").symlink_to("/etc/passwd")
    paths = [
        "/kpiascode.yaml",
        "/kpis/shop.yaml",
        "/kpis/link.html",
        "/../kpiascode.yaml",
        "/kpis/../../kpiascode.yaml",
        "/%2e%2e/kpiascode.yaml",
        "/..%2fkpiascode.yaml",
        "/%2e%2e%2f%2e%2e%2fetc/passwd",
        "/..%5ckpiascode.yaml",
        "//etc/passwd",
        "/etc/passwd",
        f"{unchanged.shop}/kpiascode.yaml",
        "/%00",
        "/kpis",
        "/kpis/",
        "/data/",
        "/.kpiascode-site",
        "http://127.0.0.1/index.html",
        "*",
        "index.html/../index.html",
    ]
    for path in paths:
        status, headers, content = unchanged.ask(path)
        assert (status, headers["Cache-Control"]) == (404, "no-store"), path
        assert content == b"404 There is no such page\n"


def test_who_asks_for_another_host_is_refused(unchanged: Served) -> None:
    port = unchanged.port
    for host in (f"localhost:{port}", f"LOCALHOST:{port}"):
        assert unchanged.ask("/", host=host)[0] == 200
    hosts = [
        "evil.example",
        f"evil.example:{port}",
        f"127.0.0.1.evil.example:{port}",
        f"127.0.0.1:{port}.evil.example",
        f"evil.example@127.0.0.1:{port}",
        "127.0.0.1",
        f"127.0.0.1:{port + 1}",
        f"[::1]:{port}",
        f"0.0.0.0:{port}",
        "",
    ]
    for host in hosts:
        status, _, content = unchanged.ask("/", host=host)
        assert status == 421, host
        assert b"<" not in content

    good = f"Host: 127.0.0.1:{port}\r\n".encode()
    assert b" 421 " in unchanged.raw(b"GET / HTTP/1.0\r\n\r\n"), "none at all"
    assert b" 421 " in unchanged.raw(b"GET / HTTP/1.1\r\n" + good + b"Host: evil.example\r\n\r\n"), "two"


def test_it_is_only_read(unchanged: Served) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"):
        assert unchanged.ask("/", method)[0] == 405
    assert unchanged.ask("/", "BREW")[0] == 501
    assert b"<" not in unchanged.raw(b"<script>alert(1)</script>\r\n\r\n")
    assert unchanged.page()


def test_no_other_address_listens(unchanged: Served) -> None:
    others = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None)} - {"127.0.0.1"}
    for address in {*others, "::1", "127.0.0.2"}:
        family = socket.AF_INET6 if ":" in str(address) else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as asked:
            asked.settimeout(5)
            assert asked.connect_ex((str(address), unchanged.port)) != 0, address


def test_a_port_that_is_taken_ends_with_3(shop: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = subprocess.run(
            [sys.executable, "-m", "kpiascode", "serve", "--port", str(port), *NEW_YEAR],
            cwd=shop,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    assert (ended.returncode, ended.stdout) == (3, "")
    assert ended.stderr == (
        f"error: somebody else listens at port {port}. Choose another with --port; 0 takes any that is free.\n"
    )


def test_a_file_that_is_replaced_while_it_is_built_is_seen(served: Served) -> None:
    """Editors write beside a file and move that in its place."""
    definitions = served.shop / "kpis" / "shop.yaml"
    text = definitions.read_text()
    for number in range(3):
        beside = served.shop / "kpis" / ".shop.yaml.tmp"
        beside.write_text(text.replace("title: Net sales", f"title: Sales {number}"))
        os.replace(beside, definitions)
        served.until(lambda status, number=number: status["built"] > number)  # type: ignore[misc]
    end = time.monotonic() + PATIENCE
    while "Sales 2" not in served.page("/kpis/net_sales.html"):
        assert time.monotonic() < end
        time.sleep(0.05)
