"""A program that starts `kpi publish` or `kpi build` again and again, and kills it at random moments.

    python tests/cli/killing.py publish 200

A process that has imported everything is forked for each round, so that a round takes no longer than what it
runs. Every second kill waits until something is being written. It ends with 1 where anything is lost, doubled
or torn, and says how often which moment was hit.
"""

import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout, suppress
from hashlib import sha256
from pathlib import Path

from test_mistakes import Mistake, write

from kpiascode.cli import build_command, publish_command  # noqa: F401, imported before the clock runs
from kpiascode.cli.main import main
from kpiascode.pipeline.ledger import audited
from kpiascode.record import Store

SOUND = Mistake("none", "")
DAYS = ("2026-02-01", "2026-03-01")
LONGEST = 30.0


def command(mode: str, folder: Path, number: int) -> list[str]:
    words = [mode, "--project", str(folder), "--as-of", DAYS[number % 2]]
    return [*words, "--note", f"Number {number}."] if mode == "publish" else words


def run(words: list[str]) -> None:
    with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere):
        code = 0
        try:
            main(words)
        except SystemExit as done:
            code = int(done.code or 0)
        assert not code, words


def forked(work: Callable[[int], None]) -> tuple[int, int]:
    """Start work in a process of its own; return its id, and where it tells how far it is."""
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        return child, reading
    code = 1
    try:
        os.close(reading)
        work(writing)
        code = 0
    finally:
        os._exit(code)


def alone(words: list[str]) -> None:
    child, reading = forked(lambda _: run(words))
    _, status = os.waitpid(child, 0)
    os.close(reading)
    assert status == 0, f"{words} failed"


def digest(site: Path) -> str:
    files = sorted(path for path in site.rglob("*") if path.is_file())
    return sha256(b"".join(f"{p.relative_to(site)}\n".encode() + p.read_bytes() for p in files)).hexdigest()


def notes(folder: Path) -> list[str]:
    """Return what was recorded, after proving that it is whole."""
    store = Store(folder=folder / "ledger", told_as="ledger")
    if not store.exists():
        return []
    audit = audited(store)
    assert audit.findings == (), audit.findings
    return [one.note for one in audit.ledger.publications]


def is_whole(site: Path, pages: set[str]) -> bool:
    found = {path.relative_to(site).as_posix(): path for path in site.rglob("*") if path.is_file()}
    return set(found) == pages and all(
        path.read_text(encoding="utf-8").rstrip().endswith("</html>")
        for name, path in found.items()
        if name.endswith(".html")
    )


def leftovers(folder: Path) -> list[str]:
    return [path.name for path in (*folder.glob("ledger/**/.new-*"), *folder.glob(".site*"))]


def until_something_is_written(folder: Path, child: int) -> None:
    end = time.perf_counter() + LONGEST
    while time.perf_counter() < end and not leftovers(folder):
        with suppress(ChildProcessError):
            if os.waitpid(child, os.WNOHANG)[0]:
                raise AssertionError("the publisher ended by itself")


def rounds(mode: str, count: int, home: Path) -> Iterator[str]:
    """Yield, a round, what the kill hit."""
    reference = home / "reference"
    reference.mkdir()
    write(reference, SOUND)
    good = set()
    for number in (0, 1):
        alone(command("build", reference, number))
        good.add(digest(reference / "site"))
    pages = {
        p.relative_to(reference / "site").as_posix() for p in (reference / "site").rglob("*") if p.is_file()
    }
    for number in range(count):
        folder = home / f"{number}"
        folder.mkdir()
        write(folder, SOUND)
        yield one_round(mode, number, folder, good, pages)
        shutil.rmtree(folder)


def one_round(mode: str, number: int, folder: Path, good: set[str], pages: set[str]) -> str:
    dice = random.Random(number)
    site = folder / "site"

    def work(telling: int) -> None:
        for turn in range(10_000):
            run(command(mode, folder, turn))
            os.write(telling, f"{turn} {digest(site)}\n".encode())

    child, reading = forked(work)
    told = b""
    for _ in range(dice.randrange(1, 3)):
        began = time.perf_counter()
        told += os.read(reading, 4096)
    lasts = time.perf_counter() - began
    if number % 2:
        until_something_is_written(folder, child)
        time.sleep(dice.random() * 0.02)
    else:
        time.sleep(dice.random() * lasts)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), f"it ended by itself with {status}"
    while more := os.read(reading, 4096):
        told += more
    os.close(reading)
    turns = [line.split() for line in told.decode().splitlines()]
    left = leftovers(folder)
    if mode == "build":
        assert digest(site) in good, "the site is no whole build"
        hit = "between"
    else:
        hit = after_publish(folder, len(turns), turns[-1][1], pages)
    alone(command(mode, folder, len(turns)))
    assert leftovers(folder) == [], "what was left is tidied away"
    if mode == "publish":
        assert notes(folder) == [f"Number {turn}." for turn in range(len(turns) + 1)], "each of them once"
    return f"{hit}, with something half written" if left else hit


def after_publish(folder: Path, acknowledged: int, last: str, pages: set[str]) -> str:
    found = notes(folder)
    expected = [f"Number {turn}." for turn in range(acknowledged)]
    assert found[:acknowledged] == expected, f"lost: {found} of {expected}"
    assert found[acknowledged:] in ([], [f"Number {acknowledged}."]), f"doubled: {found}"
    is_old = digest(folder / "site") == last
    assert is_old or is_whole(folder / "site", pages), "the site is torn"
    if len(found) > acknowledged:
        assert not is_old, "what is recorded is shown"
        return "recorded, not yet told"
    return "before" if is_old else "shown, not yet recorded"


def main_program() -> int:
    mode, count = sys.argv[1], int(sys.argv[2])
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as home:
        hits = Counter(rounds(mode, count, Path(home)))
    print(
        f"kpi {mode}: killed {count} times in {time.perf_counter() - began:.0f} s, nothing lost, doubled or torn"
    )
    for hit, times in sorted(hits.items()):
        print(f"  {times:4} {hit}")
    return 0


if __name__ == "__main__":
    sys.exit(main_program())
