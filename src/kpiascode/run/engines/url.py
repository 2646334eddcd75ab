"""The address of an engine. What stands in it may be a password, so it is never printed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from urllib.parse import parse_qsl, unquote, urlsplit

from kpiascode.model.diagnostic import did_you_mean, one_of
from kpiascode.run.engine import EngineError

_NONE: Mapping[str, str] = MappingProxyType({})


class WrongUrl(Exception):
    """An address that cannot be read; says why, and repeats nothing of it but its scheme."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Url:
    """`scheme://user:password@host:port/path?key=value`.

    Args:
        path: Without the first slash; decoded, as are user, password and options.
    """

    scheme: str
    user: str | None = None
    password: str | None = None
    host: str | None = None
    port: int | None = None
    path: str = ""
    options: Mapping[str, str] = field(default_factory=lambda: _NONE)

    def __repr__(self) -> str:
        return f"Url({self.scheme}://...)"

    @property
    def secrets(self) -> tuple[str, ...]:
        """Return what must never be told: passwords, tokens and keys."""
        told = (value for key, value in self.options.items() if key.lower() not in _HARMLESS)
        return tuple(secret for secret in (self.password, *told) if secret)


_HARMLESS = frozenset(
    """
    warehouse role catalog schema sslmode ssl location secure authenticator private_key_file http_path
    auth_type maximum_bytes_billed authentication encrypt trust_server_certificate application_intent
    iam region profile cluster_identifier is_serverless serverless_work_group verify service_name driver
    master
    """.split()
)


def options_of(url: Url, known: Collection[str]) -> Mapping[str, str]:
    """Return the options of an address. One that means nothing is refused, and not repeated.

    Raises:
        EngineError: for an option that is not known.
    """
    unknown = next((option for option in url.options if option not in known), None)
    if unknown is None:
        return url.options
    there_are = f"There are {one_of(known, limit=len(known))}." if known else "It has none."
    hint = did_you_mean(unknown, known) or there_are
    told = f"its URL has an option that it does not know. {hint}".removesuffix(".")
    raise EngineError(url.scheme, told, "")


def read_url(text: str) -> Url:
    """Return the parts of an address.

    Raises:
        WrongUrl: for what is none.
    """
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise WrongUrl("The URL of the engine cannot be read.") from None
    if not parts.scheme:
        raise WrongUrl("The URL of the engine has no scheme.")
    if "#" in text:
        raise WrongUrl("The URL of the engine has a `#`. In a user or a password it is written as %23.")
    if parts.netloc and ("@" in parts.path or ("@" in parts.query and "@" not in parts.netloc)):
        raise WrongUrl(
            "The URL of the engine has an `@` behind its host. In a user or a password `@`, `/` and `?` are "
            "written as %40, %2F and %3F."
        )
    return Url(
        scheme=parts.scheme.lower(),
        user=None if parts.username is None else unquote(parts.username),
        password=None if parts.password is None else unquote(parts.password),
        host=parts.hostname,
        port=port,
        path=unquote(parts.path.removeprefix("/")),
        options=MappingProxyType(dict(parse_qsl(parts.query, keep_blank_values=True))),
    )


def file_of(url: Url, *, new: bool = False) -> Path:
    """Return the file that a URL names: by its absolute path, or else from the working folder.

    So no file of a project can take the place of another that is meant.

    Args:
        new: Whether it may be one that is still to be made; then it is the absolute one.

    Raises:
        EngineError: when there is none.
    """
    absolute, relative = Path("/" + url.path.lstrip("/")), Path(url.path)
    found = next((path for path in (absolute, relative) if path.is_file()), None)
    if found is not None:
        return found
    if new:
        return relative if absolute.parent == Path("/") else absolute
    told = f"there is no database file {absolute}, and none at {relative.absolute()}"
    raise EngineError(url.scheme, told, "")


def folder_of(url: Url, *, new: bool = False) -> Path:
    """Return the folder that a URL names: by its absolute path, or else from the working folder.

    Args:
        new: Whether it is made where there is none; then it is the absolute one.

    Raises:
        EngineError: when there is none.
    """
    absolute, relative = Path("/" + url.path.lstrip("/")), Path(url.path or ".")
    found = next((path for path in (absolute, relative) if path.is_dir()), None)
    if found is not None:
        return found
    if not new:
        told = f"there is no folder {absolute}, and none at {relative.absolute()}"
        raise EngineError(url.scheme, told, "")
    absolute.mkdir(parents=True)
    return absolute
