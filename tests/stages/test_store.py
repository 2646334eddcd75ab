"""What earlier runs found is used as it was kept or not at all, and nobody else can put anything there."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kpiascode import __version__
from kpiascode.pipeline import store
from kpiascode.pipeline.store import Store, key_of

KEY = key_of("one")
OTHER = key_of("other")

pytestmark = pytest.mark.skipif(not store.BY_DESCRIPTOR, reason="nothing is kept on Windows")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "kpiascode"


@pytest.fixture
def opened(folder: Path, tmp_path: Path) -> Callable[[], Store]:
    """Return a function that opens the store as a new run does."""
    (tmp_path / "project").mkdir()
    return lambda: Store(folder, tmp_path / "project")


Open = Callable[[], Store]


def filled(opened: Open) -> None:
    opened().put(KEY, b"kept")
    opened().add([KEY])


def is_empty(found: Store) -> bool:
    return found.get(KEY) is None and not found.has(KEY)


# --- what is kept


def test_what_one_run_keeps_another_finds(opened: Open) -> None:
    assert is_empty(opened())

    filled(opened)

    assert (opened().get(KEY), opened().has(KEY)) == (b"kept", True)
    assert (opened().get(OTHER), opened().has(OTHER)) == (None, False)
    assert opened().unfit is None


def test_what_is_kept_later_takes_the_place(opened: Open) -> None:
    opened().put(KEY, b"first")
    opened().put(KEY, b"then")

    assert opened().get(KEY) == b"then"


def test_keys_are_added_to_those_of_another_run(opened: Open) -> None:
    one, another = opened(), opened()
    assert not one.has(KEY)
    assert not another.has(KEY)
    one.add([KEY])
    another.add([OTHER])

    assert opened().has(KEY)
    assert opened().has(OTHER)


def test_the_parts_of_a_key_are_told_apart() -> None:
    keys = {key_of("a", "bc"), key_of("ab", "c"), key_of("abc"), key_of("abc", ""), key_of(), key_of("")}

    assert len(keys) == 6
    assert key_of("ä") == key_of("ä".encode())


def test_the_folder_and_its_files_are_for_the_owner_alone(opened: Open, folder: Path) -> None:
    filled(opened)

    assert folder.stat().st_mode & 0o777 == 0o700
    assert folder.parent.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}
    assert len(list(folder.iterdir())) == 2


def test_without_a_folder_nothing_is_kept(tmp_path: Path) -> None:
    filled(lambda: Store(None, tmp_path))

    assert is_empty(Store(None, tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_reading_makes_no_folder(opened: Open, folder: Path) -> None:
    assert is_empty(opened())
    assert opened().unfit is None
    assert not folder.parent.exists()


def test_a_folder_that_cannot_be_made_is_no_store(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    there = Store(tmp_path / "file" / "cache", tmp_path / "project")
    filled(lambda: there)

    assert is_empty(Store(tmp_path / "file" / "cache", tmp_path / "project"))
    assert there.unfit == "it cannot be opened (not a directory)"


def test_two_processes_at_once_leave_whole_files(opened: Open, folder: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from kpiascode.pipeline.store import Store, key_of\n"
        "for number in range(150):\n"
        "    one = Store(Path(sys.argv[1]), Path(sys.argv[2]))\n"
        "    one.put(key_of('one'), sys.argv[3].encode() * 5000)\n"
        "    one.add([key_of(sys.argv[3], str(number))])\n"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", code, str(folder), str(tmp_path / "project"), letter])
        for letter in "ab"
    ]
    while any(one.poll() is None for one in running):
        assert opened().get(KEY) in (None, b"a" * 5000, b"b" * 5000)

    assert [one.returncode for one in running] == [0, 0]
    assert opened().get(KEY) in (b"a" * 5000, b"b" * 5000)
    assert len(list(folder.iterdir())) == 2
    last = [opened().has(key_of(letter, "149")) for letter in "ab"]
    assert any(last)  # at worst one of two runs at once is forgotten


# --- bounds


def test_what_is_too_large_is_not_kept(opened: Open, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MAX_ENTRY", 10)
    opened().put(KEY, b"x" * 10)
    opened().put(OTHER, b"x" * 11)

    assert opened().get(KEY) == b"x" * 10
    assert [file.name for file in folder.iterdir()] == [KEY]


def test_what_was_unused_for_longest_is_removed_first(
    opened: Open, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = [key_of(str(number)) for number in range(4)]
    for day, key in enumerate(keys[:3]):
        opened().put(key, b"x" * 1000)
        os.utime(folder / key, (day * 86_400, day * 86_400))
    opened().get(keys[0])
    monkeypatch.setattr(store, "MAX_FOLDER", 3_900)

    opened().put(keys[3], b"x" * 1000)

    assert [opened().get(key) is not None for key in keys] == [True, False, True, True]


def test_keys_that_nobody_asked_for_go_first(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MAX_PASSED", 3)
    keys = [key_of(str(number)) for number in range(4)]
    opened().add(keys[:3])
    run = opened()
    assert run.has(keys[0])
    run.add(keys[3:])

    assert [opened().has(key) for key in keys] == [True, False, True, True]


# --- poisoned


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777, 0o1777], ids=oct)
def test_a_folder_that_others_may_write_to_is_not_used(mode: int, opened: Open, folder: Path) -> None:
    filled(opened)
    folder.chmod(mode)

    assert is_empty(opened())
    assert "may write to it" in str(opened().unfit)
    before = sorted(folder.iterdir())
    opened().put(OTHER, b"new")
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize("mode", [0o750, 0o755, 0o500], ids=oct)
def test_others_may_read_it(mode: int, opened: Open, folder: Path) -> None:
    filled(opened)
    folder.chmod(mode)

    assert not is_empty(opened())
    folder.chmod(0o700)


def test_a_folder_of_somebody_else_is_not_used(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(opened)
    nobody = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: nobody)

    assert is_empty(opened())
    assert "somebody else owns it" in str(opened().unfit)


def test_a_file_that_others_may_write_to_is_not_used(opened: Open, folder: Path) -> None:
    filled(opened)
    for file in folder.iterdir():
        file.chmod(0o602)

    assert is_empty(opened())


def test_a_link_in_the_place_of_the_folder_is_not_followed(
    opened: Open, folder: Path, tmp_path: Path
) -> None:
    filled(opened)
    folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")

    assert is_empty(opened())
    assert "symbolic link" in str(opened().unfit)


def test_a_link_in_the_place_of_a_file_is_not_followed(opened: Open, folder: Path, tmp_path: Path) -> None:
    filled(opened)
    for file in folder.iterdir():
        file.rename(tmp_path / file.name)
        file.symlink_to(tmp_path / file.name)

    assert is_empty(opened())


def test_a_file_is_not_written_through_a_link(opened: Open, folder: Path, tmp_path: Path) -> None:
    filled(opened)
    (tmp_path / "precious").write_text("precious")
    (folder / KEY).unlink()
    (folder / KEY).symlink_to(tmp_path / "precious")

    opened().put(KEY, b"new")

    assert (tmp_path / "precious").read_text() == "precious"
    assert opened().get(KEY) == b"new"


@pytest.mark.parametrize("inner", ["cache", "deep/er/cache", "."])
def test_a_folder_inside_the_project_is_not_used(inner: str, tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    folder = project / inner
    filled(lambda: Store(folder, tmp_path / "another"))
    assert not is_empty(Store(folder, tmp_path / "another"))

    assert is_empty(Store(folder, project))
    assert "inside the project" in str(Store(folder, project).unfit)


def test_a_way_around_into_the_project_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "project" / "hidden").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "project" / "hidden")
    folder = tmp_path / "link" / "cache"
    filled(lambda: Store(folder, tmp_path / "project"))

    assert list((tmp_path / "project" / "hidden").iterdir()) == []
    assert "inside the project" in str(Store(folder, tmp_path / "project").unfit)


def cut(data: bytes) -> bytes:
    return data[:-1]


def flipped(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])


def of_another_version(data: bytes) -> bytes:
    return data.replace(__version__.encode(), b"0.0.0")


@pytest.mark.parametrize(
    "change",
    [
        cut,
        flipped,
        of_another_version,
        pytest.param(lambda data: b"", id="empty"),
        pytest.param(lambda data: data.partition(b"\n")[2], id="no header"),
        pytest.param(lambda data: data.partition(b"\n")[0], id="only the header"),
        pytest.param(lambda data: b"\xff" * 100, id="no text"),
        pytest.param(lambda data: b"[" * 100_000, id="deep JSON"),
    ],
)
def test_a_file_that_is_not_as_it_was_written_is_as_none(
    change: Callable[[bytes], bytes], opened: Open, folder: Path
) -> None:
    filled(opened)
    for file in folder.iterdir():
        file.write_bytes(change(file.read_bytes()))

    assert is_empty(opened())
    filled(opened)
    assert not is_empty(opened())


@pytest.mark.parametrize("kind", ["folder", "pipe"])
def test_what_is_no_file_is_as_none(kind: str, opened: Open, folder: Path) -> None:
    folder.mkdir(parents=True, mode=0o700)
    for name in (KEY, store.PASSED):
        (folder / name).mkdir() if kind == "folder" else os.mkfifo(folder / name, 0o600)

    assert is_empty(opened())
    opened().put(KEY, b"new")
    assert opened().get(KEY) == (None if kind == "folder" else b"new")


def test_a_file_under_another_name_is_as_none(opened: Open, folder: Path) -> None:
    filled(opened)
    (folder / OTHER).write_bytes((folder / KEY).read_bytes())

    assert opened().get(OTHER) is None
