"""Loaded by Python as it starts: writes down what a process does that `kpi check` has no business to do.

KPI_WATCH names a file that is there; KPI_WATCH_MAY_READ the folders that may be read, besides relative paths.
"""

import os
import sys

LOG = os.open(os.environ["KPI_WATCH"], os.O_WRONLY | os.O_APPEND)
MAY_READ = tuple(os.environ["KPI_WATCH_MAY_READ"].split(os.pathsep))
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
SCRATCH = os.path.join(os.environ["TMPDIR"], "kpiascode-")
HARMLESS = (os.devnull, "/dev/urandom")
ALWAYS = (
    *("socket.connect", "socket.bind", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname"),
    *("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty"),
    *("urllib.Request", "ftplib.connect", "smtplib.connect", "http.client.connect", "webbrowser.open"),
    *("os.chmod", "os.chown", "os.link", "os.symlink", "os.truncate", "os.utime", "os.putenv"),
    *("os.setxattr", "os.kill", "shutil.copyfile", "shutil.move", "shutil.make_archive"),
)
IN_SCRATCH_ONLY = ("os.mkdir", "os.remove", "os.rename", "os.rmdir", "shutil.rmtree", "tempfile.mkdtemp")


def watch(event: str, arguments: tuple[object, ...]) -> None:
    if event == "open":
        tell_open(*arguments)
    elif event in ALWAYS or (event in IN_SCRATCH_ONLY and not str(arguments[0]).startswith(SCRATCH)):
        tell(event, arguments)


def tell_open(path: object, mode: object, flags: object) -> None:
    if not isinstance(path, str | bytes) or os.fsdecode(path) in HARMLESS:
        return
    name = os.fsdecode(path)
    written = isinstance(flags, int) and flags & WRITES
    if written and not name.startswith(SCRATCH):
        tell("open to write", (name,))
    elif os.path.isabs(name) and not os.path.realpath(name).startswith(MAY_READ):
        tell("open to read", (name,))


def tell(event: str, arguments: tuple[object, ...]) -> None:
    os.write(LOG, f"{event} {arguments!r}\n".encode("utf-8", "backslashreplace"))


sys.addaudithook(watch)
