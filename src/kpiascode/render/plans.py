"""Improvement plans in words: what is tested, how far that is, and what it came to."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from kpiascode.model.assessment import Assessment, PlanAssessment, PlanVerdict, Tested
from kpiascode.model.performance import ImprovementPlan, PlanResult, SubjectOfPlan, SuccessTest
from kpiascode.model.project import Kpi, Project
from kpiascode.render.links import Link, goal_link, kpi_link, owner_link, owner_title, unit_link
from kpiascode.render.numbers import Amount, amount, apart, declared
from kpiascode.render.pages.results import slice_words
from kpiascode.render.whatchanged import LATELY
from kpiascode.render.words import GRAIN, Word, day, last_day, plural, sentence, within

PLAN_VERDICT: Final = {
    PlanVerdict.PASSED: Word("Passed", "●", "good"),
    PlanVerdict.NOT_YET: Word("Not yet", "▲", "watch"),
    PlanVerdict.NOT_PASSED: Word("Not passed", "■", "act"),
    PlanVerdict.NO_DATA: Word("No data", "◊", "none"),
    PlanVerdict.TOO_FEW: Word("Too few periods", "◊", "none"),
}

OUTCOME: Final = {
    PlanResult.SUCCEEDED: "Succeeded",
    PlanResult.NOT_REACHED: "Not reached",
    PlanResult.STOPPED: "Stopped",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanLine:
    """A plan that is open, for a list of them. It has no page of its own in the site."""

    title: str
    owner: Link
    about: Link
    until: str
    test: str
    word: Word
    so_far: str


def plans_shown(assessment: Assessment, keep: Callable[[ImprovementPlan], bool]) -> tuple[PlanLine, ...]:
    """Return the plans of the project that have begun, the first to end first; none that ended a year ago."""
    found = [
        plan
        for plan in assessment.project.performance.plans.values()
        if plan.name in assessment.plans and is_shown(plan, assessment) and keep(plan)
    ]
    return tuple(plan_line(plan, assessment) for plan in sorted(found, key=lambda p: (p.ends_on, p.name)))


def is_shown(plan: ImprovementPlan, assessment: Assessment) -> bool:
    """Return whether a plan has begun by now, and runs or ended within a year."""
    today = assessment.as_of.date()
    return plan.opened_on < today and (not assessment.plans[plan.name].over or today - plan.ends_on <= LATELY)


def plan_line(plan: ImprovementPlan, assessment: Assessment) -> PlanLine:
    project, assessed = assessment.project, assessment.plans[plan.name]
    kpi = project.kpis[plan.success.kpi]
    return PlanLine(
        title=plan.title,
        owner=owner_link(project, plan.owner),
        about=subject_link(plan, assessment),
        until=last_day(plan.ends_on),
        test=test_words(plan.success, kpi),
        word=PLAN_VERDICT[assessed.verdict],
        so_far=so_far(assessed, plan, kpi),
    )


def is_about(plan: ImprovementPlan, project: Project, kpi: str) -> bool:
    """Return whether a plan speaks of a KPI: as its subject, in its test, or by the goal that it is for."""
    kind, name = plan.subject
    return (
        (kind is SubjectOfPlan.KPI and name == kpi)
        or plan.success.kpi == kpi
        or (
            kind is SubjectOfPlan.GOAL
            and name in project.goals
            and any(result.kpi == kpi for result in project.goals[name].results)
        )
    )


def is_of_unit(plan: ImprovementPlan, project: Project, unit: str) -> bool:
    """Return whether a plan is about a unit, about a goal of it, or answered for by one of its owners."""
    kind, name = plan.subject
    if kind is SubjectOfPlan.ORG_UNIT and name == unit:
        return True
    if kind is SubjectOfPlan.GOAL and name in project.goals and project.goals[name].org_unit == unit:
        return True
    return plan.owner in project.owners and project.owners[plan.owner].org_unit == unit


def subject_link(plan: ImprovementPlan, assessment: Assessment) -> Link:
    kind, name = plan.subject
    match kind:
        case SubjectOfPlan.KPI:
            return kpi_link(assessment, name)
        case SubjectOfPlan.GOAL:
            return goal_link(assessment, name)
        case SubjectOfPlan.ORG_UNIT:
            return unit_link(assessment.project, name)
        case SubjectOfPlan.PERSON:
            return Link(name)


def bound(test: SuccessTest) -> Decimal:
    found = test.at_least if test.at_least is not None else test.at_most
    assert found is not None, "a test has one of the two"
    return found


def bound_words(test: SuccessTest, kpi: Kpi) -> str:
    """Return `at most 20 hours`."""
    return f"{'at least' if test.at_least is not None else 'at most'} {declared(bound(test), kpi.unit)}"


def test_words(test: SuccessTest, kpi: Kpi) -> str:
    """Return `First reply: at most 20 hours in each of the last 3 months of the plan`."""
    of = f"{kpi.title} ({slice_words(test.slice)})" if test.slice else kpi.title
    grain = GRAIN[kpi.grain]
    when = (
        f"in the last {grain} of the plan"
        if test.periods == 1
        else f"in each of the last {plural(test.periods, grain)} of the plan"
    )
    return f"{of}: {bound_words(test, kpi)} {when}"


def value_words(tested: Tested, test: SuccessTest, kpi: Kpi) -> str:
    """Return a value with as many digits as tell it from what is wanted."""
    return "no value" if tested.value is None else str(amount_of(tested.value, test, kpi))


def amount_of(value: Decimal, test: SuccessTest, kpi: Kpi) -> Amount:
    return apart(value, bound(test), kpi.unit)


def so_far(assessed: PlanAssessment, plan: ImprovementPlan, kpi: Kpi) -> str:
    """Return the values that the test looks at: `19.2 hours in October 2025, 18 hours in November 2025`."""
    if not assessed.tested:
        return f"no {GRAIN[kpi.grain]} that lies in the plan has ended"
    told = (f"{value_words(one, plan.success, kpi)} {within(one.period)}" for one in assessed.tested)
    return ", ".join(told)


def outcome_words(plan: ImprovementPlan, assessed: PlanAssessment, assessment: Assessment) -> str:
    """Return the declared outcome, and whether the numbers say the same; empty while there is none."""
    outcome = plan.outcome
    if outcome is None or outcome.day > assessment.as_of.date():
        return ""
    note = f" {sentence(outcome.note)}" if outcome.note else ""
    declared_one = f"{OUTCOME[outcome.result]}, declared on {day(outcome.day)}.{note}"
    return f"{declared_one} {agreement(plan, assessed)}".rstrip()


def agreement(plan: ImprovementPlan, assessed: PlanAssessment) -> str:
    """Return whether the test says what the declared outcome says; empty of a plan that was stopped."""
    if plan.outcome is None or plan.outcome.result is PlanResult.STOPPED:
        return ""
    if assessed.agrees is None:
        return "The numbers cannot tell: " + {
            PlanVerdict.NO_DATA: "a period has no value.",
            PlanVerdict.TOO_FEW: "too few periods lie in the plan.",
        }.get(assessed.verdict, "not every period is known yet.")
    if assessed.agrees:
        return "The numbers say the same."
    passed = "passed" if assessed.verdict is PlanVerdict.PASSED else "not passed"
    return f"The numbers say otherwise: its test is {passed}."


def moved_words(plan: ImprovementPlan, assessed: PlanAssessment, kpi: Kpi) -> str:
    """Return what before and after say, as sentences."""
    before, after = assessed.before, assessed.after
    if assessed.unfit is not None:
        return f"Before and after are not compared. {assessed.unfit}"
    if before.mean is None:
        return f"There is no value before {day(assessed.cut)} to compare with."
    if after.mean is None:
        mean = amount(before.mean, kpi.unit)
        return f"The mean before {day(assessed.cut)} is {mean}. There is no value after it yet."
    one, other = apart(before.mean, after.mean, kpi.unit), apart(after.mean, before.mean, kpi.unit)
    better = {True: "which is better", False: "which is worse", None: "which is the same"}[assessed.better]
    told = f"The mean went from {one} before to {other} after {day(assessed.cut)}, {better}."
    match assessed.signal:
        case None:
            return f"{told} There are too few periods before to tell that from noise."
        case True:
            return f"{told} The values after are a sign of a change to the better, and no noise."
        case False:
            return f"{told} Held against what was usual before, nothing is a sign of a change to the better."


def with_owner(plan: ImprovementPlan, project: Project) -> str:
    return f"answered for by {owner_title(project, plan.owner)}"
