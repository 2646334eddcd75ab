"""A review as JSON: a contract, in `schemas/output/diff.schema.json`."""

import json
from typing import Any

from kpiascode.model.changes import Approver, Change, Held, KpiNumbers, Review, Subject, ValuePair
from kpiascode.model.project import Measure
from kpiascode.render.numbers import plain

VERSION = 1


def as_json(review: Review) -> str:
    """Return the review as one JSON object, the same to the byte for the same review."""
    return json.dumps(_review(review), indent=2, ensure_ascii=False) + "\n"


def _review(review: Review) -> dict[str, Any]:
    return {
        "version": VERSION,
        "base": {"label": review.base, "commit": review.base_commit},
        "head": {"label": review.head, "commit": review.head_commit},
        "as_of": review.as_of.isoformat(),
        "class": None if review.gravest is None else review.gravest.value,
        "evaluated": review.evaluated,
        "why_not_evaluated": review.why_not,
        "changes": [_change(one) for one in review.changes],
        "values": [_numbers(told) for _, told in sorted(review.numbers.items())],
        "goals": [
            {
                "goal": one.goal,
                "kpi": one.kpi or None,
                "slice": dict(one.slice),
                "status_before": one.before.value,
                "status_after": one.after.value,
                "by_redefinition": one.by_redefinition,
            }
            for one in review.flips
        ],
        "scorecards": [
            {
                "scorecard": one.scorecard,
                "kpi": one.kpi,
                "standing_before": one.before.value,
                "standing_after": one.after.value,
            }
            for one in review.card_flips
        ],
        "approvers": [_approver(one) for one in review.approvers],
        "held": [_held(one) for one in review.held],
    }


def _held(one: Held) -> dict[str, Any]:
    standard = one.standard
    return {
        "code": one.code,
        "goal": standard.goal,
        "kpi": standard.kpi,
        "ask": standard.ask,
        "words": one.words,
    }


def _change(change: Change) -> dict[str, Any]:
    place = change.place
    return {
        "fingerprint": change.fingerprint,
        "kind": change.kind.value,
        "class": change.weight.value,
        "subject": _subject(change.subject),
        "part": change.part,
        "before": change.before,
        "after": change.after,
        "words": change.words,
        "through": [_subject(one) for one in change.through],
        "time": {
            "effect": change.effect.value,
            "since": None if change.since is None else change.since.isoformat(),
        },
        "proof": change.proof.value,
        "flags": [flag.value for flag in change.flags],
        "reaches": {
            "kpis": list(change.reach.kpis),
            "goals": list(change.reach.goals),
            "scorecards": list(change.reach.scorecards),
        },
        "approvers": [_approver(one) for one in change.approvers],
        "path": None if place is None else place.path,
        "line": None if place is None else place.span.line,
    }


def _subject(one: Subject) -> dict[str, str]:
    return {"kind": one.kind.value, "name": one.name}


def _approver(one: Approver) -> dict[str, Any]:
    return {"owner": one.owner, "handles": list(one.handles), "roles": [role.value for role in one.roles]}


def _numbers(told: KpiNumbers) -> dict[str, Any]:
    return {
        "kpi": told.kpi,
        "grain": told.grain.value,
        "unit_before": _unit(told.unit_before),
        "unit_after": _unit(told.unit_after),
        "why_not": told.why_not,
        "periods": [_pair(pair) for pair in told.pairs],
    }


def _unit(measure: Measure | None) -> str | None:
    return None if measure is None else measure.currency or measure.name


def _pair(pair: ValuePair) -> dict[str, Any]:
    return {
        "period": pair.period.name,
        "before": None if pair.before is None else plain(pair.before),
        "after": None if pair.after is None else plain(pair.after),
        "difference": None if pair.difference is None else plain(pair.difference),
        "ratio": None if pair.ratio is None else f"{pair.ratio:.6g}",
        "status_before": None if pair.status_before is None else pair.status_before.value,
        "status_after": None if pair.status_after is None else pair.status_after.value,
    }
