"""A process that is watched, measured and kept from harm: no network, bounded memory and time."""

import hashlib
import json
import os
import shutil
import signal
import site
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SOURCES = Path(__file__).parents[2]
WATCHED = Path(__file__).parent / "watched"
LAUNCH = Path(__file__).parent / "launch.py"
WALL_SECONDS = 300
"""Only there so that a process that hangs ends the test; nothing is measured by it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a process ended. `deeds` are what it did besides reading the project and its own code."""

    code: int
    stdout: str
    stderr: str
    cpu_seconds: float
    peak_mib: float
    deeds: tuple[str, ...]


def run(arguments: Sequence[str], folder: Path, home: Path) -> Ended:
    """Run Python in a folder with nothing but an empty home.

    Args:
        home: An empty folder for all that a process may want to leave behind outside of the project.
    """
    log, out, err, report = (home / name for name in ("deeds", "out", "err", "report"))
    canary = home / "home"
    canary.mkdir(parents=True, exist_ok=True)
    log.write_bytes(b"")
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(canary),
        "TMPDIR": str(canary),
        "PYTHONPATH": os.pathsep.join([str(WATCHED), str(SOURCES / "src")]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
        "KPI_WATCH": str(log),
        "KPI_WATCH_MAY_READ": os.pathsep.join([str(folder.resolve()), *_own_folders()]),
    }
    command = [*_without_network(), sys.executable, *arguments]
    with out.open("wb") as stdout, err.open("wb") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(LAUNCH), str(report), *command],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
        )
        try:
            process.wait(WALL_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    assert list(canary.iterdir()) == [], "something was left behind in the home folder"
    return Ended(
        **json.loads(report.read_text(encoding="ascii")),
        stdout=out.read_text(encoding="utf-8"),
        stderr=err.read_text(encoding="utf-8"),
        deeds=tuple(log.read_text(encoding="utf-8").splitlines()),
    )


@cache
def _without_network() -> tuple[str, ...]:
    """Return the command that takes the network away, where the machine allows it."""
    for command in (("unshare", "-n"), ("unshare", "-rn")):
        if (
            shutil.which(command[0])
            and subprocess.run([*command, "true"], capture_output=True).returncode == 0
        ):
            return command
    return ()


@cache
def _own_folders() -> tuple[str, ...]:
    """Return where the interpreter, its packages, the sources and the zones of the machine lie."""
    found = {sys.prefix, sys.base_prefix, *sysconfig.get_paths().values(), *site.getsitepackages()}
    found |= {str(SOURCES), "/usr", "/lib", "/proc/self", "/proc/cpuinfo", "/sys", "/etc/localtime"}
    return tuple(sorted({os.path.realpath(path) for path in found}))


def look_of(folder: Path) -> str:
    """Return what a folder holds as a short text, which is another one when anything was changed."""
    found = hashlib.sha256()
    for root, folders, files in os.walk(os.fsencode(folder)):
        folders.sort()
        for name in sorted([*folders, *files]):
            state = os.lstat(os.path.join(root, name))
            kept = (state.st_mode, state.st_size, state.st_mtime_ns, state.st_ino, state.st_nlink)
            found.update(root + b"/" + name + repr(kept).encode())
    return found.hexdigest()
