"""What belongs to a pair is written for its owner alone, where neither git nor a site takes it along."""

import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import click
import pytest

from kpiascode.cli import private
from kpiascode.cli.failures import MachineFailure
from kpiascode.cli.private import (
    MARK,
    left_files,
    private_files,
    refuse_public,
    remove_private,
    write_private,
)
from kpiascode.cli.site import write_site
from kpiascode.model.page import Page

EASTER = date(2026, 4, 5)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "kpiascode.yaml").touch()
    return tmp_path


@pytest.fixture(params=[0o022, 0o000, 0o077, 0o777], ids=lambda mask: f"umask {mask:03o}")
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True)


def content(folder: Path) -> dict[str, str]:
    return {file.name: file.read_text() for file in folder.iterdir()}


# --- what is written


@pytest.mark.usefixtures("umask")
def test_only_the_owner_may_read_folder_and_files(project: Path) -> None:
    folder = project / "packs"

    written = write_private(folder, {"a.html": "<p>ä", "a.md": "ä\r\n"}, {"a.html": EASTER})

    assert written == (folder / "a.html", folder / "a.md")
    assert mode(folder) == 0o700
    assert {mode(file) for file in folder.iterdir()} == {0o600}
    assert written[1].read_bytes() == "ä\r\n".encode()
    assert content(folder)[".gitignore"] == "*\n"


def test_the_mark_lists_what_was_written_and_until_when_it_is_kept(project: Path) -> None:
    folder = project / "packs"
    write_private(folder, {"a.md": "1", "b.md": "1"}, {"a.md": EASTER})
    write_private(folder, {"a.md": "2", "c d.md": "2"}, {"c d.md": date(2027, 1, 1)})

    assert private_files(folder) == {"a.md": None, "b.md": None, "c d.md": date(2027, 1, 1)}
    assert content(folder)["a.md"] == "2"
    assert content(folder)[MARK] == (
        "Written by `kpi pack`: each file with the day on which `kpi purge` removes it.\n"
        "- a.md\n- b.md\n2027-01-01 c d.md\n"
    )


def test_a_file_that_others_may_read_becomes_its_owner_s_own(project: Path) -> None:
    folder = project / "packs"
    (file,) = write_private(folder, {"a.md": "1"})
    file.chmod(0o644)

    write_private(folder, {"a.md": "2"})

    assert (mode(file), file.read_text()) == (0o600, "2")


def test_a_link_in_the_place_of_a_file_is_replaced_and_not_followed(project: Path) -> None:
    (project / "precious").write_text("keep")
    folder = project / "packs"
    (file,) = write_private(folder, {"a.md": "1"})
    file.unlink()
    file.symlink_to(project / "precious")

    write_private(folder, {"a.md": "2"})

    assert (project / "precious").read_text() == "keep"
    assert not file.is_symlink()


def test_what_a_killed_run_left_is_removed(project: Path) -> None:
    folder = project / "packs"
    write_private(folder, {"a.md": "1"})
    (folder / ".0123456789abcdef.new").write_text("half")

    write_private(folder, {"b.md": "1"})

    assert sorted(content(folder)) == [".gitignore", MARK, "a.md", "b.md"]


def test_a_full_disk_leaves_no_half_file_and_the_old_one_whole(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = project / "packs"
    write_private(folder, {"a.md": "1"})

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(MachineFailure, match=r"cannot write to .*packs: No space left on device\."):
        write_private(folder, {"a.md": "2"})

    assert sorted(content(folder)) == [".gitignore", MARK, "a.md"]
    assert content(folder)["a.md"] == "1"


def test_git_sees_nothing_of_it(project: Path) -> None:
    git(project, "init", "-q")
    write_private(project / "packs", {"a.md": "1"})

    told = subprocess.run(
        ["git", "-C", str(project), "status", "--porcelain"], capture_output=True, text=True, check=True
    )
    assert told.stdout == "?? kpiascode.yaml\n"


@pytest.mark.parametrize("name", ["../a.md", "a/b.md", ".gitignore", "", "a\nb", "C:a"])
def test_a_name_that_is_no_plain_one_is_our_mistake(project: Path, name: str) -> None:
    with pytest.raises(AssertionError):
        write_private(project / "packs", {name: "1"})
    assert not (project / "packs").exists()


# --- where it is not written


def refused(folder: Path, why: str) -> None:
    """Expect that nothing is written there, and that nothing there is changed."""
    before = sorted(folder.rglob("*")) if folder.exists() else None
    with pytest.raises(click.UsageError) as told:
        write_private(folder, {"a.md": "1"})
    assert why in told.value.message
    assert (sorted(folder.rglob("*")) if folder.exists() else None) == before


def test_a_link_is_refused(project: Path) -> None:
    (project / "elsewhere").mkdir(mode=0o700)
    (project / "packs").symlink_to(project / "elsewhere")

    refused(project / "packs", "is a symbolic link")
    with pytest.raises(click.UsageError, match="is a symbolic link"):
        private_files(project / "packs")


def test_a_link_to_nowhere_is_refused(project: Path) -> None:
    (project / "packs").symlink_to(project / "nowhere")

    refused(project / "packs", "is a symbolic link")
    assert not (project / "nowhere").exists()


@pytest.mark.parametrize("way", [".", "packs", "deep/er"])
def test_a_built_site_is_refused_wherever_it_lies(project: Path, way: str) -> None:
    write_site(project / "docs", [Page(path="index.html", text="")])

    refused(project / "docs" / way, "in the folder of a site, which is published")


@pytest.mark.parametrize("way", ["site", "site/packs", "site-sales", "site-sales/packs"])
def test_the_folder_of_the_site_is_refused_before_it_is_built(project: Path, way: str) -> None:
    refused(project / way, "in the folder of a site, which is published")


def test_a_way_into_the_site_through_a_link_is_refused(project: Path) -> None:
    write_site(project / "site", [Page(path="index.html", text="")])
    (project / "harmless").symlink_to(project / "site")

    refused(project / "harmless" / "packs", "in the folder of a site, which is published")


def test_a_folder_with_files_that_git_tracks_is_refused(project: Path) -> None:
    folder = project / "packs"
    write_private(folder, {"old.md": "1"})
    git(project, "init", "-q")
    git(project, "add", "--force", "packs/old.md")

    refused(folder, "Git tracks files in")


def test_a_folder_of_which_git_tracks_files_that_are_gone_is_refused(project: Path) -> None:
    folder = project / "packs"
    write_private(folder, {"old.md": "1"})
    git(project, "init", "-q")
    git(project, "add", "--force", "packs/old.md")
    shutil.rmtree(folder)

    refused(folder, "Git tracks files in")


def test_a_git_work_tree_is_refused(project: Path) -> None:
    (project / "packs").mkdir(mode=0o700)
    git(project / "packs", "init", "-q")

    refused(project / "packs", "is a git work tree")


@pytest.mark.parametrize("rights", [0o755, 0o770, 0o701, 0o777])
def test_a_folder_that_others_may_look_into_is_refused(project: Path, rights: int) -> None:
    folder = project / "packs"
    write_private(folder, {"old.md": "1"})
    folder.chmod(rights)

    refused(folder, "Run `chmod 700` on it")
    with pytest.raises(click.UsageError, match="chmod 700"):
        private_files(folder)
    with pytest.raises(click.UsageError, match="chmod 700"):
        refuse_public(folder)


def test_a_folder_of_somebody_else_is_refused(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "packs").mkdir(mode=0o700)
    monkeypatch.setattr(os, "geteuid", lambda: 12345)

    refused(project / "packs", "belongs to somebody else")


def test_a_folder_with_files_of_somebody_else_is_refused(project: Path) -> None:
    folder = project / "packs"
    folder.mkdir(mode=0o700)
    (folder / "notes.txt").write_text("keep")

    refused(folder, "holds files that `kpi pack` did not write")
    refused(project / "packs" / "notes.txt", "is no folder")


def test_a_file_of_the_same_name_that_was_not_written_here_is_not_lost(project: Path) -> None:
    folder = project / "packs"
    write_private(folder, {"b.md": "1"})
    (folder / "a.md").write_text("keep")

    refused(folder, "a.md was not written by `kpi pack`, and would be lost")
    assert (folder / "a.md").read_text() == "keep"
    write_private(folder, {"c.md": "1"})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "somebody's own list\n",
        f"{private.NOTICE}\n2026-04-05 a.md",
        f"{private.NOTICE}\n2026-04-05 ../a.md\n",
        f"{private.NOTICE}\n2026-04-31 a.md\n",
        f"{private.NOTICE}\na.md\n",
        f"{private.NOTICE}\n2026-04-05 kpiascode.yaml/\n",
    ],
)
def test_a_mark_that_is_no_list_removes_nothing(project: Path, text: str) -> None:
    folder = project / "packs"
    write_private(folder, {"a.md": "1"})
    (folder / MARK).write_text(text)

    refused(folder, "is no list of `kpi pack`")
    with pytest.raises(click.UsageError, match="is no list of `kpi pack`"):
        private_files(folder)


def test_a_mark_that_is_a_link_or_a_pipe_is_not_read(project: Path) -> None:
    folder = project / "packs"
    write_private(folder, {"a.md": "1"})
    (folder / MARK).rename(project / "mark")
    (folder / MARK).symlink_to(project / "mark")
    refused(folder, "is no list of `kpi pack`")

    (folder / MARK).unlink()
    os.mkfifo(folder / MARK)
    refused(folder, "is no list of `kpi pack`")


# --- removing


def test_what_is_removed_is_gone_from_folder_and_mark(project: Path) -> None:
    folder = project / "packs"
    write_private(folder, {"a.md": "1", "b.md": "1"}, {"a.md": EASTER, "b.md": EASTER})
    (folder / "own.txt").write_text("keep")
    (folder / ".0123456789abcdef.new").write_text("half")

    remove_private(folder, ["a.md"])

    assert private_files(folder) == {"b.md": EASTER}
    assert sorted(content(folder)) == [".gitignore", MARK, "b.md", "own.txt"]


def test_a_file_that_is_gone_is_not_listed_and_can_be_removed(project: Path) -> None:
    folder = project / "packs"
    write_private(folder, {"a.md": "1"}, {"a.md": EASTER})
    (folder / "a.md").unlink()

    assert private_files(folder) == {}
    remove_private(folder, ["a.md"])


def test_what_a_killed_run_left_is_found_whether_it_wrote_a_mark_or_not(project: Path) -> None:
    folder = project / "packs"
    write_private(folder, {"a.md": "1"})
    for name in (".0123456789abcdef.new", ".0123456789ABCDEF.new", ".0123.new", "0123456789abcdef.new"):
        (folder / name).write_text("half")

    assert left_files(folder) == (".0123456789abcdef.new",)
    (folder / MARK).unlink()
    assert left_files(folder) == (".0123456789abcdef.new",)
    remove_private(folder, [])
    assert left_files(folder) == ()
    assert (folder / ".0123.new").exists()


def test_what_is_left_in_a_folder_that_others_may_look_into_is_not_touched(project: Path) -> None:
    folder = project / "packs"
    write_private(folder, {"a.md": "1"})
    (folder / ".0123456789abcdef.new").write_text("half")
    folder.chmod(0o755)

    with pytest.raises(click.UsageError, match="chmod 700"):
        left_files(folder)


@pytest.mark.parametrize(
    "names", [[".0123456789abcdef.new"], [".gitignore"], [".gitignore", ".0123456789abcdef.new"]]
)
def test_a_folder_in_which_a_run_was_killed_before_its_mark_is_written_on(
    project: Path, names: list[str]
) -> None:
    folder = project / "packs"
    folder.mkdir(mode=0o700)
    for name in names:
        (folder / name).write_text("*\n")

    write_private(folder, {"a.md": "1"})

    assert sorted(content(folder)) == [".gitignore", MARK, "a.md"]


@pytest.mark.parametrize("text", ["", "*", "*\n!a.md\n", "a\n"])
def test_another_file_for_git_is_not_written_over(project: Path, text: str) -> None:
    (project / "packs").mkdir(mode=0o700)
    (project / "packs" / ".gitignore").write_text(text)

    refused(project / "packs", "holds files that `kpi pack` did not write")


def test_a_folder_that_is_not_there_holds_nothing(project: Path) -> None:
    assert private_files(project / "packs") == {}
