"""`kpi diff`: what a change does to KPIs and goals, from wherever both sides come, and what it leaves alone."""

import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import Result
from command_line import Kpi, process, replace

from kpiascode.model.changes import CLASSES, GRADES, ChangeClass, ChangeKind

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="there is no git")

NEW_YEAR = ("--as-of", "2026-01-01")
DEFINITIONS = Path("kpis") / "shop.yaml"
NET_SALES = "dataset: orders\nexpression: sum(amount)\n"
ONLINE = "dataset: orders\nwhere: channel = 'online'\nexpression: sum(amount)\n"
DESCRIPTION = "description: What customers paid for their orders, in euros.\n"
MARKER = "<!-- kpiascode:review key=kpi diff -->"
SINCE_2025: dict[str, tuple[Decimal | None, Decimal | None]] = {
    # by hand from data/orders.csv; of the month without an order from the web shop nothing is known
    "2025-01": (Decimal("30.5"), Decimal("10.5")),
    "2025-02": (Decimal("5.25"), None),
    "2025-03": (Decimal("7"), None),
    "2025-06": (Decimal("40"), Decimal("40")),
    "2025-11": (Decimal("12"), None),
    "2025-12": (Decimal("31"), Decimal("30")),
}


class Repository:
    """The shop in a repository: one commit on `main`, and the working tree as it is."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.git("init", "--quiet", "--initial-branch", "main")
        self.commit()

    def git(self, *arguments: str) -> str:
        who = ("-c", "user.name=Ann", "-c", "user.email=ann@example.com", "-c", "protocol.file.allow=always")
        done = subprocess.run(
            ["git", *who, *arguments], cwd=self.folder, text=True, capture_output=True, check=True
        )
        return done.stdout.strip()

    def commit(self) -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "Change")
        return self.git("rev-parse", "HEAD")

    def change(self, old: str, new: str, file: Path = DEFINITIONS) -> None:
        replace(self.folder / file, old, new)


@pytest.fixture
def repository(shop: Path) -> Repository:
    return Repository(shop)


@pytest.fixture
def narrowed(repository: Repository) -> Repository:
    """Return the repository in whose working tree net sales are those of the web shop."""
    repository.change(NET_SALES, ONLINE)
    return repository


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder for temporary files, which nobody else uses."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def review(kpi: Kpi, *arguments: str) -> dict[str, Any]:
    """Return the answer as JSON."""
    found: dict[str, Any] = json.loads(kpi.answer("diff", *arguments, "--format", "json", *NEW_YEAR))
    return found


def kinds(found: dict[str, Any], kpi: str | None = None) -> list[str]:
    return [one["kind"] for one in found["changes"] if kpi is None or one["subject"]["name"] == kpi]


def values(found: dict[str, Any], kpi: str) -> dict[str, tuple[Decimal | None, Decimal | None]]:
    """Return by period what a KPI was and would be, without the periods of which both know nothing."""
    [told] = [one for one in found["values"] if one["kpi"] == kpi]
    assert told["why_not"] is None, told["why_not"]
    return {
        one["period"]: (_number(one["before"]), _number(one["after"]))
        for one in told["periods"]
        if (one["before"], one["after"]) != (None, None)
    }


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def why_not(found: dict[str, Any], kpi: str) -> str | None:
    [told] = [one["why_not"] for one in found["values"] if one["kpi"] == kpi]
    return told if told is None else str(told)


def refusal(result: Result) -> str:
    """Return the message of wrong usage, which is all that is said."""
    assert (result.exit_code, result.stdout) == (2, "")
    return str(result.stderr).partition("Error: ")[2].strip()


# --- what is told


def test_a_terminal_is_told_the_verdict_first_then_the_number(narrowed: Repository, kpi: Kpi) -> None:
    lines = kpi.answer("diff", "main", *NEW_YEAR).replace("\N{NO-BREAK SPACE}", " ").splitlines()

    commit = narrowed.git("rev-parse", "--short=7", "main")
    assert lines[0] == f"main@{commit} -> working tree: 2 value-changing"
    assert lines[1] == (
        "net_sales of 2025-12 would read 30.00 € instead of 31.00 € (−3.2 %), and all of its past is restated."
    )
    assert lines[3] == "value-changing"
    assert lines[4].startswith("  net_sales  filter-narrowed  [")
    assert lines[4].endswith("  kpis/shop.yaml:33")
    assert lines[-3] == "To agree: sales@example.com"
    assert lines[-1] == "As of 2026-01-01; values from the data files of the head, on the embedded engine."


def test_the_last_twelve_periods_are_told_before_and_after(narrowed: Repository, kpi: Kpi) -> None:
    found = review(kpi, "main")

    assert values(found, "net_sales") == SINCE_2025
    [told] = [one for one in found["values"] if one["kpi"] == "net_sales"]
    assert [one["period"] for one in told["periods"]] == [f"2025-{month:02}" for month in range(1, 13)]
    assert (told["grain"], told["unit_before"], told["unit_after"]) == ("month", "EUR", "EUR")
    last = told["periods"][-1]
    assert (last["difference"], last["ratio"]) == ("-1.00", "-0.0322581")
    assert (last["status_before"], last["status_after"]) == ("met", "missed")


def test_what_is_computed_from_it_is_told_too_and_what_is_not_is_not(narrowed: Repository, kpi: Kpi) -> None:
    found = review(kpi, "main")

    assert kinds(found, "net_sales") == ["filter-narrowed"]
    [basket] = [one for one in found["changes"] if one["subject"]["name"] == "basket"]
    assert (basket["kind"], basket["through"]) == ("indirect", [{"kind": "kpi", "name": "net_sales"}])
    assert {one["subject"]["name"] for one in found["changes"]} == {"net_sales", "basket"}
    assert values(found, "basket")["2025-12"] == (Decimal("15.5"), Decimal(15))  # 31 and 30 over two orders


def test_a_goal_that_is_missed_merely_by_the_redefinition_is_told(narrowed: Repository, kpi: Kpi) -> None:
    """125.75 euros were sold, 80.50 of them in the web shop; 100 are wanted, or 95."""
    assert review(kpi, "main")["goals"] == [
        {
            "goal": "grow",
            "kpi": "net_sales",
            "slice": {},
            "status_before": "met",
            "status_after": "missed",
            "by_redefinition": True,
        }
    ]


def test_a_goal_that_wants_something_else_is_no_redefinition(repository: Repository, kpi: Kpi) -> None:
    repository.change(NET_SALES, ONLINE)
    repository.change("target: 100", "target: 120")

    [flip] = review(kpi, "main")["goals"]

    assert flip["by_redefinition"] is False


def test_a_comment_begins_with_its_marker(narrowed: Repository, kpi: Kpi) -> None:
    text = kpi.answer("diff", "main", "--format", "markdown", *NEW_YEAR)

    assert text.splitlines()[:2] == [MARKER, "### KPI review: 2 value-changing"]
    assert "`kpi diff main --as-of 2026-01-01` prints the same" in text


def test_a_comment_is_found_again_by_a_key_of_its_own(narrowed: Repository, kpi: Kpi) -> None:
    text = kpi.answer("diff", "main", "--format", "markdown", "--key", "KPIs/review", *NEW_YEAR)

    assert text.splitlines()[0] == "<!-- kpiascode:review key=KPIs/review -->"


@pytest.mark.parametrize("key", ["", " ", "a --> b", "a--b", "a\nb", "<b>", "é", "a" * 101])
def test_a_key_that_could_end_the_marker_is_refused(narrowed: Repository, kpi: Kpi, key: str) -> None:
    told = refusal(kpi("diff", "main", "--format", "markdown", "--key", key))

    assert told.endswith("A key has letters, digits, spaces and `._/-`, at most 100.")


def test_readers_are_told_in_titles(narrowed: Repository, kpi: Kpi) -> None:
    text = kpi.answer("diff", "main", "--format", "changelog", *NEW_YEAR)

    assert text.replace("\N{NO-BREAK SPACE}", " ").splitlines()[0] == (
        "- **Net sales**: Only rows with `channel = 'online'` count now. Numbers are restated. "
        "2025-12: 30.00 € instead of 31.00 € (−3.2 %)."
    )


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ("text", "No KPI changes.\n"),
        ("markdown", f"{MARKER}\nNo KPI changes.\n"),
        ("changelog", "Nothing that readers could notice was changed.\n"),
    ],
)
def test_where_nothing_was_changed_that_is_all_that_is_said(
    repository: Repository, kpi: Kpi, form: str, told: str
) -> None:
    assert kpi.answer("diff", "main", "--format", form) == told


def test_where_nothing_was_changed_json_has_no_changes(repository: Repository, kpi: Kpi) -> None:
    found = review(kpi, "main")

    assert (found["class"], found["changes"], found["values"], found["goals"]) == (None, [], [], [])


@pytest.mark.parametrize("form", ["text", "markdown", "json", "changelog"])
def test_the_same_twice_is_the_same_to_the_byte(narrowed: Repository, kpi: Kpi, form: str) -> None:
    words = ("diff", "main", "--format", form, *NEW_YEAR)

    assert kpi.answer(*words) == kpi.answer(*words)


@pytest.mark.parametrize("form", ["text", "markdown", "json", "changelog"])
def test_the_order_of_files_and_hashes_does_not_show(narrowed: Repository, form: str) -> None:
    words = ("diff", "main", "--format", form, *NEW_YEAR)
    first, second = (
        process(*words, folder=narrowed.folder, environment={"PYTHONHASHSEED": seed}) for seed in ("1", "2")
    )

    assert first.returncode == 0, first.stderr
    assert first.stdout == second.stdout


# --- how it ends


def test_changes_alone_are_no_failure(narrowed: Repository, kpi: Kpi) -> None:
    assert kpi("diff", "main", "--no-values").exit_code == 0


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        (NET_SALES, "dataset: orders\nexpression: sum( amount )\n", ChangeKind.REFORMATTED),
        (DESCRIPTION, "description: What they paid.\n", ChangeKind.DESCRIPTION),
        ("title: Money", "title: Cash", ChangeKind.SCORECARD),
        ("target: 100", "target: 90", ChangeKind.RUNNING_TARGET),
        (NET_SALES, ONLINE, ChangeKind.FILTER_NARROWED),
    ],
    ids=lambda one: one.value if isinstance(one, ChangeKind) else "",
)
def test_the_gate_stops_a_change_of_its_class_and_graver_ones(
    repository: Repository, kpi: Kpi, old: str, new: str, kind: ChangeKind
) -> None:
    repository.change(old, new)
    ended = {
        one: kpi("diff", "main", "--no-values", "--fail-on", one.value, *NEW_YEAR).exit_code
        for one in ChangeClass
    }

    grade = GRADES[CLASSES[kind]]
    assert ended == {one: 1 if grade >= GRADES[one] else 0 for one in ChangeClass}


def test_the_gate_says_how_many_changes_stopped_it_and_the_review_is_printed_all_the_same(
    narrowed: Repository, kpi: Kpi
) -> None:
    result = kpi("diff", "main", "--no-values", "--fail-on", "target")

    assert result.exit_code == 1
    assert result.stderr == "2 changes are target or graver (--fail-on).\n"
    assert "filter-narrowed" in result.stdout


def test_a_class_that_does_not_exist_is_refused(repository: Repository, kpi: Kpi) -> None:
    assert "'grave' is not one of" in refusal(kpi("diff", "main", "--fail-on", "grave"))


def test_a_draft_may_be_changed_freely(repository: Repository, kpi: Kpi) -> None:
    repository.change("name: order_count\n", "name: order_count\nstatus: draft\n")
    repository.commit()
    repository.change("expression: count(*)", "expression: count(distinct customer_id)")

    found = review(kpi, "main")
    flags = {one["subject"]["name"]: one["flags"] for one in found["changes"]}

    assert "draft" in flags["order_count"]
    assert "draft" not in flags["basket"], "what is computed from a draft is none itself"


def test_a_draft_that_nothing_uses_does_not_stop_at_the_gate(repository: Repository, kpi: Kpi) -> None:
    repository.change("name: online_share\n", "name: online_share\nstatus: draft\n")
    repository.commit()
    repository.change("channel = 'online'", "channel = 'store'")

    assert kinds(review(kpi, "main")) == ["filter-changed"]
    assert kpi("diff", "main", "--no-values", "--fail-on", "cosmetic").exit_code == 0


def test_a_change_cannot_make_itself_a_draft(narrowed: Repository, kpi: Kpi) -> None:
    narrowed.change("name: net_sales\n", "name: net_sales\nstatus: draft\n")

    assert kpi("diff", "main", "--no-values", "--fail-on", "value-changing").exit_code == 1


# --- from where


@pytest.fixture
def parted(repository: Repository) -> Repository:
    """Return the repository on a branch that describes net sales anew, while `main` has other online sales."""
    repository.git("checkout", "--quiet", "-b", "branch")
    repository.change(DESCRIPTION, "description: What they paid.\n")
    repository.commit()
    repository.git("checkout", "--quiet", "main")
    repository.change("channel = 'online'", "channel = 'store'")
    repository.commit()
    repository.git("checkout", "--quiet", "branch")
    return repository


def test_what_others_changed_since_the_branch_began_is_not_told(parted: Repository, kpi: Kpi) -> None:
    assert kinds(review(kpi, "main")) == ["description-changed"]
    assert kinds(review(kpi, "main", "branch")) == ["description-changed"]


def test_exactly_compared_it_is_told(parted: Repository, kpi: Kpi) -> None:
    found = review(kpi, "main", "--exact")

    assert kinds(found) == ["filter-changed", "description-changed"]
    assert found["base"]["commit"] == parted.git("rev-parse", "main")
    assert "`kpi diff main --exact --as-of 2026-01-01`" in kpi.answer(
        "diff", "main", "--exact", "--format", "markdown", *NEW_YEAR
    )


def test_a_revision_as_head_is_what_was_committed_and_not_what_lies_here(
    narrowed: Repository, kpi: Kpi
) -> None:
    assert kinds(review(kpi, "main", "HEAD")) == []
    head = narrowed.commit()

    found = review(kpi, "HEAD~1", "HEAD")

    assert values(found, "net_sales") == SINCE_2025
    assert found["head"] == {"label": f"HEAD@{head[:7]}", "commit": head}


def test_files_that_nobody_committed_are_part_of_the_working_tree(repository: Repository, kpi: Kpi) -> None:
    more = repository.folder / "kpis" / "more.yaml"
    more.write_text(
        "kind: kpi\nname: customers\ntitle: Customers\ndescription: Who bought.\nowner: sales\napplies_to: [shop]\n"
        "dataset: orders\nexpression: count(distinct customer_id)\ngrain: month\nunit: count\ndirection: higher\n",
        encoding="utf-8",
    )

    found = review(kpi, "main")

    assert (kinds(found), found["head"]) == (["added"], {"label": "working tree", "commit": None})
    assert values(found, "customers")["2025-12"] == (None, Decimal(2))


def test_folders_are_compared_without_git(narrowed: Repository, kpi: Kpi, tmp_path: Path) -> None:
    before = tmp_path / "before"
    shutil.copytree(narrowed.folder, before, ignore=shutil.ignore_patterns(".git"))
    replace(before / DEFINITIONS, ONLINE, NET_SALES)

    found = review(kpi, str(before), str(narrowed.folder))

    assert values(found, "net_sales") == SINCE_2025
    assert (found["base"]["label"], found["base"]["commit"]) == (str(before), None)


def test_a_folder_is_compared_with_the_project_that_lies_here(
    narrowed: Repository, kpi: Kpi, tmp_path: Path
) -> None:
    before = tmp_path / "before"
    shutil.copytree(narrowed.folder, before, ignore=shutil.ignore_patterns(".git"))
    replace(before / DEFINITIONS, ONLINE, NET_SALES)

    assert values(review(kpi, str(before)), "net_sales") == SINCE_2025


@pytest.mark.parametrize("form", ["tar", "tar.gz", "zip"])
def test_archives_are_compared_too(narrowed: Repository, kpi: Kpi, tmp_path: Path, form: str) -> None:
    file = tmp_path / f"before.{form}"
    narrowed.git("archive", "--format", form, "--output", str(file), "main")
    assert (zipfile.is_zipfile if form == "zip" else tarfile.is_tarfile)(file)

    assert values(review(kpi, str(file)), "net_sales") == SINCE_2025
    back = review(kpi, str(narrowed.folder), str(file))
    assert values(back, "net_sales") == {period: pair[::-1] for period, pair in SINCE_2025.items()}


def test_a_project_is_found_from_elsewhere(
    narrowed: Repository, kpi: Kpi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert values(review(kpi, "main", "--project", str(narrowed.folder)), "net_sales") == SINCE_2025


def test_a_project_in_a_folder_of_its_repository_is_compared_with_what_was_there(
    tmp_path: Path, shop: Path, kpi: Kpi, monkeypatch: pytest.MonkeyPatch
) -> None:
    top = tmp_path / "top"
    shutil.copytree(shop, top / "metrics")
    repository = Repository(top)
    replace(top / "metrics" / DEFINITIONS, NET_SALES, ONLINE)
    monkeypatch.chdir(top / "metrics" / "kpis")

    assert values(review(kpi, "main"), "net_sales") == SINCE_2025
    assert repository.git("status", "--porcelain").split() == ["M", "metrics/kpis/shop.yaml"]


def test_where_there_was_no_project_all_of_it_is_new(shop: Path, kpi: Kpi) -> None:
    hidden = shop.parent / "hidden"
    shop.rename(hidden)
    shop.mkdir()
    (shop / "README.md").write_text("Here KPIs will be.\n", encoding="utf-8")
    repository = Repository(shop)
    for path in hidden.iterdir():
        path.rename(shop / path.name)
    os.chdir(shop)

    found = review(kpi, "main")

    assert {one["kind"] for one in found["changes"]} == {"added", "goal-added"}
    assert {one["subject"]["name"] for one in found["changes"]} >= {"net_sales", "grow", "shop_monthly"}
    assert values(found, "net_sales")["2025-12"] == (None, Decimal(31))
    assert repository.git("status", "--porcelain") != ""


# --- what cannot be read


def test_a_head_without_a_project_file_that_can_be_read_is_shown_what_is_wrong(
    repository: Repository, kpi: Kpi
) -> None:
    repository.change("version: 1", "version: [", Path("kpiascode.yaml"))

    result = kpi("diff", "main")

    assert (result.exit_code, result.stdout) == (1, "")
    assert "error[yaml-syntax]" in result.stderr
    assert result.stderr.endswith("Nothing was compared.\n")


def test_a_definition_of_the_head_that_cannot_be_read_is_told_and_the_others_are_compared(
    repository: Repository, kpi: Kpi
) -> None:
    repository.change("expression: count(*)", "expression: count(")
    repository.change(DESCRIPTION, "description: What they paid.\n")

    found = review(kpi, "main")
    told = {one["subject"]["name"]: one for one in found["changes"]}

    assert told["order_count"]["kind"] == told["basket"]["kind"] == "unreadable"
    assert (told["order_count"]["class"], told["order_count"]["proof"]) == ("unknown", "unknown")
    assert told["order_count"]["words"].startswith("It could not be read on the head")
    assert told["net_sales"]["kind"] == "description-changed"
    assert kpi("diff", "main", "--fail-on", "unknown", "--no-values").exit_code == 1


def test_a_definition_of_the_base_that_cannot_be_read_is_told_too(repository: Repository, kpi: Kpi) -> None:
    repository.change("expression: count(*)", "expression: count(")
    repository.commit()
    repository.change("expression: count(", "expression: count(*)")

    told = {one["subject"]["name"]: one for one in review(kpi, "main")["changes"]}

    assert told["order_count"]["words"].startswith("It could not be read on the base")
    assert set(told) == {"order_count", "basket"}


def test_a_file_that_is_no_yaml_hides_no_kpi(repository: Repository, kpi: Kpi) -> None:
    """Nothing is called removed that may stand in the file that cannot be read."""
    repository.change("kind: goal", "kind: [")

    found = review(kpi, "main")

    assert {one["kind"] for one in found["changes"]} == {"unreadable"}
    assert found["class"] == "unknown"


def test_what_is_broken_on_both_sides_alike_is_no_change(repository: Repository, kpi: Kpi) -> None:
    repository.change("expression: count(*)", "expression: count(")
    repository.commit()

    assert kpi("diff", "main", *NEW_YEAR).stdout == "No KPI changes.\n"


# --- numbers, and why there are none


def test_unasked_nothing_is_computed(narrowed: Repository, kpi: Kpi) -> None:
    found = review(kpi, "main", "--no-values")

    assert (found["values"], found["evaluated"], found["why_not_evaluated"]) == ([], None, "--no-values")
    assert kinds(found, "net_sales") == ["filter-narrowed"]
    assert kpi.answer("diff", "main", "--no-values", *NEW_YEAR).endswith(
        "values not evaluated: --no-values.\n"
    )
    assert "| not evaluated |" in kpi.answer("diff", "main", "--no-values", "--format", "markdown", *NEW_YEAR)


def test_both_are_computed_over_the_data_of_the_head(narrowed: Repository, kpi: Kpi) -> None:
    """Otherwise new rows would look like an effect of the definition."""
    file = narrowed.folder / "data" / "orders.csv"
    replace(file, "2025-12-31,3,,1.00", "2025-12-31,3,,5.00")

    assert values(review(kpi, "main"), "net_sales")["2025-12"] == (Decimal(35), Decimal(30))


def test_new_rows_alone_are_no_change(repository: Repository, kpi: Kpi) -> None:
    replace(repository.folder / "data" / "orders.csv", "2025-12-31,3,,1.00", "2025-12-31,3,,5.00")

    assert kpi.answer("diff", "main", *NEW_YEAR) == "No KPI changes.\n"


def test_the_data_of_a_revision_is_what_was_committed(narrowed: Repository, kpi: Kpi) -> None:
    narrowed.commit()
    replace(narrowed.folder / "data" / "orders.csv", "2025-12-31,3,,1.00", "2025-12-31,3,,5.00")

    assert values(review(kpi, "HEAD~1", "HEAD"), "net_sales") == SINCE_2025


def test_periods_are_over_as_of_a_day(narrowed: Repository, kpi: Kpi) -> None:
    found = json.loads(kpi.answer("diff", "main", "--format", "json", "--as-of", "2025-12-31"))

    [told] = [one for one in found["values"] if one["kpi"] == "net_sales"]
    assert told["periods"][-1]["period"] == "2025-11"
    assert found["as_of"].startswith("2025-12-31T00:00:00")


def test_a_day_that_is_none_is_refused(narrowed: Repository, kpi: Kpi) -> None:
    assert "yesterday" in refusal(kpi("diff", "main", "--as-of", "yesterday"))


def test_a_data_file_that_is_missing_is_why_there_is_no_number(narrowed: Repository, kpi: Kpi) -> None:
    (narrowed.folder / "data" / "orders.csv").unlink()

    found = review(kpi, "main")

    assert "data/orders.csv" in str(why_not(found, "net_sales"))
    assert "not evaluated: " in kpi.answer("diff", "main", *NEW_YEAR)


def test_a_kpi_that_cannot_be_computed_says_why_and_the_others_still_are(
    narrowed: Repository, kpi: Kpi
) -> None:
    more = narrowed.folder / "kpis" / "more.yaml"
    more.write_text(
        "kind: dataset\nname: visits\nsource: data/visits.csv\ntime: day\n---\n"
        "kind: kpi\nname: visits\ntitle: Visits\ndescription: Who came.\nowner: sales\napplies_to: [shop]\n"
        "dataset: visits\nexpression: count(*)\ngrain: month\nunit: count\ndirection: higher\n",
        encoding="utf-8",
    )

    found = review(kpi, "main")

    assert "data/visits.csv" in str(why_not(found, "visits"))
    assert values(found, "net_sales") == SINCE_2025


def test_another_grain_cannot_be_laid_side_by_side(repository: Repository, kpi: Kpi) -> None:
    repository.change("expression: count(*)\ngrain: day", "expression: count(*)\ngrain: month")

    found = review(kpi, "main")

    assert why_not(found, "order_count") == "the grain was day and is month"


# --- engines

ENGINE = "engines: {default: warehouse, warehouse: {dialect: duckdb}}\n"


@pytest.fixture
def warehouse(narrowed: Repository, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """Return the repository whose rows lie in a warehouse, of which the environment says where it is."""
    file = narrowed.folder / "kpiascode.yaml"
    file.write_text(file.read_text(encoding="utf-8") + ENGINE, encoding="utf-8")
    narrowed.change("source: data/orders.csv", "source: main.orders")
    narrowed.change("source: data/customers.csv", "source: main.customers")
    replace(narrowed.folder / DEFINITIONS, ONLINE, NET_SALES)
    narrowed.commit()
    narrowed.change(NET_SALES, ONLINE)
    with duckdb.connect(str(narrowed.folder.parent / "warehouse.duckdb")) as connection:
        for name in ("orders", "customers"):
            connection.execute(f"CREATE TABLE {name} AS SELECT * FROM '{narrowed.folder}/data/{name}.csv'")
    url = f"duckdb:///{narrowed.folder.parent}/warehouse.duckdb"
    monkeypatch.setenv("KPI_ENGINE_WAREHOUSE", url)
    return narrowed


def test_a_warehouse_is_not_asked_by_definitions_that_nobody_agreed_to(
    warehouse: Repository, kpi: Kpi
) -> None:
    found = review(kpi, "main")

    assert (found["values"], found["evaluated"]) == ([], None)
    assert found["why_not_evaluated"] == "the engine `warehouse` is asked only with --trust-head"
    assert kinds(found, "net_sales") == ["filter-narrowed"]


def test_a_warehouse_is_not_even_opened(
    warehouse: Repository, kpi: Kpi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPI_ENGINE_WAREHOUSE", "duckdb:////no/such/file.duckdb")

    assert kpi("diff", "main", *NEW_YEAR).exit_code == 0


def test_with_trust_it_is_asked_at_the_address_of_the_environment(warehouse: Repository, kpi: Kpi) -> None:
    found = review(kpi, "main", "--trust-head")

    assert values(found, "net_sales") == SINCE_2025
    assert found["evaluated"] == "the engine duckdb"


def test_with_trust_and_without_an_address_it_says_which_variable_is_missing(
    warehouse: Repository, kpi: Kpi
) -> None:
    warehouse.change("warehouse: {dialect: duckdb}", "warehouse: {dialect: postgres}", Path("kpiascode.yaml"))
    os.environ.pop("KPI_ENGINE_WAREHOUSE")

    result = kpi("diff", "main", "--trust-head", *NEW_YEAR)

    assert (result.exit_code, result.stdout) == (2, "")
    assert "KPI_ENGINE_WAREHOUSE" in result.stderr


def test_an_engine_that_is_named_needs_trust_too(narrowed: Repository, kpi: Kpi) -> None:
    told = refusal(kpi("diff", "main", "--engine", "duckdb:///warehouse.duckdb"))

    assert "--trust-head" in told


def test_a_head_that_drops_its_engine_reads_files_only(warehouse: Repository, kpi: Kpi) -> None:
    """Without a declared engine values come from files, so a head cannot send itself to the warehouse."""
    warehouse.change(ENGINE, "", Path("kpiascode.yaml"))

    found = review(kpi, "main")

    assert why_not(found, "net_sales") is not None
    assert found["evaluated"] is None


def test_a_head_cannot_name_another_folder_for_its_data(
    repository: Repository, kpi: Kpi, tmp_path: Path
) -> None:
    """What lies elsewhere on the machine is not the business of a stranger's pull request."""
    outside = tmp_path / "outside" / "orders.csv"
    outside.parent.mkdir()
    outside.write_text(
        "ordered_on,customer_id,channel,amount\n2025-12-05,1,online,987654\n", encoding="utf-8"
    )
    settings = repository.folder / "kpiascode.yaml"
    settings.write_text(
        f"{settings.read_text(encoding='utf-8')}data_roots: [{outside.parent}]\n", encoding="utf-8"
    )
    repository.change("source: data/orders.csv", f"source: {outside}")

    found = review(kpi, "main")

    assert "data-roots-changed" in kinds(found)
    assert "987654" not in json.dumps(found)
    assert "outside the project folder" in str(why_not(found, "net_sales"))
    assert values(review(kpi, "main", "--trust-head"), "net_sales")["2025-12"] == (31, 987654)


def test_what_an_engine_says_of_a_cell_is_not_repeated(repository: Repository, kpi: Kpi) -> None:
    repository.change("expression: count(*)", "expression: sum(cast(channel as integer))")

    found = review(kpi, "main")

    assert why_not(found, "order_count") is not None
    assert "online" not in str(why_not(found, "order_count"))


# --- what is refused


def test_a_revision_that_is_not_there_is_refused_with_what_to_do(repository: Repository, kpi: Kpi) -> None:
    assert refusal(kpi("diff", "nowhere")) == (
        "There is no revision `nowhere` here. `git branch --all` and `git tag` list what there is."
    )
    assert refusal(kpi("diff", "main", "nowhere")).startswith("There is no revision `nowhere` here.")


@pytest.mark.parametrize(
    "word", ["--output=x", "main:kpis", "a b", "main..HEAD", "a\x1b[31m", "HEAD^{/x}", ""]
)
def test_what_is_no_revision_never_reaches_git(repository: Repository, kpi: Kpi, word: str) -> None:
    told = refusal(kpi("diff", "--", word))

    assert "\x1b" not in told
    assert "revision" in told


def test_outside_a_repository_folders_are_offered(shop: Path, kpi: Kpi) -> None:
    assert refusal(kpi("diff", "main")) == (
        "The project lies in no git repository. Compare folders or archives instead of revisions."
    )


def test_without_git_folders_are_offered(
    narrowed: Repository, kpi: Kpi, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert refusal(kpi("diff", "main")) == (
        "There is no git to ask for a revision. Install git, or compare folders."
    )


def test_a_git_that_lies_with_the_definitions_is_not_run(
    narrowed: Repository, kpi: Kpi, monkeypatch: pytest.MonkeyPatch
) -> None:
    trap = narrowed.folder / "bin" / "git"
    trap.parent.mkdir()
    trap.write_text("#!/bin/sh\ntouch ran\n", encoding="utf-8")
    trap.chmod(0o755)
    monkeypatch.setenv("PATH", str(trap.parent))

    assert refusal(kpi("diff", "main")).startswith("There is no git")
    assert not (narrowed.folder / "ran").exists()


def test_a_shallow_clone_says_how_to_get_the_rest(
    parted: Repository, kpi: Kpi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = tmp_path / "clone"
    address = parted.folder.as_uri()
    parted.git(
        "clone", "--quiet", "--depth", "1", "--no-single-branch", "--branch", "branch", address, str(clone)
    )
    monkeypatch.chdir(clone)

    assert refusal(kpi("diff", "origin/main")) == (
        "This clone is shallow: the commit at which `origin/main` and `HEAD` parted may not be in it. "
        "Run `git fetch --unshallow`. With GitHub's actions/checkout set `fetch-depth: 0`, in GitLab `GIT_DEPTH: 0`."
    )
    assert kpi("diff", "origin/main", "--exact", "--no-values").exit_code == 0


# --- what it leaves alone


def everything(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path): (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else b"")
        for path in (folder, *folder.rglob("*"))
    }


@pytest.mark.parametrize("words", [("main",), ("main", "HEAD"), ("main", "--exact"), ("nowhere",)])
def test_nothing_of_the_repository_is_touched(
    narrowed: Repository, kpi: Kpi, temporary: Path, words: tuple[str, ...]
) -> None:
    before = everything(narrowed.folder)

    kpi("diff", *words, *NEW_YEAR)

    assert everything(narrowed.folder) == before
    assert list(temporary.iterdir()) == []


def test_a_failure_leaves_no_folder_behind_either(narrowed: Repository, kpi: Kpi, temporary: Path) -> None:
    narrowed.change("version: 1", "version: [", Path("kpiascode.yaml"))
    assert kpi("diff", "main").exit_code == 1
    assert list(temporary.iterdir()) == []


def test_what_crashes_leaves_no_folder_behind_either(
    narrowed: Repository, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kpiascode.cli import diff_command
    from kpiascode.cli.main import main

    def crash(*_: object, **__: object) -> None:
        assert len(list(temporary.iterdir())) == 1
        raise RuntimeError("broken")

    monkeypatch.setattr(diff_command.differing, "reviewed", crash)
    with pytest.raises((RuntimeError, SystemExit)):
        main(["diff", "main"], standalone_mode=False)

    assert list(temporary.iterdir()) == []


PROGRAM = """
import sys
from kpiascode.cli.main import main
try:
    main(["diff", "main", "--as-of", "2026-01-01"])
except SystemExit as done:
    assert not done.code
print(*sorted({"duckdb", "sqlglot"} & set(sys.modules)), file=sys.stderr)
"""


def imported(folder: Path) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stderr.split()


def test_where_nothing_was_changed_nothing_is_computed(repository: Repository) -> None:
    assert imported(repository.folder) == []


def test_where_something_was_changed_an_engine_computes(narrowed: Repository) -> None:
    assert "duckdb" in imported(narrowed.folder)
