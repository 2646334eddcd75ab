"""What a goal has come to: grades from 0.0 to 1.0, and what its owner writes when it is over."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest
from factories import check_in, evidence, goal, kpi, milestone, project, result, seen
from hypothesis import given, settings
from hypothesis import strategies as st

from kpiascode.assess import assess
from kpiascode.model.assessment import Account, Attainment, Grading
from kpiascode.model.observation import Observation
from kpiascode.model.performance import CheckIn, Performance
from kpiascode.model.project import Band, Commitment, Direction, Goal, Path

OVER = (date(2026, 1, 1), date(2026, 4, 1))
"""A quarter that is over on the first of April."""
MARGIN, SALES = kpi("margin"), kpi("sales")
STOCK = kpi("stock", direction=Direction.BAND)
DONE = milestone("done", "2026-02-01", "2026-02-01")
OPEN = milestone("open", "2026-03-31")


def graded(
    *goals: Goal,
    observations: tuple[Observation, ...] = (),
    said: tuple[CheckIn, ...] = (),
    as_of: datetime = datetime(2026, 4, 1),
) -> dict[str, Grading]:
    declared = replace(
        project(MARGIN, SALES, STOCK, *goals),
        performance=Performance(check_ins={one.name: one for one in said}),
    )
    found = assess(declared, observations, {}, evidence(), as_of).goals
    return {name: one.grading for name, one in found.items() if one.grading is not None}


def at(reached: str, **changes: object) -> Grading:
    """The grade of a goal from 0 to 100 that has come so far."""
    one = goal("g", result("sales", "100", baseline="0"), during=OVER, **changes)
    return graded(one, observations=(seen("sales", "2026-03", reached),))["g"]


# --- how far


@pytest.mark.parametrize(
    ("reached", "grade"),
    [
        pytest.param("70", "0.7", id="exactly on a tenth"),
        pytest.param("69.999", "0.6", id="rounded down, not to the nearest"),
        pytest.param("99.99", "0.9", id="nearly all is not all"),
        pytest.param("100", "1.0", id="all of it"),
        pytest.param("250", "1.0", id="more than all is all"),
        pytest.param("-40", "0.0", id="the wrong way is nothing"),
    ],
)
def test_a_grade_is_progress_in_tenths(reached: str, grade: str) -> None:
    assert str(at(reached).grade) == grade


@pytest.mark.parametrize(("reached", "grade"), [("-70", "1.0"), ("-170", "0.0")])
def test_a_loss_that_is_not_exceeded_is_all_that_was_wanted(reached: str, grade: str) -> None:
    one = goal("g", result("sales", "-100", baseline="0", path=Path.MAINTAIN), during=OVER)
    found = graded(one, observations=(seen("sales", "2026-03", reached),))["g"]

    assert str(found.grade) == grade


def test_what_is_exact_is_told_too() -> None:
    assert at("69.9").exact == Decimal("0.699")


def test_parts_are_weighed_before_they_are_rounded() -> None:
    """0.96 and 0.95 make 0.955, and not the mean of 0.9 and 0.9; (3 * 0.96 + 0.2) / 4 = 0.77."""
    both = goal(
        "g",
        result("sales", "100", baseline="0", weight="3"),
        result("margin", "100", baseline="0"),
        during=OVER,
    )
    seen_both = (seen("sales", "2026-03", "96"), seen("margin", "2026-03", "20"))

    assert graded(both, observations=seen_both)["g"].exact == Decimal("0.77")


def test_what_is_more_than_all_makes_up_for_nothing() -> None:
    both = goal("g", result("sales", "100", baseline="0"), result("margin", "100", baseline="0"), during=OVER)
    seen_both = (seen("sales", "2026-03", "200"), seen("margin", "2026-03", "0"))

    assert graded(both, observations=seen_both)["g"].grade == Decimal("0.5")


def test_a_division_that_does_not_end_costs_no_tenth() -> None:
    """A third thrice and all of it twice: three fifths, and not 0.59999."""
    thirds = [result("sales", "3", baseline="0") for _ in range(3)]
    whole = [result("margin", "1", baseline="0") for _ in range(2)]
    seen_both = (seen("sales", "2026-03", "1"), seen("margin", "2026-03", "1"))

    assert graded(goal("g", *thirds, *whole, during=OVER), observations=seen_both)["g"].grade == Decimal(
        "0.6"
    )


@pytest.mark.parametrize(
    ("value", "grade"),
    [
        pytest.param("5", Decimal(1), id="inside the band"),
        pytest.param("11", Decimal(0), id="outside"),
        pytest.param("10.5", Decimal(0), id="outside, within tolerance"),
        pytest.param(None, None, id="without value"),
    ],
)
def test_a_result_without_way_is_met_or_not(value: str | None, grade: Decimal | None) -> None:
    inside = goal("g", result("stock", Band(min=Decimal(1), max=Decimal(10)), tolerance="0.5"), during=OVER)

    found = graded(inside, observations=(seen("stock", "2026-03", value),))["g"]

    assert (found.grade, found.unknown) == (grade, () if value else ("stock",))


def test_milestones_count_all_or_nothing() -> None:
    assert graded(goal("g", milestones=(DONE, OPEN), during=OVER))["g"].grade == Decimal("0.5")


def test_what_was_done_after_the_end_does_not_count() -> None:
    late = milestone("late", "2026-03-31", "2026-04-01")

    assert graded(goal("g", milestones=(late,), during=OVER), as_of=datetime(2026, 6, 1))["g"].grade == 0


def test_one_unknown_part_makes_the_grade_unknown_and_is_named() -> None:
    both = goal("g", result("sales", "1", baseline="0"), result("margin", "1"), during=OVER)

    found = graded(both, observations=(seen("sales", "2026-03", "1"),))["g"]

    assert (found.grade, found.exact, found.unknown) == (None, None, ("margin",))
    assert (found.attainment, found.asked) == (Attainment.UNKNOWN, None)


def test_a_goal_of_nothing_has_no_grade() -> None:
    found = graded(goal("g", during=OVER))["g"]

    assert (found.grade, found.attainment, found.unknown) == (None, Attainment.UNKNOWN, ())


# --- beneath


def test_a_goal_without_parts_is_graded_by_those_beneath() -> None:
    """0.5 at weight 1 and 1 at weight 3."""
    found = graded(
        goal("top", during=OVER),
        goal("half", milestones=(DONE, OPEN), during=OVER, parents=("top",)),
        goal("all", milestones=(DONE,), during=OVER, parents=(("top", "3"),)),
    )["top"]

    assert (found.exact, found.attainment) == (Decimal("0.875"), Attainment.NOT_DELIVERED)


def test_a_goal_with_parts_is_graded_by_them_alone() -> None:
    found = graded(
        goal("top", milestones=(DONE,), during=OVER),
        goal("low", milestones=(OPEN,), during=OVER, parents=("top",)),
    )["top"]

    assert (found.grade, found.attainment) == (1, Attainment.DELIVERED)


def test_an_unknown_goal_beneath_is_named() -> None:
    found = graded(
        goal("top", during=OVER), goal("low", result("sales", "1"), during=OVER, parents=("top",))
    )["top"]

    assert (found.grade, found.unknown) == (None, ("low",))


def test_what_is_there_to_learn_grades_nothing_above_it() -> None:
    learn = goal("learn", milestones=(OPEN,), during=OVER, parents=("top",), commitment=Commitment.LEARNING)
    found = graded(
        goal("top", during=OVER), learn, goal("low", milestones=(DONE,), during=OVER, parents=("top",))
    )

    assert found["top"].grade == 1


# --- in words


@pytest.mark.parametrize(
    ("reached", "attainment"),
    [
        pytest.param("70", Attainment.ON_COURSE, id="seven tenths are on course"),
        pytest.param("69.9", Attainment.PROGRESS, id="a little less is progress"),
        pytest.param("40", Attainment.PROGRESS, id="four tenths are progress"),
        pytest.param("39.9", Attainment.LITTLE, id="less is little"),
    ],
)
def test_an_aspirational_goal(reached: str, attainment: Attainment) -> None:
    found = at(reached, commitment=Commitment.ASPIRATIONAL)

    assert (found.attainment, found.owed) == (attainment, None)


@pytest.mark.parametrize(
    ("reached", "attainment", "owed"),
    [
        pytest.param("100", Attainment.DELIVERED, None, id="a promise kept"),
        pytest.param("99.99999999", Attainment.NOT_DELIVERED, Account.POST_MORTEM, id="nearly is not"),
        pytest.param("0", Attainment.NOT_DELIVERED, Account.POST_MORTEM, id="not at all"),
    ],
)
def test_a_committed_goal(reached: str, attainment: Attainment, owed: Account | None) -> None:
    found = at(reached)

    assert (found.attainment, found.owed) == (attainment, owed)


def test_a_promise_is_kept_in_every_part() -> None:
    """A part of the smallest weight, of which nearly all is there: the rest is far below a tenth."""
    both = goal(
        "g",
        result("sales", "1", baseline="0", weight="1000000"),
        result("margin", "1000000", baseline="0", weight="0.000001"),
        during=OVER,
    )
    seen_both = (seen("sales", "2026-03", "1"), seen("margin", "2026-03", "999999.99999999999"))

    found = graded(both, observations=seen_both)["g"]

    assert (found.grade, found.attainment) == (Decimal("1.0"), Attainment.NOT_DELIVERED)


def test_that_a_promise_is_broken_is_known_before_all_is() -> None:
    both = goal("g", result("sales", "1", baseline="0"), milestones=(OPEN,), during=OVER)

    found = graded(both)["g"]

    assert (found.grade, found.unknown, found.attainment) == (None, ("sales",), Attainment.NOT_DELIVERED)


def test_a_goal_to_learn_from_has_no_grade_and_owes_what_was_learnt() -> None:
    found = at("100", commitment=Commitment.LEARNING)

    assert (found.grade, found.exact, found.attainment) == (None, None, Attainment.NOT_GRADED)
    assert found.owed is Account.LEARNING


# --- over time


def test_before_the_end_a_grade_is_so_far_and_nothing_is_owed() -> None:
    """On a straight way a tenth after a tenth of the time is met, and no promise kept."""
    year = goal("g", result("sales", "100", baseline="0", path=Path.LINEAR))

    found = graded(year, observations=(seen("sales", "2026-03", "30"),))["g"]

    assert (found.grade, found.final, found.attainment, found.asked) == (
        Decimal("0.3"),
        False,
        Attainment.NOT_DELIVERED,
        None,
    )


def test_a_goal_is_over_on_the_day_of_its_end() -> None:
    assert graded(goal("g", during=OVER), as_of=datetime(2026, 3, 31, 23))["g"].final is False
    assert graded(goal("g", during=OVER), as_of=datetime(2026, 4, 1))["g"].final is True


@pytest.mark.parametrize(
    ("day", "note", "as_of", "given"),
    [
        pytest.param("2026-04-01", "Why.", datetime(2026, 4, 1), True, id="on the day of the end"),
        pytest.param("2026-03-31", "Why.", datetime(2026, 4, 1), False, id="the day before it is too early"),
        pytest.param("2026-04-09", "Why.", datetime(2026, 4, 9), True, id="later"),
        pytest.param("2026-04-09", "Why.", datetime(2026, 4, 8, 23), False, id="not seen yet"),
        pytest.param("2026-04-01", " ", datetime(2026, 4, 1), False, id="nothing is said"),
    ],
)
def test_a_note_at_the_end_is_what_is_owed(day: str, note: str, as_of: datetime, given: bool) -> None:
    missed = goal("g", milestones=(OPEN,), during=OVER)
    said = check_in("g", day, note=note)

    found = graded(missed, said=(said,), as_of=as_of)["g"]

    assert (found.asked, found.given) == (Account.POST_MORTEM, said.name if given else None)
    assert found.owed is (None if given else Account.POST_MORTEM)


def test_a_check_in_of_another_goal_gives_nothing() -> None:
    missed, other = goal("g", milestones=(OPEN,), during=OVER), goal("other", during=OVER)

    assert graded(missed, other, said=(check_in("other", "2026-04-01", note="Why."),))["g"].given is None


@settings(deadline=None, max_examples=100)
@given(st.lists(st.tuples(st.integers(-50, 150), st.integers(1, 9)), min_size=1, max_size=5))
def test_a_grade_never_flatters_and_never_takes_a_tenth(parts: list[tuple[int, int]]) -> None:
    """Against whole numbers: tenths of weights, rounded down."""
    names = [f"k{n}" for n in range(len(parts))]
    one = goal(
        "g",
        *(result(n, "100", baseline="0", weight=str(w)) for n, (_, w) in zip(names, parts, strict=True)),
        during=OVER,
    )
    values = [seen(n, "2026-03", str(v)) for n, (v, _) in zip(names, parts, strict=True)]
    found = assess(project(*map(kpi, names), one), values, {}, evidence(), datetime(2026, 4, 1)).goals["g"]

    points = sum(min(max(v, 0), 100) * w for v, w in parts)
    assert found.grading is not None
    assert found.grading.grade == Decimal(points * 10 // (100 * sum(w for _, w in parts))) / 10
