"""How far a goal is, and whether a KPI is a good one, in words."""

from collections.abc import Mapping

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
    """Return how far it is, what is expected by now, and which results missed."""
    results = assessed.results
    if not results:
        count = len(assessed.children)
        return (
            Piece(f"It has no results of its own; {plural(count, 'goal leads', 'goals lead')} to it. "),
            Piece(
                f"The worst beneath it: {STATUS[assessed.below].text.lower()}.", STATUS[assessed.below].tone
            ),
        )
    met = sum(result.status is Status.MET for result in results)
    missed = [titles.get(r.result.kpi, r.result.kpi) for r in results if r.status is Status.MISSED]
    parts = [
        Piece(f"{progress_words(assessed)}. " if assessed.progress is not None else ""),
        Piece(f"{met} of {plural(len(results), 'result')} on target."),
    ]
    if missed:
        named = listing(list(dict.fromkeys(missed))[:4]) if len(missed) < 5 else f"{len(missed)} results"
        parts.append(Piece(f" {named} missed.", STATUS[Status.MISSED].tone))
    return tuple(part for part in parts if part.text)


def progress_words(assessed: GoalAssessment | ResultAssessment) -> str:
    """Return `68 % done, 80 % expected by now`, or `5 % the wrong way`; empty when it is not defined."""
    if assessed.progress is None:
        return ""
    back = assessed.progress < 0
    done = f"{share(-assessed.progress)} the wrong way" if back else f"{share(assessed.progress)} done"
    if assessed.expected_progress is None:
        return done
    return f"{done}, {share(assessed.expected_progress)} expected by now"


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
