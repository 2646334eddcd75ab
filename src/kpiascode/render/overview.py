"""Several KPIs in one breath: what a scorecard, a unit and the first page begin with."""

from collections.abc import Iterable, Sequence

from kpiascode.model.assessment import Assessment, KpiAssessment, Status
from kpiascode.render.judged import band, is_on_a_way, leading, relative_shortfall, shortfall
from kpiascode.render.links import kpi_page
from kpiascode.render.numbers import difference
from kpiascode.render.sentences import Piece, Sentence, off_by
from kpiascode.render.words import STATUS, plural


def overview(kpis: Sequence[str], assessment: Assessment) -> Sentence:
    """Return how many are on target, which missed, and which have no data, in one breath."""
    known = [assessment.kpis[name] for name in kpis if name in assessment.kpis]
    by_status = {status: [k for k in known if k.status is status] for status in Status}
    judged = len(known) - len(by_status[Status.NO_TARGET])
    if not known:
        return (Piece("No KPI yet."),)
    if not judged:
        return (Piece(f"None of {plural(len(known), 'KPI')} has a target."),)
    met = len(by_status[Status.MET])
    are = "is" if met == 1 else "are"
    of = f"{judged}" if judged == len(known) else f"{plural(judged, 'KPI')} with a target {are}"
    opening = f"{met} of {of} on target."
    return (
        Piece(opening),
        *_missed(by_status[Status.MISSED], assessment),
        *_named_or_counted(by_status[Status.NO_DATA], assessment, "has no data", "have no data"),
    )


def _missed(missed: Sequence[KpiAssessment], assessment: Assessment) -> Sentence:
    """Name up to two with how far they are off, up to four by name, of more the two that are furthest off."""
    worst = worst_first(missed, assessment)
    tone = STATUS[Status.MISSED].tone
    names = [Piece(assessment.project.kpis[k.kpi].title, tone, kpi_page(k.kpi)) for k in worst]
    if len(names) <= 2:
        return tuple(
            piece
            for name, assessed in zip(names, worst, strict=True)
            for piece in (Piece(" "), name, Piece(f" {_short_verdict(assessed, assessment)}."))
        )
    if len(names) <= 4:
        return Piece(f" {len(names)} missed theirs: "), *_listed(names), Piece(".")
    return Piece(f" {len(names)} missed theirs, "), *_listed(names[:2]), Piece(" by most.")


def _short_verdict(assessed: KpiAssessment, assessment: Assessment) -> str:
    kpi = assessment.project.kpis[assessed.kpi]
    judged = leading(assessed, assessment)
    if judged is None or shortfall(judged) is None:
        return "missed its target"
    if band(judged):
        return f"left its band{off_by(judged, kpi)}"
    if is_on_a_way(judged):
        return f"is {difference(shortfall(judged) or judged.result.tolerance, kpi.unit)} behind its plan"
    return f"missed its target{off_by(judged, kpi)}"


def _named_or_counted(some: Sequence[KpiAssessment], assessment: Assessment, one: str, many: str) -> Sentence:
    if not some:
        return ()
    if len(some) > 1:
        return (Piece(f" {len(some)} {many}."),)
    name = some[0].kpi
    return Piece(" "), Piece(assessment.project.kpis[name].title, "", kpi_page(name)), Piece(f" {one}.")


def _listed(pieces: Sequence[Piece]) -> Sentence:
    between = [Piece(", ")] * (len(pieces) - 2) + [Piece(" and "), Piece("")]
    return tuple(part for pair in zip(pieces, between[-len(pieces) :], strict=True) for part in pair)


def worst_first(some: Iterable[KpiAssessment], assessment: Assessment) -> list[KpiAssessment]:
    """Return them by how far they are off, as a share of what is expected; then by name."""

    def off(assessed: KpiAssessment) -> tuple[bool, object, str]:
        judged = leading(assessed, assessment)
        return judged is None, -relative_shortfall(judged) if judged else 0, assessed.kpi

    return sorted(some, key=off)
