"""`kpi build`: the same bytes every time, and always a whole site, whatever happens to the build."""

import os
import re
import shutil
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import NEW_YEAR, SHOP, Kpi, orders, process, replace

from kpiascode.cli import site
from kpiascode.cli.failures import MachineFailure
from kpiascode.cli.site import MARK, write_site
from kpiascode.model.page import Page

CHRISTMAS = ("--as-of", "2025-12-24")


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def beside(target: Path) -> list[str]:
    """Return what of a build lies beside its site."""
    return sorted(path.name for path in target.parent.iterdir() if path.name.startswith(f".{target.name}."))


# --- the same bytes


def test_two_builds_are_the_same_to_the_byte(kpi: Kpi, shop: Path, tmp_path: Path) -> None:
    """Another process, folder, user, time zone, language and order of hashes change nothing."""
    said = kpi.answer("build", *NEW_YEAR)
    other = Path(shutil.copytree(SHOP, tmp_path / "a copy elsewhere"))
    environment = {
        "PYTHONHASHSEED": "1",
        "TZ": "Asia/Tokyo",
        "LC_ALL": "C",
        "USER": "somebody",
        "COLUMNS": "40",
    }

    built = process("build", *NEW_YEAR, "--output", "public/site", folder=other, environment=environment)

    assert built.returncode == 0, built.stderr
    assert files_of(other / "public" / "site") == files_of(shop / "site")
    assert (
        said
        == f"1 scorecard, 4 KPIs, {len(files_of(shop / 'site')) - 1} files, as of 2026-01-01: {shop}/site/index.html\n"
    )


def test_a_second_build_leaves_nothing_of_the_first(kpi: Kpi, shop: Path) -> None:
    kpi.answer("build", *NEW_YEAR)
    first = files_of(shop / "site")
    kpi.answer("build", *CHRISTMAS)
    second = files_of(shop / "site")
    kpi.answer("build", *NEW_YEAR)

    assert second != first
    assert files_of(shop / "site") == first
    assert beside(shop / "site") == []


def test_the_site_says_nothing_of_the_machine(kpi: Kpi, shop: Path) -> None:
    kpi.answer("build", *NEW_YEAR)
    hidden = [str(shop), str(shop.parent), str(Path.home()), sys.prefix, socket.gethostname()]

    for path, content in files_of(shop / "site").items():
        text = content.decode()
        assert [name for name in hidden if len(name) > 5 and name in text] == [], path
        assert not re.search(r"(file://|/home/|/tmp/|[A-Z]:\\\\)", text), path


def test_the_site_can_be_read_by_a_web_server(kpi: Kpi, shop: Path) -> None:
    kpi.answer("build", *NEW_YEAR)

    assert (shop / "site").stat().st_mode & 0o755 == 0o755
    assert all(path.stat().st_mode & 0o044 for path in (shop / "site").rglob("*"))


# --- whose folder it is


def test_a_folder_that_it_did_not_write_is_refused(kpi: Kpi, shop: Path) -> None:
    before = files_of(shop)

    for output in ("data", ".", "..", "kpis"):
        result = kpi("build", *NEW_YEAR, "--output", output)
        assert (result.exit_code, result.stdout) == (2, "")
        assert "holds files that `kpi build` did not write" in result.stderr
    assert files_of(shop) == before


def test_a_file_is_refused(kpi: Kpi, shop: Path) -> None:
    for output in ("data/orders.csv", "/dev/null"):
        assert kpi("build", *NEW_YEAR, "--output", output).exit_code == 2


@pytest.mark.parametrize("leads_to", ["elsewhere", "nowhere", "site"])
def test_a_symbolic_link_is_refused(kpi: Kpi, shop: Path, leads_to: str) -> None:
    kpi.answer("build", *NEW_YEAR)
    (shop / "elsewhere").mkdir()
    (shop / "link").symlink_to(leads_to)
    before = files_of(shop)

    result = kpi("build", *CHRISTMAS, "--output", "link")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "is a symbolic link" in result.stderr
    assert files_of(shop) == before


def test_a_git_work_tree_is_refused(kpi: Kpi, shop: Path) -> None:
    kpi.answer("build", *NEW_YEAR)
    (shop / "site" / ".git").write_text("gitdir: ../.git/worktrees/site\n")

    result = kpi("build", *NEW_YEAR)

    assert result.exit_code == 2
    assert "is a git work tree" in result.stderr
    assert (shop / "site" / ".git").exists()


def test_an_empty_folder_and_a_new_one_are_taken(kpi: Kpi, shop: Path) -> None:
    (shop / "empty").mkdir()

    for output in ("empty", "a/new/one", "with [odd] *name*"):
        kpi.answer("build", *NEW_YEAR, "--output", output)
        assert (shop / output / MARK).is_file()
        assert beside(shop / output) == []


# --- a build that fails


@pytest.mark.parametrize(
    ("file", "text"),
    [
        pytest.param("data/orders.csv", orders("2025-12-01,1,online"), id="a broken line"),
        pytest.param("data/orders.csv", orders("2025-11-01,99,online,1.00"), id="a missing partner"),
        pytest.param("data/orders.csv", orders("2025-12-01,1,online,many"), id="text for a number"),
        pytest.param(
            "data/customers.csv", "id,country\n1,DE\n1,FR\n2,FR\n3,\n", id="a key that stands twice"
        ),
        pytest.param("data/customers.csv", "", id="an empty file"),
        pytest.param("kpis/shop.yaml", "kind: kpi\n", id="a broken definition"),
        pytest.param("kpiascode.yaml", "version: 1\nname: [", id="a broken project file"),
    ],
)
def test_a_build_that_fails_leaves_the_old_site_whole(kpi: Kpi, shop: Path, file: str, text: str) -> None:
    kpi.answer("build", *NEW_YEAR)
    (shop / file).write_text(text)
    before = files_of(shop)

    result = kpi("build", *CHRISTMAS)

    assert (result.exit_code, result.stdout) == (1, "")
    assert files_of(shop) == before


def pages(mark: str, count: int = 20) -> list[Page]:
    return [Page(path=f"folder/{number}.html", text=f"{mark} {number}") for number in range(count)]


@pytest.mark.parametrize("after", [0, 1, 10, 19])
def test_a_disk_that_fills_leaves_the_old_site_whole(
    tmp_path: Path, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "site"
    write_site(target, pages("old"))
    before = files_of(tmp_path)
    written = 0

    def full(descriptor: int) -> None:
        nonlocal written
        written += 1
        if written > after:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(MachineFailure, match=r"No space left on device\. The old site is unchanged\."):
        write_site(target, pages("new"))
    assert files_of(tmp_path) == before
    assert beside(target) == []


def test_without_the_exchange_of_folders_the_site_is_still_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "site"
    monkeypatch.setattr(site, "_exchanged", lambda one, other: False)

    write_site(target, pages("old"))
    write_site(target, pages("new"))

    assert files_of(target)["folder/7.html"] == b"new 7"
    assert beside(target) == []


@pytest.mark.parametrize("site_is_there", [True, False])
def test_what_a_killed_build_set_aside_is_brought_back_or_removed(
    tmp_path: Path, site_is_there: bool
) -> None:
    target = tmp_path / "site"
    write_site(target, pages("old"))
    if site_is_there:
        shutil.copytree(target, tmp_path / ".site.old")
    else:
        target.rename(tmp_path / ".site.old")
    (tmp_path / ".site.new-abc").mkdir()
    (tmp_path / ".site.new-abc" / "half.html").write_text("half")

    write_site(target, pages("new"))

    assert files_of(target)["folder/7.html"] == b"new 7"
    assert beside(target) == []


def test_two_builds_at_once_do_not_tidy_each_other_away(tmp_path: Path) -> None:
    target = tmp_path / "site"

    def meanwhile() -> Iterator[Page]:
        first, *others = pages("first")
        yield first
        write_site(target, pages("other"))
        yield from others

    write_site(target, meanwhile())

    assert len(files_of(target)) == 21
    assert {text.split()[0] for path, text in files_of(target).items() if path != MARK} == {b"first"}
    assert beside(target) == []


# --- where


def test_the_project_is_the_nearest_upward(kpi: Kpi, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shop / "data")
    kpi.answer("build", *NEW_YEAR)

    assert (shop / "site" / "index.html").is_file()
    assert sorted(path.name for path in Path.cwd().iterdir()) == ["customers.csv", "orders.csv"]


def test_the_project_may_be_named(kpi: Kpi, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")

    kpi.answer("build", *NEW_YEAR, "--project", str(shop))

    assert (shop / "site" / "index.html").is_file()


def test_a_definition_that_cannot_be_computed_is_a_finding(kpi: Kpi, shop: Path) -> None:
    replace(
        shop / "kpis" / "shop.yaml",
        "expression: sum(amount)\n",
        "expression: rolling(sum(amount), 9999 years)\n",
    )

    result = kpi("build", *NEW_YEAR)

    assert (result.exit_code, result.stdout) == (1, "")
    assert "error[" in result.stderr
    assert not (shop / "site").exists()
