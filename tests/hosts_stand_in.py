"""Stands in for the interfaces of GitHub and GitLab, on this machine: what `kpi comment` asks, and nothing else."""

import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

TOKEN: Final = "t0ken-of-the-test"
OLD, HEAD, NEW = "a" * 40, "b" * 40, "c" * 40
DATE: Final = "Mon, 05 Jan 2026 10:00:00 GMT"
BOT: Final = {"user": {"type": "Bot", "login": "github-actions[bot]"}, "author_association": "NONE"}
STRANGER: Final = {"user": {"type": "User", "login": "stranger"}, "author_association": "NONE"}
MEMBER: Final = {"user": {"type": "User", "login": "member"}, "author_association": "MEMBER"}


@dataclass(frozen=True)
class Failure:
    """An answer in the place of the right one.

    Args:
        is_done: The request is carried out all the same, as where an answer is lost on its way.
        is_dropped: There is no answer: the connection is closed.
    """

    status: int = 500
    headers: Mapping[str, str] = field(default_factory=dict)
    message: Any = "Nope."
    only: str = ""
    body: bytes | None = None
    is_done: bool = False
    is_dropped: bool = False


class Site(ThreadingHTTPServer):
    """A host with one pull request, 7 of `acme/shop`, which is also merge request 7 of project 42."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.comments: list[dict[str, Any]] = []
        self.requests: list[str] = []
        self.failures: list[Failure] = []
        self.head = HEAD
        self.page_size: int | None = None
        self.tells_next = True
        self.base = ""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def add(self, body: str, **more: Any) -> dict[str, Any]:
        made = {
            "id": 100 + len(self.comments),
            "body": body,
            "html_url": f"{self.address}/c/{len(self.comments)}",
            "author": {"id": 1},
            **BOT,
            **more,
        }
        self.comments.append(made)
        return made

    @property
    def bodies(self) -> list[str]:
        return [one["body"] for one in self.comments]

    @property
    def writes(self) -> list[str]:
        return [line for line in self.requests if not line.startswith("GET ")]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that went away."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Site

    def handle_any(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        content = json.loads(self.rfile.read(length)) if length else {}
        line = f"{self.command} {self.path}"
        self.server.requests.append(line)
        failure = next((one for one in self.server.failures if line.startswith(one.only)), None)
        if failure is not None:
            self.server.failures.remove(failure)
            if failure.is_done:
                self.answer(content)
            if failure.is_dropped:
                self.close_connection = True
                return
            body = (
                failure.body
                if failure.body is not None
                else json.dumps({"message": failure.message}).encode()
            )
            self.send(failure.status, body, failure.headers)
            return
        status, data, headers = self.answer(content)
        self.send(status, json.dumps(data).encode(), headers)

    do_GET = do_POST = do_PATCH = do_PUT = handle_any  # noqa: N815

    def answer(self, content: Mapping[str, str]) -> tuple[int, Any, Mapping[str, str]]:
        site, parts = self.server, urlsplit(self.path)
        path = parts.path.removeprefix(site.base)
        right = (
            self.headers.get("Authorization") == f"Bearer {TOKEN}"
            if path.startswith("/repos/")
            else self.headers.get("PRIVATE-TOKEN") == TOKEN
        )
        if not right:
            return 401, {"message": "Bad credentials"}, {}
        match self.command, path:
            case "GET", "/repos/acme/shop/pulls/7":
                return 200, {"number": 7, "head": {"sha": site.head}}, {}
            case "GET", "/projects/42/merge_requests/7":
                return 200, {"iid": 7, "sha": site.head}, {}
            case "GET", "/user":
                return 200, {"id": 1, "username": "project_42_bot"}, {}
            case "GET", "/repos/acme/shop/issues/7/comments" | "/projects/42/merge_requests/7/notes":
                return self.page(parse_qs(parts.query))
            case "POST", "/repos/acme/shop/issues/7/comments" | "/projects/42/merge_requests/7/notes":
                return 201, site.add(content["body"]), {}
        edited = re.fullmatch(
            r"PATCH /repos/acme/shop/issues/comments/([0-9]+)|PUT /projects/42/merge_requests/7/notes/([0-9]+)",
            f"{self.command} {path}",
        )
        for one in site.comments:
            if edited and str(one["id"]) in edited.groups():
                if path.startswith("/projects/") and one["author"]["id"] != 1:
                    return 403, {"message": "403 Forbidden"}, {}
                one["body"] = content["body"]
                return 200, one, {}
        return 404, {"message": "Not Found"}, {}

    def page(self, query: Mapping[str, list[str]]) -> tuple[int, Any, Mapping[str, str]]:
        size = self.server.page_size or int(query["per_page"][0])
        number = int(query["page"][0])
        shown = self.server.comments[(number - 1) * size : number * size]
        more = self.server.tells_next and number * size < len(self.server.comments)
        # The address leads astray: pages are asked for by their numbers.
        return 200, shown, {"Link": '<https://evil.example/next>; rel="next"'} if more else {}

    def send(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response_only(status)
        for name, value in {"Date": DATE, "Content-Type": "application/json", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""


def started() -> Site:
    site = Site()
    threading.Thread(target=site.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    return site
