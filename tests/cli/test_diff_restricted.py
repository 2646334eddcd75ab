"""`kpi diff --restricted`: a target that an open plan for a person rests on cannot be moved, and nobody learns whose.

All of it is laid over the shop of the cases of changes: there `spring` wants less than 20 % of the orders
cancelled, and a plan for a person names that target.
"""

import json
import shutil
from pathlib import Path
from typing import Final

import pytest
from click.testing import Result
from command_line import Kpi, validator

SHOP: Final = Path(__file__).parents[1] / "changes" / "shop"
FORMATS: Final = ("text", "json", "markdown", "changelog")
AS_OF: Final = "2026-01-15"

PERSON: Final = """\
kind: person
name: p_104
title: Kim Secretly
org_unit: service
purpose: To help.
lawful_basis: contract
retention_until: 2127-01-01
"""
PLAN: Final = """\
kind: improvement_plan
name: canary_plan
title: Canary title
owner: care
subject: {person: p_104}
opened_on: 2025-12-03
ends_on: 2026-06-07
current: Canary current
required: Canary required
standard: {goal: spring, kpi: cancel_rate}
actions:
  - {what: Canary action, who: {person: p_104}, due: 2026-02-09}
support: Canary support
success: {kpi: visits, at_least: 17, periods: 3}
opened_with_employee: 2025-12-02
hr_reviewer: board
purpose: Canary purpose
lawful_basis: contract
retention_until: 2127-01-08
"""
SECRETS: Final = (
    *("canary", "p_104", "kim", "secretly", "person", "employee", "2025-12-0", "2026-06-07", "2026-02-09"),
    *("2127-01", "17", "plan", "contract"),
)
"""What nobody may learn, in small letters; that it is a plan is not told either."""

HELD: Final = "The target of `spring` for `cancel_rate` may not be changed now. Ask `board`."
TARGET: Final = ("goals.yaml", "target: 0.2,", "target: 0.3,")


class Shop:
    """The shop before and after, and the restricted folder beside it."""

    def __init__(self, folder: Path, kpi: Kpi) -> None:
        self.kpi = kpi
        self.before, self.after = folder / "before", folder / "after"
        for side in (self.before, self.after):
            shutil.copytree(SHOP, side)
        self.restricted = folder / "restricted"
        self.restricted.mkdir(mode=0o700)

    def write(self, name: str, text: str) -> None:
        (self.restricted / name).write_text(text, encoding="utf-8")

    def change(self, file: str, old: str, new: str, *, everywhere: bool = False) -> None:
        for side in (self.before, self.after) if everywhere else (self.after,):
            path = side / "kpis" / file
            text = path.read_text(encoding="utf-8")
            assert old in text, (old, text)
            path.write_text(text.replace(old, new), encoding="utf-8")

    def diff(self, *more: str, restricted: bool = True) -> Result:
        words = ["diff", str(self.before), str(self.after), "--as-of", AS_OF, "--no-values"]
        return self.kpi(*words, *(("--restricted", str(self.restricted)) if restricted else ()), *more)

    def held(self, *more: str) -> list[tuple[str | None, str, str | None]]:
        result = self.diff("--format", "json", *more)
        found = json.loads(result.stdout)
        validator("diff").validate(found)
        assert result.exit_code == (1 if found["held"] else 0)
        assert {one["code"] for one in found["held"]} <= {"target-held"}
        assert all(one["words"] in result.stderr for one in found["held"])
        return [(one["goal"], one["kpi"], one["ask"]) for one in found["held"]]


@pytest.fixture
def shop(tmp_path: Path, kpi: Kpi) -> Shop:
    made = Shop(tmp_path, kpi)
    made.write("kim-secretly.yaml", PERSON)
    made.write("plan-of-kim-secretly.yaml", PLAN)
    return made


# --- what is held


@pytest.mark.parametrize("form", FORMATS)
def test_a_target_that_is_promised_cannot_be_moved_and_nobody_learns_to_whom(form: str, shop: Shop) -> None:
    shop.change(*TARGET)

    result = shop.diff("--format", form)

    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1] == f"target-held: {HELD}"
    told = (result.stdout + result.stderr).lower()
    assert [secret for secret in SECRETS if secret in told] == []


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_a_review_says_it_before_the_changes(form: str, shop: Shop) -> None:
    shop.change(*TARGET)

    told = shop.diff("--format", form).stdout

    said = f"target-held: {HELD}" if form == "text" else f"- 🔴 **target-held**: {HELD}"
    assert said in told.splitlines()
    assert told.index("target-held") < told.index("target-relaxed" if form == "text" else "target relaxed")


@pytest.mark.parametrize("form", FORMATS)
def test_without_the_folder_nothing_is_known(form: str, shop: Shop) -> None:
    shop.change(*TARGET)

    result = shop.diff("--format", form, restricted=False)

    assert result.exit_code == 0
    assert "target-held" not in result.output


REVENUE: Final = "  - {kpi: revenue, baseline: 300, target: 400, path: maintain, weight: 2}\n"
CANCELLED: Final = "  - {kpi: cancel_rate, target: 0.2, tolerance: 0.02, path: maintain}\n"
SPRING: Final = "kind: goal\nname: spring"
RATE: Final = "expression: count(*) filter (where status = 'cancelled') / count(*)"


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        TARGET,
        ("goals.yaml", "target: 0.2,", "target: 0.1,"),
        ("goals.yaml", "target: 0.2,", "targets: [{from: 2026-04-01, value: 0.2}, {from: 2026-06-01, value: 0.3}],"),
        ("goals.yaml", "target: 0.2,", "target: {kpi: visits},"),
        ("goals.yaml", "tolerance: 0.02", "tolerance: 0.03"),
        ("goals.yaml", "0.02, path: maintain", "0.02, path: by_end"),
        ("goals.yaml", "tolerance: 0.02", "baseline: 0.3, tolerance: 0.02"),
        ("goals.yaml", "tolerance: 0.02", "measure: to_date, tolerance: 0.02"),
        ("goals.yaml", CANCELLED, ""),
        ("goals.yaml", CANCELLED, f"{CANCELLED}  - {{kpi: cancel_rate, measure: to_date, target: 0.1}}\n"),
        ("goals.yaml", SPRING, f"commitment: learning\n{SPRING}"),
        ("goals.yaml", "to: 2026-07-01", "to: 2026-08-01"),
        ("goals.yaml", "from: 2026-04-01", "from: 2026-03-01"),
        ("goals.yaml", SPRING, "kind: goal\nname: summer"),
        ("cancel_rate.yaml", "'cancelled'", "'paid'"),
        ("cancel_rate.yaml", RATE, f"{RATE}\nrevisions:\n  - {{until: 2026-02-01, where: status <> 'paid', reason: So.}}"),
        ("cancel_rate.yaml", "direction: lower", "direction: higher"),
        ("cancel_rate.yaml", "unit: percent", "unit: ratio"),
        ("cancel_rate.yaml", "grain: month", "grain: quarter"),
        ("cancel_rate.yaml", "name: cancel_rate", "name: cancelled_rate"),
        ("cancel_rate.yaml", RATE, "expression: nonsense("),
        ("datasets.yaml", "source: data/orders.csv", "source: data/others.csv"),
    ],
)  # fmt: skip
def test_what_changes_the_standard_is_held(file: str, old: str, new: str, shop: Shop) -> None:
    shop.change(file, old, new)

    assert shop.held() == [("spring", "cancel_rate", "board")]


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("goals.yaml", REVENUE, REVENUE.replace("target: 400", "target: 350")),
        ("goals.yaml", "path: maintain, weight: 2", "path: maintain, weight: 3"),
        ("goals.yaml", "target: 4000", "target: 3000"),
        ("goals.yaml", "title: A good spring", "title: A better spring"),
        ("goals.yaml", "target: 0.2,", "targets: [{from: 2026-04-01, value: 0.2, reason: As ever.}],"),
        ("cancel_rate.yaml", "'cancelled') / count(*)", "'cancelled')  /  count( * )"),
        ("cancel_rate.yaml", "owner: care", "owner: selling"),
        ("revenue.yaml", "<> 'cancelled'", "<> 'paid'"),
        ("people.yaml", "title: Care", "title: We care"),
    ],
)
def test_what_is_nothing_to_the_standard_is_not_held(file: str, old: str, new: str, shop: Shop) -> None:
    shop.change(file, old, new)

    assert shop.held() == []
    assert json.loads(shop.diff("--format", "json").stdout)["changes"]


def test_a_goal_a_kpi_and_a_whole_file_that_are_gone_count_as_changed(shop: Shop) -> None:
    (shop.after / "kpis" / "goals.yaml").unlink()

    assert shop.held() == [("spring", "cancel_rate", "board")]


def test_a_file_that_cannot_be_read_counts_as_changed(shop: Shop) -> None:
    shop.change("goals.yaml", "kind: goal\nname: spring", "kind: [goal\nname: spring")

    assert ("spring", "cancel_rate", "board") in shop.held()


def test_what_was_broken_and_is_mended_may_be_another_standard(shop: Shop) -> None:
    shop.change("cancel_rate.yaml", RATE, "expression: nonsense(", everywhere=True)
    assert shop.held() == []
    shop.change("cancel_rate.yaml", "expression: nonsense(", RATE)

    assert shop.held() == [("spring", "cancel_rate", "board")]


def test_a_target_by_another_kpi_is_held_with_that_kpi(shop: Shop) -> None:
    shop.change("goals.yaml", "target: 0.2,", "target: {kpi: orders},", everywhere=True)
    shop.change("orders.yaml", "<> 'cancelled'", "<> 'paid'")

    assert shop.held() == [("spring", "cancel_rate", "board")]


def test_what_the_test_of_success_measures_is_held(shop: Shop) -> None:
    shop.change("visits.yaml", "<> 'bot'", "<> 'phone'")

    result = shop.diff()

    assert shop.held() == [(None, "visits", "board")]
    assert "target-held: What `visits` measures may not be changed now. Ask `board`." in result.stdout


def test_a_kpi_of_a_target_that_is_held_is_told_once(shop: Shop) -> None:
    shop.write(
        "plan-of-kim-secretly.yaml", PLAN.replace("kpi: visits, at_least", "kpi: cancel_rate, at_least")
    )
    shop.change("cancel_rate.yaml", "direction: lower", "direction: higher")

    assert shop.held() == [("spring", "cancel_rate", "board")]


def test_of_a_persons_own_goal_only_the_kpi_is_told(shop: Shop) -> None:
    goal = (
        "kind: goal\nname: canary_goal\ntitle: Canary\norg_unit: service\nowner: care\nperson: p_104\n"
        "parent: spring\nperiod: {from: 2026-01-01, to: 2026-07-01}\n"
        "results:\n  - {kpi: orders, target: {kpi: visits}, slice: {channel: web}, path: maintain}\n"
        "purpose: To help.\nlawful_basis: contract\nretention_until: 2127-01-01\n"
    )
    shop.write("goal.yaml", goal)
    plan = PLAN.replace("{goal: spring, kpi: cancel_rate}", "{goal: canary_goal, kpi: orders}")
    shop.write("plan-of-kim-secretly.yaml", plan)
    shop.change("orders.yaml", "dimensions: [channel]", "dimensions: [{channel: status}]")

    result = shop.diff()

    assert shop.held() == [(None, "orders", "board")]
    assert "canary" not in result.output.lower()


# --- when, and how many


@pytest.mark.parametrize(
    ("plan", "as_of", "is_open"),
    [
        (PLAN, "2025-12-02", False),
        (PLAN, "2025-12-03", True),
        (PLAN, "2026-06-06", True),
        (PLAN, "2026-06-07", False),
        (f"{PLAN}outcome: {{result: stopped, day: 2026-01-15}}\n", "2026-01-15", False),
        (f"{PLAN}outcome: {{result: stopped, day: 2026-01-15}}\n", "2026-01-14", True),
    ],
)
def test_a_plan_holds_while_it_is_open(plan: str, as_of: str, is_open: bool, shop: Shop) -> None:
    shop.write("plan-of-kim-secretly.yaml", plan)
    shop.change(*TARGET)

    assert bool(shop.held("--as-of", as_of)) is is_open


@pytest.mark.parametrize("form", FORMATS)
def test_nobody_can_count_the_plans(form: str, shop: Shop) -> None:
    shop.change(*TARGET)
    shop.change("visits.yaml", "<> 'bot'", "<> 'phone'")
    one = shop.diff("--format", form)
    for number in range(3):
        other = PLAN.replace("canary_plan", f"canary_{number}").replace(
            "hr_reviewer: board", "hr_reviewer: care"
        )
        shop.write(f"{number}.yaml", other.replace("2026-06-07", "2026-09-07"))

    more = shop.diff("--format", form)

    assert (one.exit_code, one.stdout, one.stderr) == (more.exit_code, more.stdout, more.stderr)


@pytest.mark.parametrize("form", FORMATS)
def test_where_nothing_is_held_the_folder_changes_no_letter(form: str, shop: Shop) -> None:
    shop.change("revenue.yaml", "<> 'cancelled'", "<> 'paid'")

    one, other = (shop.diff("--format", form, restricted=restricted) for restricted in (True, False))

    assert (one.exit_code, one.stdout, one.stderr) == (other.exit_code, other.stdout, other.stderr)
    assert one.exit_code == 0


def test_the_gate_is_one_thing_and_this_is_another(shop: Shop) -> None:
    shop.change(*TARGET)

    assert shop.diff("--fail-on", "breaking").exit_code == 1
    shop.change("goals.yaml", "target: 0.3,", "target: 0.2,")
    shop.change("people.yaml", "title: Care", "title: We care")
    assert shop.diff("--fail-on", "breaking").exit_code == 0
    assert shop.diff("--fail-on", "metadata").exit_code == 1


def test_two_projects_that_are_the_same_hold_nothing(shop: Shop) -> None:
    result = shop.diff()

    assert (result.exit_code, result.stdout, result.stderr) == (0, "No KPI changes.\n", "")


# --- who would get around it


def test_no_definition_of_the_head_takes_the_place_of_a_plan(shop: Shop) -> None:
    """One of the same kind and name is another one, and nothing that the head says of itself opens the target."""
    shop.change(*TARGET)
    own = PLAN.replace("subject: {person: p_104}", "subject: {kpi: visits}").replace(
        "2026-06-07", "2025-12-09"
    )
    (shop.after / "kpis" / "own.yaml").write_text(own, encoding="utf-8")

    assert shop.held() == [("spring", "cancel_rate", "board")]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("kim-secretly-2.yaml", "kind: improvement_plan\nname: [\n"),
        ("kim-secretly-2.yaml", "kind: improvement_plan\nname: canary_2\n"),
        ("kim-secretly-2.yaml", PLAN),
        ("kim-secretly-2.yaml.age", "no age"),
    ],
)
def test_a_folder_that_cannot_be_read_as_a_whole_lets_nothing_through(
    name: str, text: str, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KPI_AGE_IDENTITY", raising=False)
    shop.write(name, text)
    shop.change(*TARGET)

    result = shop.diff()

    assert (result.exit_code, result.stdout) == (1, "")
    assert "Nothing was compared." in result.stderr
    told = result.stderr.lower()
    assert [secret for secret in SECRETS if secret in told] == []


def test_a_folder_that_others_can_look_into_is_refused(shop: Shop) -> None:
    shop.restricted.chmod(0o755)

    result = shop.diff()

    assert (result.exit_code, result.stdout) == (1, "")
    assert "chmod 700" in result.stderr


def test_a_folder_that_is_not_there_is_wrong_usage(shop: Shop) -> None:
    shutil.rmtree(shop.restricted)

    result = shop.diff()

    assert result.exit_code == 2
    assert "there is no folder" in result.stderr


def test_the_folder_beside_the_project_is_not_read_by_itself(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPI_RESTRICTED", str(shop.restricted))
    shutil.copytree(shop.restricted, shop.after / "restricted")
    shop.change(*TARGET)

    assert shop.diff(restricted=False).exit_code == 0
