"""What must never be called nothing: behind dimensions, in closed periods, beside broken files."""

from dataclasses import replace
from datetime import datetime
from typing import Final

import pytest

from kpiascode import diff
from kpiascode.model.changes import (
    Broken,
    Change,
    ChangeClass,
    ChangeKind,
    Flag,
    Side,
    Standard,
    Subject,
    SubjectKind,
    TimeEffect,
)
from kpiascode.model.definitions import definitions
from kpiascode.model.project import Project
from projects import kpi, resolution, sound

AS_OF: Final = datetime(2026, 4, 2)
SHOP: Final = """
kind: dataset
name: customers
source: data/customers.csv
primary_key: [id]
---
kind: dataset
name: orders
source: data/orders.csv
time: day
relationships: {customer: {to: customers, keys: {customer_id: id}}}
"""
REVENUE: Final = kpi("revenue", "sum(amount)", dataset="orders", dimensions="[{segment: customer.segment}]")
SHARE: Final = kpi("per_head", "revenue / 10", dimensions="[segment]")
GOAL: Final = """
kind: goal
name: grow
title: Grow
org_unit: acme
owner: finance
period: {from: 2026-01-01, to: 2027-01-01}
results:
  - {kpi: revenue, slice: {segment: gold}, target: 50, tolerance: 5}
"""


def side(*texts: str, **more: object) -> Side:
    return replace(Side(project=project(*texts), label="side"), **more)  # type: ignore[arg-type]


def project(*texts: str) -> Project:
    return sound(resolution(*texts))


def changes(before: tuple[str, ...], after: tuple[str, ...]) -> tuple[Change, ...]:
    return diff.compare(side(*before), side(*after), AS_OF)


def told(before: tuple[str, ...], after: tuple[str, ...]) -> dict[str, ChangeKind]:
    return {f"{one.subject.name} {one.part}".strip(): one.kind for one in changes(before, after)}


def shop(*replacements: tuple[str, str]) -> tuple[str, ...]:
    """Return the shop with pieces of its text exchanged."""
    text = "\n---\n".join((SHOP.strip("\n"), REVENUE, SHARE, GOAL.strip("\n")))
    for old, new in replacements:
        assert old in text, old
        text = text.replace(old, new)
    return (text,)


# --- slices


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("keys: {customer_id: id}", "keys: {payer_id: id}", id="another partner"),
        pytest.param("data/customers.csv", "data/others.csv", id="another file of partners"),
        pytest.param("to: customers,", "to: customers, required: true,", id="a partner that must be there"),
    ],
)
def test_what_lies_behind_a_dimension_changes_slices_wherever_they_are_used(old: str, new: str) -> None:
    found = changes(shop(), shop((old, new)))

    slices = [one for one in found if one.kind is ChangeKind.DIMENSION_CHANGED]
    assert {one.subject.name for one in slices} == {"revenue", "per_head"}
    for one in slices:
        assert one.effect is TimeEffect.RESTATES
        assert one.weight is ChangeClass.VALUE
        assert one.reach.goals == (("grow",) if one.subject.name == "revenue" else ())
        assert [approver.owner for approver in one.approvers] == ["finance"]
    dataset = next(one for one in found if one.subject.kind is SubjectKind.DATASET)
    assert dataset.weight is ChangeClass.VALUE
    assert dataset.approvers


def test_a_dataset_that_no_value_and_no_slice_rests_on_is_a_detail() -> None:
    extra = ("\n---\nkind: dataset\nname: lonely\nsource: data/lonely.csv\n",)

    [change] = changes((*shop(), *extra), (*shop(), extra[0].replace("lonely.csv", "other.csv")))

    assert (change.kind, change.effect) == (ChangeKind.DETAILS, TimeEffect.NONE)
    assert change.words.endswith("No KPI's values rest on it.")


def test_the_null_slice_is_no_slice_of_a_text() -> None:
    before = shop(("slice: {segment: gold}", "slice: {segment: null}"))
    after = shop(("slice: {segment: gold}", "slice: {segment: 'null'}"))

    assert set(told(before, after).values()) == {ChangeKind.RESULT_ADDED, ChangeKind.RESULT_REMOVED}


# --- time


def weekly(until: str) -> str:
    revision = f"[{{until: {until}, reason: It was so, expression: sum(amount)}}]"
    return kpi("weekly", "sum(amount * 2)", dataset="orders", grain="week", revisions=revision)


@pytest.mark.parametrize(
    ("until", "effect"),
    [
        pytest.param("2026-04-06", TimeEffect.FROM_DATE, id="from next week on"),
        pytest.param("2026-04-01", TimeEffect.FROM_DATE, id="from this month on"),
        pytest.param(
            "2026-03-30", TimeEffect.RETRO_DATED, id="from this week on, of which a part is in March"
        ),
        pytest.param("2026-03-01", TimeEffect.RETRO_DATED, id="from March on"),
    ],
)
def test_a_rule_that_touches_a_closed_period_of_a_coarser_grain_is_retro_dated(
    until: str, effect: TimeEffect
) -> None:
    """On 2 April the week runs, and March, by which scorecards read a weekly KPI, is over."""
    before = kpi("weekly", "sum(amount)", dataset="orders", grain="week")

    found = changes((SHOP, before), (SHOP, weekly(until)))

    assert {one.effect for one in found if one.kind is ChangeKind.CONSTANT or one.part == "expression"} == {
        effect
    }


def test_the_fingerprint_of_a_change_holds_from_when_on() -> None:
    before = (SHOP, kpi("weekly", "sum(amount)", dataset="orders", grain="week"))
    found = {
        one.fingerprint
        for until in ("2027-01-04", "2026-03-02")
        for one in changes(before, (SHOP, weekly(until)))
        if one.part == "expression"
    }

    assert len(found) == 2


def test_a_goal_that_begins_earlier_is_running() -> None:
    before = shop(("from: 2026-01-01", "from: 2026-07-01"))

    [change] = [one for one in changes(before, shop()) if one.kind is ChangeKind.DEADLINE]

    assert (change.effect, change.flags) == (TimeEffect.RETRO_DATED, (Flag.RUNNING_PERIOD,))


# --- what cannot be read


BROKEN: Final = {Subject(SubjectKind.PROJECT, "junk.yaml"): Broken("It is no YAML.", "a hash")}


def test_what_is_gone_beside_a_file_that_was_broken_before_is_told() -> None:
    """The pipeline calls both sides whole then: see `_sides`."""
    base, head = (side(*texts, unreadable=BROKEN) for texts in (shop(), (SHOP, REVENUE, SHARE)))

    found = diff.compare(base, head, AS_OF)

    assert [one.kind for one in found] == [ChangeKind.GOAL_REMOVED]


def test_of_what_may_stand_in_a_broken_file_nothing_is_told_but_that() -> None:
    head = side(SHOP, REVENUE, SHARE, unreadable=BROKEN, is_whole=False)

    found = diff.compare(side(*shop()), head, AS_OF)

    assert [one.kind for one in found] == [ChangeKind.UNREADABLE]
    assert found[0].weight is ChangeClass.UNKNOWN


# --- names


def test_a_kpi_that_is_renamed_and_changed_is_told_as_both() -> None:
    after = shop(("name: revenue", "name: turnover"), ("kpi: revenue", "kpi: turnover"), ("expression: revenue /", "expression: turnover /"), ("sum(amount)", "sum(amount) * 2"))  # fmt: skip

    found = told(shop(), after)

    assert found["turnover name"] is ChangeKind.KPI_RENAMED
    assert found["turnover expression"] is ChangeKind.FORMULA
    assert ChangeKind.KPI_REMOVED not in found.values()
    assert ChangeKind.RESULT_REMOVED not in found.values()


def test_two_kpis_that_exchange_their_names_are_other_kpis() -> None:
    one, other = kpi("a", "sum(amount)", dataset="orders"), kpi("b", "count(*)", dataset="orders")
    swapped = kpi("b", "sum(amount)", dataset="orders"), kpi("a", "count(*)", dataset="orders")

    found = changes((SHOP, one, other), (SHOP, *swapped))

    assert {(one.subject.name, one.weight) for one in found if one.part == "expression"} == {
        ("a", ChangeClass.VALUE),
        ("b", ChangeClass.VALUE),
    }


# --- orders without a meaning


@pytest.mark.parametrize(
    "keys",
    [
        pytest.param(("applies_to", "[acme, shop]", "[shop, acme]"), id="units"),
        pytest.param(("counter_kpis", "[revenue, per_head]", "[per_head, revenue]"), id="counter KPIs"),
    ],
)
def test_the_order_of_a_set_is_no_change(keys: tuple[str, str, str]) -> None:
    name, one, other = keys
    unit = "kind: org_unit\nname: shop\ntitle: Shop\nlevel: team\nparent: acme"
    before, after = (kpi("x", "count(*)", dataset="orders", **{name: text}) for text in (one, other))

    assert changes((*shop(), unit, before), (*shop(), unit, after)) == ()


# --- what people do about KPIs

PLAN: Final = """
kind: improvement_plan
name: grow
title: Grow faster
owner: finance
subject: {kpi: revenue}
opened_on: 2026-02-01
ends_on: 2026-08-01
current: Little.
required: Much.
standard: {goal: grow, kpi: revenue}
actions: [{what: Sell, who: finance, due: 2026-05-01}]
success: {kpi: per_head, at_least: 5, periods: 2}
"""
HIDDEN: Final = ("dimensions: [{segment: customer.segment}]", "visibility: [acme]")


def test_who_may_see_a_kpi_is_no_part_of_its_definition() -> None:
    before, after = shop(), shop((HIDDEN[0], "\n".join(HIDDEN)))

    [found] = changes(before, after)

    assert (found.kind, found.effect, found.part) == (ChangeKind.AUDIENCE, TimeEffect.NONE, "visibility")
    assert definitions(project(*before)) == definitions(project(*after))


def flagged(*replacements: tuple[str, str], target: str = "50") -> set[str]:
    """Return what is flagged of a change of the shop, on a target of which a plan rests."""
    before = shop(("target: 50", f"target: {target}"))
    text = before[0]
    for old, new in replacements:
        assert old in text, old
        text = text.replace(old, new)
    plan = f"\n---\n{PLAN}"
    found = changes((f"{before[0]}{plan}",), (f"{text}{plan}",))
    return {f"{one.subject.name} {one.part}".strip() for one in found if Flag.STANDARD in one.flags}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param("target: 50", "target: 60", {"grow results.revenue[segment=gold].target"}, id="the target"),
        pytest.param("to: 2027-01-01", "to: 2027-02-01", {"grow end"}, id="the end of its goal"),
        pytest.param("sum(amount)", "sum(2 * amount)", {"revenue expression", "per_head"}, id="the KPI"),
        pytest.param("revenue / 10", "revenue / 20", {"per_head expression"}, id="the KPI of its test"),
        pytest.param("title: Grow", "title: Shrink", set(), id="words"),
        pytest.param("keys: {customer_id", "keys: {payer_id", {"dimensions.segment"}, id="slices"),
    ],
)  # fmt: skip
def test_what_a_plan_rests_on_is_flagged(old: str, new: str, expected: set[str]) -> None:
    found = flagged((old, new))

    assert {one for one in expected if any(one in name for name in found)} == expected
    assert bool(found) is bool(expected)


def test_a_kpi_that_is_the_target_is_flagged() -> None:
    text = kpi("wished", "sum(amount) * 2", dataset="orders", dimensions="[{segment: customer.segment}]")
    before = (*shop(("target: 50", "target: {kpi: wished}")), text, PLAN)
    after = (*before[:1], text.replace("* 2", "* 3"), PLAN)

    found = {one.subject.name: one.flags for one in changes(before, after)}

    assert Flag.STANDARD in found["wished"]


def test_a_plan_that_is_over_flags_nothing() -> None:
    plan = PLAN.replace("ends_on: 2026-08-01", "ends_on: 2026-04-02")

    found = changes((*shop(), plan), (*shop(("target: 50", "target: 60")), plan))

    assert [Flag.STANDARD in one.flags for one in found] == [False]


def test_a_plan_is_not_the_goal_of_the_same_name() -> None:
    """Who wants the goal above that goal has nothing to say of the plan."""
    board = "kind: owner\nname: board\ntitle: Board\norg_unit: acme\ncontact: board@example.com\n"
    above = GOAL.replace("name: grow", "name: above").replace("owner: finance", "owner: board")
    text = shop(("name: grow", "name: grow\nparent: above"))

    found = changes(
        (*text, board, above, PLAN), (*text, board, above, PLAN.replace("at_least: 5", "at_least: 6"))
    )

    assert [(one.subject.kind, [a.owner for a in one.approvers]) for one in found] == [
        (SubjectKind.PLAN, ["finance"])
    ]


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("Sales are slow.", "Sales  are\n slow.", True),
        ("Sales are slow.", "Sales are slow", False),
        ("Sales are slow.", "Sales are Slow.", False),
        ("Sales are slow.", "Salesare slow.", False),
    ],
)
def test_only_blanks_are_no_other_words(one: str, other: str, is_same: bool) -> None:
    text = "kind: check_in\nname: first\nkpi: revenue\nas_of: 2026-03-01\nby: finance\nnote: {}\n"

    [found] = changes((*shop(), text.format(quoted(one))), (*shop(), text.format(quoted(other))))

    assert found.kind is (ChangeKind.REFORMATTED if is_same else ChangeKind.CHECK_IN_REWRITTEN)


def quoted(text: str) -> str:
    return '"' + text.replace("\n", "\\n") + '"'


def test_a_check_in_guards_nothing_that_is_changed_with_it() -> None:
    text = "kind: check_in\nname: first\nkpi: revenue\nas_of: 2026-03-01\nby: finance\nnote: {}\n"

    found = changes((*shop(), text.format("So.")), (*shop(("target: 50", "target: 60")), text.format("No.")))

    assert {one.kind: one.flags for one in found}[ChangeKind.CHECK_IN_REWRITTEN] == ()


def test_what_a_broken_base_may_have_hidden_is_moved() -> None:
    """Of a file that could not be read nobody knows what it declared."""
    given = (Standard(goal="grow", kpi="revenue"), Standard(goal=None, kpi="revenue"))
    whole, holes = side(*shop()), replace(side(SHOP), is_whole=False, unreadable=BROKEN)

    assert diff.moved(whole, whole, AS_OF, given) == ()
    assert diff.moved(holes, whole, AS_OF, given) == given[:1]
    assert diff.moved(side(SHOP), whole, AS_OF, given) == ()
    assert diff.moved(whole, holes, AS_OF, given) == given[:1]
