"""Milestones, and what goals come to with everything beneath them."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from time import perf_counter

import pytest
from factories import evidence, goal, kpi, milestone, project, result, seen, value_of
from hypothesis import given, settings
from hypothesis import strategies as st

from kpiascode.assess import assess
from kpiascode.assess.goals import assess_goals, assess_milestone
from kpiascode.assess.graph import goal_facts, shares_of_roots
from kpiascode.model.assessment import GoalAssessment, ResultAssessment, Status
from kpiascode.model.observation import Observation
from kpiascode.model.project import Goal

APRIL_1 = datetime(2026, 4, 1)
TODAY = date(2026, 4, 1)
MARGIN, SALES = kpi("margin"), kpi("sales")
MET = seen("margin", "2026-03", "0.44")


def judged(*goals: Goal, observations: tuple[Observation, ...] = (MET,)) -> dict[str, GoalAssessment]:
    return dict(assess(project(MARGIN, SALES, *goals), observations, {}, evidence(), APRIL_1).goals)


# --- milestones


@pytest.mark.parametrize(
    ("due", "done_on", "status", "progress", "expected"),
    [
        pytest.param("2026-03-31", None, Status.MISSED, 0, 1, id="overdue once the day after has begun"),
        pytest.param("2026-04-01", None, Status.NOT_DUE, 0, None, id="on its day there is still time"),
        pytest.param("2026-04-02", None, Status.NOT_DUE, 0, None, id="before its day nothing is expected"),
        pytest.param("2026-04-01", "2026-03-31", Status.MET, 1, None, id="done early"),
        pytest.param("2026-03-01", "2026-03-31", Status.MET, 1, 1, id="done late is done"),
        pytest.param("2026-03-01", "2026-04-01", Status.MISSED, 0, 1, id="of today nothing is seen yet"),
        pytest.param(
            "2026-04-09", "2026-04-02", Status.NOT_DUE, 0, None, id="done in the future is not done"
        ),
    ],
)
def test_a_milestone_on_the_first_of_april(
    due: str, done_on: str | None, status: Status, progress: int, expected: int | None
) -> None:
    found = assess_milestone("g", milestone("The shop opens", due, done_on), TODAY)

    assert (found.status, found.progress, found.expected_progress) == (status, progress, expected)


def test_milestones_count_beside_results_by_weight() -> None:
    """Half of the way at weight 1, done at 2, not done at 1: (0.5 + 2) / 4; expected (1 + 2 + 0) / 4."""
    both = goal(
        "g",
        result("margin", "0.48", baseline="0.40"),
        milestones=(
            milestone("one", "2026-02-01", "2026-01-20", "2"),
            milestone("other", "2026-06-01"),
        ),
    )

    found = judged(both)["g"]

    assert (found.progress, found.expected_progress) == (Decimal("0.625"), Decimal("0.75"))


def test_a_goal_is_as_good_as_its_worst_milestone() -> None:
    late = goal("g", result("margin", "0.44"), milestones=(milestone("late", "2026-03-01"),))

    assert judged(late)["g"].status is Status.MISSED


def test_a_goal_of_milestones_alone_has_a_status() -> None:
    found = judged(goal("g", milestones=(milestone("done", "2026-02-01", "2026-02-01"),)))["g"]

    assert (found.status, found.progress, found.total_progress, found.known) == (Status.MET, 1, 1, 1)


def test_a_missed_milestone_two_levels_down_shows_at_the_top() -> None:
    found = judged(
        goal("top"),
        goal("middle", parents=("top",)),
        goal("low", parents=("middle",), milestones=(milestone("late", "2026-03-01"),)),
    )

    assert found["top"].below is Status.MISSED


def test_a_milestone_takes_its_share_of_a_root() -> None:
    top = goal("top", result("sales", "1"), milestones=(milestone("done", "2026-02-01", weight="3"),))

    (stake,) = goal_facts(project(SALES, top), TODAY).stakes["sales"]

    assert stake.share == Decimal("0.25")


# --- roll-up


def test_a_roll_up_is_the_mean_of_own_parts_and_the_goals_directly_beneath() -> None:
    """Own result 0.5 at weight 1; beneath 1 at weight 3: (0.5 + 3) / 4."""
    found = judged(
        goal("top", result("margin", "0.48", baseline="0.40")),
        goal("low", parents=(("top", "3"),), milestones=(milestone("done", "2026-02-01", "2026-01-01"),)),
    )["top"]

    assert (found.progress, found.total_progress) == (Decimal("0.5"), Decimal("0.875"))
    assert (found.total_expected, found.known) == (1, 1)


def test_a_mean_over_half_of_the_weights_says_so() -> None:
    found = judged(goal("top", result("margin", "0.48", baseline="0.40"), result("sales", "1", baseline="0")))

    assert (found["top"].total_progress, found["top"].known) == (Decimal("0.5"), Decimal("0.5"))


def test_what_is_not_known_beneath_is_told_at_the_top() -> None:
    """Half of the goal beneath is known, and it has three of four parts: 1/4 + 3/4 * 1/2."""
    found = judged(
        goal("top", milestones=(milestone("done", "2026-02-01", "2026-01-01"),)),
        goal(
            "low",
            result("margin", "0.48", baseline="0.40"),
            result("sales", "1", baseline="0"),
            parents=(("top", "3"),),
        ),
    )

    assert (found["top"].total_progress, found["top"].known) == (Decimal("0.625"), Decimal("0.625"))


def test_expected_speaks_only_of_what_progress_speaks_of() -> None:
    found = judged(
        goal("top"),
        goal("known", result("margin", "0.48", baseline="0.40"), parents=("top",)),
        goal("unknown", result("sales", "1", baseline="0"), parents=("top",)),
    )

    assert (found["top"].total_progress, found["top"].total_expected) == (Decimal("0.5"), 1)


def test_a_child_of_two_parents_counts_in_each_by_its_own_weight() -> None:
    """Beside a milestone not done: 1 of 2 in growth, 3 of 4 in quality."""
    open_one = (milestone("open", "2026-12-01"),)
    found = judged(
        goal("growth", milestones=open_one),
        goal("quality", milestones=open_one),
        goal(
            "shared",
            parents=("growth", ("quality", "3")),
            milestones=(milestone("done", "2026-02-01", "2026-01-01"),),
        ),
    )

    assert (found["growth"].total_progress, found["quality"].total_progress) == (
        Decimal("0.5"),
        Decimal("0.75"),
    )


def test_what_one_reaches_over_two_ways_is_not_counted_twice() -> None:
    """Done 1 of 2 on the left, alone on the right: (0.5 + 1) / 2, and not more."""
    found = judged(
        goal("top"),
        goal("left", parents=("top",), milestones=(milestone("open", "2026-12-01"),)),
        goal("right", parents=("top",)),
        goal("low", parents=("left", "right"), milestones=(milestone("done", "2026-02-01", "2026-01-01"),)),
    )

    assert found["top"].total_progress == Decimal("0.75")


@pytest.mark.parametrize(
    ("during", "expected"),
    [
        pytest.param((date(2025, 1, 1), date(2026, 1, 1)), None, id="over the day before"),
        pytest.param((date(2025, 1, 1), date(2026, 1, 2)), 1, id="one day in common"),
        pytest.param((date(2026, 12, 31), date(2028, 1, 1)), 1, id="begins on the last day"),
        pytest.param((date(2027, 1, 1), date(2028, 1, 1)), None, id="begins at the end"),
    ],
)
def test_a_goal_counts_where_it_has_a_day_in_common(during: tuple[date, date], expected: int | None) -> None:
    low = goal(
        "low", during=during, parents=("top",), milestones=(milestone("done", "2026-02-01", "2026-01-01"),)
    )
    found = judged(goal("top"), low)

    assert (found["top"].total_progress, found["top"].children) == (expected, ("low",))
    assert ("top" in shares_of_roots({"top": goal("top"), "low": low}, TODAY)["low"]) is (expected == 1)


def test_a_person_counts_in_no_goal_of_a_unit() -> None:
    done = (milestone("done", "2026-02-01", "2026-01-01"),)
    found = judged(
        goal("top", milestones=(milestone("late", "2026-02-01"),)),
        goal("mine", parents=("top",), person="erika", milestones=done, org_unit="acme"),
    )

    assert (found["top"].total_progress, found["top"].children) == (0, ())
    assert (found["mine"].total_progress, found["mine"].grading) == (1, None)


def test_goals_on_a_circle_have_no_roll_up() -> None:
    done = (milestone("done", "2026-02-01", "2026-01-01"),)
    found = judged(
        goal("one", parents=("other",), milestones=done), goal("other", parents=("one",), milestones=done)
    )

    assert [(g.progress, g.total_progress, g.known) for g in found.values()] == [(1, None, 0)] * 2


# --- size


def chain(count: int) -> list[Goal]:
    return [goal(f"g{n}", parents=(f"g{n - 1}",) if n else ()) for n in range(count)]


def diamonds(count: int) -> list[Goal]:
    """Between neighbouring levels there are two ways, so that there are 2 ** levels ways through all."""
    return [
        goal(f"g{n}{side}", parents=tuple(f"g{n - 1}{s}" for s in "ab") if n else ())
        for n in range(count // 2)
        for side in "ab"
    ]


def star(count: int) -> list[Goal]:
    return [goal("top"), *(goal(f"g{n}", parents=("top",)) for n in range(count - 1))]


@pytest.mark.parametrize("graph", [chain, diamonds, star])
def test_five_thousand_goals_are_no_trouble(graph: Callable[[int], list[Goal]]) -> None:
    goals = graph(5000)
    goals[-1] = replace(goals[-1], milestones=(milestone("done", "2026-02-01", "2026-01-01"),))
    named = {g.name: g for g in goals}

    began = perf_counter()
    found = assess_goals(named, dict.fromkeys(named, ()), (), TODAY)

    assert perf_counter() - began < 5
    assert found[goals[0].name].total_progress == 1
    assert found[goals[0].name].below is Status.MET


# --- against the definition, written down a second time

Triple = tuple[Fraction | None, Fraction | None, Fraction]


def by_definition(name: str, goals: Mapping[str, Goal], found: Mapping[str, GoalAssessment]) -> Triple:
    """Progress, expected and known share, by recursion and exact fractions."""
    goal = goals[name]
    parts: list[tuple[Fraction, Triple]] = []
    for one in found[name].results:
        progress = None if one.progress is None else Fraction(one.progress)
        expected = None if one.expected_progress is None else Fraction(one.expected_progress)
        parts.append((Fraction(one.result.weight), (progress, expected, Fraction(progress is not None))))
    for stone in goal.milestones:
        done = stone.done_on is not None and stone.done_on < TODAY
        due = Fraction(1) if stone.due < TODAY else None
        parts.append((Fraction(stone.weight), (Fraction(done), due, Fraction(1))))
    for child in goals.values():
        for parent, weight in child.parents:
            days = min(child.end, goal.end) - max(child.start, goal.start)
            if parent == name and days.days > 0:
                parts.append((Fraction(weight), by_definition(child.name, goals, found)))
    told = [(weight, part) for weight, part in parts if part[0] is not None]
    whole, heard = sum(w for w, _ in parts), sum(w for w, _ in told)
    if not told or not heard:
        return None, None, Fraction(0)
    progress = sum((w * (p or 0) for w, (p, _, _) in told), Fraction(0)) / heard
    expected = sum((w * (e or 0) for w, (_, e, _) in told), Fraction(0)) / heard
    wanted = any(e is not None for _, (_, e, _) in told)
    return progress, expected if wanted else None, sum((w * k for w, (_, _, k) in parts), Fraction(0)) / whole


@st.composite
def graphs(draw: st.DrawFn) -> list[Goal]:
    weights = st.sampled_from(["1", "2", "3", "0.7", "13"])
    days = [date(2025, 1, 1), date(2026, 1, 1), date(2026, 4, 1), date(2026, 7, 1), date(2027, 1, 1)]
    goals: list[Goal] = []
    for n in range(draw(st.integers(1, 7))):
        start, end = sorted(draw(st.lists(st.sampled_from(days), min_size=2, max_size=2, unique=True)))
        above = draw(st.sets(st.integers(0, n - 1), max_size=3)) if n else set()
        results = [
            result(
                draw(st.sampled_from(["margin", "sales"])),
                draw(st.sampled_from(["0.48", "0.43", "7"])),
                baseline=draw(st.sampled_from([None, "0.40", "0.1"])),
                weight=draw(weights),
            )
            for _ in range(draw(st.integers(0, 2)))
        ]
        stones = [
            milestone(
                "m",
                draw(st.sampled_from(["2026-02-01", "2026-03-31", "2026-04-01"])),
                draw(st.sampled_from([None, "2026-01-15", "2026-03-31", "2026-04-01"])),
                draw(weights),
            )
            for _ in range(draw(st.integers(0, 2)))
        ]
        goals.append(
            goal(
                f"g{n}",
                *results,
                during=(start, end),
                milestones=tuple(stones),
                parents=tuple((f"g{p}", draw(weights)) for p in sorted(above)),
            )
        )
    return goals


def close(one: Decimal | None, other: Fraction | None) -> bool:
    if one is None or other is None:
        return one is None and other is None
    return abs(Fraction(one) - other) < Fraction(1, 10**25)


@settings(deadline=None, max_examples=200)
@given(graphs())
def test_a_roll_up_is_what_its_definition_says(goals: list[Goal]) -> None:
    found = judged(*goals)
    named = {g.name: g for g in goals}

    for name, one in found.items():
        progress, expected, known = by_definition(name, named, found)
        assert close(one.total_progress, progress), name
        assert close(one.total_expected, expected), name
        assert close(one.known, known), name


@settings(deadline=None, max_examples=100)
@given(graphs())
def test_shares_of_roots_agree_with_the_roll_up(goals: list[Goal]) -> None:
    """Each root's total is the sum over all parts of share * progress, where everything is known."""
    with localcontext(Context(prec=50)):
        plain = [
            replace(g, results=(), milestones=g.milestones or (milestone("m", "2026-02-01"),), start=TODAY)
            for g in goals
            if g.end > TODAY
        ]
        names = {g.name for g in plain}
        kept = {g.name: replace(g, parents=tuple(e for e in g.parents if e[0] in names)) for g in plain}
        nothing: dict[str, tuple[ResultAssessment, ...]] = dict.fromkeys(kept, ())
        found = assess_goals(kept, nothing, (), TODAY)
        shares = shares_of_roots(kept, TODAY)
        for root in (g.name for g in kept.values() if not g.parents):
            total = Decimal(0)
            for name, one in found.items():
                weights = [m.weight for m in kept[name].milestones]
                beneath = sum(w for g in kept.values() for p, w in g.parents if p == name)
                own = sum(weights) / (sum(weights) + beneath) * (one.progress or 0)
                total += shares[name].get(root, Decimal(0)) * own
            assert abs(total - (found[root].total_progress or 0)) < Decimal("1e-25")


def test_a_kpi_counts_for_nothing_in_a_goal_that_it_does_not_overlap() -> None:
    """What is computed from it counts as well: none of it."""
    both = kpi("both", expression=value_of("sales"))
    top = goal("top")
    low = goal("low", result("both", "1"), during=(date(2027, 1, 1), date(2028, 1, 1)), parents=("top",))

    assert goal_facts(project(SALES, both, top, low), TODAY).stakes["sales"] == ()
