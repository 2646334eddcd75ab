"""`kpi pack`: documents for reviews, meetings, plans and thanks, readable by their owner alone."""

import csv
import io
import stat
from collections.abc import Iterator
from fractions import Fraction
from itertools import groupby
from pathlib import Path

import pytest
from click.testing import Result
from command_line import Kpi

import restricted_folder
from restricted_folder import git, write

AS_OF = ("--as-of", "2026-03-01")
ROWS = """day,amount
2025-06-03,4
2025-06-20,5
2025-07-01,8
2025-08-05,7
2025-08-06,1
2025-09-09,9
2025-10-10,8
2025-11-02,3
2025-11-28,6
2025-12-24,8
2026-01-15,21
2026-01-31,4
2026-02-01,19
2026-02-28,11
2026-03-01,99
"""
MORE = """
---
kind: org_unit
name: desk
title: The desk
level: team
parent: acme
---
kind: owner
name: clerk
title: Clerk
org_unit: desk
contact: desk@example.com
---
kind: goal
name: sell
title: Sell at the desk
org_unit: desk
owner: clerk
parent: grow
period: {from: 2026-01-01, to: 2026-03-01}
results:
  - {kpi: sales, measure: to_date, target: 50, path: linear}
---
kind: check_in
name: sell_january
goal: sell
as_of: 2026-02-01
by: clerk
confidence: 4
decision: Open on Sundays.
---
kind: review_template
name: looking_back
title: Looking back
sections: [{title: What we learnt, questions: [What would we do again?]}]
---
kind: review_cycle
name: winter
title: Winter
owner: head
period: {from: 2026-01-01, to: 2026-03-01}
template: looking_back
org_units: [desk, acme]
---
kind: one_on_one_series
name: two
title: Head and clerk
manager: head
report: clerk
every: 4 weeks
from: 2026-01-05
met_on: [2026-02-02]
---
kind: improvement_plan
name: sundays
title: Open on Sundays
owner: head
subject: {kpi: sales}
opened_on: 2026-01-01
ends_on: 2026-03-01
current: Nobody comes.
required: Twenty a month.
actions: [{what: Open, who: clerk, due: 2026-01-04}]
success: {kpi: sales, at_least: 25, periods: 2}
outcome: {result: not_reached, day: 2026-03-01}
---
kind: recognition_program
name: thanks
title: Thanks
owner: head
values: [{name: care, title: We care}]
---
kind: recognition
name: sunday
program: thanks
to: {person: "@robin", consent_on: 2026-01-10}
by: head
day: 2026-01-20
value: care
reason: "=HYPERLINK(1)"
kpis: [sales]
"""
EVERY = {
    "review": ("review", "winter"),
    "one-on-one": ("one-on-one", "two", *AS_OF),
    "plan": ("plan", "sundays", *AS_OF),
    "recognition": ("recognition", "thanks", "--csv", *AS_OF),
    "close": ("close", "winter"),
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "open"
    folder.mkdir()
    monkeypatch.chdir(folder)
    for name in ("KPI_RESTRICTED", "KPI_AGE_IDENTITY", "CI"):
        monkeypatch.delenv(name, raising=False)
    made = restricted_folder.project(folder)
    write(made, {"data/orders.csv": ROWS, "kpis/all.yaml": restricted_folder.KPIS + MORE})
    return made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return restricted_folder.restricted(tmp_path / "persons")


def packed(result: Result) -> dict[str, str]:
    """Return what a command wrote, by name, after it said so."""
    assert result.exit_code == 0, result.stderr
    return {Path(line).name: Path(line).read_text(encoding="utf-8") for line in result.stdout.splitlines()}


def monthly() -> Iterator[tuple[str, Fraction]]:
    """Yield the months of the file and what they sum to, by hand."""
    rows = csv.DictReader(io.StringIO(ROWS))
    for month, some in groupby(rows, key=lambda row: row["day"][:7]):
        yield month, sum((Fraction(row["amount"]) for row in some), Fraction(0))


# --- what is written, and for whom


@pytest.mark.parametrize("arguments", EVERY.values(), ids=EVERY)
def test_files_are_their_owners_alone(kpi: Kpi, home: Path, arguments: tuple[str, ...]) -> None:
    files = packed(kpi("pack", *arguments))

    packs = home / "packs"
    assert files
    assert stat.S_IMODE(packs.stat().st_mode) == 0o700
    assert {stat.S_IMODE((packs / name).stat().st_mode) for name in files} == {0o600}
    assert (packs / ".gitignore").read_text(encoding="utf-8") == "*\n"
    assert not (home / "site").exists()


def test_names_of_files_say_what_they_are(kpi: Kpi, home: Path) -> None:
    names = {name for arguments in EVERY.values() for name in packed(kpi("pack", *arguments))}

    assert {name for name in names if name.endswith(".html")} == {
        "review-winter-desk.html",
        "review-winter-acme.html",
        "one-on-one-two.html",
        "plan-sundays.html",
        "recognition-thanks.html",
        "close-winter.html",
    }
    assert "recognition-thanks.csv" in names


def test_a_site_holds_no_document_and_no_word_of_one(kpi: Kpi, home: Path, folder: Path) -> None:
    for arguments in EVERY.values():
        packed(kpi("pack", *arguments))
    packed(kpi("pack", "plan", "plan_p17", "--restricted", str(folder), *AS_OF))
    assert kpi("build", *AS_OF).exit_code == 0

    for page in (home / "site").rglob("*"):
        if page.is_file():
            text = page.read_text(encoding="utf-8")
            assert "Quandt" not in text
            assert "plan_p17" not in text
            assert "Find back" not in text
            assert not page.name.startswith(("plan-", "one-on-one-", "review-"))


@pytest.mark.parametrize("place", ["site", "site/packs"])
def test_nothing_is_written_into_the_site(kpi: Kpi, home: Path, place: str) -> None:
    result = kpi("pack", "plan", "sundays", *AS_OF, "--output", place)

    assert result.exit_code == 2
    assert "which is published" in result.stderr
    assert not (home / "site").exists()


def test_git_sees_nothing_of_it(kpi: Kpi, home: Path) -> None:
    git(home, "init", "-q")
    packed(kpi("pack", "one-on-one", "two", *AS_OF))

    assert "packs" not in git(home, "status", "--porcelain", "--untracked-files=all")


@pytest.mark.parametrize(("form", "ending"), [("html", ".html"), ("markdown", ".md")])
def test_one_form(kpi: Kpi, home: Path, form: str, ending: str) -> None:
    assert [*packed(kpi("pack", "close", "winter", "--format", form))] == [f"close-winter{ending}"]


def test_another_folder(kpi: Kpi, home: Path, tmp_path: Path) -> None:
    packed(kpi("pack", "close", "winter", "--output", str(tmp_path / "mine")))

    assert (tmp_path / "mine" / "close-winter.md").is_file()
    assert not (home / "packs").exists()


def test_the_same_again_is_the_same(kpi: Kpi, home: Path) -> None:
    first = packed(kpi("pack", *EVERY["review"]))

    assert packed(kpi("pack", *EVERY["review"])) == first


# --- what stands in them


def test_the_success_test_is_that_of_the_rows(kpi: Kpi, home: Path) -> None:
    """25 in January, 30 in February: both are there, so that the declared outcome is not what came."""
    sums = dict(monthly())
    text = packed(kpi("pack", "plan", "sundays", *AS_OF))["plan-sundays.md"]

    assert (sums["2026-01"], sums["2026-02"]) == (25, 30)
    assert "January 2026: 25.00" in text.replace("\u00a0", " ")
    assert "February 2026: 30.00" in text.replace("\u00a0", " ")
    assert "● Passed" in text
    assert "The numbers say otherwise: its test is passed." in text


def test_before_and_after_are_those_of_the_rows(kpi: Kpi, home: Path) -> None:
    """The first month of the data may be a part of one, so that the mean before is that of July to December."""
    before = [value for month, value in monthly() if "2025-07" <= month <= "2025-12"]
    mean = sum(before) / len(before)
    text = packed(kpi("pack", "plan", "sundays", *AS_OF))["plan-sundays.md"].replace("\u00a0", " ")

    assert mean == Fraction(50, 6)
    assert "The mean went from 8.33 € before to 27.50 € after 1 January 2026, which is better." in text


def test_a_review_of_one_unit(kpi: Kpi, home: Path) -> None:
    files = packed(kpi("pack", "review", "winter", "--org-unit", "desk"))

    assert set(files) == {"review-winter-desk.html", "review-winter-desk.md"}
    assert "Sell at the desk" in files["review-winter-desk.md"]
    assert "as of 1 March 2026" in files["review-winter-desk.md"].replace("\u00a0", " ")


BOARD = """
---
kind: org_unit
name: board
title: Board
level: team
parent: acme
---
kind: goal
name: sell_more_than_told
title: Sell more than is told
org_unit: desk
owner: head
visibility: [board]
period: {from: 2026-01-01, to: 2026-03-01}
results:
  - {kpi: sales, measure: to_date, target: 888888, path: linear}
---
kind: scorecard
name: told_aloud
title: Told aloud
org_unit: acme
visibility: [board]
sections: [{title: All, kpis: [sales]}]
"""
REVIEW = ("pack", "review", "winter", "--org-unit", "desk")


def changed(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_a_sheet_tells_nothing_of_a_goal_that_its_unit_may_not_see(kpi: Kpi, home: Path) -> None:
    """Neither the goal, nor how far the KPI is from its target, nor that there is any."""
    plain = packed(kpi(*REVIEW))
    every = home / "kpis" / "all.yaml"
    every.write_text(every.read_text(encoding="utf-8") + BOARD, encoding="utf-8")

    assert packed(kpi(*REVIEW)) == plain

    changed(every, "visibility: [board]\n", "")
    assert "888,888" in packed(kpi(*REVIEW))["review-winter-desk.md"], "where everybody may see it"


def test_a_sheet_tells_no_reason_of_what_was_told_to_others(kpi: Kpi, home: Path) -> None:
    every = home / "kpis" / "all.yaml"
    every.write_text(every.read_text(encoding="utf-8") + BOARD, encoding="utf-8")
    changed(every, "to: 2026-03-01}\ntem", "to: 2990-01-01}\ntem")  # it was published in the cycle
    assert kpi("publish", "told_aloud", *AS_OF).exit_code == 0
    changed(home / "data" / "orders.csv", "2026-01-31,4", "2026-01-31,5")
    words = ("--restate", "Canary reason", "--author", "Canary author")
    again = kpi("publish", "told_aloud", *words, *AS_OF)
    assert "1 of them restated" in again.stdout, again.stderr

    assert not [text for text in packed(kpi(*REVIEW)).values() if "Canary" in text]

    changed(every, "visibility: [board]\n", "")
    assert all("Canary reason (Canary author)." in text for text in packed(kpi(*REVIEW)).values())


def test_a_cycle_that_runs_is_looked_at_from_today_and_not_closed(kpi: Kpi, home: Path) -> None:
    long = (
        (home / "kpis" / "all.yaml")
        .read_text(encoding="utf-8")
        .replace("to: 2026-03-01}\ntem", "to: 2990-01-01}\ntem")
    )
    write(home, {"kpis/all.yaml": long})

    refused = kpi("pack", "close", "winter")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert not (home / "packs").exists()
    assert "`winter` ends on 2989-12-31, that day included" in refused.stderr
    assert "`kpi pack review winter` shows where its goals stand" in refused.stderr
    files = packed(kpi("pack", "review", "winter"))
    assert not any("as of 1\u00a0January 2990" in text for text in files.values())


def test_a_cycle_is_closed_at_its_end_and_not_a_day_before(kpi: Kpi, home: Path) -> None:
    assert kpi("pack", "close", "winter", "--as-of", "2026-02-28").exit_code == 2
    assert packed(kpi("pack", "close", "winter", "--as-of", "2026-03-01"))


def test_a_cycle_that_has_not_begun_is_not_reviewed(kpi: Kpi, home: Path) -> None:
    refused = kpi("pack", "review", "winter", "--as-of", "2026-01-01")

    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "`winter` begins on 2026-01-01" in refused.stderr
    assert packed(kpi("pack", "review", "winter", "--as-of", "2026-01-02"))


def test_a_brief_looks_back_to_the_last_meeting(kpi: Kpi, home: Path) -> None:
    brief = packed(kpi("pack", "one-on-one", "two", *AS_OF))["one-on-one-two.md"].replace("\u00a0", " ")
    earlier = packed(kpi("pack", "one-on-one", "two", "--since", "2026-01-15", *AS_OF))["one-on-one-two.md"]

    assert "new is what came after 2 February 2026" in brief
    assert "Open on Sundays" in brief
    assert "Delete by 30 May 2026" in brief
    assert "Confidence 4 of 10" not in brief
    assert "Confidence 4 of 10" in earlier
    listed = (home / "packs" / ".kpiascode-private").read_text(encoding="utf-8")
    assert "2026-05-30 one-on-one-two.md" in listed


def test_cells_for_human_resources_are_no_formulas(kpi: Kpi, home: Path) -> None:
    files = packed(kpi("pack", "recognition", "thanks", "--csv", *AS_OF))
    [row] = csv.DictReader(io.StringIO(files["recognition-thanks.csv"]))

    assert (row["to"], row["reason"]) == ("'@robin", "'=HYPERLINK(1)")


def test_nobody_is_named_before_they_agree(kpi: Kpi, home: Path) -> None:
    early = packed(kpi("pack", "recognition", "thanks", "--csv", "--as-of", "2026-01-09"))

    assert not any("robin" in text for text in early.values())


def test_thanks_of_persons_are_not_kept_for_ever(kpi: Kpi, home: Path) -> None:
    text = packed(kpi("pack", "recognition", "thanks", "--csv", *AS_OF))["recognition-thanks.md"]
    listed = (home / "packs" / ".kpiascode-private").read_text(encoding="utf-8")

    assert "Delete by 30 May 2026" in text.replace("\u00a0", " ")
    for ending in ("html", "md", "csv"):
        assert f"2026-05-30 recognition-thanks.{ending}" in listed


@pytest.mark.parametrize("form", ["html", "markdown"])
def test_who_does_not_agree_any_more_is_in_no_file_of_an_earlier_run(kpi: Kpi, home: Path, form: str) -> None:
    packed(kpi("pack", "recognition", "thanks", "--csv", *AS_OF))
    every = home / "kpis" / "all.yaml"
    agreed = every.read_text(encoding="utf-8")
    withdrawn = agreed.replace("consent_on: 2026-01-10", "consent_on: 2026-01-10, withdrawn_on: 2026-02-01")
    assert withdrawn != agreed
    every.write_text(withdrawn, encoding="utf-8")

    files = packed(kpi("pack", "recognition", "thanks", "--format", form, *AS_OF))

    assert {Path(name).suffix for name in files} == {".html", ".md", ".csv"}
    assert not any("robin" in file.read_text(encoding="utf-8") for file in (home / "packs").iterdir())
    assert "- recognition-thanks.csv" in (home / "packs" / ".kpiascode-private").read_text(encoding="utf-8")


def test_who_withdrew_since_is_not_named_as_of_a_day_on_which_they_agreed(kpi: Kpi, home: Path) -> None:
    every = home / "kpis" / "all.yaml"
    agreed = every.read_text(encoding="utf-8")
    withdrawn = agreed.replace("consent_on: 2026-01-10", "consent_on: 2026-01-10, withdrawn_on: 2026-03-05")
    every.write_text(withdrawn, encoding="utf-8")

    files = packed(kpi("pack", "recognition", "thanks", "--csv", *AS_OF))

    assert not any("robin" in text for text in files.values())


@pytest.mark.parametrize(
    "command",
    [("build",), ("build", "--audience", "acme", "--output", "site"), ("publish",)],
    ids=["build", "audience", "publish"],
)
def test_a_site_names_who_withdrew_since_as_little(kpi: Kpi, home: Path, command: tuple[str, ...]) -> None:
    def told() -> str:
        result = kpi(*command, *AS_OF)
        assert result.exit_code == 0, result.stderr
        return (home / "site" / "changes.html").read_text(encoding="utf-8")

    assert "@robin" in told()
    every = home / "kpis" / "all.yaml"
    agreed = every.read_text(encoding="utf-8")
    every.write_text(
        agreed.replace("consent_on: 2026-01-10", "consent_on: 2026-01-10, withdrawn_on: 2026-03-05"),
        encoding="utf-8",
    )

    assert "robin" not in told()


def test_no_spreadsheet_is_made_that_nobody_wanted(kpi: Kpi, home: Path) -> None:
    files = packed(kpi("pack", "recognition", "thanks", "--format", "html", *AS_OF))

    assert [*files] == ["recognition-thanks.html"]


# --- persons


def test_a_plan_for_a_person_is_made_of_the_restricted_folder(kpi: Kpi, home: Path, folder: Path) -> None:
    files = packed(kpi("pack", "plan", "plan_p17", "--restricted", str(folder), *AS_OF))
    text = files["plan-plan_p17.md"].replace("\u00a0", " ")

    assert "For Zoë Quandt, Head of sales and Human resources only." in text
    assert "Delete by 1 January 2127." in text
    assert "<svg" not in files["plan-plan_p17.html"]
    assert "2127-01-01 plan-plan_p17.html" in (home / "packs" / ".kpiascode-private").read_text(
        encoding="utf-8"
    )


@pytest.mark.parametrize("name", ["plan_p17", "plan_nobody"])
def test_without_the_folder_nothing_is_said_of_what_may_be_in_it(
    kpi: Kpi, home: Path, folder: Path, name: str
) -> None:
    result = kpi("pack", "plan", name, *AS_OF)

    assert (result.exit_code, result.stdout) == (2, "")
    assert f"There is no improvement plan `{name}`." in result.stderr
    assert (
        "What names a person stands in a restricted folder, and none is given: --restricted DIR."
        in result.stderr
    )
    assert result.stderr.replace(name, "") == kpi("pack", "plan", "zzz", *AS_OF).stderr.replace("zzz", "")


def test_a_document_that_may_not_be_kept_any_more_makes_nothing(kpi: Kpi, home: Path, folder: Path) -> None:
    result = kpi("pack", "plan", "plan_p17", "--restricted", str(folder), "--as-of", "2127-01-01")

    assert (result.exit_code, result.stdout) == (1, "")
    assert "retention-over" in result.stderr
    assert "Quandt" not in result.stderr
    assert not (home / "packs").exists()


def test_an_open_plan_needs_no_restricted_folder(kpi: Kpi, home: Path) -> None:
    """What lies there is not looked at, whatever it is."""
    bad = restricted_folder.restricted(home / "restricted")
    bad.chmod(0o755)

    packed(kpi("pack", "plan", "sundays", *AS_OF))
    packed(kpi("pack", "one-on-one", "two", *AS_OF))


# --- wrong words


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        pytest.param(["reviw"], "There is no document `reviw`. Did you mean `kpi pack review`?", id="a document"),
        pytest.param(["qqq"], "There are review, one-on-one, plan", id="a document that is like none"),
        pytest.param(["review", "wintre"], "no review cycle `wintre`. Did you mean `winter`?", id="a cycle"),
        pytest.param(["close", "wintre"], "Did you mean `winter`?", id="a cycle to close"),
        pytest.param(["review", "winter", "--org-unit", "dsk"], "Did you mean `desk`?", id="a unit"),
        pytest.param(["one-on-one", "tow"], "no one-on-one series `tow`. Did you mean `two`?", id="a series"),
        pytest.param(["plan", "sundys"], "Did you mean `sundays`?", id="a plan"),
        pytest.param(["recognition", "thank"], "no recognition program `thank`. Did you mean `thanks`?", id="a program"),
        pytest.param(["recognition", "thanks", "--from", "2026-02-01", "--to", "2026-02-01"], "is empty", id="no day"),
        pytest.param(["one-on-one", "two", "--since", "2026-03-01", *AS_OF], "does not lie before 2026-03-01", id="since today"),
        pytest.param(["one-on-one", "two", "--since", "soon"], "is no date", id="since what"),
        pytest.param(["close", "winter", "--format", "pdf"], "'html', 'markdown'", id="a form"),
        pytest.param(["plan", "sundays", "--restricted", "nowhere"], "there is no folder `nowhere`", id="a folder"),
        pytest.param(["plan", "\x1b[31mred"], "There is no improvement plan", id="what a terminal would act on"),
    ],
)  # fmt: skip
def test_a_wrong_word_is_wrong_usage_and_names_the_right_one(
    kpi: Kpi, home: Path, arguments: list[str], told: str
) -> None:
    result = kpi("pack", *arguments)

    assert (result.exit_code, result.stdout) == (2, "")
    assert told in result.stderr
    assert "\x1b" not in result.stderr
    assert not (home / "packs").exists()


def test_a_project_with_errors_makes_nothing(kpi: Kpi, home: Path) -> None:
    (home / "kpis" / "more.yaml").write_text("kind: kpi\nname: x\n", encoding="utf-8")
    result = kpi("pack", "review", "winter")

    assert (result.exit_code, result.stdout) == (1, "")
    assert not (home / "packs").exists()


@pytest.mark.parametrize("name", ["review", "one-on-one", "plan", "feedback", "recognition", "close"])
def test_help_of_each_document_has_an_example(kpi: Kpi, name: str) -> None:
    assert f"Example: kpi pack {name} " in kpi.answer("pack", name, "--help")
    assert f"  {name} " in kpi.answer("pack", "--help")


def test_a_brief_of_a_person_tells_their_goals(kpi: Kpi, home: Path, folder: Path) -> None:
    files = packed(kpi("pack", "one-on-one", "talks", "--restricted", str(folder), *AS_OF))

    assert "## What Zoë Quandt wants to talk about" in files["one-on-one-talks.md"]
    assert "Learn to sell" in files["one-on-one-talks.md"]
    assert "Find back" not in files["one-on-one-talks.md"], "its only action is the manager's"


def test_whoever_has_the_folder_is_told_its_names(kpi: Kpi, home: Path, folder: Path) -> None:
    assert "Did you mean `plan_p17`?" in kpi("pack", "plan", "plan_p18", "--restricted", str(folder)).stderr
