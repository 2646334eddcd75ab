"""The folder of the ledger: written once, whole or not at all, whatever the machine does."""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ledgers import audit, publication, value

from kpiascode.record import Store, segment_of

SEGMENT = segment_of(publication(value()))


def write(folder: Path) -> None:
    store = Store(folder=folder, told_as="ledger")
    with store.held(), store.staged((SEGMENT,)):
        pass


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_what_is_written_is_there_and_nothing_else(tmp_path: Path) -> None:
    write(tmp_path / "deep" / "ledger")

    assert names(tmp_path) == ["deep/ledger/.gitattributes", f"deep/ledger/{SEGMENT.path}"]
    assert (tmp_path / "deep/ledger/.gitattributes").read_bytes() == b"* -text\n"
    assert audit(tmp_path / "deep" / "ledger").findings == ()


def test_the_same_file_twice_is_one_file_that_nobody_touched(tmp_path: Path) -> None:
    write(tmp_path)
    before = (tmp_path / SEGMENT.path).stat()
    write(tmp_path)

    after = (tmp_path / SEGMENT.path).stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_what_fails_while_it_is_shown_is_not_recorded(tmp_path: Path) -> None:
    store = Store(folder=tmp_path, told_as="ledger")
    with pytest.raises(RuntimeError), store.held(), store.staged((SEGMENT,)):
        raise RuntimeError

    assert names(tmp_path) == [".gitattributes"]


@pytest.mark.parametrize("call", ["write", "fsync", "link"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_a_machine_that_refuses_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, code: int
) -> None:
    write(tmp_path)
    before = names(tmp_path)
    other = segment_of(publication(value("99", "2026-01")))
    store = Store(folder=tmp_path, told_as="ledger")

    def refuse(*_: object) -> int:
        raise OSError(code, os.strerror(code))

    with store.held():
        monkeypatch.setattr(os, call, refuse)
        with pytest.raises(OSError, match=os.strerror(code)), store.staged((other,)):
            pass
        monkeypatch.undo()

    assert names(tmp_path) == before


def test_a_short_write_is_carried_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: real(descriptor, bytes(data)[:7]))
    write(tmp_path)

    assert (tmp_path / SEGMENT.path).read_bytes() == SEGMENT.data


def test_without_hard_links_a_file_is_renamed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", none)
    write(tmp_path)

    assert names(tmp_path) == [".gitattributes", SEGMENT.path]


def test_everything_is_on_the_disk_before_it_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bytes, then the name, then the folder that holds the name; and each new folder in the one above."""
    calls: list[str] = []
    kinds = {"write": 0, "fsync": 0}

    def seen(name: str) -> Callable[..., Any]:
        real = getattr(os, name)

        def call(*arguments: Any, **options: Any) -> Any:
            result = real(*arguments, **options)
            of = os.readlink(f"/proc/self/fd/{arguments[0]}") if name in kinds else os.fspath(arguments[-1])
            calls.append(f"{name} {Path(of).relative_to(tmp_path).as_posix()}")
            return result

        return call

    for name in ("write", "fsync", "link", "mkdir"):
        monkeypatch.setattr(os, name, seen(name))
    write(tmp_path / "ledger")

    new = next(call for call in calls if call.startswith("write ledger/2026/")).removeprefix("write ")
    order = [
        "mkdir ledger",
        "fsync .",
        "link ledger/.gitattributes",
        "fsync ledger",
        "mkdir ledger/2026",
        "fsync ledger",
        f"write {new}",
        f"fsync {new}",
        f"link ledger/{SEGMENT.path}",
        "fsync ledger/2026",
    ]
    assert [call for call in calls if call in order] == order


def test_what_a_killed_publisher_left_is_removed_unless_somebody_holds_it(tmp_path: Path) -> None:
    fcntl = pytest.importorskip("fcntl")
    write(tmp_path)
    left, held = tmp_path / "2026" / ".new-left", tmp_path / "2026" / ".new-held"
    left.write_text("{")
    with held.open("w") as opened:
        fcntl.flock(opened, fcntl.LOCK_EX)
        write(tmp_path)

    assert not left.exists()
    assert held.exists()
    assert audit(tmp_path).findings == ()
