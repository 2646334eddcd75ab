"""Where the URL of a declared engine comes from: the environment, or a file of the user's own."""

import os
import stat
import tomllib
from pathlib import Path

import click


def url_of(name: str) -> str | None:
    """Return the URL of an engine, which never stands in the repository; None where it is not known."""
    return os.environ.get(variable(name)) or _own().get(name)


def variable(name: str) -> str:
    """Return the environment variable for an engine."""
    return f"KPI_ENGINE_{name.upper()}"


def own_file() -> Path | None:
    """Return where the user's own engines are written down, or None where there is no home."""
    configured = Path(os.environ.get("XDG_CONFIG_HOME") or "")
    if not configured.is_absolute():
        configured = Path(os.path.expanduser("~")) / ".config"
    return configured / "kpiascode" / "engines.toml" if configured.is_absolute() else None


def _own() -> dict[str, str]:
    """Return what the user's file says, or end with wrong usage that repeats nothing of it."""
    file = own_file()
    if file is None:
        return {}
    try:
        with file.open("rb") as opened:
            _check(file, os.fstat(opened.fileno()))
            found = tomllib.load(opened)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise click.UsageError(
            f'{file} cannot be read. It holds lines such as warehouse = "postgresql://me:secret@host/db".'
        ) from None
    if not all(isinstance(url, str) for url in found.values()):
        raise click.UsageError(f"{file} holds names with URLs in quotes, and nothing else.")
    return found


def _check(file: Path, found: os.stat_result) -> None:
    """Refuse a file with passwords that others can read or write."""
    if not stat.S_ISREG(found.st_mode):
        raise click.UsageError(f"{file} is no file.")
    if hasattr(os, "geteuid") and (found.st_uid != os.geteuid() or found.st_mode & 0o077):
        raise click.UsageError(f"{file} can be read by others, and holds passwords. Run: chmod 600 {file}")
