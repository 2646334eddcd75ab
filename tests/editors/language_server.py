"""A language server from a test: asks it as an editor does, over its standard input and output."""

import json
import queue
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

TIMEOUT: Final = 60.0
"""Seconds. An answer takes less than one."""


class LanguageServer:
    """Speaks JSON-RPC with a server. What it asks of the editor is answered."""

    def __init__(self, command: Sequence[str], settings: Mapping[str, Any], folder: Path) -> None:
        self._settings = settings
        self._number = 0
        self._messages: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=folder
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        formats = ["markdown", "plaintext"]
        item = {"snippetSupport": True, "documentationFormat": formats}
        self._request(
            "initialize",
            processId=None,
            rootUri=folder.as_uri(),
            workspaceFolders=[{"uri": folder.as_uri(), "name": folder.name}],
            capabilities={
                "workspace": {"configuration": True, "workspaceFolders": True},
                "textDocument": {
                    "completion": {"completionItem": item},
                    "hover": {"contentFormat": formats},
                },
            },
        )
        self._send({"method": "initialized", "params": {}})

    def open(self, file: Path, text: str) -> list[dict[str, Any]]:
        """Open a file that holds this text, on the disk or not, and return what is found wrong in it."""
        address = file.as_uri()
        document = {"uri": address, "languageId": "yaml", "version": 1, "text": text}
        self._send({"method": "textDocument/didOpen", "params": {"textDocument": document}})
        told = self._await(
            lambda message: (
                message.get("method") == "textDocument/publishDiagnostics"
                and message["params"]["uri"] == address
            )
        )
        found: list[dict[str, Any]] = told["params"]["diagnostics"]
        return found

    def completions(self, file: Path, line: int, column: int) -> dict[str, dict[str, Any]]:
        """Return what is offered there, by its label; lines and columns count from 0."""
        answer = self._request("textDocument/completion", **_at(file, line, column))
        return {item["label"]: item for item in answer["items"]}

    def hover(self, file: Path, line: int, column: int) -> str:
        answer = self._request("textDocument/hover", **_at(file, line, column))
        return str(answer["contents"]["value"])

    def stop(self) -> None:
        self._request("shutdown")
        self._send({"method": "exit"})
        self.end()

    def end(self) -> None:
        """End the process, however it is."""
        try:
            self._process.wait(TIMEOUT)
        finally:
            self._process.kill()
            self._process.wait()
            self._reader.join()
            for stream in (self._process.stdin, self._process.stdout):
                assert stream is not None
                stream.close()

    def _request(self, method: str, **parameters: Any) -> Any:
        """Ask, and return the answer."""
        self._number += 1
        number = self._number
        self._send({"id": number, "method": method, "params": parameters})
        answer = self._await(lambda message: message.get("id") == number)
        assert "error" not in answer, answer["error"]
        return answer["result"]

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self._process.stdin.flush()

    def _read(self) -> None:
        """Put every message into the queue, and None when the server has ended."""
        stream = self._process.stdout
        assert stream is not None
        while head := stream.readline():
            name, _, value = head.decode().partition(":")
            if name.lower() != "content-length":
                continue
            while stream.readline().strip():
                pass
            self._messages.put(json.loads(stream.read(int(value))))
        self._messages.put(None)

    def _await(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        while True:
            message = self._messages.get(timeout=TIMEOUT)
            assert message is not None, "the language server has ended"
            if "id" in message and "method" in message:
                self._answer(message)
            elif wanted(message):
                return message

    def _answer(self, asked: dict[str, Any]) -> None:
        """Answer what a server asks of an editor: its settings, and otherwise nothing."""
        result = None
        if asked["method"] == "workspace/configuration":
            result = [self._settings.get(item.get("section", "")) for item in asked["params"]["items"]]
        self._send({"id": asked["id"], "result": result})


def _at(file: Path, line: int, column: int) -> dict[str, Any]:
    return {"textDocument": {"uri": file.as_uri()}, "position": {"line": line, "character": column}}
