"""Requests to the interface of a host. The token goes to the host that it is for, and to nobody else."""

import json
import re
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import IO, Any, Final, TypeVar
from urllib.parse import urljoin, urlsplit

from kpiascode import __version__
from kpiascode.cli.failures import MachineFailure
from kpiascode.cli.text import safe

PATIENCE: Final = 30.0
"""Seconds that a host may say nothing."""
PAUSES: Final = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Seconds before each further attempt, unless the host asks for more."""
LONGEST_PAUSE: Final = 120.0
LARGEST: Final = 128 * 1024 * 1024
"""Bytes of an answer: a hundred comments of the largest size."""
HOPS: Final = 3
LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})

_Found = TypeVar("_Found")


class Busy(Exception):
    """The host cannot answer now. Asked again, it may.

    Args:
        seconds: What it asks to wait; None where it says nothing of that.
    """

    def __init__(self, why: str, seconds: float | None = None) -> None:
        super().__init__(why)
        self.seconds = seconds


class Refused(Exception):
    """The host will not do it, however often it is asked.

    Args:
        status: Of HTTP; None where there was no answer of that kind.
    """

    def __init__(self, why: str, status: int | None = None) -> None:
        super().__init__(why)
        self.status = status


class WrongAddress(Exception):
    """An address that no token is sent to."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a host says, and whether there is another page of it."""

    data: Any
    has_next: bool


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> None:
        """Follow nothing: urllib would take the token along."""


@dataclass(frozen=True, slots=True)
class Client:
    """Asks one interface.

    Args:
        address: Where it begins, without `/` at its end.
        headers: Of every request; they hold the token.
        token: So that it is printed nowhere, not even by the host's own words.
    """

    address: str
    headers: Mapping[str, str] = field(repr=False)
    token: str = field(repr=False)

    def __post_init__(self) -> None:
        parts = urlsplit(self.address)
        is_near = parts.scheme == "http" and parts.hostname in LOOPBACK
        if not parts.hostname or not (is_near or parts.scheme == "https"):
            raise WrongAddress("it has to begin with https://")
        if "@" in parts.netloc or parts.query or parts.fragment or not _is_visible(self.address):
            raise WrongAddress("it may hold a host and a path, and nothing else")

    def ask(self, method: str, path: str, content: Mapping[str, str] | None = None) -> Answer:
        """Send a request and return the answer.

        Raises:
            Busy: Another attempt may go well.
            Refused: None will.
        """
        address = self.address + path
        data = None if content is None else json.dumps(content).encode()
        headers = {"User-Agent": f"kpiascode/{__version__}", **self.headers}
        if data is not None:
            headers["Content-Type"] = "application/json"
        opener = urllib.request.build_opener(_NoRedirect)
        for _ in range(HOPS):
            request = urllib.request.Request(address, data=data, headers=headers, method=method)
            try:
                with opener.open(request, timeout=PATIENCE) as response:
                    return _answer(response.read(LARGEST + 1), response.headers)
            except urllib.error.HTTPError as error:
                with error:
                    if not 300 <= error.code < 400:
                        raise self._failure(error) from None
                    address = self._moved(address, method, error)
            except (OSError, HTTPException) as error:
                raise _broken(error) from None
        raise Refused("it sends us in circles")

    def _moved(self, address: str, method: str, error: urllib.error.HTTPError) -> str:
        """Return where the same host has it, as after a project was renamed."""
        there = urljoin(address, error.headers.get("Location", ""))
        kept = error.code in (307, 308) or (method == "GET" and error.code in (301, 302))
        if not kept or urlsplit(there)[:2] != urlsplit(address)[:2] or not _is_visible(there):
            raise Refused("it sends us elsewhere, where the token does not belong", error.code)
        return there

    def _failure(self, error: urllib.error.HTTPError) -> Busy | Refused:
        said = f"it answers {error.code}{self._words(error)}"
        pause = _pause(error.headers)
        is_limited = error.code in (403, 429) and (
            pause is not None or error.headers.get("X-RateLimit-Remaining") == "0"
        )
        if is_limited or error.code == 429 or error.code >= 500:
            return Busy(said, pause)
        return Refused(said, error.code)

    def _words(self, error: urllib.error.HTTPError) -> str:
        """Return what the host says of a failure, shortened and harmless; empty where it says nothing."""
        told: Any = None
        with suppress(OSError, HTTPException, ValueError, RecursionError):
            found = json.loads(error.read(100_000))
            told = found.get("message") or found.get("error") if isinstance(found, dict) else None
        words = told if isinstance(told, str) else "" if told is None else json.dumps(told)
        shown = safe(" ".join(words.replace(self.token, "***").split()))[:200].rstrip(".")
        return f": {shown}" if shown else ""


def patiently(action: Callable[[], _Found], wait: Callable[[float], None]) -> _Found:
    """Return what an action gives, which is begun anew while the host is busy.

    Raises:
        MachineFailure: It stays so, or asks for more time than a job should take.
    """
    for pause in (*PAUSES, None):
        try:
            return action()
        except Busy as busy:
            if pause is None:
                raise MachineFailure(
                    f"the host cannot be used: {busy}. It was asked {len(PAUSES) + 1} times; "
                    "run the job again later."
                ) from None
            longer = max(pause, busy.seconds or 0.0)
            if longer > LONGEST_PAUSE:
                raise MachineFailure(
                    f"the host cannot be used: {busy}. It asks to wait for {longer:,.0f} seconds; "
                    "run the job again then."
                ) from None
            wait(longer)
    raise AssertionError("the last attempt returns or raises")


def _answer(data: bytes, headers: Message) -> Answer:
    if len(data) > LARGEST:
        raise Refused("its answer is too long")
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        raise Refused("its answer is no JSON; is the address right?") from None
    return Answer(found, 'rel="next"' in headers.get("Link", ""))


def _broken(error: OSError | HTTPException) -> Busy | Refused:
    """Return what becomes of a request without an answer."""
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return Refused(f"its certificate is not valid here ({safe(cause.verify_message)})")
    if isinstance(cause, TimeoutError):
        return Busy("it does not answer")
    why = cause.strerror if isinstance(cause, OSError) and cause.strerror else type(cause).__name__
    return Busy(f"it cannot be reached ({safe(str(why))})")


def _pause(headers: Message) -> float | None:
    """Return the seconds that a host asks to wait. Times are held against its own clock."""
    asked, now = headers.get("Retry-After", "").strip(), _moment(headers.get("Date"))
    if re.fullmatch(r"[0-9]{1,9}", asked):
        return float(asked)
    if now is None:
        return None
    if (then := _moment(asked)) is not None:
        return max(0.0, (then - now).total_seconds())
    reset = headers.get("X-RateLimit-Reset", "")
    if headers.get("X-RateLimit-Remaining") == "0" and re.fullmatch(r"[0-9]{1,12}", reset):
        return max(0.0, float(reset) - now.timestamp())
    return None


def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        found = parsedate_to_datetime(text)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if found.tzinfo is not None else None


def _is_visible(text: str) -> bool:
    return re.fullmatch(r"[\x21-\x7e]+", text) is not None
