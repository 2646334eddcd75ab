"""`kpi due`: what somebody has to do, as text, JSON and a calendar file."""

import builtins
import json
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from command_line import Kpi, validator
from icalendar import Calendar

import restricted_folder
from restricted_folder import write

ON = ("--as-of", "2026-04-10")

MORE = """\
kind: owner
name: clerk
title: Clerk
org_unit: shop
contact: shop@example.com
---
kind: org_unit
name: shop
title: Shop
level: department
parent: acme
---
kind: goal
name: open_it
title: Open the shop
org_unit: shop
owner: clerk
parent: grow
period: {from: 2026-01-01, to: 2026-07-01}
check_in_every: 2 weeks
results: []
milestones:
  - {title: The keys are here, due: 2026-04-01}
  - {title: The shelves are full, due: 2026-05-10}
---
kind: check_in
name: march
goal: open_it
as_of: 2026-04-02
by: clerk
confidence: 6
---
kind: check_in
name: grow_march
goal: grow
as_of: 2026-04-01
by: head
confidence: 8
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "open"
    folder.mkdir()
    monkeypatch.chdir(folder)
    for name in ("KPI_RESTRICTED", "KPI_AGE_IDENTITY", "CI"):
        monkeypatch.delenv(name, raising=False)
    restricted_folder.project(folder)
    write(folder, {"kpis/more.yaml": MORE})
    return folder


@pytest.fixture
def persons(tmp_path: Path) -> Path:
    return restricted_folder.restricted(tmp_path / "persons")


def answer(kpi: Kpi, *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(kpi.answer("due", *ON, "--format", "json", *arguments))
    validator("due").validate(found)
    return found


def days(kpi: Kpi, *arguments: str) -> list[tuple[str, str]]:
    return [(one["what"], one["day"]) for one in answer(kpi, *arguments)["due"]]


# --- text


@pytest.mark.usefixtures("home")
def test_what_is_overdue_comes_first(kpi: Kpi) -> None:
    assert kpi.answer("due", *ON) == (
        "On 2026-04-10: 1 overdue, 1 due up to 2026-04-24.\n"
        "\n"
        "9 days overdue  2026-04-01  Milestone  The keys are here (Open the shop)  clerk\n"
        "in 6 days       2026-04-16  Check-in   Open the shop                      clerk\n"
    )


@pytest.mark.usefixtures("home")
def test_where_nothing_is_due_that_is_said(kpi: Kpi) -> None:
    told = kpi.answer("due", *ON, "--owner", "hr")

    assert told == "Nothing is overdue on 2026-04-10, and nothing due up to 2026-04-24.\n"


def test_a_title_gives_the_terminal_no_orders(kpi: Kpi, home: Path) -> None:
    write(home, {"kpis/more.yaml": MORE.replace("The keys are here", '"::error::x ##[group]"')})

    told = kpi.answer("due", *ON)

    assert "error" in told
    assert "::error" not in told
    assert "##[" not in told


# --- which


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        pytest.param([], ["2026-04-01", "2026-04-16"], id="two weeks by default"),
        pytest.param(["--within", "5 days"], ["2026-04-01"], id="less"),
        pytest.param(["--within", "6days"], ["2026-04-01", "2026-04-16"], id="the last day belongs to it"),
        pytest.param(
            ["--within", "1 month"],
            ["2026-04-01", "2026-04-16", "2026-05-01", "2026-05-10"],
            id="a month by our calendar",
        ),
        pytest.param(["--within", "0 days"], ["2026-04-01"], id="what is due by today"),
        pytest.param(["--within", "1 quarter", "--owner", "head"], ["2026-05-01"], id="of one owner"),
        pytest.param(
            ["--within", "1 month", "--org-unit", "shop"],
            ["2026-04-01", "2026-04-16", "2026-05-10"],
            id="of one unit",
        ),
        pytest.param(
            ["--within", "1 month", "--org-unit", "acme"],
            ["2026-04-01", "2026-04-16", "2026-05-01", "2026-05-10"],
            id="of a unit and those beneath",
        ),
    ],
)
def test_what_is_asked_for_is_listed(kpi: Kpi, arguments: list[str], expected: list[str]) -> None:
    assert [day for _, day in days(kpi, *arguments)] == expected


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        pytest.param(["--owner", "clark"], "There is no owner `clark`. Did you mean `clerk`?", id="owner"),
        pytest.param(["--org-unit", "shap"], "There is no org unit `shap`. Did you mean `shop`?", id="unit"),
        pytest.param(["--within", "soon"], "write a number and a unit", id="no length of time"),
        pytest.param(["--within", "-3 days"], "write a number and a unit", id="the past"),
        pytest.param(["--within", "3 hours"], "write a number and a unit", id="hours"),
        pytest.param(["--as-of", "later"], "is no date", id="no day"),
        pytest.param(["--output", "kpis/due.yaml"], "A list is no definition", id="over a definition"),
        pytest.param(["--restricted", "nowhere"], "there is no folder `nowhere`", id="no restricted folder"),
    ],
)
def test_wrong_usage(kpi: Kpi, arguments: list[str], told: str) -> None:
    result = kpi("due", *arguments)

    assert (result.exit_code, result.stdout) == (2, "")
    assert told in result.stderr


def test_definitions_with_errors_are_told_instead(kpi: Kpi, home: Path) -> None:
    write(home, {"kpis/more.yaml": MORE.replace("by: clerk", "by: nobody")})

    result = kpi("due", *ON)

    assert (result.exit_code, result.stdout) == (1, "")
    assert "unknown-owner" in result.stderr


def test_the_last_day_that_can_be_asked_for_is_no_trouble(kpi: Kpi, home: Path) -> None:
    assert kpi("due", "--as-of", "8999-12-31", "--within", "999 years").exit_code == 0


def test_no_engine_is_loaded(home: Path) -> None:
    code = (
        "import sys; from kpiascode.cli.main import main; "
        "main(['due', '--as-of', '2026-04-10'], standalone_mode=False); "
        "print({'duckdb', 'sqlglot'} & set(sys.modules), file=sys.stderr)"
    )

    ended = subprocess.run([sys.executable, "-c", code], cwd=home, capture_output=True, text=True)

    assert (ended.returncode, ended.stderr) == (0, "set()\n")


# --- JSON


@pytest.mark.usefixtures("home")
def test_json_says_what_of_what_and_whose(kpi: Kpi) -> None:
    found = answer(kpi)

    assert (found["as_of"], found["until"]) == ("2026-04-10", "2026-04-24")
    assert found["due"][0] == {
        "day": "2026-04-01",
        "overdue": True,
        "what": "milestone",
        "title": "The keys are here",
        "kind": "goal",
        "name": "open_it",
        "within": "Open the shop",
        "owner": "clerk",
        "person": None,
        "org_units": ["shop"],
    }


def test_the_schema_says_what_every_key_means_and_gives_an_example() -> None:
    schema = validator("due").schema
    keys = {**schema["properties"], **schema["properties"]["due"]["items"]["properties"]}

    for key, value in keys.items():
        assert value["description"].endswith("."), key
        assert value.get("examples") or key == "due", key
    assert set(keys) - {"as_of", "until", "due"} == set(schema["properties"]["due"]["items"]["required"])


# --- calendar


def test_a_folder_that_is_missing_is_named(kpi: Kpi, home: Path) -> None:
    result = kpi("due", *ON, "--format", "ics", "--output", "none/due.ics")

    assert (result.exit_code, result.stdout) == (3, "")
    assert f"error: there is no folder {home / 'none'}." in result.stderr
    assert ".tmp" not in result.stderr


@pytest.mark.usefixtures("home")
def test_a_calendar_file_is_the_same_each_time(kpi: Kpi, home: Path) -> None:
    for name in ("one.ics", "other.ics"):
        assert kpi.answer("due", *ON, "--format", "ics", "--output", name) == ""
    one, other = ((home / name).read_bytes() for name in ("one.ics", "other.ics"))

    assert one == other == kpi("due", *ON, "--format", "ics").stdout_bytes
    assert [str(event["summary"]) for event in Calendar.from_ical(one).walk("VEVENT")] == [
        "Milestone: The keys are here",
        "Check-in: Open the shop",
    ]


@pytest.mark.usefixtures("home")
def test_without_the_library_the_message_says_how_to_install_it(
    kpi: Kpi, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = builtins.__import__

    def missing(name: str, *rest: Any, **more: Any) -> Any:
        if name == "icalendar":
            raise ImportError(name)
        return there(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", missing)

    result = kpi("due", *ON, "--format", "ics")

    assert (result.exit_code, result.stdout) == (3, "")
    assert "pip install 'kpiascode[calendar]'" in result.stderr


@pytest.mark.parametrize(
    ("file", "held"),
    [
        pytest.param("rows.csv", "day,amount\n2026-01-01,5\n", id="rows"),
        pytest.param("notes.txt", "Once upon a time\n", id="somebody's notes"),
        pytest.param("data.json", '{"due": "soon"}', id="another JSON"),
    ],
)
@pytest.mark.parametrize("private", [False, True])
def test_what_is_no_earlier_list_is_not_replaced(
    kpi: Kpi, home: Path, persons: Path, file: str, held: str, private: bool
) -> None:
    place = home / "lists"
    kpi.answer("due", *ON, "--restricted", str(persons), "--output", str(place / "first.txt"))
    (place / file).write_text(held, encoding="utf-8")
    (place / file).chmod(0o600)
    more = ("--restricted", str(persons)) if private else ()

    result = kpi("due", *ON, *more, "--output", str(place / file))

    assert (result.exit_code, result.stdout) == (2, "")
    assert "holds something else, so it was not replaced." in result.stderr
    assert (place / file).read_text(encoding="utf-8") == held


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("form", ["text", "json", "ics"])
def test_an_earlier_list_is_replaced(kpi: Kpi, home: Path, form: str) -> None:
    file = home / "due.out"
    for words in ((*ON, "--within", "1 day"), ON, ("--as-of", "2400-01-01")):
        kpi.answer("due", *words, "--format", form, "--output", str(file))

    assert file.read_bytes() == kpi("due", "--as-of", "2400-01-01", "--format", form).stdout_bytes


@pytest.mark.usefixtures("home")
def test_git_keeps_its_own_files(kpi: Kpi, home: Path) -> None:
    (home / ".git").mkdir()

    result = kpi("due", *ON, "--output", ".git/config")

    assert (result.exit_code, list((home / ".git").iterdir())) == (2, [])
    assert "lies in the folder of git" in result.stderr


@pytest.mark.usefixtures("home")
def test_the_top_of_the_disk_is_no_place_for_a_list_of_persons(kpi: Kpi, persons: Path) -> None:
    result = kpi("due", *ON, "--restricted", str(persons), "--output", "/due.txt")

    assert result.exit_code == 2, result.stderr
    assert not Path("/due.txt").exists()


# --- what belongs to persons


def test_persons_are_told_only_when_their_folder_is_named(
    kpi: Kpi, home: Path, persons: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the environment nor the usual place is enough: this output goes to logs."""
    open_only = days(kpi)
    monkeypatch.setenv("KPI_RESTRICTED", str(persons))
    restricted_folder.restricted(home / "restricted")

    assert days(kpi) == open_only
    assert days(kpi, "--restricted", str(persons), "--within", "1 week") == [
        ("meeting", "2026-01-05"),
        ("action", "2026-03-01"),
        ("milestone", "2026-04-01"),
        ("check_in", "2026-04-16"),
    ]


@pytest.mark.usefixtures("home")
def test_documents_whose_time_is_over_are_listed_without_a_title(kpi: Kpi, persons: Path) -> None:
    told = kpi.answer("due", "--as-of", "2127-01-20", "--restricted", str(persons))

    assert "20 days overdue      2126-12-31  Remove (kpi purge)  person p17" in told
    assert "Quandt" not in told
    assert "Talks" not in told, "of what may not be kept any more nothing else is told"


@pytest.mark.usefixtures("home")
def test_a_file_about_persons_is_for_its_owner_only(kpi: Kpi, home: Path, persons: Path) -> None:
    file = home / "mine" / "due.ics"
    kpi.answer("due", *ON, "--format", "ics", "--restricted", str(persons), "--output", str(file))

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert (file.parent / ".gitignore").read_text(encoding="utf-8") == "*\n"
    assert "due.ics" in (file.parent / ".kpiascode-private").read_text(encoding="utf-8")
    assert b"Find back" in file.read_bytes()


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("name", ["site/due.txt", "kpis/due.txt", ".due", "du\\e"])
def test_such_a_file_goes_to_no_open_place(kpi: Kpi, home: Path, persons: Path, name: str) -> None:
    result = kpi("due", *ON, "--restricted", str(persons), "--output", name)

    assert result.exit_code == 2, result.stderr
    assert not (home / name).exists()
