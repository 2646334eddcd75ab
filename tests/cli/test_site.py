"""`kpi build`: the same input gives the same bytes, and an old site stays whole until the new one is."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from test_mistakes import Mistake, files_of, write

from kpiascode.cli import site
from kpiascode.cli.failures import MachineFailure
from kpiascode.cli.main import main
from kpiascode.model.page import Page

SOUND = Mistake("none", "")


def build(project: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["build", "--project", str(project), "--as-of", "2026-02-01", *words])


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        write(folder, SOUND)
        assert build(folder).exit_code == 0

    assert files_of(tmp_path / "one" / "site") == files_of(tmp_path / "two" / "site")
    assert not any(str(tmp_path).encode() in text for text in files_of(tmp_path / "one" / "site").values())


def test_a_folder_that_build_did_not_write_is_left_alone(tmp_path: Path) -> None:
    write(tmp_path, SOUND)
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "precious.txt").write_text("keep")

    result = build(tmp_path)

    assert result.exit_code == 2
    assert files_of(tmp_path / "site") == {"precious.txt": b"keep"}


def test_a_file_that_somebody_put_into_the_site_is_not_lost(tmp_path: Path) -> None:
    write(tmp_path, SOUND)
    assert build(tmp_path).exit_code == 0
    (tmp_path / "site" / "CNAME").write_text("kpis.example.com")

    result = build(tmp_path)

    assert result.exit_code == 2
    assert "CNAME was not written by `kpi build`, and would be lost." in result.stderr
    assert (tmp_path / "site" / "CNAME").read_text() == "kpis.example.com"


def test_a_folder_that_only_looks_like_a_set_aside_site_is_not_removed(tmp_path: Path) -> None:
    write(tmp_path, SOUND)
    (tmp_path / ".site.old").mkdir()
    (tmp_path / ".site.old" / "precious.txt").write_text("keep")

    assert build(tmp_path).exit_code == 0
    assert build(tmp_path).exit_code == 0

    assert files_of(tmp_path / ".site.old") == {"precious.txt": b"keep"}


@pytest.mark.parametrize(
    ("command", "output", "ledger"),
    [
        pytest.param("build", "ledger", "ledger", id="the site in the ledger"),
        pytest.param("publish", "out", "out/ledger", id="the ledger in the site"),
        pytest.param("publish", "ledger/site", "ledger", id="the site beneath the ledger"),
    ],
)
def test_the_site_and_the_ledger_lie_apart(tmp_path: Path, command: str, output: str, ledger: str) -> None:
    write(tmp_path, SOUND)
    words = ["--output", str(tmp_path / output), "--ledger", str(tmp_path / ledger)]

    result = CliRunner().invoke(main, [command, "--project", str(tmp_path), "--as-of", "2026-02-01", *words])

    assert result.exit_code == 2
    assert "must lie apart" in result.stderr
    assert not (tmp_path / output).exists()


def test_a_link_is_no_output_folder(tmp_path: Path) -> None:
    write(tmp_path, SOUND)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "site").symlink_to(tmp_path / "elsewhere")

    assert build(tmp_path).exit_code == 2
    assert files_of(tmp_path / "elsewhere") == {}


def test_a_build_that_fails_leaves_the_old_site_as_it_was(tmp_path: Path) -> None:
    write(tmp_path, SOUND)
    assert build(tmp_path).exit_code == 0
    old = files_of(tmp_path / "site")
    (tmp_path / "data" / "orders.csv").write_text("order_id,ordered_on\n1,2,3\n")

    assert build(tmp_path).exit_code == 1
    assert files_of(tmp_path / "site") == old
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "kpiascode.yaml", "kpis", "site"]


def test_a_disk_that_is_full_leaves_the_old_site_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "site"
    site.write_site(target, [Page("index.html", "old\n")])

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(MachineFailure):
        site.write_site(target, [Page("index.html", "new\n")])

    assert (target / "index.html").read_text() == "old\n"
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


WRITER = """
import sys
from pathlib import Path
from kpiascode.cli.site import write_site
from kpiascode.model.page import Page
target = Path(sys.argv[1])
for number in range(10**6):
    write_site(target, [Page(f"{name}.html", f"{number}\\n") for name in "abcdefgh"])
    print(number, flush=True)
"""


def test_killed_at_any_moment_the_site_is_one_whole_build(tmp_path: Path) -> None:
    for kill in range(12):
        target = tmp_path / f"{kill}" / "site"
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(target)], stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout is not None
        for _ in range(2 + kill):
            writer.stdout.readline()
        end = time.perf_counter() + kill * 0.0007  # another moment each time
        while time.perf_counter() < end:
            pass
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        writer.stdout.close()

        pages = {path.read_text() for path in target.glob("*.html")}
        assert (len(pages), len(list(target.glob("*.html")))) == (1, 8)
        site.write_site(target, [Page("index.html", "after\n")])
        assert [path.name for path in target.parent.iterdir()] == ["site"], "leftovers are removed"
