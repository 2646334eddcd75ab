"""`kpi purge`: what may not be kept any more is told, and removed only when that is said."""

import json
import os
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from command_line import Kpi, validator

import restricted_folder
from kpiascode.cli.private import private_files, write_private
from restricted_folder import DOCUMENTS, GOAL, KEEPING, PERSON, PLAN, SERIES, git, write

OVER = ("--as-of", "2127-01-01")
BEFORE = ("--as-of", "2026-12-31")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("KPI_RESTRICTED", "KPI_AGE_IDENTITY"):
        monkeypatch.delenv(name, raising=False)
    return restricted_folder.project(tmp_path)


@pytest.fixture
def folder(home: Path) -> Path:
    return restricted_folder.restricted(home / "restricted", {"p17.yaml": PERSON, "deep/p18.yml": PERSON})


def files(folder: Path) -> list[str]:
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())


def told(kpi: Kpi, *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(kpi("purge", "--format", "json", *arguments).stdout)
    validator("purge").validate(found)
    return found


def test_before_the_day_nothing_is_over(kpi: Kpi, folder: Path) -> None:
    assert (
        kpi.answer("purge", *BEFORE) == "Nothing that says until when it may be kept is over on 2026-12-31.\n"
    )
    assert kpi.answer("purge", "--remove", *BEFORE)
    assert files(folder) == ["deep/p18.yml", "p17.yaml"]


def test_from_the_day_on_it_is_told_and_left_there(kpi: Kpi, folder: Path) -> None:
    result = kpi("purge", "--as-of", "2127-02-01")

    assert result.exit_code == 1
    assert result.stdout == (
        "restricted/deep/p18.yml  person  until 2127-01-01  31 days over\n"
        "restricted/p17.yaml      person  until 2127-01-01  31 days over\n"
    )
    assert result.stderr == "2 files may not be kept: `kpi purge --remove`.\n"
    assert files(folder) == ["deep/p18.yml", "p17.yaml"]


def test_it_is_removed_when_that_is_said(kpi: Kpi, folder: Path) -> None:
    write(folder, {"later.yaml": PERSON.replace("2127-01-01", "2127-01-02")})

    result = kpi("purge", "--remove", *OVER)

    assert result.exit_code == 0
    assert "restricted/p17.yaml      person  until 2127-01-01  since today  removed\n" in result.stdout
    assert result.stderr == "2 files removed.\n"
    assert files(folder) == ["later.yaml"]
    assert kpi("purge", *OVER).exit_code == 0


def test_as_json(kpi: Kpi, folder: Path) -> None:
    assert told(kpi, *OVER) == {
        "as_of": "2127-01-01",
        "expired": [
            {"path": f"restricted/{path}", "kind": "person", "until": "2127-01-01", "days_over": 0, "removed": False, "other_names": 0}
            for path in ("deep/p18.yml", "p17.yaml")
        ],
        "unknown": [],
        "in_history": False,
    }  # fmt: skip
    assert [one["removed"] for one in told(kpi, "--remove", *OVER)["expired"]] == [True, True]
    assert told(kpi, *OVER)["expired"] == []


def test_another_name_of_a_file_is_told_since_it_keeps_what_is_removed(
    kpi: Kpi, home: Path, folder: Path
) -> None:
    (home / "hard.yaml").hardlink_to(folder / "p17.yaml")

    before = {one["path"]: one["other_names"] for one in told(kpi, *OVER)["expired"]}
    result = kpi("purge", "--remove", *OVER)

    assert before == {"restricted/deep/p18.yml": 0, "restricted/p17.yaml": 1}
    assert "1 file stood or stands under other names as well (hard links)" in result.stderr
    assert (home / "hard.yaml").exists()


def test_without_a_folder_nothing_is_over(kpi: Kpi, home: Path) -> None:
    assert kpi.answer("purge", *OVER).startswith("Nothing")


# --- artefacts


def test_artefacts_are_removed_by_their_list(kpi: Kpi, home: Path) -> None:
    day = date(2127, 1, 1)
    write_private(
        home / "packs", {"a.md": "1", "b.md": "1", "c.md": "1"}, {"a.md": day, "b.md": date(2127, 1, 2)}
    )
    (home / "packs" / "own.txt").touch()

    result = kpi("purge", *OVER)
    assert (result.exit_code, result.stdout) == (1, "packs/a.md  artefact  until 2127-01-01  since today\n")

    assert kpi("purge", "--remove", *OVER).exit_code == 0
    assert files(home / "packs") == [".gitignore", ".kpiascode-private", "b.md", "c.md", "own.txt"]


def test_artefacts_elsewhere(kpi: Kpi, home: Path, tmp_path: Path) -> None:
    write_private(tmp_path / "out", {"a.md": "1"}, {"a.md": date(2127, 1, 1)})

    assert kpi("purge", *OVER).exit_code == 0
    assert "out/a.md" in kpi("purge", *OVER, "--output", "out").stdout


def test_a_folder_that_only_has_the_name_is_left_alone(kpi: Kpi, home: Path) -> None:
    (home / "packs").mkdir(mode=0o755)
    (home / "packs" / "a.md").touch()

    assert kpi("purge", "--remove", *OVER).exit_code == 0
    assert files(home / "packs") == ["a.md"]


# --- artefacts and the documents that they are made of

ROUND = f"""kind: feedback_round
name: spring
title: How they work with others
owner: head
about: {{person: p17}}
window: {{from: 2026-01-05, to: 2026-01-19}}
groups: [peers]
questions: [{{name: reliable, title: They keep promises., scale: {{from: 1, to: 5}}}}]
{KEEPING}"""
ANSWERS = "respondent,group,reliable\n" + "".join(
    f"p{number},peers,{number % 5 + 1}\n" for number in range(7)
)
DAY = ("--as-of", "2026-03-01")
WHOLE = {
    "plan_p17.yaml": PLAN,
    "talks.yaml": SERIES,
    "spring.yaml": ROUND,
    "learn.yaml": GOAL,
    "p17.yaml": PERSON,
}
BOTH = ("html", "md")
EVERY = {
    f"{made}.{form}" for made in ("plan-plan_p17", "one-on-one-talks", "feedback-spring") for form in BOTH
}
UNTIL = "2127-01-01"


@pytest.fixture
def packed(kpi: Kpi, home: Path) -> Path:
    """Return the restricted folder of which everything was packed; all of it is kept until 2127."""
    folder = restricted_folder.restricted(home / "restricted", WHOLE)
    (home / "answers.csv").write_text(ANSWERS)
    kpi.answer("pack", "plan", "plan_p17", *DAY)
    kpi.answer("pack", "one-on-one", "talks", *DAY)
    kpi.answer("pack", "feedback", "spring", "--responses", "answers.csv", *DAY)
    assert private_files(home / "packs") == dict.fromkeys(EVERY, date.fromisoformat(UNTIL))
    return folder


def purged(kpi: Kpi, *arguments: str, on: tuple[str, str] = DAY) -> dict[str, str | None]:
    """Return what is over by path, with its day, and see that no more and no less is removed."""
    over = {one["path"]: one["until"] for one in told(kpi, *arguments, *on)["expired"]}
    before = set(every_file(Path.cwd()))
    kpi("purge", "--remove", *arguments, *on)
    assert before - set(every_file(Path.cwd())) == set(over)
    assert told(kpi, *arguments, *on)["expired"] == []
    return over


def every_file(home: Path) -> list[str]:
    return [path for path in files(home) if path.startswith(("packs/", "restricted/", "hr/"))]


def of(*made: str) -> set[str]:
    return {f"packs/{one}.{form}" for one in made for form in BOTH}


def test_artefacts_of_documents_that_stay_are_kept(kpi: Kpi, packed: Path) -> None:
    assert purged(kpi) == {}


@pytest.mark.parametrize(
    ("file", "gone"),
    [
        ("plan_p17.yaml", of("plan-plan_p17")),
        ("talks.yaml", of("one-on-one-talks")),
        ("spring.yaml", of("feedback-spring")),
        ("learn.yaml", of("one-on-one-talks")),
        ("p17.yaml", of("plan-plan_p17", "one-on-one-talks", "feedback-spring")),
    ],
)
def test_an_artefact_goes_with_a_document_that_is_kept_shorter_now(
    kpi: Kpi, packed: Path, file: str, gone: set[str]
) -> None:
    write(packed, {file: WHOLE[file].replace(UNTIL, "2026-03-01")})

    assert purged(kpi, on=("--as-of", "2026-02-28")) == {}
    assert purged(kpi) == dict.fromkeys({f"restricted/{file}", *gone}, "2026-03-01")


@pytest.mark.parametrize(
    ("file", "gone"),
    [
        ("plan_p17.yaml", of("plan-plan_p17")),
        ("talks.yaml", of("one-on-one-talks")),
        ("spring.yaml", of("feedback-spring")),
        ("p17.yaml", of("plan-plan_p17", "one-on-one-talks", "feedback-spring")),
    ],
)
def test_an_artefact_goes_with_a_document_that_is_gone(
    kpi: Kpi, packed: Path, file: str, gone: set[str]
) -> None:
    (packed / file).unlink()

    result = kpi("purge", *DAY)

    assert result.exit_code == 1
    assert "artefact  its document is gone\n" in result.stdout
    assert purged(kpi) == dict.fromkeys(gone, None)


def test_a_document_that_is_kept_longer_now_keeps_no_artefact(kpi: Kpi, packed: Path) -> None:
    write(packed, {file: text.replace(UNTIL, "2130-01-01") for file, text in WHOLE.items()})

    assert purged(kpi, on=("--as-of", "2126-12-31")) == {}
    assert purged(kpi, on=OVER) == {f"packs/{file}": UNTIL for file in EVERY}


def test_where_a_file_cannot_be_read_no_document_is_known_to_be_gone(kpi: Kpi, packed: Path) -> None:
    (packed / "plan_p17.yaml").rename(packed / "plan_p17.txt")
    assert purged(kpi) == {}

    (packed / "plan_p17.txt").write_text("kind: [")
    (packed / "plan_p17.txt").rename(packed / "plan_p17.yaml")
    assert purged(kpi) == {}

    packed.chmod(0o755)
    assert purged(kpi) == {}


def test_without_a_restricted_folder_an_artefact_has_its_own_day(kpi: Kpi, home: Path, packed: Path) -> None:
    packed.rename(home / "hr")
    (home / "hr" / "plan_p17.yaml").unlink()

    assert purged(kpi) == {}
    assert purged(kpi, "--restricted", "hr") == dict.fromkeys(of("plan-plan_p17"), None)


def test_a_meeting_of_two_roles_stands_in_the_open(kpi: Kpi, home: Path, folder: Path) -> None:
    series = SERIES.replace("{person: p17}", "hr").replace(KEEPING, "")
    write(home, {"kpis/talks.yaml": series})
    kpi.answer("pack", "one-on-one", "talks", *DAY)
    assert purged(kpi) == {}

    (home / "kpis" / "talks.yaml").write_text("kind: [")
    assert purged(kpi) == {}, "where a definition cannot be read, it may be the one"

    (home / "kpis" / "talks.yaml").unlink()
    assert purged(kpi) == dict.fromkeys(of("one-on-one-talks"), None)


def test_a_list_of_what_is_due_goes_with_the_first_document_that_is_over(
    kpi: Kpi, home: Path, packed: Path
) -> None:
    kpi("due", "--restricted", "restricted", "--output", "packs/due.txt", *DAY)
    assert "packs/due.txt" in every_file(home)
    write(packed, {"spring.yaml": ROUND.replace(UNTIL, "2026-02-01")})

    assert set(purged(kpi)) == {"restricted/spring.yaml", "packs/due.txt", *of("feedback-spring")}


def test_what_is_made_of_open_definitions_has_its_own_day(kpi: Kpi, home: Path, folder: Path) -> None:
    write_private(home / "packs", {"recognition-thanks.md": "1"}, {"recognition-thanks.md": date(2026, 5, 1)})
    write(folder, {"p17.yaml": PERSON.replace(UNTIL, "2026-02-01")})

    assert purged(kpi) == {"restricted/p17.yaml": "2026-02-01"}


# --- what a killed run leaves

KILLED = """
import os, signal, sys

last = int(sys.argv[1])
moved = []

def replace(*arguments, replace=os.replace, **more):
    moved.append(arguments)
    if len(moved) == last:
        os.kill(os.getpid(), signal.SIGKILL)
    return replace(*arguments, **more)

os.replace = replace
from kpiascode.cli.main import main
main(sys.argv[2:])
"""


@pytest.mark.parametrize("move", [1, 2, 3, 4])
def test_what_a_killed_run_leaves_is_told_and_removed(kpi: Kpi, home: Path, move: int) -> None:
    """Its files are put in their places one by one: for git, the list, then the two documents."""
    restricted_folder.restricted(home / "restricted")
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, str(move), "pack", "plan", "plan_p17", *DAY], cwd=home, check=False
    )
    assert ended.returncode == -signal.SIGKILL
    [left] = [path for path in every_file(home) if path.endswith(".new")]

    assert told(kpi, *DAY)["expired"] == [
        {
            "path": left,
            "kind": "leftover",
            "until": None,
            "days_over": None,
            "removed": False,
            "other_names": 0,
        }
    ]
    result = kpi("purge", *DAY)
    assert (result.exit_code, result.stdout) == (1, f"{left}  leftover  left by a killed run\n")

    assert purged(kpi) == {left: None}
    assert kpi("purge", *DAY).exit_code == 0
    kpi.answer("pack", "plan", "plan_p17", *DAY)
    assert len(private_files(home / "packs")) == 2


# --- what nobody can tell


def test_what_cannot_be_told_is_a_finding_and_is_never_removed(kpi: Kpi, folder: Path) -> None:
    odd = {
        "none.yaml": "kind: person\ntitle: Zoë Quandt\n",
        "two.yaml": f"{PERSON}---\n{PERSON}",
        "broken.yaml": "retention_until: 2026-01-01\nx: [Zoë\n",
        "locked.yaml.age": "not encrypted",
    }
    write(folder, odd)

    result = kpi("purge", "--remove", *OVER)

    assert result.exit_code == 1
    assert files(folder) == sorted(odd)
    assert "4 errors. What cannot be told is not removed." in result.stderr
    assert "Zo" not in result.stdout + result.stderr
    assert {one["code"] for one in told(kpi, *OVER)["unknown"]} == {
        "keeping-not-told",
        "several-documents",
        "yaml-syntax",
        "identity-refused",
    }


def test_definitions_that_are_broken_keep_nothing(kpi: Kpi, home: Path, folder: Path) -> None:
    write(home, {"kpis/all.yaml": "kind: [", "restricted/p17.yaml": PERSON.replace("acme", "nowhere")})

    assert kpi("purge", "--remove", *OVER).exit_code == 0
    assert files(folder) == []


def test_links_are_told_and_lead_nowhere(kpi: Kpi, home: Path, folder: Path) -> None:
    (home / "precious.yaml").write_text(PERSON)
    (folder / "link.yaml").symlink_to(home / "precious.yaml")

    result = kpi("purge", "--remove", *OVER)

    assert result.exit_code == 1
    assert "symlink-refused" in result.stderr
    assert (home / "precious.yaml").exists()
    assert (folder / "link.yaml").is_symlink()


def test_a_refused_folder_is_left_as_it_is(kpi: Kpi, folder: Path) -> None:
    folder.chmod(0o755)

    result = kpi("purge", "--remove", *OVER)

    assert result.exit_code == 1
    assert "restricted-folder-shared" in result.stderr
    assert files(folder) == ["deep/p18.yml", "p17.yaml"]


# --- history


def test_of_a_repository_it_is_told_that_its_history_holds_it_still(kpi: Kpi, folder: Path) -> None:
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "x")

    result = kpi("purge", "--remove", *OVER)

    assert result.exit_code == 0
    assert "`git filter-repo --invert-paths --path FILE`" in result.stderr
    git(folder, "reset", "-q", "--hard")
    assert told(kpi, *OVER)["in_history"]


def test_of_an_ignored_folder_no_history_is_told(kpi: Kpi, home: Path, folder: Path) -> None:
    write(home, {".gitignore": "/restricted/\n"})
    git(home, "init", "-q")
    git(home, "add", ".")

    assert "filter-repo" not in kpi("purge", *OVER).stderr


# --- usage


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--restricted", "nothing"], "there is no folder `nothing`"),
        (["--as-of", "soon"], "is no date or moment"),
        (["--project", "data"], "holds no kpiascode.yaml"),
    ],
)
def test_wrong_usage(kpi: Kpi, home: Path, arguments: list[str], words: str) -> None:
    result = kpi("purge", *arguments)

    assert result.exit_code == 2
    assert words in result.stderr


def test_the_environment_names_the_folder(kpi: Kpi, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    restricted_folder.restricted(home / "persons", DOCUMENTS)

    monkeypatch.setenv("KPI_RESTRICTED", str(home / "persons"))
    assert len(told(kpi, *OVER)["expired"]) == 4
    monkeypatch.setenv("KPI_RESTRICTED", str(home / "nothing"))
    result = kpi("purge", *OVER)
    assert result.exit_code == 2
    assert "KPI_RESTRICTED: there is no folder" in result.stderr


def test_what_the_machine_refuses_is_told(kpi: Kpi, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "unlink", refuse)
    result = kpi("purge", "--remove", *OVER)

    assert result.exit_code == 3
    assert result.stderr.endswith("p18.yml: Permission denied.\n")
    assert os.path.exists(folder / "p17.yaml")
