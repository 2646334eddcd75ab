"""The fourth quarter of 2025 at Fernwood: goals, check-ins, plans, and the numbers behind them.

Every number is computed here once more from the CSV files, in plain Python.
"""

import csv
import itertools
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from kpiascode.cli.main import main
from kpiascode.model.assessment import Assessment, Attainment, PlanVerdict, Status
from kpiascode.pipeline import alone, judging, reading
from kpiascode.pipeline.connection import Connection

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
QUARTER = (date(2025, 10, 1), date(2026, 1, 1))
BERLIN, UTC = ZoneInfo("Europe/Berlin"), ZoneInfo("UTC")
CLOSE = Fraction(1, 10**9)


def rows(name: str) -> Iterator[dict[str, str]]:
    with (ROOT / "kpis" / "data" / f"{name}.csv").open(encoding="utf-8") as file:
        yield from csv.DictReader(file)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local(text: str) -> date:
    return moment(text).astimezone(BERLIN).date()


def is_in(day: date, span: tuple[date, date]) -> bool:
    return span[0] <= day < span[1]


def percentile(values: list[Fraction], share: Fraction) -> Fraction:
    """Return the continuous percentile: on the straight line between the two values around it."""
    ordered = sorted(values)
    at = share * (len(ordered) - 1)
    low = ordered[int(at)]
    high = ordered[min(int(at) + 1, len(ordered) - 1)]
    return low + (at - int(at)) * (high - low)


def reply_hours(span: tuple[date, date]) -> Fraction:
    """Return within how many hours nine of ten messages of a span got a reply."""
    hours = [
        Fraction((moment(row["first_reply_at"]) - moment(row["opened_at"])) // timedelta(seconds=1), 3600)
        for row in rows("contacts")
        if row["first_reply_at"] and is_in(local(row["opened_at"]), span)
    ]
    return percentile(hours, Fraction(9, 10))


def refund_rate_of_lamps(span: tuple[date, date]) -> Fraction:
    lamps = {row["product_id"] for row in rows("products") if row["category"] == "lighting"}
    orders = {row["order_id"]: row for row in rows("orders")}
    lines = {(row["order_id"], row["line"]): row for row in rows("order_lines")}
    sold = sum(
        Fraction(row["quantity"]) * Fraction(row["unit_price"]) * (1 - Fraction(row["discount"]))
        for row in lines.values()
        if row["product_id"] in lamps
        and orders[row["order_id"]]["status"] != "cancelled"
        and is_in(local(orders[row["order_id"]]["ordered_at"]), span)
    )
    back = sum(
        Fraction(row["refund"])
        for row in rows("returns")
        if lines[row["order_id"], row["line"]]["product_id"] in lamps
        and is_in(date.fromisoformat(row["returned_on"]), span)
    )
    return back / sold


def cost_of_friends(span: tuple[date, date]) -> Fraction:
    spent = sum(
        Fraction(row["amount"])
        for row in rows("marketing_spend")
        if row["channel"] == "referral" and is_in(date.fromisoformat(row["spent_on"]), span)
    )
    won = sum(
        row["segment"] == "consumer"
        and row["channel"] == "referral"
        and is_in(date.fromisoformat(row["acquired_on"]), span)
        for row in rows("customers")
    )
    return spent / won


def months(first: date, number: int) -> list[tuple[date, date]]:
    starts = [
        date(first.year + (first.month - 1 + n) // 12, (first.month - 1 + n) % 12 + 1, 1)
        for n in range(number + 1)
    ]
    return list(itertools.pairwise(starts))


@pytest.fixture(scope="module")
def judged() -> Assessment:
    checked = reading.check(ROOT)
    assert not checked.has_errors
    return judging.assessment(checked, datetime(2026, 1, 1), Connection(), None)


@pytest.mark.parametrize(
    ("goal", "expected", "baseline", "target"),
    [
        ("answers_before_christmas", reply_hours, "23.94", "20"),
        ("lamps_arrive_whole", refund_rate_of_lamps, "0.085", "0.05"),
        ("what_friends_bring", cost_of_friends, "17.3", "16"),
    ],
)
def test_what_a_goal_has_reached_is_what_the_files_say(
    judged: Assessment, goal: str, expected: object, baseline: str, target: str
) -> None:
    value = expected(QUARTER)  # type: ignore[operator]
    (result,) = judged.goals[goal].results
    way = (value - Fraction(baseline)) / (Fraction(target) - Fraction(baseline))

    assert result.value is not None
    assert result.progress is not None
    assert abs(Fraction(result.value) / value - 1) < CLOSE
    assert abs(Fraction(result.progress) - way) < CLOSE * 100


def test_one_goal_was_reached_one_was_missed_and_one_was_to_learn_from(judged: Assessment) -> None:
    answers, lamps, friends = (
        judged.goals[name]
        for name in ("answers_before_christmas", "lamps_arrive_whole", "what_friends_bring")
    )

    assert (answers.status, lamps.status) == (Status.MET, Status.MISSED)
    assert answers.grading is not None
    assert lamps.grading is not None
    assert friends.grading is not None
    # Progress beyond the target counts as 1, two thirds of the weight; the milestone is the last third.
    assert (str(answers.grading.grade), answers.grading.attainment) == ("1.0", Attainment.DELIVERED)
    # Further away than at the start counts as 0; of two milestones one was done: a third, rounded down.
    assert str(lamps.grading.grade) == "0.3"
    assert friends.grading.grade is None


def test_the_goal_of_the_year_holds_those_of_the_quarter(judged: Assessment) -> None:
    """`quick_answers` has one result and one goal beneath it, of weight 1 each."""
    year, quarter = judged.goals["quick_answers"], judged.goals["answers_before_christmas"]
    # Its own: December against 24 hours, from 29. Beneath it: two thirds by the result, a third by the milestone.
    december = (reply_hours(months(date(2025, 12, 1), 1)[0]) - 29) / (24 - 29)
    beneath = (2 * (reply_hours(QUARTER) - Fraction("23.94")) / (20 - Fraction("23.94")) + 1) / 3

    assert year.total_progress is not None
    assert quarter.total_progress is not None
    assert abs(Fraction(quarter.total_progress) - beneath) < CLOSE
    assert abs(Fraction(year.total_progress) - (december + beneath) / 2) < CLOSE


def test_the_plan_for_answers_has_worked_by_its_own_test(judged: Assessment) -> None:
    plan = judged.plans["answers_within_the_day"]
    expected = [reply_hours(span) for span in months(date(2025, 10, 1), 3)]

    assert all(value <= 20 for value in expected)
    assert [float(one.value or 0) for one in plan.tested] == pytest.approx([float(v) for v in expected])
    assert plan.verdict.value == "passed"


def test_the_site_shows_the_plan_at_its_kpi_and_thanks_among_what_happened(judged: Assessment) -> None:
    pages = {page.path: page.text for page in judging.pages(judged)}

    assert "An answer within the day, again" in pages["kpis/first_reply_hours.html"]
    assert "An answer within the day, again" in pages["units/customer_care.html"]
    assert "Out of the old warehouse" in pages["kpis/median_delivery_days.html"], "it ended in April"
    assert "They gave up their quiet Mondays" in pages["changes.html"]
    assert "@robin" in pages["changes.html"]


def test_thanks_to_a_person_are_on_the_site_only_while_they_agree(judged: Assessment) -> None:
    thanks = judged.project.performance.recognitions
    withdrawn = replace(thanks["lamp_letters"], withdrawn_on=date(2025, 12, 24))
    performance = replace(judged.project.performance, recognitions={**thanks, "lamp_letters": withdrawn})
    made = replace(judged, project=replace(judged.project, performance=performance))

    assert not [page.path for page in judging.pages(made) if "robin" in page.text]


# --- what is put on paper


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example company with a restricted folder beside it."""
    home = tmp_path_factory.mktemp("company")
    shutil.copy(ROOT / "kpiascode.yaml", home)
    shutil.copytree(ROOT / "kpis", home / "kpis")
    shutil.copytree(HERE / "quarter" / "restricted", home / "restricted")
    (home / "restricted").chmod(0o700)
    for file in (home / "restricted").iterdir():
        file.chmod(0o600)
    return home


@pytest.fixture(scope="module")
def pack(company: Path) -> Callable[..., dict[str, str]]:
    """`pack("close", "q4_2025")`: what the documents say, in Markdown, by the names of their files."""

    def run(*words: str) -> dict[str, str]:
        folder = company / "packs"
        before = {file: file.stat().st_mtime_ns for file in folder.glob("*.md")} if folder.exists() else {}
        result = CliRunner().invoke(main, ["pack", *words, "--project", str(company)])
        assert result.exit_code == 0, result.stderr
        made = [file for file in folder.glob("*.md") if file.stat().st_mtime_ns != before.get(file)]
        assert made
        for file in (*made, folder):
            assert file.stat().st_mode & 0o077 == 0, "for its owner alone"
        return {file.stem: file.read_text(encoding="utf-8").replace("\xa0", " ") for file in made}

    return run


def line_of(text: str, *parts: str) -> str:
    """Return the one line that holds all the parts."""
    (found,) = [line for line in text.splitlines() if all(part in line for part in parts)]
    return found


def test_a_review_pack_is_made_for_each_department_of_the_cycle(pack: Callable[..., dict[str, str]]) -> None:
    made = pack("review", "q4_2025")

    assert set(made) == {f"review-q4_2025-{unit}" for unit in ("buying", "customer_care", "marketing")}
    care = made["review-q4_2025-customer_care"]
    expected = f"{float(reply_hours(QUARTER)):.1f} hours"
    assert expected == "16.0 hours"
    assert expected in line_of(care, "Hours to the first reply", "Quick answers when it counts", "1 October")
    assert "Passed" in line_of(care, "An answer within the day, again")
    assert "The shift stays until the end of the year." in line_of(care, "1 November 2025", "7 of 10")
    assert "What are we proud of?" in care
    assert "Keeping promises, 40 of 100" in care
    assert "rating" not in care.lower().replace("operating", "")


def test_a_one_on_one_brief_tells_the_signal_that_came_since_they_last_met(
    pack: Callable[..., dict[str, str]],
) -> None:
    (after,) = pack("one-on-one", "online_and_care", "--as-of", "2025-11-03").values()
    (later,) = pack("one-on-one", "online_and_care", "--as-of", "2025-11-17").values()

    signals = after[after.index("## New signals") :]
    assert "Refund rate" in line_of(signals, "October 2025")
    assert "Quick answers when it counts" in signals[signals.index("## New check-ins") :]
    assert "Refund rate" not in later[later.index("## New signals") :], "they have talked about it"
    assert "Hand over the inbox" not in after, "a person's goal stands in a pair of persons only"


OTHER_PLANS = """
kind: improvement_plan
name: {name}
title: Other
owner: head_of_care
subject: {{org_unit: customer_care}}
opened_on: 2025-03-17
ends_on: 2026-02-01
current: Some.
required: More.
actions: [{{what: Ask, who: head_of_care, due: 2025-04-01}}]
success: {success}
"""
TESTS = {
    "of_a_slice": "{kpi: refund_rate, slice: {category: lighting}, at_most: 0.05, periods: 2}",
    "of_days": "{kpi: orders, slice: {channel: online}, at_least: 10, periods: 20}",
    "of_weeks": "{kpi: stock_out_rate, at_most: 0.03, periods: 4}",
    "of_cohorts": "{kpi: second_order_rate, at_least: 0.2, periods: 1}",
    "of_other_kpis": "{kpi: clv_to_cac, at_least: 3, periods: 3}",
    "of_changes": "{kpi: sales_growth, at_least: 0.05, periods: 3}",
}
EARLY = """
kind: improvement_plan
name: before_there_was_data
title: Before there was data
owner: head_of_care
subject: {org_unit: customer_care}
opened_on: 2022-08-01
ends_on: 2023-08-01
current: Some.
required: Less.
actions: [{what: Ask, who: head_of_care, due: 2022-09-01}]
success: {kpi: orders, at_least: 0, periods: 3}
"""


@pytest.mark.parametrize(
    "as_of",
    [
        pytest.param("2022-12-15", id="before the first row of all"),
        pytest.param("2023-01-03", id="two days after it"),
        "2025-03-17",
        "2025-11-15",
        "2026-01-01",
        pytest.param("2026-02-12", id="data is late"),
    ],
)
def test_a_plan_is_judged_alone_as_it_is_among_all_others(company: Path, tmp_path: Path, as_of: str) -> None:
    """`kpi pack plan` asks for one KPI, the site for all: the numbers are the same."""
    home = shutil.copytree(company, tmp_path / "company", ignore=shutil.ignore_patterns("restricted"))
    plans = (OTHER_PLANS.format(name=name, success=test) for name, test in TESTS.items())
    (home / "kpis" / "other_plans.yaml").write_text("---".join((*plans, EARLY)))
    checked, seen = reading.check(home), datetime.fromisoformat(as_of)
    assert not checked.has_errors, checked.diagnostics

    among_all = judging.assessment(checked, seen, Connection(), None).plans
    one_by_one = {
        name: alone.judged_plan(checked, plan, seen, Connection()).plans[name]
        for name, plan in checked.project.performance.plans.items()
    }

    assert set(TESTS) < set(one_by_one)
    assert one_by_one == among_all
    # Stock is counted last on 29 December and orders on 31 December: no week or day of late January is known.
    late = {"of_weeks", "of_days"} if seen > datetime(2026, 2, 1) else set()
    early = {"before_there_was_data"} if seen < datetime(2023, 1, 4) else set()
    assert {name: one_by_one[name].verdict for name in late | early} == dict.fromkeys(
        late | early, PlanVerdict.NO_DATA
    )
    assert early or one_by_one["before_there_was_data"].verdict is PlanVerdict.PASSED


MEETINGS = [
    pytest.param("2022-12-20", "2022-11-01", id="before the first row"),
    ("2025-10-21", "2025-10-06"),
    ("2026-01-01", "2025-12-01"),
    ("2026-02-12", "2025-06-30"),
    pytest.param("2026-05-04", "2026-02-12", id="data is late on both days"),
]


@pytest.mark.parametrize(("as_of", "since"), MEETINGS)
def test_goals_and_kpis_are_judged_alone_as_they_are_among_all_others(
    company: Path, as_of: str, since: str
) -> None:
    """`kpi pack one-on-one` asks for what two people look at, the site for all: the numbers are the same."""
    checked, seen, then = reading.check(company), datetime.fromisoformat(as_of), date.fromisoformat(since)
    goals, kpis = sorted(checked.project.goals), sorted(checked.project.kpis)

    among_all = judging.assessment(checked, seen, Connection(), None)
    before = judging.assessment(checked, datetime.fromisoformat(since), Connection(), None)
    together = alone.briefed(checked, goals, kpis, seen, then, Connection())
    one_by_one = [alone.briefed(checked, [name], [], seen, then, Connection()) for name in goals]

    assert together.goals == among_all.goals
    assert {name: goal for one in one_by_one for name, goal in one.goals.items()} == among_all.goals
    assert together.segments == {name: kpi.behaviour.segments for name, kpi in among_all.kpis.items()}
    assert together.segments_then == {name: kpi.behaviour.segments for name, kpi in before.kpis.items()}


def test_the_plan_that_succeeded_says_so_by_its_numbers(pack: Callable[..., dict[str, str]]) -> None:
    (text,) = pack("plan", "answers_within_the_day", "--as-of", "2026-01-01").values()

    for (start, _), span in zip(months(date(2025, 10, 1), 3), months(date(2025, 10, 1), 3), strict=True):
        assert f"{float(reply_hours(span)):.1f} hours" in line_of(text, f"- {start:%B} {start.year}:")
    assert "The numbers say the same." in text


def test_feedback_is_told_without_the_group_that_is_too_small(pack: Callable[..., dict[str, str]]) -> None:
    export = str(HERE / "quarter" / "feedback.csv")
    (text,) = pack("feedback", "care_autumn", "--responses", export, "--as-of", "2026-01-01").values()
    answers = list(csv.DictReader(export_lines()))
    by_group = Counter(row["group"] for row in answers)

    assert by_group == {"peers": 7, "partners": 6, "reports": 4}
    assert "| Peers | 7 |" in text
    for group in ("Partners", "Reports"):
        assert "Not shown" in line_of(text, f"| {group} | Not shown: fewer than 5, or")
    told = Counter(row["reliable"] for row in answers if row["group"] == "peers")
    assert f"4 often: {told['4']}" in line_of(
        text[text.index("I can rely") : text.index("They want")], "| Peers"
    )
    assert "Sommer" not in text, "a comment that names somebody is not told"
    assert "HYPERLINK" not in text


def export_lines() -> list[str]:
    return (HERE / "quarter" / "feedback.csv").read_text(encoding="utf-8").splitlines()


def test_thanks_name_whoever_agreed(pack: Callable[..., dict[str, str]]) -> None:
    (before,) = pack("recognition", "thanks", "--as-of", "2025-12-02").values()
    (after,) = pack("recognition", "thanks", "--as-of", "2026-01-01").values()

    assert "robin" not in before
    assert "robin" in after
    assert "They gave up their quiet Mondays" in after


def test_the_close_report_grades_goals_and_says_what_is_owed(pack: Callable[..., dict[str, str]]) -> None:
    (text,) = pack("close", "q4_2025").values()

    assert "1.0" in line_of(text, "Quick answers when it counts", "Committed")
    assert "0.3" in line_of(text, "Lamps arrive whole", "Committed")
    assert "No grade" in line_of(text, "What a reward for friends brings", "Learning")
    assert "6 → 3 → 0" in line_of(text, "| Lamps arrive whole |", "→")
    assert "A drop test now stands before every change of packaging." in line_of(
        text, "| Lamps arrive whole |", "Given"
    )
    assert "The new reward for friends" in line_of(text, "23 €")
