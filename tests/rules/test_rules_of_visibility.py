"""The rule about who may see something and not what it is computed from."""

import pytest
from surroundings import case, findings, kpi, reported, together

from kpiascode.lint.rules import visible_beyond_its_parts

RULE = visible_beyond_its_parts.RULE
UNITS = """
kind: org_unit
name: shops
title: Shops
level: department
parent: acme
---
kind: org_unit
name: berlin
title: Berlin
level: team
parent: shops
---
kind: org_unit
name: staff
title: Staff
level: department
parent: acme
"""
PART = kpi("sum(pay)", name="pay", visibility="[shops]")
GOAL = "kind: goal\nname: {0}\nresults: [{1}]\n{2}"


def seen(expression: str, *more: str) -> list[str]:
    return reported(RULE, together(UNITS.strip(), PART, kpi(expression), *more))


def with_visibility(visibility: str) -> list[str]:
    return reported(RULE, together(UNITS.strip(), PART, kpi("orders / pay", visibility=visibility)))


@pytest.mark.parametrize(
    ("visibility", "found"),
    [
        pytest.param("[shops]", [], id="the same"),
        pytest.param("[berlin]", [], id="a unit beneath"),
        pytest.param("[berlin, shops]", [], id="both"),
        pytest.param("[acme]", ["pay"], id="the unit above"),
        pytest.param("[staff]", ["pay"], id="another unit"),
        pytest.param("[berlin, staff]", ["pay"], id="another unit as well"),
    ],
)
def test_who_may_see_the_whole_may_see_the_part(visibility: str, found: list[str]) -> None:
    assert with_visibility(visibility) == found


def test_without_visibility_everybody_may_see_it() -> None:
    assert seen("orders / pay") == ["pay"]
    assert seen("orders / net_sales") == []


def test_each_reference_is_found_where_it_stands() -> None:
    assert seen("previous(pay, 1 year) + pay / orders") == ["pay", "pay"]


def test_an_earlier_rule_counts_as_well() -> None:
    changed = "[{until: 2025-01-01, reason: Old., expression: orders / pay}]"

    found = reported(RULE, together(UNITS.strip(), PART, kpi("orders * 2", revisions=changed)))

    assert found == [changed]


@pytest.mark.parametrize(
    ("result", "found"),
    [
        pytest.param("{kpi: pay, target: 1, path: maintain}", ["pay"], id="measured"),
        pytest.param("{kpi: orders, measure: to_date, target: {kpi: pay}}", ["pay"], id="a target"),
        pytest.param(
            "{kpi: orders, targets: [{from: 2026-01-01, value: {kpi: pay}}]}", ["pay"], id="a dated target"
        ),
        pytest.param("{kpi: orders, measure: to_date, target: 1}", [], id="neither"),
    ],
)
def test_a_goal_with_a_result_that_is_hidden(result: str, found: list[str]) -> None:
    assert reported(RULE, together(UNITS.strip(), PART, GOAL.format("aim", result, ""))) == found
    hidden = GOAL.format("aim", result, "visibility: [shops]")
    assert reported(RULE, together(UNITS.strip(), PART, hidden)) == []


@pytest.mark.parametrize(
    "parent", ["aim", "{goal: aim, weight: 2}", "[aim]", "[other, {goal: aim, weight: 2}]"]
)
def test_a_goal_to_which_a_hidden_one_leads(parent: str) -> None:
    result = "{kpi: orders, measure: to_date, target: 1}"
    goals = [
        GOAL.format("aim", result, ""),
        GOAL.format("other", result, "visibility: [shops]"),
        GOAL.format("below", result, f"visibility: [shops]\nparent: {parent}"),
    ]

    assert reported(RULE, together(UNITS.strip(), *goals)) == ["aim"]


PLAN = """kind: improvement_plan
name: faster
subject: {subject}
success: {{kpi: {kpi}, at_least: 1, periods: 2}}
{more}"""
HIDDEN = GOAL.format(
    "cheap", "{kpi: orders, target: 1, path: maintain}, {kpi: pay, target: 1, path: maintain}", "visibility: [shops]"
)  # fmt: skip
THANKS = """kind: recognition_program
name: thanks
---
kind: recognition
name: well_done
program: thanks
{0}
---
kind: check_in
name: of_cheap
goal: cheap
as_of: 2026-02-01
confidence: 4
---
kind: check_in
name: of_pay
kpi: pay
as_of: 2026-02-01
---
kind: check_in
name: of_orders
kpi: orders
as_of: 2026-02-01
"""


@pytest.mark.parametrize(
    ("subject", "kpi", "more", "found"),
    [
        pytest.param("{kpi: orders}", "orders", "", [], id="nothing of it"),
        pytest.param("{org_unit: shops}", "orders", "", [], id="a unit"),
        pytest.param("{kpi: orders}", "pay", "", ["pay"], id="its test"),
        pytest.param("{kpi: pay}", "orders", "", ["pay"], id="a KPI that it is about"),
        pytest.param("{goal: cheap}", "orders", "", ["cheap"], id="a goal that it is about"),
        pytest.param(
            *("{kpi: orders}", "orders", "standard: {goal: cheap, kpi: orders}", ["cheap"]),
            id="the goal of its standard",
        ),
        pytest.param(
            *("{kpi: orders}", "orders", "standard: {goal: cheap, kpi: pay}", ["cheap", "pay"]),
            id="both of its standard",
        ),
    ],
)
def test_a_plan_that_names_what_is_hidden(subject: str, kpi: str, more: str, found: list[str]) -> None:
    def of(visibility: str) -> list[str]:
        plan = PLAN.format(subject=subject, kpi=kpi, more=f"{more}\n{visibility}".strip())
        return reported(RULE, together(UNITS.strip(), PART, HIDDEN, plan))

    assert of("") == found
    assert of("visibility: [staff]") == found
    assert of("visibility: [berlin]") == []


@pytest.mark.parametrize(
    ("named", "found"),
    [
        pytest.param("kpis: [orders]", [], id="a KPI that everybody sees"),
        pytest.param("kpis: [orders, pay]", ["pay"], id="a KPI"),
        pytest.param("goals: [cheap]", ["cheap"], id="a goal"),
        pytest.param(
            "check_ins: [of_cheap, of_orders, of_pay]", ["of_cheap", "of_pay"], id="check-ins on both"
        ),
    ],
)
def test_thanks_that_name_what_is_hidden(named: str, found: list[str]) -> None:
    def of(visibility: str) -> list[str]:
        thanks = THANKS.format(f"{named}\n{visibility}".strip())
        return reported(RULE, together(UNITS.strip(), PART, HIDDEN, thanks.strip()))

    assert of("") == found
    assert of("visibility: [acme]") == found
    assert of("visibility: [shops]") == []


def test_a_counter_kpi_or_a_scorecard_may_name_what_is_hidden() -> None:
    """They say nothing of its values; for those who may not see it, it is left out there."""
    card = "kind: scorecard\nname: company\nsections: [{title: All, kpis: [pay, asked]}]"

    counted = kpi("orders * 2", counter_kpis="[pay]")

    assert reported(RULE, together(UNITS.strip(), PART, counted, card)) == []


def test_what_is_said() -> None:
    made = case(together(UNITS.strip(), PART, kpi("orders / pay", visibility="[staff, berlin]")))
    [found] = findings(RULE, made)

    assert found.message == (
        "`asked`, which people of `berlin`, `staff` may see, counts on `pay`, which only people of `shops` may see."
    )


def test_what_is_said_of_a_name() -> None:
    plan = PLAN.format(subject="{goal: cheap}", kpi="orders", more="")
    [found] = findings(RULE, case(together(UNITS.strip(), PART, HIDDEN, plan)))

    assert found.message == (
        "`faster`, which everybody may see, names `cheap`, which only people of `shops` may see."
    )
    assert found.hint == "Give both the same `visibility`, or do not name it there."
