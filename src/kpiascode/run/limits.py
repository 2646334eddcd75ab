"""What a child process may take. Needs the standard library only, since it is called before all else."""

import sys
from contextlib import suppress
from typing import Final

MEMORY: Final = 1_536 * 1_048_576
"""Of addresses, in bytes; the engine itself stops at a third of it."""

OPEN_FILES: Final = 64
POSSIBLE: Final = sys.platform != "win32"

if sys.platform != "win32":
    import resource


def limit() -> None:
    """Take away what a computation does not need: memory without end, writing to files, many open files."""
    if sys.platform != "win32":
        for kind, most in (
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_FSIZE, 0),
            (resource.RLIMIT_NOFILE, OPEN_FILES),
            (resource.RLIMIT_AS, MEMORY),
        ):
            with suppress(ValueError, OSError):  # macOS has not all of them, and some are lower already
                resource.setrlimit(kind, (most, most))


def limit_time(seconds: int) -> None:
    """End this process by force once it has taken as many more seconds of a processor."""
    if sys.platform != "win32":
        used = resource.getrusage(resource.RUSAGE_SELF)
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + seconds + 1, hard))
