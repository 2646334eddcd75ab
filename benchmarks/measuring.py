"""Cpu seconds, minima of several rounds, and tables of ratios with goals."""

import resource
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


def cpu_seconds() -> float:
    """Return the user and system time of this process so far, all threads together."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def peak_megabytes() -> float:
    """Return the most memory this process has had at once.

    On Linux a child starts with the peak of its parent as `getrusage` tells it; /proc does not.
    """
    status = Path("/proc/self/status")
    if status.exists():
        words = status.read_text(encoding="utf-8").split()
        return int(words[words.index("VmHWM:") + 1]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def cost(work: Callable[[], object]) -> float:
    before = cpu_seconds()
    work()
    return cpu_seconds() - before


def minima(variants: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Return the least cost of each variant, taken in turn so that a noisy moment hits them all."""
    found: dict[str, float] = {}
    for _ in range(rounds):
        for name, work in variants.items():
            found[name] = min(found.get(name, float("inf")), cost(work))
    return found


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a table.

    Args:
        goal: The largest ratio that is good enough; None where nothing was promised.
    """

    name: str
    value: float
    ratio: float
    goal: float | None = None

    @property
    def verdict(self) -> str:
        if self.goal is None:
            return ""
        return "met" if self.ratio <= self.goal else "MISSED"


def show(title: str, unit: str, lines: Sequence[Line]) -> None:
    """Print a table: what, its value, its ratio, the goal for the ratio and whether it is met."""
    width = max(len(line.name) for line in lines)
    print(f"\n{title}\n{'':<{width}}  {unit:>10} {'ratio':>8} {'goal':>8}")
    for line in lines:
        goal = "" if line.goal is None else f"<= {line.goal:g}"
        print(
            f"{line.name:<{width}}  {line.value:>10.3f} {line.ratio:>8.2f} {goal:>8}  {line.verdict}".rstrip()
        )
    sys.stdout.flush()
