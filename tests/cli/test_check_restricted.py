"""`kpi check --restricted`: documents of persons are checked, and the open definitions for their names."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import Kpi, process

import restricted_folder
from kpiascode.cli.formats.named import FORMATS
from restricted_folder import PERSON, git, write

TODAY = ("--as-of", "2026-03-01")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "open"
    folder.mkdir()
    monkeypatch.chdir(folder)
    for name in ("KPI_RESTRICTED", "KPI_AGE_IDENTITY", "CI"):
        monkeypatch.delenv(name, raising=False)
    return restricted_folder.project(folder)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return restricted_folder.restricted(tmp_path / "persons")


def name_a_person(home: Path) -> None:
    text = restricted_folder.KPIS.replace("What customers paid.", "What customers paid, says Zoe Quandt.")
    write(home, {"kpis/all.yaml": text})


# --- what is found


def test_sound_documents_are_clean(kpi: Kpi, home: Path, folder: Path) -> None:
    result = kpi("check", "--restricted", str(folder))

    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "All clean: 1 KPI, 1 goal, 0 scorecards.\n"


@pytest.mark.parametrize("form", FORMATS)
def test_no_format_shows_a_line_or_a_word_of_a_restricted_file(
    kpi: Kpi, home: Path, folder: Path, form: str
) -> None:
    write(
        folder,
        {"p17.yaml": PERSON.replace("org_unit: acme", "org_unit: Zoë Quandt") + "secret: Zoë Quandt\n"},
    )

    result = kpi("check", "--restricted", str(folder), "--format", form)

    assert result.exit_code == 1
    assert "unknown-key" in result.stdout
    assert "restricted" in result.stdout
    assert "/p17.yaml" in result.stdout
    assert not any(word in result.stdout + result.stderr for word in ("Zo", "Quandt"))


@pytest.mark.parametrize("form", FORMATS)
def test_who_is_named_in_the_open_is_not_named_again(kpi: Kpi, home: Path, folder: Path, form: str) -> None:
    name_a_person(home)
    assert kpi("check").exit_code == 0

    result = kpi("check", "--restricted", str(folder), "--format", form)

    assert result.exit_code == 1
    assert "person-identifier" in result.stdout
    assert "kpis/all.yaml" in result.stdout
    assert not any(word in result.stdout + result.stderr for word in ("Zo", "Quandt"))


def test_a_comment_allows_it_with_a_reason(kpi: Kpi, home: Path, folder: Path) -> None:
    name_a_person(home)
    text = (home / "kpis" / "all.yaml").read_text()
    text = text.replace("description:", "# kpi: allow person-identifier: she agreed\ndescription:")
    write(home, {"kpis/all.yaml": text})

    assert kpi("check", "--restricted", str(folder)).exit_code == 0


def test_only_paths_that_are_asked_for_are_shown(kpi: Kpi, home: Path, folder: Path) -> None:
    write(folder, {"p17.yaml": PERSON.replace("org_unit: acme", "org_unit: nowhere")})

    result = kpi("check", "--restricted", str(folder), "kpis")

    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "Clean there. Elsewhere: 1 error.\n"


def test_a_refused_folder_says_which_command_helps(kpi: Kpi, home: Path, folder: Path) -> None:
    folder.chmod(0o755)

    result = kpi("check", "--restricted", str(folder))

    assert result.exit_code == 1
    assert "error[restricted-folder-shared]" in result.stdout
    assert f"chmod 700 {folder}" in result.stdout


# --- what is kept of it, and what goes with it


def test_nothing_of_it_is_remembered(
    kpi: Kpi, home: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPI_CACHE_DIR", str(tmp_path / "cache"))
    name_a_person(home)

    assert kpi("check").exit_code == 0
    kept = {file.name for file in (tmp_path / "cache").iterdir()}
    assert kpi("check", "--restricted", str(folder)).exit_code == 1
    assert {file.name for file in (tmp_path / "cache").iterdir()} == kept
    assert kpi("check").exit_code == 0
    (folder / "p17.yaml").write_text(PERSON.replace("Zoë Quandt", "Somebody Else"))
    assert kpi("check", "--restricted", str(folder)).exit_code == 0


@pytest.mark.parametrize("option", ["--fix", "--diff", "--write-baseline=known.json"])
def test_it_goes_with_nothing_that_is_written(kpi: Kpi, home: Path, folder: Path, option: str) -> None:
    result = kpi("check", "--restricted", str(folder), option)

    assert result.exit_code == 2
    assert "leave out --restricted" in result.stderr
    assert not (home / "known.json").exists()


@pytest.mark.parametrize("name", ["nothing", ""])
def test_a_folder_that_is_not_there_is_wrong_usage(kpi: Kpi, home: Path, name: str) -> None:
    result = kpi("check", "--restricted", name)

    assert result.exit_code == 2
    assert f"--restricted: there is no folder `{name}`." in result.stderr


def test_only_the_option_makes_a_check_read_the_folder(
    kpi: Kpi, home: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name_a_person(home)
    folder.rename(home / "restricted")
    monkeypatch.setenv("KPI_RESTRICTED", str(home / "restricted"))

    assert kpi("check").exit_code == 0
    assert kpi("check", "--restricted", "restricted").exit_code == 1


# --- who never opens it

WATCH = """
import sys

def watch(event, arguments):
    if event in ("open", "os.listdir", "os.scandir", "os.chdir"):
        path = arguments[0]
        text = path.decode() if isinstance(path, bytes) else str(path)
        if "restricted" in text.split("/") or "p17" in text or "persons" in text.split("/"):
            sys.stderr.write(f"OPENED {event} {text}\\n")

sys.addaudithook(watch)
from kpiascode.cli.main import main
main(sys.argv[1:])
"""


def watched(home: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WATCH, *arguments],
        cwd=home,
        env={**os.environ, "KPI_RESTRICTED": str(home / "restricted"), "KPI_AGE_IDENTITY": "persons"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture(params=["[kpis]", "[.]"])
def beside(home: Path, request: pytest.FixtureRequest) -> Path:
    """Return a project with the usual folder in it, where definitions are looked for below `paths`."""
    write(home, {"kpiascode.yaml": restricted_folder.PROJECT.replace("[kpis]", request.param)})
    folder = restricted_folder.restricted(home / "restricted")
    os.mkfifo(folder / "pipe.yaml")
    write(home, {".gitignore": "/restricted/\n/site/\n"})
    git(home, "init", "-q")
    git(home, "add", ".")
    git(home, "commit", "-q", "-m", "x")
    write(
        home,
        {
            "kpis/card.yaml": "kind: scorecard\nname: card\ntitle: Card\norg_unit: acme\naudiences: [acme]\n"
            "grain: month\nsections: [{title: All, kpis: [sales]}]\n"
        },
    )
    return home


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "--no-cache"),
        ("check", "--data", *TODAY),
        ("list",),
        ("explain", "sales"),
        ("compile", "sales"),
        ("run", *TODAY),
        ("build", *TODAY),
        ("publish", *TODAY),
        ("report", "card", *TODAY),
        ("codeowners",),
        ("diff", "HEAD"),
    ],
    ids=lambda arguments: " ".join(arguments[:2]),
)
def test_nothing_else_opens_the_folder(beside: Path, arguments: tuple[str, ...]) -> None:
    ended = watched(beside, *arguments)
    _, stderr = ended.communicate(timeout=120)

    assert "OPENED" not in stderr, stderr
    assert ended.returncode in (0, 1), stderr
    if arguments[0] == "build":
        pages = [file.read_text() for file in (beside / "site").rglob("*") if file.is_file()]
        assert pages
        assert not any("p17" in page or "Quandt" in page for page in pages)


def test_the_server_does_not_open_the_folder(beside: Path) -> None:
    server = watched(beside, "serve", "--port", "0", *TODAY)
    assert server.stdout is not None
    assert server.stdout.readline().startswith("Serving ")
    (beside / "restricted" / "new.yaml").write_text(PERSON)
    server.send_signal(signal.SIGINT)
    _, stderr = server.communicate(timeout=60)

    assert "OPENED" not in stderr, stderr


def test_the_watch_sees_who_opens_it(beside: Path) -> None:
    """The test above would be worth nothing if it saw nobody."""
    ended = watched(beside, "check", "--restricted", "restricted")
    _, stderr = ended.communicate(timeout=60)

    assert "OPENED open restricted" in stderr or "OPENED open " in stderr
    assert ended.returncode == 1


def test_json_of_a_restricted_finding_holds_no_text(kpi: Kpi, home: Path, folder: Path) -> None:
    write(folder, {"p17.yaml": PERSON.replace("kind: person", "kind: Zoë")})

    told = json.loads(kpi("check", "--restricted", str(folder), "--format", "json").stdout)

    assert "Zoë" not in json.dumps(told, ensure_ascii=False)


def test_help_says_where_the_folder_is(home: Path) -> None:
    assert "--restricted DIR" in process("check", "--help", folder=home).stdout
