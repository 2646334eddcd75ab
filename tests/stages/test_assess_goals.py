"""Goals: how far, how well, and with everything beneath them."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from factories import evidence, goal, kpi, plus, project, ratio, result, seen, target, total, value_of
from hypothesis import given, settings
from hypothesis import strategies as st

from kpiascode.assess import assess
from kpiascode.assess.goals import WORST_FIRST, assess_goals, worst
from kpiascode.assess.graph import Stake, goal_facts, shares_of_roots
from kpiascode.model.assessment import GoalAssessment, Status
from kpiascode.model.observation import Observation
from kpiascode.model.project import Goal, Kpi, Path, TargetKpi

APRIL_1 = datetime(2026, 4, 1)
TODAY = date(2026, 4, 1)
MARGIN, SALES = kpi("margin"), kpi("sales")
MET = seen("margin", "2026-03", "0.44")


def judged(*goals: Goal, observations: tuple[Observation, ...] = (MET,)) -> dict[str, GoalAssessment]:
    return dict(assess(project(MARGIN, SALES, *goals), observations, {}, evidence(), APRIL_1).goals)


def wants(of: str, reach: str, **changes: object) -> Goal:
    """A goal of one result: the margin is at 0.44."""
    return goal(of, result("margin", reach), **changes)


# --- progress


def test_progress_is_the_mean_by_weight() -> None:
    """(2 * 0.5 + 1 * 0.2) / 3 = 0.4, expected (2 * 1 + 1 * 1) / 3 = 1."""
    both = goal(
        "g",
        result("margin", "0.48", baseline="0.40", weight="2"),
        result("sales", "100", baseline="0", weight="1"),
    )

    found = judged(both, observations=(MET, seen("sales", "2026-03", "20")))["g"]

    assert (found.progress, found.expected_progress) == (Decimal("0.4"), 1)


def test_a_result_without_known_progress_counts_in_neither_mean() -> None:
    both = goal(
        "g", result("margin", "0.48", baseline="0.40"), result("sales", "100", baseline="0", weight="9")
    )

    found = judged(both)["g"]

    assert (found.progress, found.expected_progress) == (Decimal("0.5"), 1)


def test_a_result_of_which_nothing_is_expected_yet_counts_as_zero_beside_others() -> None:
    both = goal(
        "g",
        result("margin", "0.48", baseline="0.40"),
        result("margin", "0.48", baseline="0.40", path=Path.BY_END),
    )

    found = judged(both)["g"]

    assert (found.progress, found.expected_progress) == (Decimal("0.5"), Decimal("0.5"))


def test_where_nothing_is_expected_at_all_no_progress_is_expected() -> None:
    found = judged(goal("g", result("margin", "0.48", baseline="0.40", path=Path.BY_END)))["g"]

    assert (found.progress, found.expected_progress) == (Decimal("0.5"), None)


def test_a_goal_of_which_nothing_is_known_has_no_progress() -> None:
    found = judged(goal("g", result("margin", "0.48")))["g"]

    assert (found.progress, found.expected_progress) == (None, None)


# --- status


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        pytest.param([Status.MET, Status.MISSED, Status.NO_DATA], Status.MISSED, id="missed is worst"),
        pytest.param([Status.NO_DATA, Status.AT_RISK], Status.AT_RISK, id="at risk is worse than no data"),
        pytest.param([Status.NOT_DUE, Status.NO_DATA], Status.NO_DATA, id="no data is worse than not due"),
        pytest.param([Status.MET, Status.NOT_DUE], Status.NOT_DUE, id="not due is worse than met"),
        pytest.param([Status.MET, Status.NO_TARGET], Status.MET, id="nobody asking is not better than met"),
        pytest.param([], Status.NO_TARGET, id="of nothing, nobody asks"),
    ],
)
def test_the_worst_of_statuses(statuses: list[Status], expected: Status) -> None:
    assert worst(statuses) is expected
    assert worst(reversed(statuses)) is expected


def test_a_goal_is_as_good_as_its_worst_result() -> None:
    assert judged(goal("g", result("margin", "0.44"), result("margin", "0.5")))["g"].status is Status.MISSED


def test_a_goal_without_results_of_its_own_has_no_target_but_shows_what_lies_beneath() -> None:
    found = judged(goal("top"), wants("low", "0.5", parents=("top",)))

    assert (found["top"].status, found["top"].below) == (Status.NO_TARGET, Status.MISSED)


def test_what_is_missed_two_levels_down_shows_at_the_top() -> None:
    found = judged(
        wants("top", "0.44"),
        wants("middle", "0.44", parents=("top",)),
        wants("low", "0.5", parents=("middle",)),
    )

    assert {name: (g.status, g.below) for name, g in found.items()} == {
        "low": (Status.MISSED, Status.MISSED),
        "middle": (Status.MET, Status.MISSED),
        "top": (Status.MET, Status.MISSED),
    }


def test_a_goal_with_two_parents_shows_under_both() -> None:
    found = judged(
        wants("growth", "0.44"),
        wants("quality", "0.44"),
        wants("shared", "0.5", parents=("quality", "growth")),
    )

    assert (found["growth"].children, found["quality"].children) == (("shared",), ("shared",))
    assert (found["growth"].below, found["quality"].below) == (Status.MISSED, Status.MISSED)


def test_a_goal_that_names_a_parent_twice_is_its_child_once() -> None:
    assert judged(wants("top", "0.44"), wants("low", "0.44", parents=("top", "top")))["top"].children == (
        "low",
    )


def test_children_are_in_the_order_of_their_names() -> None:
    found = judged(goal("top"), *(wants(name, "0.4", parents=("top",)) for name in "cab"))

    assert found["top"].children == ("a", "b", "c")


def test_goals_on_a_circle_do_not_hang() -> None:
    found = judged(wants("one", "0.44", parents=("other",)), wants("other", "0.5", parents=("one",)))

    assert {g.below for g in found.values()} == {Status.MISSED}


def test_a_long_chain_of_goals_is_no_trouble() -> None:
    chain = {f"g{n:04}": goal(f"g{n:04}", parents=(f"g{n - 1:04}",) if n else ()) for n in range(1500)}

    assert len(assess_goals(chain, dict.fromkeys(chain, ()), (), TODAY)) == 1500
    assert shares_of_roots(chain, TODAY)["g1499"] == {"g0000": 1}


# --- which share of a root goal falls with a KPI


def shares(*things: Goal | Kpi) -> dict[str, tuple[tuple[str, Decimal], ...]]:
    stakes = goal_facts(project(MARGIN, SALES, *things), TODAY).stakes
    return {name: tuple((s.root.name, s.share) for s in found) for name, found in stakes.items() if found}


def test_results_share_a_goal_by_weight() -> None:
    top = goal("top", result("margin", "1", weight="3"), result("sales", "1"))

    assert shares(top) == {"margin": (("top", Decimal("0.75")),), "sales": (("top", Decimal("0.25")),)}


def test_results_and_goals_beneath_share_a_goal_together_and_shares_multiply_downwards() -> None:
    """The goal beneath weighs 3 of 4; of it sales are 2 of 5: 0.75 * 0.4 = 0.3."""
    top = goal("top", result("margin", "1"))
    low = goal(
        "low", result("sales", "1", weight="2"), result("margin", "1", weight="3"), parents=(("top", "3"),)
    )

    assert shares(top, low) == {"margin": (("top", Decimal("0.7")),), "sales": (("top", Decimal("0.3")),)}


def test_two_ways_to_the_same_root_add_up() -> None:
    """Half over the left, half over the right: all of it."""
    found = shares(
        goal("top"),
        goal("left", parents=("top",)),
        goal("right", parents=("top",)),
        goal("low", result("sales", "1"), parents=("left", "right")),
    )

    assert found == {"sales": (("top", Decimal(1)),)}


def test_two_roots_are_both_served_the_one_with_the_greater_share_first() -> None:
    found = shares(
        goal("growth", result("margin", "1")),
        goal("quality", result("margin", "1", weight="3")),
        goal("low", result("sales", "1"), parents=("growth", "quality")),
    )

    assert found["sales"] == (("growth", Decimal("0.5")), ("quality", Decimal("0.25")))


def test_a_root_that_does_not_run_today_does_not_count() -> None:
    assert shares(goal("old", result("margin", "1"), during=(date(2025, 1, 1), TODAY))) == {}
    assert shares(goal("new", result("margin", "1"), during=(TODAY, date(2027, 1, 1)))) != {}


def test_a_weight_of_nothing_shares_nothing() -> None:
    assert shares(goal("top", result("margin", "1", weight="0"))) == {"margin": (("top", Decimal(0)),)}


def test_goals_on_a_circle_lead_to_no_root() -> None:
    assert shares(goal("a", result("margin", "1"), parents=("b",)), goal("b", parents=("a",))) == {}


def test_a_kpi_carries_what_is_computed_from_it() -> None:
    """`share` is computed from `sales` by way of `both`."""
    both = kpi("both", expression=plus(value_of("sales"), total("x")))
    share = kpi("share", expression=ratio(value_of("both"), total("x")))

    found = shares(both, share, goal("top", result("share", "1")))

    assert found == dict.fromkeys(("both", "sales", "share"), (("top", Decimal(1)),))


def test_a_kpi_that_gives_a_target_carries_the_result() -> None:
    assert shares(goal("top", result("sales", TargetKpi(kpi="margin"))))["margin"] == (("top", Decimal(1)),)


def test_a_stake_names_the_goal_itself() -> None:
    top = goal("top", result("margin", target("1")))

    assert goal_facts(project(MARGIN, top), TODAY).stakes["margin"] == (Stake(root=top, share=Decimal(1)),)


@st.composite
def goal_graphs(draw: st.DrawFn) -> list[Goal]:
    """Goals whose parents come before them; every goal has a result of a KPI of its own."""
    count = draw(st.integers(1, 8))
    weights = st.integers(1, 5).map(str)
    return [
        goal(
            f"g{n}",
            result(f"k{n}", "1", weight=draw(weights)),
            parents=tuple(
                (f"g{p}", draw(weights)) for p in sorted(draw(st.sets(st.integers(0, n - 1), max_size=3)))
            )
            if n
            else (),
        )
        for n in range(count)
    ]


@given(goal_graphs())
def test_all_shares_of_a_root_add_up_to_all_of_it(goals: list[Goal]) -> None:
    kpis = [kpi(f"k{n}") for n in range(len(goals))]

    stakes = [stake for found in goal_facts(project(*kpis, *goals), TODAY).stakes.values() for stake in found]

    for root in {stake.root.name for stake in stakes}:
        assert abs(sum(s.share for s in stakes if s.root.name == root) - 1) < Decimal("1e-20")


@settings(deadline=None)
@given(goal_graphs(), st.lists(st.booleans(), min_size=8, max_size=8))
def test_what_lies_beneath_a_goal_is_never_better_than_the_goal(goals: list[Goal], met: list[bool]) -> None:
    found = judged(
        *(wants(g.name, "0.4" if ok else "0.5", parents=g.parents) for g, ok in zip(goals, met, strict=False))
    )

    for one in found.values():
        assert WORST_FIRST.index(one.below) <= WORST_FIRST.index(one.status)
        for child in one.children:
            assert WORST_FIRST.index(one.below) <= WORST_FIRST.index(found[child].below)
