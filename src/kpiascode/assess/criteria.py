"""The four questions, answered: findings to scores, scores to grades, the lowest grade to the verdict."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from kpiascode.assess.probe import Case, Found, Probe, unknown
from kpiascode.assess.sentences import on_day
from kpiascode.model.assessment import Criterion, CriterionAssessment, Finding, Grade, Outcome
from kpiascode.model.project import Kpi, Waiver

SCORES: Final = {
    Outcome.PASS: Decimal(1),
    Outcome.PARTIAL: Decimal("0.5"),
    Outcome.WAIVED: Decimal("0.5"),
    Outcome.FAIL: Decimal(0),
}
ENOUGH: Final = Decimal("0.6")  # of the applicable weight must be known
GRADES: Final = (
    (Grade.STRONG, Decimal("0.85")),
    (Grade.ADEQUATE, Decimal("0.60")),
    (Grade.WEAK, Decimal("0.35")),
)
LONGEST_WAIVER: Final = 180  # days
LEFT_OUT: Final = "Other units use it as well, which is not shown here."
BEST_TO_WORST: Final = tuple(Grade)


def assess_criteria(case: Case, probes: Sequence[Probe]) -> tuple[CriterionAssessment, ...]:
    """Answer the four questions in the order of `Criterion`."""
    findings = [find(probe, case) for probe in probes]
    return tuple(
        grade(criterion, tuple(finding for finding in findings if finding.criterion is criterion))
        for criterion in Criterion
    )


def verdict(criteria: Iterable[CriterionAssessment]) -> CriterionAssessment:
    """Return the criterion with the lowest grade, the first of several; never an average."""
    return max(criteria, key=lambda criterion: BEST_TO_WORST.index(criterion.grade))


def find(probe: Probe, case: Case) -> Finding:
    """Ask one probe, and let a waiver count where the answer is not a pass."""
    answer = _with_what_is_left_out(probe, case, probe.check(case))
    found = with_waivers(answer, probe.name, case.kpi, case.as_of.date())
    return Finding(
        probe=probe.name,
        criterion=probe.criterion,
        outcome=found.outcome,
        weight=probe.weight,
        gate=probe.gate and not answer.short_of_gate,
        reason=found.reason,
        fix=found.fix,
    )


def _with_what_is_left_out(probe: Probe, case: Case, answer: Found) -> Found:
    """Return an answer; that something is missing cannot be said where other units' part is left out."""
    is_short = answer.outcome in (Outcome.FAIL, Outcome.PARTIAL)
    return unknown(LEFT_OUT) if is_short and probe.looks_around and case.is_used_elsewhere else answer


def with_waivers(found: Found, probe: str, kpi: Kpi, day: date) -> Found:
    """Return what was found with the waiver that holds on `day`; one that does not hold is told as well.

    What cannot be known cannot be waived either.
    """
    waivers = [waiver for waiver in kpi.waivers if waiver.probe == probe]
    if found.outcome not in (Outcome.FAIL, Outcome.PARTIAL) or not waivers:
        return found
    objections = [(waiver, objection(waiver, kpi, day)) for waiver in waivers]
    for waiver, why in objections:
        if why is None:
            told = f"Waived by {waiver.approved_by} until {on_day(waiver.expires)}: {waiver.reason}"
            return Found(Outcome.WAIVED, f"{found.reason} {_closed(told)}", found.fix)
    return Found(found.outcome, f"{found.reason} Its waiver does not count: {objections[0][1]}.", found.fix)


def objection(waiver: Waiver, kpi: Kpi, day: date) -> str | None:
    """Return why a waiver does not count on `day`; None when it does."""
    if not waiver.reason.strip():
        return "it gives no reason"
    if waiver.approved_by == kpi.owner:
        return "the owner approved it"
    if waiver.expires <= day:
        return f"it expired on {on_day(waiver.expires)}"
    if (waiver.expires - day).days > LONGEST_WAIVER:
        return f"it reaches further than {LONGEST_WAIVER} days ahead"
    return None


def grade(criterion: Criterion, findings: tuple[Finding, ...]) -> CriterionAssessment:
    """Grade one criterion by its findings."""
    conclusive = [finding for finding in findings if finding.outcome in SCORES]
    applicable = [finding for finding in findings if finding.outcome is not Outcome.NOT_APPLICABLE]
    known, all_weight = _weight(conclusive), _weight(applicable)
    score = None
    if known and known >= ENOUGH * all_weight:
        score = sum((f.weight * SCORES[f.outcome] for f in conclusive), Decimal(0)) / known
    decided = _grade(score, applicable)
    return CriterionAssessment(
        criterion=criterion,
        grade=decided,
        score=score,
        findings=findings,
        reason=_reason(decided, findings),
        first_fix=next((finding.fix for finding in _in_order(decided, findings) if finding.fix), None),
    )


def most_helpful_first(findings: Iterable[Finding]) -> list[Finding]:
    """Return what does not pass: failed gates, then what costs most, then the most that is not known.

    What has no weight comes last.
    """
    open_ones = (f for f in findings if f.outcome not in (Outcome.PASS, Outcome.NOT_APPLICABLE))
    return sorted(
        open_ones, key=lambda f: (not _failed_gate(f), not f.weight, f.outcome not in SCORES, -_lost(f))
    )


def _in_order(decided: Grade, findings: Iterable[Finding]) -> list[Finding]:
    """Return what to mend first: where evidence is missing no other mending helps before it is there."""
    ordered = most_helpful_first(findings)
    if decided is not Grade.NO_EVIDENCE:
        return ordered
    return sorted(ordered, key=lambda finding: finding.outcome is not Outcome.INCONCLUSIVE)


def _grade(score: Decimal | None, applicable: Sequence[Finding]) -> Grade:
    """Return the grade of a score; a gate of which nothing is known lets nothing better through than that."""
    if any(_failed_gate(finding) for finding in applicable):
        return Grade.FAILING
    if score is None:
        return Grade.NO_EVIDENCE
    scored = next((grade for grade, least in GRADES if score >= least), Grade.FAILING)
    open_gate = any(finding.gate and finding.outcome is Outcome.INCONCLUSIVE for finding in applicable)
    return max(scored, Grade.NO_EVIDENCE, key=BEST_TO_WORST.index) if open_gate else scored


def _reason(decided: Grade, findings: Sequence[Finding]) -> str:
    """Return the sentence of the finding that speaks most for the grade."""
    match decided:
        case Grade.NO_EVIDENCE:
            speaking = [f for f in findings if f.outcome is Outcome.INCONCLUSIVE]
        case Grade.STRONG:
            speaking = [f for f in findings if f.outcome is Outcome.PASS]
        case Grade.ADEQUATE | Grade.WEAK | Grade.FAILING:
            speaking = [f for f in most_helpful_first(findings) if f.outcome in SCORES]
    deciding = max(speaking, key=lambda f: (_failed_gate(f), _lost(f) or f.weight), default=None)
    return "Nothing about it could be judged." if deciding is None else deciding.reason


def _failed_gate(finding: Finding) -> bool:
    return finding.gate and finding.outcome is Outcome.FAIL


def _lost(finding: Finding) -> Decimal:
    """Return how much weight is not earned."""
    return finding.weight * (1 - SCORES.get(finding.outcome, Decimal(0)))


def _weight(findings: Iterable[Finding]) -> int:
    return sum(finding.weight for finding in findings)


def _closed(sentence: str) -> str:
    return sentence if sentence.endswith((".", "!", "?")) else f"{sentence}."
