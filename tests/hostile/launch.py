"""Runs a command under limits and writes what it took to a file: a process so small that it adds nothing.

The memory that a process is said to have taken begins with that of the one it was made of, hence not by pytest.
"""

import json
import os
import resource
import sys

ADDRESS_SPACE = 6 << 30
CPU_SECONDS = 120
OUTPUT = 256 << 20


def main(report: str, *command: str) -> None:
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT, OUTPUT))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.execvp(command[0], command)
    _, status, used = os.wait4(child, 0)
    with open(report, "w", encoding="ascii") as file:
        json.dump(
            {
                "code": os.waitstatus_to_exitcode(status),
                "cpu_seconds": used.ru_utime + used.ru_stime,
                "peak_mib": used.ru_maxrss / 1024,
            },
            file,
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
