"""Several KPIs in one breath: what a scorecard, a unit and the first page begin with."""

from collections.abc import Callable, Iterable, Sequence

from kpiascode.model.assessment import Assessment, KpiAssessment
from kpiascode.model.signals import Standing, Variation
from kpiascode.render.judged import band, is_on_a_way, leading, relative_shortfall, shortfall
from kpiascode.render.links import kpi_page
from kpiascode.render.numbers import difference, whole
from kpiascode.render.sentences import Piece, Sentence, off_by
from kpiascode.render.words import STANDING, period, plural

NAMED = 2
"""So many are named one by one; more are counted."""


def overview(kpis: Sequence[str], assessment: Assessment) -> Sentence:
    """Return how many are on track, and which are not and why, in one breath."""
    known = [assessment.kpis[name] for name in kpis if name in assessment.kpis]
    if not known:
        return (Piece("No KPI yet."),)

    def standing(*wanted: Standing) -> list[KpiAssessment]:
        return worst_first((k for k in known if k.standing in wanted), assessment)

    due = len(known) - len(standing(Standing.NO_TARGET, Standing.NOT_DUE))
    acting = standing(Standing.ACT)
    worse = [k for k in acting if k.behaviour.variation is Variation.WORSE]
    return (
        *_opening(due, len(standing(Standing.NOT_DUE)), len(known), standing),
        *_worse(worse, assessment),
        *_missed([k for k in acting if k not in worse], assessment),
        *_told(
            standing(Standing.CANNOT),
            assessment,
            "cannot meet its target as it is",
            "cannot meet their targets as they are",
        ),
        *_told(standing(Standing.AT_A_COST), assessment, "got better at a cost", "got better at a cost"),
        *_told(standing(Standing.NO_VERDICT), assessment, "has no verdict", "have no verdict"),
    )


def _opening(
    due: int, waiting: int, known: int, standing: Callable[[Standing], list[KpiAssessment]]
) -> Sentence:
    """Return how many are on track, of those of which something is expected by now, and the others."""
    if not due and not waiting:
        return (Piece(f"None of {plural(known, 'KPI')} has a target."),)
    if not due:
        return (Piece(f"Of {plural(waiting, 'KPI')} with a target, none is due yet."),)
    on_track, watch = len(standing(Standing.ON_TRACK)), len(standing(Standing.WATCH))
    improving = len(standing(Standing.IMPROVING))
    are = "is" if due == 1 else "are"
    of = whole(due) if due == known else f"{plural(due, 'KPI')} with a target {are}"
    told = (
        f"{whole(on_track)} of {of} on track",
        f"{whole(watch)} to watch" if watch else "",
        f"{whole(improving)} improving" if improving else "",
        f"{whole(waiting)} not due yet" if waiting else "",
    )
    return (Piece(f"{', '.join(part for part in told if part)}."),)


def _worse(worse: Sequence[KpiAssessment], assessment: Assessment) -> Sentence:
    """Name up to two with the period since when, up to four by name, of more the two furthest off."""
    if len(worse) > NAMED:
        return _counted(worse, assessment, "are worse than usual")
    return tuple(
        piece
        for assessed in worse
        for piece in (
            Piece(" "),
            _name(assessed, assessment),
            Piece(f" is worse than usual{_since(assessed)}."),
        )
    )


def _since(assessed: KpiAssessment) -> str:
    since = assessed.behaviour.since
    return "" if since is None else f" since {period(since)}"


def _missed(missed: Sequence[KpiAssessment], assessment: Assessment) -> Sentence:
    """Name up to two with how far they are off, up to four by name, of more the two that are furthest off."""
    if len(missed) > NAMED:
        return _counted(missed, assessment, "missed their targets")
    return tuple(
        piece
        for assessed in missed
        for piece in (
            Piece(" "),
            _name(assessed, assessment),
            Piece(f" {_short_verdict(assessed, assessment)}."),
        )
    )


def _told(some: Sequence[KpiAssessment], assessment: Assessment, one: str, many: str) -> Sentence:
    if not some:
        return ()
    if len(some) > 1:
        return _counted(some, assessment, many)
    return Piece(" "), _name(some[0], assessment), Piece(f" {one}.")


def _counted(some: Sequence[KpiAssessment], assessment: Assessment, words: str) -> Sentence:
    names = [_name(assessed, assessment) for assessed in some]
    if len(names) <= 2 * NAMED:
        return Piece(f" {whole(len(names))} {words}: "), *_listed(names), Piece(".")
    return Piece(f" {whole(len(names))} {words}, "), *_listed(names[:NAMED]), Piece(" by most.")


def _name(assessed: KpiAssessment, assessment: Assessment) -> Piece:
    tone = STANDING[assessed.standing].tone
    return Piece(assessment.project.kpis[assessed.kpi].title, tone, kpi_page(assessed.kpi))


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


def _listed(pieces: Sequence[Piece]) -> Sentence:
    between = [Piece(", ")] * (len(pieces) - 2) + [Piece(" and "), Piece("")]
    return tuple(part for pair in zip(pieces, between[-len(pieces) :], strict=True) for part in pair)


def worst_first(some: Iterable[KpiAssessment], assessment: Assessment) -> list[KpiAssessment]:
    """Return them by how far they are off, as a share of what is expected; then by name."""

    def off(assessed: KpiAssessment) -> tuple[bool, object, str]:
        judged = leading(assessed, assessment)
        return judged is None, -relative_shortfall(judged) if judged else 0, assessed.kpi

    return sorted(some, key=off)
