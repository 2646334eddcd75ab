"""How far a goal is, and whether a KPI is a good one, in words."""

from collections.abc import Mapping
from decimal import Decimal

from kpiascode.model.assessment import (
    Criterion,
    GoalAssessment,
    Grade,
    KpiAssessment,
    ResultAssessment,
    Status,
)
from kpiascode.model.project import Goal
from kpiascode.render.numbers import share
from kpiascode.render.sentences import Piece, Sentence
from kpiascode.render.words import CRITERION, GRADE, STATUS, listing, plural


def goal_sentence(goal: Goal, assessed: GoalAssessment, titles: Mapping[str, str]) -> Sentence:
    """Return how far it is, what is expected by now, and which results and milestones missed."""
    results, milestones = assessed.results, assessed.milestones
    if not assessed.has_parts and assessed.parted:
        return (Piece("It has no results of its own, and not all goals that lead to it are shown here."),)
    if not assessed.has_parts:
        count = len(assessed.children)
        return (
            Piece(f"It has no results of its own; {plural(count, 'goal leads', 'goals lead')} to it. "),
            Piece(
                f"The worst beneath it: {STATUS[assessed.below].text.lower()}.", STATUS[assessed.below].tone
            ),
        )
    met = sum(result.status is Status.MET for result in results)
    done = sum(found.status is Status.MET for found in milestones)
    missed = [titles.get(r.result.kpi, r.result.kpi) for r in results if r.status is Status.MISSED]
    late = sum(found.status is Status.MISSED for found in milestones)
    parts = [
        Piece(f"{progress_words(assessed)}. " if assessed.progress is not None else ""),
        Piece(f"{met} of {plural(len(results), 'result')} on target." if results else ""),
        Piece(f" {done} of {plural(len(milestones), 'milestone')} done." if milestones else ""),
    ]
    if missed:
        named = listing(list(dict.fromkeys(missed))[:4]) if len(missed) < 5 else f"{len(missed)} results"
        parts.append(Piece(f" {named} missed.", STATUS[Status.MISSED].tone))
    if late:
        parts.append(Piece(f" {plural(late, 'milestone')} overdue.", STATUS[Status.MISSED].tone))
    return tuple(part for part in parts if part.text)


def progress_words(assessed: GoalAssessment | ResultAssessment) -> str:
    """Return `68 % done, 80 % expected by now`, or `5 % the wrong way`; empty when it is not defined."""
    return way_words(assessed.progress, assessed.expected_progress)


def way_words(progress: Decimal | None, expected: Decimal | None) -> str:
    """Return how much of a way is done, and how much of it is expected; empty when that is not known."""
    if progress is None:
        return ""
    done = f"{share(-progress)} the wrong way" if progress < 0 else f"{share(progress)} done"
    return done if expected is None else f"{done}, {share(expected)} expected by now"


def verdict_words(assessed: KpiAssessment) -> str:
    """Return the verdict and, unless all four are strong, the criterion that makes it."""
    word = GRADE[assessed.verdict].text
    return word if assessed.verdict is Grade.STRONG else f"{word}: {CRITERION[assessed.below].lower()}"


def good_kpi_sentence(assessed: KpiAssessment) -> str:
    """Return the answer to "is it a good KPI?", with what it is held back by."""
    held: dict[Criterion, str] = {
        Criterion.CRUCIAL: "how far a goal depends on it",
        Criterion.QUANTIFIABLE: "how well it is defined and measured",
        Criterion.COMMUNICATED: "how far it is communicated",
        Criterion.RELEVANT: "how well it fits its line of business",
    }
    word = GRADE[assessed.verdict].text
    if assessed.verdict is Grade.STRONG:
        return "Strong on all four counts."
    if assessed.verdict is Grade.NO_EVIDENCE:
        return f"{word} of {held[assessed.below]}. The lowest of the four decides."
    return f"{word}, because of {held[assessed.below]}. The lowest of the four decides."
