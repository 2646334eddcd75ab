"""From findings to grades, from grades to the verdict."""

from datetime import date
from decimal import Decimal

import pytest
from assess_cases import case
from factories import kpi
from hypothesis import given
from hypothesis import strategies as st

from kpiascode.assess.criteria import BEST_TO_WORST, find, grade, verdict, with_waivers
from kpiascode.assess.probe import Found, Probe
from kpiascode.model.assessment import Criterion, CriterionAssessment, Finding, Grade, Outcome
from kpiascode.model.project import Waiver

TODAY = date(2026, 4, 1)
SHORT = {
    "p": Outcome.PASS,
    "h": Outcome.PARTIAL,
    "f": Outcome.FAIL,
    "w": Outcome.WAIVED,
    "?": Outcome.INCONCLUSIVE,
    "-": Outcome.NOT_APPLICABLE,
}


def finding(outcome: Outcome, weight: int, *, gate: bool = False, name: str = "a-probe") -> Finding:
    passes = outcome in (Outcome.PASS, Outcome.NOT_APPLICABLE)
    return Finding(
        probe=name,
        criterion=Criterion.CRUCIAL,
        outcome=outcome,
        weight=weight,
        gate=gate,
        reason=f"{name} says {outcome.value}.",
        fix=None if passes else f"Mend {name}.",
    )


def findings(text: str) -> tuple[Finding, ...]:
    """Read `p3 f2! ?1`: pass of weight 3, failed gate of weight 2, inconclusive of weight 1."""
    return tuple(
        finding(SHORT[word[0]], int(word[1]), gate=word.endswith("!"), name=f"probe-{number}")
        for number, word in enumerate(text.split(), start=1)
    )


def graded(text: str) -> CriterionAssessment:
    return grade(Criterion.CRUCIAL, findings(text))


@pytest.mark.parametrize(
    ("text", "expected", "score"),
    [
        pytest.param("p3 p2", Grade.STRONG, "1", id="all pass"),
        pytest.param("p9 p8 f3", Grade.STRONG, "0.85", id="85 % is strong"),
        pytest.param("p9 p7 h1 f3", Grade.ADEQUATE, "0.825", id="just below is adequate"),
        pytest.param("p6 f4", Grade.ADEQUATE, "0.6", id="60 % is adequate"),
        pytest.param("p5 h1 f4", Grade.WEAK, "0.55", id="just below is weak"),
        pytest.param("p7 f9 f4", Grade.WEAK, "0.35", id="35 % is weak"),
        pytest.param("p3 f7", Grade.FAILING, "0.3", id="less is failing"),
        pytest.param("w4", Grade.WEAK, "0.5", id="a waiver counts half"),
        pytest.param("h4", Grade.WEAK, "0.5", id="a partial counts half"),
        pytest.param("p6 ?4", Grade.STRONG, "1", id="60 % of the weight known is enough"),
        pytest.param("p5 ?4", Grade.NO_EVIDENCE, None, id="less is not, however well it looks"),
        pytest.param("f5 ?4", Grade.NO_EVIDENCE, None, id="nor however badly"),
        pytest.param("p2 f0 h0", Grade.STRONG, "1", id="what has no weight counts nowhere"),
        pytest.param("p0 h0", Grade.NO_EVIDENCE, None, id="nor is it evidence"),
        pytest.param("p6 ?4 -9", Grade.STRONG, "1", id="what is not applicable counts nowhere"),
        pytest.param("-3", Grade.NO_EVIDENCE, None, id="nothing applicable is no evidence"),
        pytest.param("f1! p9", Grade.FAILING, "0.9", id="a failed gate fails whatever the rest"),
        pytest.param("f1! ?9", Grade.FAILING, None, id="even where little else is known"),
        pytest.param("w3! p9", Grade.STRONG, "0.875", id="a waived gate does not fail"),
        pytest.param("h3! p9", Grade.STRONG, "0.875", id="a gate that passes in part does not fail"),
        pytest.param("?3! p5", Grade.NO_EVIDENCE, "1", id="a gate of which nothing is known is not passed"),
        pytest.param("?3! f5", Grade.FAILING, "0", id="and does not make better what is known to be bad"),
    ],
)
def test_a_grade(text: str, expected: Grade, score: str | None) -> None:
    found = graded(text)

    assert found.grade is expected
    assert found.score == (None if score is None else Decimal(score))
    assert found.findings == findings(text)


@pytest.mark.parametrize(
    ("text", "reason", "fix"),
    [
        pytest.param("p1 p3", "probe-2 says pass.", None, id="strong: the heaviest pass"),
        pytest.param("p9 h1", "probe-1 says pass.", "Mend probe-2.", id="strong still has a fix"),
        pytest.param("p9 f2 f3", "probe-3 says fail.", "Mend probe-3.", id="adequate: what costs most"),
        pytest.param(
            "p1 h3 f2", "probe-3 says fail.", "Mend probe-3.", id="half of 3 costs less than all of 2"
        ),
        pytest.param("p1 f9 f2!", "probe-3 says fail.", "Mend probe-3.", id="a failed gate before anything"),
        pytest.param(
            "?9 p1 f1", "probe-1 says inconclusive.", "Mend probe-1.", id="no evidence: what is missing"
        ),
        pytest.param(
            "?2 ?7", "probe-2 says inconclusive.", "Mend probe-2.", id="of the unknown the heaviest"
        ),
        pytest.param(
            "p3 h0 f1 p9", "probe-4 says pass.", "Mend probe-3.", id="what has no weight comes last"
        ),
        pytest.param(
            "p3 h0", "probe-1 says pass.", "Mend probe-2.", id="and is mended when nothing else is left"
        ),
        pytest.param("p9 h0 ?1", "probe-1 says pass.", "Mend probe-3.", id="even after what is not known"),
        pytest.param("-1", "Nothing about it could be judged.", None, id="nothing to judge"),
    ],
)
def test_the_reason_and_the_first_fix(text: str, reason: str, fix: str | None) -> None:
    found = graded(text)

    assert (found.reason, found.first_fix) == (reason, fix)


def test_a_finding_without_a_fix_leaves_the_first_fix_to_the_next() -> None:
    nothing_to_do = Finding(
        probe="x",
        criterion=Criterion.CRUCIAL,
        outcome=Outcome.INCONCLUSIVE,
        weight=9,
        gate=False,
        reason="Nobody knows.",
        fix=None,
    )

    found = grade(Criterion.CRUCIAL, (nothing_to_do, finding(Outcome.INCONCLUSIVE, 1)))

    assert (found.reason, found.first_fix) == ("Nobody knows.", "Mend a-probe.")


# --- waivers


def waiver(**changes: object) -> Waiver:
    plain = {
        "probe": "worked-examples",
        "reason": "Moves to the new shop in June",
        "approved_by": "cfo",
        "expires": date(2026, 6, 1),
    }
    return Waiver(**(plain | changes))  # type: ignore[arg-type]


FAILED = Found(Outcome.FAIL, "Carries no worked example.", "Add one.")


def test_a_waiver_counts_and_is_told() -> None:
    found = with_waivers(FAILED, "worked-examples", kpi("margin", waivers=(waiver(),)), TODAY)

    assert found == Found(
        Outcome.WAIVED,
        "Carries no worked example. Waived by cfo until 1 June 2026: Moves to the new shop in June.",
        "Add one.",
    )


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        pytest.param(
            {"approved_by": "controller"}, "the owner approved it", id="owners cannot excuse themselves"
        ),
        pytest.param(
            {"expires": date(2026, 4, 1)}, "it expired on 1 April 2026", id="it ends on its last day"
        ),
        pytest.param(
            {"expires": date(2026, 9, 29)}, "it reaches further than 180 days ahead", id="181 days ahead"
        ),
        pytest.param({"reason": " "}, "it gives no reason", id="without a reason"),
    ],
)
def test_a_waiver_that_does_not_count_says_why(changes: dict[str, object], why: str) -> None:
    found = with_waivers(FAILED, "worked-examples", kpi("margin", waivers=(waiver(**changes),)), TODAY)

    assert (found.outcome, found.reason) == (
        Outcome.FAIL,
        f"Carries no worked example. Its waiver does not count: {why}.",
    )


def test_180_days_ahead_is_the_furthest() -> None:
    until = kpi("margin", waivers=(waiver(expires=date(2026, 9, 28)),))

    assert with_waivers(FAILED, "worked-examples", until, TODAY).outcome is Outcome.WAIVED


def test_of_two_waivers_the_one_that_holds_counts() -> None:
    two = kpi("margin", waivers=(waiver(expires=date(2026, 1, 1)), waiver()))

    assert with_waivers(FAILED, "worked-examples", two, TODAY).outcome is Outcome.WAIVED


@pytest.mark.parametrize("outcome", [Outcome.PASS, Outcome.INCONCLUSIVE, Outcome.NOT_APPLICABLE])
def test_only_what_is_not_met_can_be_waived(outcome: Outcome) -> None:
    found = Found(outcome, "So it is.")

    assert with_waivers(found, "worked-examples", kpi("margin", waivers=(waiver(),)), TODAY) == found


def test_a_waiver_of_another_probe_changes_nothing() -> None:
    other = kpi("margin", waivers=(waiver(probe="adds-up"),))

    assert with_waivers(FAILED, "worked-examples", other, TODAY) == FAILED


# --- laws

outcomes = st.sampled_from(list(Outcome))
several = st.lists(st.tuples(outcomes, st.integers(1, 3), st.booleans()), max_size=8)


def criterion(of: Criterion, given_: list[tuple[Outcome, int, bool]]) -> CriterionAssessment:
    return grade(of, tuple(finding(outcome, weight, gate=gate) for outcome, weight, gate in given_))


@given(st.tuples(several, several, several, several))
def test_the_verdict_is_the_lowest_and_never_better_than_any_criterion(
    four: tuple[list[tuple[Outcome, int, bool]], ...],
) -> None:
    criteria = [criterion(of, given_) for of, given_ in zip(Criterion, four, strict=True)]

    lowest = verdict(criteria)

    assert lowest in criteria
    assert all(BEST_TO_WORST.index(c.grade) <= BEST_TO_WORST.index(lowest.grade) for c in criteria)


def test_of_equal_grades_the_first_criterion_is_named() -> None:
    weak = [criterion(of, [(Outcome.PARTIAL, 1, False)]) for of in Criterion]

    assert verdict(weak).criterion is Criterion.CRUCIAL


@given(several, st.integers(0, 7))
def test_mending_what_failed_never_makes_a_grade_worse(
    given_: list[tuple[Outcome, int, bool]], position: int
) -> None:
    mended = [
        (
            Outcome.PASS if number == position and one[0] in (Outcome.FAIL, Outcome.PARTIAL) else one[0],
            *one[1:],
        )
        for number, one in enumerate(given_)
    ]

    before, after = criterion(Criterion.RELEVANT, given_), criterion(Criterion.RELEVANT, mended)

    assert BEST_TO_WORST.index(after.grade) <= BEST_TO_WORST.index(before.grade)


@given(several)
def test_what_cannot_be_known_is_never_a_pass(given_: list[tuple[Outcome, int, bool]]) -> None:
    known = [(o, w, g) for o, w, g in given_ if o is Outcome.INCONCLUSIVE]

    assert criterion(Criterion.RELEVANT, known).grade is Grade.NO_EVIDENCE


@given(several)
def test_every_grade_has_a_reason_and_every_grade_below_strong_something_to_do(
    given_: list[tuple[Outcome, int, bool]],
) -> None:
    found = criterion(Criterion.RELEVANT, given_)

    assert found.reason
    if found.grade in (Grade.ADEQUATE, Grade.WEAK, Grade.FAILING):
        assert found.first_fix


def test_a_gate_is_not_tripped_by_a_fail_short_of_it() -> None:
    """Told in time once of three: a fail, and none of the gate."""
    answers = {
        short: find(
            Probe(
                name="a-probe",
                criterion=Criterion.CRUCIAL,
                weight=3,
                gate=True,
                check=lambda _, short=short: Found(Outcome.FAIL, "So.", "Mend.", short_of_gate=short),
            ),
            case(),
        ).gate
        for short in (True, False)
    }

    assert answers == {True: False, False: True}
