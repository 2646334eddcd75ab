"""Rules about goals: what can be reached, and how it is measured."""

import pytest
from surroundings import case, findings, goal, kpi, reported, together

from kpiascode.lint.rules import (
    check_in_after_goal,
    goal_outside_parent,
    goal_without_measure,
    inverted_bounds,
    latest_of_additive,
    orphan_goal,
    repeated_check_in,
    reward_without_counter_kpi,
    target_outside_bounds,
)

RATE = kpi("sum(a) / sum(b)", "percent", "rate", bounds="{min: -1, max: 1}")
COUNTED = kpi("count(*)", "count", "lines", bounds="{min: 0, max: 500}", grain="day")
HELD = kpi("sum(a) / sum(b)", "ratio", "held", bounds="{min: 0.5, max: 2}")


def band(text: str) -> str:
    return f"{text}\ndirection: band"


# --- target-outside-bounds


@pytest.mark.parametrize(
    ("result", "underlined"),
    [
        pytest.param("{kpi: rate, target: 44}", ["44"], id="a percent that is no fraction"),
        pytest.param("{kpi: rate, target: 1.01}", ["1.01"], id="just above"),
        pytest.param("{kpi: rate, target: 1}", [], id="a bound itself can be true"),
        pytest.param("{kpi: rate, baseline: -1.5, target: 0.5}", ["-1.5"], id="a baseline below"),
        pytest.param(
            "{kpi: rate, baseline: 2, target: 3, measure: to_date}",
            ["2", "3"],
            id="both; a rate has its bounds over any time",
        ),
        pytest.param(
            "{kpi: rate, targets: [{from: 2026-01-01, value: 0.5}, {from: 2026-07-01, value: 5, reason: x}]}",
            ["5"],
            id="a dated one",
        ),
        pytest.param("{kpi: rate, targets: [{period: 2026-01, value: -7}]}", ["-7"], id="one for a period"),
        pytest.param("{kpi: rate, target: {kpi: orders}}", [], id="a KPI as target"),
        pytest.param("{kpi: lines, target: 600, path: maintain}", ["600"], id="a count, for each day"),
        pytest.param(
            "{kpi: lines, target: 90000, measure: to_date}", [], id="a count adds up to more over the year"
        ),
        pytest.param("{kpi: orders, target: -5, path: maintain}", [], id="no bounds"),
    ],
)
def test_a_number_that_the_kpi_cannot_have(result: str, underlined: list[str]) -> None:
    assert reported(target_outside_bounds.RULE, together(RATE, COUNTED, goal(result))) == underlined


@pytest.mark.parametrize(
    ("target", "underlined"),
    [
        ("{min: 0.5, max: 2}", []),
        ("{min: 0.4, max: 1}", ["0.4"]),
        ("{min: 0, max: 3}", ["0", "3"]),
    ],
)
def test_the_ends_of_a_band_lie_within_the_bounds(target: str, underlined: list[str]) -> None:
    definitions = together(band(HELD), goal(f"{{kpi: held, path: maintain, target: {target}}}"))

    assert reported(target_outside_bounds.RULE, definitions) == underlined


@pytest.mark.parametrize(
    ("bounds", "number", "message", "hint"),
    [
        (
            "{max: 1}",
            "44",
            "The target 44 lies above the greatest value, 1, of `rate`, so it can never be true.",
            "A percent is written as a fraction: 44 % is 0.44.",
        ),
        (
            "{min: 0.2}",
            "0.1",
            "The target 0.1 lies below the least value, 0.2, of `rate`, so it can never be true.",
            "Correct the number, or the `bounds` of the KPI.",
        ),
    ],
)
def test_the_message_says_which_bound(bounds: str, number: str, message: str, hint: str) -> None:
    definitions = together(
        kpi("sum(a) / sum(b)", "percent", "rate", bounds=bounds), goal(f"{{kpi: rate, target: {number}}}")
    )

    [finding] = findings(target_outside_bounds.RULE, case(definitions))

    assert (finding.message, finding.hint) == (message, hint)
    assert finding.note == "The bounds are declared at kpis.yaml:6:9."


# --- inverted-bounds


@pytest.mark.parametrize(
    ("bounds", "underlined"),
    [
        ("{min: 1, max: 0}", ["1"]),
        ("{min: 1, max: 1}", []),
        ("{min: 0}", []),
        ("{max: -5}", []),
        ("{min: -1, max: 1}", []),
    ],
)
def test_bounds_between_which_nothing_lies(bounds: str, underlined: list[str]) -> None:
    assert reported(inverted_bounds.RULE, kpi("sum(a)", bounds=bounds)) == underlined


def test_of_inverted_bounds_the_targets_are_not_told() -> None:
    definitions = together(
        kpi("sum(a) / sum(b)", name="rate", bounds="{min: 1, max: 0}"), goal("{kpi: rate, target: 5}")
    )

    assert reported(target_outside_bounds.RULE, definitions) == []


# --- latest-of-additive


@pytest.mark.parametrize(
    ("expression", "additive"),
    [
        pytest.param("sum(net_amount)", True, id="sum"),
        pytest.param("count(*)", True, id="count"),
        pytest.param("count(order_id) filter (where status = 'paid')", True, id="with a filter"),
        pytest.param("sum(a) - sum(b)", True, id="difference of sums"),
        pytest.param("-(sum(a) / 1000)", True, id="in thousands"),
        pytest.param("0.5 * sum(a)", True, id="half"),
        pytest.param("net_sales - coalesce(sales_tax, 0)", True, id="other KPIs that add up"),
        pytest.param("count(distinct order_id)", False, id="distinct counts do not add up"),
        pytest.param("avg(quantity)", False, id="a mean"),
        pytest.param("sum(a) / sum(b)", False, id="a quotient"),
        pytest.param("sum(a) + 5", False, id="a constant counts once a period"),
        pytest.param("coalesce(sum(a), 5)", False, id="so does a stand-in"),
        pytest.param("1000 / sum(a)", False, id="an inverse"),
        pytest.param("rolling(sum(a), 28 days)", False, id="windows overlap"),
        pytest.param("to_date(sum(a), year)", False, id="a running total is the total already"),
        pytest.param("cumulative(sum(a))", False, id="the same"),
        pytest.param("sum(max(a) per order_id)", False, id="per entity"),
        pytest.param("sum(a) + return_rate", False, id="a sum and a rate"),
        pytest.param("days()", False, id="days"),
    ],
)
def test_what_adds_up_over_time(expression: str, additive: bool) -> None:
    definitions = together(kpi(expression), goal("{kpi: asked, target: 5}"))

    assert reported(latest_of_additive.RULE, definitions) == (["asked"] if additive else [])


@pytest.mark.parametrize(
    ("result", "underlined"),
    [
        pytest.param("{kpi: net_sales, target: 5}", ["net_sales"], id="latest by default, linear by default"),
        pytest.param("{kpi: net_sales, target: 5, measure: latest}", ["latest"], id="latest as written"),
        pytest.param("{kpi: net_sales, target: 5, path: by_end}", ["net_sales"], id="by the end"),
        pytest.param("{kpi: net_sales, target: {kpi: sales_tax}}", ["net_sales"], id="another KPI as target"),
        pytest.param("{kpi: net_sales, target: 5, measure: to_date}", [], id="to date"),
        pytest.param("{kpi: net_sales, target: 5, path: maintain}", [], id="each month"),
        pytest.param(
            "{kpi: net_sales, path: steps, targets: [{from: 2026-01-01, value: 5}]}",
            [],
            id="each month, by steps",
        ),
        pytest.param(
            "{kpi: net_sales, targets: [{period: 2026-01, value: 5}, {period: 2026-02, value: 6}]}",
            [],
            id="a target for each month",
        ),
        pytest.param(
            "{kpi: net_sales, targets: [{period: 2026-01, value: 5}, {from: 2026-02-01, value: 6}]}",
            ["net_sales"],
            id="one for a month and one for the rest",
        ),
    ],
)
def test_how_the_result_is_measured(result: str, underlined: list[str]) -> None:
    assert reported(latest_of_additive.RULE, goal(result)) == underlined


def test_a_band_is_to_be_held_in_each_period() -> None:
    definitions = together(band(kpi("sum(a)")), goal("{kpi: asked, target: {min: 1, max: 2}}"))

    assert reported(latest_of_additive.RULE, definitions) == []


@pytest.mark.parametrize(
    ("grain", "period", "longer"),
    [
        ("month", "{from: 2026-01-01, to: 2026-02-01}", False),
        ("month", "{from: 2026-01-15, to: 2026-02-15}", False),
        ("month", "{from: 2026-02-01, to: 2026-04-01}", True),
        ("day", "{from: 2026-01-01, to: 2026-01-02}", False),
        ("day", "{from: 2026-01-01, to: 2026-01-03}", True),
        ("week", "{from: 2026-01-05, to: 2026-01-12}", False),
        ("week", "{from: 2026-01-05, to: 2026-01-19}", True),
        ("quarter", "{from: 2026-07-01, to: 2026-10-01}", False),
        ("quarter", "{from: 2026-01-01, to: 2027-01-01}", True),
        ("year", "{from: 2027-07-01, to: 2028-07-01}", False),
        ("year", "{from: 2026-01-01, to: 2028-01-01}", True),
        ("fiscal_month", "{from: 2026-02-01, to: 2026-03-01}", False),
        ("fiscal_quarter", "{from: 2026-02-01, to: 2027-02-01}", True),
        ("fiscal_year", "{from: 2026-02-01, to: 2027-02-01}", False),
        ("day", "{from: 0001-01-01, to: 9999-12-31}", True),
    ],
)
def test_one_period_of_the_grain_is_not_longer(grain: str, period: str, longer: bool) -> None:
    definitions = together(kpi("sum(a)", grain=grain), goal("{kpi: asked, target: 5}", period=period))

    assert reported(latest_of_additive.RULE, definitions) == (["asked"] if longer else [])


def test_the_message_names_the_period() -> None:
    definitions = together(kpi("sum(a)", grain="fiscal_month"), goal("{kpi: asked, target: 5}"))

    [finding] = findings(latest_of_additive.RULE, case(definitions))

    assert (
        finding.message
        == "`asked` adds up over time, and `latest` judges the goal by its last fiscal month alone."
    )


# --- goal-without-measure, orphan-goal, goal-outside-parent, repeated-check-in, check-in-after-goal

CARE = "kind: org_unit\nname: care\ntitle: Care\nlevel: department\nparent: acme"
STONES = "[{title: The shop opens, due: 2026-05-01}]"


def words(name: str, **keys: str) -> str:
    """Return a goal without results, as YAML."""
    return "\n".join(
        ["kind: goal", f"name: {name}", "results: []", *(f"{key}: {value}" for key, value in keys.items())]
    )


@pytest.mark.parametrize(
    ("goals", "found"),
    [
        pytest.param([words("aim")], 1, id="of words"),
        pytest.param([words("aim", milestones=STONES)], 0, id="with a milestone"),
        pytest.param([words("top"), words("aim", parent="top")], 2, id="words all the way down"),
        pytest.param(
            [words("top"), words("middle", parent="top"), words("low", parent="middle", milestones=STONES)],
            0,
            id="measured two levels down",
        ),
        pytest.param([words("low", parent="top"), words("top", milestones=STONES)], 1, id="not beneath it"),
    ],
)
def test_a_goal_of_which_nothing_is_measured(goals: list[str], found: int) -> None:
    assert reported(goal_without_measure.RULE, together(*goals)) == ["results"] * found


def test_while_a_goal_is_broken_nobody_knows_what_is_measured() -> None:
    broken = "kind: goal\nname: low\nparent: aim\nresults:\n  - {kpi: no_such_kpi, target: 1}"

    assert findings(goal_without_measure.RULE, case(together(words("aim"), broken), sound=False)) == []


@pytest.mark.parametrize(
    ("keys", "underlined"),
    [
        pytest.param({"org_unit": "care"}, ["care"], id="of a department"),
        pytest.param({"org_unit": "care", "parent": "top"}, [], id="of a department, that leads up"),
        pytest.param({"org_unit": "acme"}, [], id="of the organisation"),
    ],
)
def test_a_goal_that_leads_nowhere(keys: dict[str, str], underlined: list[str]) -> None:
    assert reported(orphan_goal.RULE, together(CARE, words("aim", **keys), words("top"))) == underlined


@pytest.mark.parametrize(
    ("period", "told"),
    [
        pytest.param("{from: 2025-01-01, to: 2026-01-01}", "before", id="ends on its first day"),
        pytest.param("{from: 2025-01-01, to: 2026-01-02}", None, id="one day in common"),
        pytest.param("{from: 2026-12-31, to: 2029-01-01}", None, id="begins on its last day"),
        pytest.param("{from: 2027-01-01, to: 2028-01-01}", "after", id="begins when it is over"),
    ],
)
@pytest.mark.parametrize("parent", ["top", "[top]", "{goal: top, weight: 2}", "[{goal: top}]"])
def test_a_goal_beside_its_parent(parent: str, period: str, told: str | None) -> None:
    made = case(together(words("top"), words("aim", parent=parent, period=period)))

    found = findings(goal_outside_parent.RULE, made)

    assert [made.under(one) for one in found] == (["top"] if told else [])
    assert all(f"wholly {told} `top`" in one.message for one in found)


def said(name: str, **keys: str) -> str:
    return "\n".join(["kind: check_in", f"name: {name}", *(f"{key}: {value}" for key, value in keys.items())])


@pytest.mark.parametrize(
    ("other", "found"),
    [
        pytest.param({"kpi": "orders", "as_of": "2026-04-01"}, 2, id="the same: told at both"),
        pytest.param({"kpi": "orders", "as_of": "2026-04-02"}, 0, id="another day"),
        pytest.param({"kpi": "net_sales", "as_of": "2026-04-01"}, 0, id="another KPI"),
        pytest.param(
            {"goal": "orders", "as_of": "2026-04-01", "confidence": "5"}, 0, id="a goal of that name"
        ),
    ],
)
def test_two_check_ins_on_one_day(other: dict[str, str], found: int) -> None:
    first = said("first", kpi="orders", as_of="2026-04-01")
    definitions = together(first, said("second", **other), words("orders", milestones=STONES))

    assert reported(repeated_check_in.RULE, definitions) == ["2026-04-01"] * found


@pytest.mark.parametrize(
    ("as_of", "found"),
    [
        pytest.param("2026-12-24", 0, id="while it runs"),
        pytest.param("2027-01-11", 0, id="its closing"),
        pytest.param("2027-04-03", 0, id="92 days after it"),
        pytest.param("2027-04-04", 1, id="93 days after it"),
        pytest.param("2126-12-24", 1, id="a slip of the pen"),
    ],
)
def test_a_check_in_long_after_its_goal(as_of: str, found: int) -> None:
    one = said("late", goal="aim", as_of=as_of, confidence="5")

    assert (
        reported(check_in_after_goal.RULE, together(one, words("aim", milestones=STONES))) == [as_of] * found
    )
    assert not reported(check_in_after_goal.RULE, said("late", kpi="orders", as_of=as_of))


# --- reward-without-counter-kpi


def rewarded(*kpis: str) -> str:
    return f"kind: recognition_program\nname: thanks\nkpis: [{', '.join(kpis)}]\n"


@pytest.mark.parametrize(
    ("guards", "underlined"),
    [
        pytest.param("", ["lines"], id="none"),
        pytest.param("counter_kpis: [return_rate]", [], id="one"),
        pytest.param("counter_kpis: [lines]", ["lines"], id="itself"),
        pytest.param("counter_kpis: [planned]", ["lines"], id="a draft, at which nobody looks yet"),
        pytest.param("counter_kpis: [planned, return_rate]", [], id="a draft and another one"),
    ],
)
def test_rewards_look_at_what_something_holds_in_balance(guards: str, underlined: list[str]) -> None:
    planned = kpi("count(*)", "count", "planned", status="draft")
    lines = f"{kpi('count(*)', 'count', 'lines')}\n{guards}\n"

    told = reported(reward_without_counter_kpi.RULE, together(rewarded("lines"), lines, planned))

    assert told == underlined


def test_each_rewarded_kpi_is_asked_for() -> None:
    text = rewarded("orders", "return_rate")

    assert reported(reward_without_counter_kpi.RULE, text) == ["orders", "return_rate"]
