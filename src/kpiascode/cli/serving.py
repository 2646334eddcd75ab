"""A site on this machine alone: from memory, to be read and nothing else.

No file is opened for a request, so there is no way to one. Who asks must name this machine: a page from
elsewhere whose name was made to lead here (DNS rebinding) does not.
"""

import errno
import json
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import PurePosixPath
from socketserver import ThreadingTCPServer
from types import MappingProxyType
from typing import Any, Final, cast
from urllib.parse import unquote

from kpiascode.cli.failures import MachineFailure
from kpiascode.model.page import Page

LOOPBACK: Final = "127.0.0.1"
STATUS_FILE: Final = "status.json"
TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".json": "application/json",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}
HEADERS: Final = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
}
PATIENCE: Final = 10
"""Seconds that a connection may say nothing."""


@dataclass(frozen=True, slots=True)
class Status:
    """Which site is shown: how many were built so far, and how often that failed.

    Args:
        state: `building`, `built` or `broken`; the last site stays meanwhile.
    """

    state: str = "building"
    built: int = 0
    broken: int = 0


class Server(ThreadingTCPServer):
    """Shows what `show` was given last, all of it at once.

    Raises:
        MachineFailure: when somebody else listens at the port.
    """

    allow_reuse_address = os.name != "nt"  # there it would let two servers share a port
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, port: int) -> None:
        try:
            super().__init__((LOOPBACK, port), _Handler)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            raise MachineFailure(
                f"somebody else listens at port {port}. Choose another with --port; 0 takes any that is free."
            ) from None
        self.port: int = self.server_address[1]
        self.names = frozenset(
            f"{host}{port}"
            for host in (LOOPBACK, "localhost")
            for port in (f":{self.port}", *self._default())
        )
        self.files: Mapping[str, bytes] = MappingProxyType({})
        self.status = Status()

    @property
    def address(self) -> str:
        return f"http://{LOOPBACK}:{self.port}/"

    def _default(self) -> tuple[str, ...]:
        """Return what a browser writes behind the name of a host for its own port: nothing."""
        return ("",) if self.port == 80 else ()

    def show(self, pages: Iterable[Page]) -> None:
        self.files = {page.path: page.text.encode() for page in pages}

    def file(self, path: str) -> tuple[str, bytes] | None:
        """Return the name and the content that a path of a URL asks for; None where there is none."""
        name = path.removeprefix("/")
        if name == STATUS_FILE:
            return name, json.dumps(asdict(self.status)).encode()
        name = f"{name}index.html" if not name or name.endswith("/") else name
        files = self.files
        return next(((found, files[found]) for found in (name, unquote(name)) if found in files), None)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of readers that go away; the rest is our mistake."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    timeout = PATIENCE
    error_message_format = "%(code)d %(message)s\n"
    error_content_type = "text/plain; charset=utf-8"

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self.send_error(HTTPStatus.METHOD_NOT_ALLOWED, "This site is only read")

    do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_TRACE = do_CONNECT = do_POST  # noqa: N815

    def _answer(self) -> None:
        server = cast(Server, self.server)
        hosts = self.headers.get_all("Host", [])
        if len(hosts) != 1 or hosts[0].strip().lower() not in server.names:
            self.send_error(HTTPStatus.MISDIRECTED_REQUEST, f"Ask for {server.address}")
            return
        found = server.file(self.path.partition("?")[0])
        if found is None:
            built = "There is no such page" if server.files else "There is no site yet; the terminal says why"
            self.send_error(HTTPStatus.NOT_FOUND, built)
            return
        name, content = found
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", TYPES.get(PurePosixPath(name).suffix, "application/octet-stream"))
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def end_headers(self) -> None:
        for name, value in HEADERS.items():
            self.send_header(name, value)
        super().end_headers()

    def version_string(self) -> str:
        return "kpiascode"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing of each request: the terminal is for findings."""
